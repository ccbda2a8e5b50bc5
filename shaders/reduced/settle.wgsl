// The end of a step: one invocation per population moves what fired through the refractory pool and back to v_reset.

const LOSS_MAX: f32 = 1e-3;

/// Refractory neurons of population `q`: those that fired enter, those whose time is up return to v_reset.
fn settle(trajectory: u32, step: u32, q: u32) {
    let p = populations[trajectory * POPULATIONS + q];
    let entering = refractory[q] + fired[q];
    let delay = u32(p.delay);
    var released = entering * p.release;
    if delay > 0u {
        let place = trajectory * STATE + DELAYED + q * DELAY + step % delay;
        released = min(states[place], entering);
        states[place] = fired[q];
    } else if FINITE_SIZE {
        let stream = Stream(keys[trajectory], step, q, 0u, RELEASE);
        let word = words(stream, RELEASE, 0u, 0u).x;
        released = binomial(stream, 0u, word, entering, p.release, 1.0 - p.release);
    }
    var share = 0.0;
    if entering > EMPTY {
        share = released / entering;
    }
    settle_drifts(trajectory, step, q, share);
    refractory[q] = entering - released;
    let j = START[q] + u32(p.reset_bin);
    counts[j] += released;
    moments[j] += released * p.reset_voltage;
    adaptation[q] = adaptation[q] * (1.0 - p.adaptation_decay) + p.adaptation_jump * fired[q];
    balance(trajectory, q);
}

/// Drift moments of population `q`: `share` of the refractory ones, or their delayed ones, return to the reset bin; then
/// they decay.
fn settle_drifts(trajectory: u32, step: u32, q: u32, share: f32) {
    if !COLOURED {
        return;
    }
    let owner = populations[trajectory * POPULATIONS + q];
    let delay = u32(owner.delay);
    for (var incoming = INCOMING_START[q]; incoming < INCOMING_START[q + 1u]; incoming++) {
        let x = INCOMING[incoming];
        let p = projections[trajectory * PROJECTIONS + x];
        let g = refractory_drift[x] + fired_drift[x];
        var released = g * share;
        if delay > 0u {
            let place = trajectory * STATE + DELAYED_DRIFT + x * DELAY + step % delay;
            released = states[place] * p.keep_delayed;
            states[place] = fired_drift[x];
        }
        refractory_drift[x] = (1.0 - p.q) * (g - released);
        drifts[OFFSET[x] + u32(owner.reset_bin)] += (1.0 - p.q) * released;
    }
}

/// Gives what rounding has taken from population `q` to its fullest bin, or to the refractory ones where they are more.
fn balance(trajectory: u32, q: u32) {
    let size = populations[trajectory * POPULATIONS + q].size;
    var sum = refractory[q];
    var fullest = START[q];
    for (var j = START[q]; j < START[q] + BINS[q]; j++) {
        sum += counts[j];
        if counts[j] > counts[fullest] {
            fullest = j;
        }
    }
    let remainder = size - sum;
    if !(abs(remainder) <= LOSS_MAX * size) {
        atomicStore(&unsound, 1u);
    }
    if counts[fullest] >= refractory[q] {
        counts[fullest] += remainder;
    } else {
        refractory[q] += remainder;
    }
    if q == 0u {
        atomicStore(&widest, 0u);
    }
}
