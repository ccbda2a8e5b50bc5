//! The table of what `branches` found: where fixed points and orbits of a model change their stability, or their number.

/// A row per model, a column per kind of change, which ends with "at p": [`crate::report::figures`] makes it.
pub const TABLE: &str = "changes";
/// Between the places of one kind.
pub const BETWEEN: &str = "; ";
