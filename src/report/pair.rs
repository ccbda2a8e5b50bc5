//! Two result directories side by side: two closures, two versions, two machines. What differs comes first, then each figure of one
//! beside that of the other, on common axes.

use super::error::ReportError;
use super::figure::Figure;
use super::figures::difference_tables;
use super::findings::{Finding, Part, Quote, difference, findings};
use super::html::{self, Folded, Page};
use super::mark::Mark;
use super::read::Results;
use super::section::Section;
use super::table::{Cell, TableView};
use super::{Written, head, sections, svg};
use crate::model::Variant;
use crate::results::AtomicFile;
use serde_yaml::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

/// One of both.
struct Side {
    name: String,
    /// What its figures and tables begin with.
    letter: char,
    results: Results,
    /// The resolved config, by paths.
    config: BTreeMap<String, String>,
    sections: Vec<Section>,
}

impl Side {
    fn read(directory: &Path, name: String, letter: char) -> Result<Side, ReportError> {
        let (results, sections) = sections(directory)?;
        let yaml = serde_yaml::from_str(&results.experiment.to_yaml()).unwrap_or(Value::Null);
        let mut config = BTreeMap::new();
        flatten(&yaml, String::new(), &mut config);
        Ok(Side { name, letter, results, config, sections })
    }
}

/// Writes a page on both directories.
pub fn write(first: &Path, second: &Path, out: &Path) -> Result<Written, ReportError> {
    let [a, b] = names(first, second);
    let (a, b) = (Side::read(first, a, 'a')?, Side::read(second, b, 'b')?);
    let differences = differences(&a, &b);
    let mut told = of_models(&a, &b, &differences);
    if differences.tables.iter().all(|table| table.rows.is_empty()) {
        let parts = vec![Part::Text("have no point of a model in common: nothing is compared.".into())];
        told.push(Finding { model: format!("{} and {}", a.name, b.name), parts });
    }
    for side in [&a, &b] {
        told.extend(findings(&side.results, &side.sections).into_iter().map(|finding| Finding {
            model: format!("{}: {}", side.name, finding.model),
            parts: renamed(finding.parts, side),
        }));
    }
    let settings = Section {
        id: "settings".into(),
        title: "What differs in configs and runs".into(),
        tables: vec![settings(&a, &b)],
        key: true,
        ..Section::default()
    };
    let mut all = vec![settings, differences];
    all.extend(merged(&a, &b));
    let network = |side: &Side, id: &str| Folded {
        id: id.into(),
        title: format!("Network, parameters and provenance of {}", side.name),
        content: html::network(&side.results),
    };
    let page = Page {
        title: format!("{} and {}", a.name, b.name),
        question: None,
        findings: &told,
        sections: &all,
        points: &Default::default(),
        first: vec![network(&a, "network"), network(&b, "network-2")],
    };
    AtomicFile::write_all(out, page.html().as_bytes())?;
    Ok(Written { path: out.to_path_buf(), findings: told, rows: vec![] })
}

/// The directories by as much of their paths as tells them apart.
fn names(a: &Path, b: &Path) -> [String; 2] {
    let last = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    match (last(a), last(b)) {
        (Some(a), Some(b)) if a != b => [a, b],
        _ => [a, b].map(|path| path.display().to_string()),
    }
}

/// Name of a figure or a table of one side on the common page.
fn own(side: &Side, name: &str) -> String {
    format!("{}-{name}", side.letter)
}

/// Quoted from the tables of one side under their names on the common page.
fn renamed(parts: Vec<Part>, side: &Side) -> Vec<Part> {
    let of = |part| match part {
        Part::Quote(quote) => Part::Quote(Quote { table: own(side, &quote.table), ..quote }),
        text => text,
    };
    parts.into_iter().map(of).collect()
}

/// Whether realisations of the same number share their random numbers.
fn of_one_seed(a: &Side, b: &Side) -> bool {
    a.results.experiment.seed == b.results.experiment.seed
}

/// What differs of every statistic of models that both have, at points that both have.
fn differences(a: &Side, b: &Side) -> Section {
    let mut section = Section {
        id: "differences".into(),
        title: format!("{} less {}", b.name, a.name),
        text: format!(
            "Relative to {}, or in the unit of the statistic where that is not told from 0; intervals by Student's t of {}.",
            a.name,
            if of_one_seed(a, b) { "realisations of the same number" } else { "independent realisations" }
        ),
        ..Section::default()
    };
    let at = points_of_both(a, b);
    let model = |label: &str| b.results.models.iter().position(|model| model.label == label);
    let models: Vec<(usize, usize)> =
        a.results.models.iter().enumerate().filter_map(|(m, of)| Some((m, model(&of.label)?))).collect();
    let rows = a.results.statistics.iter().enumerate().filter_map(|(i, column)| {
        let other = b.results.statistics.iter().position(|other| other.name == column.name)?;
        let of_model = |&(m, n): &(usize, usize)| {
            let deviation = |&point: &u32| {
                let reference = a.results.measured(m, point, i)?;
                let measured = b.results.measured(n, *at.get(&point)?, other)?;
                let measured = if of_one_seed(a, b) { measured } else { measured.apart() };
                Some((point, column.deviation(&measured, &reference)?))
            };
            a.results.scan.points.keys().filter_map(deviation).collect()
        };
        Some((column, models.iter().map(of_model).collect::<Vec<Vec<_>>>()))
    });
    let labels = models.iter().map(|&(m, _)| a.results.models[m].label.clone()).collect();
    section.tables = difference_tables(&a.results, rows.collect(), labels);
    section
}

/// Keys of the configs, and facts of the runs, that are not the same.
fn settings(a: &Side, b: &Side) -> TableView {
    let facts = |side: &Side| {
        let mut facts = side.config.clone();
        // by what they are called: of other lists the places tell nothing
        facts.retain(|key, _| key != "models" && !key.starts_with("models."));
        let labels: Vec<String> = side.results.experiment.models.iter().map(Variant::label).collect();
        facts.insert("models".into(), labels.join(", "));
        let known = ["Program", "Device", "Members", "Throughput"];
        let of_run = head::provenance(&side.results).into_iter().filter(|(key, _)| known.contains(key));
        facts.extend(of_run.map(|(key, value)| (key.to_string(), value)));
        facts
    };
    let (of_a, of_b) = (facts(a), facts(b));
    let keys: BTreeSet<&String> = of_a.keys().chain(of_b.keys()).collect();
    let value = |facts: &BTreeMap<String, String>, key: &String| Cell::from(facts.get(key).cloned());
    let rows = keys.into_iter().filter(|key| of_a.get(*key) != of_b.get(*key));
    let rows = rows.map(|key| (key.clone(), vec![value(&of_a, key), value(&of_b, key)]));
    let caption = "Settings by their paths, and facts of the runs.".into();
    TableView::named("settings", caption, "key", [a.name.clone(), b.name.clone()], rows)
}

/// The point of the second directory for each of the first: where all parameters have one value that either scans. What a directory does
/// not scan it has from its config.
fn points_of_both(a: &Side, b: &Side) -> HashMap<u32, u32> {
    let scanned = [a, b].into_iter().flat_map(|side| side.results.scan.axes.iter().map(|(path, _)| path));
    let paths: BTreeSet<&String> = scanned.collect();
    let places = |side: &Side| -> HashMap<Vec<String>, u32> {
        let Side { results: Results { scan, .. }, config, .. } = side;
        let value = |point: u32, path: &String| match scan.axes.iter().position(|(axis, _)| axis == path) {
            Some(axis) => Some(scan.points[&point].get(axis)?.to_string()),
            None => config.get(path).map(|text| text.parse::<f64>().map_or_else(|_| text.clone(), |x| x.to_string())),
        };
        let place = |&point: &u32| Some((paths.iter().map(|path| value(point, path)).collect::<Option<_>>()?, point));
        scan.points.keys().filter_map(place).collect()
    };
    let of_b = places(b);
    places(a).into_iter().filter_map(|(place, point)| Some((point, *of_b.get(&place)?))).collect()
}

/// Values by their paths.
fn flatten(value: &Value, path: String, into: &mut BTreeMap<String, String>) {
    let below = |key: String| if path.is_empty() { key } else { format!("{path}.{key}") };
    let text = |value: &Value| serde_yaml::to_string(value).unwrap_or_default().trim().to_string();
    match value {
        Value::Mapping(map) => map.iter().for_each(|(key, value)| flatten(value, below(text(key)), into)),
        Value::Sequence(items) => {
            items.iter().enumerate().for_each(|(i, value)| flatten(value, below(i.to_string()), into));
        }
        value => {
            into.insert(path, text(value));
        }
    }
}

/// "snn of new differs from that of old in the rate of E by 0.31 % (median; 40/51 points within the uncertainty; largest +1.2 % at p = 0.9)".
fn of_models(a: &Side, b: &Side, differences: &Section) -> Vec<Finding> {
    let labels = a.results.models.iter().map(|model| &model.label);
    labels.filter_map(|label| difference(&a.results, &differences.tables, label, [&a.name, &b.name])).collect()
}

/// Every section of either, each figure beside the other's of the same name and choice.
fn merged(a: &Side, b: &Side) -> Vec<Section> {
    let of = |side: &'_ Side, id: &str| side.sections.iter().position(|section| section.id == id);
    let mut ids: Vec<&String> = a.sections.iter().map(|section| &section.id).collect();
    ids.extend(b.sections.iter().map(|section| &section.id).filter(|id| of(a, id).is_none()));
    let section = |id: &String| {
        let both = [(a, of(a, id)), (b, of(b, id))];
        let both = both.map(|(side, place)| place.map(|place| (side, &side.sections[place])));
        beside(both)
    };
    ids.into_iter().filter_map(section).collect()
}

fn beside(both: [Option<(&Side, &Section)>; 2]) -> Option<Section> {
    let present: Vec<(&Side, &Section)> = both.into_iter().flatten().collect();
    let (_, first) = *present.first()?;
    let mut section = Section {
        places: vec![],
        points: vec![],
        choices: vec![],
        figures: vec![],
        tables: vec![],
        columns: 2,
        ..first.clone()
    };
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let mut groups: Vec<(String, Option<usize>, Vec<Figure>)> = Vec::new();
    for &(side, of) in &present {
        for figure in &of.figures {
            let choice = figure.choice.map(|choice| {
                let name = of.choice_name(choice);
                *numbers.entry(name.clone()).or_insert_with(|| {
                    section.choices.push(name);
                    section.choices.len() - 1
                })
            });
            let stem = &figure.stem;
            let id = choice.map_or(own(side, stem), |choice| format!("{}-{choice}", own(side, stem)));
            let mut copy =
                Figure { id, slot: own(side, &figure.slot), choice, ..figure.clone() }.in_row(figure.slot.clone());
            copy.title = format!("{}: {}", side.name, figure.title);
            match groups.iter_mut().find(|(other, at, _)| other == stem && *at == choice) {
                Some((.., group)) => group.push(copy),
                None => groups.push((stem.clone(), choice, vec![copy])),
            }
        }
        let named = |table: &TableView| TableView {
            id: own(side, &table.id),
            caption: format!("{}: {}", side.name, table.caption),
            ..table.clone()
        };
        section.tables.extend(of.tables.iter().map(named));
    }
    let shown = first.choice_name(first.shown);
    section.shown = numbers.get(&shown).copied().unwrap_or(0);
    for (.., mut group) in groups {
        if let [a, b] = &mut group[..] {
            common(a, b);
        }
        section.figures.extend(group);
    }
    section.key = present.iter().any(|(_, of)| of.key);
    Some(section)
}

/// Both on the same axes and colours.
fn common(a: &mut Figure, b: &mut Figure) {
    for (a, b) in a.panels.iter_mut().zip(&mut b.panels) {
        let union = |a: (f64, f64), b: (f64, f64)| (a.0.min(b.0), a.1.max(b.1));
        let y = union(svg::extent(a, false), svg::extent(b, false));
        let x = union(svg::extent(a, true), svg::extent(b, true));
        (a.x.range, b.x.range, a.y.range, b.y.range) = (Some(x), Some(x), Some(y), Some(y));
        for (a, b) in a.marks.iter_mut().zip(&mut b.marks) {
            if let (Mark::Heatmap(a), Mark::Heatmap(b)) = (a, b)
                && a.label == b.label
            {
                let range = union(a.range, b.range);
                (a.range, b.range) = (range, range);
            }
        }
    }
}
