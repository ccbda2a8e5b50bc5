//! The tangent of the map in many directions at once, and central differences beside it.

use super::columns::Columns;
use super::combinations::{Combinations, apply};
use super::derivative::StepDerivative;
use super::map::Map;

/// Steps whose combinations are written down before columns go through them: enough for threads to share.
const STEPS: usize = 32;
/// Step of central differences, relative to a coordinate and to its scale.
const DIFFERENCE: f64 = 1e-6;
const DIFFERENCE_OF_SCALE: f64 = 1e-15;

/// How the derivative of a step is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Derivative {
    /// By the chain rule.
    #[default]
    Exact,
    /// By central differences of every coordinate, of any model.
    Differences,
}

/// Carries columns along trajectories.
#[derive(Clone, Debug, Default)]
pub struct Tangent {
    writer: Writer,
    /// Those that columns go through, and those that are being written.
    steps: [Vec<Combinations>; 2],
}

/// Writes the derivatives of steps down.
#[derive(Clone, Debug, Default)]
struct Writer {
    kind: Derivative,
    memory: StepDerivative,
}

impl Tangent {
    /// With derivatives of this kind.
    pub fn new(kind: Derivative) -> Self {
        Tangent { writer: Writer { kind, ..Writer::default() }, ..Tangent::default() }
    }

    /// columns <- DPhi^n columns along the states x_0 ... x_(n-1). While columns go through some steps, the next are written.
    pub fn carry<'a>(&mut self, map: &mut Map<f64>, states: impl Iterator<Item = &'a [f64]>, columns: &mut Columns) {
        let states: Vec<&[f64]> = states.collect();
        let Tangent { writer, steps: [now, next] } = self;
        let mut chunks = states.chunks(STEPS);
        let mut count = writer.write(map, chunks.next().unwrap_or_default(), now);
        while count > 0 {
            let following = chunks.next().unwrap_or_default();
            let written = || writer.write(map, following, next);
            (count, ()) = rayon::join(written, || apply(&now[..count], columns));
            std::mem::swap(now, next);
        }
    }
}

impl Writer {
    /// Derivatives at these states, in memory that there is as far as it goes; how many.
    fn write(&mut self, map: &mut Map<f64>, states: &[&[f64]], to: &mut Vec<Combinations>) -> usize {
        to.resize_with(to.len().max(states.len()), Combinations::default);
        for (x, to) in states.iter().zip(to) {
            match self.kind {
                Derivative::Exact => self.memory.write(map, x, to),
                Derivative::Differences => write_differences(map, x, to),
            }
        }
        states.len()
    }
}

/// DPhi(x) by central differences, as combinations of all coordinates.
fn write_differences(map: &mut Map<f64>, x: &[f64], to: &mut Combinations) {
    let scales = map.scales();
    let columns: Vec<Vec<f64>> = (0..x.len())
        .map(|j| {
            let mut direction = vec![0.0; x.len()];
            direction[j] = 1.0;
            central_difference(map, x, &direction, (DIFFERENCE * x[j].abs()).max(DIFFERENCE_OF_SCALE * scales[j]))
        })
        .collect();
    to.clear(x.len());
    for i in 0..x.len() {
        let row = to.push((0..x.len()).map(|j| (j, columns[j][i])));
        to.output(row);
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
