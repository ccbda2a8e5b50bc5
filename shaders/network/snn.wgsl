// What `snn` does with one neuron of a finite network in one step: its kicks die and are born, and move its voltage.

/// Nothing, like `finish`, `prepare` and `sample_member`: every number of `snn` belongs to a neuron.
fn begin(base: u32, thread: u32) {}

fn finish(base: u32, thread: u32) {}

fn prepare(thread: u32, point: u32, turn: u32) {}

fn sample_member(thread: u32, point: u32) {}

/// Adds a neuron's kicks to the sample.
fn sample_neuron(point: u32, pop: u32, n: ptr<function, Neuron>) {
    for (var k = 0u; k < INCOMING_COUNT[pop]; k++) {
        let proj = INCOMING_PROJECTION[pop * INCOMING + k];
        atomicAdd(&sample_sums[POPULATIONS + proj], sampled_kicks(point, proj, (*n).kicks[k]));
    }
}

/// Kicks for the sample, in units of 1 (stochastic decay) or 1/16.
fn sampled_kicks(point: u32, proj: u32, kicks: u32) -> u32 {
    if DETERMINISTIC_DECAY[proj] {
        return kicks >> (projections[point * PROJECTIONS + proj].fraction - 4u);
    }
    return kicks;
}

/// Kicks born from the spikes of this step.
fn receive(
    member: u32,
    key: vec4<u32>,
    pop: u32,
    point: u32,
    index: u32,
    step: u32,
    turn: u32,
    n: ptr<function, Neuron>,
) {
    let neuron = FIRST_NEURON[pop] + index;
    var words = vec4<u32>(0u);
    var block = 0xffffffffu;
    for (var k = 0u; k < INCOMING_COUNT[pop]; k++) {
        let proj = INCOMING_PROJECTION[pop * INCOMING + k];
        let spikes = atomicLoad(&spike_counts[turn * POPULATIONS + SOURCE[proj]]);
        if spikes > 0u {
            let r = projections[point * PROJECTIONS + proj];
            var born = 0u;
            if QUENCHED {
                born = wired_spikes(member, key, r.connect, proj, index, turn);
            } else {
                if block != k >> 2u {
                    block = k >> 2u;
                    words = word_block(key, neuron, step, BIRTHS, WORDS[pop], block);
                }
                born = small_binomial(r.births, r.births_columns, spikes, words[(step * WORDS[pop] + k) & 3u]);
                if spikes >= ROWS {
                    born += large_binomial(r.births_large, key, neuron, step, LARGE_BIRTHS | (proj << 8u), spikes);
                }
            }
            if DETERMINISTIC_DECAY[proj] {
                born = born << r.fraction;
            }
            let kicks = (*n).kicks[k] + born;
            (*n).kicks[k] = kicks;
            if kicks > r.kicks_max {
                atomicOr(&flags, KICKS_HIGH);
            }
        }
    }
}

/// Drive, kicks, voltage, refractoriness and adaptation in one step; whether the neuron fires.
fn update(key: vec4<u32>, pop: u32, point: u32, index: u32, step: u32, n: ptr<function, Neuron>) -> bool {
    let neuron = FIRST_NEURON[pop] + index;
    let q = populations[point * POPULATIONS + pop];
    let driven = drive[q.drive + q.drive_stride * (step - dispatch.first_step)];
    var words = step_words(key, pop, neuron, step, n);
    let release = words.y;
    var current = q.leak_current;
    var conductance = q.leak;
    if !POISSON_DRIVE[pop] {
        current += gaussian_drive(q, driven, words.x);
    }
    for (var k = 0u; k < INCOMING_COUNT[pop]; k++) {
        let proj = INCOMING_PROJECTION[pop * INCOMING + k];
        let r = projections[point * PROJECTIONS + proj];
        if k > 0u && (k & 3u) == 0u {
            words = word_block(key, neuron, step, UPDATE, WORDS[pop], k >> 2u);
        }
        let kicks = (*n).kicks[k];
        if DETERMINISTIC_DECAY[proj] {
            current += bitcast<i32>(fixed_times(kicks, r.current_high));
            if INHIBITORY[proj] {
                conductance += fixed_times(kicks, r.conductance_high);
            }
            (*n).kicks[k] = kicks - multiply_high(kicks, r.decay);
        } else {
            current += bitcast<i32>(count_times(kicks, r.current_high, r.current_low));
            if INHIBITORY[proj] {
                conductance += count_times(kicks, r.conductance_high, r.conductance_low);
            }
            var dead = small_binomial(r.deaths, r.deaths_columns, kicks, words[k & 3u]);
            if kicks >= ROWS {
                dead += large_binomial(r.deaths_large, key, neuron, step, LARGE_DEATHS | (proj << 8u), kicks);
            }
            (*n).kicks[k] = kicks - dead;
        }
    }
    if POISSON_DRIVE[pop] {
        let k = INCOMING_COUNT[pop];
        if k > 0u && (k & 3u) == 0u {
            words = word_block(key, neuron, step, UPDATE, WORDS[pop], k >> 2u);
        }
        current += poisson_drive(q, driven, words[k & 3u]);
    }
    let adaptation = (*n).adaptation;
    if ADAPTATION[pop] {
        current -= adaptation_current(q, adaptation);
    }
    let moved = integrate(q, (*n).voltage, current, conductance);
    let fired = settle(q, pop, moved, release, n);
    if ADAPTATION[pop] {
        (*n).adaptation = adapt(q, adaptation, fired);
    }
    return fired;
}
