//! Ensembles that end where they are precise.

use crate::support::*;
use std::collections::HashMap;
use std::fs;

#[test]
fn adaptive_ensembles_stop_where_they_are_precise() {
    let folder = folder(CONFIG);
    let directory = folder.path();
    let rule = "realisations={min: 2, max: 16, until: {rate_E: {rel_ci95: 0.2}}}";
    let more = ["--set", rule, "--set", "models=[snn, dsode]"];
    done(directory, &cpu("whole", &more));
    for (part, shard) in [("a", "1/2"), ("b", "2/2")] {
        done(directory, &cpu(part, &[&more[..], &["--shard", shard]].concat()));
    }
    done(directory, &["merge", "merged", "a", "b"]);
    same(directory, "whole", "merged");
    let mut reader = csv::Reader::from_path(directory.join("whole/points.csv")).unwrap();
    let headers = reader.headers().unwrap().clone();
    let at = |name: &str| headers.iter().position(|h| h == name).unwrap();
    let (model, n) = (at("model"), at("n"));
    let (mean, low, high) = (at("rate_E_mean"), at("rate_E_ci95_low"), at("rate_E_ci95_high"));
    let mut counts = std::collections::BTreeSet::new();
    for row in reader.records().map(Result::unwrap).filter(|row| &row[model] == "snn") {
        let number = |i: usize| row[i].parse::<f64>().unwrap();
        let members = number(n) as u32;
        assert!([2, 4, 8, 16].contains(&members), "{members} members");
        let precise = 0.5 * (number(high) - number(low)) <= 0.2 * number(mean);
        assert!(precise || members == 16, "stopped at {members}");
        counts.insert(members);
    }
    assert!(counts.len() > 1 || counts.contains(&16), "the rule never asked for more: {counts:?}");
}

/// Silent members say nothing of how much others vary, and a statistic that no member has can never be precise: the table says
/// which of the two ended a point, and how many members it took.
#[test]
fn adaptive_ensembles_say_why_they_ended() {
    let folder = folder(CONFIG);
    let directory = folder.path();
    let silent =
        ["--set", "models=[snn, dsode]", "--set", "populations.E.drive.rate=0", "--set", "populations.I.drive.rate=0"];
    let silent = [&silent[..], &["--set", "scan=[]"]].concat();
    let ended = |out: &str, more: &[&str]| {
        done(directory, &cpu(out, more));
        let mut reader = csv::Reader::from_path(directory.join(out).join("points.csv")).unwrap();
        let rows: Vec<HashMap<String, String>> = reader.deserialize().map(Result::unwrap).collect();
        let of = |model: &'static str| rows.iter().filter(move |row| row["model"] == model);
        assert!(of("dsode").all(|row| (&row["precision"][..], &row["n"][..]) == ("", "1")));
        of("snn").map(|row| (row["n"].parse().unwrap(), row["precision"].clone())).collect::<Vec<(u32, String)>>()
    };
    let rule = |rule: &str| format!("realisations={{min: 2, max: 100, until: {{{rule}}}}}");
    let (rate, cv) = ("rate_E: {rel_ci95: 0.1}", "cv_isi_E: {rel_ci95: 0.1}");
    // 3/0.1 silent members are enough: the first test with as many is that of 32
    let cases = [("rate", rule(rate)), ("cv", rule(cv)), ("both", rule(&format!("{rate}, {cv}")))];
    let [of_rate, of_cv, of_both] = cases.map(|(out, rule)| ended(out, &[&silent[..], &["--set", &rule]].concat()));
    assert_eq!(of_rate, [(32, "rate_E equal in all members".to_string())]);
    assert_eq!(of_cv, [(2, "cv_isi_E undefined".to_string())]);
    assert_eq!(of_both, [(32, "cv_isi_E undefined; rate_E equal in all members".to_string())]);
    // and with fewer than that as the maximum, it is not reached
    let few = "realisations={min: 2, max: 5, until: {rate_E: {rel_ci95: 0.1}}}";
    assert_eq!(ended("few", &[&silent[..], &["--set", few]].concat()), [(5, "rate_E not reached".to_string())]);
    let loose = "realisations={min: 2, max: 5, until: {rate_E: {rel_ci95: 1}}}";
    let firing = ended("firing", &["--set", loose, "--set", "models=[snn, dsode]"]);
    assert!(firing.iter().any(|row| row.1 == "reached"), "{firing:?}");
    // a fixed ensemble asks for nothing
    done(directory, &cpu("fixed", &["--set", "models=[dsode]", "--set", "record.neurons=none", "--set", "scan=[]"]));
    assert!(!fs::read_to_string(directory.join("fixed/points.csv")).unwrap().contains("precision"));
}
