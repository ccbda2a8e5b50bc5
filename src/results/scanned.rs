//! What one pass over `members.log` finds.

use super::error::ResultError;
use super::frame::{FRAME, Found, next_frame};
use super::record::{Key, Record};
use super::schema::ResultSchema;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read, Write};
use std::path::Path;

/// The format's name, and its version.
const NAME: &[u8; 13] = b"snn-ensemble-";
pub const MAGIC: &[u8; 16] = b"snn-ensemble-3\r\n";
/// Kinds of frames.
pub const SCHEMA: u8 = 0;
pub const RECORD: u8 = 1;

/// Where the members are, with the strings of the keys stored once.
#[derive(Debug, Default)]
pub struct Index {
    pub models: HashMap<String, u32>,
    pub points: HashMap<String, u32>,
    pub offsets: HashMap<(u32, u32, u32), u64>,
}

impl Index {
    pub fn get(&self, key: &Key) -> Option<u64> {
        let of = (*self.models.get(&key.model)?, *self.points.get(&key.point)?, key.realisation);
        self.offsets.get(&of).copied()
    }

    /// The first of several records of a key is the one that counts.
    pub fn insert(&mut self, key: Key, offset: u64) {
        let next = self.models.len() as u32;
        let model = *self.models.entry(key.model).or_insert(next);
        let next = self.points.len() as u32;
        let point = *self.points.entry(key.point).or_insert(next);
        self.offsets.entry((model, point, key.realisation)).or_insert(offset);
    }
}

/// The schema that a log holds, beside the one that is expected of it.
#[derive(Debug, Default)]
pub enum StoredSchema {
    #[default]
    None,
    /// Its bytes are those of the expected one. Of a large scan it is not worth to be read.
    Expected,
    Other(Box<ResultSchema>),
}

impl StoredSchema {
    /// `None`: `json` is no schema.
    fn of(json: &[u8], expected: Option<&ResultSchema>) -> Option<StoredSchema> {
        let is_expected = |schema| {
            let mut rest = Rest(json);
            serde_json::to_writer(&mut rest, schema).is_ok() && rest.0.is_empty()
        };
        if expected.is_some_and(is_expected) {
            return Some(StoredSchema::Expected);
        }
        serde_json::from_slice(json).ok().map(Box::new).map(StoredSchema::Other)
    }

    /// Whether it is `schema`, the expected one.
    pub fn is(&self, schema: &ResultSchema) -> bool {
        match self {
            StoredSchema::None => false,
            StoredSchema::Expected => true,
            StoredSchema::Other(stored) => **stored == *schema,
        }
    }
}

/// Takes the bytes that it begins with, and no others.
struct Rest<'a>(&'a [u8]);

impl Write for Rest<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.strip_prefix(bytes).ok_or(ErrorKind::InvalidData)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What one pass over all frames finds.
pub struct Scanned {
    /// End of the last whole frame.
    pub length: u64,
    /// Something lies beyond it.
    pub torn: bool,
    /// Of several schemas the last one.
    pub schema: StoredSchema,
    pub schemas: usize,
    pub index: Index,
}

impl Scanned {
    /// Checks every frame.
    pub fn of(path: &Path, file: &File, expected: Option<&ResultSchema>) -> Result<Scanned, ResultError> {
        let io = |e| ResultError::io(path, e);
        let end = file.metadata().map_err(io)?.len();
        let mut reader = BufReader::with_capacity(1 << 20, file);
        let (mut schema, mut schemas, mut index) = (StoredSchema::None, 0, Index::default());
        let mut length = 0;
        let mut magic = Vec::new();
        reader.by_ref().take(MAGIC.len() as u64).read_to_end(&mut magic).map_err(io)?;
        if !MAGIC.starts_with(&magic) {
            return Err(foreign(path, &magic));
        }
        // a process killed while it began the log may leave a part of the magic
        if magic.len() == MAGIC.len() {
            length = MAGIC.len() as u64;
            let mut body = Vec::new();
            loop {
                let damaged =
                    || ResultError::Corrupted { path: path.into(), offset: length, records: index.offsets.len() };
                body.clear();
                match next_frame(&mut reader, length, end, &mut body).map_err(io)? {
                    Found::Body(_) => {}
                    Found::End => break,
                    Found::Damaged => return Err(damaged()),
                }
                match body.split_first() {
                    Some((&SCHEMA, json)) => {
                        schema = StoredSchema::of(json, expected).ok_or_else(damaged)?;
                        schemas += 1;
                    }
                    Some((&RECORD, bytes)) => {
                        let key = Record::decode_key(bytes).ok_or_else(damaged)?;
                        index.insert(key, length);
                    }
                    _ => return Err(damaged()),
                }
                length += (FRAME + body.len()) as u64;
            }
        }
        Ok(Scanned { length, torn: end > length, schema, schemas, index })
    }
}

/// What begins otherwise than a log of this version.
fn foreign(path: &Path, magic: &[u8]) -> ResultError {
    let format = |magic: &[u8]| String::from_utf8_lossy(magic).trim_end().to_string();
    let path = path.to_path_buf();
    match magic.starts_with(NAME) {
        true => ResultError::OtherFormat { path, format: format(magic), known: format(MAGIC) },
        false => ResultError::Foreign { path },
    }
}
