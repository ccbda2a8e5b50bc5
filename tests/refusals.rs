//! What is refused before anything runs: what some model cannot compute, where another may.

use snn_ensemble::config;
use snn_ensemble::ensemble::Ensemble;

/// A neuron of many inputs has many random words a step, and 2^32 of them in all.
#[test]
fn runs_whose_random_numbers_would_repeat_are_refused() {
    let sources: String = (0..32).map(|i| format!("  S{i}: {{rate: 0.02}}\n")).collect();
    let projections: String = (0..32).map(|i| format!("  E<-S{i}: {{kind: excitatory, s: 1, tau: 0}}\n")).collect();
    let of = |duration: &str| {
        let text = format!(
            "name: long\ntime: {{dt: 0.1, duration: {duration}}}\npopulations:\n  E: {{size: 4, tau_ref: 2, tau_m: 20, drive: {{kind: poisson, \
             rate: 1, weight: 4}}}}\nsources:\n{sources}projections:\n{projections}models: [snn]\nrealisations: 1\n"
        );
        Ensemble::new(config::load(&text, "long.yaml", &[]).unwrap(), false).map(drop)
    };
    assert!(of("6710886.4").is_ok());
    let told = of("6710886.5").unwrap_err().to_string();
    assert!(
        told.contains("time.duration: found 6710886.5, which is 67108865 steps")
            && told.contains("at most 6710886.4 ms"),
        "{told}"
    );
}

/// `markov` takes the mean of a source, however many kicks a step has; `dsode` keeps what fired for a fixed time, within reason.
#[test]
fn what_one_model_cannot_do_another_may() {
    let of = |population: &str, model: &str| {
        let text = format!(
            "name: a\ntime: {{duration: 20}}\npopulations:\n  E: {{size: 10, {population}}}\nsources: {{x: {{rate: 5000}}}}\n\
             projections:\n  E<-x: {{kind: excitatory, s: 0.001, tau: 2}}\nmodels: [{model}]\nrealisations: 1\n"
        );
        Ensemble::new(config::load(&text, "a.yaml", &[]).unwrap(), false).map(drop).map_err(|error| error.to_string())
    };
    let usual = "tau_ref: 4, tau_m: 20";
    assert!(of(usual, "snn").unwrap_err().contains("sources.x.rate: 500 kicks per step"));
    assert_eq!(of(usual, "markov"), Ok(()));
    let long = "tau_ref: 1000000, tau_m: 20, refractory: fixed";
    assert!(of(long, "dsode").unwrap_err().contains("populations.E.tau_ref: found 1000000, 10000000 steps"));
    assert_eq!(of(long, "markov"), Ok(()));
}

/// Bins that are given are another number of them where the threshold is another one.
#[test]
fn sweeps_over_other_numbers_of_bins_are_refused_before_they_run() {
    let of = |models: &str, direction: &str| {
        let text = format!(
            "name: a\ntime: {{duration: 20}}\npopulations:\n  E: {{size: 10, tau_ref: 2, initial: carry}}\nmodels: {models}\n\
             scan: [{{path: populations.E.v_th, values: [100, 110, 120]}}]\nrealisations: 1\n\
             sweep: {{axis: populations.E.v_th, direction: {direction}}}\n"
        );
        Ensemble::new(config::load(&text, "a.yaml", &[]).unwrap(), false).unwrap().skipped
    };
    assert!(of("[snn, dsode]", "both").is_empty());
    let bins = "[snn, {dsode: {bin: 10, v_min: -40}}]";
    for (direction, left, pair) in [
        ("forward", vec![0], "[14] and [15]"),
        ("backward", vec![2], "[16] and [15]"),
        ("both", vec![0, 5], "[14] and [15]"),
    ] {
        let refused = of(bins, direction);
        let points = if direction == "both" { 6 } else { 3 };
        assert_eq!((0..points).filter(|&point| !refused.holds(1, point)).collect::<Vec<u32>>(), left, "{direction}");
        assert!((0..points).all(|point| !refused.holds(0, point)), "{direction}");
        assert!(refused.lines().iter().any(|line| line.contains(pair)), "{direction}: {:?}", refused.lines());
    }
}
