//! What points of a branch are called.

use crate::config::Followed;
use serde::{Deserialize, Serialize};

/// What a point is, by AUTO's codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Code {
    /// Hopf: Neimark-Sacker of the step, an orbit is born.
    HB,
    /// Fold.
    LP,
    /// Period doubling.
    PD,
    /// Neimark-Sacker: a torus is born.
    NS,
    /// Branch point.
    BP,
    /// A value that the user asked for.
    UZ,
    /// End of a branch.
    EP,
    /// No convergence.
    MX,
}

impl From<Followed> for Code {
    fn from(followed: Followed) -> Code {
        match followed {
            Followed::HB => Code::HB,
            Followed::PD => Code::PD,
            Followed::LP => Code::LP,
            Followed::NS => Code::NS,
        }
    }
}

impl Code {
    /// Two letters.
    pub fn text(self) -> &'static str {
        match self {
            Code::HB => "HB",
            Code::LP => "LP",
            Code::PD => "PD",
            Code::NS => "NS",
            Code::BP => "BP",
            Code::UZ => "UZ",
            Code::EP => "EP",
            Code::MX => "MX",
        }
    }

    /// Whether stability, or the number of solutions, changes there.
    pub fn is_bifurcation(self) -> bool {
        matches!(self, Code::HB | Code::LP | Code::PD | Code::NS | Code::BP)
    }
}
