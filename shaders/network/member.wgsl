// What a workgroup holds of its member: bindings, the neurons' state, spikes of the step, and what goes out.
//
// The prelude generated for a shape goes in front: populations, projections, slots, words, bins, RESIDENT.

struct PopulationParameters {
    threshold: u32,
    reset: u32,
    spread: u32,
    leak: u32,
    leak_current: i32,
    current_shift: u32,
    release: u32,
    refractory_steps: u32,
    adaptation_decay: u32,
    adaptation_jump: u32,
    adaptation_jump_low: u32,
    adaptation_shift: u32,
    drive: u32,
    drive_stride: u32,
    drive_shift: u32,
    drive_kick: i32,
    bin_origin: i32,
    bin_scale: u32,
    bin_shift: u32,
}

struct ProjectionParameters {
    kicks_max: u32,
    fraction: u32,
    current_high: u32,
    current_low: u32,
    conductance_high: u32,
    conductance_low: u32,
    decay: u32,
    connect: u32,
    deaths: u32,
    deaths_columns: u32,
    deaths_large: u32,
    births: u32,
    births_columns: u32,
    births_large: u32,
    variance_decay: u32,
    deaths_variance: u32,
    births_variance: u32,
    current_noise: u32,
    current_noise_exponent: i32,
    conductance_noise: u32,
    conductance_noise_exponent: i32,
    deviation_max: u32,
}

struct MemberParameters {
    key: vec4<u32>,
    /// Index of its parameter point within the batch.
    point: u32,
    padding_a: u32,
    padding_b: u32,
    padding_c: u32,
}

struct NetworkDispatch {
    /// Step that the dispatch begins with, and how many it does.
    first_step: u32,
    steps: u32,
    members: u32,
    /// Spikes and samples count from the end of this step on.
    discard_steps: u32,
    /// Steps between samples.
    sample_every: u32,
    samples: u32,
    /// Words of state and of output per member.
    state_stride: u32,
    output_stride: u32,
    /// Workgroups per row of the dispatch grid.
    row: u32,
    padding_a: u32,
    padding_b: u32,
    padding_c: u32,
}

@group(0) @binding(0) var<uniform> dispatch: NetworkDispatch;
@group(0) @binding(1) var<storage, read> populations: array<PopulationParameters>;
@group(0) @binding(2) var<storage, read> projections: array<ProjectionParameters>;
@group(0) @binding(3) var<storage, read> tables: array<u32>;
@group(0) @binding(4) var<storage, read> drive: array<vec2<u32>>;
@group(0) @binding(5) var<storage, read> members: array<MemberParameters>;
@group(0) @binding(6) var<storage, read_write> state: array<u32>;
@group(0) @binding(7) var<storage, read_write> output: array<u32>;
@group(0) @binding(8) var<storage, read_write> wiring: array<u32>;

/// A voltage fell below v_floor.
const VOLTAGE_LOW: u32 = 1u;
/// A kick count exceeded its bound.
const KICKS_HIGH: u32 = 2u;

struct Neuron {
    voltage: u32,
    refractory: u32,
    /// Words for the odd step of a pair.
    spare_a: u32,
    spare_b: u32,
    adaptation: u32,
    /// Time of its last spike in the window, in steps; 0: none yet.
    last_spike: u32,
    kicks: array<u32, KICKS>,
}

var<private> resident: array<Neuron, RESIDENT_SLOTS>;

/// Spikes of each population in the current step, in the one before, and zeros for the next.
var<workgroup> spike_counts: array<atomic<u32>, SPIKE_COUNTS>;
/// Spikes of the step as bits, each population beginning a word (quenched).
var<workgroup> spike_bits: array<atomic<u32>, SPIKE_BITS>;
var<workgroup> flags: atomic<u32>;
var<workgroup> voltage_counts: array<atomic<u32>, VOLTAGE_COUNTS>;
/// Intervals of each population: number, sum and sum of squares as pairs of words, in steps.
var<workgroup> interval_sums: array<atomic<u32>, INTERVAL_SUMS>;
/// Refractory neurons of each population, then kicks of each projection.
var<workgroup> sample_sums: array<atomic<u32>, SAMPLE_SUMS>;

fn load(base: u32, neuron: u32, kicks: u32) -> Neuron {
    var n: Neuron;
    let at = base + neuron;
    n.voltage = state[at];
    n.refractory = state[at + NEURONS];
    n.spare_a = state[at + 2u * NEURONS];
    n.spare_b = state[at + 3u * NEURONS];
    n.adaptation = state[at + 4u * NEURONS];
    n.last_spike = state[at + 5u * NEURONS];
    for (var k = 0u; k < kicks; k++) {
        n.kicks[k] = state[at + (6u + k) * NEURONS];
    }
    return n;
}

fn store(base: u32, neuron: u32, kicks: u32, n: Neuron) {
    let at = base + neuron;
    state[at] = n.voltage;
    state[at + NEURONS] = n.refractory;
    state[at + 2u * NEURONS] = n.spare_a;
    state[at + 3u * NEURONS] = n.spare_b;
    state[at + 4u * NEURONS] = n.adaptation;
    state[at + 5u * NEURONS] = n.last_spike;
    for (var k = 0u; k < kicks; k++) {
        state[at + (6u + k) * NEURONS] = n.kicks[k];
    }
}

/// Adds a 32-bit number to a pair of words.
fn add_wide(at: u32, low: u32, high: u32) {
    let before = atomicAdd(&interval_sums[at], low);
    let carry = u32(before > 0xffffffffu - low);
    if carry + high > 0u {
        atomicAdd(&interval_sums[at + 1u], carry + high);
    }
}

/// Books the spike of a neuron at time `now` (in steps) and returns its new last_spike.
fn book_spike(pop: u32, last_spike: u32, now: u32) -> u32 {
    if now <= dispatch.discard_steps {
        return 0u;
    }
    if last_spike > 0u {
        let interval = now - last_spike;
        atomicAdd(&interval_sums[5u * pop], 1u);
        add_wide(5u * pop + 1u, interval, 0u);
        let low = interval & 0xffffu;
        let high = interval >> 16u;
        let middle = 2u * low * high;
        let square = low * low;
        let sum = square + (middle << 16u);
        add_wide(5u * pop + 3u, sum, high * high + (middle >> 16u) + u32(sum < square));
    }
    return now;
}

/// The first block of a step's words; where two words serve a step, the second half of a block waits for the odd step.
fn step_words(key: vec4<u32>, pop: u32, neuron: u32, step: u32, n: ptr<function, Neuron>) -> vec4<u32> {
    var words = vec4<u32>((*n).spare_a, (*n).spare_b, (*n).spare_a, (*n).spare_b);
    if WORDS[pop] > 2u || (step & 1u) == 0u {
        words = word_block(key, neuron, step, UPDATE, WORDS[pop], 0u);
        (*n).spare_a = words.z;
        (*n).spare_b = words.w;
    }
    return words;
}

/// Voltage, threshold and refractoriness, given where a neuron that is not refractory moves; whether the neuron fires.
fn settle(q: PopulationParameters, pop: u32, moved: u32, release: u32, n: ptr<function, Neuron>) -> bool {
    let moves = (*n).refractory == 0u;
    let voltage = select((*n).voltage, moved, moves);
    let low = bitcast<i32>(voltage) < 0;
    let fired = bitcast<i32>(voltage) > bitcast<i32>(q.threshold);
    (*n).voltage = select(voltage, q.reset, fired || low);
    if low {
        atomicOr(&flags, VOLTAGE_LOW);
    }
    if FIXED_REFRACTORY[pop] {
        (*n).refractory = fixed_refractory(q, (*n).refractory, fired);
    } else {
        (*n).refractory = exponential_refractory(q, (*n).refractory, fired, release);
    }
    return fired;
}
