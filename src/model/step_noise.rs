//! What bins of `dsode` lose of a neuron's rate where they are wider than the noise of a step.
//!
//! A step of `dsode` takes the neurons of a bin to be uniform between one of its edges and twice their mean
//! distance from it, so bins wider than a step's noise sigma, sigma^2 = lambda w^2 dt of a drive, hold back what should cross them
//! against the slope of the density. A leak makes that slope: it holds voltages around mu = e_leak + lambda w tau_m with the deviation
//! s = w sqrt(lambda tau_m/2), and a neuron fires from the tail x = (v_th - mu)/s above. Its rate is too low by the share
//!
//!   c h^3,   c = exp(1.3 x)/(250 sigma^2 s),
//!
//! fitted to `dsode` with narrow bins for x from -1 to 4 and tau_m/dt from 20 to 2000, where it is off by less than half
//! (`tests/bins.rs` compares with theory). Of a drive with which a neuron hardly ever fires (x > 4), lambda is taken as that of
//! x = 4; where inhibition can hold the population below threshold, x as at least 0. Without a leak there is no such limit:
//! each step adds lambda w dt to the mean voltage, whatever the bins, and the rate is right. A linear density loses a fiftieth of that,
//! and has the same bins: what it gains is for the network.
//!
//! Where the drive has no noise, that of sources counts, whose kicks of size k come at a rate lambda. Those that act at once
//! (tau = 0) are the noise of a drive of the weight k. The others are, per step,
//!
//!   white closure:     sigma^2 = lambda k^2/tau dt,        s^2 = lambda k^2/tau tau_m/2,
//!   coloured closure:  sigma^2 = lambda (k dt)^2/tau,      s^2 = lambda k^2 tau_m^2/(2 (tau_m + tau)),
//!
//! (rates per ms; tau_m with the conductances of the sources), and c is the larger one: all models have the same bins. What populations
//! send is not known beforehand and counts nothing.

use super::Rate;
use super::network::{Network, Origin, Population, Projection};

/// Standard deviations below threshold from which on a neuron hardly ever fires.
const SILENT: f64 = 4.0;
/// Times that a rate is doubled, at most, until a neuron fires, and that the step to where it does is halved.
const DOUBLINGS: i32 = 40;
const HALVINGS: usize = 50;

/// Kicks from outside, `rate` per ms of `base + slope v` each at voltage v.
#[derive(Clone, Copy)]
struct Kicks {
    rate: f64,
    tau: f64,
    base: f64,
    slope: f64,
}

/// How voltages lie below the threshold.
#[derive(Clone, Copy)]
struct Scatter {
    /// x.
    distance: f64,
    /// s.
    deviation: f64,
    /// sigma^2.
    variance: f64,
}

/// c of a population: the largest at any rate of its drive, or of its sources; 0 where nothing limits the width.
pub fn loss(network: &Network, pop: usize) -> f64 {
    let population = &network.populations[pop];
    let Some(tau_m) = population.tau_m.filter(|_| population.neuron.is_lif()) else { return 0.0 };
    let inhibited = network.incoming(pop).any(|(_, p)| p.synapse.is_inhibitory());
    let mut most: f64 = 0.0;
    for kicks in combinations(network, pop) {
        // Kicks that act at once are the same in both closures.
        let lasting = kicks.iter().any(|kicks| kicks.tau > 0.0);
        for &coloured in &[false, true][..=usize::from(lasting)] {
            if let Some(Scatter { distance, deviation, variance }) =
                scatter_where_it_fires(population, network.dt, tau_m, &kicks, coloured)
            {
                let x = if inhibited { distance.max(0.0) } else { distance };
                most = most.max(libm::exp(1.3 * x) / (250.0 * variance * deviation));
            }
        }
    }
    most
}

/// What kicks at once: a noisy drive at each of its rates, else all sources, at their lowest rates and at their highest.
fn combinations(network: &Network, pop: usize) -> Vec<Vec<Kicks>> {
    let drive = &network.populations[pop].drive;
    if drive.is_noisy() {
        let at = |rate: f64| vec![Kicks { rate, tau: 0.0, base: drive.weight, slope: 0.0 }];
        return rates(&drive.rate).into_iter().filter(|&rate| rate > 0.0 && drive.weight > 0.0).map(at).collect();
    }
    let v_th = network.populations[pop].v_th;
    let of_source = |projection: &Projection, extreme: fn(f64, f64) -> f64| {
        let Origin::Source(source) = network.origin(projection) else { return None };
        let rate = rates(&source.rate).into_iter().filter(|&rate| rate > 0.0).reduce(extreme)?;
        let [base, one] = [0.0, 1.0].map(|v| projection.kick(v, v_th));
        Some(Kicks { rate, tau: projection.tau, base, slope: one - base })
    };
    let extremes: [fn(f64, f64) -> f64; 2] = [f64::min, f64::max];
    extremes.map(|extreme| network.incoming(pop).filter_map(|(_, p)| of_source(p, extreme)).collect()).into()
}

/// With more kicks where a neuron hardly ever fires.
fn scatter_where_it_fires(
    population: &Population,
    dt: f64,
    tau_m: f64,
    kicks: &[Kicks],
    coloured: bool,
) -> Option<Scatter> {
    let at = |factor: f64| scatter(population, dt, tau_m, kicks, factor, coloured);
    let fires = |factor: &f64| at(*factor).is_some_and(|scatter| scatter.distance <= SILENT);
    let doubled = (0..DOUBLINGS).map(|n| libm::exp2(n.into())).find(fires);
    let Some(mut high) = doubled.filter(|&factor| factor > 1.0) else {
        return at(1.0).map(|found| Scatter { distance: found.distance.min(SILENT), ..found });
    };
    let mut low = 0.5 * high;
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        if fires(&middle) { high = middle } else { low = middle }
    }
    at(high)
}

/// With `factor` times as many kicks; `None` without noise, or where conductances push voltages away from their mean.
fn scatter(
    population: &Population,
    dt: f64,
    tau_m: f64,
    kicks: &[Kicks],
    factor: f64,
    coloured: bool,
) -> Option<Scatter> {
    let Population { v_th, e_leak, drive, .. } = population;
    let steady = if drive.is_noisy() { 0.0 } else { drive.weight * rates(&drive.rate).into_iter().fold(0.0, f64::max) };
    let sum = |part: fn(&Kicks) -> f64| factor * kicks.iter().map(|kicks| kicks.rate * part(kicks)).sum::<f64>();
    // dv/dt = current - pull v.
    let pull = 1.0 / tau_m - sum(|kicks| kicks.slope);
    let mean = (e_leak / tau_m + steady + sum(|kicks| kicks.base)) / pull;
    let tau_m = 1.0 / pull;
    let (mut variance, mut square) = (0.0, 0.0);
    for &Kicks { rate, tau, base, slope } in kicks {
        let power = factor * rate * (base + slope * mean).powi(2);
        let (of_step, of_all) = match (tau > 0.0, coloured) {
            (false, _) => (power * dt, power * tau_m / 2.0),
            (true, false) => (power / tau * dt, power / tau * tau_m / 2.0),
            (true, true) => (power * dt * dt / tau, power * tau_m * tau_m / (2.0 * (tau_m + tau))),
        };
        variance += of_step;
        square += of_all;
    }
    let deviation = libm::sqrt(square);
    (pull > 0.0 && variance > 0.0).then(|| Scatter { distance: (v_th - mean) / deviation, deviation, variance })
}

/// Rates that a drive stays at or passes through.
fn rates(rate: &Rate) -> Vec<f64> {
    match rate {
        Rate::Constant(rate) => vec![*rate],
        Rate::Steps(table) => table.iter().map(|&(_, rate)| rate).collect(),
        Rate::Sinusoid { mean, amplitude, .. } => [-1.0, 0.0, 1.0].map(|a| mean * (1.0 + a * amplitude)).to_vec(),
    }
}
