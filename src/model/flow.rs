//! Where a step without input takes a neuron: from V to Phi(V).
//!
//! Phi(V) = V + dt f(V) (`step: euler`), or along dV/dt = f(V) for dt (`step: exact`). Of a leaky neuron Phi is linear, and steps have
//! it as such. Of the others they have a table of Phi(V) - V, linear between [`Increments`]' points: f64 and `libm` alone, so that it
//! is the same on every machine.

use super::kept::Kept;
use super::network::Population;
use super::neuron::Neuron;
use super::synapse::Stepping;
use std::sync::Arc;

/// Runge-Kutta steps of an exact step.
const FINE_STEPS: u32 = 400;

/// Tables (32 KiB each) kept for the members to come; making one takes some 0.1 s.
const KEPT: usize = 64;

impl Population {
    /// f(v) in voltage/ms.
    pub fn drift(&self, v: f64) -> f64 {
        let leak = |fast: f64| self.tau_m.map_or(0.0, |tau_m| (self.e_leak - v + fast) / tau_m);
        match &self.neuron {
            Neuron::Lif => leak(0.0),
            Neuron::Qif([c2, c1, c0]) => (c2 * v + c1) * v + c0,
            Neuron::Eif { v_t, delta_t } => leak(delta_t * libm::exp((v - v_t) / delta_t)),
            Neuron::Table(points) => interpolated(points, v),
        }
    }

    /// Phi(v) of a step of `dt` ms, at most `most`: what passes it on the way is there.
    pub fn flow(&self, dt: f64, v: f64, most: f64) -> f64 {
        // What overflows has passed it too.
        let bounded = |v: f64| if v < most { v } else { most };
        if self.step == Stepping::Euler {
            return bounded(v + dt * self.drift(v));
        }
        let h = dt / f64::from(FINE_STEPS);
        let mut v = v;
        for _ in 0..FINE_STEPS {
            let k1 = self.drift(v);
            let k2 = self.drift(v + 0.5 * h * k1);
            let k3 = self.drift(v + 0.5 * h * k2);
            let k4 = self.drift(v + h * k3);
            v = bounded(v + h / 6.0 * (k1 + 2.0 * (k2 + k3) + k4));
            if v == most {
                break;
            }
        }
        v
    }

    /// Lowest voltage at which it rests without input; `None` where there is none.
    pub fn rest(&self) -> Option<f64> {
        match &self.neuron {
            Neuron::Lif => self.tau_m.map(|_| self.e_leak),
            Neuron::Eif { .. } => Some(self.e_leak),
            Neuron::Qif([c2, c1, c0]) => {
                let square = c1 * c1 - 4.0 * c2 * c0;
                (square >= 0.0).then(|| (-c1 - square.sqrt()) / (2.0 * c2))
            }
            Neuron::Table(points) => points.windows(2).find_map(|pair| {
                let [(low, before), (high, after)] = [pair[0], pair[1]];
                (before > 0.0 && after <= 0.0).then(|| low + (high - low) * before / (before - after))
            }),
        }
    }

    /// Whether something raises its voltage however low it is.
    pub fn is_held_up(&self) -> bool {
        match &self.neuron {
            Neuron::Lif => self.tau_m.is_some(),
            Neuron::Qif(_) | Neuron::Eif { .. } => true,
            Neuron::Table(points) => points.first().is_some_and(|&(_, f)| f > 0.0),
        }
    }
}

fn interpolated(points: &[(f64, f64)], v: f64) -> f64 {
    match points.partition_point(|&(at, _)| at <= v) {
        0 => points.first().map_or(0.0, |&(_, f)| f),
        i if i == points.len() => points[i - 1].1,
        i => {
            let [(low, before), (high, after)] = [points[i - 1], points[i]];
            before + (after - before) * (v - low) / (high - low)
        }
    }
}

/// A grid of voltages, and the range in which their images under Phi are kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Increments {
    /// The first voltage.
    pub from: f64,
    /// From one to the next.
    pub spacing: f64,
    /// How many.
    pub points: u32,
    /// Lowest image.
    pub least: f64,
    /// Highest image, above the threshold.
    pub most: f64,
}

impl Increments {
    /// Highest image of a neuron that fires above `v_th`, on a grid that begins at `from`: a 16th of their distance above.
    pub fn most(from: f64, v_th: f64) -> f64 {
        v_th + (v_th - from) / 16.0
    }

    /// [`Increments::of`] once more, if it was made lately.
    pub fn kept(&self, population: &Population, dt: f64) -> Arc<Vec<f64>> {
        static MADE: Kept<String, Vec<f64>> = Kept::new(KEPT);
        let Population { neuron, step, tau_m, e_leak, .. } = population;
        let of = format!("{self:?} {neuron:?} {step:?} {tau_m:?} {e_leak:?} {dt:?}");
        MADE.get(of, || self.of(population, dt))
    }

    /// Phi(V) - V at every point, less a twelfth of the second difference of Phi: what is linear between them is then right on average.
    pub fn of(&self, population: &Population, dt: f64) -> Vec<f64> {
        let at = |i: i64| self.from + i as f64 * self.spacing;
        let images: Vec<f64> = (-1..=i64::from(self.points)).map(|i| population.flow(dt, at(i), self.most)).collect();
        let of = |(i, near): (usize, &[f64])| {
            let bend = near[0] - 2.0 * near[1] + near[2];
            (near[1] - bend / 12.0).clamp(self.least, self.most) - at(i as i64)
        };
        images.windows(3).enumerate().map(of).collect()
    }
}
