//! The variants of a model: which one runs, with which options, and what it is called in tables.

use super::bins::AutomaticBins;
use serde::{Deserialize, Serialize};

/// One entry of a config's `models` list.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Variant {
    /// The finite network: every neuron and every pending kick.
    Snn,
    /// Each neuron's recurrent input replaced by Gaussian noise with the population's moments.
    Markov {
        /// What is kept of the fluctuations.
        closure: Closure,
    },
    /// The discrete-state ODE.
    Dsode {
        /// What is kept of the fluctuations.
        closure: Closure,
        /// How a bin's neurons are spread over its voltages.
        density: Density,
        /// Of the finite size.
        noise: Noise,
        /// Bin width h; `None`: automatic, see [`super::bins`].
        bin: Option<f64>,
        /// Lower edge of the lowest bin; `None`: automatic.
        v_min: Option<f64>,
        /// Arithmetic of the CPU backend; the GPU always computes in f32.
        precision: Precision,
    },
}

/// What is kept of the fluctuations of a neuron's kick count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Closure {
    /// White noise of the same variance (the paper's).
    White,
    /// Their correlation with the voltage (ours).
    Coloured,
}

/// The density of voltages in a bin of `dsode`, from count and mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Density {
    /// Constant on an interval from one of the bin's edges on (the paper's).
    Uniform,
    /// Linear over the bin; with the coloured closure each bin keeps second moments of its own (ours).
    Linear,
}

/// Finite-size noise of `dsode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Noise {
    /// The deterministic limit of large populations.
    None,
    /// Whole neurons, multinomial between bins.
    FiniteSize,
}

/// Floating-point arithmetic of a `dsode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// Double precision, the reference.
    F64,
    /// Single precision, the GPU's.
    F32,
}

impl Variant {
    /// `markov` with the paper's closure.
    pub const MARKOV: Variant = Variant::Markov { closure: Closure::White };
    /// `dsode` as in the paper: white closure, deterministic, default bins.
    pub const DSODE: Variant = Variant::Dsode {
        closure: Closure::White,
        density: Density::Uniform,
        noise: Noise::None,
        bin: None,
        v_min: None,
        precision: Precision::F64,
    };

    /// Name plus what differs from the default: `dsode+coloured+linear+finite_size+bin=2`.
    pub fn label(&self) -> String {
        let mut label = self.name().to_string();
        if self.closure() == Closure::Coloured {
            label += "+coloured";
        }
        if let Variant::Dsode { density, noise, bin, v_min, precision, .. } = *self {
            if density == Density::Linear {
                label += "+linear";
            }
            if noise == Noise::FiniteSize {
                label += "+finite_size";
            }
            if let Some(bin) = bin {
                label += &format!("+bin={bin}");
            }
            if let Some(v_min) = v_min {
                label += &format!("+v_min={v_min}");
            }
            if precision == Precision::F32 {
                label += "+f32";
            }
        }
        label
    }

    /// The same without bins that are given and the automatic ones of every population.
    pub fn with_automatic(mut self, automatic: &[AutomaticBins]) -> Variant {
        if let Variant::Dsode { bin, v_min, .. } = &mut self {
            *v_min = v_min.filter(|v_min| automatic.iter().any(|a| a.v_min != *v_min));
            *bin = bin.filter(|bin| automatic.iter().any(|a| !a.has_width(*bin, *v_min)));
        }
        self
    }

    /// The same without bins that are given.
    pub fn without_bins(mut self) -> Variant {
        if let Variant::Dsode { bin, v_min, .. } = &mut self {
            (*bin, *v_min) = (None, None);
        }
        self
    }

    /// The same with a width that is given halved.
    pub fn with_half_bins(mut self) -> Variant {
        if let Variant::Dsode { bin, .. } = &mut self {
            *bin = bin.map(|bin| 0.5 * bin);
        }
        self
    }

    /// `snn`, `markov` or `dsode`.
    pub fn name(&self) -> &'static str {
        match self {
            Variant::Snn => "snn",
            Variant::Markov { .. } => "markov",
            Variant::Dsode { .. } => "dsode",
        }
    }

    /// That of its options; white for `snn`, which has none.
    pub fn closure(&self) -> Closure {
        match *self {
            Variant::Snn => Closure::White,
            Variant::Markov { closure } | Variant::Dsode { closure, .. } => closure,
        }
    }

    /// Whether the width of voltage bins is left to us.
    pub fn has_automatic_bins(&self) -> bool {
        matches!(self, Variant::Dsode { bin: None, .. })
    }

    /// Runs once per point instead of once per realisation.
    pub fn is_deterministic(&self) -> bool {
        matches!(self, Variant::Dsode { noise: Noise::None, .. })
    }
}
