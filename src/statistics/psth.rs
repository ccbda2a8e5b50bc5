//! Peristimulus time histogram: rates in bins of time, as means over members.

use super::histogram::{BinAxis, Histogram, HistogramKind};
use super::layout::steps_within;
use super::span::Span;
use serde::{Deserialize, Serialize};

/// Where the bins are, in ms.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Psth {
    /// Spikes after this time ...
    pub from: f64,
    /// ... up to this one; a last bin that is not whole is left out.
    pub to: f64,
    /// Width of a bin.
    pub bin: f64,
}

/// Spikes per population and bin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PsthCounts(Vec<Vec<f64>>);

impl Psth {
    /// Steps of a bin.
    fn every(&self, dt: f64) -> u64 {
        steps_within(self.bin, dt).max(1)
    }

    fn bins(&self, dt: f64) -> u64 {
        Span::new(dt, self.from, self.to).steps() / self.every(dt)
    }
}

impl PsthCounts {
    pub(super) fn new(psth: &Psth, dt: f64, populations: usize) -> PsthCounts {
        PsthCounts(vec![vec![0.0; psth.bins(dt) as usize]; populations])
    }

    /// Takes the counts of all populations from `step` on.
    pub fn feed<C: Copy + Into<f64>>(&mut self, psth: &Psth, dt: f64, step: u64, counts: &[C]) {
        let (span, every, stride) = (Span::new(dt, psth.from, psth.to), psth.every(dt), self.0.len());
        let (begin, counts) = span.cut(step, stride, counts);
        for (row, step) in counts.chunks(stride).zip(begin - span.first..) {
            for (bins, &count) in self.0.iter_mut().zip(row) {
                if let Some(bin) = bins.get_mut((step / every) as usize) {
                    *bin += count.into();
                }
            }
        }
    }

    /// Rate per neuron in Hz.
    pub fn histogram(&self, psth: &Psth, dt: f64, population: usize, neurons: u32) -> Histogram {
        let width = psth.every(dt) as f64 * dt;
        let hz = 1000.0 / (f64::from(neurons) * width);
        let values: Vec<f64> = self.0[population].iter().map(|spikes| spikes * hz).collect();
        let (low, bins) = (psth.from, values.len() as u32);
        let x = BinAxis { low, width, bins, open_low: false, open_high: false };
        Histogram { kind: HistogramKind::Psth, population: population as u32, x, y: None, values }
    }
}
