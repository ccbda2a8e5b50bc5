//! Are single neurons of `dsode` right in the bins that they get, and are the bins the same wherever they have to be?

use assert_cmd::cargo::cargo_bin;
use snn_ensemble::config::{Experiment, load};
use snn_ensemble::ensemble::Ensemble;
use snn_ensemble::ensemble::run::{Options, run};
use snn_ensemble::model::{Bins, Population, Variant};
use snn_ensemble::network::neuron::voltage_bin;
use snn_ensemble::network::scale::Scale;
use snn_ensemble::network::shape::Model;
use snn_ensemble::statistics::BinAxis;
use snn_ensemble::validate::bins::wide_bins;
use snn_ensemble::wgsl::Word;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

fn read(text: &str) -> Experiment {
    load(text, "bins.yaml", &[]).unwrap_or_else(|errors| panic!("{errors}\n{text}"))
}

/// One population of unconnected neurons.
#[derive(Clone, Copy, Debug)]
struct Neuron {
    dt: f64,
    v_th: f64,
    v_reset: f64,
    e_leak: f64,
    tau_m: Option<f64>,
    weight: f64,
    rate: f64,
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

    fn config(&self, models: &str) -> Experiment {
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

#[test]
fn the_example_network_keeps_its_bins() {
    let configs = fs::read_dir(format!("{}/configs", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let mut compared = 0;
    for path in configs.map(|entry| entry.unwrap().path()) {
        let experiment = read(&fs::read_to_string(&path).unwrap());
        // Other voltages and other neurons have bins of their own.
        let as_there = |p: &Population| (p.v_th, p.v_reset, p.tau_m, p.neuron.is_lif()) == (100.0, 0.0, None, true);
        if !experiment.network.populations.iter().all(as_there) {
            continue;
        }
        compared += 1;
        for point in [0, experiment.points() - 1] {
            let network = experiment.point(point).network;
            let bins = experiment.bins(&network, &Variant::DSODE);
            assert!(bins.iter().all(|bins| *bins == Bins { v_min: -40.0, width: 4.0 }), "{}: {bins:?}", path.display());
        }
        let ensemble = Ensemble::new(experiment, false).unwrap();
        for model in &ensemble.schema.models {
            assert_eq!(model.key(), model.label, "{}", path.display());
        }
    }
    assert!(compared >= 9, "{compared} configs of the example network");
}

/// v_reset is an edge of automatic bins: what is reset lies above it, and any other voltage in the bin that its edges say, to 1e-6 of one.
#[test]
fn voltages_are_counted_in_the_bin_that_they_are_in() {
    let compare = |reset: f64, threshold: f64, given: Option<Bins>| {
        let population = format!("{{size: 10, tau_ref: 0, v_reset: {reset}, v_th: {threshold}, drive: none}}");
        let experiment =
            read(&format!("name: a\ntime: {{duration: 10}}\npopulations: {{E: {population}}}\nmodels: [snn]\n"));
        let bins = given.unwrap_or_else(|| experiment.bins(&experiment.network, &Variant::DSODE)[0]);
        let scale = Scale::new(&experiment.network, 0, Model::Snn).unwrap();
        let parameters = scale.population(&experiment.network.populations[0], bins);
        let axis = BinAxis::voltage(bins.v_min, threshold, bins.width);
        let counted = |v: f64| voltage_bin(&parameters, Word(scale.to_voltage(v)), axis.bins - 1).0 as usize;
        assert_eq!(counted(reset), axis.bin(reset), "{reset}, {threshold}: {bins:?}");
        // As deep as integers go.
        let depth = scale.v_floor.max(bins.v_min);
        for (i, part) in (0..axis.bins).flat_map(|i| [1e-6, 0.5, 1.0 - 1e-6].map(|part| (i, part))) {
            let v = bins.v_min + (f64::from(i) + part) * bins.width;
            assert!(v < depth || counted(v) == i as usize, "{reset}, {threshold}: {i} + {part} in {}", counted(v));
        }
    };
    for reset in (-75..20).step_by(5).map(f64::from) {
        [20.0, 35.0, 50.0, 95.0, 100.0].iter().for_each(|up| compare(reset, reset + up, None));
    }
    // Bins of a scan that other points need: far below what this one's voltages can be.
    compare(0.0, 5.0, Some(Bins { v_min: -40.0, width: 1.0 }));
}

#[test]
fn a_scan_has_one_set_of_bins_and_keeps_apart_what_others_computed() {
    let neuron = Neuron { dt: 0.1, v_th: 20.0, v_reset: 10.0, e_leak: 0.0, tau_m: Some(20.0), weight: 1.6, rate: 0.5 };
    let text = neuron.config("[dsode, {dsode: {bin: 0.5}}, {dsode: {bin: 0.5, v_min: -10}}]").to_yaml();
    let scan = |axis: &str| {
        let experiment = read(&text.replace("scan: []", &format!("scan: [{axis}]")));
        let all = (0..experiment.points()).map(|p| experiment.bins(&experiment.point(p).network, &Variant::DSODE)[0]);
        let bins: Vec<Bins> = all.collect();
        let keys = Ensemble::new(experiment, false).unwrap().schema.models.iter().map(|m| m.key()).collect::<Vec<_>>();
        (bins, keys)
    };
    let (one, keys) = scan("");
    assert_eq!(keys, ["dsode; A from -8 70 bins", "dsode+bin=0.5; A from -8", "dsode+bin=0.5+v_min=-10"]);
    // The least of the noise is that of the weakest kicks.
    let (bins, other) = scan("{path: populations.A.drive.weight, values: [1.6, 0.2, 0.4]}");
    assert!(bins.iter().all(|other| *other == bins[0]) && bins[0].width < one[0].width, "{bins:?}");
    assert!(other[0] != keys[0] && other[1..] == keys[1..], "{other:?}");
    // What does not matter to bins changes none.
    assert_eq!(scan("{path: populations.A.size, values: [1000, 10]}").1, keys);
    // Thresholds of their own: as many bins for each.
    let (bins, _) = scan("{path: populations.A.v_th, values: [20, 18]}");
    assert_eq!(bins[0].v_min, bins[1].v_min);
    assert_eq!(bins[0].count(20.0), bins[1].count(18.0));
}

#[test]
fn given_bins_that_are_the_automatic_ones_add_nothing() {
    let neuron = Neuron { dt: 0.1, v_th: 20.0, v_reset: 10.0, e_leak: 0.0, tau_m: Some(20.0), weight: 1.6, rate: 0.5 };
    let labels = |models: &str| neuron.config(models).models.iter().map(Variant::label).collect::<Vec<_>>();
    assert_eq!(labels("[{dsode: {bin: 0.4, v_min: -8}}]"), ["dsode"]);
    assert_eq!(labels("[{dsode: {bin: 0.4, v_min: -12}}]"), ["dsode+v_min=-12"]);
    assert_eq!(labels("[{dsode: {bin: 0.2, v_min: -8}}, {dsode: {v_min: auto}}]"), ["dsode+bin=0.2", "dsode"]);
    assert!(
        neuron.config("[dsode]").to_yaml().contains("bin: auto\n    v_min: auto"),
        "{}",
        neuron.config("[dsode]").to_yaml()
    );
}

/// Branches have others where their range has, and what is given stays.
#[test]
fn given_bins_stay_on_branches_whose_automatic_ones_are_others() {
    let text = |models: &str, along: &str| {
        let population = "{size: 10, tau_ref: 4, drive: {rate: 7}}";
        let branches = format!("continuation: {{parameter: populations.E.{along}}}");
        read(&format!(
            "name: a\ntime: {{duration: 10}}\npopulations: {{E: {population}}}\nmodels: {models}\n{branches}\n"
        ))
    };
    let labels = |models: &str, along: &str| {
        let continuation = text(models, along).continuation.unwrap();
        continuation.models.iter().map(Variant::label).collect::<Vec<_>>()
    };
    let (here, elsewhere) = ("drive.rate, range: [5, 8]", "v_reset, range: [-30, 30]");
    assert_eq!(labels("[{dsode: {bin: 4, v_min: -40}}]", here), ["dsode"]);
    assert_eq!(labels("[{dsode: {bin: 4, v_min: -40}}]", elsewhere), ["dsode+bin=4+v_min=-40"]);
    assert_eq!(labels("[dsode]", elsewhere), ["dsode"]);
}

/// A small network in mV, with all that samples voltages.
const MILLIVOLTS: &str = "\
name: mv
time: {dt: 0.1, duration: 400, discard: 100}
populations:
  E: {size: 60, tau_ref: 2, v_th: -50, v_reset: -65, e_leak: -65, tau_m: 20, drive: {weight: 0.5, rate: 2}}
  I: {size: 20, tau_ref: 2, v_th: -35, v_reset: -60, e_leak: -65, tau_m: 20, drive: {weight: 0.5, rate: 4}}
projections:
  E<-I: {kind: inhibitory, p: 0.5, s: 1, tau: 5, v_rev: -80}
  I<-E: {kind: excitatory, p: 0.5, s: 1, tau: 2}
models: [snn]
realisations: 3
record: {voltage: true, attractor: true}
";

fn program(directory: &Path, backend: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(cargo_bin("snn-ensemble"));
    command.args(["run", "c.yaml", "--quiet", "--backend", backend, "--out"]).args(arguments).current_dir(directory);
    command.env("XDG_RUNTIME_DIR", directory).output().unwrap()
}

fn done(directory: &Path, backend: &str, arguments: &[&str]) {
    let output = program(directory, backend, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn folder(config: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("c.yaml"), config).unwrap();
    folder
}

fn same_densities(directory: &Path, one: &str, other: &str) {
    let read = |run: &str| fs::read(directory.join(run).join("densities.parquet")).unwrap();
    assert!(read(one) == read(other), "densities of {one} and {other} differ");
}

#[test]
fn histograms_do_not_depend_on_which_models_run_beside() {
    let folder = folder(&MILLIVOLTS.replace("[snn]", "[snn, {dsode: {bin: 0.25}}]"));
    let directory = folder.path();
    done(directory, "cpu", &["whole"]);
    done(directory, "cpu", &["grown", "--set", "models=[snn]"]);
    done(directory, "cpu", &["grown"]);
    same_densities(directory, "whole", "grown");
}

#[test]
fn a_checkpoint_goes_on_beside_other_models() {
    let folder = folder("");
    let text = MILLIVOLTS.replace("duration: 400", "duration: 8000").replace("realisations: 3", "realisations: 1");
    let ensemble = |models: &str| Ensemble::new(read(&text.replace("[snn]", models)), false).unwrap();
    let (whole, cut) = (folder.path().join("whole"), folder.path().join("cut"));
    for directory in [&whole, &cut] {
        fs::create_dir(directory).unwrap();
    }
    let stop = AtomicBool::new(false);
    let options = || Options { checkpoint: Duration::ZERO, ..Options::new(&stop) };
    let checkpoints = cut.join("checkpoints");
    let ended = AtomicBool::new(false);
    let finished = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) && fs::read_dir(&checkpoints).map_or(0, Iterator::count) == 0 {
                std::thread::yield_now();
            }
            stop.store(true, Ordering::Relaxed);
        });
        let finished = run(&ensemble("[snn]"), &cut, &mut [], &options());
        ended.store(true, Ordering::Relaxed);
        finished.unwrap()
    });
    assert!(finished.interrupted && fs::read_dir(&checkpoints).unwrap().count() == 1, "no checkpoint was left");
    drop(finished);
    stop.store(false, Ordering::Relaxed);
    for directory in [&whole, &cut] {
        run(&ensemble("[snn, {dsode: {bin: 1}}]"), directory, &mut [], &options()).unwrap();
    }
    same_densities(folder.path(), "whole", "cut");
}

/// Every kind of model in a network in mV, and where reset and threshold are hardly apart.
fn anywhere(backend: &str) {
    let folder = folder(&MILLIVOLTS.replace("[snn]", "[snn, markov, {dsode: {closure: coloured}}]"));
    let directory = folder.path();
    let near = "populations.E={size: 9, tau_ref: 2, v_th: -50, v_reset: -50.000000001, tau_m: 20, e_leak: -50.5, drive: \
                {weight: 0.5, rate: 2}}";
    done(directory, backend, &["all"]);
    done(directory, backend, &["none", "--set", "record={}"]);
    done(directory, backend, &["near", "--set", near, "--set", "time.duration=110", "--set", "models=[snn, markov]"]);
    // Without a leak there is no room between them: left out, with what is wrong.
    let none = near.replace("tau_m: 20, e_leak: -50.5, ", "");
    let output =
        program(directory, backend, &["no", "--set", &none, "--set", "projections={}", "--set", "time.duration=110"]);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.code() == Some(1) && text.contains("skipped: snn: population E"),
        "{:?}: {text}",
        output.status
    );
}

#[test]
fn networks_in_millivolts_run_on_the_cpu() {
    anywhere("cpu");
}

#[test]
fn networks_in_millivolts_run_on_a_gpu() {
    anywhere("gpu");
}
