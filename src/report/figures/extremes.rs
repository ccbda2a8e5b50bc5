//! Tables of what a scan moves each statistic between, where bursts alternate, and where both directions of a sweep differ.

use crate::report::findings::kind::Kind;
use crate::report::findings::{extremes, hysteresis, transitions};
use crate::report::read::Results;
use crate::report::section::Section;

pub const HYSTERESIS: &str = "hysteresis";

pub fn sections(results: &Results) -> Vec<Section> {
    let kind = Kind::of(results);
    let mut range = Section { id: "extremes".into(), title: "Extremes".into(), ..Section::default() };
    let mut folds = Section { id: HYSTERESIS.into(), title: "Fold points".into(), ..Section::default() };
    if kind != Kind::Point {
        range.tables = extremes::views(results);
        range.tables.extend(extremes::alternation(results));
        range.tables.extend(transitions::view(results));
    }
    if kind == Kind::Sweep {
        folds.tables.extend(hysteresis::view(results));
    }
    vec![folds, range]
}
