//! From the log to the files that people read.

use super::dictionary;
use super::error::ResultError;
use super::file;
use super::log::{MemberLog, Place};
use super::stamp::{Assembled, Stamp};
use super::tables::{Maker, Tables};
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
    let maker = Maker::new(&schema);
    let mut tables = Tables::create(directory, &schema, maker.sought.as_ref())?;
    log.in_chunks(&order, |places, records| maker.part(places, records), |part| tables.take(part))?;
    let points = tables.finish(directory)?;
    dictionary::write(directory, dictionary::of_ensemble(&schema))?;
    stamp.write(directory, &file::ASSEMBLED)?;
    log.stamped = true;
    Ok(Assembled { members: order.len(), points })
}
