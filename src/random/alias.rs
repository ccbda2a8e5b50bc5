//! Alias tables: one outcome of a discrete law from one word and one load.
//!
//! Probabilities are first rounded to integer weights that sum to a power of two and keep the mean; the alias construction
//! (Walker 1977, Vose 1991) is then exact in integers. So the law that is drawn is known exactly, and is the same everywhere.

/// Bits of a draw from a small table.
pub const SMALL_BITS: u32 = 20;
/// Bits of a draw from a large table.
const LARGE_BITS: u32 = 32;

/// A law on `first..first + weights.len()`; the weights sum to `2^bits`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weights {
    pub first: u32,
    pub weights: Vec<u64>,
    pub bits: u32,
}

impl Weights {
    /// Rounds `probabilities` of the outcomes `first..` so that the weights sum to `2^bits` and their mean is the
    /// given one to one part in `2^bits`, without outcomes of weight 0 at the ends.
    pub fn round(first: u32, probabilities: &[f64], bits: u32) -> Weights {
        let total = (1u64 << bits) as f64;
        let sum: f64 = probabilities.iter().sum();
        let mode = (0..probabilities.len()).max_by(|&a, &b| probabilities[a].total_cmp(&probabilities[b])).unwrap_or(0);
        let mut weights: Vec<i64> = probabilities.iter().map(|p| (p / sum * total).round() as i64).collect();
        weights[mode] += (1i64 << bits) - weights.iter().sum::<i64>();
        let wanted: f64 = probabilities.iter().enumerate().map(|(k, p)| k as f64 * p / sum * total).sum();
        let found: i64 = weights.iter().enumerate().map(|(k, w)| k as i64 * w).sum();
        let excess = found - wanted.round() as i64;
        // Moving one unit of weight between two neighbours changes the mean by one part in 2^bits.
        if let Some(low) = (weights.len() >= 2).then(|| mode.min(weights.len() - 2)) {
            let moved = excess.clamp(-weights[low], weights[low + 1]);
            weights[low] += moved;
            weights[low + 1] -= moved;
        }
        let start = weights.iter().position(|&w| w > 0).unwrap_or(0);
        let end = weights.iter().rposition(|&w| w > 0).unwrap_or(0) + 1;
        let weights = weights[start..end].iter().map(|&w| w as u64).collect();
        Weights { first: first + start as u32, weights, bits }
    }

    /// Binomial(n, q).
    pub fn binomial(n: u32, q: f64, bits: u32) -> Weights {
        if n == 0 || q <= 0.0 {
            return Weights::round(0, &[1.0], bits);
        }
        if q >= 1.0 {
            return Weights::round(n, &[1.0], bits);
        }
        let mode = (f64::from(n + 1) * q) as u32;
        let odds = q / (1.0 - q);
        Weights::unimodal(mode.min(n), n, bits, |k| f64::from(n - k) / f64::from(k + 1) * odds)
    }

    /// Poisson(mean); outcomes up to 1000.
    pub fn poisson(mean: f64, bits: u32) -> Weights {
        if mean <= 0.0 {
            return Weights::round(0, &[1.0], bits);
        }
        Weights::unimodal((mean as u32).min(1000), 1000, bits, |k| mean / f64::from(k + 1))
    }

    /// The law with p(k + 1)/p(k) = `ratio(k)`, summed outwards from its mode until nothing of weight is left.
    fn unimodal(mode: u32, last: u32, bits: u32, ratio: impl Fn(u32) -> f64) -> Weights {
        let negligible = 1e-3 / (1u64 << bits) as f64;
        let mut below = Vec::new();
        let (mut k, mut p) = (mode, 1.0);
        while k > 0 && p > negligible {
            p /= ratio(k - 1);
            k -= 1;
            below.push(p);
        }
        let first = k;
        let mut probabilities: Vec<f64> = below.into_iter().rev().collect();
        probabilities.push(1.0);
        (k, p) = (mode, 1.0);
        while k < last && p > negligible {
            p *= ratio(k);
            k += 1;
            probabilities.push(p);
        }
        Weights::round(first, &probabilities, bits)
    }

    /// The largest outcome of any weight.
    pub fn last(&self) -> u32 {
        self.first + self.weights.len() as u32 - 1
    }

    /// log2 of the number of columns that hold every outcome.
    fn log2_columns(&self) -> u32 {
        self.weights.len().next_power_of_two().trailing_zeros()
    }

    /// (units that stay, outcome that stays, outcome that takes the rest) of each of `2^log2_columns` columns;
    /// outcomes relative to `base`.
    fn columns(&self, log2_columns: u32, base: u32) -> Vec<(u64, u32, u32)> {
        let capacity = 1u64 << (self.bits - log2_columns);
        let count = 1usize << log2_columns;
        let outcome = |i: usize| if i < self.weights.len() { self.first - base + i as u32 } else { 0 };
        let mut rest: Vec<u64> = (0..count).map(|i| self.weights.get(i).copied().unwrap_or(0)).collect();
        let (mut poor, mut rich): (Vec<usize>, Vec<usize>) = (0..count).rev().partition(|&i| rest[i] < capacity);
        let mut columns: Vec<(u64, u32, u32)> = (0..count).map(|i| (0, outcome(i), outcome(i))).collect();
        while let Some(i) = poor.pop() {
            let Some(&donor) = rich.last() else { break };
            columns[i] = (rest[i], outcome(i), outcome(donor));
            rest[donor] -= capacity - rest[i];
            if rest[donor] < capacity {
                rich.pop();
                poor.push(donor);
            }
        }
        columns
    }

    /// Entries of a small row: threshold in the upper half, then the outcome above it, then the one below.
    fn small_row(&self, log2_columns: u32) -> impl Iterator<Item = u32> {
        self.columns(log2_columns, 0).into_iter().map(|(units, stays, rest)| (units as u32) << 16 | rest << 8 | stays)
    }
}

/// Rows of 2^`log2_columns` entries for each parameter of a family of laws on 0..256.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmallTable {
    pub log2_columns: u32,
    pub entries: Vec<u32>,
}

impl SmallTable {
    /// Row n draws Binomial(n, q), for n from 0 to `n_max` (at most 255).
    pub fn binomial(q: f64, n_max: u32) -> SmallTable {
        SmallTable::of((0..=n_max.min(255)).map(|n| Weights::binomial(n, q, SMALL_BITS)).collect())
    }

    /// One row that draws Poisson(mean); `None` where outcomes of 256 and more would have weight.
    pub fn poisson(mean: f64) -> Option<SmallTable> {
        let weights = Weights::poisson(mean, SMALL_BITS);
        (weights.first as usize + weights.weights.len() <= 256).then(|| SmallTable::of(vec![weights]))
    }

    fn of(rows: Vec<Weights>) -> SmallTable {
        // A threshold has 16 bits, so a row has at least 2^4 columns.
        let log2_columns = rows.iter().map(Weights::log2_columns).max().unwrap_or(0).max(4);
        let entries = rows.iter().flat_map(|row| row.small_row(log2_columns)).collect();
        SmallTable { log2_columns, entries }
    }
}

/// The row of a large table that draws Binomial(2^power, q).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LargeRow {
    pub log2_columns: u32,
    pub base: u32,
    /// Two words a column: the threshold, and the outcomes (above it in the upper half) relative to `base`.
    pub entries: Vec<u32>,
}

impl LargeRow {
    pub fn binomial(power: u32, q: f64) -> LargeRow {
        let weights = Weights::binomial(1 << power, q, LARGE_BITS);
        let (base, log2_columns) = (weights.first, weights.log2_columns().max(1));
        let entries = weights
            .columns(log2_columns, base)
            .into_iter()
            .flat_map(|(units, stays, rest)| [(units << log2_columns) as u32, rest << 16 | stays])
            .collect();
        LargeRow { log2_columns, base, entries }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exact law of a small row: every draw of 20 bits, counted.
    fn histogram(row: &[u32], log2_columns: u32) -> Vec<f64> {
        let capacity = 1u32 << (SMALL_BITS - log2_columns);
        let mut counts = vec![0u64; 256];
        for &entry in row {
            let stays = (entry >> 16).min(capacity);
            counts[(entry & 0xff) as usize] += u64::from(stays);
            counts[(entry >> 8 & 0xff) as usize] += u64::from(capacity - stays);
        }
        counts.into_iter().map(|c| c as f64 / (1u64 << SMALL_BITS) as f64).collect()
    }

    /// Mean to 2^-20 by construction; variance to 1e-3 of itself, the effect of rounding 20-bit weights.
    #[test]
    fn small_rows_have_the_binomial_moments() {
        for q in [0.0, 1e-4, 0.0222, 0.0714, 0.0833, 0.5, 0.8, 1.0] {
            let table = SmallTable::binomial(q, 255);
            for (n, row) in table.entries.chunks(1 << table.log2_columns).enumerate() {
                let law = histogram(row, table.log2_columns);
                let mean: f64 = law.iter().enumerate().map(|(k, p)| k as f64 * p).sum();
                let variance: f64 = law.iter().enumerate().map(|(k, p)| (k as f64 - mean).powi(2) * p).sum();
                let n = n as f64;
                assert!((mean - n * q).abs() <= 1.0 / (1 << 20) as f64 + 1e-12, "q {q}, n {n}: mean {mean}");
                let expected = n * q * (1.0 - q);
                assert!((variance - expected).abs() <= 1e-3 * expected + 3e-6, "q {q}, n {n}: {variance} {expected}");
            }
        }
    }

    #[test]
    fn large_rows_have_the_binomial_mean() {
        for (power, q) in [(8, 0.07), (12, 0.8), (16, 0.5), (20, 0.0714)] {
            let row = LargeRow::binomial(power, q);
            let capacity = (1u64 << (LARGE_BITS - row.log2_columns)) as f64;
            let mean: f64 = row
                .entries
                .chunks(2)
                .map(|e| {
                    let stays = f64::from(e[0] >> row.log2_columns);
                    stays * f64::from(e[1] & 0xffff) + (capacity - stays) * f64::from(e[1] >> 16)
                })
                .sum::<f64>()
                / 2f64.powi(32)
                + f64::from(row.base);
            let expected = f64::from(1u32 << power) * q;
            assert!((mean - expected).abs() < 1e-6, "2^{power}, {q}: {mean} for {expected}");
        }
    }

    #[test]
    fn poisson_rows_stop_where_outcomes_need_more_than_eight_bits() {
        let law = histogram(&SmallTable::poisson(0.7).unwrap().entries, 4);
        let expected = libm::exp(-0.7);
        assert!((law[0] - expected).abs() < 1e-5 && (law[1] - 0.7 * expected).abs() < 1e-5);
        assert!(SmallTable::poisson(150.0).is_some());
        assert!(SmallTable::poisson(300.0).is_none());
    }
}
