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

/// Directions in which both kinds are compared, the steps of the differences, and how far apart they may be.
const COMPARED: usize = 3;
const STEPS_COMPARED: [f64; 2] = [1e-6, 1e-7];
const APART: f64 = 1e-6;

/// What eigenvalues of central differences of a step are uncertain by.
const NOISE: f64 = 1e-9;

impl Derivative {
    /// What the eigenvalues of a step are uncertain by, beside rounding.
    pub fn noise(self) -> f64 {
        match self {
            Derivative::Exact => 0.0,
            Derivative::Differences => NOISE,
        }
    }

    /// By the chain rule, if it agrees with central differences at most of these states; else by the latter, which are of any model.
    pub fn of(map: &mut Map<f64>, states: &[Vec<f64>]) -> Derivative {
        let agree = states.iter().filter(|x| agrees(map, x)).count();
        if 2 * agree > states.len() { Derivative::Exact } else { Derivative::Differences }
    }
}

/// Whether the chain rule agrees with central differences in a few directions.
fn agrees(map: &mut Map<f64>, x: &[f64]) -> bool {
    // Any directions do, as long as they are always the same.
    let direction = |row: usize, column: usize| x[row] * libm::sin((1 + row * COMPARED + column) as f64);
    let mut columns = Columns::from_fn(x.len(), COMPARED, direction);
    let mut exact = Combinations::default();
    if !StepDerivative::default().write(map, x, &mut exact) {
        return false;
    }
    apply(std::slice::from_ref(&exact), &mut columns);
    (0..COMPARED).all(|column| {
        let along: Vec<f64> = (0..x.len()).map(|row| direction(row, column)).collect();
        let size = (0..x.len()).fold(0.0_f64, |most, row| most.max(columns.get(row, column).abs()));
        let mut apart = |e: f64| {
            let difference = central_difference(map, x, &along, e);
            let each = difference.iter().enumerate().map(|(row, d)| (d - columns.get(row, column)).abs());
            each.fold(0.0, f64::max)
        };
        STEPS_COMPARED.iter().any(|&e| apart(e) <= APART * size)
    })
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
                Derivative::Exact => assert!(self.memory.write(map, x, to), "coordinates that the chain rule knows"),
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
    (0..x.len()).for_each(|i| {
        let row = to.push(columns.iter().enumerate().map(|(j, column)| (j, column[i])));
        to.output(row);
    });
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
