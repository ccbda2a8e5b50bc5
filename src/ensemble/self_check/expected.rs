//! What a device should have done with a member, by the CPU, and whether it did.
//!
//! `snn` and `markov`: the same spike counts in every step. Deterministic `dsode`: over [`HORIZON_MS`] from time 0 the neurons that fire,
//! within [`TOLERANCE`] of the most that fire in a step, as long as f32 on the CPU follows f64 ten times closer. It does for networks
//! that are not extremely strong (see `validate`: 1e-4), so it is a device that computes something else that is found. With finite-size noise a draw whose probability differs in the last bit
//! is another number; such members are not checked.

use crate::ensemble::model_at_point::ModelAtPoint;
use crate::model::Variant;
use crate::network::cpu_member::{CpuMember, CpuSplit, DISPATCH_STEPS};
use crate::statistics::hash::Fnv1a;

/// For so long f32 follows f64 closely, from time 0.
pub const HORIZON_MS: f64 = 20.0;
/// The most neurons that fire in a step are looked for in this time: a first burst may come after the horizon.
pub const PEAK_MS: f64 = 100.0;
const TOLERANCE: f64 = 1e-2;

/// What a device did.
pub enum Seen {
    /// Steps done, and the hash of all their counts.
    Hash(u32, u64),
    /// A first step, and the neurons of each population that fired in it and in those that follow.
    Spikes(u32, Vec<f32>),
}

/// What it should have done.
pub enum Expected {
    /// Hash after each step.
    Hashes(Vec<u64>),
    /// Neurons of each population that fire in each step, and how far off they may be.
    Spikes { fired: Vec<f64>, populations: usize, tolerance: f64 },
}

impl Expected {
    /// Computes a member from time 0 on, as long as `goes_on`. `None` where nothing can be said, or it cannot run, which is an
    /// error of the run itself.
    pub fn of(at_point: &ModelAtPoint, key: [u32; 4], goes_on: impl Fn() -> bool) -> Option<Expected> {
        if let Variant::Dsode { .. } = at_point.variant {
            spikes(at_point, key, goes_on)
        } else {
            hashes(at_point, key, goes_on)
        }
    }

    /// Steps that can be compared.
    pub fn steps(&self) -> u32 {
        match self {
            Expected::Hashes(hashes) => hashes.len() as u32,
            Expected::Spikes { fired, populations, .. } => (fired.len() / populations) as u32,
        }
    }

    /// Up to which step a device came, and whether it did the right thing; `None` where nothing is expected.
    pub fn judge(&self, seen: &Seen) -> Option<(u32, bool)> {
        match (self, seen) {
            (Expected::Hashes(hashes), &Seen::Hash(steps, hash)) => {
                let expected = hashes.get((steps as usize).checked_sub(1)?)?;
                Some((steps, *expected == hash))
            }
            (Expected::Spikes { fired, populations, tolerance }, Seen::Spikes(first, seen)) => {
                let expected = fired.get(*first as usize * populations..)?;
                let mut pairs = seen.iter().zip(expected);
                let steps = (pairs.len() / populations) as u32;
                // What is no number is not within.
                let right = pairs.all(|(seen, expected)| (f64::from(*seen) - expected).abs() <= *tolerance);
                (steps > 0).then_some((first + steps, right))
            }
            _ => None,
        }
    }
}

fn hashes(at_point: &ModelAtPoint, key: [u32; 4], goes_on: impl Fn() -> bool) -> Option<Expected> {
    let mut cpu_member = CpuMember::new(&at_point.case(), key, CpuSplit::default()).ok()?;
    let (mut hash, mut hashes) = (Fnv1a::default(), Vec::with_capacity(at_point.steps as usize));
    while (hashes.len() as u32) < at_point.steps {
        let output = cpu_member.run(DISPATCH_STEPS.min(at_point.steps - hashes.len() as u32));
        for counts in output.counts.chunks(at_point.network.populations.len()) {
            counts.iter().for_each(|&count| hash.write_u32(count));
            hashes.push(hash.0);
        }
        if output.flags != 0 || !goes_on() {
            // Both backends stop a member that leaves its range; the steps before are compared.
            break;
        }
    }
    Some(Expected::Hashes(hashes))
}

fn spikes(at_point: &ModelAtPoint, key: [u32; 4], goes_on: impl Fn() -> bool) -> Option<Expected> {
    let mut exact = at_point.dsode::<f64>(key).ok()?;
    let mut rounded = at_point.dsode::<f32>(key).ok()?;
    let populations = at_point.network.populations.len();
    let mut fired = Vec::new();
    for step in 0..at_point.steps_in(PEAK_MS) {
        if step % 100 == 0 && !goes_on() {
            return None;
        }
        fired.extend_from_slice(exact.step());
    }
    let tolerance = TOLERANCE * fired.iter().copied().fold(1.0, f64::max);
    let follows = |exact: &&[f64]| {
        let mut pairs = rounded.step().iter().zip(*exact);
        pairs.all(|(rounded, exact)| (f64::from(*rounded) - exact).abs() <= tolerance / 10.0)
    };
    let steps = fired.chunks(populations).take(at_point.steps_in(HORIZON_MS) as usize).take_while(follows).count();
    fired.truncate(steps * populations);
    (steps > 0).then_some(Expected::Spikes { fired, populations, tolerance })
}
