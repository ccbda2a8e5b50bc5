// The discrete-state ODE: what one invocation does for one projection or one voltage bin at the beginning of a step. Reads the
// trajectory's parameters; the state is in workgroup memory.

const EMPTY: f32 = 1e-30;

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
    stochastic_decay: f32,
    keep_delayed: f32,
}

/// (trajectory, population)
@group(0) @binding(1) var<storage, read> populations: array<PopulationParameters>;
/// (trajectory, projection)
@group(0) @binding(2) var<storage, read> projections: array<ProjectionParameters>;
/// (trajectory)
@group(0) @binding(3) var<storage, read> keys: array<vec4<u32>>;

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

/// Moments of the kick count of projection `x`.
fn update_kicks(trajectory: u32, x: u32) {
    let p = projections[trajectory * PROJECTIONS + x];
    let c = fired[SOURCE[x]];
    let mu = kick_mean[x];
    let s2 = kick_variance[x];
    kick_variance[x] = next_variance(mu, s2, p.q, p.p, p.stochastic_decay, c);
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

/// Population that bin `i` belongs to.
fn population_of(i: u32) -> u32 {
    var q = 0u;
    while i >= START[q] + BINS[q] {
        q += 1u;
    }
    return q;
}
