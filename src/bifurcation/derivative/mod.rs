//! The derivative of one step, written down as linear combinations.
//!
//! What a source bin sends where depends on its neurons n and on three numbers: the centre, half width and deviation sigma of the law
//! by which they land ([`crate::reduced::transition::BinLaw`]). The derivatives of all shares with respect to these come with the
//! shares themselves, as dual numbers; the rest is the chain rule: from the state to rows for the mean voltage, centre, half width and
//! variance of every bin, and from these to the bins in which they land. A tangent of any number of directions goes through these
//! combinations.

mod chain;
mod laws;
mod motion;
mod settling;
mod write;

pub use write::StepDerivative;
