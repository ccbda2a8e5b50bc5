//! Do the models do on Brunel's network what an independent f64 implementation does (`data/family.json`)? Delta synapses that delay,
//! with a fixed in-degree or a probability, in the regimes of the phase diagram: rates, synchrony and, of networks, the spread
//! of intervals.
//!
//! Tolerance: 4 combined standard errors, of cv_isi no less than 1 %; half a per cent where neither side has one.
use rayon::prelude::*;
use serde_json::Value;
use snn_ensemble::config::load;
use snn_ensemble::ensemble::Ensemble;
use snn_ensemble::validate::against::recompute;

/// Realisations of what draws random numbers.
const REALISATIONS: u32 = 6;
/// Names of the numbers, there and in a run.
const STATISTICS: [(&str, &str); 5] =
    [("rate_E", "rate_E"), ("rate_I", "rate_I"), ("ssi_E", "ssi_E"), ("ssi_I", "ssi_I"), ("cv_E", "cv_isi_E")];

/// The config of a case, with one model.
fn config(case: &Value, model: &str) -> String {
    let (net, dsode) = (&case["net"], &case["dsode"]);
    let dt = net["dt"].as_f64().unwrap();
    let time = |steps: &str| case[steps].as_f64().unwrap() * dt;
    let (pops, projs) = (net["pops"].as_array().unwrap(), net["projs"].as_array().unwrap());
    let mut text = format!("name: family\nseed: 11\nrealisations: {REALISATIONS}\nconnectivity: quenched\n");
    text += &format!("time: {{dt: {dt}, duration: {}, discard: {}}}\n", time("steps"), time("discard_steps"));
    text += "populations:\n";
    for p in pops {
        let number = |key: &str| p[key].as_f64().unwrap();
        text += &format!(
            "  {}: {{size: {}, v_th: {}, v_reset: {}, e_leak: {}, tau_m: {}, tau_ref: {}, refractory: fixed, step: exact, \
             initial: {{v: {}}}, drive: {{kind: poisson, weight: {}, rate: {}}}}}\n",
            p["name"].as_str().unwrap(),
            number("N"),
            number("v_th"),
            number("v_reset"),
            number("e_leak"),
            number("tau_m"),
            number("tau_ref"),
            number("v_init"),
            number("w"),
            number("rate")
        );
    }
    text += "projections:\n";
    for j in projs {
        let name = |end: &str| pops[j[end].as_u64().unwrap() as usize]["name"].as_str().unwrap();
        let kind = if j["kind"] == "exc" { "excitatory" } else { "inhibitory" };
        let sources = j.get("K").map_or_else(|| format!("p: {}", j["p"]), |k| format!("indegree: {k}"));
        text += &format!(
            "  {}<-{}: {{kind: {kind}, {sources}, s: {}, tau: {}, delay: {}, v_rev: none}}\n",
            name("tgt"),
            name("src"),
            j["s"],
            j["tau"],
            j["delay"]
        );
    }
    let noise = if model.ends_with("finite_size") { "finite_size" } else { "none" };
    let of_dsode = format!("{{dsode: {{noise: {noise}, bin: {}, v_min: {}}}}}", dsode["bin"], dsode["v_min"]);
    let model = match model {
        "snn_quenched" => "snn",
        "markov" => "markov",
        "markov+coloured" => "{markov: {closure: coloured}}",
        _ => &of_dsode,
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

fn agree(name: &str) {
    let family: Value = serde_json::from_str(include_str!("data/family.json")).unwrap();
    let case = family["cases"].as_array().unwrap().iter().find(|case| case["name"] == name).unwrap();
    let mut far = vec![];
    for (model, theirs) in case["models"].as_object().unwrap() {
        for ((key, _), (ours, error)) in STATISTICS.into_iter().zip(summary(case, model)) {
            let Some(expected) = theirs.get(key) else { continue };
            let (mean, of_mean) = (expected[0].as_f64().unwrap(), expected[1].as_f64().unwrap_or(0.0));
            let least = if key == "cv_E" { 0.01 * mean } else { 0.0 };
            let tolerance = match error.hypot(of_mean) {
                0.0 => 0.005 * mean,
                error => (4.0 * error).max(least),
            };
            let line = format!("{name} {model}, {key}: {ours:.4} +- {error:.4}, {mean:.4} +- {of_mean:.4}");
            println!("{line}");
            if (ours - mean).abs() > tolerance || ours.is_nan() {
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
}
