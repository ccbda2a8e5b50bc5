//! Histograms in one and two dimensions on uniform bins.

use serde::{Deserialize, Serialize};

/// Uniform bins [low + i width, low + (i + 1) width).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BinAxis {
    /// Lower edge of the first bin.
    pub low: f64,
    /// Width of every bin.
    pub width: f64,
    /// Number of bins.
    pub bins: u32,
    /// The first bin takes everything below it.
    pub open_low: bool,
    /// The last bin takes everything above it.
    pub open_high: bool,
}

impl BinAxis {
    /// Bins from 0 to about `max`, the last one open.
    pub fn from_zero(width: f64, max: f64) -> BinAxis {
        BinAxis { low: 0.0, width, bins: (max / width).round().max(1.0) as u32, open_low: false, open_high: true }
    }

    /// The voltage bins of `dsode`: width `h` from `v_min` to `v_th`; the lowest takes everything below.
    pub fn voltage(v_min: f64, v_th: f64, h: f64) -> BinAxis {
        let bins = ((v_th - v_min) / h).round().max(1.0) as u32;
        BinAxis { low: v_min, width: h, bins, open_low: true, open_high: false }
    }

    /// Bin of `x`; values outside belong to the first or last one. Values that miss an edge by rounding lie above it.
    #[inline]
    pub fn bin(&self, x: f64) -> usize {
        let bin = ((x - self.low) / self.width + 1e-9).floor();
        // a float to integer cast saturates: below 0 and NaN become 0
        (bin as usize).min(self.bins as usize - 1)
    }

    /// Lower and upper edge of a bin, infinite where it is open.
    pub fn edges(&self, bin: usize) -> (f64, f64) {
        let last = bin + 1 == self.bins as usize;
        let low = if bin == 0 && self.open_low { f64::NEG_INFINITY } else { self.edge(bin) };
        (low, if last && self.open_high { f64::INFINITY } else { self.edge(bin + 1) })
    }

    fn edge(&self, i: usize) -> f64 {
        self.low + i as f64 * self.width
    }
}

/// What a histogram counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HistogramKind {
    /// Non-refractory neurons per voltage bin, sampled every 1 ms.
    Voltage,
    /// Peak heights in spikes/ms per 300 neurons.
    BurstPeak,
    /// Spikes of a burst per neuron.
    BurstSize,
    /// Differences of consecutive peak heights in spikes/ms per 300 neurons.
    BurstDelta,
    /// Welch density in Hz^2/Hz around each frequency in Hz, in two histograms: of single frequencies, and of means above the band.
    Psd,
    /// Smoothed rates per neuron in Hz of the first (x) and second (y) population, sampled every 1 ms.
    JointRate,
    /// Mean excitatory (x) and inhibitory (y) kick counts, sampled every 1 ms.
    JointKicks,
    /// Rate per neuron in Hz in bins of time in ms.
    Psth,
}

impl HistogramKind {
    /// All kinds, in the order of their declaration.
    pub const ALL: [HistogramKind; 8] = [
        HistogramKind::Voltage,
        HistogramKind::BurstPeak,
        HistogramKind::BurstSize,
        HistogramKind::BurstDelta,
        HistogramKind::Psd,
        HistogramKind::JointRate,
        HistogramKind::JointKicks,
        HistogramKind::Psth,
    ];

    /// The name in the column `kind` of `densities.parquet`.
    pub fn name(self) -> &'static str {
        match self {
            HistogramKind::Voltage => "voltage",
            HistogramKind::BurstPeak => "burst_peak",
            HistogramKind::BurstSize => "burst_size",
            HistogramKind::BurstDelta => "burst_delta",
            HistogramKind::Psd => "psd",
            HistogramKind::JointRate => "joint_rate",
            HistogramKind::JointKicks => "joint_kicks",
            HistogramKind::Psth => "psth",
        }
    }

    /// Unit of the edges of its bins; empty where there is none.
    pub fn unit(self) -> &'static str {
        match self {
            HistogramKind::Voltage | HistogramKind::JointKicks => "",
            HistogramKind::BurstPeak | HistogramKind::BurstDelta => "spikes/ms per 300 neurons",
            HistogramKind::BurstSize => "spikes per neuron",
            HistogramKind::Psd | HistogramKind::JointRate => "Hz",
            HistogramKind::Psth => "ms",
        }
    }

    /// Members of a point are averaged; counts are added.
    pub fn is_mean(self) -> bool {
        matches!(self, HistogramKind::Psd | HistogramKind::Psth)
    }

    /// Burst sizes per neuron: bins of 1 % of the population up to two spikes of each.
    pub const BURST_SIZES: BinAxis = BinAxis { low: 0.0, width: 0.01, bins: 200, open_low: false, open_high: true };
    /// 0 to 300 spikes/ms per 300 neurons.
    pub const BURST_PEAKS: BinAxis = BinAxis { low: 0.0, width: 2.5, bins: 120, open_low: false, open_high: true };
    /// -300 to 300 in steps of 5, and a bin on either side for what lies beyond.
    pub const BURST_DELTAS: BinAxis = BinAxis { low: -305.0, width: 5.0, bins: 122, open_low: true, open_high: true };
}

/// Counts (or a density) per bin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    /// What is counted, in which unit.
    pub kind: HistogramKind,
    /// Index of the population; [`HistogramKind::JointRate`] has the first and the second one and says 0.
    pub population: u32,
    /// Bins of the only or the first axis.
    pub x: BinAxis,
    /// Bins of the second axis; `None` in one dimension.
    pub y: Option<BinAxis>,
    /// x bins, or x bins x y bins with y varying fastest.
    #[serde(with = "super::packed")]
    pub values: Vec<f64>,
}

impl Histogram {
    /// A histogram of whole counts.
    pub(super) fn of_counts(kind: HistogramKind, population: usize, x: BinAxis, counts: &[u64]) -> Histogram {
        let values = counts.iter().map(|&n| n as f64).collect();
        Histogram { kind, population: population as u32, x, y: None, values }
    }

    /// Has a value for every bin.
    pub fn is_whole(&self) -> bool {
        let columns = self.y.map_or(1, |y| y.bins as usize);
        (self.x.bins as usize).checked_mul(columns) == Some(self.values.len())
    }

    /// Number of bins.
    pub fn bins(&self) -> usize {
        self.x.bins as usize * self.y.map_or(1, |y| y.bins as usize)
    }

    /// Counts the same thing on the same bins.
    pub fn same_bins(&self, other: &Histogram) -> bool {
        (self.kind, self.population, self.x, self.y) == (other.kind, other.population, other.x, other.y)
    }

    /// Adds another member's values, on the same bins.
    pub fn add(&mut self, values: &[f64]) {
        for (sum, value) in self.values.iter_mut().zip(values) {
            *sum += value;
        }
    }
}
