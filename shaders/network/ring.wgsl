// Spikes on their way, for projections with a delay: those of the last RING steps, in slots of the member's state.

/// Where the slot of a step begins; steps before the first count downwards from 2^32.
fn slot_of(step: u32) -> u32 {
    return here.state + RING_AT + (step & (RING - 1u)) * SLOT_WORDS;
}

/// Spikes of a population `delay` steps before `step`, in which there are `now`.
fn delayed_spikes(pop: u32, step: u32, delay: u32, now: u32) -> u32 {
    if RING > 1u && delay > 0u {
        return state[slot_of(step - delay) + pop];
    }
    return now;
}

/// The same as bits, of one word.
fn delayed_bits(word: u32, step: u32, delay: u32, now: u32) -> u32 {
    if RING > 1u && delay > 0u {
        return state[slot_of(step - delay) + POPULATIONS + word];
    }
    return now;
}

/// The spikes of a step go into its slot, to be read after a barrier.
fn keep_spikes(thread: u32, step: u32, turn: u32) {
    if RING > 1u {
        let at = slot_of(step);
        for (var pop = thread; pop < POPULATIONS; pop += WORKGROUP) {
            state[at + pop] = atomicLoad(&spike_counts[turn * POPULATIONS + pop]);
        }
        if QUENCHED {
            for (var i = thread; i < SPIKE_BITS / 3u; i += WORKGROUP) {
                state[at + POPULATIONS + i] = atomicLoad(&spike_bits[turn * (SPIKE_BITS / 3u) + i]);
            }
        }
    }
}
