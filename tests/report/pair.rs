//! Are two result directories laid side by side, on the same axes?

use super::support::{Case, write};
use super::{SCAN, bare};
use serde_json::Value;
use snn_ensemble::report::pair;
use std::fs;
use std::path::Path;

const FIRST: &str =
    "models: [snn, dsode]\nscan: [{path: projections.E<-I.p, linspace: [0.5, 1.0, 4]}]\nrealisations: 4";
const SECOND: &str =
    "models: [snn, markov]\nscan: [{path: projections.E<-I.p, linspace: [0.5, 1.0, 4]}]\nrealisations: 9";

#[test]
fn directories_with_nothing_in_common_say_so() {
    let only = |name: &'static str, yaml: &'static str| write(&Case { name, yaml, validated: false, ..SCAN });
    let first = only("apart_first", "models: [snn]\nrealisations: 3");
    let second = only("apart_second", "models: [markov]\nrealisations: 3");
    let out = second.join("comparison.html");
    let told = pair::write(&first, &second, &out).unwrap_or_else(|e| panic!("{e}")).findings;
    assert_eq!(
        told[0].to_string(),
        "apart_first and apart_second have no point of a model in common: nothing is compared."
    );
}

/// A cut and a plane have the points of the cut in common: what one of them does not scan stands in its config.
#[test]
fn points_are_alike_by_all_that_either_scans() {
    let only = |name: &'static str, yaml: &'static str| write(&Case { name, yaml, validated: false, ..SCAN });
    let cut = only("cut", FIRST);
    let plane = "models: [snn]\nrealisations: 4\nscan:\n  - {path: projections.E<-I.tau, values: [2, 4.5]}\n  \
                 - {path: projections.E<-I.p, linspace: [0.5, 1.0, 4]}";
    let elsewhere = plane.replace("4.5", "4");
    let (plane, elsewhere) = (only("plane", plane), only("elsewhere", elsewhere.leak()));
    let told = |a: &Path, b: &Path| {
        let written = pair::write(a, b, &b.join("comparison.html")).unwrap_or_else(|e| panic!("{e}"));
        written.findings[0].to_string()
    };
    for (a, b) in [(&cut, &plane), (&plane, &cut)] {
        let told = told(a, b);
        assert!(told.starts_with("snn of ") && told.contains("/4 points within the uncertainty"), "{told}");
    }
    assert!(told(&cut, &elsewhere).contains("have no point of a model in common"));
}

#[test]
fn two_directories_stand_side_by_side() {
    let first = write(&Case { name: "pair_first", yaml: FIRST, validated: false, ..SCAN });
    let second = write(&Case { name: "pair_second", yaml: SECOND, validated: false, ..SCAN });
    let out = second.join("comparison.html");
    let told = pair::write(&first, &second, &out).unwrap_or_else(|e| panic!("{e}")).findings;
    // the only model that both have, then those of either
    let models: Vec<&str> = told.iter().map(|finding| finding.model.as_str()).collect();
    let expected = ["snn", "pair_first: snn", "pair_first: dsode", "pair_second: snn", "pair_second: markov"];
    assert_eq!(models, expected);
    assert!(
        told[0].to_string().starts_with("snn of pair_second differs from that of pair_first in the rate of E by "),
        "{}",
        told[0]
    );
    let page = fs::read_to_string(&out).unwrap();
    assert!(bare(&page).contains("<th scope=\"row\">realisations</th><td>4</td><td>9</td>"), "no setting");
    // figures follow what differs in the configs; the long tables are folded away
    let place = |id: &str| page.find(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("no {id}"));
    assert!(place("settings") < place("along-p-of-e-i") && place("along-p-of-e-i") < place("differences"));
    let quoted: Vec<&str> = page.split("<b data-table=\"").skip(1).map(|of| of.split('"').next().unwrap()).collect();
    assert!(
        ["table-a-", "table-b-"].iter().all(|side| quoted.iter().any(|table| table.starts_with(side))),
        "{quoted:?}"
    );
    quoted.into_iter().for_each(|table| assert!(place(table) > 0));
    let data = page.split_once("<script id=\"data\" type=\"application/json\">").unwrap().1;
    let data: Value = serde_json::from_str(data.split_once("</script>").unwrap().0).unwrap();
    let [a, b] = ["a", "b"].map(|side| &data["figures"][format!("{side}-rate-e-p-of-e-i")]);
    assert_eq!(a["title"], "pair_first: rate of E");
    assert_eq!(b["title"], "pair_second: rate of E");
    for axis in ["x", "y"] {
        let range = &a["panels"][0][axis]["range"];
        assert!(range.is_array() && *range == b["panels"][0][axis]["range"], "{axis}: {range}");
    }
}
