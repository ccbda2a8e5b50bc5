//! How far runs with longer time steps are from the finest, and the order that follows.

use crate::model::Variant;
use crate::report::numbers::{magnitude, plain};
use crate::report::read::Results;
use crate::report::table::{Cell, TableView};
use crate::statistics::sample::slope;

pub const TABLE: &str = "convergence";
pub const ORDER: &str = "observed order";
/// Which run is the finest.
pub const OF_BINS: &str =
    "that of dsode has the shortest step and the most bins, that of another model the shortest step";

/// A statistic of a model along the time step, the longest first.
pub struct Course {
    pub model: usize,
    /// Of the scan.
    points: Vec<u32>,
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
        let points = line.into_iter().map(|(_, point)| point).collect();
        (steps.len() > 1).then_some(Course { model, points, steps, values })
    }

    /// Of every step: its distance from `finest`, as a share of that; `None` where that is 0.
    pub fn errors(&self, finest: f64) -> Vec<Option<f64>> {
        let error = |value: &f64| (finest != 0.0).then(|| (value - finest).abs() / finest.abs());
        self.values.iter().map(error).collect()
    }

    /// The step shorter than `step` at which the distance from `finest` is largest, if it is larger there: where values pass each other.
    pub fn further(&self, step: f64, finest: f64) -> Option<f64> {
        let distance = |value: &f64| (value - finest).abs();
        let pairs = || self.steps.iter().zip(self.values.iter().map(distance));
        let (_, own) = pairs().find(|(of, _)| **of == step)?;
        let shorter = pairs().filter(|(of, distance)| **of < step && *distance > own);
        shorter.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(of, _)| *of)
    }

    /// Slope of log |difference of neighbouring steps| against log step: with an error c h^p and steps of one ratio it is p.
    /// `None` where differences do not shrink with the step, or there are fewer than two.
    pub fn order(&self) -> Option<f64> {
        let pairs = self.steps.windows(2).zip(self.values.windows(2));
        let logs: Vec<(f64, f64)> = pairs.map(|(h, f)| (h[0].ln(), (f[0] - f[1]).abs().ln())).collect();
        let shrink = logs.windows(2).all(|pair| pair[1].1 < pair[0].1) && logs.iter().all(|(_, y)| y.is_finite());
        if logs.len() < 2 || !shrink {
            return None;
        }
        slope(&logs)
    }
}

/// The model whose run with the shortest step a model is measured against: itself, or of `dsode`s that differ in their bins alone that
/// with the most.
pub fn finest(results: &Results, statistic: usize, model: usize) -> usize {
    let variant = |model: usize| results.experiment.models.iter().find(|v| v.label() == results.models[model].label);
    let is_alike = |other: &usize| {
        let same = variant(model).zip(variant(*other)).is_some_and(|(a, b)| a.without_bins() == b.without_bins());
        same && results.has(*other, statistic)
    };
    let bins = |model: &usize| variant(*model).map_or(0, |variant| bins(results, variant));
    (0..results.models.len()).filter(is_alike).max_by_key(bins).unwrap_or(model)
}

/// The value that a model's are measured against.
pub fn best(results: &Results, statistic: usize, model: usize) -> Option<f64> {
    Course::of(results, finest(results, statistic, model), statistic)?.values.last().copied()
}

/// Of every step: half width of the 95 % interval of the distance from the finest run, as a share of that.
fn halves(results: &Results, statistic: usize, course: &Course, finest: usize) -> Vec<Option<f64>> {
    let half = |&point: &u32| {
        let best = results.measured(finest, *course.points.last()?, statistic)?;
        let own = results.measured(course.model, point, statistic)?;
        results.statistics[statistic].deviation(&own, &best)?.relative?.half
    };
    course.points.iter().map(half).collect()
}

/// Of the first population; 0 for what has none.
fn bins(results: &Results, variant: &Variant) -> usize {
    let Variant::Dsode { bin, .. } = variant else { return 0 };
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
    let courses: Vec<Course> = (0..results.models.len()).filter_map(|m| Course::of(results, m, statistic)).collect();
    let column = &results.statistics[statistic];
    let steps = courses.first()?.steps.iter().map(|&step| header(step));
    let titles: Vec<String> = steps.chain([ORDER.into()]).collect();
    let rows = courses.iter().filter_map(|course| {
        let (last, finest) = (course.steps.len() - 1, finest(results, statistic, course.model));
        let errors = course.errors(best(results, statistic, course.model)?);
        let halves = halves(results, statistic, course, finest);
        let cell = |(i, (error, half)): (usize, (Option<f64>, Option<f64>))| match (error, half) {
            _ if course.model == finest && i == last => Cell::untold("finest"),
            (Some(error), Some(half)) => Cell::from(format!("{} ± {}", magnitude(error), magnitude(half))),
            (error, _) => Cell::from(error.map(magnitude)),
        };
        // of chance there is none
        let order = course.order().filter(|_| results.models[course.model].deterministic);
        let order = Cell::from(order.map(|order| format!("{order:.1}").replace('-', "−")));
        let cells = errors.into_iter().zip(halves).enumerate().map(cell).chain([order]);
        Some((results.models[course.model].label.clone(), cells.collect::<Vec<_>>()))
    });
    let caption = format!(
        "{}: distance of each model from its finest run by time step, ± half width of its 95 % interval (Student t); {OF_BINS}. Order: \
         slope of the differences of neighbouring steps against the step, on logarithmic axes, of models without chance and where these shrink.",
        column.name,
    );
    Some(TableView::named(format!("{TABLE}-{}", column.name), caption, "model", titles, rows))
}

#[cfg(test)]
mod tests {
    use super::Course;

    #[test]
    fn the_order_of_a_power_is_its_exponent() {
        for order in [1.0, 2.0, 0.5] {
            let steps = vec![0.4, 0.2, 0.1, 0.05];
            let values = steps.iter().map(|h: &f64| 40.0 - 3.0 * h.powf(order)).collect();
            let found = Course { model: 0, points: vec![], steps, values }.order().unwrap();
            assert!((found - order).abs() < 1e-9, "{found} for {order}");
        }
        assert_eq!(
            Course { model: 0, points: vec![], steps: vec![0.2, 0.1, 0.05], values: vec![1.0, 2.0, 2.0] }.order(),
            None
        );
    }
}
