//! The values of a histogram in the smallest of three exact forms.
//!
//! Histograms of bursts and of attractors are mostly empty, and spectra are rounded to f32: a member of the example network with
//! everything recorded is a record of 2.7 kB, of which the values would take 124 kB as f64.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

#[derive(Serialize, Deserialize)]
enum Packed {
    /// Whole counts: the number of bins, and (gap, count) of those that are not 0.
    Sparse(u32, Vec<(u32, u64)>),
    F32(Vec<f32>),
    F64(Vec<f64>),
}

/// More bins than any histogram has: damage reserves no memory.
const MOST_BINS: u32 = 1 << 24;

pub fn serialize<S: Serializer>(values: &[f64], serializer: S) -> Result<S::Ok, S::Error> {
    pack(values).serialize(serializer)
}

pub fn deserialize<'a, D: Deserializer<'a>>(deserializer: D) -> Result<Vec<f64>, D::Error> {
    unpack(Packed::deserialize(deserializer)?).ok_or_else(|| D::Error::custom("bins beyond the last one"))
}

fn pack(values: &[f64]) -> Packed {
    // above 2^53 a f64 is no exact count
    let whole = |x: &f64| x.to_bits() == ((*x as u64) as f64).to_bits() && *x < 9e15;
    if values.iter().all(whole) {
        let mut next = 0;
        let filled = values.iter().enumerate().filter(|(_, count)| **count != 0.0).map(|(bin, &count)| {
            let gap = bin - std::mem::replace(&mut next, bin + 1);
            (gap as u32, count as u64)
        });
        let filled = filled.collect();
        Packed::Sparse(values.len() as u32, filled)
    } else if values.iter().all(|&x| f64::from(x as f32).to_bits() == x.to_bits()) {
        Packed::F32(values.iter().map(|&x| x as f32).collect())
    } else {
        Packed::F64(values.to_vec())
    }
}

fn unpack(packed: Packed) -> Option<Vec<f64>> {
    match packed {
        Packed::F64(values) => Some(values),
        Packed::F32(values) => Some(values.into_iter().map(f64::from).collect()),
        Packed::Sparse(bins, filled) => {
            let mut values = vec![0.0; usize::try_from(bins.min(MOST_BINS)).ok()?];
            let mut next = 0_usize;
            for (gap, count) in filled {
                let bin = next.checked_add(gap as usize)?;
                *values.get_mut(bin)? = count as f64;
                next = bin + 1;
            }
            (bins <= MOST_BINS).then_some(values)
        }
    }
}
