// What `markov` does with one member and one neuron in one step: moments of the kick counts, and noise that has them.

/// Largest shift of a noise term.
const SHIFT_MAX: i32 = 24;

/// What the kick count of one target means for the current step.
struct MeanInput {
    /// White: mean current and conductance, and their noise as size and shift.
    current: i32,
    conductance: i32,
    current_noise: u32,
    conductance_noise: u32,
    /// Coloured: noise of a neuron's kick count as size and shift; with a rise time that of risen kicks, and of births.
    kick_noise: u32,
    rise_noise: u32,
    birth_noise: u32,
}

/// A neuron's numbers between the statements of an update.
struct Input {
    words: vec4<u32>,
    release: u32,
    current: i32,
    conductance: i32,
}

var<workgroup> moments: array<ProjectionState, MOMENTS>;
var<workgroup> inputs: array<MeanInput, MOMENTS>;
var<workgroup> means: array<PopulationState, POPULATIONS>;

/// The member's own state from the buffer; the last spike counts become those of the step before the first.
fn begin(thread: u32) {
    for (var proj = thread; proj < PROJECTIONS; proj += WORKGROUP) {
        moments[proj] = load_projection(proj);
    }
    for (var pop = thread; pop < POPULATIONS; pop += WORKGROUP) {
        means[pop] = load_population(pop);
        atomicStore(&spike_counts[2u * POPULATIONS + pop], means[pop].spikes);
    }
}

/// The member's own state back to the buffer.
fn finish(thread: u32) {
    let turn = (dispatch.steps + 2u) % 3u;
    for (var proj = thread; proj < PROJECTIONS; proj += WORKGROUP) {
        store_projection(proj, moments[proj]);
    }
    for (var pop = thread; pop < POPULATIONS; pop += WORKGROUP) {
        means[pop].spikes = atomicLoad(&spike_counts[turn * POPULATIONS + pop]);
        store_population(pop, means[pop]);
    }
}

/// Moments and adaptation of one step from the spikes of the one before, or of earlier ones.
fn prepare(thread: u32, step: u32, turn: u32) {
    for (var pop = thread; pop < POPULATIONS; pop += WORKGROUP) {
        if has_adaptation(pop) {
            let q = population(pop);
            let adaptation = means[pop].adaptation;
            let spikes = atomicLoad(&spike_counts[turn * POPULATIONS + pop]);
            let jump = count_times(spikes, q.adaptation_jump, q.adaptation_jump_low);
            let decayed = adaptation - multiply_high(adaptation, q.adaptation_decay);
            means[pop].adaptation = decayed + jump;
        }
    }
    for (var proj = thread; proj < PROJECTIONS; proj += WORKGROUP) {
        let r = projection(proj);
        let before = moments[proj];
        // A source's births count as spikes that reach every target.
        var spikes = 0u;
        if is_outside(proj) {
            spikes = births_outside(r, step).x;
        } else {
            let last = atomicLoad(&spike_counts[turn * POPULATIONS + source_of(proj)]);
            spikes = delayed_spikes(source_of(proj), step - 1u, r.delay, last) << r.spikes_fraction;
        }
        var births = fixed_times(spikes, r.births_variance);
        if has_indegree(proj) {
            let others = (spikes >> r.spikes_fraction) - 1u;
            births = births - multiply_high(births, others * r.births_taken);
        }
        let born = fixed_times(spikes, r.connect);
        var gained = multiply_high(before.mean, r.deaths_variance);
        var after = before;
        if has_rise(proj) {
            after = risen_moments(r, !has_deterministic_decay(proj), before, born, births);
        } else {
            gained += births;
            after.variance = before.variance - multiply_high(before.variance, r.variance_decay) + gained;
            after.mean = before.mean - multiply_high(before.mean, r.decay) + born;
        }
        if max(after.mean, after.rising_mean) > r.kicks_max {
            atomicOr(&flags, KICKS_HIGH);
        }
        moments[proj] = after;
        if has_memory(proj) {
            var input = coloured(r, gained);
            if has_rise(proj) {
                let dying = select(before.rising_mean, 0u, has_deterministic_decay(proj));
                input.rise_noise = coloured(r, multiply_high(dying, r.rise_scatter)).kick_noise;
                input.birth_noise = coloured(r, births).kick_noise;
            }
            inputs[proj] = input;
        } else {
            inputs[proj] = white(r, subtracts(proj), after.mean, after.variance);
        }
    }
}

/// Mean input of a projection and its white noise.
fn white(r: ProjectionParameters, subtracted: bool, mean: u32, variance: u32) -> MeanInput {
    let d = deviation(variance, r.fraction);
    let current = bitcast<i32>(fixed_times(mean, r.current_high));
    return MeanInput(
        select(current, -current, subtracted),
        bitcast<i32>(fixed_times(mean, r.conductance_high)),
        noise_size(d.x, d.y, r.current_noise, r.current_noise_exponent),
        noise_size(d.x, d.y, r.conductance_noise, r.conductance_noise_exponent),
        0u,
        0u,
        0u,
    );
}

/// Noise of a neuron's kick count that gains `gained` of variance in a step.
fn coloured(r: ProjectionParameters, gained: u32) -> MeanInput {
    let d = deviation(gained, r.fraction);
    let size_and_shift = d.x | ((NORMAL_FRACTION + d.y - r.fraction) << 16u);
    return MeanInput(0, 0, 0u, 0u, select(size_and_shift, 0u, gained == 0u), 0u, 0u);
}

/// (root, half) so that the square root of a variance is root 2^-half kicks, root of 16 bits; (0, 0) of none.
fn deviation(variance: u32, fraction: u32) -> vec2<u32> {
    if variance == 0u {
        return vec2<u32>(0u);
    }
    let zeros = countLeadingZeros(variance);
    let shift = zeros - ((zeros + fraction) & 1u);
    return vec2<u32>(square_root(variance << shift), (shift + fraction) >> 1u);
}

/// Size and shift (times 2^16) of root 2^-half kicks times a constant of 16 bits and an exponent.
fn noise_size(root: u32, half: u32, constant: u32, exponent: i32) -> u32 {
    let size = (root * constant + 0x8000u) >> 16u;
    let shift = exponent + bitcast<i32>(half) - (16 - i32(NORMAL_FRACTION));
    let excess = bitcast<u32>(clamp(shift - SHIFT_MAX, 0, 17));
    return ((size + ((1u << excess) >> 1u)) >> excess) | (bitcast<u32>(clamp(shift, 0, SHIFT_MAX)) << 16u);
}

/// Adds the member's mean kick counts to the sample.
fn sample_member(thread: u32) {
    for (var proj = thread; proj < PROJECTIONS; proj += WORKGROUP) {
        atomicStore(&sample_sums[POPULATIONS + proj], moments[proj].mean);
    }
}

/// Nothing, like `receive`: a spike reaches the moments, no neuron.
fn sample_kicks(k: u32, proj: u32, i: u32, n: ptr<function, Neuron>) {}

fn receive(pop: u32, k: u32, proj: u32, i: u32, step: u32, turn: u32, words: vec4<u32>, n: ptr<function, Neuron>) {}

/// Random words of the step, drive and leak.
fn begin_update(pop: u32, index: u32, step: u32, n: ptr<function, Neuron>) -> Input {
    let q = population(pop);
    let words = step_words(pop, first_neuron_of(pop) + index, step, n);
    let current = gaussian_drive(q, drive_of(q, step), words.x) + q.leak_current;
    return Input(words, words.y, current, bitcast<i32>(q.leak));
}

/// Current and conductance of one projection: its mean, and noise.
fn add_input(
    pop: u32,
    k: u32,
    proj: u32,
    index: u32,
    step: u32,
    n: ptr<function, Neuron>,
    input: ptr<function, Input>,
) {
    later_words(pop, k, index, step, input);
    let z = bitcast<i32>(tables[(*input).words[k & 3u] >> 20u]);
    let m = inputs[proj];
    if has_memory(proj) {
        let r = projection(proj);
        let before = bitcast<i32>((*n).kicks[k]);
        var deviation = before - multiply_high_signed(before, r.decay) + noise(z, m.kick_noise);
        if has_rise(proj) {
            deviation += deviate_rising(pop, k, proj, index, step, n);
        }
        (*n).kicks[k] = bitcast<u32>(deviation);
        if bitcast<u32>(abs(deviation)) > r.deviation_max {
            atomicOr(&flags, KICKS_HIGH);
        }
        let kicks = deviation + bitcast<i32>(moments[proj].mean);
        let current = fixed_times_signed(kicks, r.current_high);
        (*input).current += select(current, -current, subtracts(proj));
        if has_conductance(proj) {
            (*input).conductance += fixed_times_signed(kicks, r.conductance_high);
        }
    } else {
        (*input).current += noise(z, m.current_noise) + m.current;
        if has_conductance(proj) {
            (*input).conductance += noise(z, m.conductance_noise) + m.conductance;
        }
    }
}

/// Adaptation, voltage and refractoriness; whether the neuron fires.
fn end_update(pop: u32, index: u32, step: u32, n: ptr<function, Neuron>, input: ptr<function, Input>) -> bool {
    let q = population(pop);
    var current = (*input).current;
    if has_drift(pop) {
        current += drift(q, (*n).voltage);
    }
    if has_adaptation(pop) {
        current -= adaptation_current(q, means[pop].adaptation);
    }
    let moved = integrate_signed(q, (*n).voltage, current, (*input).conductance);
    return settle(q, pop, moved, (*input).release, n);
}
