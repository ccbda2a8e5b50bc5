//! Places in the space of state and parameter, and directions between them.

use serde::{Deserialize, Serialize};

/// A direction in scaled coordinates, of length 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Direction {
    /// Along the state.
    pub x: Vec<f64>,
    /// Along the parameter.
    pub p: f64,
}

impl Direction {
    /// Of length 1.
    pub fn new(x: Vec<f64>, p: f64) -> Self {
        let length = (x.iter().map(|x| x * x).sum::<f64>() + p * p).sqrt();
        Direction { x: x.iter().map(|x| x / length).collect(), p: p / length }
    }

    /// Cosine of the angle to another one.
    pub fn cosine(&self, other: &Direction) -> f64 {
        self.x.iter().zip(&other.x).map(|(a, b)| a * b).sum::<f64>() + self.p * other.p
    }

    /// Its coordinates, the parameter's last.
    pub fn coordinates(&self) -> impl Iterator<Item = f64> {
        self.x.iter().copied().chain([self.p])
    }

    /// How far a way in scaled coordinates, the parameter's last, leads along it.
    pub fn along(&self, way: impl Iterator<Item = f64>) -> f64 {
        way.zip(self.coordinates()).map(|(way, d)| way * d).sum()
    }

    /// The opposite one.
    pub fn reversed(&self) -> Self {
        Direction { x: self.x.iter().map(|x| -x).collect(), p: -self.p }
    }
}

/// Largest difference of two states in scaled coordinates; no number where one of theirs is none.
pub fn apart(a: &[f64], b: &[f64], scales: &[f64]) -> f64 {
    let scaled = a.iter().zip(b).zip(scales).map(|((a, b), scale)| ((a - b) / scale).abs());
    scaled.fold(0.0, |most, next| if next <= most { most } else { next })
}

/// A place in the space of state and parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The state.
    pub x: Vec<f64>,
    /// Value of the parameter.
    pub value: f64,
}
