//! Frames of `members.log`: length (u64), CRC-32 of the length, CRC-32 of the body (u32 each, little-endian), body.
//!
//! A write that a kill interrupts leaves a prefix of a frame: it ends the log. Any other frame whose checks fail is damage.

use std::io::{self, ErrorKind, Read};

/// Bytes before the body.
pub const FRAME: usize = 16;

/// A frame whose body is a kind byte and a payload.
pub fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; FRAME];
    bytes.push(kind);
    bytes.extend(payload);
    let head = head(&bytes[FRAME..]);
    bytes[..FRAME].copy_from_slice(&head);
    bytes
}

/// The payload of a file that is one frame of this kind; `None` where it is damaged or something else.
pub fn only(kind: u8, bytes: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    let Ok(Found::Body(_)) = next_frame(&mut &bytes[..], 0, bytes.len() as u64, &mut body) else { return None };
    (body.first() == Some(&kind)).then(|| body.split_off(1))
}

/// What goes before a body.
pub fn head(body: &[u8]) -> [u8; FRAME] {
    let length = (body.len() as u64).to_le_bytes();
    let mut head = [0; FRAME];
    head[..8].copy_from_slice(&length);
    head[8..12].copy_from_slice(&checksum(&length));
    head[12..].copy_from_slice(&checksum(body));
    head
}

fn checksum(bytes: &[u8]) -> [u8; 4] {
    crc32fast::hash(bytes).to_le_bytes()
}

/// What lies at a position of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A whole frame, with a body of so many bytes.
    Body(usize),
    /// The end, or a frame that was never finished.
    End,
    Damaged,
}

/// The frame at `offset` of a log of `end` bytes, where `reader` stands; its body goes behind what `to` holds.
pub fn next_frame(reader: &mut impl Read, offset: u64, end: u64, to: &mut Vec<u8>) -> io::Result<Found> {
    let rest = end.saturating_sub(offset);
    if rest < FRAME as u64 {
        return Ok(Found::End);
    }
    let mut front = [0; FRAME];
    reader.read_exact(&mut front)?;
    let (length, checks) = front.split_at(8);
    // without a length nothing behind it can be found, so it has its own check
    if checks[..4] != checksum(length) {
        // after a loss of power the end of a file may be zeros that were never written over
        return Ok(if front == [0; FRAME] && is_zero(reader)? { Found::End } else { Found::Damaged });
    }
    let length = u64::from_le_bytes(length.try_into().expect("eight bytes"));
    if length > rest - FRAME as u64 {
        return Ok(Found::End);
    }
    let begin = to.len();
    to.resize(begin + length as usize, 0);
    let body = &mut to[begin..];
    match reader.read_exact(body) {
        Err(e) if e.kind() == ErrorKind::UnexpectedEof => return Ok(Found::End),
        other => other?,
    }
    if front == head(body) {
        Ok(Found::Body(length as usize))
    } else {
        let last = length == rest - FRAME as u64;
        Ok(if last { Found::End } else { Found::Damaged })
    }
}

fn is_zero(reader: &mut impl Read) -> io::Result<bool> {
    let mut block = [0; 4096];
    loop {
        match reader.read(&mut block)? {
            0 => return Ok(true),
            n if block[..n].iter().any(|&byte| byte != 0) => return Ok(false),
            _ => {}
        }
    }
}
