//! Rates of neurons without synapses from closed formulas.
#![allow(dead_code, reason = "each test binary uses its own part")]

use snn_ensemble::model::{Population, Rate};
use statrs::distribution::{Continuous, ContinuousCDF, Normal};
use statrs::function::erf::erfc;

/// Steps from reset to a spike without leak, `range` = v_th - v_reset. A walk of steps of mean mu and variance sigma^2 needs
/// (range + rho)/mu of them (Wald), rho its mean overshoot: (mu^2 + sigma^2)/(2 mu) - sum over n of E[(S_n)-]/n (Siegmund,
/// "Sequential Analysis", 1985, corollary 8.33).
pub fn wald_steps(range: f64, mean: f64, deviation: f64) -> f64 {
    let normal = Normal::standard();
    let below = |n: f64| {
        let z = mean * n.sqrt() / deviation;
        deviation * n.sqrt() * normal.pdf(z) - n * mean * normal.cdf(-z)
    };
    // The walk has lost its noise after (6 deviation/mean)^2 steps.
    let last = (36.0 * (deviation / mean).powi(2)) as u32 + 100;
    let overshoot = (mean.powi(2) + deviation.powi(2)) / (2.0 * mean)
        - (1..last).map(|n| below(f64::from(n)) / f64::from(n)).sum::<f64>();
    (range + overshoot) / mean
}

/// Steps from reset to a spike with leak: Siegert's formula tau sqrt(pi) int exp(x^2) (1 + erf x) dx from (v_reset - m)/s to
/// (v_th - m)/s, for the Ornstein-Uhlenbeck process that the voltages of the steps are taken from. Looked at once per step, the
/// threshold lies 0.5826 standard deviations of a step higher (Chernoff; Broadie, Glasserman, Kou, Math. Finance 7 (1997) 325).
pub fn siegert_steps(neuron: &Population, dt: f64) -> f64 {
    let Rate::Constant(rate) = neuron.drive.rate else { panic!("a constant drive") };
    let q = dt / neuron.tau_m.expect("a leak");
    let (mean, deviation) = (rate * neuron.drive.weight * dt, neuron.drive.weight * (rate * dt).sqrt());
    // V <- V (1 - q) + mean + deviation z, as seen from e_leak.
    let rest = neuron.e_leak + mean / q;
    let spread = (2.0 * deviation.powi(2) / (q * (2.0 - q))).sqrt();
    let tau = -1.0 / (-q).ln_1p();
    let bound = |v: f64| (v - rest) / spread;
    let (from, to) = (bound(neuron.v_reset), bound(neuron.v_th + 0.5826 * deviation));
    // exp(x^2) erfc(-x), for large negative x by its series.
    let integrand = |x: f64| {
        if x < -5.0 {
            let y = 1.0 / (2.0 * x * x);
            return (1.0 - y * (1.0 - 3.0 * y * (1.0 - 5.0 * y))) / (-x * std::f64::consts::PI.sqrt());
        }
        (x * x).exp() * erfc(-x)
    };
    let panels = 2000;
    let width = (to - from) / f64::from(panels);
    let simpson = |i: u32| {
        let x = from + f64::from(i) * width;
        (integrand(x) + 4.0 * integrand(x + 0.5 * width) + integrand(x + width)) * width / 6.0
    };
    tau * std::f64::consts::PI.sqrt() * (0..panels).map(simpson).sum::<f64>()
}
