//! Neighbouring source bins, computed side by side: the same operations on every lane, so that loops over lanes are vectors.
//!
//! Such a loop goes over `0..len.min(LANES)`, which tells the compiler that no index is out of bounds.

use super::real::Real;
use super::transition::{BinLaw, Edge, Share};

/// Most source bins side by side.
pub const LANES: usize = 64;

/// A number of each.
pub type Lanes<T> = [T; LANES];

/// How many of `bins` bins go side by side, in pieces of about the same size: whole vectors of 32 bytes, of
/// numbers as wide as that or wider any number.
pub fn piece<T>(bins: usize) -> usize {
    let pieces = bins.div_ceil(LANES);
    bins.div_ceil(pieces).next_multiple_of((32 / size_of::<T>()).max(1))
}

/// The first `len` lanes, from `numbers` as far as they go, then zero.
#[inline(always)]
pub fn load<T: Real>(lanes: &mut Lanes<T>, numbers: &[T], len: usize) {
    let filled = numbers.len().min(len);
    lanes[..filled].copy_from_slice(&numbers[..filled]);
    lanes[filled..len].fill(T::zero());
}

/// Adds numbers to as many sums.
#[inline(always)]
pub fn add<T: Real>(sums: &mut [T], numbers: &[T]) {
    for (sum, number) in sums.iter_mut().zip(numbers) {
        *sum += *number;
    }
}

/// The same of the first moments of `masses`, to sums from place `at` on. In the lowest bin, at place [`LANES`], those below its edge count
/// as at it. A trajectory beside another one may have bins with fewer than no neurons, whose moments are as negative as their masses.
#[inline(always)]
pub fn add_moments<T: Real>(sums: &mut [T], at: usize, moments: &[T], masses: &[T]) {
    let lowest = LANES.checked_sub(at).filter(|&lane| lane < moments.len());
    let below = lowest.filter(|&lane| (moments[lane] < T::zero()) != (masses[lane] < T::zero()));
    let kept = below.map(|lane| (at + lane, sums[at + lane]));
    add(&mut sums[at..at + moments.len()], moments);
    if let Some((place, sum)) = kept {
        sums[place] = sum;
    }
}

/// Structs of lanes, of which one lane is a struct of numbers.
macro_rules! of_lanes {
    ($($name:ident),+) => {$(
        impl<T: Real> $name<Lanes<T>> {
            pub fn zero() -> Self {
                $name::<()>::default().each(|()| [T::zero(); LANES])
            }

            #[inline(always)]
            pub fn lane(&self, lane: usize) -> $name<T> {
                self.each(|numbers| numbers[lane])
            }

            #[inline(always)]
            pub fn set(&mut self, lane: usize, numbers: $name<T>) {
                self.with(numbers, |lanes, number| lanes[lane] = number);
            }
        }
    )+};
}
of_lanes!(BinLaw, Edge, Share);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_fit_whole_vectors_of_any_number() {
        for bins in 1..300 {
            for (len, vector) in [(piece::<f32>(bins), 8), (piece::<f64>(bins), 4), (piece::<[f64; 9]>(bins), 1)] {
                assert!(len <= LANES && len % vector == 0 && len * bins.div_ceil(len) >= bins, "{bins} bins: {len}");
            }
        }
    }
}
