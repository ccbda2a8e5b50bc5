// The quenched graph: a pure function of the member's key, as stored rows of bits or computed again at each spike.

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

/// Those of the sources 32 `word` .. of projection `proj` that `wanted` names which are connected with a target, as bits.
fn connected_word(key: vec4<u32>, proj: u32, index: u32, word: u32, wanted: u32, connect: u32) -> u32 {
    if has_indegree(proj) {
        return chosen_word(key, proj, size_of(source_of(proj)), index, word, wanted, connect);
    }
    return wired_word(key, proj, index, word, wanted, connect);
}

/// Connections from sources 32 `word` .. of projection `proj` onto a target, as bits; only blocks of four that `wanted` names.
fn wired_word(key: vec4<u32>, proj: u32, index: u32, word: u32, wanted: u32, connect: u32) -> u32 {
    var bits = 0u;
    for (var part = 0u; part < 8u; part++) {
        if ((wanted >> (4u * part)) & 0xfu) != 0u {
            let block = threefry(key, vec4<u32>(index, 8u * word + part, WIRING | (proj << 8u), 0u));
            let four = vec4<u32>((block >> vec4<u32>(1u)) < vec4<u32>(connect));
            bits |= (four.x | (four.y << 1u) | (four.z << 2u) | (four.w << 3u)) << (4u * part);
        }
    }
    return bits;
}

/// The same with a fixed in-degree, of `size` sources; only sources that `wanted` names.
fn chosen_word(key: vec4<u32>, proj: u32, size: u32, index: u32, word: u32, wanted: u32, indegree: u32) -> u32 {
    let words = threefry(key, vec4<u32>(index, 0u, WIRING | (proj << 8u), 1u));
    let sides = vec2<u32>(rows_of(proj), columns_of(proj));
    var bits = 0u;
    for (var bit = 0u; bit < 32u; bit++) {
        if ((wanted >> bit) & 1u) != 0u && 32u * word + bit < size {
            let rank = permuted_back(words, sides, size, 32u * word + bit);
            bits |= u32(rank < indegree) << bit;
        }
    }
    return bits;
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
    for (var at = id.x; at < WIRING_STRIDE; at += 64u * groups.x) {
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
