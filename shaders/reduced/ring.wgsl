// Neurons whose spikes are on their way, for projections with a delay: c of the last RING steps, in the trajectory's buffer.

/// Neurons whose spikes arrive through projection `x` at the beginning of a step.
fn arriving(trajectory: u32, step: u32, x: u32) -> f32 {
    let source = source_of(x);
    if RING > 1u {
        let delay = u32(spaces[mine].projections[x].delay);
        if delay > 0u {
            return states[trajectory * STATE + SENT + source * RING + ((step - 1u - delay) & (RING - 1u))];
        }
    }
    return spaces[mine].state[FIRED + source];
}

/// What fired in a step in population `q` goes on its way, to be read after a barrier.
fn keep_fired(trajectory: u32, step: u32, q: u32) {
    if RING > 1u {
        states[trajectory * STATE + SENT + q * RING + (step & (RING - 1u))] = spaces[mine].state[FIRED + q];
    }
}
