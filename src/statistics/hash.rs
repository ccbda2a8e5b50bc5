//! 64-bit FNV-1a, the fingerprint of a member's spike counts.
//!
//! hash <- (hash xor byte) * 0x100000001b3, from 0xcbf29ce484222325 (Fowler, Noll and Vo). It is written out here because it is part
//! of the results: `spike_hash` in tables of any age is compared with it, and it goes on with a member from checkpoint to
//! checkpoint. Files are checked by CRC-32.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fnv1a(pub u64);

impl Default for Fnv1a {
    fn default() -> Self {
        Fnv1a(0xcbf2_9ce4_8422_2325)
    }
}

const PRIME: u64 = 0x0100_0000_01b3;

impl Fnv1a {
    #[inline]
    pub fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(PRIME);
        }
    }

    /// The four bytes of `x`, least significant first. A step's counts are mostly below 256, whose three zero bytes only
    /// multiply: one multiplication in place of four that wait for each other.
    #[inline]
    pub fn write_u32(&mut self, x: u32) {
        const FOURTH: u64 = PRIME.wrapping_pow(4);
        if x < 256 {
            self.0 = (self.0 ^ u64::from(x)).wrapping_mul(FOURTH);
        } else {
            self.write(&x.to_le_bytes());
        }
    }

    /// The eight bytes of `x`, least significant first. A number that an f32 holds mostly has three zero bytes there.
    #[inline]
    pub fn write_f64(&mut self, x: f64) {
        const THIRD: u64 = PRIME.wrapping_pow(3);
        let bytes = x.to_bits().to_le_bytes();
        if bytes[..3] == [0; 3] {
            self.0 = self.0.wrapping_mul(THIRD);
            self.write(&bytes[3..]);
        } else {
            self.write(&bytes);
        }
    }
}
