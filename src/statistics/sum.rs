//! Sums over the steps of a member that come in pieces, made of parts that do not wait for each other.

use multiversion::multiversion;
use serde::{Deserialize, Serialize};

const PARTS: usize = 8;

/// A sum in eight parts, value number n in part n mod 8: which values are added in which order does not depend on the pieces that
/// they come in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sum {
    parts: [f64; PARTS],
    /// Of the next value.
    part: u8,
}

impl Sum {
    pub fn add(&mut self, values: &[f64]) {
        self.add_each(values.len(), |i| values[i]);
    }

    /// Adds a_i b_i; as many as both have.
    pub fn add_products(&mut self, a: &[f64], b: &[f64]) {
        let n = a.len().min(b.len());
        let (a, b) = (&a[..n], &b[..n]);
        self.add_each(n, |i| a[i] * b[i]);
    }

    /// Adds `value(i)` for all i < n.
    #[inline(always)]
    pub fn add_each(&mut self, n: usize, value: impl Fn(usize) -> f64) {
        let mut i = 0;
        while i < n && self.part != 0 {
            self.push(value(i));
            i += 1;
        }
        let mut parts = self.parts;
        while i + PARTS <= n {
            for (lane, part) in parts.iter_mut().enumerate() {
                *part += value(i + lane);
            }
            i += PARTS;
        }
        self.parts = parts;
        while i < n {
            self.push(value(i));
            i += 1;
        }
    }

    #[inline(always)]
    fn push(&mut self, value: f64) {
        self.parts[usize::from(self.part)] += value;
        self.part = (self.part + 1) % PARTS as u8;
    }

    pub fn total(&self) -> f64 {
        self.parts.iter().sum()
    }
}

/// Sums of as many neighbouring values as a window has, and the work space of finding them.
#[derive(Clone, Debug, Default)]
pub struct MovingSums {
    sums: Vec<f64>,
    power: Vec<f64>,
    next: Vec<f64>,
}

impl MovingSums {
    /// The sums of values i to i + window - 1, for all i that have so many. Each is made in the same way of its values alone:
    /// of sums of powers of two of them, those of the smallest first.
    pub fn of(&mut self, values: &[f64], window: usize) -> &[f64] {
        let MovingSums { sums, power, next } = self;
        let wanted = (values.len() + 1).saturating_sub(window);
        sums.clear();
        let (mut width, mut covered) = (1, 0);
        loop {
            let of_width = if width == 1 { values } else { &power[..] };
            if window & width != 0 {
                let part = &of_width[covered..covered + wanted];
                if covered == 0 {
                    sums.extend_from_slice(part)
                } else {
                    add(sums, part)
                }
                covered += width;
            }
            if covered == window {
                return sums;
            }
            next.resize(of_width.len() - width, 0.0);
            add_pairs(next, of_width, &of_width[width..]);
            std::mem::swap(power, next);
            width *= 2;
        }
    }
}

/// Wider vectors give the same bits.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl", "x86_64+avx2", "aarch64+neon"))]
fn add_pairs(to: &mut [f64], a: &[f64], b: &[f64]) {
    for ((to, a), b) in to.iter_mut().zip(a).zip(b) {
        *to = a + b;
    }
}

#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl", "x86_64+avx2", "aarch64+neon"))]
fn add(to: &mut [f64], a: &[f64]) {
    for (to, a) in to.iter_mut().zip(a) {
        *to += a;
    }
}
