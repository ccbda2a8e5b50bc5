//! How far runs with longer time steps are from the finest, and the order that follows.

use crate::report::figure::{Cell, TableView};
use crate::report::numbers::{magnitude, plain};
use crate::report::read::Results;

pub const TABLE: &str = "convergence";
pub const ORDER: &str = "observed order";

/// A statistic of a model along the time step, the longest first.
pub struct Course {
    pub model: usize,
    /// ms.
    pub steps: Vec<f64>,
    pub values: Vec<f64>,
}

impl Course {
    /// Where a model has a value at every step of at least two.
    pub fn of(results: &Results, model: usize, statistic: usize) -> Option<Course> {
        let dimension = &results.scan.dimensions[0];
        let points: Vec<u32> = results.scan.points.keys().copied().collect();
        let mut line = results.scan.line(0, &points, results.scan.varieties().first()?);
        line.reverse();
        let value = |&(place, point): &(usize, u32)| {
            Some((dimension.number(place), results.summary(model, point, statistic)?.mean?))
        };
        let (steps, values): (Vec<f64>, Vec<f64>) =
            line.iter().map(value).collect::<Option<Vec<_>>>()?.into_iter().unzip();
        (steps.len() > 1).then_some(Course { model, steps, values })
    }

    /// Of every step but the finest: its value less that of `finest`, as a share of that.
    pub fn errors(&self, finest: f64) -> Vec<f64> {
        self.values.iter().map(|value| (value - finest).abs() / finest.abs()).collect()
    }

    /// Slope of log |difference of neighbouring steps| against log step: with an error c h^p and steps of one ratio it is p.
    /// `None` where neighbours are equal, or there are fewer than two differences.
    pub fn order(&self) -> Option<f64> {
        let pairs = self.steps.windows(2).zip(self.values.windows(2));
        let logs: Vec<(f64, f64)> = pairs.map(|(h, f)| (h[0].ln(), (f[0] - f[1]).abs().ln())).collect();
        let n = logs.len() as f64;
        if logs.len() < 2 || logs.iter().any(|(_, y)| !y.is_finite()) {
            return None;
        }
        let mean = |of: fn(&(f64, f64)) -> f64| logs.iter().map(of).sum::<f64>() / n;
        let (x, y) = (mean(|p| p.0), mean(|p| p.1));
        let slope = logs.iter().map(|p| (p.0 - x) * (p.1 - y)).sum::<f64>();
        Some(slope / logs.iter().map(|p| (p.0 - x) * (p.0 - x)).sum::<f64>())
    }
}

/// The model whose run with the shortest step is the finest of all: the one with the most bins.
pub fn finest(results: &Results, statistic: usize) -> Option<usize> {
    let of = |model: &usize| results.has(*model, statistic);
    let bins = |model: &usize| {
        let variant = results.experiment.models.iter().find(|v| v.label() == results.models[*model].label);
        variant.map_or(0, |variant| bins(results, variant))
    };
    (0..results.models.len()).filter(of).max_by_key(bins)
}

/// Of the first population; 0 for what has none.
fn bins(results: &Results, variant: &crate::model::Variant) -> usize {
    let crate::model::Variant::Dsode { bin, .. } = variant else { return 0 };
    let population = &results.experiment.network.populations[0];
    let width = bin.or_else(|| {
        let automatic = results.experiment.automatic_bins.first()?;
        Some(automatic.bins(population.v_th, None, None).width)
    });
    width.map_or(0, |width| ((population.v_th - population.v_reset) / width) as usize)
}

/// Name of the finest run: "dsode+bin=1 at 0.025 ms".
pub fn name(results: &Results, finest: usize) -> String {
    let step = results.scan.dimensions[0].number(0);
    format!("{} at {} ms", results.models[finest].label, plain(step))
}

/// Header of the column of a step.
pub fn header(step: f64) -> String {
    format!("{} ms", plain(step))
}

/// Errors of a statistic against the finest run: a row per model.
pub fn view(results: &Results, statistic: usize) -> Option<TableView> {
    let finest = finest(results, statistic)?;
    let best = *Course::of(results, finest, statistic)?.values.last()?;
    let courses: Vec<Course> = (0..results.models.len()).filter_map(|m| Course::of(results, m, statistic)).collect();
    let column = &results.statistics[statistic];
    let mut titles = vec!["model".to_string()];
    titles.extend(courses.first()?.steps.iter().map(|&step| header(step)));
    titles.push(ORDER.into());
    let rows =
        courses.iter().map(|course| {
            let mut row = vec![results.models[course.model].label.clone()];
            let last = course.steps.len() - 1;
            row.extend(course.errors(best).into_iter().enumerate().map(|(i, error)| {
                if course.model == finest && i == last { "finest".into() } else { magnitude(error) }
            }));
            row.push(course.order().map_or("–".into(), |order| format!("{order:.1}").replace('-', "−")));
            row.into_iter().map(Cell::from).collect()
        });
    let caption = format!(
        "{}: distance from the finest run, {}, by time step. Order: slope of the differences of neighbouring steps against the step, \
         on logarithmic axes; it means little where these do not shrink evenly.",
        column.name,
        name(results, finest)
    );
    Some(TableView { id: format!("{TABLE}-{}", column.name), caption, header: titles, rows: rows.collect() })
}

#[cfg(test)]
mod tests {
    use super::Course;

    #[test]
    fn the_order_of_a_power_is_its_exponent() {
        for order in [1.0, 2.0, 0.5] {
            let steps = vec![0.4, 0.2, 0.1, 0.05];
            let values = steps.iter().map(|h: &f64| 40.0 - 3.0 * h.powf(order)).collect();
            let found = Course { model: 0, steps, values }.order().unwrap();
            assert!((found - order).abs() < 1e-9, "{found} for {order}");
        }
        assert_eq!(Course { model: 0, steps: vec![0.2, 0.1, 0.05], values: vec![1.0, 2.0, 2.0] }.order(), None);
    }
}
