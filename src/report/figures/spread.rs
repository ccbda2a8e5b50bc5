//! How much single realisations differ, where there is one point only.

use super::realisations;
use crate::report::figure::{Figure, Mark, Panel, Scale, Section, slug};
use crate::report::read::Results;

/// Statistics drawn against each other.
const PAIR: [&str; 2] = ["rate", "ssi"];

pub fn section(results: &Results) -> Section {
    let mut section = Section { id: "spread".into(), title: "Single realisations".into(), ..Section::default() };
    if results.scan.points.len() > 1 {
        return section;
    }
    for population in &results.populations {
        let columns = PAIR.map(|name| results.members.real(&format!("{name}_{population}")));
        let ([Some(x), Some(y)], Some(models)) = (columns, results.members.text("model")) else { continue };
        let mut marks = Vec::new();
        for (i, model) in results.models.iter().enumerate() {
            let of_model = (0..results.members.rows).filter(|&row| models[row].as_ref() == Some(&model.label));
            let (x, y): (Vec<f64>, Vec<f64>) = of_model.filter_map(|row| x[row].zip(y[row])).unzip();
            if !x.is_empty() {
                marks.push(Mark::Scatter { name: model.label.clone(), colour: results.colour(i), x, y });
            }
        }
        if marks.is_empty() {
            continue;
        }
        let [x, y] = PAIR.map(|name| {
            let statistic = results.statistics.iter().map(|column| column.statistic).find(|s| s.name == name);
            Scale::new(&format!("{name} of {population}"), statistic.map_or("", |s| s.unit))
        });
        let all: Vec<usize> = (0..results.models.len()).collect();
        let caption =
            format!("Rate and spike synchrony index, one point per realisation; {}.", realisations(results, &all));
        let title = format!("{} against {} of {population}", PAIR[1], PAIR[0]);
        let id = format!("spread-{}", slug(population));
        section.figures.push(Figure::new(id, title, caption, vec![Panel::new(x, y, marks)]));
    }
    section
}
