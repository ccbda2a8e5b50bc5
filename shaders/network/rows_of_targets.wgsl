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

/// Draws one word of projection `proj` of a graph that begins at `first`.
fn draw_wiring(first: u32, key: vec4<u32>, proj: u32, task: u32, connect: u32) {
    let size = size_of(target_of(proj));
    let bits = connected_word(key, proj, task % size, task / size, 0xffffffffu, connect);
    wiring[first + first_wiring_word_of(proj) + task] = bits;
}
