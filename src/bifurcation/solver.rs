//! Points from solutions: stability, rates, direction, and what another section says.

use super::algebra::Mode;
use super::branch::Point;
use super::family::{Family, Lost};
use super::map::Map;
use super::newton::{Failure, Newton, Solution};
use super::note::{Note, Notes};
use super::object::{Image, Object};
use super::place::{Direction, Place};
use super::section::Section;
use super::spectrum::{Spectrum, kept_modes, spectrum};

/// Multipliers of two sections that differ by more are worth a warning.
const DIFFERENT: f64 = 0.01;
/// Where other levels are, between a section's and the extremum next to it.
const SECOND_LEVEL: f64 = 0.5;
/// A kick count that varies by more than this share of its mean is one to count returns by.
const VARIES: f64 = 0.02;
/// Periods of one orbit on two sections differ by less, in ms.
pub const SAME_PERIOD: f64 = 1e-3;

/// Solves and describes.
pub struct Solver<'a> {
    /// Newton's method.
    pub newton: Newton<'a>,
}

impl<'a> Solver<'a> {
    /// For one family.
    pub fn new(family: &'a Family) -> Self {
        Solver { newton: Newton::new(family) }
    }

    /// The family.
    pub fn family(&self) -> &'a Family {
        self.newton.family
    }

    /// A solution as a point; its direction on the side of another one, if one is wanted.
    pub fn point(&mut self, object: &Object, solution: &Solution, side: Option<&Direction>) -> Result<Point, Failure> {
        let (map, jacobian) = self.newton.at_solution(object, solution, side.is_some())?;
        let Solution { place, image, residual, .. } = solution;
        let spectrum = spectrum(object, &map, &place.x, &jacobian.by_state).ok_or(Lost::Infinite)?;
        let direction = match side {
            None => None,
            Some(side) => Some(self.newton.along(object, &jacobian, place, side).ok_or(Lost::Infinite)?),
        };
        Ok(describe(object, &map, place, image, *residual, spectrum, direction))
    }

    /// The leading modes at a solution.
    pub fn modes(&mut self, object: &Object, solution: &Solution) -> Option<Vec<Mode>> {
        let (map, jacobian) = self.newton.at_solution(object, solution, false).ok()?;
        kept_modes(object, &map, &solution.place.x, &jacobian.by_state).map(|(modes, _)| modes)
    }

    /// Sets the error of an orbit's leading multiplier by other sections, with a warning where they differ much.
    pub fn compare_sections(&mut self, point: &mut Point) {
        let leading = |spectrum: &Spectrum| spectrum.leading.first().copied();
        let Some((re, im)) = leading(&point.spectrum) else { return };
        for (re2, im2) in self.other_spectra(point).iter().filter_map(leading) {
            // Of a pair the same one of both.
            let apart = libm::hypot(re - re2, im.abs() - im2.abs());
            point.error = Some(point.error.unwrap_or(0.0).max(apart));
            if apart > DIFFERENT {
                point.notes.add(Note::OtherSection(re2, im2));
            }
        }
    }

    /// Spectra of an orbit by sections at other levels, and of another projection; none of a fixed point.
    pub fn other_spectra(&mut self, point: &Point) -> Vec<Spectrum> {
        let (Object::Orbit { section, falls }, Ok(mut map)) = (point.object, self.family().map(point.value)) else {
            return vec![];
        };
        let Ok(Image::Return(back)) = point.object.image(&mut map, &point.x) else { return vec![] };
        let clear = SECOND_LEVEL * section.clearance(&back.series(&map, section.projection));
        let mut sections: Vec<(Section, usize)> =
            [clear, -clear].map(|shift| (Section { level: section.level + shift, ..section }, falls)).to_vec();
        let other = slowest(&map, |x| {
            let (low, high, mean) = extent(&back.series(&map, x));
            x != section.projection && high - low > VARIES * mean
        });
        sections.extend(other.map(|projection| {
            let (level, falls, _) = Section::choose(&back.series(&map, projection));
            (Section { projection, level }, falls)
        }));
        sections.into_iter().filter_map(|(section, falls)| self.by_section(&mut map, point, section, falls)).collect()
    }

    fn by_section(&mut self, map: &mut Map<f64>, point: &Point, section: Section, falls: usize) -> Option<Spectrum> {
        let object = Object::Orbit { section, falls };
        let most = 3 * (point.time / map.dt()) as usize;
        let x = section.follow(map, &point.x, 1, most)?.x;
        let image = object.image(map, &x).ok()?;
        let same = (image.time() * map.dt() - point.time).abs() < SAME_PERIOD;
        let derivative = same.then(|| self.newton.derivative(&object, map, &image))?;
        spectrum(&object, map, &x, &derivative)
    }

    /// Newton's method at a fixed value, as a point without direction.
    pub fn at_value(&mut self, object: &Object, place: &Place) -> Result<Point, Failure> {
        let solution = self.newton.solve(object, place, None)?;
        self.point(object, &solution, None)
    }
}

/// The projection with the longest time constant among those that are wanted.
pub fn slowest(map: &Map<f64>, wanted: impl Fn(usize) -> bool) -> Option<usize> {
    let q = |x: usize| map.parameters().projections[x].q;
    (0..map.shape().projections.len()).filter(|&x| wanted(x)).min_by(|&a, &b| q(a).total_cmp(&q(b)))
}

/// Lowest, highest and mean value of a series.
pub fn extent(series: &[f64]) -> (f64, f64, f64) {
    let (low, high) = series.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(*x), b.max(*x)));
    (low, high, series.iter().sum::<f64>() / series.len() as f64)
}

fn describe(
    object: &Object,
    map: &Map<f64>,
    place: &Place,
    image: &Image,
    residual: f64,
    spectrum: Spectrum,
    direction: Option<Direction>,
) -> Point {
    let time = image.time() * map.dt();
    let sizes: Vec<f64> = map.parameters().populations.iter().map(|p| p.size).collect();
    let rates = image.spikes().iter().zip(&sizes).map(|(spikes, size)| 1e3 * spikes / (size * time)).collect();
    let hertz = |fired: f64, size: f64| 1e3 * fired / (size * map.dt());
    let (least, peaks) = image
        .extremes()
        .iter()
        .zip(&sizes)
        .map(|((least, most), size)| (hertz(*least, *size), hertz(*most, *size)))
        .unzip();
    let Place { x, value } = place.clone();
    let (code, error, notes) = (None, None, Notes::default());
    let mut point = Point {
        code,
        object: *object,
        x,
        value,
        direction,
        spectrum,
        time,
        rates,
        peaks,
        least,
        residual,
        error,
        notes,
    };
    if point.spectrum.ignored > 0 {
        point.notes.add(Note::IgnoredModes(point.spectrum.ignored));
    }
    if point.period().is_some() && (1.0 - point.spectrum.radius()).abs() < 1e-3 {
        point.notes.add(Note::Undecided);
    }
    point
}
