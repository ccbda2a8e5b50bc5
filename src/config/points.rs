//! What concerns the scan as a whole: every point goes together, and the sweep runs along one of its axes.

use super::check::{Rules, Scope, carrying, check};
use super::error::Problem;
use super::experiment::Sweep;
use super::position::Position;
use super::scan::Scan;
use super::section::{Report, Section};
use crate::model::Network;
use std::collections::{HashMap, HashSet};

/// Checks every point of the scan, without storing any; reports each path at the first point where it is wrong.
pub(super) fn check_points(
    scan: &Scan,
    network: &Network,
    rules: &Rules,
    places: &HashMap<String, Position>,
    report: &mut Report,
) {
    let scope = Scope::of(network, scan.parameters().map(|(parameter, _)| parameter));
    let mut seen: HashSet<String> = report.errors.iter().map(|error| error.key.clone()).collect();
    let mut scratch = network.clone();
    let scan = scan.tabulated();
    for point in 0..scan.points() {
        scan.apply(point, &mut scratch);
        check(&scratch, rules, &scope, &mut |path, problem| {
            if !seen.insert(path.clone()) {
                return;
            }
            let owner = path.rsplit_once('.').map_or(path.as_str(), |(owner, _)| owner);
            let is_of_owner =
                |moved: &&str| moved.strip_prefix(owner).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
            let moved = scan.paths().find(is_of_owner).or_else(|| scan.paths().next());
            let Some(at) = moved.and_then(|moved| places.get(moved)) else { return };
            let coordinates = scan.paths().map(str::to_string).zip(scan.coordinates(point)).collect();
            report.add(at, &path, Problem::AtPoint { point, coordinates, problem: Box::new(problem) });
        });
    }
}

/// The sweep: its axis is one of the scan's, some population carries its state, and no size changes on the way.
pub(super) fn sweep(
    root: &Section,
    scan: &Scan,
    network: &Network,
    places: &HashMap<String, Position>,
    report: &mut Report,
) -> Option<Sweep> {
    let Some(section) = root.optional_section(report, "sweep") else {
        if let Some(population) = carrying(network) {
            let problem = Problem::fixable("carry without a sweep", "carry along a sweep", "add sweep: {axis: ...}");
            root.fail_at(report, &format!("populations.{}.initial", population.name), problem);
        }
        return None;
    };
    let axis = section.text(report, "axis");
    let direction = section.word(report, "direction");
    let swept = scan.axes.iter().find(|candidate| candidate.parameters.iter().any(|(p, _)| p.path == axis));
    match swept {
        // An axis whose values are wrong has been reported there.
        None if axis.is_empty() || places.contains_key(axis) => {}
        None => {
            let words: Vec<&str> = scan.paths().collect();
            let problem = match words.as_slice() {
                [] => Problem::value(axis, "an axis of the scan, which has none"),
                words => Problem::unknown_word(axis.into(), words, axis),
            };
            section.fail(report, "axis", problem);
        }
        Some(swept) => {
            if let Some((moved, _)) = swept.parameters.iter().find(|(p, _)| p.path.ends_with(".size")) {
                let problem =
                    Problem::value(format!("an axis that moves {}", moved.path), "an axis that keeps all sizes");
                section.fail(report, "axis", problem);
            }
        }
    }
    if carrying(network).is_none() {
        let fix = "set initial: carry in a population, or remove the sweep";
        let problem = Problem::fixable("a sweep without initial: carry", "a population that carries its state", fix);
        root.fail(report, "sweep", problem);
    }
    Some(Sweep { axis: axis.into(), direction })
}
