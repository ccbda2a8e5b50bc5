//! The statistics of each window of `analysis.windows`, from the members' columns STATISTIC_POPULATION_FROM_TO.

use super::Results;
use crate::results::points;
use crate::statistics::Summary;
use std::collections::HashMap;

/// Of every model and point.
#[derive(Default)]
pub struct Windows {
    /// Ends in ms.
    pub spans: Vec<[f64; 2]>,
    /// Indices into [`Results::statistics`]: those that windows have.
    pub statistics: Vec<usize>,
    /// Window by window, one per statistic.
    summaries: HashMap<(usize, u32), Vec<Summary>>,
}

impl Windows {
    pub fn read(results: &Results) -> Windows {
        let spans = results.experiment.analysis.windows.clone();
        let Some(first) = spans.first() else { return Windows::default() };
        let name =
            |statistic: usize, [from, to]: &[f64; 2]| format!("{}_{from}_{to}", results.statistics[statistic].name);
        let has = |&statistic: &usize| results.members.real(&name(statistic, first)).is_some();
        let statistics: Vec<usize> = (0..results.statistics.len()).filter(has).collect();
        let columns: Vec<String> = spans.iter().flat_map(|span| statistics.iter().map(|&s| name(s, span))).collect();
        let rows = points::from_members(&results.members, &columns).unwrap_or_default();
        let model = |label: &str| results.models.iter().position(|model| model.label == label);
        let summaries = rows.into_iter().filter_map(|row| Some(((model(&row.model)?, row.point), row.summaries)));
        Windows { summaries: summaries.collect(), spans, statistics }
    }

    /// Of the `statistic`-th of [`Windows::statistics`].
    pub fn summary(&self, model: usize, point: u32, window: usize, statistic: usize) -> Option<&Summary> {
        self.summaries.get(&(model, point))?.get(window * self.statistics.len() + statistic)
    }
}
