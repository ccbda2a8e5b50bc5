//! Is `dsode` with a linear density what it says: the law of where a bin's neurons land, what a step conserves, and what a delay line
//! keeps?

mod cases;

use cases::{every_input, linear, network, three_populations};
use snn_ensemble::model::*;
use snn_ensemble::reduced::lanes::{LANES, piece};
use snn_ensemble::reduced::linear::{density_variance, lean, linear_density};
use snn_ensemble::reduced::local::{decayed_square, enter_line, leave_line, shifted};
use snn_ensemble::reduced::scheme::LocalLinear;
use snn_ensemble::reduced::shares::TransitionDiagonals;
use snn_ensemble::reduced::transition::{BinLaw, spread_over};
use snn_ensemble::reduced::{Dsode, Real, StateFields};

const BINS: i32 = 12;
const H: f64 = 4.0;

/// Where the neurons of a bin land: from bin `origin`, with mean voltage `mean` above its edge, stretched by `kappa`.
#[derive(Clone, Copy, Debug)]
struct Case {
    origin: i32,
    mean: f64,
    kappa: f64,
    drift: f64,
    sigma: f64,
}

fn law_cases() -> Vec<Case> {
    let mut found = vec![];
    for (i, mean) in [1e-3, 0.2, 0.9, 1.4, 2.0, 2.7, 3.1, 3.9, 3.9999].into_iter().enumerate() {
        for (j, sigma) in [0.05, 0.7, 1.1, 2.0, 3.0].into_iter().enumerate() {
            for (origin, drift) in [(0, -3.0), (1, 0.4), (6, 2.0), (10, 3.3), (11, -1.0)] {
                let kappa = [1.0, 0.6, 1.4][(i + j) % 3];
                found.push(Case { origin, mean, kappa, drift, sigma });
            }
        }
    }
    found
}

/// (mass, first moment, second moment) of every destination about its lower edge, of those above the threshold about that.
type Moments = [f64; 3];

/// By Simpson's rule over the density, of which each point is a Gaussian with known moments in an interval.
fn expected(case: &Case) -> Vec<Moments> {
    const PIECES: usize = 2000;
    let (half, slope) = linear_density(case.mean, H);
    let half = case.kappa * half;
    let middle = case.mean + case.drift - lean(half, slope);
    let phi = |z: f64| (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let beyond = |z: f64| 0.5 * libm::erfc(z / std::f64::consts::SQRT_2);
    let mut found = vec![[0.0; 3]; BINS as usize + 1];
    for i in 0..=PIECES {
        let u = -1.0 + 2.0 * i as f64 / PIECES as f64;
        let simpson = if i == 0 || i == PIECES { 1.0 } else { 2.0 + 2.0 * (i % 2) as f64 };
        let weight = simpson / (3.0 * PIECES as f64) * (1.0 + slope * u);
        let m = middle + half * u;
        for (j, sums) in found.iter_mut().enumerate() {
            let x = (j as f64 - f64::from(case.origin)) * H;
            let a = if j == 0 { -40.0 } else { (x - m) / case.sigma };
            let b = if j == BINS as usize { 40.0 } else { (x + H - m) / case.sigma };
            // The smaller tails, whose difference keeps its digits.
            let mass = if a > 0.0 { beyond(a) - beyond(b) } else { beyond(-b) - beyond(-a) };
            let first = case.sigma * (phi(a) - phi(b));
            let second = case.sigma * case.sigma * (mass + a * phi(a) - b * phi(b));
            let away = m - x;
            sums[0] += weight * mass;
            sums[1] += weight * (away * mass + first);
            sums[2] += weight * (away * away * mass + 2.0 * away * first + second);
        }
    }
    found
}

/// The same from the kernel in precision T: mass, first moment, scatter about the mean.
fn found<T: Real>(case: &Case) -> Vec<Moments> {
    let of = T::of;
    let (half, slope) = linear_density(of(case.mean), of(H));
    let variance = density_variance(half, slope);
    let half = of(case.kappa) * half;
    let centre = of(case.mean) + of(case.drift);
    let (origin, bins) = (of(f64::from(case.origin)), of(f64::from(BINS)));
    let law = spread_over(origin, centre - lean(half, slope), half, of(case.sigma), of(H), bins);
    let spread = of(case.kappa) * of(case.kappa) * variance + of(case.sigma) * of(case.sigma);
    let lane = case.origin as usize;
    let mut laws = BinLaw::zero();
    (0..LANES).for_each(|lane| laws.set(lane, BinLaw { centre, slope, spread, ..law }));
    let mut filled = [false; LANES];
    filled[lane] = true;
    let mut shares = TransitionDiagonals::default();
    shares.share_out::<LocalLinear>(&laws, &filled, 0, piece::<T>(BINS as usize), of(H));
    let mut all = vec![[0.0; 3]; BINS as usize + 1];
    for ((j, share), scatter) in (case.origin + shares.first..).zip(shares.rows()).zip(shares.scatters()) {
        all[j as usize] = [share.mass[lane].to_f64(), share.moment[lane].to_f64(), scatter[lane].to_f64()];
    }
    let leaving = shares.leaving.lane(lane);
    all[BINS as usize] = [leaving.mass.to_f64(), leaving.moment.to_f64(), shares.leaving_scatter[lane].to_f64()];
    all
}

/// Largest error of a mass, of a first moment per bin width and of a second moment per its square.
fn worst<T: Real>() -> Moments {
    let mut worst = [0.0_f64; 3];
    for case in law_cases() {
        let (found, expected) = (found::<T>(&case), expected(&case));
        assert!((found.iter().map(|m| m[0]).sum::<f64>() - 1.0).abs() < 1e-6, "{case:?}: {found:?}");
        for (j, (found, exact)) in found.iter().zip(&expected).enumerate() {
            let square = if found[0] > 0.0 { found[1] * found[1] / found[0] } else { 0.0 };
            let mut errors = [found[0] - exact[0], (found[1] - exact[1]) / H, (found[2] + square - exact[2]) / (H * H)];
            if j == 0 && exact[1] > 0.0 {
                // The lowest bin takes what falls below it; scatter is bounded as if all of it lay inside.
                errors[2] = 0.0;
            }
            for (worst, error) in worst.iter_mut().zip(errors) {
                *worst = worst.max(error.abs());
            }
        }
    }
    worst
}

#[test]
fn what_lands_where_is_that_of_the_density() {
    let (double, single) = (worst::<f64>(), worst::<f32>());
    println!("f64 {double:?}, f32 {single:?}");
    // The expansion of a narrow density leaves out 7 w^7/46080 of its seventh derivative and more: 2e-7 at w = 0.7.
    assert!(double.iter().all(|error| *error < 3e-7), "{double:?}");
    // Rounding, most of it in differences of K, which grow as the square of the distance.
    assert!(single[0] < 1e-6 && single[1] < 1e-6 && single[2] < 1e-5, "{single:?}");
}

#[test]
fn a_density_has_its_mean_and_stays_positive() {
    for i in 0..=1000 {
        let mean = f64::from(i) * H / 1000.0;
        let (half, slope) = linear_density(mean, H);
        let middle = mean - lean(half, slope);
        assert!(slope.abs() <= 1.0 && half >= 0.0 && density_variance(half, slope) >= 0.0, "{mean}");
        assert!(middle - half > -1e-12 && middle + half < H + 1e-12, "{mean}: {middle} +- {half}");
    }
    assert_eq!(linear_density(2.0, H), (2.0, 0.0));
}

/// Of a projection after a step: sum g + g_R relative to N sqrt(s2), (sum w + w_R)/N, what it would be if every neuron's kicks died at the
/// rate of their number, (1-q)^2 s2 + q (1-q) mu, and what deaths have added that are not negative where n mu + g is.
struct Balance {
    g: f64,
    w: f64,
    expected: f64,
    forbidden_deaths: f64,
    keep: f64,
}

fn balance(model: &Dsode<f64>) -> Vec<Balance> {
    let (shape, parameters, state) = (model.shape(), model.parameters(), model.fields());
    let StateFields { drifts, squares, kick_mean, kick_variance, refractory_drift, refractory_square, .. } = state;
    let of = |x: usize| {
        let (target, _) = shape.projections[x];
        let at = shape.drift_offset(x)..shape.drift_offset(x) + shape.bins[target];
        let (p, size) = (&parameters.projections[x], parameters.populations[target].size);
        let (mu, s2, keep) = (kick_mean[x], kick_variance[x], 1.0 - p.q);
        let all = |of_bins: &[f64], rest: f64| of_bins.iter().sum::<f64>() + rest;
        let counts = state.counts[shape.bins_of(target)].iter().chain([&state.refractory[target]]);
        let before = drifts[at.clone()].iter().chain([&refractory_drift[x]]).map(|g| g / keep);
        let forbidden: f64 = counts.zip(before).map(|(n, g)| (-(n * mu + g)).max(0.0)).sum();
        let deaths = p.stochastic_decay * p.q * keep;
        Balance {
            g: all(&drifts[at.clone()], refractory_drift[x]) / (size * s2.sqrt().max(1e-9)),
            w: all(&squares[at], refractory_square[x]) / size,
            expected: keep * keep * s2 + deaths * mu,
            forbidden_deaths: deaths * forbidden / size,
            keep,
        }
    };
    (0..shape.projections.len()).map(of).collect()
}

#[test]
fn moments_of_fluctuations_are_conserved() {
    for network in [network("default"), three_populations()] {
        let mut model =
            Dsode::<f64>::new(&network, &linear(Closure::Coloured, Noise::None, 4.0), [0; 4]).expect("a dsode");
        let mut worst = [0.0_f64; 2];
        let mut added = vec![0.0; network.projections.len()];
        for step in 0..1000 {
            model.step();
            for (x, balance) in balance(&model).into_iter().enumerate() {
                added[x] = balance.keep * balance.keep * added[x] + balance.forbidden_deaths;
                let w = (balance.w - balance.expected - added[x]) / balance.expected.max(1e-3);
                worst = [worst[0].max(balance.g.abs()), worst[1].max(w.abs())];
                assert!(balance.g.abs() < 1e-9, "projection {x} at step {step}: mean fluctuation {:e}", balance.g);
                assert!(w.abs() < 1e-7, "projection {x} at step {step}: variance off by {w:e}");
            }
        }
        println!("{worst:?}");
    }
}

#[test]
fn with_finite_size_noise_the_mean_fluctuation_is_zero() {
    for network in [network("default"), three_populations()] {
        let variant = linear(Closure::Coloured, Noise::FiniteSize, 4.0);
        let mut model = Dsode::<f64>::new(&network, &variant, [1, 2, 3, 4]).expect("a dsode");
        for step in 0..500 {
            assert!(model.step().iter().all(|c| c.fract() == 0.0));
            for (x, Balance { g, .. }) in balance(&model).into_iter().enumerate() {
                assert!(g.abs() < 1e-9, "projection {x} at step {step}: mean fluctuation {g:e}");
            }
        }
        assert!(model.is_sound());
    }
}

/// Single precision, where fixed refractory times and delays leave bins that next to nobody enters.
#[test]
fn f32_follows_f64_where_bins_empty() {
    let fixed = |p_ei: f64, tau_ref: f64| {
        let mut network = network("default");
        network.projections[1].p = p_ei;
        for p in &mut network.populations {
            (p.refractory, p.tau_ref) = (Refractory::Fixed, tau_ref);
        }
        network
    };
    let variant = linear(Closure::Coloured, Noise::None, 4.0);
    for (name, network) in [
        ("three populations", three_populations()),
        ("every input", every_input()),
        ("4 ms", fixed(0.5, 4.0)),
        ("2 ms, strong inhibition", fixed(1.0, 2.0)),
    ] {
        let mut double = Dsode::<f64>::new(&network, &variant, [0; 4]).expect("a dsode");
        let mut single = Dsode::<f32>::new(&network, &variant, [0; 4]).expect("a dsode");
        let (mut peak, mut apart) = (0.0_f64, 0.0_f64);
        let mut sums = vec![[0.0; 2]; network.populations.len()];
        for step in 0..20_000 {
            let fired = double.step().iter().zip(single.step()).map(|(a, b)| [*a, f64::from(*b)]);
            for (sum, [a, b]) in sums.iter_mut().zip(fired) {
                *sum = [sum[0] + a, sum[1] + b];
                if step < 500 {
                    (peak, apart) = (peak.max(a), apart.max((a - b).abs()));
                }
            }
        }
        println!("{name}: {:e} of the peak apart, {sums:?}", apart / peak);
        assert!(single.is_sound(), "{name}");
        assert!(apart < 1e-4 * peak, "{name}: {apart} of {peak} apart");
        assert!(sums.iter().all(|[a, b]| (a - b).abs() < 1e-3 * a), "{name}: {sums:?}");
    }
}

/// Neurons that are followed step by step, with births, deaths and shifts, against those that a delay line keeps.
#[test]
fn a_delay_line_keeps_moments() {
    const STEPS: i32 = 13;
    let (n, q, mut s2, mut common) = (7.0, 0.08, 30.0, 0.3);
    let (mut g, mut w) = (21.0, 350.0);
    for stochastic in [0.0, 1.0] {
        for shift in [0.0, 0.05] {
            let line = enter_line(n, g, w, s2, common);
            for step in 0..STEPS {
                let (mu, births) = (12.0 + f64::from(step), 0.4 * f64::from(step % 4));
                let shifted = shifted(n, 0.0, [g, 0.0, w], shift);
                w = decayed_square(n, shifted[0], shifted[2], mu, q, stochastic) + n * births;
                g = (1.0 - q) * shifted[0];
                s2 = (1.0 - q) * (1.0 - q) * s2 + stochastic * q * (1.0 - q) * mu + births;
                common = (1.0 - q) * (common + shift);
            }
            let left = leave_line(n, line, s2, common, (1.0_f64 - q).powi(STEPS), stochastic);
            assert!((left[0] - g).abs() < 1e-12 * g.abs().max(1.0), "{} instead of {g}", left[0]);
            // Deaths of the kicks that shifts have taken are counted in the line, not in the step.
            let allowed = 1e-12 * w + stochastic * n * common.abs();
            assert!((left[1] - w).abs() < allowed, "{} instead of {w}", left[1]);
        }
    }
}
