//! `.tables.json`: what the tables of a directory were made of and what their bytes are, so that they are left alone where nothing
//! has changed since. Whatever is added to the log removes it.

use super::atomic::AtomicFile;
use super::error::ResultError;
use super::file;
use super::log::{MemberLog, Place};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::Path;

const PROGRAM: &str = concat!(env!("CARGO_PKG_VERSION"), " ", env!("SNN_ENSEMBLE_COMMIT"));

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assembled {
    /// Rows of `members.parquet`.
    pub members: usize,
    /// Rows of `points.csv`.
    pub points: usize,
}

/// All that tables depend on, and the tables.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Stamp {
    /// Version and commit.
    program: String,
    /// Bytes of the log.
    log: u64,
    /// CRC-32 of the schema and of the members that belong to the results.
    contents: u32,
    /// Rows of `members.parquet` and of `points.csv`.
    rows: (usize, usize),
    /// Bytes and CRC-32 of each file; none before they are made.
    files: BTreeMap<String, (u64, u32)>,
}

impl Stamp {
    /// Of tables that are to be made of these members of a log, in the order of the final files.
    pub fn new(log: &MemberLog, order: &[Place]) -> Stamp {
        let mut sum = Sum::default();
        serde_json::to_writer(BufWriter::new(&mut sum), log.schema()).expect("plain data");
        for place in order {
            for number in [place.model, place.point, place.realisation] {
                sum.hash.update(&number.to_le_bytes());
            }
        }
        let points = order.chunk_by(Place::same_point).count();
        let (program, rows) = (PROGRAM.to_string(), (order.len(), points));
        Stamp { program, log: log.end(), contents: sum.hash.finalize(), rows, files: BTreeMap::new() }
    }

    fn read(directory: &Path) -> Option<Stamp> {
        serde_json::from_slice(&std::fs::read(directory.join(file::STAMP)).ok()?).ok()
    }

    /// What was made of the same, if every file of it is there as it was.
    pub fn found(&self, directory: &Path) -> Option<Assembled> {
        let there = Stamp::read(directory)?;
        let whole =
            there.files.iter().all(|(name, sum)| sum_of(&directory.join(name)).is_ok_and(|found| found == *sum));
        let same = Stamp { files: BTreeMap::new(), ..there } == *self;
        (whole && same).then_some(Assembled { members: self.rows.0, points: self.rows.1 })
    }

    /// Notes that the tables, those of `names` that there are, have been made.
    pub fn write(mut self, directory: &Path, names: &[&str]) -> Result<(), ResultError> {
        for name in names {
            let path = directory.join(name);
            match sum_of(&path) {
                Ok(sum) => _ = self.files.insert(name.to_string(), sum),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(ResultError::io(&path, error)),
            }
        }
        let text = serde_json::to_vec(&self).expect("plain data");
        AtomicFile::write_all(&directory.join(file::STAMP), &text)
    }
}

/// Checks that the Parquet tables of a directory are those that were made, as far as is known: text may have been edited.
///
/// Errors: [`ResultError::Parquet`].
pub fn intact(directory: &Path) -> Result<(), ResultError> {
    let Some(there) = Stamp::read(directory) else { return Ok(()) };
    for (name, sum) in there.files.iter().filter(|(name, _)| name.ends_with(".parquet")) {
        let path = directory.join(name);
        if sum_of(&path).is_ok_and(|found| found != *sum) {
            let message = "damaged: its checksum is not that of what was written".into();
            return Err(ResultError::Parquet { path, message });
        }
    }
    Ok(())
}

/// Of bytes that need not be in memory together.
#[derive(Default)]
struct Sum {
    bytes: u64,
    hash: crc32fast::Hasher,
}

impl Write for Sum {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Bytes and CRC-32 of a file.
fn sum_of(path: &Path) -> io::Result<(u64, u32)> {
    let mut sum = Sum::default();
    io::copy(&mut BufReader::with_capacity(1 << 18, File::open(path)?), &mut sum)?;
    Ok((sum.bytes, sum.hash.finalize()))
}
