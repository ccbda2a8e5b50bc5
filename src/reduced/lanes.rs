//! Neighbouring source bins, computed side by side: the same operations on every lane, so that loops over lanes are vectors.
//!
//! Such a loop goes over `0..len.min(LANES)`, which tells the compiler that no index is out of bounds.

use super::real::Real;
use super::transition::{BinLaw, Edge, Share};

/// Most source bins side by side.
pub const LANES: usize = 64;

/// A number of each.
pub type Lanes<T> = [T; LANES];

/// How many of `bins` bins go side by side, in pieces of about the same size: whole vectors of 32 bytes.
pub fn piece<T>(bins: usize) -> usize {
    let pieces = bins.div_ceil(LANES);
    bins.div_ceil(pieces).next_multiple_of(32 / size_of::<T>())
}

/// The first `len` lanes, from `numbers` as far as they go, then zero.
#[inline(always)]
pub fn load<T: Real>(lanes: &mut Lanes<T>, numbers: &[T], len: usize) {
    let filled = numbers.len().min(len);
    lanes[..filled].copy_from_slice(&numbers[..filled]);
    lanes[filled..len].fill(T::zero());
}

impl<T: Real> BinLaw<Lanes<T>> {
    pub fn zero() -> Self {
        let [centre, half, sigma, inverse_sigma, inverse_width, first, last, top] = [[T::zero(); LANES]; 8];
        BinLaw { centre, half, sigma, inverse_sigma, inverse_width, first, last, top }
    }

    #[inline(always)]
    pub fn lane(&self, lane: usize) -> BinLaw<T> {
        BinLaw {
            centre: self.centre[lane],
            half: self.half[lane],
            sigma: self.sigma[lane],
            inverse_sigma: self.inverse_sigma[lane],
            inverse_width: self.inverse_width[lane],
            first: self.first[lane],
            last: self.last[lane],
            top: self.top[lane],
        }
    }

    #[inline(always)]
    pub fn set(&mut self, lane: usize, law: BinLaw<T>) {
        self.centre[lane] = law.centre;
        self.half[lane] = law.half;
        self.sigma[lane] = law.sigma;
        self.inverse_sigma[lane] = law.inverse_sigma;
        self.inverse_width[lane] = law.inverse_width;
        self.first[lane] = law.first;
        self.last[lane] = law.last;
        self.top[lane] = law.top;
    }
}

impl<T: Real> Edge<Lanes<T>> {
    pub fn zero() -> Self {
        let [y, tail, excess] = [[T::zero(); LANES]; 3];
        Edge { y, tail, excess }
    }

    #[inline(always)]
    pub fn lane(&self, lane: usize) -> Edge<T> {
        Edge { y: self.y[lane], tail: self.tail[lane], excess: self.excess[lane] }
    }

    #[inline(always)]
    pub fn set(&mut self, lane: usize, edge: Edge<T>) {
        (self.y[lane], self.tail[lane], self.excess[lane]) = (edge.y, edge.tail, edge.excess);
    }
}

impl<T: Real> Share<Lanes<T>> {
    pub fn zero() -> Self {
        let [mass, moment] = [[T::zero(); LANES]; 2];
        Share { mass, moment }
    }

    #[inline(always)]
    pub fn lane(&self, lane: usize) -> Share<T> {
        Share { mass: self.mass[lane], moment: self.moment[lane] }
    }

    #[inline(always)]
    pub fn set(&mut self, lane: usize, share: Share<T>) {
        (self.mass[lane], self.moment[lane]) = (share.mass, share.moment);
    }
}
