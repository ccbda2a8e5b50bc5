//! A state taken over by another trajectory, as in a sweep.

use super::parameters::Parameters;
use super::real::Real;
use super::ring::copy_ring;
use super::state::{Carry, State, StateEntry, StateFields};

impl<T: Real> State<T> {
    /// The same neurons and kicks at time 0 of a trajectory of other parameters, with as many bins.
    pub fn restarted(&self, from: &Parameters<T>, to: &Parameters<T>) -> Self {
        let mut state = State { unsound: self.unsound, ..State::empty(to.shape()) };
        let fields = StateFields::TABLE.list().into_iter().zip(self.fields(from.shape()).list());
        for ((field, old), new) in fields.zip(state.fields_mut(to.shape()).list()) {
            let StateEntry { extent, carry, .. } = field.entry;
            match carry {
                Carry::Kept => new.copy_from_slice(old),
                Carry::TimePassed => {
                    let len =
                        |parameters: &Parameters<T>| extent.rows(parameters.shape()).first().map_or(0, |row| row.len);
                    let (before, after) = (len(from), len(to));
                    if before > 0 && after > 0 {
                        let rings = old.chunks(before).zip(new.chunks_mut(after));
                        rings.for_each(|(old, new)| copy_ring(self.step as usize, old, new));
                    }
                }
                Carry::TimeLeft => {
                    for (line, row) in extent.rows(to.shape()).iter().enumerate() {
                        let places = |parameters: &Parameters<T>| {
                            let len = parameters.populations[row.population].delay.to_i32() as usize;
                            line * parameters.shape().delay..line * parameters.shape().delay + len
                        };
                        copy_line(self.step as usize, &old[places(from)], &mut new[places(to)]);
                    }
                }
            }
        }
        state
    }
}

/// What leaves a line in some steps from `step` on does so from step 0 on; what the new line is too short for leaves it last.
fn copy_line<T: Real>(step: usize, from: &[T], to: &mut [T]) {
    let Some(last) = to.len().checked_sub(1) else { return };
    for left in 0..from.len() {
        to[left.min(last)] += from[(step + left) % from.len()];
    }
}
