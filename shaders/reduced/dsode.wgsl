// The discrete-state ODE: one workgroup steps one trajectory, one invocation per voltage bin (several, where bins outnumber
// invocations). Reads parameters, keys and drive; carries the state from one dispatch to the next; writes the spikes of
// every step and a status.

const EMPTY: f32 = 1e-30;
const WIDTH_MIN: f32 = 1e-4;
const LOSS_MAX: f32 = 1e-3;

struct PopulationParameters {
    size: f32,
    v_min: f32,
    h: f32,
    dt: f32,
    leak: f32,
    e_leak: f32,
    reset_bin: f32,
    reset_voltage: f32,
    release: f32,
    delay: f32,
    adaptation_jump: f32,
    adaptation_decay: f32,
}

struct ProjectionParameters {
    q: f32,
    p: f32,
    base: f32,
    slope: f32,
    v_rev: f32,
    churn: f32,
    keep_delayed: f32,
}

struct Run {
    /// Steps of this dispatch.
    steps: u32,
    trajectories: u32,
    /// Rows of the drive table per trajectory: one per step, or 1 where the drive is constant.
    drive_rows: u32,
}

struct Status {
    /// Steps done since time 0.
    step: u32,
    /// 1 once neurons were lost beyond rounding or a number was not finite.
    unsound: u32,
}

@group(0) @binding(0) var<uniform> run: Run;
/// (trajectory, population)
@group(0) @binding(1) var<storage, read> populations: array<PopulationParameters>;
/// (trajectory, projection)
@group(0) @binding(2) var<storage, read> projections: array<ProjectionParameters>;
/// (trajectory)
@group(0) @binding(3) var<storage, read> keys: array<vec4<u32>>;
/// (trajectory, row, population): mean and variance of one step's drive
@group(0) @binding(4) var<storage, read> drive: array<vec2<f32>>;
/// (trajectory, entry), entries in the order of the prelude's offsets
@group(0) @binding(5) var<storage, read_write> states: array<f32>;
/// (trajectory)
@group(0) @binding(6) var<storage, read_write> statuses: array<Status>;
/// (trajectory, step, population): neurons that fired
@group(0) @binding(7) var<storage, read_write> spikes: array<f32>;

// State of the trajectory, and sums over sources for the next one.
var<workgroup> counts: array<f32, TOTAL_BINS>;
var<workgroup> moments: array<f32, TOTAL_BINS>;
var<workgroup> drifts: array<f32, DRIFTS>;
var<workgroup> next_counts: array<f32, TOTAL_BINS>;
var<workgroup> next_moments: array<f32, TOTAL_BINS>;
var<workgroup> next_drifts: array<f32, DRIFTS>;
var<workgroup> refractory: array<f32, POPULATIONS>;
var<workgroup> refractory_drift: array<f32, PROJECTIONS>;
var<workgroup> adaptation: array<f32, POPULATIONS>;
var<workgroup> kick_mean: array<f32, PROJECTIONS>;
var<workgroup> kick_variance: array<f32, PROJECTIONS>;
var<workgroup> fired: array<f32, POPULATIONS>;
var<workgroup> fired_drift: array<f32, PROJECTIONS>;
var<workgroup> residual: array<f32, PROJECTIONS>;
// Per bin: mean voltage, mean of where its neurons land, how many fired, first destination and the end of them.
var<workgroup> voltage: array<f32, AVERAGES>;
var<workgroup> bin_centre: array<f32, AVERAGES>;
var<workgroup> leaving: array<f32, TOTAL_BINS>;
var<workgroup> window: array<vec2<i32>, TOTAL_BINS>;
// Per projection and bin: mean fluctuation, slope and then regression, drift moment of those that fired.
var<workgroup> fluctuation: array<f32, DRIFTS>;
var<workgroup> beta: array<f32, DRIFTS>;
var<workgroup> drift_left: array<f32, DRIFTS>;
// (slot, source bin): what a source sends to the destination that lies `slot` above the first of this pass.
var<workgroup> shares: array<Share, CONTRIBUTIONS>;
/// Widest window of the step in bins.
var<workgroup> widest: atomic<u32>;
var<workgroup> unsound: atomic<u32>;


/// Runs `run.steps` steps of trajectory (x, y) of the grid of workgroups.
@compute @workgroup_size(WORKGROUP)
fn step(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let trajectory = group.y * groups.x + group.x;
    if trajectory >= run.trajectories {
        return;
    }
    load(trajectory, thread);
    var now = statuses[trajectory].step;
    for (var s = 0u; s < run.steps; s++) {
        workgroupBarrier();
        for (var x = thread; x < COUNT_PROJECTIONS; x += WORKGROUP) {
            update_kicks(trajectory, x);
        }
        if COLOURED {
            for (var i = thread; i < TOTAL_BINS; i += WORKGROUP) {
                update_average(trajectory, i);
            }
            workgroupBarrier();
        }
        for (var x = thread; x < COUNT_PROJECTIONS; x += WORKGROUP) {
            update_residual(trajectory, x);
        }
        workgroupBarrier();
        let row = (trajectory * run.drive_rows + min(s, run.drive_rows - 1u)) * POPULATIONS;
        for (var turn = 0u; turn < PASSES; turn++) {
            for (var i = thread; i < TOTAL_BINS; i += WORKGROUP) {
                spread_bin(trajectory, now, row, i, turn * SLOTS);
            }
            workgroupBarrier();
            for (var i = thread; i < TOTAL_BINS + POPULATIONS; i += WORKGROUP) {
                gather(trajectory, i, turn * SLOTS);
            }
            if PASSES > 1u {
                if workgroupUniformLoad(&widest) <= (turn + 1u) * SLOTS {
                    break;
                }
            }
        }
        for (var i = thread; i < TOTAL_BINS; i += WORKGROUP) {
            advance(trajectory, i);
        }
        workgroupBarrier();
        for (var q = thread; q < POPULATIONS; q += WORKGROUP) {
            settle(trajectory, now, q);
            spikes[(trajectory * run.steps + s) * POPULATIONS + q] = fired[q];
        }
        now += 1u;
    }
    workgroupBarrier();
    store(trajectory, thread);
    workgroupBarrier();
    if thread == 0u {
        statuses[trajectory] = Status(now, atomicLoad(&unsound));
    }
}

/// State of the trajectory into workgroup memory.
fn load(trajectory: u32, thread: u32) {
    let base = trajectory * STATE;
    for (var i = thread; i < TOTAL_BINS; i += WORKGROUP) {
        counts[i] = states[base + COUNTS + i];
        moments[i] = states[base + MOMENTS + i];
    }
    if COLOURED {
        for (var c = thread; c < DRIFTS; c += WORKGROUP) {
            drifts[c] = states[base + DRIFT_MOMENTS + c];
        }
    }
    for (var q = thread; q < POPULATIONS; q += WORKGROUP) {
        refractory[q] = states[base + REFRACTORY + q];
        fired[q] = states[base + FIRED + q];
        adaptation[q] = states[base + ADAPTATION + q];
    }
    for (var x = thread; x < COUNT_PROJECTIONS; x += WORKGROUP) {
        kick_mean[x] = states[base + KICK_MEAN + x];
        kick_variance[x] = states[base + KICK_VARIANCE + x];
        refractory_drift[x] = states[base + REFRACTORY_DRIFT + x];
    }
    if thread == 0u {
        atomicStore(&widest, 0u);
        atomicStore(&unsound, statuses[trajectory].unsound);
    }
}

/// And back; a number that is not finite marks the trajectory.
fn store(trajectory: u32, thread: u32) {
    let base = trajectory * STATE;
    for (var i = thread; i < TOTAL_BINS; i += WORKGROUP) {
        store_number(base + COUNTS + i, counts[i]);
        store_number(base + MOMENTS + i, moments[i]);
    }
    if COLOURED {
        for (var c = thread; c < DRIFTS; c += WORKGROUP) {
            store_number(base + DRIFT_MOMENTS + c, drifts[c]);
        }
    }
    for (var q = thread; q < POPULATIONS; q += WORKGROUP) {
        store_number(base + REFRACTORY + q, refractory[q]);
        store_number(base + FIRED + q, fired[q]);
        store_number(base + ADAPTATION + q, adaptation[q]);
    }
    for (var x = thread; x < COUNT_PROJECTIONS; x += WORKGROUP) {
        store_number(base + KICK_MEAN + x, kick_mean[x]);
        store_number(base + KICK_VARIANCE + x, kick_variance[x]);
        store_number(base + REFRACTORY_DRIFT + x, refractory_drift[x]);
    }
}

/// One number of the state; its exponent is all ones where it is not finite.
fn store_number(entry: u32, x: f32) {
    states[entry] = x;
    if (bitcast<u32>(x) & 0x7f800000u) == 0x7f800000u {
        atomicStore(&unsound, 1u);
    }
}

/// Moments of the kick count of projection `x`.
fn update_kicks(trajectory: u32, x: u32) {
    let p = projections[trajectory * PROJECTIONS + x];
    let c = fired[SOURCE[x]];
    let mu = kick_mean[x];
    let s2 = kick_variance[x];
    kick_variance[x] = next_variance(mu, s2, p.q, p.p, p.churn, c);
    kick_mean[x] = next_mean(mu, p.q, p.p, c);
}

/// Mean voltage of bin `i` and the mean fluctuations of its neurons' kick counts.
fn update_average(trajectory: u32, i: u32) {
    let q = population_of(i);
    let k = i - START[q];
    let p = populations[trajectory * POPULATIONS + q];
    let n = counts[i];
    voltage[i] = p.v_min + f32(k) * p.h;
    if n > EMPTY {
        voltage[i] += clamp(moments[i] / n, 0.0, p.h);
    }
    for (var incoming = INCOMING_START[q]; incoming < INCOMING_START[q + 1u]; incoming++) {
        let offset = OFFSET[INCOMING[incoming]];
        var c = 0.0;
        if n > EMPTY {
            c = drifts[offset + k] / n;
        }
        fluctuation[offset + k] = c;
    }
}

/// Variance of the kick count of projection `x` that acts as noise.
fn update_residual(trajectory: u32, x: u32) {
    let q = TARGET[x];
    let p = populations[trajectory * POPULATIONS + q];
    if !COLOURED {
        residual[x] = kick_variance[x] / p.dt;
        return;
    }
    let offset = OFFSET[x];
    var between = 0.0;
    for (var k = 0u; k < BINS[q]; k++) {
        between += fluctuation[offset + k] * drifts[offset + k];
    }
    if refractory[q] > EMPTY {
        let g = refractory_drift[x];
        between += g / refractory[q] * g;
    }
    residual[x] = residual_variance(kick_variance[x], between, p.size);
}

/// Moves the neurons of bin `i`; their shares from slot `from` on go to workgroup memory, as many as fit.
fn spread_bin(trajectory: u32, now: u32, row: u32, i: u32, from_slot: u32) {
    let q = population_of(i);
    let k = i - START[q];
    let p = populations[trajectory * POPULATIONS + q];
    let bins = BINS[q];
    let n = counts[i];
    window[i] = vec2<i32>(0, 0);
    leaving[i] = 0.0;
    if !(n > EMPTY) {
        return;
    }
    let edge = p.v_min + f32(k) * p.h;
    let mean = clamp(moments[i] / n, 0.0, p.h);
    let v = edge + mean;

    var a = 0.0;
    var b = max(mean + mean, WIDTH_MIN);
    if mean + mean >= p.h {
        a = min(mean + mean - p.h, p.h - WIDTH_MIN);
        b = p.h;
    }
    a += p.leak * (p.e_leak - edge - a);
    b += p.leak * (p.e_leak - edge - b);
    var half = 0.5 * (b - a);

    var shift = drive[row + q].x;
    var variance = drive[row + q].y;
    shift -= p.dt * adaptation[q];
    var tilt = 0.0;
    for (var incoming = INCOMING_START[q]; incoming < INCOMING_START[q + 1u]; incoming++) {
        let x = INCOMING[incoming];
        let source = projections[trajectory * PROJECTIONS + x];
        let increment = kick_increment(source.base, source.slope, source.v_rev, v);
        var kicks = kick_mean[x];
        if COLOURED {
            let c = OFFSET[x] + k;
            kicks += fluctuation[c];
            var slope = 0.0;
            if k > 0u && k + 1u < bins {
                slope = limited_slope(
                    counts[i - 1u] / p.size,
                    counts[i + 1u] / p.size,
                    voltage[i - 1u],
                    v,
                    voltage[i + 1u],
                    fluctuation[c - 1u],
                    fluctuation[c],
                    fluctuation[c + 1u],
                );
            }
            beta[c] = slope;
            tilt += increment * slope;
        }
        shift += increment * kicks;
        variance += increment * increment * residual[x];
    }
    if COLOURED {
        let kappa = stretch(tilt);
        half = half * kappa;
        for (var incoming = INCOMING_START[q]; incoming < INCOMING_START[q + 1u]; incoming++) {
            let x = INCOMING[incoming];
            let source = projections[trajectory * PROJECTIONS + x];
            let increment = kick_increment(source.base, source.slope, source.v_rev, v);
            let c = OFFSET[x] + k;
            beta[c] = regression(increment, residual[x], beta[c], kappa, half, variance);
            drift_left[c] = drifts[c];
        }
    }
    let centre = 0.5 * (a + b) + shift;
    let s = spread_over(i32(k), centre, half, sqrt(max(variance, 0.0)), p.h, i32(bins));
    window[i] = vec2<i32>(s.first, s.end);
    if COLOURED {
        bin_centre[i] = centre;
    }
    if PASSES > 1u && u32(s.end - s.first) > SLOTS {
        atomicMax(&widest, u32(s.end - s.first));
    }

    let stream = Stream(keys[trajectory], now, q, k, SPREAD);
    var left = n;
    var lower = first_edge(s, p.h);
    for (var j = s.first; j < s.end; j++) {
        let upper = next_edge(s, lower, j + 1, p.h);
        let part = share_between(lower, upper, p.h);
        var share = Share(n * part.mass, n * part.moment);
        if FINITE_SIZE {
            let above = share_above(upper);
            let count = binomial(stream, u32(j - s.first), left, part.mass, above.mass);
            share = share_of(part, count);
            left -= count;
        }
        let slot = u32(j - s.first) - from_slot;
        if slot < SLOTS {
            shares[slot * TOTAL_BINS + i] = share;
        }
        if COLOURED {
            for (var incoming = INCOMING_START[q]; incoming < INCOMING_START[q + 1u]; incoming++) {
                let c = OFFSET[INCOMING[incoming]] + k;
                let y = edge_distance(s, j, p.h);
                let g = share_drift(share, fluctuation[c], beta[c], y);
                drift_left[c] -= g;
            }
        }
        lower = upper;
    }
    let part = share_above(lower);
    var share = Share(n * part.mass, n * part.moment);
    if FINITE_SIZE {
        share = share_of(part, left);
    }
    leaving[i] = share.mass;
    if COLOURED {
        for (var incoming = INCOMING_START[q]; incoming < INCOMING_START[q + 1u]; incoming++) {
            let c = OFFSET[INCOMING[incoming]] + k;
            if FINITE_SIZE {
                drift_left[c] = share_drift(share, fluctuation[c], beta[c], lower.y);
            } else if !s.open && s.first > 0 {
                drift_left[c] = 0.0;
            }
        }
    }
}

/// Adds what slots from `from_slot` on bring to bin `i`, sources in order; `i` beyond all bins: those of a population that fired.
fn gather(trajectory: u32, i: u32, from_slot: u32) {
    if i >= TOTAL_BINS {
        gather_fired(i - TOTAL_BINS);
        return;
    }
    let q = population_of(i);
    let j = i32(i - START[q]);
    let h = populations[trajectory * POPULATIONS + q].h;
    var count = 0.0;
    var moment = 0.0;
    if from_slot > 0u {
        count = next_counts[i];
        moment = next_moments[i];
    }
    if COLOURED && from_slot == 0u {
        for (var incoming = INCOMING_START[q]; incoming < INCOMING_START[q + 1u]; incoming++) {
            next_drifts[OFFSET[INCOMING[incoming]] + u32(j)] = 0.0;
        }
    }
    for (var k = 0u; k < BINS[q]; k++) {
        let reached = window[START[q] + k];
        let slot = u32(j - reached.x) - from_slot;
        if j >= reached.x && j < reached.y && slot < SLOTS {
            let share = shares[slot * TOTAL_BINS + START[q] + k];
            count += share.mass;
            moment += share.moment;
            if COLOURED {
                let y = f32(j - i32(k)) * h - bin_centre[START[q] + k];
                for (var incoming = INCOMING_START[q]; incoming < INCOMING_START[q + 1u]; incoming++) {
                    let offset = OFFSET[INCOMING[incoming]];
                    next_drifts[offset + u32(j)] += share_drift(share, fluctuation[offset + k], beta[offset + k], y);
                }
            }
        }
    }
    next_counts[i] = count;
    next_moments[i] = moment;
}

/// Neurons of population `q` that fired, and their drift moments.
fn gather_fired(q: u32) {
    var sum = 0.0;
    for (var k = 0u; k < BINS[q]; k++) {
        sum += leaving[START[q] + k];
    }
    fired[q] = sum;
    if COLOURED {
        for (var incoming = INCOMING_START[q]; incoming < INCOMING_START[q + 1u]; incoming++) {
            let x = INCOMING[incoming];
            var g = 0.0;
            for (var k = 0u; k < BINS[q]; k++) {
                if window[START[q] + k].y > 0 {
                    g += drift_left[OFFSET[x] + k];
                }
            }
            fired_drift[x] = g;
        }
    }
}

/// Makes the sums of bin `i` its state; drift moments decay.
fn advance(trajectory: u32, i: u32) {
    let q = population_of(i);
    counts[i] = next_counts[i];
    moments[i] = next_moments[i];
    if COLOURED {
        for (var incoming = INCOMING_START[q]; incoming < INCOMING_START[q + 1u]; incoming++) {
            let x = INCOMING[incoming];
            let c = OFFSET[x] + i - START[q];
            drifts[c] = (1.0 - projections[trajectory * PROJECTIONS + x].q) * next_drifts[c];
        }
    }
}

/// Refractory neurons of population `q`: those that fired enter, those whose time is up return to v_reset.
fn settle(trajectory: u32, now: u32, q: u32) {
    let p = populations[trajectory * POPULATIONS + q];
    let entering = refractory[q] + fired[q];
    let delay = u32(p.delay);
    var released = entering * p.release;
    if delay > 0u {
        let place = trajectory * STATE + DELAYED + q * DELAY + now % delay;
        released = min(states[place], entering);
        states[place] = fired[q];
    } else if FINITE_SIZE {
        let stream = Stream(keys[trajectory], now, q, 0u, RELEASE);
        released = binomial(stream, 0u, entering, p.release, 1.0 - p.release);
    }
    var share = 0.0;
    if entering > EMPTY {
        share = released / entering;
    }
    settle_drifts(trajectory, now, q, share);
    refractory[q] = entering - released;
    let j = START[q] + u32(p.reset_bin);
    counts[j] += released;
    moments[j] += released * p.reset_voltage;
    adaptation[q] = adaptation[q] * (1.0 - p.adaptation_decay) + p.adaptation_jump * fired[q];
    balance(trajectory, q);
}

/// Drift moments of population `q`: `share` of the refractory ones, or their delayed ones, return to the reset bin; then
/// they decay.
fn settle_drifts(trajectory: u32, now: u32, q: u32, share: f32) {
    if !COLOURED {
        return;
    }
    let owner = populations[trajectory * POPULATIONS + q];
    let delay = u32(owner.delay);
    for (var incoming = INCOMING_START[q]; incoming < INCOMING_START[q + 1u]; incoming++) {
        let x = INCOMING[incoming];
        let p = projections[trajectory * PROJECTIONS + x];
        let g = refractory_drift[x] + fired_drift[x];
        var released = g * share;
        if delay > 0u {
            let place = trajectory * STATE + DELAYED_DRIFT + x * DELAY + now % delay;
            released = states[place] * p.keep_delayed;
            states[place] = fired_drift[x];
        }
        refractory_drift[x] = (1.0 - p.q) * (g - released);
        drifts[OFFSET[x] + u32(owner.reset_bin)] += (1.0 - p.q) * released;
    }
}

/// Gives what rounding has taken from population `q` to its fullest bin, or to the refractory ones where they are more.
fn balance(trajectory: u32, q: u32) {
    let size = populations[trajectory * POPULATIONS + q].size;
    var sum = refractory[q];
    var fullest = START[q];
    for (var j = START[q]; j < START[q] + BINS[q]; j++) {
        sum += counts[j];
        if counts[j] > counts[fullest] {
            fullest = j;
        }
    }
    let remainder = size - sum;
    if !(abs(remainder) <= LOSS_MAX * size) {
        atomicStore(&unsound, 1u);
    }
    if counts[fullest] >= refractory[q] {
        counts[fullest] += remainder;
    } else {
        refractory[q] += remainder;
    }
    if q == 0u {
        atomicStore(&widest, 0u);
    }
}

/// Population that bin `i` belongs to.
fn population_of(i: u32) -> u32 {
    var q = 0u;
    while i >= START[q] + BINS[q] {
        q += 1u;
    }
    return q;
}
