//! Lines of equal value through a map, by marching squares over the centres of its cells.

use super::figure::{Contour, Heatmap};

/// How many levels a map has at most.
const LEVELS: usize = 8;

/// Of round values within the map's range. Squares with an undefined corner have no lines.
pub fn contours(map: &Heatmap, (x_log, y_log): (bool, bool)) -> Vec<Contour> {
    let (x, y) = (centres(&map.x, x_log), centres(&map.y, y_log));
    let levels = levels(map.range);
    levels.into_iter().map(|level| at(level, &x, &y, &map.z)).filter(|contour| !contour.x.is_empty()).collect()
}

fn centres(edges: &[f64], log: bool) -> Vec<f64> {
    edges.windows(2).map(|pair| if log { (pair[0] * pair[1]).sqrt() } else { 0.5 * (pair[0] + pair[1]) }).collect()
}

/// Multiples of 1, 2 or 5 times a power of ten inside of the range.
fn levels((low, high): (f64, f64)) -> Vec<f64> {
    if high <= low || !low.is_finite() {
        return Vec::new();
    }
    let rough = (high - low) / LEVELS as f64;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|step| *step >= rough).unwrap_or(10.0 * power);
    let first = (low / step).floor() as i64 + 1;
    (first..).map(|i| i as f64 * step).take_while(|level| *level < high).collect()
}

/// Both ends of a stretch lie on sides of a square, by linear interpolation.
fn at(level: f64, x: &[f64], y: &[f64], z: &[Option<f64>]) -> Contour {
    let mut contour = Contour { level, x: Vec::new(), y: Vec::new() };
    let columns = x.len();
    for row in 0..y.len().saturating_sub(1) {
        for column in 0..columns.saturating_sub(1) {
            let corner = |right: usize, up: usize| {
                let (i, j) = (column + right, row + up);
                Some((x[i], y[j], z[j * columns + i]?))
            };
            let corners = [corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1)];
            let [Some(a), Some(b), Some(c), Some(d)] = corners else { continue };
            let crossing = |(from, to): ((f64, f64, f64), (f64, f64, f64))| {
                let (below, above) = (from.2 - level, to.2 - level);
                let share = below / (below - above);
                ((below < 0.0) != (above < 0.0))
                    .then_some((from.0 + share * (to.0 - from.0), from.1 + share * (to.1 - from.1)))
            };
            let ends: Vec<(f64, f64)> = [(a, b), (b, c), (c, d), (d, a)].into_iter().filter_map(crossing).collect();
            // two ends are a stretch; four, at a saddle, two of them
            for pair in ends.chunks_exact(2) {
                contour.x.push([pair[0].0, pair[1].0]);
                contour.y.push([pair[0].1, pair[1].1]);
            }
        }
    }
    contour
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::figure::Colours;

    /// Of a plane z = x + y: every end of a line of level c has x + y = c, and there is a line for each level inside.
    #[test]
    fn contours_of_a_plane_lie_on_its_lines() {
        let edges: Vec<f64> = (0..=10).map(f64::from).collect();
        let z = (0..100).map(|i| Some(f64::from(i % 10) + f64::from(i / 10) + 1.0)).collect();
        let (x, y) = (edges.clone(), edges);
        let map = Heatmap {
            label: String::new(),
            colours: Colours::Sequential,
            x,
            y,
            z,
            gaps: false,
            range: (1.0, 19.0),
            contours: vec![],
        };
        let found = contours(&map, (false, false));
        assert_eq!(found.iter().map(|c| c.level).collect::<Vec<_>>(), [5.0, 10.0, 15.0]);
        for Contour { level, x, y } in found {
            let ends = x.iter().flatten().zip(y.iter().flatten());
            assert!(ends.clone().count() >= 8 && ends.clone().all(|(x, y)| (x + y - level).abs() < 1e-9));
        }
    }

    #[test]
    fn maps_without_a_range_have_no_contours() {
        assert!(levels((3.0, 3.0)).is_empty() && levels((f64::INFINITY, f64::NEG_INFINITY)).is_empty());
    }
}
