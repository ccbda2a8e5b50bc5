//! From the log to the files that people read.

use super::densities::{DensitiesWriter, PointDensities};
use super::dictionary;
use super::error::ResultError;
use super::file;
use super::log::{MemberLog, Place};
use super::long_points::LongPointsWriter;
use super::members::MembersWriter;
use super::points::{PointReduction, PointsWriter};
use super::series::SeriesWriter;
use super::stamp::{Assembled, Stamp};
use super::transitions::Transitions;
use std::path::Path;

/// Writes `members.parquet`, `points.csv`, `points.parquet`, `windows.csv`, `densities.parquet`, `columns.json`, of a scan along one
/// axis `transitions.csv` and, if recorded, `traces.parquet`, `spikes.parquet` and `neurons.parquet` from the finished members of
/// the schema that `belong` to the results, and puts the log itself into their order; there it keeps
/// the others too.
///
/// Tables that were made of the same are left alone. A few members and one row group per file are in memory at a time. The caller
/// holds the directory's locks.
pub fn assemble(
    directory: &Path,
    log: &mut MemberLog,
    belong: impl Fn(&Place) -> bool,
) -> Result<Assembled, ResultError> {
    let selected = |log: &MemberLog| {
        let mut order = log.order();
        order.retain(&belong);
        order
    };
    if let Some(found) = Stamp::new(log, &selected(log)).found(directory) {
        return Ok(found);
    }
    log.compact()?;
    let schema = log.schema().clone();
    let order = selected(log);
    let stamp = Stamp::new(log, &order);
    let mut members = MembersWriter::create(&directory.join(file::MEMBERS), &schema)?;
    let mut points = PointsWriter::create(&directory.join(file::POINTS), dictionary::wide_points(&schema))?;
    let of_windows = (!schema.windows().is_empty())
        .then(|| PointsWriter::create(&directory.join(file::WINDOWS), dictionary::windows(&schema)));
    let mut windows = of_windows.transpose()?;
    let mut long_points = LongPointsWriter::create(&directory.join(file::LONG_POINTS), &schema)?;
    let mut densities = DensitiesWriter::create(&directory.join(file::DENSITIES))?;
    let mut traces = SeriesWriter::traces(&directory.join(file::TRACES), &schema);
    let mut spikes = SeriesWriter::spikes(&directory.join(file::SPIKES));
    let mut neurons = SeriesWriter::neurons(&directory.join(file::NEURONS), &schema);
    let mut transitions = Transitions::new(&schema);
    let mut rows = 0;
    log.with_records(&order, |records| {
        for of_point in order.chunk_by(Place::same_point) {
            let columns = schema.statistics.len();
            // The whole window, then the others.
            let mut reductions = vec![PointReduction::new(&schema.statistics); 1 + schema.windows().len()];
            let mut histograms = PointDensities::default();
            for record in (&mut *records).take(of_point.len()) {
                let (place, record) = record?;
                members.push(&schema, &place, &record)?;
                transitions.iter_mut().for_each(|transitions| transitions.push(&place, &record));
                for (window, reduction) in reductions.iter_mut().enumerate() {
                    reduction.push(record.statistics.values.iter().skip(window * columns).take(columns).copied());
                }
                histograms.push(&record.statistics.histograms);
                if let Some(trace) = &record.trace {
                    traces.push_trace(&schema, &place, trace)?;
                }
                if let Some(recorded) = &record.spikes {
                    spikes.push_spikes(&schema, &place, recorded)?;
                }
                if let Some(recorded) = &record.neurons {
                    neurons.push_neurons(&schema, &place, recorded)?;
                }
            }
            let (model, point) = (&schema.models[of_point[0].model as usize].label, of_point[0].point);
            let mut rows_of = reductions.into_iter().map(|reduction| reduction.row(model, point));
            let row = rows_of.next().expect("the whole window");
            points.push(&schema, None, &row)?;
            if let Some(windows) = &mut windows {
                for (row, window) in rows_of.zip(schema.windows()) {
                    windows.push(&schema, Some(*window), &row)?;
                }
            }
            long_points.push(&schema, &row)?;
            densities.push(&schema, model, point, &histograms.finish())?;
            rows += 1;
        }
        Ok(())
    })?;
    members.finish()?;
    points.finish()?;
    windows.map_or(Ok(()), PointsWriter::finish)?;
    long_points.finish()?;
    densities.finish()?;
    transitions.map_or(Ok(()), |transitions| transitions.write(&directory.join(file::TRANSITIONS)))?;
    traces.finish()?;
    spikes.finish()?;
    neurons.finish()?;
    dictionary::write(directory, dictionary::of_ensemble(&schema))?;
    stamp.write(directory, &file::ASSEMBLED)?;
    log.stamped = true;
    Ok(Assembled { members: order.len(), points: rows })
}
