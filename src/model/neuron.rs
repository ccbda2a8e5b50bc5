//! The law of a neuron's voltage between its inputs: dV/dt = f(V).
//!
//! | `neuron` | f(V) |
//! |---|---|
//! | lif | (e_leak - V)/tau_m; 0 without tau_m |
//! | qif | c2 V^2 + c1 V + c0 |
//! | eif | (e_leak - V + delta_t exp((V - v_t)/delta_t))/tau_m |
//! | table | linear between the given points, constant beyond the first and the last |

use serde::{Deserialize, Serialize};

/// The law of a neuron's voltage without input.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Neuron {
    /// Leaky integrate-and-fire.
    #[default]
    Lif,
    /// Quadratic integrate-and-fire: c2 (per voltage and ms, above 0), c1 (1/ms), c0 (voltage/ms).
    Qif([f64; 3]),
    /// Exponential integrate-and-fire.
    Eif {
        /// Voltage at which the exponential takes over.
        v_t: f64,
        /// How sharply, in voltage; above 0.
        delta_t: f64,
    },
    /// Pairs of voltage, ascending, and f in voltage/ms.
    Table(Vec<(f64, f64)>),
}

impl Neuron {
    /// Whether it goes without saying.
    pub fn is_lif(&self) -> bool {
        *self == Neuron::Lif
    }
}
