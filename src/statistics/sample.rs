//! Numbers of a few: means with their errors, and lines through points.

/// Mean of numbers and its standard error, which is 0 of a single one.
pub fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares = values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>();
    (mean, (squares / (n * (n - 1.0).max(1.0))).sqrt())
}

/// Slope of the line through points (x, y) by least squares; `None` where they have one x, or none.
pub fn slope(points: &[(f64, f64)]) -> Option<f64> {
    let n = points.len() as f64;
    let (x, y) = (points.iter().map(|p| p.0).sum::<f64>() / n, points.iter().map(|p| p.1).sum::<f64>() / n);
    let products = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum::<f64>();
    let squares = points.iter().map(|p| (p.0 - x) * (p.0 - x)).sum::<f64>();
    Some(products / squares).filter(|slope| slope.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_numbers_have_their_mean_error_and_slope() {
        assert_eq!(mean_and_error(&[1.0, 2.0, 3.0]), (2.0, (1.0_f64 / 3.0).sqrt()));
        assert_eq!(mean_and_error(&[5.0]), (5.0, 0.0));
        assert_eq!(slope(&[(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)]), Some(2.0));
        assert_eq!((slope(&[(1.0, 1.0), (1.0, 2.0)]), slope(&[])), (None, None));
    }
}
