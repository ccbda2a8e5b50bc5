//! `members.log`: finished members, appended one by one.
//!
//! A magic, then [frames](super::frame); a body is a kind byte and either the schema as JSON or a record. A kill leaves whole
//! frames and at most one torn one at the end, which is ignored, and cut off when the log is next opened for writing. A
//! frame that is damaged before the end is an error. Of several schemas the last one holds. In memory stays one entry per
//! member, not its record.

use super::atomic::{self, AtomicFile, patiently, remove};
use super::bodies::Bodies;
use super::error::ResultError;
use super::file;
use super::frame::{FRAME, Found, frame, head, next_frame};
use super::record::{EncodedRecord, Key, Record};
use super::scanned::{Index, MAGIC, RECORD, SCHEMA, Scanned, StoredSchema};
use super::schema::{ResultSchema, SchemaModel};
use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// `members.log`, open for reading and appending: a schema, then one record per finished member.
#[derive(Debug)]
pub struct MemberLog {
    path: PathBuf,
    file: File,
    /// End of the last whole frame.
    length: u64,
    /// Something may lie beyond it.
    torn: bool,
    /// There may be a [`file::STAMP`].
    pub(super) stamped: bool,
    schema: ResultSchema,
    schemas: usize,
    index: Index,
}

impl MemberLog {
    /// Opens the log of `directory` for more members, or begins it. The caller holds the directory's lock.
    ///
    /// Errors: a log of another experiment, a damaged one, or a directory in which a config lies that is not ours.
    pub fn open(directory: &Path, schema: &ResultSchema) -> Result<MemberLog, ResultError> {
        let path = directory.join(file::LOG);
        let config = directory.join(file::CONFIG);
        if !path.exists() && config.exists() {
            return Err(ResultError::ForeignConfig { path: config });
        }
        let opened = patiently(|| OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path));
        let file = opened.map_err(|e| ResultError::io(&path, e))?;
        let scanned = Scanned::of(&path, &file, Some(schema))?;
        if let StoredSchema::Other(there) = &scanned.schema {
            let differences = there.differences(schema);
            if !differences.is_empty() {
                return Err(ResultError::OtherExperiment { path, differences });
            }
        }
        let known = scanned.schema.is(schema);
        let mut log = MemberLog::of(scanned, path, file, schema.clone());
        log.truncate()?;
        if log.length == 0 {
            log.write(MAGIC)?;
        }
        if !known {
            let body = schema_body(&log.path, schema)?;
            log.write(&[&head(&body)[..], &body].concat())?;
            log.schemas += 1;
        }
        Ok(log)
    }

    /// Opens the log of `directory` for reading.
    pub fn read_only(directory: &Path) -> Result<MemberLog, ResultError> {
        let path = directory.join(file::LOG);
        let file = File::open(&path).map_err(|e| ResultError::io(&path, e))?;
        let mut scanned = Scanned::of(&path, &file, None)?;
        let StoredSchema::Other(schema) = std::mem::take(&mut scanned.schema) else {
            return Err(ResultError::Foreign { path });
        };
        Ok(MemberLog::of(scanned, path, file, *schema))
    }

    fn of(scanned: Scanned, path: PathBuf, file: File, schema: ResultSchema) -> MemberLog {
        let Scanned { length, torn, schemas, index, .. } = scanned;
        MemberLog { path, file, length, torn, stamped: true, schema, schemas, index }
    }

    /// Whether something lies behind the last whole record: what a kill left of one, or one that was damaged.
    pub fn is_torn(&self) -> bool {
        self.torn
    }

    /// What the results are arranged by.
    pub fn schema(&self) -> &ResultSchema {
        &self.schema
    }

    /// Number of members.
    pub fn len(&self) -> usize {
        self.index.offsets.len()
    }

    /// Whether no member has finished yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether this member has finished.
    pub fn contains(&self, key: &Key) -> bool {
        self.index.get(key).is_some()
    }

    /// Adds finished members; after the call a killed process does not lose them. Members that are there already are left alone.
    ///
    /// Errors: [`ResultError::Conflict`] for another result of the same member; full or read-only disks. After an error the
    /// log is as it was, or ends in a torn frame.
    pub fn append<R: Into<EncodedRecord>>(&mut self, records: impl IntoIterator<Item = R>) -> Result<(), ResultError> {
        let mut bytes = Vec::new();
        let mut added = Vec::new();
        for record in records {
            let EncodedRecord { key, bytes: payload } = record.into();
            match self.index.get(&key) {
                Some(offset) if self.body(offset)?[1..] == payload[..] => {}
                Some(_) => {
                    let Key { model, point, realisation } = key;
                    return Err(ResultError::Conflict { model, point, realisation });
                }
                None => {
                    added.push((key, self.length + bytes.len() as u64));
                    bytes.extend(frame(RECORD, &payload));
                }
            }
        }
        if added.is_empty() {
            return Ok(());
        }
        self.write(&bytes)?;
        for (key, offset) in added {
            self.index.insert(key, offset);
        }
        Ok(())
    }

    /// Adds the members of another log that are in its schema.
    pub fn append_all(&mut self, other: &mut MemberLog) -> Result<(), ResultError> {
        for place in other.order() {
            let bytes = other.body(place.offset)?.split_off(1);
            let key = Record::decode_key(&bytes).ok_or_else(|| other.corrupted(place.offset))?;
            self.append([EncodedRecord { key, bytes }])?;
        }
        Ok(())
    }

    /// Makes what was appended survive a loss of power.
    ///
    /// Errors: [`ResultError::Moved`] where the log is no longer at its path.
    pub fn sync(&self) -> Result<(), ResultError> {
        self.file.sync_data().map_err(|e| ResultError::io(&self.path, e))?;
        match is_at(&self.file, &self.path) {
            true => Ok(()),
            false => Err(ResultError::moved(&self.path)),
        }
    }

    /// Where the log ends now, for [`MemberLog::set_aside`].
    pub fn end(&self) -> u64 {
        self.length
    }

    /// Takes back what was appended after `end`; the log with it stays beside this one, under the returned name.
    pub fn set_aside(&mut self, end: u64) -> Result<PathBuf, ResultError> {
        let names = (1..).map(|i| if i == 1 { "log.suspect".to_string() } else { format!("log.suspect.{i}") });
        let mut free = names.map(|name| self.path.with_extension(name)).filter(|path| !path.exists());
        let aside = free.next().expect("numbers do not end");
        std::fs::copy(&self.path, &aside).map_err(|e| ResultError::io(&aside, e))?;
        self.outdate()?;
        self.file.set_len(end).map_err(|e| ResultError::io(&self.path, e))?;
        self.scan_again()?;
        Ok(aside)
    }

    /// The record of a member; `None` if it has not finished.
    pub fn read(&mut self, key: &Key) -> Result<Option<Record>, ResultError> {
        self.index.get(key).map(|offset| self.record(offset)).transpose()
    }

    /// (model, point, realisation, position) of every member whose model and point are in the schema, in the order
    /// of the final files; models and points by index.
    pub fn order(&self) -> Vec<Place> {
        let models = self.schema.models.iter().map(SchemaModel::key);
        let points = self.schema.points.iter().map(|p| p.key.as_str());
        let (models, points) = (ranks(&self.index.models, models), ranks(&self.index.points, points));
        let mut order: Vec<Place> = (self.index.offsets.iter())
            .filter_map(|(&(model, point, realisation), &offset)| {
                Some(Place { model: models[model as usize]?, point: points[point as usize]?, realisation, offset })
            })
            .collect();
        order.sort_unstable_by_key(|place| (place.model, place.point, place.realisation));
        order
    }

    /// The member at a place of [`MemberLog::order`].
    pub fn record(&mut self, offset: u64) -> Result<Record, ResultError> {
        let body = self.body(offset)?;
        Record::decode(&body[1..]).ok_or_else(|| self.corrupted(offset))
    }

    /// For reading many.
    pub(super) fn bodies(&self) -> Bodies<'_> {
        Bodies::new(&self.path, &self.file, self.length, self.len())
    }

    /// Rewrites the log in the order of the final files, so that its bytes no longer tell when which member finished. Members
    /// outside the schema follow, in the order of their keys.
    pub fn compact(&mut self) -> Result<(), ResultError> {
        let mut offsets: Vec<u64> = self.order().iter().map(|place| place.offset).collect();
        let mut inside = offsets.clone();
        inside.sort_unstable();
        let outside = |offset: &u64| inside.binary_search(offset).is_err();
        let others: Vec<u64> = self.index.offsets.values().copied().filter(outside).collect();
        drop(inside);
        let mut keyed = Vec::with_capacity(others.len());
        for offset in others {
            let Key { model, point, realisation } = self.record(offset)?.key;
            keyed.push((model, point, realisation, offset));
        }
        keyed.sort_unstable();
        offsets.extend(keyed.into_iter().map(|(.., offset)| offset));
        if self.schemas == 1 && offsets.is_sorted() {
            return self.sync();
        }

        let path = self.path.clone();
        let io = |e| ResultError::io(&path, e);
        let mut to = BufWriter::new(AtomicFile::create(&path)?);
        to.write_all(MAGIC).map_err(io)?;
        let mut write = |body: &[u8]| to.write_all(&head(body)).and_then(|()| to.write_all(body)).map_err(io);
        let schema = schema_body(&path, &self.schema)?;
        write(&schema)?;
        let (mut body, mut end) = (Vec::new(), (MAGIC.len() + FRAME + schema.len()) as u64);
        let mut bodies = self.bodies();
        // from where to where
        let mut moved = Vec::with_capacity(offsets.len());
        for offset in offsets {
            body.clear();
            bodies.read(offset, &mut body)?;
            write(&body)?;
            moved.push((offset, end));
            end += (FRAME + body.len()) as u64;
        }
        let to = to.into_inner().map_err(|e| io(e.into_error()))?;
        // Windows replaces no file that is open: this handle lets go of the old log.
        self.file = to.reopened()?;
        let committed = to.commit();
        self.file = atomic::open(&path).map_err(io)?;
        committed?;
        moved.sort_unstable();
        for offset in self.index.offsets.values_mut() {
            let at = moved.binary_search_by_key(offset, |(from, _)| *from);
            *offset = moved[at.expect("every member has moved")].1;
        }
        (self.length, self.torn, self.schemas) = (end, false, 1);
        Ok(())
    }

    fn body(&mut self, offset: u64) -> Result<Vec<u8>, ResultError> {
        let mut body = Vec::new();
        self.file.seek(SeekFrom::Start(offset)).map_err(|e| ResultError::io(&self.path, e))?;
        match next_frame(&mut &self.file, offset, self.length, &mut body).map_err(|e| ResultError::io(&self.path, e))? {
            Found::Body(_) => Ok(body),
            Found::End | Found::Damaged => Err(self.corrupted(offset)),
        }
    }

    pub(super) fn corrupted(&self, offset: u64) -> ResultError {
        ResultError::Corrupted { path: self.path.clone(), offset, records: self.len() }
    }

    /// Writes at the end; on failure what was written of it is cut off again, at the latest before the next write: a torn frame
    /// may only be the last.
    fn write(&mut self, bytes: &[u8]) -> Result<(), ResultError> {
        if self.torn {
            self.truncate()?;
        }
        self.outdate()?;
        let written = self.file.seek(SeekFrom::Start(self.length)).and_then(|_| self.file.write_all(bytes));
        if let Err(e) = written {
            // the error of the write is the one to tell
            let _ = self.truncate();
            return Err(ResultError::io(&self.path, e));
        }
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// The tables are no longer of what the log holds.
    fn outdate(&mut self) -> Result<(), ResultError> {
        if !std::mem::take(&mut self.stamped) {
            return Ok(());
        }
        remove(&self.path.with_file_name(file::STAMP))
    }

    fn truncate(&mut self) -> Result<(), ResultError> {
        let cut = self.file.set_len(self.length);
        self.torn = cut.is_err();
        cut.map_err(|e| ResultError::io(&self.path, e))
    }

    /// After the file was written anew or cut; its schema is the same.
    fn scan_again(&mut self) -> Result<(), ResultError> {
        let path = self.path.clone();
        let file = atomic::open(&path).map_err(|e| ResultError::io(&path, e))?;
        self.index = Index::default();
        let scanned = Scanned::of(&path, &file, Some(&self.schema))?;
        *self = MemberLog::of(scanned, path, file, self.schema.clone());
        Ok(())
    }
}

/// A member in the order of the final files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Index into [`ResultSchema::models`].
    pub model: u32,
    /// Index into [`ResultSchema::points`].
    pub point: u32,
    /// Counted from 0.
    pub realisation: u32,
    /// First byte of its frame in the log.
    pub offset: u64,
}

impl Place {
    /// Whether both are realisations of one model at one point.
    pub fn same_point(&self, other: &Place) -> bool {
        (self.model, self.point) == (other.model, other.point)
    }
}

/// For every interned name its place in `listed`, if it has one.
fn ranks(interned: &HashMap<String, u32>, listed: impl Iterator<Item = impl AsRef<str>>) -> Vec<Option<u32>> {
    let mut ranks = vec![None; interned.len()];
    for (rank, name) in listed.enumerate() {
        if let Some(&i) = interned.get(name.as_ref()) {
            ranks[i as usize] = Some(rank as u32);
        }
    }
    ranks
}

fn schema_body(path: &Path, schema: &ResultSchema) -> Result<Vec<u8>, ResultError> {
    let mut body = vec![SCHEMA];
    serde_json::to_writer(&mut body, schema)
        .map_err(|source| ResultError::Json { path: path.to_path_buf(), source })?;
    Ok(body)
}

/// Whether an open file is what its path leads to, as far as can be known.
fn is_at(file: &File, path: &Path) -> bool {
    let (Ok(open), Ok(there)) = (file.metadata(), path.metadata()) else { return path.exists() };
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        (open.dev(), open.ino()) == (there.dev(), there.ino())
    }
    #[cfg(not(unix))]
    {
        open.len() == there.len()
    }
}
