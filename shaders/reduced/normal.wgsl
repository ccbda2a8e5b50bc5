// The standard normal distribution and its repeated integrals at -t, for t >= 0.

/// Mills' ratio Phi(-t)/phi(t).
fn mills(t: f32) -> f32 {
    let u = 1.0 / (1.0 + 0.3 * t);
    var p = 0.0928918;
    p = p * u - 0.40842785;
    p = p * u + 0.54193415;
    p = p * u - 0.15724103;
    p = p * u + 0.33426062;
    p = p * u + 0.24679431;
    p = p * u + 0.30327494;
    p = p * u + 0.29982725;
    return p * u;
}

/// (phi(t), Phi(-t)).
fn normal_f32(t: f32) -> vec2<f32> {
    let bounded = min(t, 12.0);
    let phi = 0.39894228 * exp(-0.5 * bounded * bounded);
    return vec2<f32>(phi, phi * mills(bounded));
}

/// (Psi(-t), Xi(-t)).
fn integrals_f32(t: f32) -> vec2<f32> {
    let n = normal_f32(t);
    return vec2<f32>(psi_tail(t, n.x, n.y), xi_tail(t, n.x, n.y));
}

/// Psi(-t), given phi(t) and Phi(-t).
fn psi_tail(t: f32, phi: f32, tail: f32) -> f32 {
    return phi - t * tail;
}

/// Xi(-t), given phi(t) and Phi(-t).
fn xi_tail(t: f32, phi: f32, tail: f32) -> f32 {
    return 0.5 * ((t * t + 1.0) * tail - t * phi);
}
