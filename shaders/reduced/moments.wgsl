// Mean and variance of the kick count of one target, after c spikes of the source population in the last step.

/// Variance after one step, from the mean before it; `stochastic_decay` is 1 where kicks die at random, 0 where they decay.
fn next_variance(mu: f32, s2: f32, q: f32, p: f32, stochastic_decay: f32, c: f32) -> f32 {
    let keep = 1.0 - q;
    return keep * keep * s2 + stochastic_decay * q * keep * mu + births_variance(p, c);
}

/// Variance of the number of kicks that are born in a step.
fn births_variance(p: f32, c: f32) -> f32 {
    return p * (1.0 - p) * c;
}

/// Mean after one step.
fn next_mean(mu: f32, q: f32, p: f32, c: f32) -> f32 {
    return (1.0 - q) * mu + p * c;
}
