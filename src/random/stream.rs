//! A member's stream for callers: the counter-based generator behind the traits of `rand`.

use super::threefry::block;
use rand::rand_core::{SeedableRng, TryRng, utils};
use std::convert::Infallible;

/// Purpose of the words of a [`MemberStream`] in the generator's counter; no kernel draws from it.
pub const CALLER: u32 = 0x8000_0000;

/// Random words of one member and stream, apart from everything that its simulation draws: two streams with other numbers, or
/// of members with other keys, are independent. Implements [`rand::Rng`], so that all of `rand`'s distributions draw from it.
///
/// ```
/// use rand::RngExt;
/// use snn_ensemble::random::MemberStream;
///
/// let mut stream = MemberStream::new([1, 2, 3, 4], 0);
/// let voltage: f64 = stream.random_range(0.0..100.0);
/// # assert!((0.0..100.0).contains(&voltage));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberStream {
    key: [u32; 4],
    stream: u32,
    /// Words drawn so far.
    drawn: u64,
    words: [u32; 4],
}

impl MemberStream {
    /// Stream number `stream` of the member with this key ([`crate::model::member_key`]), at its first word.
    pub fn new(key: [u32; 4], stream: u32) -> MemberStream {
        MemberStream { key, stream, drawn: 0, words: [0; 4] }
    }
}

impl TryRng for MemberStream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let (index, word) = (self.drawn >> 2, (self.drawn & 3) as usize);
        if word == 0 {
            self.words = block(self.key, [self.stream, index as u32, CALLER, (index >> 32) as u32]);
        }
        self.drawn += 1;
        Ok(self.words[word])
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        utils::next_u64_via_u32(self)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        utils::fill_bytes_via_next_word(bytes, || self.try_next_u32())
    }
}

/// The seed is the member's key, in little-endian words; the stream is number 0.
impl SeedableRng for MemberStream {
    type Seed = [u8; 16];

    fn from_seed(seed: [u8; 16]) -> MemberStream {
        let word = |i: usize| u32::from_le_bytes([seed[4 * i], seed[4 * i + 1], seed[4 * i + 2], seed[4 * i + 3]]);
        MemberStream::new(std::array::from_fn(word), 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng, RngExt};

    #[test]
    fn words_are_blocks_of_the_generator_in_order() {
        let key = [5, 6, 7, 8];
        let mut stream = MemberStream::new(key, 9);
        for index in 0..3 {
            let expected = block(key, [9, index, CALLER, 0]);
            assert_eq!([0; 4].map(|_: u32| stream.next_u32()), expected);
        }
        let seeded: u32 = MemberStream::from_seed([5, 0, 0, 0, 6, 0, 0, 0, 7, 0, 0, 0, 8, 0, 0, 0]).next_u32();
        assert_eq!(seeded, MemberStream::new(key, 0).next_u32());
    }

    #[test]
    fn distributions_of_rand_draw_from_it() {
        let mut stream = MemberStream::new([1, 2, 3, 4], 0);
        let n = 100_000;
        let mean = (0..n).map(|_| stream.random_range(0.0..1.0)).sum::<f64>() / f64::from(n);
        // Standard deviation of the mean: 1/sqrt(12 n) = 0.0009; five of them.
        assert!((mean - 0.5).abs() < 0.0046, "{mean}");
        let heads = (0..n).filter(|_| stream.random_bool(0.3)).count() as f64;
        // sqrt(0.21 n) = 145; five of them.
        assert!((heads - 30_000.0).abs() < 725.0, "{heads}");
    }
}
