// What `markov` makes of kicks of two stages: moments of both, and their deviations.

/// Moments of kicks a step on, given mean and variance of the births; `dies`: at random.
fn risen_moments(r: ProjectionParameters, dies: bool, before: ProjectionState, born: u32, births: u32) -> ProjectionState {
    let spread = before.rising_variance;
    let joint = bitcast<i32>(before.covariance);
    let dying = select(0u, before.rising_mean, dies);
    let scattered = multiply_high(dying, r.rise_scatter);
    let kept = before.variance - multiply_high(before.variance, r.variance_decay) + multiply_high(spread, r.rise_square);
    let gained = multiply_high(before.mean, r.deaths_variance) + scattered;
    let joined = multiply_high_signed(joint, r.rise_kept) << 1u;
    let excess = bitcast<i32>(spread) - bitcast<i32>(dying);
    let covariance = joint - multiply_high_signed(joint, r.covariance_decay) + multiply_high_signed(excess, r.rise_scatter);
    return ProjectionState(
        before.mean - multiply_high(before.mean, r.decay) + multiply_high(before.rising_mean, r.rise),
        bitcast<u32>(max(bitcast<i32>(kept + gained) + joined, 0)),
        before.rising_mean - multiply_high(before.rising_mean, r.rise) + born,
        spread - multiply_high(spread, r.rise_variance) + scattered + births,
        bitcast<u32>(covariance),
    );
}

/// What has risen of the deviation of a neuron's kicks, from two normal variates.
fn deviate_rising(pop: u32, k: u32, proj: u32, index: u32, step: u32, n: ptr<function, Neuron>) -> i32 {
    let r = projection(proj);
    let m = inputs[proj];
    let neuron = first_neuron_of(pop) + index;
    let block = word_block(here.key, neuron, step, RISING, max(words_of(pop), 4u), k >> 2u);
    let word = block[k & 3u];
    let before = bitcast<i32>((*n).rising[k]);
    let risen = multiply_high_signed(before, r.rise) + noise(bitcast<i32>(tables[word & 0xfffu]), m.rise_noise);
    let after = before - risen + noise(bitcast<i32>(tables[word >> 20u]), m.birth_noise);
    (*n).rising[k] = bitcast<u32>(after);
    if bitcast<u32>(abs(after)) > r.deviation_max {
        atomicOr(&flags, KICKS_HIGH);
    }
    return risen;
}
