//! What a config asks for and will not get as it may expect.

use super::experiment::Experiment;
use crate::model::{AutomaticBins, Population, Variant};

impl Experiment {
    /// One text per doubt; none of them keeps the experiment from running.
    pub fn warnings(&self) -> Vec<String> {
        self.models.iter().enumerate().flat_map(|(index, model)| self.wide_bins(index, model)).collect()
    }

    /// Voltage bins of a `dsode` that do not resolve the noise of a step.
    fn wide_bins(&self, index: usize, model: &Variant) -> Vec<String> {
        let Variant::Dsode { bin, v_min, .. } = *model else { return vec![] };
        let populations = self.network.populations.iter().zip(&self.automatic_bins);
        let text = |(p, bins): (&Population, &AutomaticBins)| {
            let loss = bins.too_wide(bin, v_min)?;
            let found = bin.map_or_else(|| format!("auto, {bins},"), |bin| bin.to_string());
            let fix = match bin.map(|_| bins.at_most(None, v_min).width) {
                Some(width) if bins.too_wide(Some(width), v_min).is_none() => format!("{width} would do"),
                _ => format!("{:.1e} would do, more with a longer time.dt", bins.noise_width()),
            };
            Some(format!(
                "models.{index}.dsode.bin: {found} is too wide for the noise of a step of population {}: a single neuron loses \
                 about {:.0} % of its rate; {fix}",
                p.name,
                100.0 * loss
            ))
        };
        populations.filter_map(text).collect()
    }
}
