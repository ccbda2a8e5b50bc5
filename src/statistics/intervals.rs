//! Interspike intervals, already reduced to integer sums by whoever knows the single neurons.

use serde::{Deserialize, Serialize};

/// Sums over the intervals of all neurons of a population, in steps; both spikes of an interval lie in the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intervals {
    /// Number of intervals.
    pub n: u64,
    /// Steps.
    pub sum: u64,
    /// Steps squared.
    #[serde(with = "text")]
    pub squares: u128,
}

impl Intervals {
    /// An interval of `steps`.
    pub fn push(&mut self, steps: u64) {
        self.n += 1;
        self.sum += steps;
        self.squares += u128::from(steps) * u128::from(steps);
    }

    /// Adds the sums of other intervals.
    pub fn merge(&mut self, other: &Intervals) {
        self.n += other.n;
        self.sum += other.sum;
        self.squares += other.squares;
    }

    /// Standard deviation (n - 1) over mean; `None` for fewer than two intervals.
    pub fn cv(&self) -> Option<f64> {
        if self.n < 2 || self.sum == 0 {
            return None;
        }
        let (n, sum) = (u128::from(self.n), u128::from(self.sum));
        // n sum(x^2) - (sum x)^2 is exact, so equal intervals give 0
        let spread = (n * self.squares).saturating_sub(sum * sum) as f64;
        let variance = spread / (self.n as f64 * (self.n - 1) as f64);
        Some(variance.sqrt() * self.n as f64 / self.sum as f64)
    }
}

/// JSON readers hold no integers beyond 64 bits.
mod text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(value: &u128, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub fn deserialize<'a, D: Deserializer<'a>>(deserializer: D) -> Result<u128, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}
