//! The tables of a batch of parameter points, and the drive of a dispatch of steps.
//!
//! One buffer holds the normal table and every alias table once, however many points share it; the parameters of a point say
//! where its tables begin.

use super::arithmetic::{RangeError, Scale};
use super::parameters::{PopulationParameters, ProjectionParameters};
use super::shape::Model;
use crate::model::{Bins, DriveKind, Network, Population};
use crate::random::alias::{LargeRow, SmallTable};
use crate::random::draws::{LARGE_HEADER, REACH, ROWS};
use crate::random::normal_table::{VALUES, normal_table};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// Most tables (up to 256 KiB each) kept for the points to come.
const KEPT: usize = 64;

/// [`SmallTable::binomial`]; points of a scan have most of their tables in common, and making one takes some 0.3 ms.
fn binomial(q: f64, n_max: u32) -> Arc<SmallTable> {
    type Made = HashMap<(u64, u32), Arc<SmallTable>>;
    static MADE: LazyLock<Mutex<Made>> = LazyLock::new(Mutex::default);
    let made = || MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let of = (q.to_bits(), n_max);
    if let Some(table) = made().get(&of) {
        return table.clone();
    }
    let table = Arc::new(SmallTable::binomial(q, n_max));
    let mut made = made();
    if made.len() >= KEPT {
        made.clear();
    }
    made.insert(of, table.clone());
    table
}

/// Integer parameters of one point, placed in a batch's tables.
#[derive(Clone, Debug)]
pub struct PointParameters {
    pub populations: Vec<PopulationParameters>,
    pub projections: Vec<ProjectionParameters>,
}

/// Tables and drives of a batch.
pub struct Tables {
    /// The normal table, then alias tables.
    pub words: Vec<u32>,
    pub normal: &'static [i32; VALUES],
    binomials: HashMap<(u64, u32), (u32, u32)>,
    larges: HashMap<(u64, u32), u32>,
    drives: Vec<(Scale, Population)>,
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
            drives: Vec::new(),
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
            populations.push(parameters);
        }
        let mut projections = Vec::new();
        for projection in &network.projections {
            let scale = &scales[projection.target];
            let mut parameters = scale.projection(network, projection)?;
            if model == Model::Snn && projection.indegree.is_none() {
                let size = network.populations[projection.source].size;
                (parameters.births, parameters.births_columns) = self.small(projection.p, size);
                parameters.births_large = self.large(projection.p, size);
            }
            if model == Model::Snn {
                let size = network.populations[projection.source].size;
                if !projection.has_deterministic_decay() && !projection.is_delta() {
                    let q = projection.per_step(network.dt);
                    (parameters.deaths, parameters.deaths_columns) = self.small(q, ROWS);
                    // One step of births above the bound happens before the flag stops the member.
                    parameters.deaths_large = self.large(q, parameters.kicks_max + size);
                }
            }
            projections.push(parameters);
        }
        Ok(PointParameters { populations, projections })
    }

    /// Words of drive entries that a dispatch needs.
    pub fn drive_entries(&self) -> usize {
        self.drives.len() * self.dispatch_steps as usize
    }

    /// Drive entries of the steps `first..first + steps` (at most the dispatch), and the Poisson rows that they point to, which
    /// follow `words`.
    pub fn drive(&self, first: u32, steps: u32) -> (Vec<[u32; 2]>, Vec<u32>) {
        let mut entries = Vec::new();
        let mut rows = Vec::new();
        let mut known: HashMap<u64, [u32; 2]> = HashMap::new();
        for (scale, population) in &self.drives {
            let start = entries.len();
            let steps = if population.drive.rate.is_constant() { 1 } else { steps };
            for step in first..first + steps {
                let dt = scale.dt();
                let rate = population.drive.rate.at(f64::from(step) * dt);
                entries.push(match population.drive.kind {
                    DriveKind::Poisson => *known.entry((rate * dt).to_bits()).or_insert_with(|| {
                        let table = SmallTable::poisson(rate * dt).expect("the scale was made for the largest rate");
                        let row = (self.words.len() + rows.len()) as u32;
                        rows.extend(table.entries);
                        [row, table.log2_columns]
                    }),
                    _ => {
                        let (mean, deviation) = scale.gaussian_drive(population, rate);
                        [mean as u32, deviation]
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
        let drive = &population.drive;
        let index = *self.places.entry(format!("{scale:?} {drive:?}")).or_insert_with(|| {
            self.drives.push((*scale, population.clone()));
            self.drives.len() as u32 - 1
        });
        (index * self.dispatch_steps, u32::from(!drive.rate.is_constant()))
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
        let Some(powers) = n_max.checked_ilog2().filter(|&pop| pop >= 8).map(|pop| pop - 7) else {
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
