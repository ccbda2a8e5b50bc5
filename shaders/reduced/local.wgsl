// Second moments of the fluctuations of kick counts, kept by each bin: g = sum dH, k = sum y dH, w = sum dH^2.

const VARIANCE_MIN: f32 = 1e-6;
const LEAST_OF_SQUARE: f32 = 1e-9;
const MOST_OF_SQUARE: f32 = 4e-6;
const NOTHING: f32 = 1e-30;

/// Mean fluctuation in a bin, its slope along the voltage, and the variance that the voltage does not tell.
fn local_fluctuation(n: f32, mean: f32, variance: f32, h: f32, g: f32, k: f32, w: f32) -> vec3<f32> {
    let each = 1.0 / max(n, NOTHING);
    let square = max(w * each, 0.0);
    let largest = sqrt(square);
    let c = clamp(g * each, -largest, largest);
    let r = max(square - c * c, 0.0);
    let least = min(max(VARIANCE_MIN, LEAST_OF_SQUARE * h * h), MOST_OF_SQUARE * h * h);
    let inverse = 1.0 / max(variance, least);
    let steepest = sqrt(r * inverse);
    let t = select(0.0, clamp((k * each - mean * c) * inverse, -steepest, steepest), variance > least);
    return vec3<f32>(c, t, max(r - t * t * variance, 0.0));
}

/// Change of the stretch by `kicks` kicks, whose conductances draw voltages to the reversal potential.
fn contraction(slope: f32, kicks: f32) -> f32 {
    return slope * max(kicks, 0.0);
}

/// Regression of a fluctuation on where the neuron lands, and the variance that it leaves.
fn local_regression(a: f32, e: f32, t: f32, kappa: f32, variance: f32, spread: f32) -> vec2<f32> {
    let beta = (a * e + t * kappa * variance) / max(spread, NOTHING);
    return vec2<f32>(beta, max(e + t * t * variance - beta * beta * spread, 0.0));
}

/// Mean voltage of a share above the lower edge of where it lands.
fn share_mean(mass: f32, moment: f32) -> f32 {
    return moment / max(mass, NOTHING);
}

/// (g, k, w) of `mass` neurons with mean voltage `mean` above a lower edge, at a distance `away` from the mean of where they land.
/// Where the mean voltage lies below the lowest bin, they are at the bin's edge and tell no slope.
fn share_moments(mass: f32, mean: f32, away: f32, squared: f32, c: f32, beta: f32, rho: f32) -> vec3<f32> {
    let each = c + beta * away;
    let g = mass * each;
    let regressed = beta * squared;
    let k = select(mean * g + regressed, 0.0, mean < 0.0);
    return vec3<f32>(g, k, each * g + beta * regressed + rho * mass);
}

/// w of all `n` neurons of a bin after they have moved.
fn moved_square(n: f32, c: f32, beta: f32, rho: f32, spread: f32) -> f32 {
    return n * (c * c + rho + beta * beta * spread);
}

/// (g, k, w) of `n` neurons with summed voltage `m` after all fluctuations have been made less by `overall`.
fn shifted(n: f32, m: f32, moments: vec3<f32>, overall: f32) -> vec3<f32> {
    let away = n * overall;
    let g = moments.x;
    return vec3<f32>(g - away, moments.y - m * overall, moments.z + overall * (away - (g + g)));
}

/// w after the deaths of a step.
fn decayed_square(n: f32, g: f32, w: f32, mu: f32, q: f32, stochastic_decay: f32) -> f32 {
    let keep = 1.0 - q;
    return keep * keep * w + stochastic_decay * q * keep * max(n * mu + g, 0.0);
}

/// What a delay line keeps of `n` neurons: g and w before any shift, the latter beyond n times the population's variance.
fn enter_line(n: f32, g: f32, w: f32, s2: f32, overall: f32) -> vec2<f32> {
    return vec2<f32>(g + n * overall, w + overall * (g + g + n * overall) - n * s2);
}

/// (g, w) of `n` neurons that leave it, where a fluctuation has become `keep` times itself.
fn leave_line(n: f32, line: vec2<f32>, s2: f32, overall: f32, keep: f32, stochastic_decay: f32) -> vec2<f32> {
    let g = keep * line.x;
    let w = n * s2 + keep * (keep * line.y + stochastic_decay * (1.0 - keep) * line.x);
    return vec2<f32>(g - n * overall, w - overall * (g + g - n * overall));
}
