//! The derivative of the map in many directions: exact, and by central differences.

use super::dual::Dual;
use super::map::Map;

/// Directions that go through a step together.
pub const WIDTH: usize = 8;

/// A map that carries derivatives.
pub type TangentMap = Map<Dual<WIDTH>>;

/// DPhi(x) of every direction; x <- Phi(x). Of a bin without neurons, whose share of them could go anywhere, the derivative is 0.
pub fn apply_tangent(map: &mut TangentMap, x: &mut [f64], directions: &mut [Vec<f64>]) {
    let start = x.to_vec();
    for group in directions.chunks_mut(WIDTH) {
        let mut dual: Vec<Dual<WIDTH>> = start.iter().map(|&value| Dual { value, tangent: [0.0; WIDTH] }).collect();
        for (k, direction) in group.iter().enumerate() {
            dual.iter_mut().zip(direction).for_each(|(x, d)| x.tangent[k] = *d);
        }
        map.apply(&mut dual);
        for (k, direction) in group.iter_mut().enumerate() {
            direction.iter_mut().zip(&dual).for_each(|(d, x)| *d = x.tangent[k]);
        }
        x.iter_mut().zip(&dual).for_each(|(x, dual)| *x = dual.value);
    }
}

/// (Phi(x + e d) - Phi(x - e d))/2e.
pub fn central_difference(map: &mut Map<f64>, x: &[f64], direction: &[f64], e: f64) -> Vec<f64> {
    let mut end = |e: f64| {
        let mut x: Vec<f64> = x.iter().zip(direction).map(|(x, d)| x + e * d).collect();
        map.apply(&mut x);
        x
    };
    let (above, below) = (end(e), end(-e));
    above.iter().zip(&below).map(|(a, b)| (a - b) / (2.0 * e)).collect()
}
