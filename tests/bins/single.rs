//! Single neurons in the bins that they get, beside theory, and what is said of bins that are too wide.

use crate::read;
use snn_ensemble::config::{Experiment, load};
use snn_ensemble::ensemble::Ensemble;
use snn_ensemble::model::{Bins, Variant};
use snn_ensemble::validate::bins::wide_bins;
use std::fs;

/// One population of unconnected neurons.
#[derive(Clone, Copy, Debug)]
pub struct Neuron {
    pub dt: f64,
    pub v_th: f64,
    pub v_reset: f64,
    pub e_leak: f64,
    pub tau_m: Option<f64>,
    pub weight: f64,
    pub rate: f64,
}

impl Neuron {
    /// Threshold `x` deviations above where a leak of 20 ms holds the voltage, which deviates by 0.05 `scale`.
    fn leaky(x: f64, dt: f64, scale: f64) -> Neuron {
        let (tau_m, weight) = (20.0, 0.01 * scale);
        let rate = 2.0 * (0.05 * scale / weight).powi(2) / tau_m;
        let mu = scale - 0.05 * scale * x;
        Neuron {
            dt,
            v_th: scale,
            v_reset: 0.7 * scale,
            e_leak: mu - rate * weight * tau_m,
            tau_m: Some(tau_m),
            weight,
            rate,
        }
    }

    pub fn config(&self, models: &str) -> Experiment {
        let Neuron { dt, v_th, v_reset, e_leak, tau_m, weight, rate } = self;
        let leak = tau_m.map_or(String::new(), |tau_m| format!("e_leak: {e_leak:e}, tau_m: {tau_m}, "));
        read(&format!(
            "name: n\ntime: {{dt: {dt}, duration: 1000}}\nmodels: {models}\npopulations:\n  A: {{size: 1000, tau_ref: 0, \
             v_th: {v_th:e}, v_reset: {v_reset:e}, {leak}initial: uniform, drive: {{weight: {weight:e}, rate: {rate}}}}}\n"
        ))
    }

    /// Hz in the only model of `models` after the first third of `time` ms.
    fn rate_in(&self, models: &str, time: f64) -> f64 {
        rate(self.config(models), time)
    }

    /// Hz by theory: of the perfect integrator, and of the leaky one by Siegert's formula. A voltage that is looked at once per
    /// step crosses a threshold 0.5826 deviations of a step higher; the leak of a step, 1 - dt/tau_m, is that of another tau_m.
    fn theory(&self) -> f64 {
        let Neuron { dt, v_th, v_reset, e_leak, tau_m, weight, rate } = *self;
        let step = weight * (rate * dt).sqrt();
        let threshold = v_th + 0.5826 * step;
        let Some(tau_m) = tau_m else { return 1000.0 * rate * weight / (threshold - v_reset) };
        let kept = 1.0 - dt / tau_m;
        let deviation = step * (2.0 / (1.0 - kept * kept)).sqrt();
        let to = |v: f64| (v - e_leak - rate * weight * tau_m) / deviation;
        let (from, to, n) = (to(v_reset), to(threshold), 20_000);
        let h = (to - from) / f64::from(n);
        let passage: f64 = (0..n).map(|i| growth(from + (f64::from(i) + 0.5) * h) * h).sum();
        1000.0 / (-dt / kept.ln() * core::f64::consts::PI.sqrt() * passage)
    }
}

/// Hz of 1000 neurons of the first population in the only model of a config after the first third of `time` ms.
fn rate(experiment: Experiment, time: f64) -> f64 {
    let ensemble = Ensemble::new(experiment, false).unwrap();
    let dt = ensemble.experiment.network.dt;
    let mut trajectory = ensemble.at_point(0, 0).unwrap().dsode::<f64>([0; 4]).unwrap();
    let steps = (time / dt).round() as u32;
    let fired: f64 = (0..steps).map(|step| trajectory.step()[0] * f64::from(u32::from(3 * step >= steps))).sum();
    fired / (f64::from(steps - steps.div_ceil(3)) * dt)
}

/// 1000 leaky neurons with nothing but a source, whose kicks of size 1 last `tau` ms.
fn with_source(source_rate: f64, tau: f64, model: &str) -> Experiment {
    read(&format!(
        "name: n\ntime: {{dt: 0.1, duration: 1000}}\nmodels: [{{dsode: {{{model}}}}}]\npopulations:\n  A: {{size: 1000, tau_ref: 0, \
         tau_m: 20, drive: none, initial: uniform}}\nsources: {{outside: {{rate: {source_rate}}}}}\nprojections:\n  \
         A<-outside: {{kind: excitatory, s: 1, tau: {tau}}}\n"
    ))
}

#[test]
fn sources_are_noise_too() {
    // At once, as the drive of the test below.
    near(rate(with_source(4.0, 0.0, "bin: auto"), 600.0), 0.315, "a source of delta synapses");
    for closure in ["white", "coloured"] {
        let bins = with_source(5.0, 2.0, "bin: auto").automatic_bins[0].at_most(None, None);
        let third = 1.0 / (3.0 / bins.width).ceil();
        let fine = rate(with_source(5.0, 2.0, &format!("bin: {third}, v_min: -40, closure: {closure}")), 200.0);
        near(rate(with_source(5.0, 2.0, &format!("bin: auto, closure: {closure}")), 200.0), fine, closure);
    }
    let warnings = with_source(4.0, 2.0, "bin: 4, closure: coloured").warnings();
    assert!(warnings.len() == 1 && warnings[0].contains("too wide"), "{warnings:?}");
}

/// exp(u^2) (1 + erf u).
fn growth(u: f64) -> f64 {
    // Below -5 the first terms of the asymptotic series, to 1e-3.
    if u < -5.0 { (1.0 - 0.5 / (u * u)) / (-u * core::f64::consts::PI.sqrt()) } else { (u * u).exp() * libm::erfc(-u) }
}

fn near(found: f64, expected: f64, what: &str) {
    println!("{what}: {found:.5}, expected {expected:.5}, {:+.2} %", 100.0 * (found / expected - 1.0));
    assert!((found / expected - 1.0).abs() < 0.02, "{what}: {found} instead of {expected}");
}

#[test]
fn leaky_neurons_fire_as_theory_says() {
    for scale in [1e-3, 1e-2, 0.1, 1.0, 10.0, 100.0, 1e3] {
        for x in [-2.0, 0.0, 1.0, 3.0] {
            let neuron = Neuron::leaky(x, 0.1, scale);
            near(neuron.rate_in("[dsode]", 240.0), neuron.theory(), &format!("scale {scale}, x {x}"));
        }
    }
    for (dt, xs) in [(0.01, &[2.5][..]), (0.02, &[0.5, 3.5]), (0.4, &[-1.0, 2.0, 4.0]), (1.0, &[0.0, 1.0, 2.0])] {
        for &x in xs {
            let neuron = Neuron::leaky(x, dt, 20.0);
            near(neuron.rate_in("[dsode]", 320.0), neuron.theory(), &format!("dt {dt}, x {x}"));
        }
    }
}

/// The limit is that of the uniform density: the linear one could do with bins twice as wide.
#[test]
fn a_linear_density_loses_next_to_nothing_in_automatic_bins() {
    for (x, dt) in [(-1.0, 0.1), (1.0, 0.1), (3.0, 0.1), (1.0, 1.0), (2.0, 0.4)] {
        let neuron = Neuron::leaky(x, dt, 20.0);
        let bins = neuron.config("[dsode]");
        let Bins { v_min, width } = bins.bins(&bins.point(0).network, &Variant::DSODE)[0];
        let rate = |parts: f64| {
            let bin = (20.0 - v_min) / ((20.0 - v_min) / width * parts).round();
            neuron.rate_in(&format!("[{{dsode: {{density: linear, bin: {bin}}}}}]"), 240.0)
        };
        let fine = rate(4.0);
        for (parts, allowed) in [(1.0, 2e-4), (0.5, 3e-3)] {
            let error = rate(parts) / fine - 1.0;
            println!("x {x}, dt {dt}, 1/{parts} of the width: {error:+.1e}");
            assert!(error.abs() < allowed, "x {x}, dt {dt}, 1/{parts} of the width: {error:+.1e}");
        }
    }
}

#[test]
fn perfect_integrators_fire_as_theory_says() {
    for scale in [1e-3, 1.0, 1e3] {
        // Kicks from the threshold's 500th part to its 8th.
        for (dt, weight, drift) in [(0.01, 0.002, 0.05), (0.1, 0.01, 0.05), (0.1, 0.125, 0.05), (1.0, 0.05, 0.005)] {
            let (v_th, v_reset) = (scale, 0.4 * scale);
            let rate = drift / weight;
            let neuron = Neuron { dt, v_th, v_reset, e_leak: 0.0, tau_m: None, weight: weight * scale, rate };
            near(
                neuron.rate_in("[dsode]", 300.0),
                neuron.theory(),
                &format!("scale {scale}, dt {dt}, weight {weight}"),
            );
        }
    }
}

#[test]
fn neurons_that_default_bins_once_silenced_fire() {
    let neuron = Neuron { dt: 0.1, v_th: 20.0, v_reset: 10.0, e_leak: 0.0, tau_m: Some(20.0), weight: 1.6, rate: 0.5 };
    near(neuron.rate_in("[dsode]", 600.0), neuron.theory(), "in mV");
    near(neuron.theory(), 12.35, "12.0 Hz with 2 ms of refractoriness");
    let neuron = Neuron { v_th: 100.0, v_reset: 0.0, weight: 1.0, rate: 4.0, ..neuron };
    near(neuron.rate_in("[dsode]", 600.0), 0.315, "at the example's voltages");
    let warned = neuron.config("[dsode, {dsode: {bin: 4}}, {dsode: {bin: 2}}, {dsode: {bin: 0.4}}]").warnings();
    assert_eq!(warned.len(), 2, "{warned:?}");
    for (index, warning) in (1..).zip(&warned) {
        let bin = 6 - 2 * index;
        let begin = format!("models.{index}.dsode.bin: {bin} is too wide for the noise of a step of population A");
        assert!(warning.starts_with(&begin), "{warning}");
        // The width that would do does.
        let width = warning.rsplit_once("; ").unwrap().1.strip_suffix(" would do").unwrap();
        near(neuron.rate_in(&format!("[{{dsode: {{bin: {width}}}}}]"), 600.0), 0.315, width);
        // And what it says of the loss is about right.
        let loss: f64 = warning.split("about ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
        let lost = 100.0 * (1.0 - neuron.rate_in(&format!("[{{dsode: {{bin: {bin}}}}}]"), 600.0) / 0.315);
        assert!((loss - lost).abs() < 5.0, "{loss} % said, {lost} % lost");
    }
}

#[test]
fn bins_that_no_noise_tells_of_are_tried_with_half_their_width() {
    let cuba = fs::read_to_string("configs/cuba.yaml").unwrap();
    let wide = |density: &str| {
        let models = format!("models=[{{dsode: {{closure: coloured, density: {density}, v_min: -90}}}}]");
        wide_bins(&load(&cuba, "cuba.yaml", &[models]).unwrap()).unwrap()
    };
    let [e, i] = &wide("uniform")[..] else { panic!("{:?}", wide("uniform")) };
    for (of, population) in [(e, "E"), (i, "I")] {
        let [(found, _), (narrow, _)] = of.rates;
        assert!(of.population == population && of.bin == 0.4 && found < 0.95 * narrow, "{of:?}");
    }
    assert_eq!(wide("linear"), []);
}

#[test]
fn too_few_bins_up_to_the_threshold_are_warned_of() {
    let example = fs::read_to_string("configs/quickstart.yaml").unwrap();
    let of = |model: &str| {
        let experiment = load(&example, "quickstart.yaml", &[format!("models=[{{dsode: {{{model}}}}}]")]).unwrap();
        (experiment.warnings(), rate(experiment, 3000.0) / 0.3)
    };
    let (_, fine) = of("bin: 2");
    let (warnings, ten) = of("bin: 10");
    assert!(warnings.is_empty() && (ten / fine - 1.0).abs() < 0.03, "{ten} Hz, {fine} with narrow ones: {warnings:?}");
    for model in ["bin: 20", "bin: 20, density: linear"] {
        let (warnings, five) = of(model);
        let [e, i] = &warnings[..] else { panic!("{warnings:?}") };
        assert!(e.contains("5.0 bins between reset and threshold of population E"), "{e}");
        assert!(i.contains("of population I"), "{i}");
        assert!(five / fine - 1.0 > 0.1, "{model}: {five} Hz, {fine} with narrow ones: not worth a warning");
    }
}

#[test]
fn steps_too_short_for_the_most_bins_are_warned_about() {
    let neuron = Neuron::leaky(3.0, 0.0002, 20.0);
    let warned = neuron.config("[dsode]").warnings();
    assert!(warned.len() == 1 && warned[0].contains("1024 bins"), "{warned:?}");
    assert!(warned[0].contains("longer time.dt"), "{warned:?}");
    assert_eq!(Neuron { dt: 0.1, ..neuron }.config("[dsode]").warnings(), [""; 0]);
}
