// One neuron in one step: drive, voltage, spike, refractoriness, adaptation.

/// Current of the Gaussian drive: mean + deviation times the normal variate of the lower 12 bits of word.
fn gaussian_drive(q: PopulationParameters, step: vec2<u32>, word: u32) -> i32 {
    let z = bitcast<i32>(tables[word & 0xfffu]);
    return shift_rounded(z * bitcast<i32>(step.y), q.drive_shift) + bitcast<i32>(step.x);
}

/// Current of the Poisson drive: kicks drawn from the step's row by the upper 20 bits of word.
fn poisson_drive(q: PopulationParameters, step: vec2<u32>, word: u32) -> i32 {
    let kicks = alias_draw(step.x, step.y, word);
    return bitcast<i32>(kicks) * q.drive_kick;
}

/// Current of a drift f(V), linear between the points of its table.
fn drift(q: PopulationParameters, voltage: u32) -> i32 {
    let at = q.drift + min(voltage >> q.drift_shift, DRIFT_POINTS - 2u);
    let below = bitcast<i32>(tables[at]);
    let above = bitcast<i32>(tables[at + 1u]);
    return below + multiply_high_signed(above - below, voltage << (32u - q.drift_shift));
}

/// A normal variate times a standard deviation.
fn noise(z: i32, size_and_shift: u32) -> i32 {
    return shift_rounded(z * bitcast<i32>(size_and_shift & 0xffffu), size_and_shift >> 16u);
}

/// W after one step: W + current - W conductance. Negative (as a signed number) below v_floor.
fn integrate(q: PopulationParameters, voltage: u32, current: i32, conductance: u32) -> u32 {
    return voltage + bitcast<u32>(shift_rounded(current, q.current_shift)) - multiply_high(voltage << 2u, conductance);
}

/// integrate with a conductance of either sign, in units of 2^-28.
fn integrate_signed(q: PopulationParameters, voltage: u32, current: i32, conductance: i32) -> u32 {
    let moved = shift_rounded(current, q.current_shift) - (multiply_high_signed(conductance, voltage << 2u) << 2u);
    return voltage + bitcast<u32>(moved);
}

/// Refractory state after a step of exponential refractoriness: 1 while refractory.
fn exponential_refractory(q: PopulationParameters, refractory: u32, fired: bool, word: u32) -> u32 {
    let stays = release_bits(word) >= q.release;
    return (refractory | u32(fired)) & u32(stays);
}

/// Refractory state after a step of fixed refractoriness: the steps still to be missed.
fn fixed_refractory(q: PopulationParameters, refractory: u32, fired: bool) -> u32 {
    let left = max(refractory, 1u) - 1u;
    return select(left, q.refractory_steps, fired);
}

/// Current that adaptation takes away.
fn adaptation_current(q: PopulationParameters, adaptation: u32) -> i32 {
    return bitcast<i32>(adaptation >> q.adaptation_shift);
}

/// Adaptation after a step: decay, and a jump where the neuron fired.
fn adapt(q: PopulationParameters, adaptation: u32, fired: bool) -> u32 {
    let decayed = adaptation - multiply_high(adaptation, q.adaptation_decay);
    return select(decayed, decayed + q.adaptation_jump, fired);
}

/// Voltage bin of a neuron, 0 ..= last; the lowest takes everything below.
fn voltage_bin(q: PopulationParameters, voltage: u32, last: u32) -> u32 {
    let above = bitcast<u32>(max(bitcast<i32>(voltage >> q.bin_unit) - q.bin_origin, 0));
    return min(multiply_high(above, q.bin_scale) >> q.bin_shift, last);
}
