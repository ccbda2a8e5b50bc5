//! How well one level divides what a histogram counts into two kinds.

use super::histogram::Histogram;

/// Share of the variance that lies between the two groups into which an edge between bins divides the counts best (N. Otsu, IEEE Trans.
/// Syst. Man Cybern. 9 (1979) 62): 1 of two values, 3/4 of a uniform law, 2/π of a Gaussian one. `None` where all counts are in one bin.
pub fn separation(histogram: &Histogram) -> Option<f64> {
    let middle = |bin: usize| histogram.x.low + (bin as f64 + 0.5) * histogram.x.width;
    let counted = || histogram.values.iter().enumerate().map(|(bin, n)| (middle(bin), *n));
    let n: f64 = histogram.values.iter().sum();
    let mean = counted().map(|(x, count)| x * count).sum::<f64>() / n;
    let variance = counted().map(|(x, count)| (x - mean) * (x - mean) * count).sum::<f64>() / n;
    let (mut below, mut sum, mut most) = (0.0, 0.0, 0.0_f64);
    for (x, count) in counted() {
        below += count;
        sum += (x - mean) * count;
        let above = n - below;
        if below > 0.0 && above > 0.0 {
            most = most.max(sum * sum / (below * above));
        }
    }
    Some(most / variance).filter(|share| share.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::HistogramKind;

    fn of(counts: &[u64]) -> Option<f64> {
        separation(&Histogram::of_counts(HistogramKind::BurstPeak, 0, HistogramKind::BURST_PEAKS, counts))
    }

    #[test]
    fn laws_have_the_separation_that_theory_says() {
        let gaussian: Vec<u64> =
            (0..120).map(|i| (1e9 * libm::exp(-0.5 * libm::pow((f64::from(i) - 59.5) / 12.0, 2.0))) as u64).collect();
        assert!((of(&gaussian).unwrap() - std::f64::consts::FRAC_2_PI).abs() < 2e-3);
        // Of n equal bins 3/4 n^2/(n^2 - 1).
        assert!((of(&[5; 120]).unwrap() - 0.75 * 14400.0 / 14399.0).abs() < 1e-9);
        let mut two = [0; 120];
        (two[10], two[90]) = (100, 900);
        assert!((of(&two).unwrap() - 1.0).abs() < 1e-12);
        // What lies between two kinds takes from their variance: 2 of 10 in the middle.
        (two[10], two[50], two[90]) = (400, 200, 400);
        assert!((of(&two).unwrap() - 5.0 / 6.0).abs() < 1e-9);
        assert_eq!(of(&[0; 120]), None);
        two.fill(0);
        two[3] = 7;
        assert_eq!(of(&two), None);
    }
}
