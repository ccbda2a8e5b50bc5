// Elementary functions that WGSL lacks.

/// Mills' ratio Phi(-t)/phi(t) of the standard normal distribution for 0 <= t <= 12.
fn mills_f32(t: f32) -> f32 {
    let u = 1.0 / (1.0 + 0.3 * t);
    var p = 0.0928918;
    p = p * u - 0.40842785;
    p = p * u + 0.54193415;
    p = p * u - 0.15724103;
    p = p * u + 0.3342606;
    p = p * u + 0.24679431;
    p = p * u + 0.30327494;
    p = p * u + 0.29982725;
    return p * u;
}
