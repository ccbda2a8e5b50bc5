// The quenched graph: a pure function of the member's key. How it is kept is in files of their own.

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
            let four = wired_four(key, proj, index, 8u * word + part, connect);
            bits |= (four.x | (four.y << 1u) | (four.z << 2u) | (four.w << 3u)) << (4u * part);
        }
    }
    return bits;
}

/// Whether each of the four sources 4 `block` .. is connected with a target.
fn wired_four(key: vec4<u32>, proj: u32, index: u32, block: u32, connect: u32) -> vec4<u32> {
    let words = threefry(key, vec4<u32>(index, block, WIRING | (proj << 8u), 0u));
    return vec4<u32>((words >> vec4<u32>(1u)) < vec4<u32>(connect));
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

/// wired_four with a fixed in-degree.
fn chosen_four(key: vec4<u32>, proj: u32, size: u32, index: u32, block: u32, indegree: u32) -> vec4<u32> {
    let word = chosen_word(key, proj, size, index, block >> 3u, 0xfu << (4u * (block & 7u)), indegree);
    return (vec4<u32>(word) >> (vec4<u32>(4u * (block & 7u)) + vec4<u32>(0u, 1u, 2u, 3u))) & vec4<u32>(1u);
}

/// One invocation draws a part of a member's graph, or every so many where these are more than a grid has invocations in a row.
/// Members from `dispatch.first_member` on, one a row of the grid.
@compute @workgroup_size(64)
fn wire(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let member = dispatch.first_member + id.y;
    if member >= dispatch.members {
        return;
    }
    let point = members[member].point;
    var proj = 0u;
    for (var at = id.x; at < WIRING_TASKS; at += 64u * groups.x) {
        while proj + 1u < PROJECTIONS && at >= first_wiring_task_of(proj + 1u) {
            proj++;
        }
        let connect = projections[point * PROJECTIONS + proj].connect;
        draw_wiring(member * WIRING_STRIDE, members[member].key, proj, at - first_wiring_task_of(proj), connect);
    }
}
