//! What a kick is worth: g(V) = +-s, or +-s (V - v_rev)/(v_norm - v_rev) with a reversal voltage; and how a step follows a decay.

use serde::{Deserialize, Serialize};

/// Sign and voltages of a synapse.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "Text", from = "Text")]
pub struct Synapse {
    /// Gives the sign.
    pub kind: SynapseKind,
    /// Reversal voltage of a conductance; absent: a current, the same at every voltage.
    pub v_rev: Option<f64>,
    /// Voltage at which a kick is worth exactly +-s; absent: the target's threshold. None of a current.
    pub v_norm: Option<f64>,
}

/// Sign of a synapse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SynapseKind {
    /// Kicks raise the voltage.
    Excitatory,
    /// Kicks lower it.
    Inhibitory,
}

impl Synapse {
    /// s at every voltage.
    pub const EXCITATORY: Synapse = Synapse { kind: SynapseKind::Excitatory, v_rev: None, v_norm: None };

    /// -s (V - v_rev)/(v_th - v_rev).
    pub const fn inhibitory(v_rev: f64) -> Synapse {
        Synapse { kind: SynapseKind::Inhibitory, v_rev: Some(v_rev), v_norm: None }
    }

    /// Whether kicks lower the voltage.
    pub fn is_inhibitory(&self) -> bool {
        self.kind == SynapseKind::Inhibitory
    }

    /// Whether kicks are the same at every voltage and lower it, however low it is.
    pub fn is_bottomless(&self) -> bool {
        self.is_inhibitory() && self.v_rev.is_none()
    }

    /// 1 or -1.
    pub fn sign(&self) -> f64 {
        if self.is_inhibitory() { -1.0 } else { 1.0 }
    }

    /// v_rev and v_norm - v_rev onto a target of threshold `v_th`; `None` of a current.
    pub fn reversal(&self, v_th: f64) -> Option<(f64, f64)> {
        self.v_rev.map(|v_rev| (v_rev, self.v_norm.unwrap_or(v_th) - v_rev))
    }
}

/// A synapse in a network's text: the word of a current, `{inhibitory: {v_rev}}` of a conductance.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Text {
    Current(SynapseKind),
    Conductance(Conductance),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Conductance {
    Excitatory(Voltages),
    Inhibitory(Voltages),
}

#[derive(Serialize, Deserialize)]
struct Voltages {
    v_rev: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    v_norm: Option<f64>,
}

impl From<Synapse> for Text {
    fn from(synapse: Synapse) -> Text {
        let Some(v_rev) = synapse.v_rev else { return Text::Current(synapse.kind) };
        let voltages = Voltages { v_rev, v_norm: synapse.v_norm };
        Text::Conductance(match synapse.kind {
            SynapseKind::Excitatory => Conductance::Excitatory(voltages),
            SynapseKind::Inhibitory => Conductance::Inhibitory(voltages),
        })
    }
}

impl From<Text> for Synapse {
    fn from(text: Text) -> Synapse {
        let (kind, Voltages { v_rev, v_norm }) = match text {
            Text::Current(kind) => return Synapse { kind, v_rev: None, v_norm: None },
            Text::Conductance(Conductance::Excitatory(voltages)) => (SynapseKind::Excitatory, voltages),
            Text::Conductance(Conductance::Inhibitory(voltages)) => (SynapseKind::Inhibitory, voltages),
        };
        Synapse { kind, v_rev: Some(v_rev), v_norm }
    }
}

/// The share of a decay of time constant tau that a step of dt takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stepping {
    /// dt/tau.
    #[default]
    Euler,
    /// 1 - exp(-dt/tau): what is left after a time is what an exponential leaves.
    Exact,
}

impl Stepping {
    /// Share of a step; both times in ms.
    pub fn share(self, dt: f64, tau: f64) -> f64 {
        match self {
            Stepping::Euler => dt / tau,
            Stepping::Exact => -libm::expm1(-dt / tau),
        }
    }

    /// The least time constant in ms that leaves something after a step: dt itself leaves nothing, an exact step 5e-5 of a tenth of it.
    pub fn least(self, dt: f64) -> f64 {
        match self {
            Stepping::Euler => dt.next_up(),
            // whatever decimals are rounded to
            Stepping::Exact => 0.1 * dt * (1.0 - 1e-12),
        }
    }

    /// Whether it goes without saying.
    pub fn is_euler(&self) -> bool {
        *self == Stepping::Euler
    }
}
