//! Bodies of frames, read one after the other.

use super::error::ResultError;
use super::frame::{FRAME, Found, next_frame};
use std::fs::File;
use std::io::{BufReader, Seek, SeekFrom};
use std::path::Path;

/// Bytes that are read at once: many small records that follow each other, and not too much where each lies elsewhere.
const AHEAD: usize = 1 << 14;

/// Reads frames of a log at known places, fast where they follow each other.
pub struct Bodies<'a> {
    path: &'a Path,
    file: BufReader<&'a File>,
    /// Where the reader is, if that is known.
    position: Option<u64>,
    /// Bytes and members of the log.
    end: u64,
    members: usize,
}

impl<'a> Bodies<'a> {
    /// Of a log of `end` bytes and so many members.
    pub fn new(path: &'a Path, file: &'a File, end: u64, members: usize) -> Bodies<'a> {
        Bodies { path, file: BufReader::with_capacity(AHEAD, file), position: None, end, members }
    }

    /// Puts the body at `offset` behind what `to` holds.
    pub fn read(&mut self, offset: u64, to: &mut Vec<u8>) -> Result<(), ResultError> {
        let path = self.path;
        let io = |e| ResultError::io(path, e);
        match self.position.take() {
            // What lies in the buffer stays there.
            Some(here) => self.file.seek_relative(offset as i64 - here as i64),
            None => self.file.seek(SeekFrom::Start(offset)).map(drop),
        }
        .map_err(io)?;
        match next_frame(&mut self.file, offset, self.end, to).map_err(io)? {
            Found::Body(bytes) => self.position = Some(offset + (FRAME + bytes) as u64),
            Found::End | Found::Damaged => {
                return Err(ResultError::Corrupted { path: path.to_path_buf(), offset, records: self.members });
            }
        }
        Ok(())
    }
}
