//! Threefry-4x32 with 13 rounds: 128 random bits as a pure function of a key and a counter.
//!
//! Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011. 12 rounds are the fewest that
//! pass BigCrush; 13 leave a margin. Only additions, rotations and exclusive ors, so that every device computes the same.
//!
//! Key: the member. Counter: (neuron, index of the block, purpose, part); the part tells blocks of one purpose apart, which of
//! `dsode`'s noise are those of a population.

use crate::wgsl::{U32, Word};

/// Constant of the key schedule (Skein 1.3).
const PARITY: u32 = 0x1BD1_1BDA;

/// Four words of one counter under one key.
#[inline(always)]
pub fn threefry(key: [u32; 4], counter: [U32; 4]) -> [U32; 4] {
    let k4 = PARITY ^ key[0] ^ key[1] ^ key[2] ^ key[3];
    let mut x = inject(counter, key);
    x = even_round(x, 10, 26);
    x = odd_round(x, 11, 21);
    x = even_round(x, 13, 27);
    x = odd_round(x, 23, 5);
    x = inject(x, [key[1], key[2], key[3], k4.wrapping_add(1)]);
    x = even_round(x, 6, 20);
    x = odd_round(x, 17, 11);
    x = even_round(x, 25, 10);
    x = odd_round(x, 18, 20);
    x = inject(x, [key[2], key[3], k4, key[0].wrapping_add(2)]);
    x = even_round(x, 10, 26);
    x = odd_round(x, 11, 21);
    x = even_round(x, 13, 27);
    x = odd_round(x, 23, 5);
    x = inject(x, [key[3], k4, key[0], key[1].wrapping_add(3)]);
    even_round(x, 6, 20)
}

#[inline(always)]
fn inject(v: [U32; 4], k: [u32; 4]) -> [U32; 4] {
    [v[0] + k[0], v[1] + k[1], v[2] + k[2], v[3] + k[3]]
}

#[inline(always)]
fn even_round(v: [U32; 4], first: u32, second: u32) -> [U32; 4] {
    let x0 = v[0] + v[1];
    let x1 = rotate_left(v[1], first) ^ x0;
    let x2 = v[2] + v[3];
    let x3 = rotate_left(v[3], second) ^ x2;
    [x0, x1, x2, x3]
}

#[inline(always)]
fn odd_round(v: [U32; 4], first: u32, second: u32) -> [U32; 4] {
    let x0 = v[0] + v[3];
    let x3 = rotate_left(v[3], first) ^ x0;
    let x2 = v[2] + v[1];
    let x1 = rotate_left(v[1], second) ^ x2;
    [x0, x1, x2, x3]
}

#[inline(always)]
pub fn rotate_left(x: U32, bits: u32) -> U32 {
    (x << bits) | (x >> (32 - bits))
}

/// [`threefry`] over plain numbers.
pub fn block(key: [u32; 4], counter: [u32; 4]) -> [u32; 4] {
    threefry(key, counter.map(Word)).map(|x| x.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Random123's published known answers (kat_vectors): counter, key, result of 13 rounds, result of 20.
    const KNOWN: [[[u32; 4]; 4]; 3] = [
        [
            [0; 4],
            [0; 4],
            [0x531c7e4f, 0x39491ee5, 0x2c855a92, 0x3d6abf9a],
            [0x9c6ca96a, 0xe17eae66, 0xfc10ecd4, 0x5256a7d8],
        ],
        [
            [u32::MAX; 4],
            [u32::MAX; 4],
            [0xc4189358, 0x1c9cc83a, 0xd5881c67, 0x6a0a89e0],
            [0x2a881696, 0x57012287, 0xf6c7446e, 0xa16a6732],
        ],
        [
            [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
            [0xa4093822, 0x299f31d0, 0x082efa98, 0xec4e6c89],
            [0x4aa71d8f, 0x734738c2, 0x431fc6a8, 0xae6debf1],
            [0x59cd1dbb, 0xb8879579, 0x86b5d00c, 0xac8b6d84],
        ],
    ];

    /// Seven rounds more than `threefry`, with the same mixes.
    fn twenty_rounds(key: [u32; 4], counter: [U32; 4]) -> [U32; 4] {
        let k4 = PARITY ^ key[0] ^ key[1] ^ key[2] ^ key[3];
        let mut x = threefry(key, counter);
        x = odd_round(x, 17, 11);
        x = even_round(x, 25, 10);
        x = odd_round(x, 18, 20);
        x = inject(x, [k4, key[0], key[1], key[2].wrapping_add(4)]);
        x = even_round(x, 10, 26);
        x = odd_round(x, 11, 21);
        x = even_round(x, 13, 27);
        x = odd_round(x, 23, 5);
        inject(x, [key[0], key[1], key[2], key[3].wrapping_add(5)])
    }

    #[test]
    fn known_answers() {
        for [counter, key, thirteen, twenty] in KNOWN {
            assert_eq!(block(key, counter), thirteen, "13 rounds");
            assert_eq!(twenty_rounds(key, counter.map(Word)).map(|x| x.0), twenty, "20 rounds");
        }
    }
}
