//! The time step alone: how far each statistic is from the finest run.

use crate::report::figure::{Figure, Panel, Scale, slug};
use crate::report::findings::convergence::{Course, OF_BINS, best, view};
use crate::report::findings::kind::Kind;
use crate::report::mark::{Line, Mark};
use crate::report::read::Results;
use crate::report::section::Section;
use crate::statistics::Group;

pub const ID: &str = "convergence";

pub fn section(results: &Results) -> Section {
    let mut section = Section { id: ID.into(), title: "Distance from the finest run".into(), ..Section::default() };
    if Kind::of(results) != Kind::Convergence {
        return section;
    }
    for (i, column) in results.statistics.iter().enumerate() {
        if column.statistic.group == Group::Overview {
            section.figures.extend(figure(results, i));
            section.tables.extend(view(results, i));
        }
    }
    section
}

/// Errors against the time step, a line per model; both axes logarithmic.
fn figure(results: &Results, statistic: usize) -> Option<Figure> {
    let line = |model: usize| {
        let course = Course::of(results, model, statistic)?;
        let errors = course.errors(best(results, statistic, model)?);
        let y = errors.iter().map(|error| error.map(|error| 100.0 * error).filter(|&error| error > 0.0)).collect();
        Some(Mark::Line(Line::new(&results.models[model].label, results.colour(model), course.steps, y)))
    };
    let marks: Vec<Mark> = (0..results.models.len()).filter_map(line).collect();
    let (column, dimension) = (&results.statistics[statistic], &results.scan.dimensions[0]);
    let population = &results.populations[column.population];
    let title = format!("{} of {population}", column.statistic.title());
    let caption = format!("{title}: distance of each model from its finest run by time step; {OF_BINS}.");
    let x = Scale::new("time step", &dimension.unit).log(true);
    let y = Scale::new("error", "%").log(true);
    let id = format!("convergence-{}", slug(&column.name));
    (!marks.is_empty())
        .then(|| Figure::new(id, title, caption, vec![Panel::new(x, y, marks)]).of_statistic(&column.name))
}
