//! The units of one population's integers, and how numbers become integers in them. [`super::arithmetic`] has what they are chosen by.

use super::shape::Model;
use crate::model::{Increments, Initial, Population, Projection};

/// Bits of a voltage.
pub const VOLTAGE_BITS: u32 = 30;
/// Fractional bits of a conductance per step.
pub const CONDUCTANCE_BITS: u32 = 30;
/// The same where noise can make it negative (`markov`).
pub const SIGNED_CONDUCTANCE_BITS: u32 = 28;
/// Points of a table of drifts: those of 2^12 intervals.
const DRIFT_BITS: u32 = 12;
pub const DRIFT_POINTS: usize = (1 << DRIFT_BITS) + 1;
/// Largest kick count of one target and projection.
pub const KICKS: u32 = (1 << 20) - 1;

/// The scales of one population's voltage and current.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// Voltage of W = 0.
    pub v_floor: f64,
    /// F.
    pub voltage: i32,
    /// A.
    pub current: i32,
    /// Fractional bits of the conductance.
    pub conductance: i32,
    pub(super) model: Model,
    pub(super) v_th: f64,
    pub(super) dt: f64,
}

impl Scale {
    /// Time step in ms.
    pub fn dt(&self) -> f64 {
        self.dt
    }

    pub fn model(&self) -> Model {
        self.model
    }

    /// Size of the current (in voltage units) and conductance of one pending kick in one step: of a current alone the synapse
    /// gives the sign; the current of a conductance is never negative.
    pub fn kick(&self, projection: &Projection) -> (f64, f64) {
        let q = projection.per_step(self.dt);
        match projection.synapse.reversal(self.v_th) {
            None => (projection.s * q, 0.0),
            Some((v_rev, distance)) => {
                let conductance = projection.s * q / distance.abs();
                (conductance * (v_rev - self.v_floor), conductance)
            }
        }
    }

    /// `v` as an integer voltage.
    pub fn to_voltage(&self, v: f64) -> u32 {
        ((v - self.v_floor) * exp2(self.voltage)).round() as u32
    }

    /// The voltage that an integer stands for.
    pub fn from_voltage(&self, w: u32) -> f64 {
        self.v_floor + f64::from(w) / exp2(self.voltage)
    }

    /// The highest voltage that a step can begin with, where a state is carried from another threshold: one span above this one.
    pub fn top(&self) -> u32 {
        let above = 1.5 * (self.v_th - self.v_floor) * exp2(self.voltage);
        above.min(exp2(VOLTAGE_BITS as i32) - 1.0) as u32
    }

    /// Shift of a table of drifts, whose last point no step begins above.
    pub fn drift_shift(&self, population: &Population) -> u32 {
        let top = match population.initial {
            Initial::Carry => self.top(),
            _ => self.to_voltage(self.v_th),
        };
        u32::BITS - top.leading_zeros() - DRIFT_BITS
    }

    /// The voltages of that table.
    pub fn drift_grid(&self, population: &Population) -> Increments {
        let spacing = exp2(self.drift_shift(population) as i32 - self.voltage);
        let (least, most) = (self.v_floor, Increments::most(self.v_floor, self.v_th));
        Increments { from: self.v_floor, spacing, points: DRIFT_POINTS as u32, least, most }
    }

    /// Voltage units as an integer current.
    pub fn to_current(&self, v: f64) -> i32 {
        (v * exp2(self.current)).round() as i32
    }
}

/// 2^exponent.
pub(super) fn exp2(exponent: i32) -> f64 {
    libm::exp2(f64::from(exponent))
}

/// The whole part of log2 of a positive number, exactly.
pub(super) fn exponent(x: f64) -> i32 {
    (x.to_bits() >> 52) as i32 - 1023
}
