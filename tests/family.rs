//! Do the models do what an independent f64 implementation does (`data/family.json`)? Brunel's network, of delta synapses that delay,
//! with a fixed in-degree or a probability, in the regimes of its phase diagram; networks of exponential currents, of both decays,
//! that Poisson sources drive: rates, synchrony and, of networks, the spread of intervals.
//!
//! Tolerance: 4 combined standard errors, of cv_isi no less than 1 %; half a per cent where there is no noise.
use rayon::prelude::*;
use serde_json::Value;
use snn_ensemble::config::load;
use snn_ensemble::ensemble::Ensemble;
use snn_ensemble::validate::against::recompute;
use std::fmt::Write;

/// Names of the numbers, there and in a run.
const STATISTICS: [(&str, &str); 5] =
    [("rate_E", "rate_E"), ("rate_I", "rate_I"), ("ssi_E", "ssi_E"), ("ssi_I", "ssi_I"), ("cv_E", "cv_isi_E")];

fn list<'a>(case: &'a Value, key: &str) -> &'a [Value] {
    case[key].as_array().unwrap()
}

/// Realisations of what draws random numbers.
fn realisations(case: &Value) -> u32 {
    if case["pops"][0]["N"].as_u64() > Some(1000) { 2 } else { 6 }
}

/// The config of a case, with one model, named as there: `snn_` and its wiring or drive, or a reduction and its options.
fn config(case: &Value, model: &str) -> String {
    let time = |steps: &str| case[steps].as_f64().unwrap() * case["dt"].as_f64().unwrap();
    let is_annealed = model.contains("annealed");
    let mut text = format!("name: family\nseed: 11\nrealisations: {}\n", realisations(case));
    let _ = writeln!(text, "connectivity: {}", if is_annealed { "annealed" } else { "quenched" });
    let _ = writeln!(
        text,
        "time: {{dt: {}, duration: {}, discard: {}}}\npopulations:",
        case["dt"],
        time("steps"),
        time("discard_steps")
    );
    for p in list(case, "pops") {
        let kind = if model.contains("gaussian") { "gaussian" } else { "poisson" };
        let drive = match p["drive"].as_str() {
            Some("none") => "none".to_string(),
            _ => format!("{{kind: {kind}, weight: {}, rate: {}}}", p["w"], p["rate"]),
        };
        let initial = match case.get("v_init") {
            Some(range) => format!("uniform: {range}"),
            None => format!("v: {}", p["v_init"]),
        };
        let _ = writeln!(
            text,
            "  {}: {{size: {}, v_th: {}, v_reset: {}, e_leak: {}, tau_m: {}, tau_ref: {}, refractory: fixed, step: exact, \
             initial: {{{initial}}}, drive: {drive}}}",
            p["name"].as_str().unwrap(),
            p["N"],
            p["v_th"],
            p["v_reset"],
            p["e_leak"],
            p["tau_m"],
            p["tau_ref"],
        );
    }
    let (mut sources, mut projections) = (String::new(), String::new());
    for j in list(case, "projs") {
        let population = |end: &str| &case["pops"][j[end].as_u64().unwrap() as usize];
        let target = population("tgt")["name"].as_str().unwrap();
        let kind = if j["kind"] == "exc" { "excitatory" } else { "inhibitory" };
        let (source, from) = match j.get("rate") {
            Some(rate) => {
                let _ = writeln!(sources, "  X{target}: {{rate: {rate}}}");
                (format!("X{target}"), String::new())
            }
            None => {
                let wiring = match (j.get("K"), is_annealed) {
                    (Some(k), false) => format!("indegree: {k}"),
                    (Some(k), true) => {
                        format!("p: {}", k.as_f64().unwrap() / population("src")["N"].as_f64().unwrap())
                    }
                    (None, _) => format!("p: {}", j["p"]),
                };
                (population("src")["name"].as_str().unwrap().into(), format!("{wiring}, delay: {}, ", j["delay"]))
            }
        };
        let word = |key: &str, default: &str| j.get(key).and_then(Value::as_str).unwrap_or(default).to_string();
        let (decay, step) = (word("decay", "stochastic"), word("flow", "euler"));
        let _ = writeln!(
            projections,
            "  {target}<-{source}: {{kind: {kind}, {from}s: {}, tau: {}, v_rev: none, decay: {decay}, step: {step}}}",
            j["s"], j["tau"]
        );
    }
    if !sources.is_empty() {
        let _ = write!(text, "sources:\n{sources}");
    }
    let _ = write!(text, "projections:\n{projections}");
    let closure = if model.contains("coloured") { "coloured" } else { "white" };
    let noise = if model.contains("finite_size") { "finite_size" } else { "none" };
    let (bin, v_min) = (&case["dsode"]["bin"], &case["dsode"]["v_min"]);
    let model = match model.split(['+', '_']).next().unwrap() {
        "markov" => format!("{{markov: {{closure: {closure}}}}}"),
        "dsode" => format!("{{dsode: {{closure: {closure}, noise: {noise}, bin: {bin}, v_min: {v_min}}}}}"),
        snn => snn.into(),
    };
    text + &format!("models: [{model}]\n")
}

/// Mean and standard error of every statistic of a case's model.
fn summary(case: &Value, model: &str) -> Vec<(f64, f64)> {
    let experiment = load(&config(case, model), "family.yaml", &[]).unwrap_or_else(|e| panic!("{e}"));
    let ensemble = Ensemble::new(experiment, false).unwrap();
    let at_point = ensemble.at_point(0, 0).unwrap();
    let members = (0..ensemble.realisations(0)).into_par_iter();
    let members: Vec<_> = members.map(|r| recompute(&ensemble, &at_point, r).unwrap().statistics.values).collect();
    let of = |(_, name): (&str, &str)| {
        let at = ensemble.schema.statistics.iter().position(|known| known == name).unwrap();
        let values: Vec<f64> = members.iter().map(|values| values[at].unwrap_or(f64::NAN)).collect();
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
        (mean, (variance / n).sqrt())
    };
    STATISTICS.map(of).to_vec()
}

/// How far apart two means may be: ours of `members` with its error, theirs of `n` seeds with its own, or of one without. Members
/// scatter alike there and here, so that the larger scatter stands for both: that of two or three is no measure.
fn tolerance(key: &str, members: u32, error: f64, (mean, of_mean): (f64, Option<f64>), n: u64) -> f64 {
    let (ours, theirs) = (f64::from(members), n as f64);
    let scatter = (error * ours.sqrt()).max(of_mean.unwrap_or(0.0) * theirs.sqrt());
    let share = match key {
        "cv_E" => 0.01,
        _ if scatter == 0.0 => 0.005,
        _ => 0.0,
    };
    (4.0 * scatter * (1.0 / ours + 1.0 / theirs).sqrt()).max(share * mean)
}

fn agree(name: &str) {
    let family: Value = serde_json::from_str(include_str!("data/family.json")).unwrap();
    let case = list(&family, "cases").iter().find(|case| case["name"] == name).unwrap();
    let mut far = vec![];
    for (model, theirs) in case["models"].as_object().unwrap() {
        for ((key, _), (ours, error)) in STATISTICS.into_iter().zip(summary(case, model)) {
            let Some(expected) = theirs.get(key) else { continue };
            let (mean, of_mean) = (expected[0].as_f64().unwrap(), expected[1].as_f64());
            let line = format!("{name} {model}, {key}: {ours:.4} +- {error:.4}, {mean:.4} +- {of_mean:?}");
            println!("{line}");
            let allowed = tolerance(key, realisations(case), error, (mean, of_mean), theirs["n"].as_u64().unwrap());
            if (ours - mean).abs() > allowed || ours.is_nan() {
                far.push(line);
            }
        }
    }
    assert!(far.is_empty(), "beyond 4 combined standard errors: {far:#?}");
}

macro_rules! agree {
    ($($name:ident: $case:expr;)*) => { $(
        #[test]
        fn $name() {
            agree($case);
        }
    )* };
}

agree! {
    synchronous_regular: "brunel_small_SR_indegree";
    synchronous_regular_with_a_probability: "brunel_small_SR_bernoulli";
    synchronous_irregular_fast_with_a_probability: "brunel_small_SI_fast_bernoulli";
    asynchronous_irregular: "brunel_small_AI_indegree";
    synchronous_irregular_slow: "brunel_small_SI_slow_indegree";
    inhibition_2_5_times_as_strong_as_excitation: "brunel_small_g2.5_indegree";
    inhibition_4_times_as_strong: "brunel_small_g4.0_indegree";
    synchronous_regular_of_5000: "brunel_5000_SR_indegree";
    synchronous_irregular_fast_of_5000: "brunel_5000_SI_fast_indegree";
    exponential_currents: "exp_deterministic";
    exponential_currents_of_kicks_that_die: "exp_stochastic";
}
