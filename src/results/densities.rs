//! `densities.parquet`: the histograms of every model and point, in long form.
//!
//! model, point, kind, population, x_low, x_high, y_low, y_high, value. The kinds are those of
//! [`crate::statistics::HistogramKind`]. Counts are sums over members and samples; bins without counts are left out. `psd` is the
//! mean over members, in Hz^2/Hz, around each frequency; above the band, around 32 of them, so that (x_high - x_low) value over all bins
//! is the variance of the rate. `psth` is the mean over members in Hz. Open bins reach to infinity. y is null in one dimension; the
//! population of `joint_rate` is two names, x first.

use super::dictionary;
use super::error::ResultError;
use super::log::{MemberLog, Place};
use super::schema::ResultSchema;
use super::table::{Cell, TableWriter};
use crate::statistics::{Histogram, HistogramKind};
use std::path::Path;

/// Histograms of a point's members, added in the order of the realisations.
#[derive(Clone, Debug, Default)]
pub struct PointDensities {
    /// Sums, and how many members they are of.
    sums: Vec<(Histogram, u64)>,
}

impl PointDensities {
    pub fn push(&mut self, histograms: &[Histogram]) {
        for histogram in histograms {
            match self.sums.iter_mut().find(|(sum, _)| sum.same_bins(histogram)) {
                Some((sum, n)) => {
                    sum.add(histogram);
                    *n += 1;
                }
                None => self.sums.push((histogram.clone(), 1)),
            }
        }
    }

    pub fn finish(self) -> Vec<Histogram> {
        let reduce = |(mut histogram, n): (Histogram, u64)| {
            if histogram.kind.is_mean() {
                histogram.values.iter_mut().for_each(|value| *value /= n as f64);
            }
            histogram
        };
        self.sums.into_iter().map(reduce).collect()
    }
}

/// Histograms of one model at one point: `places` are its members in [`MemberLog::order`].
pub fn of_point(log: &mut MemberLog, places: &[Place]) -> Result<Vec<Histogram>, ResultError> {
    let mut densities = PointDensities::default();
    for place in places {
        densities.push(&log.record(place.offset)?.statistics.histograms);
    }
    Ok(densities.finish())
}

pub struct DensitiesWriter {
    table: TableWriter,
}

impl DensitiesWriter {
    pub fn create(path: &Path) -> Result<DensitiesWriter, ResultError> {
        Ok(DensitiesWriter { table: TableWriter::create(path, dictionary::densities())? })
    }

    /// Adds the histograms of a model at a point.
    pub fn push(
        &mut self,
        schema: &ResultSchema,
        model: &str,
        point: u32,
        histograms: &[Histogram],
    ) -> Result<(), ResultError> {
        for histogram in histograms {
            let population = match histogram.kind {
                HistogramKind::JointRate => schema.populations[..2].join(","),
                _ => schema.populations[histogram.population as usize].clone(),
            };
            let y_bins = histogram.y.map_or(1, |axis| axis.bins as usize);
            for (bin, &value) in histogram.values.iter().enumerate().filter(|(_, value)| **value != 0.0) {
                let x = histogram.x.edges(bin / y_bins);
                let y = histogram.y.map(|axis| axis.edges(bin % y_bins));
                self.table.push([
                    Cell::Text(model),
                    Cell::Integer(i64::from(point)),
                    Cell::Text(histogram.kind.name()),
                    Cell::Text(&population),
                    Cell::Real(x.0),
                    Cell::Real(x.1),
                    Cell::from(y.map(|y| y.0)),
                    Cell::from(y.map(|y| y.1)),
                    Cell::Real(value),
                ])?;
            }
        }
        Ok(())
    }

    pub fn finish(self) -> Result<(), ResultError> {
        self.table.finish()
    }
}
