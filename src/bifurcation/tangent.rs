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
    kind: Derivative,
    memory: StepDerivative,
    steps: Vec<Combinations>,
}

impl Tangent {
    /// With derivatives of this kind.
    pub fn new(kind: Derivative) -> Self {
        Tangent { kind, ..Tangent::default() }
    }

    /// columns <- DPhi^n columns along the states x_0 ... x_(n-1).
    pub fn carry<'a>(&mut self, map: &mut Map<f64>, states: impl Iterator<Item = &'a [f64]>, columns: &mut Columns) {
        let mut states = states.peekable();
        while states.peek().is_some() {
            let mut count = 0;
            for x in states.by_ref().take(STEPS) {
                if self.steps.len() == count {
                    self.steps.push(Combinations::default());
                }
                self.write(map, x, count);
                count += 1;
            }
            apply(&self.steps[..count], columns);
        }
    }

    fn write(&mut self, map: &mut Map<f64>, x: &[f64], step: usize) {
        let to = &mut self.steps[step];
        match self.kind {
            Derivative::Exact => self.memory.write(map, x, to),
            Derivative::Differences => write_differences(map, x, to),
        }
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
