// One invocation sets one neuron to its state at time 0; the rest of a member's state is zero already.

@compute @workgroup_size(64)
fn initial(@builtin(global_invocation_id) id: vec3<u32>) {
    let member = id.y;
    if id.x >= NEURONS || member >= dispatch.members {
        return;
    }
    var pop = 0u;
    while pop + 1u < POPULATIONS && id.x >= first_neuron_of(pop + 1u) {
        pop++;
    }
    let q = populations[members[member].point * POPULATIONS + pop];
    state[member * dispatch.state_stride + id.x] = initial_voltage(members[member].key, q, id.x);
}

/// Where all start, or uniform above it.
fn initial_voltage(key: vec4<u32>, q: PopulationParameters, neuron: u32) -> u32 {
    let word = threefry(key, vec4<u32>(neuron, 0u, INITIAL, 0u)).x;
    return q.start + multiply_high(word, q.spread);
}
