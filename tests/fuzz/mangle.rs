//! What goes wrong with a text or a file: slips of the keyboard, bad merges, torn writes, flipped bits.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

pub struct Mangler(Xoshiro256PlusPlus);

/// Pieces that mean something in a config, on a command line or in a binary file.
const FRAGMENTS: [&[u8]; 38] = [
    b"-",
    b"0",
    b"1e308",
    b".inf",
    b"-.nan",
    b"null",
    b"none",
    b"carry",
    b"{",
    b"}",
    b"[",
    b"]",
    b": ",
    b", ",
    b"\n  - ",
    b"&a",
    b"*a",
    b"<<: ",
    b"!!",
    b"|\n",
    b"#",
    b"'",
    b"\"",
    b"\t",
    "é".as_bytes(),
    b"time.dt",
    b"projections.E<-I.p",
    b"models",
    b"scan",
    b"=",
    b"/",
    b"18446744073709551615",
    b"-9223372036854775809",
    b"4294967296",
    b"0x10",
    &[0xff; 8],
    &[0; 8],
    &[0x80, 0xff, 0x7f],
];

impl Mangler {
    pub fn new(seed: u64) -> Mangler {
        Mangler(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    pub fn below(&mut self, n: usize) -> usize {
        self.0.random_range(0..n.max(1))
    }

    pub fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    /// `bytes` after one to four accidents.
    pub fn bytes(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len() + 1);
            let end = (at + 1 + self.below(20)).min(bytes.len());
            match self.below(6) {
                0 => drop(bytes.drain(at..end)),
                1 => drop(bytes.splice(at..at, self.pick(&FRAGMENTS).iter().copied())),
                2 => {
                    let to = self.below(bytes.len() + 1);
                    let copy = bytes[at..end].to_vec();
                    bytes.splice(to..to, copy);
                }
                3 if self.below(4) == 0 => bytes.truncate(at),
                4 => {
                    let piece = self.pick(&FRAGMENTS);
                    let end = (at + piece.len()).min(bytes.len());
                    bytes.splice(at..end, piece.iter().copied());
                }
                _ => {
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte ^= 1 << self.below(8);
                    }
                }
            }
        }
        bytes
    }

    /// The same of a text.
    pub fn text(&mut self, text: &str) -> String {
        String::from_utf8_lossy(&self.bytes(text.as_bytes())).into_owned()
    }
}
