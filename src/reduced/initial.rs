//! The state at time 0.

use super::noise::{self, Stream, binomial, word};
use super::parameters::Parameters;
use super::parameters::bin_at;
use super::real::Real;
use super::state::{State, StateFields};
use crate::model::Network;

/// No kicks, nobody refractory, voltages as the populations' `initial` says; `carry` begins at v_reset.
pub fn initial<T: Real>(network: &Network, parameters: &Parameters<T>, key: [u32; 4]) -> State<T> {
    let shape = parameters.shape();
    let mut state = State::empty(shape);
    let StateFields { counts, moments, .. } = state.fields_mut(shape);
    for (q, (p, own)) in network.populations.iter().zip(&parameters.populations).enumerate() {
        let (counts, moments) = (&mut counts[shape.bins_of(q)], &mut moments[shape.bins_of(q)]);
        let (low, high) = p.initial_range();
        if high > low {
            fill_uniformly(counts, moments, own.h.to_f64(), own.v_min.to_f64(), (low, high), p.size);
            if shape.finite_size {
                let stream = Stream { key, step: 0, population: q as u32, bin: 0, purpose: noise::INITIAL };
                draw_counts(&stream, counts, moments, own.size);
            }
        } else {
            let (bin, above) = bin_at(low, own.v_min.to_f64(), own.h.to_f64(), counts.len());
            counts[bin] = own.size;
            moments[bin] = own.size * T::of(above);
        }
    }
    state
}

/// Spreads `size` neurons over the bins that overlap [from, to), each bin's at the middle of its overlap.
fn fill_uniformly<T: Real>(counts: &mut [T], moments: &mut [T], h: f64, v_min: f64, (from, to): (f64, f64), size: u32) {
    for (j, (n, m)) in counts.iter_mut().zip(moments).enumerate() {
        let edge = v_min + j as f64 * h;
        let (low, high) = (from.max(edge), to.min(edge + h));
        if high > low {
            let count = f64::from(size) * (high - low) / (to - from);
            *n = T::of(count);
            *m = T::of(count * (0.5 * (low + high) - edge));
        }
    }
}

/// Replaces expected counts by whole ones from a multinomial draw, mean voltages kept.
fn draw_counts<T: Real>(stream: &Stream, counts: &mut [T], moments: &mut [T], size: T) {
    let mut expected: T = counts.iter().copied().sum();
    let mut left = size;
    for (j, (n, m)) in counts.iter_mut().zip(moments).enumerate() {
        expected -= *n;
        // The last bin takes all that is left, whatever rounding left of `expected`.
        let rest = if expected > size * T::of(1e-6) { expected } else { T::zero() };
        let count = binomial(stream, j as u32, word(stream, j as u32), left, *n, rest);
        if *n > T::zero() {
            *m = *m / *n * count;
        }
        left -= count;
        *n = count;
    }
}
