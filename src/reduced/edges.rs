//! An edge of every lane: how much of each law lies beyond it.
//!
//! Loops are kept short, so that the processor works at several vectors at a time.

use super::lanes::{LANES, Lanes};
use super::normal::integrals;
use super::real::Real;
use super::transition::{BinLaw, Edge, closed, edge_distance, is_narrow, narrow_tail, wide_ends, wide_tail};

/// Both ends of the intervals, seen from an edge.
#[derive(Clone, Debug)]
pub struct EdgeTails<T> {
    a: EdgeTail<T>,
    b: EdgeTail<T>,
}

impl<T: Real> Default for EdgeTails<T> {
    fn default() -> EdgeTails<T> {
        EdgeTails { a: EdgeTail::new(), b: EdgeTail::new() }
    }
}

/// One end: its distance |z| in standard deviations, Psi(-|z|) and Xi(-|z|).
#[derive(Clone, Debug)]
struct EdgeTail<T> {
    z: Lanes<T>,
    psi: Lanes<T>,
    xi: Lanes<T>,
}

impl<T: Real> EdgeTail<T> {
    fn new() -> EdgeTail<T> {
        let [z, psi, xi] = [[T::zero(); LANES]; 3];
        EdgeTail { z, psi, xi }
    }

    /// Finds Psi and Xi; 0 where no lane is `near` enough for its tail to count.
    #[inline(always)]
    fn integrate(&mut self, len: usize, near: bool) {
        if !near {
            self.psi[..len].fill(T::zero());
            self.xi[..len].fill(T::zero());
            return;
        }
        for lane in 0..len.min(LANES) {
            (self.psi[lane], self.xi[lane]) = integrals(self.z[lane]);
        }
    }

    #[inline(always)]
    fn integrals(&self, lane: usize) -> (T, T) {
        (self.psi[lane], self.xi[lane])
    }
}

/// Edge `index` of each of the first `len` lanes, some of them with a narrow interval if `narrow`.
#[inline(always)]
pub fn find_edge<T: Real>(
    edges: &mut Edge<Lanes<T>>,
    ends: &mut EdgeTails<T>,
    laws: &BinLaw<Lanes<T>>,
    index: impl Fn(usize) -> T,
    len: usize,
    h: T,
    narrow: bool,
) {
    let mut near = (false, false);
    for lane in 0..len.min(LANES) {
        let s = laws.lane(lane);
        let y = edge_distance(s.centre, index(lane), h);
        let (za, zb) = wide_ends(&s, y.abs());
        (edges.y[lane], ends.a.z[lane], ends.b.z[lane]) = (y, za, zb);
        near.0 |= za < T::REACH;
        near.1 |= zb < T::REACH;
    }
    ends.a.integrate(len, near.0);
    ends.b.integrate(len, near.1);
    for lane in 0..len.min(LANES) {
        let (s, y) = (laws.lane(lane), edges.y[lane]);
        let (tail, excess) = wide_tail(&s, y.abs(), ends.a.integrals(lane), ends.b.integrals(lane));
        edges.set(lane, closed(&s, index(lane), y, tail, excess));
    }
    if narrow {
        for lane in 0..len.min(LANES) {
            let (s, index) = (laws.lane(lane), index(lane));
            let y = edge_distance(s.centre, index, h);
            let (tail, excess) = narrow_tail(&s, y.abs());
            let narrow = closed(&s, index, y, tail, excess);
            let wide = edges.lane(lane);
            edges.set(lane, if is_narrow(&s) { narrow } else { wide });
        }
    }
}
