// What `snn` does with one neuron of a finite network in one step: its kicks die and are born, and move its voltage.

/// A neuron's numbers between the statements of an update.
struct Input {
    words: vec4<u32>,
    release: u32,
    current: i32,
    conductance: u32,
}

/// Nothing, like `finish`, `prepare` and `sample_member`: every number of `snn` belongs to a neuron.
fn begin(thread: u32) {}

fn finish(thread: u32) {}

fn prepare(thread: u32, step: u32, turn: u32) {}

fn sample_member(thread: u32) {}

/// Adds a neuron's kicks to the sample.
fn sample_kicks(k: u32, proj: u32, i: u32, n: ptr<function, Neuron>) {
    atomicAdd(&sample_sums[POPULATIONS + proj], sampled_kicks(proj, (*n).kicks[k], i));
}

/// Kicks of neuron `i` for the sample: without the last bits, rounded up or down by the neuron's number (van der Corput's sequence).
/// So a sum over many is right however few bits are left.
fn sampled_kicks(proj: u32, kicks: u32, i: u32) -> u32 {
    let left_out = projection(proj).sampled;
    return (kicks + ((reverseBits(i) >> 1u) >> (31u - left_out))) >> left_out;
}

/// Kicks born from the spikes that arrive from the source of one projection, or from outside.
fn receive(
    pop: u32,
    k: u32,
    proj: u32,
    index: u32,
    step: u32,
    turn: u32,
    words: vec4<u32>,
    n: ptr<function, Neuron>,
) {
    let r = projection(proj);
    var spikes = 0u;
    if !is_outside(proj) {
        let now = atomicLoad(&spike_counts[turn * POPULATIONS + source_of(proj)]);
        spikes = delayed_spikes(source_of(proj), step, r.delay, now);
    }
    if is_outside(proj) || spikes > 0u {
        var born = 0u;
        if is_outside(proj) {
            let row = births_outside(r, step);
            let neuron = first_neuron_of(pop) + index;
            let block = word_block(here.key, neuron, step, OUTSIDE, max(words_of(pop), 4u), k >> 2u);
            born = alias_draw(row.x, row.y, block[k & 3u]);
        } else if QUENCHED {
            born = wired_spikes(r, proj, index, step, turn);
        } else {
            born = small_binomial(r.births, r.births_columns, spikes, words[(step * words_of(pop) + k) & 3u]);
            if size_of(source_of(proj)) >= ROWS && spikes >= ROWS {
                if LARGE_BINOMIALS {
                    let neuron = first_neuron_of(pop) + index;
                    born += large_binomial(r.births_large, here.key, neuron, step, LARGE_BIRTHS | (proj << 8u), spikes);
                } else {
                    atomicOr(&flags, COUNT_LARGE);
                }
            }
        }
        if has_deterministic_decay(proj) {
            born = born << r.fraction;
        }
        var kicks = 0u;
        if has_rise(proj) {
            kicks = rise(k, born, n);
        } else {
            kicks = (*n).kicks[k] + born;
            (*n).kicks[k] = kicks;
        }
        if kicks > r.kicks_max {
            atomicOr(&flags, KICKS_HIGH);
        }
    }
}

/// Random words of the step, drive and leak.
fn begin_update(pop: u32, index: u32, step: u32, n: ptr<function, Neuron>) -> Input {
    let q = population(pop);
    let words = step_words(pop, first_neuron_of(pop) + index, step, n);
    var input = Input(words, words.y, q.leak_current, q.leak);
    if !has_poisson_drive(pop) {
        input.current += gaussian_drive(q, drive_of(q, step), words.x);
    }
    return input;
}

/// Current and conductance of the kicks of one projection, and their deaths.
fn add_input(
    pop: u32,
    k: u32,
    proj: u32,
    index: u32,
    step: u32,
    n: ptr<function, Neuron>,
    input: ptr<function, Input>,
) {
    let r = projection(proj);
    later_words(pop, k, index, step, input);
    let kicks = (*n).kicks[k];
    if has_deterministic_decay(proj) {
        let current = bitcast<i32>(fixed_times(kicks, r.current_high));
        (*input).current += select(current, -current, subtracts(proj));
        if has_conductance(proj) {
            (*input).conductance += fixed_times(kicks, r.conductance_high);
        }
        (*n).kicks[k] = kicks - multiply_high(kicks, r.decay);
    } else {
        (*input).current += bitcast<i32>(count_times(kicks, r.current_high, r.current_low));
        if has_conductance(proj) {
            (*input).conductance += count_times(kicks, r.conductance_high, r.conductance_low);
        }
        var dead = kicks;
        if !is_delta(proj) {
            dead = small_binomial(r.deaths, r.deaths_columns, kicks, (*input).words[k & 3u]);
            if kicks >= ROWS {
                if LARGE_BINOMIALS {
                    let neuron = first_neuron_of(pop) + index;
                    dead += large_binomial(r.deaths_large, here.key, neuron, step, LARGE_DEATHS | (proj << 8u), kicks);
                } else {
                    atomicOr(&flags, COUNT_LARGE);
                }
            }
        }
        (*n).kicks[k] = kicks - dead;
    }
    if has_rise(proj) {
        add_risen(pop, k, proj, index, step, n);
    }
}

/// Poisson drive, adaptation, voltage and refractoriness; whether the neuron fires.
fn end_update(pop: u32, index: u32, step: u32, n: ptr<function, Neuron>, input: ptr<function, Input>) -> bool {
    let q = population(pop);
    var current = (*input).current;
    if has_poisson_drive(pop) {
        let k = incoming_count_of(pop);
        later_words(pop, k, index, step, input);
        current += poisson_drive(q, drive_of(q, step), (*input).words[k & 3u]);
    }
    if has_drift(pop) {
        current += drift(q, (*n).voltage);
    }
    let adaptation = (*n).adaptation;
    if has_adaptation(pop) {
        current -= adaptation_current(q, adaptation);
    }
    let moved = integrate(q, (*n).voltage, current, (*input).conductance);
    let fired = settle(q, pop, moved, (*input).release, n);
    if has_adaptation(pop) {
        (*n).adaptation = adapt(q, adaptation, fired);
    }
    return fired;
}
