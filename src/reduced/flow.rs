//! How the density of a bin goes along the flow of a nonlinear neuron in a step.
//!
//! Phi(V) - V is linear between the points of a table ([`crate::model::Increments`]), so many to a bin. A density (1 + S u)/2 of
//! u in [-1, 1] on [C - d, C + d] keeps its shape while its ends move to Phi(C - d) and Phi(C + d), and its mean to Simpson's mean of Phi,
//!   ((1 - S) Phi(C - d) + 4 Phi(C) + (1 + S) Phi(C + d))/6,
//! which is exact where Phi is a cubic; of Phi's ends alone it would be too high by d^2 Phi''/3 where Phi is convex.

use super::real::Real;

/// Phi - V at `y` above the lower edge of a bin of width `h`, whose `intervals` begin at `first` in the table.
#[inline(always)]
fn flow_increment<T: Real>(flows: &[T], first: usize, intervals: T, h: T, y: T) -> T {
    let x = (y / h * intervals).clamp(T::zero(), intervals);
    let below = x.floor().min(intervals - T::one());
    let at = first + below.to_i32() as usize;
    flows[at] + (x - below) * (flows[at + 1] - flows[at])
}

/// How far the mean of a density with `middle`, `half` width and `slope` moves, and its ends apart.
#[inline(always)]
pub fn flow_density<T: Real>(flows: &[T], first: usize, intervals: T, h: T, middle: T, half: T, slope: T) -> (T, T) {
    let low = flow_increment(flows, first, intervals, h, middle - half);
    let centre = flow_increment(flows, first, intervals, h, middle);
    let high = flow_increment(flows, first, intervals, h, middle + half);
    let sum = (T::one() - slope) * low + T::of(4.0) * centre + (T::one() + slope) * high;
    (sum / T::of(6.0), high - low)
}
