// What `markov` does with one member and one neuron in one step: moments of the kick counts, and noise that has them.

/// Largest shift of a noise term.
const SHIFT_MAX: i32 = 24;

/// The kick count of one target, and what it means for the current step.
struct Moments {
    mean: u32,
    variance: u32,
    current: i32,
    conductance: i32,
    current_noise: u32,
    conductance_noise: u32,
    kick_noise: u32,
}

var<workgroup> moments: array<Moments, MOMENTS>;
var<workgroup> mean_adaptation: array<u32, POPULATIONS>;

/// The member's own state from the buffer; the last spike counts become those of the step before the first.
fn begin(base: u32, thread: u32) {
    let at = base + AFTER_NEURONS;
    for (var proj = thread; proj < PROJECTIONS; proj += WORKGROUP) {
        moments[proj].mean = state[at + 2u * proj];
        moments[proj].variance = state[at + 2u * proj + 1u];
    }
    for (var pop = thread; pop < POPULATIONS; pop += WORKGROUP) {
        mean_adaptation[pop] = state[at + 2u * (PROJECTIONS + pop)];
        atomicStore(&spike_counts[2u * POPULATIONS + pop], state[at + 2u * (PROJECTIONS + pop) + 1u]);
    }
}

/// The member's own state back to the buffer.
fn finish(base: u32, thread: u32) {
    let at = base + AFTER_NEURONS;
    let turn = (dispatch.steps + 2u) % 3u;
    for (var proj = thread; proj < PROJECTIONS; proj += WORKGROUP) {
        state[at + 2u * proj] = moments[proj].mean;
        state[at + 2u * proj + 1u] = moments[proj].variance;
    }
    for (var pop = thread; pop < POPULATIONS; pop += WORKGROUP) {
        state[at + 2u * (PROJECTIONS + pop)] = mean_adaptation[pop];
        state[at + 2u * (PROJECTIONS + pop) + 1u] = atomicLoad(&spike_counts[turn * POPULATIONS + pop]);
    }
}

/// Moments and adaptation of one step from the spikes of the one before.
fn prepare(thread: u32, point: u32, turn: u32) {
    for (var pop = thread; pop < POPULATIONS; pop += WORKGROUP) {
        if ADAPTATION[pop] {
            let q = populations[point * POPULATIONS + pop];
            let adaptation = mean_adaptation[pop];
            let spikes = atomicLoad(&spike_counts[turn * POPULATIONS + pop]);
            let jump = count_times(spikes, q.adaptation_jump, q.adaptation_jump_low);
            let decayed = adaptation - multiply_high(adaptation, q.adaptation_decay);
            mean_adaptation[pop] = decayed + jump;
        }
    }
    for (var proj = thread; proj < PROJECTIONS; proj += WORKGROUP) {
        let r = projections[point * PROJECTIONS + proj];
        let spikes = atomicLoad(&spike_counts[turn * POPULATIONS + SOURCE[proj]]) << r.fraction;
        let gained = multiply_high(moments[proj].mean, r.deaths_variance) + fixed_times(spikes, r.births_variance);
        let lost = multiply_high(moments[proj].variance, r.variance_decay);
        let variance = moments[proj].variance - lost + gained;
        let mean = moments[proj].mean - multiply_high(moments[proj].mean, r.decay) + fixed_times(spikes, r.connect);
        if mean > r.kicks_max {
            atomicOr(&flags, KICKS_HIGH);
        }
        if COLOURED {
            moments[proj] = coloured(r, mean, variance, gained);
        } else {
            moments[proj] = white(r, mean, variance);
        }
    }
}

/// Mean input of a projection and its white noise.
fn white(r: ProjectionParameters, mean: u32, variance: u32) -> Moments {
    let d = deviation(variance, r.fraction);
    var m = Moments();
    m.mean = mean;
    m.variance = variance;
    m.current = bitcast<i32>(fixed_times(mean, r.current_high));
    m.conductance = bitcast<i32>(fixed_times(mean, r.conductance_high));
    m.current_noise = noise_size(d.x, d.y, r.current_noise, r.current_noise_exponent);
    m.conductance_noise = noise_size(d.x, d.y, r.conductance_noise, r.conductance_noise_exponent);
    return m;
}

/// Noise of a neuron's kick count that gains `gained` of variance in a step.
fn coloured(r: ProjectionParameters, mean: u32, variance: u32, gained: u32) -> Moments {
    let d = deviation(gained, r.fraction);
    var m = Moments();
    m.mean = mean;
    m.variance = variance;
    m.kick_noise = select(d.x | ((NORMAL_FRACTION + d.y - r.fraction) << 16u), 0u, gained == 0u);
    return m;
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

/// A normal variate times a standard deviation.
fn noise(z: i32, size_and_shift: u32) -> i32 {
    return shift_rounded(z * bitcast<i32>(size_and_shift & 0xffffu), size_and_shift >> 16u);
}

/// Mean kick count for the sample, in units of 2^-10.
fn sampled_mean(point: u32, proj: u32) -> u32 {
    return moments[proj].mean >> (projections[point * PROJECTIONS + proj].fraction - 10u);
}

/// Adds the member's mean kick counts to the sample.
fn sample_member(thread: u32, point: u32) {
    for (var proj = thread; proj < PROJECTIONS; proj += WORKGROUP) {
        atomicStore(&sample_sums[POPULATIONS + proj], sampled_mean(point, proj));
    }
}

/// Nothing, like `receive`: a spike reaches the moments, no neuron.
fn sample_neuron(point: u32, pop: u32, n: ptr<function, Neuron>) {}

fn receive(m: u32, key: vec4<u32>, pop: u32, point: u32, index: u32, step: u32, turn: u32, n: ptr<function, Neuron>) {}

/// Drive, noise, voltage and refractoriness in one step; whether the neuron fires.
fn update(key: vec4<u32>, pop: u32, point: u32, index: u32, step: u32, n: ptr<function, Neuron>) -> bool {
    let neuron = FIRST_NEURON[pop] + index;
    let q = populations[point * POPULATIONS + pop];
    let driven = drive[q.drive + q.drive_stride * (step - dispatch.first_step)];
    var words = step_words(key, pop, neuron, step, n);
    let release = words.y;
    var current = gaussian_drive(q, driven, words.x) + q.leak_current;
    var conductance = bitcast<i32>(q.leak);
    for (var k = 0u; k < INCOMING_COUNT[pop]; k++) {
        let proj = INCOMING_PROJECTION[pop * INCOMING + k];
        if k > 0u && (k & 3u) == 0u {
            words = word_block(key, neuron, step, UPDATE, WORDS[pop], k >> 2u);
        }
        let z = bitcast<i32>(tables[words[k & 3u] >> 20u]);
        if COLOURED {
            let r = projections[point * PROJECTIONS + proj];
            let before = bitcast<i32>((*n).kicks[k]);
            let deviation = before - multiply_high_signed(before, r.decay) + noise(z, moments[proj].kick_noise);
            (*n).kicks[k] = bitcast<u32>(deviation);
            if bitcast<u32>(abs(deviation)) > r.deviation_max {
                atomicOr(&flags, KICKS_HIGH);
            }
            let kicks = deviation + bitcast<i32>(moments[proj].mean);
            current += fixed_times_signed(kicks, r.current_high);
            if INHIBITORY[proj] {
                conductance += fixed_times_signed(kicks, r.conductance_high);
            }
        } else {
            current += noise(z, moments[proj].current_noise) + moments[proj].current;
            if INHIBITORY[proj] {
                conductance += noise(z, moments[proj].conductance_noise) + moments[proj].conductance;
            }
        }
    }
    if ADAPTATION[pop] {
        current -= adaptation_current(q, mean_adaptation[pop]);
    }
    let moved = integrate_signed(q, (*n).voltage, current, conductance);
    return settle(q, pop, moved, release, n);
}
