// The beginning of a step: one invocation per projection, or per population and strand of its bins.

const EMPTY: f32 = 1e-30;
const ROUNDING: f32 = 1.1920929e-7;

/// Births at a target of projection `x` in this step: spikes, or kicks of a source, and their variance.
fn births(trajectory: u32, step: u32, drive_row: u32, x: u32) -> vec2<f32> {
    let source = source_of(x);
    if source >= POPULATIONS {
        return vec2(drive[drive_row + source].x);
    }
    let p = spaces[mine].projections[x];
    let c = arriving(trajectory, step, x);
    return vec2(c, births_variance(p.p, c, p.taken));
}

/// Moments of the kick count of projection `x`.
fn update_kicks(trajectory: u32, step: u32, drive_row: u32, x: u32) {
    let p = spaces[mine].projections[x];
    let born = births(trajectory, step, drive_row, x);
    if p.rise > 0.0 {
        update_rising(p, x, born);
        return;
    }
    let mu = spaces[mine].state[KICK_MEAN + x];
    let s2 = spaces[mine].state[KICK_VARIANCE + x];
    spaces[mine].state[KICK_VARIANCE + x] = next_variance(mu, s2, p.q, p.stochastic_decay, born.y);
    spaces[mine].state[KICK_MEAN + x] = next_mean(mu, p.q, p.p, born.x);
}

/// The same of kicks that rise before they act, given their births.
fn update_rising(p: ProjectionParameters, x: u32, born: vec2<f32>) {
    let mu = spaces[mine].state[KICK_MEAN + x];
    let s2 = spaces[mine].state[KICK_VARIANCE + x];
    let rising = spaces[mine].state[RISING_MEAN + x];
    let spread = spaces[mine].state[RISING_VARIANCE + x];
    let joint = spaces[mine].state[COVARIANCE + x];
    let dying = p.stochastic_decay * rising;
    let variance = next_variance(mu, s2, p.q, p.stochastic_decay, 0.0);
    let scatter = p.rise * (1.0 - p.rise) * dying;
    spaces[mine].state[KICK_VARIANCE + x] = risen_variance(variance, p.q, p.rise, spread, joint, scatter);
    spaces[mine].state[COVARIANCE + x] = next_covariance(joint, p.q, p.rise, spread, dying);
    spaces[mine].state[RISING_VARIANCE + x] = next_variance(rising, spread, p.rise, p.stochastic_decay, born.y);
    spaces[mine].state[KICK_MEAN + x] = next_mean(mu, p.q, p.rise, rising);
    spaces[mine].state[RISING_MEAN + x] = next_mean(rising, p.rise, p.p, born.x);
}

/// Mean voltages of the bins of a strand of population `q`, the mean fluctuations of their neurons' kick counts, and their part of
/// the variance between bins.
fn update_average(q: u32, strand: u32) {
    let p = spaces[mine].populations[q];
    let start = start_of(q);
    for (var incoming = incoming_from(q); incoming < incoming_from(q + 1u); incoming++) {
        spaces[mine].between[incoming_at(incoming) * STRANDS + strand] = 0.0;
    }
    for (var k = strand; k < bins_of(q); k += STRANDS) {
        let n = spaces[mine].state[COUNTS + start + k];
        let filled = n > EMPTY;
        var mean = 0.0;
        if filled {
            mean = clamp(spaces[mine].state[MOMENTS + start + k] / n, 0.0, p.h);
        }
        spaces[mine].voltage[start + k] = p.v_min + f32(k) * p.h + mean;
        for (var incoming = incoming_from(q); incoming < incoming_from(q + 1u); incoming++) {
            let x = incoming_at(incoming);
            var c = 0.0;
            if filled {
                c = spaces[mine].state[DRIFTS + offset_of(x) + k] / n;
            }
            spaces[mine].fluctuation[offset_of(x) + k] = c;
            spaces[mine].between[x * STRANDS + strand] += c * spaces[mine].state[DRIFTS + offset_of(acting_of(x)) + k];
        }
    }
}

/// Variance of the kick count of projection `x` that acts as noise; beyond the projections, covariance of rising kicks with `acting` ones.
fn update_residual(trajectory: u32, step: u32, x: u32, acting: u32) {
    let q = target_of(acting);
    let p = spaces[mine].populations[q];
    if !COLOURED {
        spaces[mine].residual[x] = spaces[mine].state[KICK_VARIANCE + x] / spaces[mine].projections[x].white_time;
        return;
    }
    var sum = 0.0;
    for (var strand = 0u; strand < STRANDS; strand++) {
        sum += spaces[mine].between[x * STRANDS + strand];
    }
    if p.delay > 0.0 {
        sum += between_delayed(trajectory, step, q, x, acting);
    } else if spaces[mine].state[REFRACTORY + q] > EMPTY {
        let g = spaces[mine].state[REFRACTORY_DRIFT + x];
        sum += g / spaces[mine].state[REFRACTORY + q] * spaces[mine].state[REFRACTORY_DRIFT + acting];
    }
    if acting != x {
        spaces[mine].residual[x] = spaces[mine].state[COVARIANCE + acting] - sum / p.size;
        return;
    }
    spaces[mine].residual[x] = residual_variance(spaces[mine].state[KICK_VARIANCE + x], sum, p.size);
}

/// What `update_residual` takes away for the delay line of population `q`, whose places have mean fluctuations of their own;
/// where next to nobody entered, they are what rounding left.
fn between_delayed(trajectory: u32, step: u32, q: u32, x: u32, acting: u32) -> f32 {
    let p = spaces[mine].projections[acting];
    let delay = u32(spaces[mine].populations[q].delay);
    let line = trajectory * STATE + DELAYED_DRIFT;
    var risen_from = FLUCTUATIONS;
    for (var y = PROJECTIONS; y < FLUCTUATIONS; y++) {
        if acting_of(y) == acting {
            risen_from = y;
        }
    }
    var kept = 1.0;
    var risen = 0.0;
    var rising = 1.0;
    var between = 0.0;
    for (var age = 1u; age <= delay; age++) {
        kept = kept * (1.0 - p.q);
        risen = (1.0 - p.q) * risen + p.rise * rising;
        rising = rising * (1.0 - p.rise);
        let place = (step + delay - age) % delay;
        let n = states[trajectory * STATE + DELAYED + q * DELAY + place];
        if n > ROUNDING * spaces[mine].populations[q].size {
            var g = kept * states[line + acting * DELAY + place];
            if risen_from < FLUCTUATIONS {
                g += risen * states[line + risen_from * DELAY + place];
            }
            var other = g;
            if acting != x {
                other = rising * states[line + x * DELAY + place];
            }
            between += other / n * g;
        }
    }
    return between;
}
