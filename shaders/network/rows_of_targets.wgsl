// A graph as a word of 32 sources for each target, or drawn again at each spike: a neuron looks for the spikes that reach it.

/// Nothing: every neuron counts for itself.
fn arrive(thread: u32, step: u32, turn: u32) {}

/// Spikes that arrive at a target through the graph.
fn wired_spikes(r: ProjectionParameters, proj: u32, index: u32, step: u32, turn: u32) -> u32 {
    let source = source_of(proj);
    let first = first_spike_word_of(source);
    var reached = 0u;
    for (var word = 0u; word < spike_words_of(source); word++) {
        let now = atomicLoad(&spike_bits[turn * (SPIKE_BITS / 3u) + first + word]);
        let spikes = delayed_bits(first + word, step, r.delay, now);
        if spikes == 0u {
            continue;
        }
        if WIRING_STORED {
            let row = here.member * WIRING_STRIDE + first_wiring_word_of(proj) + word * size_of(target_of(proj));
            reached += countOneBits(spikes & wiring[row + index]);
        } else {
            reached += countOneBits(spikes & connected_word(here.key, proj, index, word, spikes, r.connect));
        }
    }
    return reached;
}

/// One invocation draws one word of a member's graph, or every so many where these are more than a grid has invocations in a row:
/// `WIRING_STRIDE` words a member, in rows of targets. Members from `dispatch.first_member` on, one a row of the grid.
@compute @workgroup_size(64)
fn wire(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let member = dispatch.first_member + id.y;
    if member >= dispatch.members {
        return;
    }
    let point = members[member].point;
    let key = members[member].key;
    var proj = 0u;
    for (var at = id.x; at < WIRING_TASKS; at += 64u * groups.x) {
        while proj + 1u < PROJECTIONS && at >= first_wiring_word_of(proj + 1u) {
            proj++;
        }
        let size = size_of(target_of(proj));
        let word = (at - first_wiring_word_of(proj)) / size;
        let index = (at - first_wiring_word_of(proj)) % size;
        let connect = projections[point * PROJECTIONS + proj].connect;
        wiring[member * WIRING_STRIDE + at] = connected_word(key, proj, index, word, 0xffffffffu, connect);
    }
}
