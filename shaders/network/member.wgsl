// What a workgroup holds of its member: bindings, the neurons' state, spikes of the step, and what goes out.
//
// In front of it goes what is generated for a shape: constants, functions of a population's or projection's index, structs of
// the tables in Rust (parameters, dispatch, neuron), `load` and `store`. Behind go the passes over the neurons.

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
/// A kernel without large binomials met a count that needs one: a kernel that has them does the dispatch again.
const COUNT_LARGE: u32 = 4u;

/// The member of this workgroup.
struct Place {
    member: u32,
    /// Index of its parameter point within the batch.
    point: u32,
    key: vec4<u32>,
    /// Where its state and its output begin.
    state: u32,
    output: u32,
}

var<private> here: Place;
/// The neurons of this thread, where they stay with it for a whole dispatch.
var<private> resident: array<Neuron, ROUNDS>;
/// Words of births that a neuron's last step left, and the step that they are for.
var<private> spare_births: array<vec2<u32>, ROUNDS>;
var<private> births_drawn: u32;
/// Parameters of the member's point, where they have room.
var<workgroup> held_populations: array<PopulationParameters, HELD_POPULATIONS>;
var<workgroup> held_projections: array<ProjectionParameters, HELD_PROJECTIONS>;

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

/// Parameters of a population and of a projection at the member's point.
fn population(pop: u32) -> PopulationParameters {
    if HOLDS_PARAMETERS {
        return held_populations[pop];
    }
    return populations[here.point * POPULATIONS + pop];
}

fn projection(proj: u32) -> ProjectionParameters {
    if HOLDS_PARAMETERS {
        return held_projections[proj];
    }
    return projections[here.point * PROJECTIONS + proj];
}

/// Mean and deviation of a population's drive in a step, or row and columns of its table.
fn drive_of(q: PopulationParameters, step: u32) -> vec2<u32> {
    return drive[q.drive + q.drive_stride * (step - dispatch.first_step)];
}

/// Row and columns of the table of a source's births in a step, or (`markov`) those of the step before.
fn births_outside(r: ProjectionParameters, step: u32) -> vec2<u32> {
    return drive[r.outside + r.outside_stride * (step - dispatch.first_step)];
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
fn step_words(pop: u32, neuron: u32, step: u32, n: ptr<function, Neuron>) -> vec4<u32> {
    var words = vec4<u32>((*n).spare_a, (*n).spare_b, (*n).spare_a, (*n).spare_b);
    if words_of(pop) > 2u || (step & 1u) == 0u {
        words = word_block(here.key, neuron, step, UPDATE, words_of(pop), 0u);
        (*n).spare_a = words.z;
        (*n).spare_b = words.w;
    }
    return words;
}

/// The block of later words that projection k onto a neuron draws from, or the Poisson drive after the last.
fn later_words(pop: u32, k: u32, index: u32, step: u32, input: ptr<function, Input>) {
    if k > 0u && (k & 3u) == 0u {
        let neuron = first_neuron_of(pop) + index;
        (*input).words = word_block(here.key, neuron, step, UPDATE, words_of(pop), k >> 2u);
    }
}

/// The block of words of births that projection k onto a neuron draws from, given that of the projection before; where two words
/// serve a step, an odd one has the second half of the block that was drawn in the step before, if one was.
fn birth_words(pop: u32, k: u32, slot: u32, index: u32, step: u32, before: vec4<u32>) -> vec4<u32> {
    if QUENCHED || (k & 3u) != 0u {
        return before;
    }
    let halves = RESIDENT && words_of(pop) == 2u;
    if halves && (step & 1u) == 1u && births_drawn == step {
        return vec4<u32>(0u, 0u, spare_births[slot]);
    }
    let words = word_block(here.key, first_neuron_of(pop) + index, step, BIRTHS, words_of(pop), k >> 2u);
    if halves {
        spare_births[slot] = words.zw;
        births_drawn = step + 1u;
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
    if has_fixed_refractory(pop) {
        (*n).refractory = fixed_refractory(q, (*n).refractory, fired);
    } else {
        (*n).refractory = exponential_refractory(q, (*n).refractory, fired, release);
    }
    return fired;
}
