//! A network made by a program instead of a config, held to the same rules.

use super::error::{ConfigError, ConfigErrors, Problem};
use super::experiment::{Experiment, Realisations, Recording, Time};
use super::position::Position;
use super::read::load;
use super::scan::Scan;
use crate::model::{AutomaticBins, Network, Seeding, Variant};
use crate::statistics::{Analysis, Attractor, Burst};
use std::collections::HashSet;

impl Network {
    /// Whether a config could describe this network with this model: ranges of single numbers, and how they go together.
    ///
    /// # Errors
    /// Everything that is wrong, each with the path that its key would have in a config, what was found and what is allowed.
    pub fn check(&self, model: Variant) -> Result<(), ConfigErrors> {
        self.names()?;
        let experiment = Experiment {
            name: "network".into(),
            seed: 0,
            time: Time { duration: self.dt, discard: 0.0 },
            network: self.clone(),
            models: vec![model],
            automatic_bins: AutomaticBins::of_all(self),
            scan: Scan::default(),
            sweep: None,
            realisations: Realisations::Fixed(1),
            seeding: Seeding::Independent,
            analysis: Analysis {
                burst: Burst { height: 1.0, distance: self.dt },
                psd_band: [0.0, 1e-3],
                states: None,
                attractor: Attractor { bin: 1.0, max: 1.0 },
                windows: vec![],
                choice: None,
                psth: None,
                lyapunov: false,
            },
            record: Recording::default(),
            continuation: None,
        };
        load(&experiment.to_yaml(), "network", &[]).map(drop)
    }

    /// Whether every population and projection has a name of its own, as the keys of a config have.
    fn names(&self) -> Result<(), ConfigErrors> {
        let wrong = |key: String, found: String, allowed: String| {
            let position = Position::File { line: 1, column: 1 };
            Err(ConfigErrors(vec![ConfigError {
                file: "network".into(),
                position,
                key,
                problem: Problem::value(found, allowed),
            }]))
        };
        let mut seen = HashSet::new();
        if let Some(again) = self.populations.iter().find(|population| !seen.insert(&population.name)) {
            let found = format!("two populations named {}", again.name);
            return wrong("populations".into(), found, "names that differ".into());
        }
        if let Some(again) = self.sources.iter().find(|source| !seen.insert(&source.name)) {
            let found = format!("a source named {} beside another one, or a population", again.name);
            return wrong("sources".into(), found, "names that differ".into());
        }
        let mut seen = HashSet::new();
        for (index, projection) in self.projections.iter().enumerate() {
            let ends = (projection.target, projection.source);
            let count = self.populations.len();
            if ends.0 >= count || ends.1 >= count + self.sources.len() {
                let found = format!("target {} and source {}", ends.0, ends.1);
                return wrong(
                    format!("projections.{index}"),
                    found,
                    format!("indices below {count}, the number of populations, the source's below that and of sources"),
                );
            }
            if self.source(projection).is_some() && projection.p != 1.0 {
                let key = format!("projections.{}.p", self.projection_name(projection));
                return wrong(key, projection.p.to_string(), "1 of a source, whose rate is that of each neuron".into());
            }
            if !seen.insert(ends) {
                let name = self.projection_name(projection);
                return wrong(
                    format!("projections.{name}"),
                    "two projections".into(),
                    "one for each target and source".into(),
                );
            }
        }
        Ok(())
    }
}
