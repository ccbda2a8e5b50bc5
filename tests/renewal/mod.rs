//! Interspike intervals of one neuron without synapses, in steps, from an integral equation.
//!
//! From voltage v the next step leads to a Gaussian of mean v + lambda w dt - (v - e_leak) dt/tau_m and variance lambda w^2 dt of
//! density p(x | v), and a spike above v_th. The steps to the spike have the moments
//! T(v) = 1 + int p(x | v) T(x) dx and S(v) = 2 T(v) - 1 + int p(x | v) S(x) dx, over x up to v_th: by conditioning on the
//! first step. Both by Nystrom's method with Gauss' nodes, five in panels about as wide as the Gaussian.

use snn_ensemble::model::{Population, Rate, Refractory};

/// Gauss-Legendre, five points on [-1, 1].
const NODES: [(f64, f64); 5] = [
    (-0.906_179_845_938_664, 0.236_926_885_056_189),
    (-0.538_469_310_105_683, 0.478_628_670_499_366),
    (0.0, 0.568_888_888_888_889),
    (0.538_469_310_105_683, 0.478_628_670_499_366),
    (0.906_179_845_938_664, 0.236_926_885_056_189),
];

pub struct Passage {
    /// Mean steps between two spikes.
    pub period: f64,
    /// Variance over squared mean.
    pub variation: f64,
}

impl Passage {
    /// Of neurons with a constant drive.
    pub fn new(neuron: &Population, dt: f64) -> Passage {
        let Rate::Constant(rate) = neuron.drive.rate else { panic!("a constant drive") };
        let weight = neuron.drive.weight;
        let (mean, deviation) = (rate * weight * dt, weight * (rate * dt).sqrt());
        let leak = neuron.tau_m.map_or(0.0, |tau| dt / tau);
        let density = |x: f64, v: f64| {
            let z = (x - v - mean + (v - neuron.e_leak) * leak) / deviation;
            (-0.5 * z * z).exp() / (deviation * (2.0 * std::f64::consts::PI).sqrt())
        };
        // Against the drift a neuron gets w/2 down on average.
        let low = neuron.v_reset - 15.0 * weight - 8.0 * deviation;
        let panels = ((neuron.v_th - low) / (1.2 * deviation)).ceil() as usize;
        let width = (neuron.v_th - low) / panels as f64;
        let nodes: Vec<(f64, f64)> = (0..panels)
            .flat_map(|panel| {
                let centre = low + (panel as f64 + 0.5) * width;
                NODES.map(|(node, weight)| (centre + 0.5 * width * node, 0.5 * width * weight))
            })
            .collect();
        let n = nodes.len();
        let mut matrix = vec![vec![0.0; n]; n];
        for (i, row) in matrix.iter_mut().enumerate() {
            for (entry, &(x, weight)) in row.iter_mut().zip(&nodes) {
                *entry = -weight * density(x, nodes[i].0);
            }
            row[i] += 1.0;
        }
        let inverse = Elimination::of(matrix);
        let from_reset = |values: &[f64]| -> f64 {
            nodes.iter().zip(values).map(|(&(x, weight), value)| weight * density(x, neuron.v_reset) * value).sum()
        };
        let first = inverse.solve(vec![1.0; n]);
        let mean_steps = 1.0 + from_reset(&first);
        let second = inverse.solve(first.iter().map(|t| 2.0 * t - 1.0).collect());
        let variance = 2.0 * mean_steps - 1.0 + from_reset(&second) - mean_steps.powi(2);
        // Steps missed after a spike; with exponential refractoriness the step of the spike may release already.
        let (missed, of_missed) = match neuron.refractory {
            Refractory::Fixed => (f64::from(neuron.refractory_steps(dt)), 0.0),
            Refractory::Exponential if neuron.tau_ref == 0.0 => (0.0, 0.0),
            Refractory::Exponential => {
                let release = 1.0 - (-dt / neuron.tau_ref).exp();
                ((1.0 - release) / release, (1.0 - release) / release.powi(2))
            }
        };
        let period = mean_steps + missed;
        Passage { period, variation: (variance + of_missed) / period.powi(2) }
    }
}

/// Gauss' elimination with row exchanges, kept for several right-hand sides.
struct Elimination {
    matrix: Vec<Vec<f64>>,
    exchanged: Vec<usize>,
}

impl Elimination {
    fn of(mut matrix: Vec<Vec<f64>>) -> Elimination {
        let n = matrix.len();
        let mut exchanged = Vec::with_capacity(n);
        for k in 0..n {
            let pivot = (k..n).max_by(|&a, &b| matrix[a][k].abs().total_cmp(&matrix[b][k].abs())).unwrap_or(k);
            matrix.swap(k, pivot);
            exchanged.push(pivot);
            let (upper, lower) = matrix.split_at_mut(k + 1);
            for row in lower {
                row[k] /= upper[k][k];
                let factor = row[k];
                for (entry, above) in row[k + 1..].iter_mut().zip(&upper[k][k + 1..]) {
                    *entry -= factor * above;
                }
            }
        }
        Elimination { matrix, exchanged }
    }

    fn solve(&self, mut right: Vec<f64>) -> Vec<f64> {
        let n = right.len();
        // Multipliers were exchanged with their rows, so all exchanges come first.
        self.exchanged.iter().enumerate().for_each(|(k, &pivot)| right.swap(k, pivot));
        for k in 0..n {
            let below: f64 = (0..k).map(|j| self.matrix[k][j] * right[j]).sum();
            right[k] -= below;
        }
        for k in (0..n).rev() {
            let above: f64 = (k + 1..n).map(|j| self.matrix[k][j] * right[j]).sum();
            right[k] = (right[k] - above) / self.matrix[k][k];
        }
        right
    }
}
