// A graph as a row of each source, a bit for each target: what arrives in a step is counted for 32 targets at a time, before the neurons
// take it. Numbers are added bit by bit: the lowest bits of 32 counts are a word, and so are those above. Behind a member's rows
// lie the sources whose spikes arrive, and then the counts, two in a word.

/// How many spikes of each projection's source arrive.
var<workgroup> arriving: array<atomic<u32>, MOMENTS>;

/// Counts what arrives in a step through the graph.
fn arrive(thread: u32, step: u32, turn: u32) {
    for (var proj = thread; proj < PROJECTIONS; proj += WORKGROUP) {
        atomicStore(&arriving[proj], 0u);
    }
    workgroupBarrier();
    for (var proj = 0u; proj < PROJECTIONS; proj++) {
        if !is_outside(proj) {
            list_spikes(proj, thread, step, turn);
        }
    }
    storageBarrier();
    workgroupBarrier();
    var proj = 0u;
    for (var at = thread; at < ARRIVAL_WORDS; at += WORKGROUP) {
        while proj + 1u < PROJECTIONS && at >= first_target_word_of(proj + 1u) {
            proj++;
        }
        count_arrivals(proj, at - first_target_word_of(proj), atomicLoad(&arriving[proj]));
    }
    storageBarrier();
    workgroupBarrier();
}

/// Puts down whose spikes arrive, in any order.
fn list_spikes(proj: u32, thread: u32, step: u32, turn: u32) {
    let source = source_of(proj);
    let first = first_spike_word_of(source);
    let delay = projection(proj).delay;
    for (var word = thread; word < spike_words_of(source); word += WORKGROUP) {
        let now = atomicLoad(&spike_bits[turn * (SPIKE_BITS / 3u) + first + word]);
        var spikes = delayed_bits(first + word, step, delay, now);
        if spikes != 0u {
            var at = list_of(proj) + atomicAdd(&arriving[proj], countOneBits(spikes));
            while spikes != 0u {
                wiring[at] = 32u * word + firstTrailingBit(spikes);
                spikes &= spikes - 1u;
                at++;
            }
        }
    }
}

fn list_of(proj: u32) -> u32 {
    return here.member * WIRING_STRIDE + first_listed_of(proj);
}

/// Counts which of `spikes` arrive at the targets 32 `word` ..
fn count_arrivals(proj: u32, word: u32, spikes: u32) {
    let list = list_of(proj);
    let row_words = target_words_of(proj);
    let rows = here.member * WIRING_STRIDE + first_wiring_word_of(proj) + word;
    let counts = counts_of(proj, word);
    for (var first = 0u; first < spikes; first += COUNTED_TOGETHER) {
        let end = min(first + COUNTED_TOGETHER, spikes);
        var low = vec4<u32>();
        var high = vec4<u32>();
        for (var i = first; i < end; i += 4u) {
            // Four loads that do not wait for each other; those behind the last count nothing.
            let places = min(vec4<u32>(i) + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(end - 1u));
            let sources = vec4<u32>(wiring[list + places.x], wiring[list + places.y], wiring[list + places.z], wiring[list + places.w]);
            let at = vec4<u32>(rows) + sources * row_words;
            let bits = vec4<u32>(wiring[at.x], wiring[at.y], wiring[at.z], wiring[at.w]);
            let counted = select(vec4<u32>(), bits, vec4<u32>(i) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(end));
            let three = added(counted.x, counted.y, counted.z);
            let one = added(low.x, three.x, counted.w);
            let two = added(low.y, three.y, one.y);
            let rest = added(low.z, two.y, 0u);
            let last = added(low.w, rest.y, 0u);
            low = vec4<u32>(one.x, two.x, rest.x, last.x);
            var carry = last.y;
            let above = high;
            high.x = above.x ^ carry;
            carry &= above.x;
            high.y = above.y ^ carry;
            carry &= above.y;
            high.z = above.z ^ carry;
            carry &= above.z;
            high.w = above.w ^ carry;
        }
        for (var j = 0u; j < COUNT_WORDS; j++) {
            wiring[counts + j] = select(wiring[counts + j], 0u, first == 0u) + two_counts(low, high, j);
        }
    }
}

/// Sum and carry of three bits, 32 times.
fn added(a: u32, b: u32, c: u32) -> vec2<u32> {
    let either = a ^ b;
    return vec2<u32>(either ^ c, (a & b) | (either & c));
}

/// Numbers `j` and `j` + 16 of 32, whose bits are words, as the halves of one.
fn two_counts(low: vec4<u32>, high: vec4<u32>, j: u32) -> u32 {
    let mask = vec4<u32>(0x10001u);
    let shift = vec4<u32>(j);
    let bits = (((low >> shift) & mask) << vec4<u32>(0u, 1u, 2u, 3u)) | (((high >> shift) & mask) << vec4<u32>(4u, 5u, 6u, 7u));
    return bits.x | bits.y | bits.z | bits.w;
}

/// Where the counts of the targets 32 `word` .. begin.
fn counts_of(proj: u32, word: u32) -> u32 {
    return here.member * WIRING_STRIDE + COUNTS_AT + COUNT_WORDS * (first_target_word_of(proj) + word);
}

/// Spikes that arrive at a target through the graph: some, in all.
fn wired_spikes(r: ProjectionParameters, proj: u32, index: u32, step: u32, turn: u32) -> u32 {
    return extractBits(wiring[counts_of(proj, index >> 5u) + (index & 15u)], index & 16u, 16u);
}

/// Draws the connections of four sources with 32 targets, of projection `proj` of a graph that begins at `first`.
fn draw_wiring(first: u32, key: vec4<u32>, proj: u32, task: u32, connect: u32) {
    let row_words = target_words_of(proj);
    let block = task / row_words;
    let word = task % row_words;
    let size = size_of(source_of(proj));
    var four = vec4<u32>();
    for (var i = 0u; i < 32u; i++) {
        var wired = vec4<u32>();
        if has_indegree(proj) {
            wired = chosen_four(key, proj, size, 32u * word + i, block, connect);
        } else {
            wired = wired_four(key, proj, 32u * word + i, block, connect);
        }
        four |= wired << vec4<u32>(i);
    }
    for (var k = 0u; k < 4u && 4u * block + k < size; k++) {
        wiring[first + first_wiring_word_of(proj) + (4u * block + k) * row_words + word] = four.x;
        four = four.yzwx;
    }
}
