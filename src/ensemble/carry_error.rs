//! Why a state cannot be carried on.

use crate::network::arithmetic::RangeError;
use crate::reduced::ShapeError;

/// What can go wrong between two points of a chain.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CarryError {
    #[error(transparent)]
    Range(#[from] RangeError),
    #[error(transparent)]
    Shape(#[from] ShapeError),
    #[error(
        "a sweep cannot carry a dsode over points with other numbers of voltage bins, {before:?} and {after:?}; leave bin and \
         v_min to `auto`, or sweep another axis"
    )]
    Bins { before: Vec<u32>, after: Vec<u32> },
}
