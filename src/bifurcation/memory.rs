//! Derivatives of returns that were taken lately, and what they say of one elsewhere.
//!
//! A derivative costs as much as ten returns, and that of the point before is some way off. Two of them on a line with a start say how it
//! changes along that: what is left of the difference is of second order.

use super::jacobian::Jacobian;
use super::object::Object;
use super::place::Place;

/// Derivatives that are kept.
const KEPT: usize = 4;
/// A derivative is of no use to a start that is farther away.
const NEAR: f64 = 0.1;
/// Two derivatives say how a third one differs if their distance is not less than this share of its distance to the nearer one, and if it
/// is no further from their line than this share.
const APART: f64 = 0.5;
const ASIDE: f64 = 0.5;

/// A place in scaled coordinates, the parameter's last, and the derivative there.
#[derive(Clone, Debug)]
pub struct Taken {
    /// In scaled coordinates, the parameter's last.
    pub at: Vec<f64>,
    /// Where it is.
    pub place: Place,
    /// DP and, if it was wanted, dP/dp.
    pub jacobian: Jacobian,
}

/// The last derivatives of one object.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    object: Option<Object>,
    /// The latest first.
    taken: Vec<Taken>,
}

impl Memory {
    /// Keeps a derivative; those of another object are forgotten.
    pub fn keep(&mut self, object: &Object, taken: Taken) {
        if self.object != Some(*object) {
            *self = Memory { object: Some(*object), taken: vec![] };
        }
        self.taken.insert(0, taken);
        self.taken.truncate(KEPT);
    }

    /// The nearest derivative to a place, if it is near.
    pub fn nearest(&mut self, object: &Object, at: &[f64]) -> Option<&mut Taken> {
        let kept = self.taken.iter_mut().filter(|_| self.object == Some(*object));
        let nearest = kept.min_by(|a, b| distance(&a.at, at).total_cmp(&distance(&b.at, at)));
        nearest.filter(|taken| distance(&taken.at, at) < NEAR)
    }

    /// What the nearest derivative and another one say of that at a place.
    pub fn expected(&mut self, object: &Object, at: &[f64]) -> Option<Jacobian> {
        let nearest = self.nearest(object, at)?.clone();
        let far = distance(&nearest.at, at);
        let along = self.taken.iter().filter_map(|other| {
            let length = distance(&other.at, &nearest.at);
            let ahead: f64 =
                nearest.at.iter().zip(&other.at).zip(at).map(|((b, a), x)| (b - a) / length * (x - b)).sum();
            let aside = (far * far - ahead * ahead).max(0.0).sqrt();
            let usable = length > 0.0 && length >= APART * far && aside <= ASIDE * far;
            usable.then_some((length, ahead / length, other))
        });
        let nearby = along.min_by(|a, b| a.0.total_cmp(&b.0));
        Some(
            nearby
                .map_or(nearest.jacobian.clone(), |(_, share, other)| nearest.jacobian.beyond(&other.jacobian, share)),
        )
    }
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::super::algebra::Mat;
    use super::*;

    /// Of one equation whose derivative is 2 + 3 p; places are off the line a little.
    #[test]
    fn two_derivatives_on_a_line_say_the_next_one() {
        let at = |p: f64| vec![1e-4 * (50.0 * p).sin(), p];
        let jacobian =
            |p: f64| Jacobian { by_state: Mat::from_fn(1, 1, |_, _| 2.0 + 3.0 * p), by_parameter: Some(vec![p]) };
        let place = |p: f64| Place { x: vec![0.0], value: p };
        let mut memory = Memory::default();
        let mut expected = |kept: f64, at_p: f64| {
            memory.keep(&Object::FixedPoint, Taken { at: at(kept), place: place(kept), jacobian: jacobian(kept) });
            memory.expected(&Object::FixedPoint, &at(at_p)).map(|jacobian| jacobian.by_state[(0, 0)])
        };
        // One is what there is; two that are too near to each other say no more.
        assert_eq!(expected(0.5, 0.52), Some(3.5));
        assert_eq!(expected(0.501, 0.53), Some(3.503));
        let next = expected(0.52, 0.54).expect("a derivative");
        assert!((next - 3.62).abs() < 1e-3, "{next}");
        // Far away, and of another object, nothing is known.
        assert_eq!(expected(0.54, 0.7), None);
        let orbit = Object::Orbit { section: crate::bifurcation::Section { projection: 0, level: 1.0 }, falls: 1 };
        assert!(memory.expected(&orbit, &at(0.54)).is_none());
    }
}
