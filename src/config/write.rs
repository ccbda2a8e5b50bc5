//! The resolved config as YAML, every default spelled out; reading it gives an equal experiment.

use super::experiment::{Continuation, Experiment, Neurons, Realisations, Start};
use super::scan::{Axis, Values};
use crate::model::{
    Density, Drive, DriveKind, Initial, Neuron, Population, Projection, Rate, Stepping, Synapse, SynapseKind, Variant,
};
use crate::statistics::{Psth, TwoStates};
use serde::Serialize;
use serde_yaml::{Mapping, Value};

impl Experiment {
    /// The whole config, runnable as it is.
    pub fn to_yaml(&self) -> String {
        // Maps with text keys, lists, numbers and texts can all be written.
        quoted(&serde_yaml::to_string(&self.resolved()).expect("plain data"))
    }

    /// The same, to be compared key by key.
    pub fn resolved(&self) -> impl Serialize + use<> {
        let network = &self.network;
        let populations = network.populations.iter().map(|p| (p.name.clone(), population(p)));
        let projections = network.projections.iter();
        let projections = projections.map(|p| (network.projection_name(p), projection(p, network.source(p).is_some())));
        let sources = network.sources.iter().map(|s| (s.name.clone(), map([("rate", rate(&s.rate))])));
        let sources = (!network.sources.is_empty()).then(|| ("sources", map(sources)));
        let time = map([
            ("dt", number(network.dt)),
            ("duration", number(self.time.duration)),
            ("discard", number(self.time.discard)),
        ]);
        let continuation = self.continuation.as_ref().map(|wanted| ("continuation", continuation(wanted)));
        let before = [
            ("name", self.name.as_str().into()),
            ("seed", self.seed.into()),
            ("time", time),
            ("populations", map(populations)),
        ];
        let after = [
            ("projections", map(projections)),
            ("connectivity", word(&network.connectivity)),
            ("models", Value::Sequence(self.models.iter().map(model).collect())),
            ("scan", Value::Sequence(self.scan.axes.iter().map(axis).collect())),
            ("sweep", self.sweep()),
            ("realisations", self.realisations()),
            ("seeding", word(&self.seeding)),
            ("analysis", self.analysis()),
            ("record", self.record()),
        ];
        map(before.into_iter().chain(sources).chain(after).chain(continuation))
    }

    fn sweep(&self) -> Value {
        optional(&self.sweep, |sweep| {
            map([("axis", sweep.axis.as_str().into()), ("direction", word(&sweep.direction))])
        })
    }

    fn realisations(&self) -> Value {
        match &self.realisations {
            Realisations::Fixed(n) => (*n).into(),
            Realisations::Adaptive { min, max, until } => map([
                ("min", (*min).into()),
                ("max", (*max).into()),
                ("until", map(until.iter().map(|(name, ci)| (name.as_str(), map([("rel_ci95", number(*ci))]))))),
            ]),
        }
    }

    fn analysis(&self) -> Value {
        let analysis = &self.analysis;
        let edges = |from, to| [("from", number(from)), ("to", number(to))];
        let windows = analysis.windows.iter().map(|window| list(window)).collect();
        let windows = (!analysis.windows.is_empty()).then_some(("windows", Value::Sequence(windows)));
        let choice = analysis.choice.as_ref().map(|choice| {
            let populations = ("populations", self.names(&choice.populations));
            ("choice", map([populations].into_iter().chain(edges(choice.from, choice.to))))
        });
        let psth = |psth: Psth| ("psth", map(edges(psth.from, psth.to).into_iter().chain([("bin", number(psth.bin))])));
        let lyapunov = analysis.lyapunov.then_some(("lyapunov", true.into()));
        let responses = windows.into_iter().chain(choice).chain(analysis.psth.map(psth)).chain(lyapunov);
        let keys = [
            ("burst", map([("height", number(analysis.burst.height)), ("distance", number(analysis.burst.distance))])),
            ("psd_band", list(&analysis.psd_band)),
            ("states", optional(&analysis.states, states)),
            ("attractor", map([("bin", number(analysis.attractor.bin)), ("max", number(analysis.attractor.max))])),
        ];
        map(keys.into_iter().chain(responses))
    }

    /// Names of populations.
    fn names(&self, populations: &[usize]) -> Value {
        Value::Sequence(populations.iter().map(|&i| self.network.populations[i].name.as_str().into()).collect())
    }

    fn record(&self) -> Value {
        let traces = optional(&self.record.traces, |traces| {
            map([("members", traces.members.into()), ("every", number(traces.every))])
        });
        let spikes = optional(&self.record.spikes, |spikes| {
            map([("members", spikes.members.into()), ("from", number(spikes.from)), ("to", number(spikes.to))])
        });
        let neurons = self.record.neurons.as_ref().map(|neurons| {
            let Neurons { members, ref populations, count, from, to, every } = *neurons;
            let times = [("from", number(from)), ("to", number(to)), ("every", number(every))];
            let which =
                [("members", members.into()), ("populations", self.names(populations)), ("count", count.into())];
            ("neurons", map(which.into_iter().chain(times)))
        });
        let keys = [
            ("traces", traces),
            ("spikes", spikes),
            ("voltage", self.record.voltage.into()),
            ("attractor", self.record.attractor.into()),
        ];
        map(keys.into_iter().chain(neurons))
    }
}

fn continuation(continuation: &Continuation) -> Value {
    let start = |start: &Start| match *start {
        Start::Settled => "settled".into(),
        Start::Sweep => "sweep".into(),
        Start::Value(value) => map([("value", number(value))]),
        Start::Stored(branch, point) => map([("branch", branch.into()), ("point", point.into())]),
    };
    let keys = [
        ("parameter", continuation.parameter.path.as_str().into()),
        ("range", list(&continuation.range)),
        ("from", Value::Sequence(continuation.from.iter().map(start).collect())),
        ("at", list(&continuation.at)),
        ("doublings", continuation.doublings.into()),
        ("models", Value::Sequence(continuation.models.iter().map(model).collect())),
    ];
    let second = continuation.second.iter().flat_map(|second| {
        let place = map([("path", second.parameter.path.as_str().into()), ("range", list(&second.range))]);
        [("second", place), ("curves", Value::Sequence(second.curves.iter().map(word).collect()))]
    });
    map(keys.into_iter().chain(second))
}

fn population(population: &Population) -> Value {
    let drive = match &population.drive {
        Drive { kind: DriveKind::None, .. } => "none".into(),
        drive => map([("kind", word(&drive.kind)), ("weight", number(drive.weight)), ("rate", rate(&drive.rate))]),
    };
    let initial = match population.initial {
        Initial::Voltage(v) => map([("v", number(v))]),
        Initial::Between(low, high) => map([("uniform", list(&[low, high]))]),
        initial => word(&initial),
    };
    let leak = [("e_leak", number(population.e_leak)), ("tau_m", optional(&population.tau_m, |tau| number(*tau)))];
    let has_leak = matches!(population.neuron, Neuron::Lif | Neuron::Eif { .. });
    let before =
        [("size", population.size.into()), ("v_th", number(population.v_th)), ("v_reset", number(population.v_reset))];
    let keys = [
        ("tau_ref", number(population.tau_ref)),
        ("refractory", word(&population.refractory)),
        ("initial", initial),
        ("drive", drive),
        ("adaptation", optional(&population.adaptation, |a| map([("b", number(a.b)), ("tau", number(a.tau))]))),
    ];
    let leak = leak.into_iter().filter(|_| has_leak);
    let after = step(population.step).into_iter().chain(neuron(&population.neuron));
    map(before.into_iter().chain(leak).chain(keys).chain(after))
}

fn neuron(neuron: &Neuron) -> Option<(&'static str, Value)> {
    let nonlinear = match neuron {
        Neuron::Lif => return None,
        Neuron::Qif(coefficients) => ("qif", list(coefficients)),
        Neuron::Eif { v_t, delta_t } => ("eif", map([("v_t", number(*v_t)), ("delta_t", number(*delta_t))])),
        Neuron::Table(points) => ("table", rows(points)),
    };
    Some(("neuron", map([nonlinear])))
}

fn states(states: &TwoStates) -> Value {
    let TwoStates { low, high, smooth, minimum } = *states;
    let thresholds =
        if low == high { vec![("threshold", number(low))] } else { vec![("low", number(low)), ("high", number(high))] };
    map(thresholds.into_iter().chain([("smooth", number(smooth)), ("minimum", number(minimum))]))
}

fn rate(rate: &Rate) -> Value {
    match rate {
        Rate::Constant(rate) => number(*rate),
        Rate::Steps(table) => map([("steps", rows(table))]),
        Rate::Sinusoid { mean, amplitude, frequency, phase } => map([
            ("mean", number(*mean)),
            ("amplitude", number(*amplitude)),
            ("frequency", number(*frequency)),
            ("phase", number(*phase)),
        ]),
    }
}

fn projection(projection: &Projection, outside: bool) -> Value {
    let Synapse { kind, v_rev, v_norm } = &projection.synapse;
    let goes_without_saying = *kind == SynapseKind::Excitatory && v_rev.is_none();
    let v_rev = (!goes_without_saying).then(|| ("v_rev", optional(v_rev, |v_rev| number(*v_rev))));
    let v_norm = v_norm.map(|v_norm| ("v_norm", number(v_norm)));
    let sources = match projection.indegree {
        _ if outside => None,
        Some(k) => Some(("indegree", k.into())),
        None => Some(("p", number(projection.p))),
    };
    let delay = (!outside).then(|| ("delay", number(projection.delay)));
    let keys = [("s", number(projection.s)), ("tau", number(projection.tau))];
    let rise = projection.tau_rise.map(|tau| ("tau_rise", number(tau)));
    let keys = [("kind", word(kind))].into_iter().chain(sources).chain(keys).chain(rise);
    let after = [("decay", word(&projection.decay))].into_iter().chain(delay).chain(step(projection.step));
    map(keys.chain(v_rev).chain(v_norm).chain(after))
}

/// Keys that the first networks did not have are written where they say something.
fn step(step: Stepping) -> Option<(&'static str, Value)> {
    (step != Stepping::Euler).then(|| ("step", word(&step)))
}

fn model(model: &Variant) -> Value {
    let options = match model {
        Variant::Snn => return model.name().into(),
        Variant::Markov { closure } => map([("closure", word(closure))]),
        Variant::Dsode { closure, density, noise, bin, v_min, precision } => {
            let density = (*density != Density::Uniform).then(|| ("density", word(density)));
            let rest = [
                ("noise", word(noise)),
                ("bin", bin.map_or_else(|| "auto".into(), number)),
                ("v_min", v_min.map_or_else(|| "auto".into(), number)),
                ("precision", word(precision)),
            ];
            map([("closure", word(closure))].into_iter().chain(density).chain(rest))
        }
    };
    map([(model.name(), options)])
}

fn axis(axis: &Axis) -> Value {
    let parameters = axis.parameters.iter().map(|(parameter, values)| {
        let values = match *values {
            Values::List(ref values) => ("values", list(values)),
            Values::Linear { first, last, count } => ("linspace", spaced(first, last, count)),
            Values::Logarithmic { first, last, count } => ("logspace", spaced(first, last, count)),
        };
        map([("path", parameter.path.as_str().into()), values])
    });
    let mut parameters: Vec<Value> = parameters.collect();
    match axis.zipped {
        true => map([("zip", Value::Sequence(parameters))]),
        false => parameters.swap_remove(0),
    }
}

fn spaced(first: f64, last: f64, count: usize) -> Value {
    Value::Sequence(vec![number(first), number(last), count.into()])
}

fn rows(pairs: &[(f64, f64)]) -> Value {
    Value::Sequence(pairs.iter().map(|&(a, b)| list(&[a, b])).collect())
}

fn list(values: &[f64]) -> Value {
    Value::Sequence(values.iter().map(|&x| number(x)).collect())
}

fn map<K: Into<String>>(entries: impl IntoIterator<Item = (K, Value)>) -> Value {
    let entries = entries.into_iter().map(|(key, value)| (Value::String(key.into()), value));
    Value::Mapping(entries.collect::<Mapping>())
}

/// Words that YAML 1.1 reads as truth values, in any case, and that the writer, of YAML 1.2, leaves plain.
const TRUTHS: [&str; 6] = ["y", "n", "yes", "no", "on", "off"];

/// Names in quotes where another reader would take them for truth values (keys, items of lists) or numbers (the experiment's).
fn quoted(text: &str) -> String {
    let is_truth = |word: &str| TRUTHS.contains(&word.to_lowercase().as_str());
    let is_numeric = |word: &str| word.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    let lines = text.lines().map(|line| {
        let rest = line.trim_start_matches([' ', '-']);
        let indent = &line[..line.len() - rest.len()];
        match (line.strip_prefix("name: "), rest.strip_suffix(':')) {
            (Some(name), _) if is_truth(name) || is_numeric(name) => format!("name: '{name}'"),
            (_, Some(key)) if is_truth(key) => format!("{indent}'{key}':"),
            _ if indent.ends_with("- ") && is_truth(rest) => format!("{indent}'{rest}'"),
            _ => line.to_string(),
        }
    });
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

fn optional<T>(value: &Option<T>, write: impl Fn(&T) -> Value) -> Value {
    value.as_ref().map_or_else(|| "none".into(), write)
}

/// Whole numbers without a decimal point, as a person would write them.
fn number(x: f64) -> Value {
    if x.fract() == 0.0 && x.abs() < 1e15 { (x as i64).into() } else { x.into() }
}

/// The serialised name of an enum's variant.
fn word(variant: &impl Serialize) -> Value {
    // A unit variant serialises as its name, which cannot fail.
    serde_yaml::to_value(variant).expect("a unit variant")
}
