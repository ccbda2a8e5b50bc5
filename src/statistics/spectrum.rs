//! What a member keeps of its spectrum: every frequency of the band, and means over some neighbouring ones above it.
//!
//! The band is a small part of all frequencies (164 of 4097 at dt = 0.1 ms), and a member with all of them would take ten times the
//! space. Means keep the integral: over all bins it is the variance of the rate (Parseval), up to the windows of Welch's estimate.

use super::histogram::{BinAxis, Histogram, HistogramKind};

/// Frequencies above the band in a bin.
const JOINED: usize = 32;

/// Histograms of `density`, in Hz^2/Hz at multiples of `resolution` from 0 on: each frequency up to `band` Hz at least, and above.
/// Rounded to f32.
pub fn kept(population: usize, resolution: f64, density: &[f64], band: f64) -> Vec<Histogram> {
    let wanted = density.len().min((band / resolution).floor() as usize + 1);
    // so many more that whole bins are left
    let single = density.len() - (density.len() - wanted) / JOINED * JOINED;
    let (below, above) = density.split_at(single);
    let histogram = |first: usize, joined: usize, density: &[f64]| {
        let values: Vec<f64> =
            density.chunks(joined).map(|bin| f64::from((bin.iter().sum::<f64>() / joined as f64) as f32)).collect();
        let (low, width) = ((first as f64 - 0.5) * resolution, joined as f64 * resolution);
        let x = BinAxis { low, width, bins: values.len() as u32, open_low: false, open_high: false };
        Histogram { kind: HistogramKind::Psd, population: population as u32, x, y: None, values }
    };
    let mut histograms = vec![histogram(0, 1, below)];
    histograms.extend((!above.is_empty()).then(|| histogram(single, JOINED, above)));
    histograms
}
