// The standard normal distribution and its repeated integrals at -t, for t >= 0.

/// (phi(t), Phi(-t)).
fn normal(t: f32) -> vec2<f32> {
    let bounded = min(t, 12.0);
    let phi = 0.39894228 * exp(-0.5 * bounded * bounded);
    return vec2<f32>(phi, phi * mills_f32(bounded));
}

/// (Psi(-t), Xi(-t)).
fn integrals(t: f32) -> vec2<f32> {
    let n = normal(t);
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

/// The third integral, given Psi(-t) and Xi(-t).
fn third_tail(t: f32, psi: f32, xi: f32) -> f32 {
    return (psi - t * xi) * (1.0 / 3.0);
}

/// The fourth, given Xi(-t) and the third.
fn fourth_tail(t: f32, xi: f32, third: f32) -> f32 {
    return 0.25 * (xi - t * third);
}

/// The first four integrals.
fn four_integrals(t: f32) -> vec4<f32> {
    let n = integrals(t);
    let third = third_tail(t, n.x, n.y);
    return vec4<f32>(n, third, fourth_tail(t, n.y, third));
}
