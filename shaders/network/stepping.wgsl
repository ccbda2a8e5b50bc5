// One workgroup is one member: it steps its network `dispatch.steps` times, neurons strided over its threads, and writes
// state, spike counts, samples and a status. Workgroups in all: `dispatch.members`, in rows of `dispatch.row`.

@compute @workgroup_size(WORKGROUP)
fn stepping(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let member = group.y * dispatch.row + group.x;
    if member >= dispatch.members {
        return;
    }
    let key = members[member].key;
    let point = members[member].point;
    let base = member * dispatch.state_stride;
    let out = member * dispatch.output_stride;
    clear(thread);
    workgroupBarrier();
    gather(base, thread);
    begin(base, thread);
    workgroupBarrier();
    var done = 0u;
    var samples = 0u;
    for (var s = 0u; s < dispatch.steps; s++) {
        let step = dispatch.first_step + s;
        let turn = s % 3u;
        if PREPARES {
            prepare(thread, point, (s + 2u) % 3u);
            workgroupBarrier();
        }
        for (var pop = 0u; pop < POPULATIONS; pop++) {
            for (var slot = 0u; slot < SLOTS[pop]; slot++) {
                let index = slot * WORKGROUP + thread;
                if index < SIZE[pop] {
                    var n = fetch(base, pop, slot, index);
                    if update(key, pop, point, index, step, &n) {
                        atomicAdd(&spike_counts[turn * POPULATIONS + pop], 1u);
                        if QUENCHED {
                            let word = turn * (SPIKE_BITS / 3u) + FIRST_WORD[pop] + (index >> 5u);
                            atomicOr(&spike_bits[word], 1u << (index & 31u));
                        }
                        n.last_spike = book_spike(pop, n.last_spike, step + 1u);
                    }
                    keep(base, pop, slot, index, n);
                }
            }
        }
        workgroupBarrier();
        var spikes = 0u;
        for (var pop = 0u; pop < POPULATIONS; pop++) {
            spikes += atomicLoad(&spike_counts[turn * POPULATIONS + pop]);
        }
        if spikes > 0u && RECEIVES {
            for (var pop = 0u; pop < POPULATIONS; pop++) {
                for (var slot = 0u; slot < SLOTS[pop]; slot++) {
                    let index = slot * WORKGROUP + thread;
                    if index < SIZE[pop] {
                        var n = fetch(base, pop, slot, index);
                        receive(member, key, pop, point, index, step, turn, &n);
                        keep(base, pop, slot, index, n);
                    }
                }
            }
        }
        publish(out + HEADER + s * POPULATIONS, thread, turn);
        if step + 1u > dispatch.discard_steps && (step + 1u) % dispatch.sample_every == 0u {
            sample(base, point, thread);
            workgroupBarrier();
            write_sample(out + HEADER + dispatch.steps * POPULATIONS + samples * SAMPLE_SUMS, thread);
            samples += 1u;
        }
        done += 1u;
    }
    scatter(base, thread);
    finish(base, thread);
    workgroupBarrier();
    let after = out + HEADER + dispatch.steps * POPULATIONS + dispatch.samples * SAMPLE_SUMS;
    for (var i = thread; i < VOLTAGE_COUNTS; i += WORKGROUP) {
        output[after + i] = atomicLoad(&voltage_counts[i]);
    }
    for (var i = thread; i < INTERVAL_SUMS; i += WORKGROUP) {
        output[after + VOLTAGE_COUNTS + i] = atomicLoad(&interval_sums[i]);
    }
    if thread == 0u {
        output[out] = done;
        output[out + 1u] = atomicLoad(&flags);
    }
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

/// Resident state from the buffer.
fn gather(base: u32, thread: u32) {
    if RESIDENT {
        for (var pop = 0u; pop < POPULATIONS; pop++) {
            for (var slot = 0u; slot < SLOTS[pop]; slot++) {
                let index = slot * WORKGROUP + thread;
                if index < SIZE[pop] {
                    resident[FIRST_SLOT[pop] + slot] = load(base, FIRST_NEURON[pop] + index, KICK_COUNT[pop]);
                }
            }
        }
    }
}

/// Resident state back to the buffer.
fn scatter(base: u32, thread: u32) {
    if RESIDENT {
        for (var pop = 0u; pop < POPULATIONS; pop++) {
            for (var slot = 0u; slot < SLOTS[pop]; slot++) {
                let index = slot * WORKGROUP + thread;
                if index < SIZE[pop] {
                    store(base, FIRST_NEURON[pop] + index, KICK_COUNT[pop], resident[FIRST_SLOT[pop] + slot]);
                }
            }
        }
    }
}

fn fetch(base: u32, pop: u32, slot: u32, index: u32) -> Neuron {
    if RESIDENT {
        return resident[FIRST_SLOT[pop] + slot];
    }
    return load(base, FIRST_NEURON[pop] + index, KICK_COUNT[pop]);
}

fn keep(base: u32, pop: u32, slot: u32, index: u32, n: Neuron) {
    if RESIDENT {
        resident[FIRST_SLOT[pop] + slot] = n;
    } else {
        store(base, FIRST_NEURON[pop] + index, KICK_COUNT[pop], n);
    }
}

/// Adds this thread's neurons to the voltage histogram and to the sample's sums.
fn sample(base: u32, point: u32, thread: u32) {
    for (var pop = 0u; pop < POPULATIONS; pop++) {
        let q = populations[point * POPULATIONS + pop];
        var refractory = 0u;
        for (var slot = 0u; slot < SLOTS[pop]; slot++) {
            let index = slot * WORKGROUP + thread;
            if index < SIZE[pop] {
                var n = fetch(base, pop, slot, index);
                if n.refractory > 0u {
                    refractory += 1u;
                } else {
                    atomicAdd(&voltage_counts[pop * BINS_MAX + voltage_bin(q, n.voltage, BINS[pop] - 1u)], 1u);
                }
                sample_neuron(point, pop, &n);
            }
        }
        atomicAdd(&sample_sums[pop], refractory);
    }
    sample_member(thread, point);
}

fn write_sample(at: u32, thread: u32) {
    for (var i = thread; i < SAMPLE_SUMS; i += WORKGROUP) {
        output[at + i] = atomicLoad(&sample_sums[i]);
        atomicStore(&sample_sums[i], 0u);
    }
}
