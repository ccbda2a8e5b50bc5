//! One step on its way: what it reads, what it changes and where it works. Its parts: `inputs`, `spread`, `settle`.

use super::parameters::Parameters;
use super::shape::DsodeShape;
use super::state::StateFields;
use super::workspace::Workspace;

/// One step of one trajectory.
pub(super) struct Step<'a, T> {
    pub(super) shape: &'a DsodeShape,
    pub(super) parameters: &'a Parameters<T>,
    pub(super) key: [u32; 4],
    /// Steps done before this one.
    pub(super) number: u32,
    pub(super) unsound: &'a mut u32,
    pub(super) state: StateFields<&'a mut [T]>,
    pub(super) work: &'a mut Workspace<T>,
}
