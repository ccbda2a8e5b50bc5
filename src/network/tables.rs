//! The tables of a batch of parameter points, and the drive of a dispatch of steps.
//!
//! One buffer holds the normal table and every alias table once, however many points share it; the parameters of a point say
//! where its tables begin.

use super::arithmetic::{RangeError, Scale};
use super::parameters::{PopulationParameters, ProjectionParameters};
use super::scale::exp2;
use super::shape::Model;
use crate::model::{Bins, DriveKind, Kept, Network, Origin, Population, Rate};
use crate::random::alias::{LargeRow, SmallTable};
use crate::random::draws::{LARGE_HEADER, REACH, ROWS};
use crate::random::normal_table::{VALUES, normal_table};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::Arc;

/// Most tables (up to 256 KiB each) kept for the points to come.
const KEPT: usize = 64;

/// [`SmallTable::binomial`], which takes some 0.3 ms to make.
fn binomial(q: f64, n_max: u32) -> Arc<SmallTable> {
    static MADE: Kept<(u64, u32), SmallTable> = Kept::new(KEPT);
    MADE.get((q.to_bits(), n_max), || SmallTable::binomial(q, n_max))
}

/// Integer parameters of one point, placed in a batch's tables.
#[derive(Clone, Debug)]
pub struct PointParameters {
    pub populations: Vec<PopulationParameters>,
    pub projections: Vec<ProjectionParameters>,
}

/// SHA-256 of the tables of drifts of a network's populations in `snn`; `None` where none has one.
pub fn drifts_hash(network: &Network) -> Option<String> {
    let nonlinear = (0..network.populations.len()).filter(|&pop| !network.populations[pop].neuron.is_lif());
    let mut hash = Sha256::new();
    let mut tables = 0;
    for (pop, scale) in nonlinear.filter_map(|pop| Some((pop, Scale::new(network, pop, Model::Snn).ok()?))) {
        let population = &network.populations[pop];
        let drifts = scale.drift_grid(population).kept(population, network.dt);
        drifts.iter().for_each(|&drift| hash.update(scale.to_current(drift).to_le_bytes()));
        tables += 1;
    }
    (tables > 0).then(|| hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// What has an entry per step.
enum Series {
    /// Mean and deviation, or row and columns of a Poisson table.
    Drive(Scale, Box<Population>),
    /// Row and columns of a source's Poisson table (rate, dt).
    Births(Rate, f64),
    /// `markov`: births of the step before in units of 2^-fraction (rate, that before the first step, dt, fraction).
    MeanBirths(Rate, f64, f64, u32),
}

impl Series {
    fn is_constant(&self) -> bool {
        match self {
            Series::Drive(_, population) => population.drive.rate.is_constant(),
            Series::Births(rate, _) => rate.is_constant(),
            // Before step 0 there are none, or those of the state that is carried on.
            Series::MeanBirths(..) => false,
        }
    }

    /// Most words of a step's Poisson row.
    fn row_words(&self) -> usize {
        let mean = match self {
            Series::Drive(scale, population) if population.drive.kind == DriveKind::Poisson => {
                population.drive.rate.max() * scale.dt()
            }
            Series::Births(rate, dt) => rate.max() * dt,
            Series::Drive(..) | Series::MeanBirths(..) => return 0,
        };
        // A smaller mean has a narrower law, but for the rounding of its ends.
        SmallTable::poisson(mean).map_or(0, |table| 2 * table.entries.len()).min(ROWS as usize)
    }
}

/// Tables and drives of a batch.
pub struct Tables {
    /// The normal table, then alias tables and those of drifts.
    pub words: Vec<u32>,
    pub normal: &'static [i32; VALUES],
    binomials: HashMap<(u64, u32), (u32, u32)>,
    larges: HashMap<(u64, u32), u32>,
    /// By their words.
    drifts: HashMap<Vec<u32>, u32>,
    series: Vec<Series>,
    places: HashMap<String, u32>,
    /// Steps of a drive that changes in time, per dispatch.
    dispatch_steps: u32,
}

impl Tables {
    /// Empty tables for dispatches of at most `dispatch_steps` steps.
    pub fn new(dispatch_steps: u32) -> Tables {
        let normal = normal_table();
        Tables {
            words: normal.iter().map(|&z| z as u32).collect(),
            normal,
            binomials: HashMap::new(),
            larges: HashMap::new(),
            drifts: HashMap::new(),
            series: Vec::new(),
            places: HashMap::new(),
            dispatch_steps,
        }
    }

    /// Parameters of one point, its tables and drives added where they are new.
    pub fn place(&mut self, network: &Network, model: Model, bins: &[Bins]) -> Result<PointParameters, RangeError> {
        let network = &*model.network(network);
        let scales: Vec<Scale> =
            (0..network.populations.len()).map(|pop| Scale::new(network, pop, model)).collect::<Result<_, _>>()?;
        let mut populations = Vec::new();
        for ((population, scale), &bins) in network.populations.iter().zip(&scales).zip(bins) {
            let mut parameters = scale.population(population, bins);
            (parameters.drive, parameters.drive_stride) = self.place_drive(scale, population);
            if !population.neuron.is_lif() {
                parameters.drift = self.place_drift(scale, population);
            }
            populations.push(parameters);
        }
        let mut projections = Vec::new();
        for projection in &network.projections {
            let scale = &scales[projection.target];
            let mut parameters = scale.projection(network, projection)?;
            let most = match network.origin(projection) {
                Origin::Population(source) => source.size,
                Origin::Source(source) => {
                    let (rate, dt) = (source.rate.clone(), network.dt);
                    let before = network.kicks_before(projection.source - network.populations.len());
                    let series = match model {
                        Model::Snn => Series::Births(rate, dt),
                        Model::Markov(_) => Series::MeanBirths(rate, before, dt, parameters.fraction),
                    };
                    let text = format!("{} {:?} {} {before}", source.name, source.rate, parameters.fraction);
                    (parameters.outside, parameters.outside_stride) = self.place_series(text, series);
                    ROWS
                }
            };
            if model == Model::Snn {
                if network.source(projection).is_none() && projection.indegree.is_none() {
                    (parameters.births, parameters.births_columns) = self.small(projection.p, most);
                    parameters.births_large = self.large(projection.p, most);
                }
                if !projection.has_deterministic_decay() && !projection.is_delta() {
                    let q = projection.per_step(network.dt);
                    (parameters.deaths, parameters.deaths_columns) = self.small(q, ROWS);
                    // One step of births above the bound happens before the flag stops the member.
                    parameters.deaths_large = self.large(q, parameters.kicks_max + most);
                    if projection.tau_rise.is_some() {
                        let r = projection.rise_per_step(network.dt);
                        (parameters.rising, parameters.rising_columns) = self.small(r, ROWS);
                        parameters.rising_large = self.large(r, parameters.kicks_max + most);
                    }
                }
            }
            projections.push(parameters);
        }
        Ok(PointParameters { populations, projections })
    }

    /// Drive entries that a dispatch needs, of two words each.
    pub fn drive_entries(&self) -> usize {
        self.series.len() * self.dispatch_steps as usize
    }

    /// Most words of the Poisson rows that a dispatch needs.
    pub fn row_words(&self) -> usize {
        let steps = |series: &Series| if series.is_constant() { 1 } else { self.dispatch_steps as usize };
        self.series.iter().map(|series| steps(series) * series.row_words()).sum()
    }

    /// Drive entries of the steps `first..first + steps` (at most the dispatch), and the Poisson rows that they point to, which
    /// follow `words`.
    pub fn drive(&self, first: u32, steps: u32) -> (Vec<[u32; 2]>, Vec<u32>) {
        let mut entries = Vec::new();
        let mut rows = Vec::new();
        let mut known: HashMap<u64, [u32; 2]> = HashMap::new();
        let mut poisson = |mean: f64| {
            *known.entry(mean.to_bits()).or_insert_with(|| {
                let table = SmallTable::poisson(mean).expect("the scale was made for the largest rate");
                let row = (self.words.len() + rows.len()) as u32;
                rows.extend(table.entries);
                [row, table.log2_columns]
            })
        };
        for series in &self.series {
            let start = entries.len();
            let steps = if series.is_constant() { 1 } else { steps };
            for step in first..first + steps {
                entries.push(match series {
                    Series::Drive(scale, population) => {
                        let rate = population.drive.rate.at(f64::from(step) * scale.dt());
                        if population.drive.kind == DriveKind::Poisson {
                            poisson(rate * scale.dt())
                        } else {
                            let (mean, deviation) = scale.gaussian_drive(population, rate);
                            [mean as u32, deviation]
                        }
                    }
                    Series::Births(rate, dt) => poisson(rate.at(f64::from(step) * dt) * dt),
                    Series::MeanBirths(rate, before, dt, fraction) => {
                        let rate = step.checked_sub(1).map_or(*before, |step| rate.at(f64::from(step) * dt));
                        let births = rate * dt;
                        [(births * exp2(*fraction as i32)).round() as u32, 0]
                    }
                });
            }
            entries.resize(start + self.dispatch_steps as usize, [0; 2]);
        }
        (entries, rows)
    }

    /// What the CPU reads: `words`, then `rows`, then room for the last table.
    pub fn with_rows(&self, rows: &[u32]) -> Vec<u32> {
        [&self.words, rows, &[0; REACH]].concat()
    }

    fn place_drive(&mut self, scale: &Scale, population: &Population) -> (u32, u32) {
        let text = format!("{scale:?} {:?}", population.drive);
        self.place_series(text, Series::Drive(*scale, Box::new(population.clone())))
    }

    /// First word of the table of a population's drifts, in its current's units.
    fn place_drift(&mut self, scale: &Scale, population: &Population) -> u32 {
        let drifts = scale.drift_grid(population).kept(population, scale.dt());
        let words: Vec<u32> = drifts.iter().map(|&drift| scale.to_current(drift) as u32).collect();
        let end = self.words.len() as u32;
        *self.drifts.entry(words).or_insert_with_key(|words| {
            self.words.extend(words);
            end
        })
    }

    /// First entry of a series that `text` tells from all others, and its entries per step.
    fn place_series(&mut self, text: String, series: Series) -> (u32, u32) {
        let stride = u32::from(!series.is_constant());
        let index = *self.places.entry(text).or_insert_with(|| {
            self.series.push(series);
            self.series.len() as u32 - 1
        });
        (index * self.dispatch_steps, stride)
    }

    /// Place and columns of the rows Binomial(n, q) for n up to `n_max` and below 256.
    fn small(&mut self, q: f64, n_max: u32) -> (u32, u32) {
        let n_max = n_max.min(ROWS - 1);
        *self.binomials.entry((q.to_bits(), n_max)).or_insert_with(|| {
            let table = binomial(q, n_max);
            let at = self.words.len() as u32;
            self.words.extend(&table.entries);
            (at, table.log2_columns)
        })
    }

    /// Headers and rows Binomial(2^power, q) for the powers from 8 that n up to `n_max` contains.
    fn large(&mut self, q: f64, n_max: u32) -> u32 {
        let Some(powers) = n_max.checked_ilog2().filter(|&power| power >= 8).map(|power| power - 7) else {
            return 0;
        };
        *self.larges.entry((q.to_bits(), powers)).or_insert_with(|| {
            let headers = self.words.len();
            self.words.resize(headers + (LARGE_HEADER * powers) as usize, 0);
            for power in 0..powers {
                let row = LargeRow::binomial(8 + power, q);
                let header = headers + (LARGE_HEADER * power) as usize;
                let offset = self.words.len() as u32;
                self.words[header..header + 3].copy_from_slice(&[offset, row.log2_columns, row.base]);
                self.words.extend(row.entries);
            }
            headers as u32
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Drive, bins};
    use core::f64::consts::FRAC_PI_2;

    /// Of drives that are silent at first, or small, or large: some step has more rows than the first one.
    #[test]
    fn every_dispatch_has_room_for_its_poisson_rows() {
        let rates = [0.3, 7.0, 90.0, 700.0].map(|mean| Rate::Sinusoid {
            mean,
            amplitude: -1.0,
            frequency: 25.0,
            phase: FRAC_PI_2,
        });
        let population = |(i, rate): (usize, Rate)| Population {
            drive: Drive { kind: DriveKind::Poisson, weight: 0.01, rate },
            tau_m: Some(20.0),
            ..Population::new(&format!("P{i}"), 4)
        };
        let mut network = Network::new(0.1);
        network.populations = rates.into_iter().enumerate().map(population).collect();
        network.populations.push(Population {
            drive: Drive { rate: Rate::Constant(5.0), ..network.populations[0].drive.clone() },
            ..Population::new("C", 4)
        });
        let mut tables = Tables::new(64);
        tables.place(&network, Model::Snn, &bins::resolve(&network, &crate::model::Variant::DSODE)).unwrap();
        let rows = |first: u32| tables.drive(first, 64).1.len();
        let most = (0..800).step_by(64).map(rows).max().unwrap();
        assert!(rows(0) < most && most <= tables.row_words(), "{most} of {}", tables.row_words());
    }
}
