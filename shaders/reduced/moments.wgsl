// Mean and variance of the kick count of one target, after c spikes of the source population in the last step.


/// Variance of the births of spikes; `taken` is 0, or 1/(N_X - 1) where each target has as many sources.
fn births_variance(p: f32, c: f32, taken: f32) -> f32 {
    return p * (1.0 - p) * c * max(1.0 - taken * (c - 1.0), 0.0);
}

/// Variance after one step, from the mean before it and the variance of the births; `stochastic_decay` is 1 where kicks die at random, 0 where they decay.
fn next_variance(mu: f32, s2: f32, q: f32, stochastic_decay: f32, births: f32) -> f32 {
    let keep = 1.0 - q;
    return keep * keep * s2 + stochastic_decay * q * keep * mu + births;
}

/// Variance after one step of kicks that have risen: `variance` without them, and `scatter` of those dying at random.
fn risen_variance(variance: f32, q: f32, r: f32, spread: f32, covariance: f32, scatter: f32) -> f32 {
    let joined = (1.0 - q) * r * covariance;
    return max(variance + r * r * spread + (joined + joined) + scatter, 0.0);
}

/// Covariance of rising and pending kicks after one step.
fn next_covariance(covariance: f32, q: f32, r: f32, spread: f32, dying: f32) -> f32 {
    return (1.0 - r) * ((1.0 - q) * covariance + r * (spread - dying));
}

/// Mean after one step.
fn next_mean(mu: f32, q: f32, p: f32, c: f32) -> f32 {
    return (1.0 - q) * mu + p * c;
}
