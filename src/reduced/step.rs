//! One step on its way: what it reads and what it changes. Its parts: `inputs`, `spread`, `settle`, each given memory to work in, of
//! which the compiler then knows that it overlaps with nothing else.

use super::parameters::Parameters;
use super::shape::DsodeShape;
use super::state::StateFields;

/// One step of one trajectory.
pub(super) struct Step<'a, T> {
    pub(super) shape: &'a DsodeShape,
    pub(super) parameters: &'a Parameters<T>,
    pub(super) key: [u32; 4],
    /// Steps done before this one.
    pub(super) number: u32,
    pub(super) unsound: &'a mut u32,
    pub(super) state: StateFields<&'a mut [T]>,
}
