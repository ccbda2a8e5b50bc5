// One workgroup is one member: it steps its network `dispatch.steps` times, each neuron in a thread of its own where they are as
// many, and writes state, spike counts, samples and a status. Workgroups in all: `dispatch.members`, in rows of `dispatch.row`.

/// Steps of this dispatch that a kernel before this one has done. Atomic, because Apple's compiler does not look again at what is not
/// after a barrier (gfx-rs/wgpu#4500).
var<workgroup> done_before: atomic<u32>;

@compute @workgroup_size(WORKGROUP)
fn stepping(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let member = group.y * dispatch.row + group.x;
    if member >= dispatch.members {
        return;
    }
    let m = members[member];
    here = Place(member, m.point, m.key, member * dispatch.state_stride, member * dispatch.output_stride);
    if thread == 0u {
        atomicStore(&done_before, output[here.output]);
    }
    if workgroupUniformLoad(&done_before) > 0u {
        return;
    }
    clear(thread);
    hold(thread);
    workgroupBarrier();
    gather_neurons(thread);
    begin(thread);
    workgroupBarrier();
    let counts = here.output + HEADER;
    let sums = counts + dispatch.steps * POPULATIONS;
    var done = 0u;
    var samples = 0u;
    for (var s = 0u; s < dispatch.steps; s++) {
        let step = dispatch.first_step + s;
        let turn = s % 3u;
        if PREPARES {
            prepare(thread, step, (s + 2u) % 3u);
            workgroupBarrier();
        }
        update_neurons(thread, step, turn);
        workgroupBarrier();
        if RING > 1u {
            storageBarrier();
        }
        if RECEIVES && QUENCHED {
            arrive(thread, step, turn);
        }
        if RECEIVES && (SOURCES || RING > 1u || spikes_in(turn) > 0u) {
            receive_neurons(thread, step, turn);
        }
        keep_spikes(thread, step, turn);
        publish(counts + s * POPULATIONS, thread, turn);
        if step + 1u > dispatch.discard_steps && (step + 1u) % dispatch.sample_every == 0u {
            sample_neurons(thread);
            sample_member(thread);
            workgroupBarrier();
            write_sample(sums + samples * SAMPLE_SUMS, thread);
            samples += 1u;
        }
        done += 1u;
    }
    workgroupBarrier();
    let raised = atomicLoad(&flags);
    let again = (raised & COUNT_LARGE) != 0u;
    if !again {
        scatter_neurons(thread);
        finish(thread);
    }
    let after = sums + dispatch.samples * SAMPLE_SUMS;
    for (var i = thread; i < VOLTAGE_COUNTS; i += WORKGROUP) {
        output[after + i] = atomicLoad(&voltage_counts[i]);
    }
    for (var i = thread; i < INTERVAL_SUMS; i += WORKGROUP) {
        output[after + VOLTAGE_COUNTS + i] = atomicLoad(&interval_sums[i]);
    }
    if thread == 0u {
        output[here.output] = select(done, 0u, again);
        output[here.output + 1u] = select(output[here.output + 1u] | raised, COUNT_LARGE, again);
    }
}

/// Spikes of all populations in the step of this turn.
fn spikes_in(turn: u32) -> u32 {
    var spikes = 0u;
    for (var pop = 0u; pop < POPULATIONS; pop++) {
        spikes += atomicLoad(&spike_counts[turn * POPULATIONS + pop]);
    }
    return spikes;
}

/// Counts the spike of a neuron.
fn book(pop: u32, index: u32, step: u32, turn: u32, n: ptr<function, Neuron>) {
    atomicAdd(&spike_counts[turn * POPULATIONS + pop], 1u);
    if QUENCHED {
        let word = turn * (SPIKE_BITS / 3u) + first_spike_word_of(pop) + (index >> 5u);
        atomicOr(&spike_bits[word], 1u << (index & 31u));
    }
    (*n).last_spike = book_spike(pop, (*n).last_spike, step + 1u);
}

/// Spike counts of the step go out; those of the next step start from zero.
fn publish(at: u32, thread: u32, turn: u32) {
    for (var i = thread; i < POPULATIONS; i += WORKGROUP) {
        output[at + i] = atomicLoad(&spike_counts[turn * POPULATIONS + i]);
        atomicStore(&spike_counts[((turn + 2u) % 3u) * POPULATIONS + i], 0u);
    }
    if QUENCHED {
        for (var i = thread; i < SPIKE_BITS / 3u; i += WORKGROUP) {
            atomicStore(&spike_bits[((turn + 2u) % 3u) * (SPIKE_BITS / 3u) + i], 0u);
        }
    }
}

fn clear(thread: u32) {
    for (var i = thread; i < SPIKE_COUNTS; i += WORKGROUP) {
        atomicStore(&spike_counts[i], 0u);
    }
    for (var i = thread; i < SPIKE_BITS; i += WORKGROUP) {
        atomicStore(&spike_bits[i], 0u);
    }
    for (var i = thread; i < VOLTAGE_COUNTS; i += WORKGROUP) {
        atomicStore(&voltage_counts[i], 0u);
    }
    for (var i = thread; i < INTERVAL_SUMS; i += WORKGROUP) {
        atomicStore(&interval_sums[i], 0u);
    }
    for (var i = thread; i < SAMPLE_SUMS; i += WORKGROUP) {
        atomicStore(&sample_sums[i], 0u);
    }
    if thread == 0u {
        atomicStore(&flags, 0u);
    }
}

/// Parameters of the member's point from the buffers, where they have room.
fn hold(thread: u32) {
    if HOLDS_PARAMETERS {
        for (var pop = thread; pop < POPULATIONS; pop += WORKGROUP) {
            held_populations[pop] = populations[here.point * POPULATIONS + pop];
        }
        for (var proj = thread; proj < PROJECTIONS; proj += WORKGROUP) {
            held_projections[proj] = projections[here.point * PROJECTIONS + proj];
        }
    }
}

/// A neuron of this thread, from its registers or from memory.
fn fetch(pop: u32, slot: u32, index: u32) -> Neuron {
    if RESIDENT {
        return resident[slot];
    }
    return load(pop, index);
}

fn keep(pop: u32, slot: u32, index: u32, n: Neuron) {
    if RESIDENT {
        resident[slot] = n;
    } else {
        store(pop, index, n);
    }
}

/// Adds a neuron to the voltage histogram, or to the sample's refractory neurons.
fn sample_voltage(pop: u32, n: ptr<function, Neuron>) {
    if (*n).refractory > 0u {
        atomicAdd(&sample_sums[pop], 1u);
    } else {
        let bin = voltage_bin(population(pop), (*n).voltage, bins_of(pop) - 1u);
        atomicAdd(&voltage_counts[pop * BINS_MAX + bin], 1u);
    }
}

fn write_sample(at: u32, thread: u32) {
    for (var i = thread; i < SAMPLE_SUMS; i += WORKGROUP) {
        output[at + i] = atomicLoad(&sample_sums[i]);
        atomicStore(&sample_sums[i], 0u);
    }
}
