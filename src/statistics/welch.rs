//! Welch's estimate of the power spectral density of a spike-count train.
//!
//! Segments of N steps, overlapping by half; mean removed; Hann window w_n = (1 - cos(2 pi n/N))/2, sum of squares 3N/8;
//! one-sided density 2 |X_k|^2 / (f_s 3N/8), without the factor 2 at 0 and f_s/2. The same as SciPy's `signal.welch`
//! with its defaults (P. D. Welch, IEEE Trans. Audio Electroacoust. 15 (1967) 70).

use super::fft::{Fft, FftScratch};
use super::layout::steps_within;
use core::f64::consts::TAU;
use serde::{Deserialize, Serialize};

/// What all populations and members share.
#[derive(Clone, Debug)]
pub struct WelchPlan {
    fft: Fft,
    hann: Vec<f64>,
    /// Distance of neighbouring frequencies in Hz.
    pub resolution: f64,
}

/// Longest segment in ms.
const SEGMENT: f64 = 1000.0;

impl WelchPlan {
    /// `None` where the window has fewer steps than a segment, or a segment fewer than 8.
    pub fn new(dt: f64, window: u64) -> Option<WelchPlan> {
        let steps = steps_within(SEGMENT, dt);
        if steps < 8 {
            return None;
        }
        let n = 1_usize << steps.ilog2();
        let hann = |i| 0.5 - 0.5 * libm::cos(TAU * i as f64 / n as f64);
        (window >= n as u64).then(|| WelchPlan {
            fft: Fft::new(n),
            hann: (0..n).map(hann).collect(),
            resolution: 1000.0 / dt / n as f64,
        })
    }

    pub fn segment(&self) -> usize {
        self.hann.len()
    }
}

/// Sum of the periodograms so far, and the beginning of the next segment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Welch {
    /// Counts up to 2^24 are exact in f32, and real counts need no more: half the memory per member.
    segment: Vec<f32>,
    filled: usize,
    power: Vec<f64>,
    pub segments: u64,
}

impl Welch {
    pub fn new(plan: &WelchPlan) -> Welch {
        let n = plan.segment();
        Welch { segment: vec![0.0; n], filled: 0, power: vec![0.0; n / 2 + 1], segments: 0 }
    }

    /// Takes the counts of the next steps.
    pub fn extend(&mut self, plan: &WelchPlan, scratch: &mut FftScratch, mut counts: &[f64]) {
        while !counts.is_empty() {
            let room = &mut self.segment[self.filled..];
            let (now, later) = counts.split_at(room.len().min(counts.len()));
            room.iter_mut().zip(now).for_each(|(to, &count)| *to = count as f32);
            self.filled += now.len();
            if self.filled == self.segment.len() {
                self.add_segment(plan, scratch);
            }
            counts = later;
        }
    }

    fn add_segment(&mut self, plan: &WelchPlan, scratch: &mut FftScratch) {
        let n = self.segment.len();
        let mean = sum(&self.segment) / n as f64;
        let pairs = self.segment.chunks_exact(2).zip(plan.hann.chunks_exact(2));
        for ((c, w), z) in pairs.zip(plan.fft.signal(scratch)) {
            *z = [w[0] * (f64::from(c[0]) - mean), w[1] * (f64::from(c[1]) - mean)];
        }
        plan.fft.add_power(scratch, &mut self.power);
        self.segments += 1;
        self.segment.copy_within(n / 2.., 0);
        self.filled = n / 2;
    }

    /// Density at the multiples of the resolution from 0 to f_s/2, in (unit of the signal)^2/Hz, where the signal is
    /// `scale` times the counts. `None` before the first full segment.
    pub fn density(&self, plan: &WelchPlan, scale: f64) -> Option<Vec<f64>> {
        if self.segments == 0 {
            return None;
        }
        let n = self.segment.len() as f64;
        let unit = scale * scale / (plan.resolution * n * (0.375 * n) * self.segments as f64);
        let last = self.power.len() - 1;
        let sides = |k| if k == 0 || k == last { 1.0 } else { 2.0 };
        Some(self.power.iter().enumerate().map(|(k, power)| power * unit * sides(k)).collect())
    }
}

/// Sum in eight interleaved parts, of a length that is a multiple of eight.
fn sum(counts: &[f32]) -> f64 {
    let mut parts = [0.0; 8];
    for counts in counts.chunks_exact(8) {
        for (part, &count) in parts.iter_mut().zip(counts) {
            *part += f64::from(count);
        }
    }
    parts.iter().sum()
}

/// A spectrum whose largest density is above its smallest by no more than this share is flat: of nothing, or of one spike. The first two
/// frequencies have also what a segment's mean takes away under its window.
const FLAT: f64 = 1e-6;
const OF_THE_MEAN: f64 = 1.5;
/// A rate that deviates from its mean by no more than this share of it is constant: counts in f32, and steps of `dsode` in f32, are rounded
/// to some 1e-7 and 1e-6.
const ROUNDED: f64 = 1e-5;

/// Frequency and height of the largest density in `band`, both ends included, of a signal with this mean; the first of equals, and no
/// frequency where all are equal, or rounding. `None` where no frequency lies in the band.
pub fn peak(density: &[f64], mean: f64, resolution: f64, band: [f64; 2]) -> Option<(Option<f64>, f64)> {
    let frequencies = density.iter().enumerate().map(|(k, &power)| (k as f64 * resolution, power));
    let inside = frequencies.filter(|(f, _)| *f >= band[0] && *f <= band[1]);
    let (f, power) = inside.clone().reduce(|best, next| if next.1 > best.1 { next } else { best })?;
    let others = inside.filter(|(f, _)| *f > OF_THE_MEAN * resolution).map(|(_, power)| power);
    let (least, most) =
        others.clone().fold((f64::INFINITY, 0.0), |(a, b), power| (f64::min(a, power), f64::max(b, power)));
    let is_flat = others.count() > 1 && most <= (1.0 + FLAT) * least;
    let is_constant = density.iter().sum::<f64>() * resolution <= (ROUNDED * mean).powi(2);
    Some(((!is_constant && !is_flat).then_some(f), power))
}
