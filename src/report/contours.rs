//! Lines of equal value through a map, by marching squares over its points.

use super::mark::{Contour, Heatmap};

/// How many levels a map has at most.
const LEVELS: usize = 8;

/// Where the columns or rows of a map have their values.
pub struct Along {
    pub values: Vec<f64>,
    pub log: bool,
}

impl Along {
    /// What interpolation is linear in.
    fn scaled(&self) -> Vec<f64> {
        self.values.iter().map(|&value| if self.log { value.ln() } else { value }).collect()
    }

    fn unscaled(&self, ends: &mut [[f64; 2]]) {
        if self.log {
            ends.as_flattened_mut().iter_mut().for_each(|end| *end = end.exp());
        }
    }
}

/// Of round values within the map's range. Squares with an undefined corner have no lines, maps of whole numbers none at all:
/// between a period of 2 and one of 16 there is no 8.
pub fn contours(map: &Heatmap, x: &Along, y: &Along) -> Vec<Contour> {
    if map.z.iter().flatten().all(|z| z.fract() == 0.0) {
        return Vec::new();
    }
    let (columns, rows) = (x.scaled(), y.scaled());
    let line = |level| {
        let mut contour = at(level, &columns, &rows, &map.z);
        x.unscaled(&mut contour.x);
        y.unscaled(&mut contour.y);
        contour
    };
    levels(map.range).into_iter().map(line).filter(|contour| !contour.x.is_empty()).collect()
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
    use crate::report::mark::Colours;

    fn map(z: Vec<Option<f64>>, range: (f64, f64)) -> Heatmap {
        let (label, edges) = (String::new(), vec![]);
        Heatmap {
            label,
            colours: Colours::Sequential,
            x: edges.clone(),
            y: edges,
            z,
            gaps: false,
            range,
            contours: vec![],
        }
    }

    /// Of a plane z = x + ln y over uneven points: every end of a line of level c has x + ln y = c, and there is a line for each
    /// level inside.
    #[test]
    fn contours_of_a_plane_lie_on_its_lines() {
        let x: Vec<f64> = (0..10).map(|i| f64::from(i * i) / 9.0).collect();
        let y: Vec<f64> = x.iter().map(|x| x.exp()).collect();
        let z = y.iter().flat_map(|y| x.iter().map(|x| Some(x + y.ln()))).collect();
        let [x, y] = [(x, false), (y, true)].map(|(values, log)| Along { values, log });
        let found = contours(&map(z, (0.0, 18.0)), &x, &y);
        assert_eq!(found.iter().map(|c| c.level).collect::<Vec<_>>(), [5.0, 10.0, 15.0]);
        for Contour { level, x, y } in found {
            let ends = x.iter().flatten().zip(y.iter().flatten());
            assert!(ends.clone().count() >= 4 && ends.clone().all(|(x, y)| (x + y.ln() - level).abs() < 1e-9));
        }
    }

    #[test]
    fn maps_of_whole_numbers_have_no_contours() {
        let of = |z: [f64; 4]| {
            let along = || Along { values: vec![0.0, 1.0], log: false };
            contours(&map(z.map(Some).to_vec(), (0.0, 8.0)), &along(), &along()).len()
        };
        assert_eq!([of([0.0, 8.0, 8.0, 0.0]), of([0.0, 8.0, 7.5, 0.0])], [0, 7]);
    }

    #[test]
    fn maps_without_a_range_have_no_contours() {
        assert!(levels((3.0, 3.0)).is_empty() && levels((f64::INFINITY, f64::NEG_INFINITY)).is_empty());
    }
}
