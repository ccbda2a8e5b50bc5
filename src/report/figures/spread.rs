//! How much single realisations differ, where there is one point only.

use super::realisations;
use crate::report::figure::{Figure, Panel, Scale, slug};
use crate::report::mark::Mark;
use crate::report::read::Results;
use crate::report::section::Section;
use crate::statistics::{Group, table};

pub fn section(results: &Results) -> Section {
    let mut section = Section { id: "spread".into(), title: "Single realisations".into(), ..Section::default() };
    if results.scan.points.len() > 1 {
        return section;
    }
    // the first two that a reader looks at
    let mut overview = table().filter(|statistic| statistic.group == Group::Overview);
    let (Some(first), Some(second)) = (overview.next(), overview.next()) else { return section };
    for population in &results.populations {
        let columns = [first, second].map(|statistic| results.members.real(&statistic.column(population)));
        let ([Some(x), Some(y)], Some(models)) = (columns, results.members.text("model")) else { continue };
        let mut marks = Vec::new();
        for (i, model) in results.models.iter().enumerate() {
            let of_model = (0..results.members.rows).filter(|&row| models[row].as_ref() == Some(&model.label));
            let (x, y): (Vec<f64>, Vec<f64>) = of_model.filter_map(|row| x[row].zip(y[row])).unzip();
            if !x.is_empty() {
                marks.push(Mark::Scatter { name: model.label.clone(), colour: results.colour(i), symbol: None, x, y });
            }
        }
        if marks.is_empty() {
            continue;
        }
        let [x, y] = [first, second]
            .map(|statistic| Scale::new(&format!("{} of {population}", statistic.title()), statistic.unit));
        let all: Vec<usize> = (0..results.models.len()).collect();
        let caption = format!(
            "One point per realisation. {}: {}. {}: {}. {}.",
            first.title(),
            first.definition,
            second.title(),
            second.definition,
            realisations(results, &all)
        );
        let title = format!("{} against {} of {population}", second.title(), first.title());
        let id = format!("spread-{}", slug(population));
        section.figures.push(Figure::new(id, title, caption, vec![Panel::new(x, y, marks)]));
    }
    section
}
