// What is kept of the fluctuations of a neuron's kick count.

const SPARSE: f32 = 1e-9;
const COINCIDENT: f32 = 1e-6;
const STRETCH_MIN: f32 = 0.1;

/// Increment of the voltage per pending kick at voltage `v`.
fn kick_increment(base: f32, slope: f32, v_rev: f32, v: f32) -> f32 {
    return base + slope * (v - v_rev);
}

/// Variance left inside bins.
fn residual_variance(s2: f32, between: f32, size: f32) -> f32 {
    return max(s2 - between / size, 0.0);
}

/// Slope of the mean fluctuation at a bin: the harmonic mean of those to its neighbours.
fn limited_slope(
    n_left: f32, n_right: f32, v_left: f32, v: f32, v_right: f32, c_left: f32, c: f32, c_right: f32
) -> f32 {
    let left = v - v_left;
    let right = v_right - v;
    if min(n_left, n_right) < SPARSE || min(left, right) < COINCIDENT {
        return 0.0;
    }
    let below = (c - c_left) / left;
    let above = (c_right - c) / right;
    if below * above <= 0.0 {
        return 0.0;
    }
    return (below + below) * above / (below + above);
}

/// Factor that stretches a bin's interval.
fn stretch(tilt: f32) -> f32 {
    return max(1.0 + tilt, STRETCH_MIN);
}

/// Regression of a fluctuation on where the neuron lands.
fn regression(a: f32, r: f32, t: f32, kappa: f32, half: f32, variance: f32) -> f32 {
    let spread = half * half / 3.0;
    return (a * r + t * spread / kappa) / (spread + variance);
}
