//! What the host tells a kernel: which members there are, and which steps to do.

use super::fields::{shared_struct, vec4u};
use bytemuck::Zeroable;

shared_struct! {
    /// One member of a batch.
    MemberParameters {
        key: vec4u, "words", "Key of its random numbers";
        point: u32, "points", "Index of its parameter point within the batch";
        padding_a: u32, "words", "Nothing";
        padding_b: u32, "words", "Nothing";
        padding_c: u32, "words", "Nothing";
    }
}

impl MemberParameters {
    pub fn new(key: [u32; 4], point: u32) -> MemberParameters {
        MemberParameters { key, point, ..MemberParameters::zeroed() }
    }
}

shared_struct! {
    /// Steps that a batch does in one go.
    NetworkDispatch {
        first_step: u32, "steps", "Step that the dispatch begins with";
        steps: u32, "steps", "How many it does";
        members: u32, "members", "All of the batch";
        discard_steps: u32, "steps", "Spikes and samples count from the end of this step on";
        sample_every: u32, "steps", "From one sample to the next";
        samples: u32, "samples", "All of the dispatch";
        state_stride: u32, "words", "State of a member";
        output_stride: u32, "words", "Output of a member";
        row: u32, "workgroups", "Row of the dispatch grid";
        first_member: u32, "members", "The first whose wiring is drawn";
        padding_b: u32, "words", "Nothing";
        padding_c: u32, "words", "Nothing";
    }
}

impl NetworkDispatch {
    /// A dispatch of `steps` from `first_step`; members, strides and row are for the device that lays out the batch.
    pub fn new(first_step: u32, steps: u32, discard_steps: u32, sample_every: u32) -> NetworkDispatch {
        let due = |until: u32| until.max(discard_steps) / sample_every;
        NetworkDispatch {
            first_step,
            steps,
            discard_steps,
            sample_every,
            samples: due(first_step + steps) - due(first_step),
            ..NetworkDispatch::zeroed()
        }
    }
}
