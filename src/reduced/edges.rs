//! An edge of every lane: how much of each law lies beyond it.
//!
//! Loops are kept short, so that the processor works at several vectors at a time.

use super::lanes::{LANES, Lanes};
use super::linear::{sloped_ends, sloped_narrow, sloped_wide};
use super::normal::{four_integrals, integrals, normal};
use super::real::Real;
use super::scheme::Scheme;
use super::transition::{BinLaw, Edge, closed, edge_distance, is_narrow, narrow_tail, wide_ends, wide_tail};

/// Both ends of the intervals, seen from an edge, and the narrow ones among them, side by side.
#[derive(Clone, Debug)]
pub struct EdgeTails<T> {
    a: EdgeTail<T>,
    b: EdgeTail<T>,
    /// Lanes whose interval is narrow, their laws, and an edge of each.
    narrow: Vec<usize>,
    narrow_laws: BinLaw<Lanes<T>>,
    narrow_edges: Edge<Lanes<T>>,
}

impl<T: Real> Default for EdgeTails<T> {
    fn default() -> EdgeTails<T> {
        let (narrow_laws, narrow_edges) = (BinLaw::zero(), Edge::zero());
        EdgeTails { a: EdgeTail::new(), b: EdgeTail::new(), narrow: vec![], narrow_laws, narrow_edges }
    }
}

impl<T: Real> EdgeTails<T> {
    /// No lane is narrow, so far.
    #[inline(always)]
    pub fn begin(&mut self) {
        self.narrow.clear();
    }

    /// Looks at the law of one more lane.
    #[inline(always)]
    pub fn sort_out<S: Scheme>(&mut self, lane: usize, law: &BinLaw<T>) {
        if is_narrow::<T, S>(law) {
            self.narrow_laws.set(self.narrow.len(), *law);
            self.narrow.push(lane);
        }
    }
}

/// One end: its distance |z| in standard deviations, and the integrals of the normal cdf at -|z|.
#[derive(Clone, Debug)]
struct EdgeTail<T> {
    z: Lanes<T>,
    psi: Lanes<T>,
    xi: Lanes<T>,
    third: Lanes<T>,
    fourth: Lanes<T>,
}

impl<T: Real> EdgeTail<T> {
    fn new() -> EdgeTail<T> {
        let [z, psi, xi, third, fourth] = [[T::zero(); LANES]; 5];
        EdgeTail { z, psi, xi, third, fourth }
    }

    /// Finds them; 0 where no lane is `near` enough for its tail to count.
    #[inline(always)]
    fn integrate<S: Scheme>(&mut self, len: usize, near: bool) {
        if !near {
            self.psi[..len].fill(T::zero());
            self.xi[..len].fill(T::zero());
            if S::LINEAR {
                self.third[..len].fill(T::zero());
                self.fourth[..len].fill(T::zero());
            }
            return;
        }
        if S::LINEAR {
            for lane in 0..len.min(LANES) {
                let [psi, xi, third, fourth] = four_integrals(self.z[lane]);
                (self.psi[lane], self.xi[lane], self.third[lane]) = (psi, xi, third);
                if S::LOCAL {
                    self.fourth[lane] = fourth;
                }
            }
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

    #[inline(always)]
    fn four(&self, lane: usize) -> [T; 4] {
        [self.psi[lane], self.xi[lane], self.third[lane], self.fourth[lane]]
    }
}

/// Edge `index` of each of the first `len` lanes.
#[inline(always)]
pub fn find_edge<T: Real, S: Scheme>(
    edges: &mut Edge<Lanes<T>>,
    ends: &mut EdgeTails<T>,
    laws: &BinLaw<Lanes<T>>,
    index: impl Fn(usize) -> T,
    len: usize,
    h: T,
) {
    let mut near = (false, false);
    for lane in 0..len.min(LANES) {
        let s = laws.lane(lane);
        let y = edge_distance(s.centre, index(lane), h);
        let (za, zb) = if S::LINEAR { sloped_ends(&s, y) } else { wide_ends(&s, y.abs()) };
        (edges.y[lane], ends.a.z[lane], ends.b.z[lane]) = (y, za, zb);
        near.0 |= za < T::REACH;
        near.1 |= zb < T::REACH;
    }
    ends.a.integrate::<S>(len, near.0);
    ends.b.integrate::<S>(len, near.1);
    for lane in 0..len.min(LANES) {
        let (s, y) = (laws.lane(lane), edges.y[lane]);
        let beyond = if S::LINEAR {
            sloped_wide::<T, S>(&s, y, ends.a.four(lane), ends.b.four(lane))
        } else {
            let (tail, excess) = wide_tail(&s, y.abs(), ends.a.integrals(lane), ends.b.integrals(lane));
            [tail, excess, T::zero()]
        };
        set_edge::<T, S>(edges, lane, closed(&s, index(lane), y, beyond));
    }
    let EdgeTails { narrow, narrow_laws, narrow_edges, .. } = ends;
    for (i, &lane) in narrow.iter().enumerate() {
        narrow_edges.y[i] = index(lane);
    }
    for i in 0..narrow.len().min(LANES) {
        let (s, index) = (narrow_laws.lane(i), narrow_edges.y[i]);
        let y = edge_distance(s.centre, index, h);
        let beyond = if S::LINEAR {
            sloped_narrow::<T, S>(&s, y)
        } else {
            let (z, _) = wide_ends(&BinLaw { half: T::zero(), ..s }, y.abs());
            let (tail, excess) = narrow_tail(&s, z, normal(z));
            [tail, excess, T::zero()]
        };
        set_edge::<T, S>(narrow_edges, i, closed(&s, index, y, beyond));
    }
    for (i, &lane) in narrow.iter().enumerate() {
        set_edge::<T, S>(edges, lane, narrow_edges.lane(i));
    }
}

/// Sets what a step of this kind reads.
#[inline(always)]
fn set_edge<T: Real, S: Scheme>(edges: &mut Edge<Lanes<T>>, lane: usize, edge: Edge<T>) {
    (edges.y[lane], edges.tail[lane], edges.excess[lane]) = (edge.y, edge.tail, edge.excess);
    if S::LOCAL {
        edges.third[lane] = edge.third;
    }
}
