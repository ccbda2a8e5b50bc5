//! What `validate` found: the same members on the CPU and the GPU, compared check by check.

use crate::report::read::Results;
use crate::report::section::Section;
use crate::report::table::{Cell, TableView, Verdict};
use crate::validate::Validation;

pub fn section(results: &Results) -> Option<Section> {
    let validation = results.validation.as_ref()?;
    let Validation { verdict, command, version, checks, .. } = validation;
    let [here, other] = validation.sides();
    let verdict = verdict.name();
    let failed = checks.iter().filter(|check| !check.ok).count();
    let counts = match failed {
        0 => format!("all {} checks passed", checks.len()),
        _ => format!("{failed} of {} checks failed", checks.len()),
    };
    let text = format!("{here} and {other} are {verdict}: {counts}.\nsnn-ensemble {version}: {command}");
    let header = ["model", "compared", "at", "members", "numbers", "largest error", "tolerance", "where", "verdict"];
    let rows = checks.iter().map(|check| {
        let name = results.scan.name(check.point);
        let verdict = if check.ok { Verdict::Within } else { Verdict::Outside };
        vec![
            Cell::from(check.model.as_str()),
            Cell::from(check.tier.name()),
            Cell::from(match name.as_str() {
                "" if results.scan.points.contains_key(&check.point) => "the only point",
                "" => "a point of another scan",
                name => name,
            }),
            Cell::from(check.members.to_string()),
            Cell::from(check.compared.to_string()),
            Cell::from(number(check.largest_error)),
            Cell::from(check.tolerance.map_or("exact".into(), |x| format!("{x:.1e} {}", check.tier.unit()))),
            Cell::from(check.location.as_str()),
            Cell { verdict, ..Cell::from(check.verdict().name()) },
        ]
    });
    let table = TableView {
        id: "validation".into(),
        caption: "Spike counts are compared exactly; errors have the unit of their tolerance.".into(),
        header: header.map(String::from).into(),
        rows: rows.collect(),
    };
    let title = format!("Validation: {verdict}");
    Some(Section { id: "validation".into(), title, text, tables: vec![table], ..Section::default() })
}

/// "3.1e-5"; what is exact has neither error nor tolerance.
fn number(x: Option<f64>) -> String {
    x.map_or("exact".into(), |x| if x == 0.0 { "0".into() } else { format!("{x:.1e}") })
}
