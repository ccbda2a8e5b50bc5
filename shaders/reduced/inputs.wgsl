// The beginning of a step: one invocation per projection, or per population and strand of its bins.

const EMPTY: f32 = 1e-30;

/// Births at a target of projection `x` in this step: spikes, or kicks of a source, and their variance.
fn births(trajectory: u32, step: u32, drive_row: u32, x: u32) -> vec2<f32> {
    let source = source_of(x);
    if source >= POPULATIONS {
        return vec2(drive[drive_row + source].x);
    }
    let p = projections[trajectory * PROJECTIONS + x];
    let c = arriving(trajectory, step, x);
    return vec2(c, births_variance(p.p, c, p.taken));
}

/// Moments of the kick count of projection `x`.
fn update_kicks(trajectory: u32, step: u32, drive_row: u32, x: u32) {
    let p = projections[trajectory * PROJECTIONS + x];
    let born = births(trajectory, step, drive_row, x);
    let mu = state[KICK_MEAN + x];
    let s2 = state[KICK_VARIANCE + x];
    state[KICK_VARIANCE + x] = next_variance(mu, s2, p.q, p.stochastic_decay, born.y);
    state[KICK_MEAN + x] = next_mean(mu, p.q, p.p, born.x);
}

/// Mean voltages of the bins of a strand of population `q`, the mean fluctuations of their neurons' kick counts, and their part of
/// the variance between bins.
fn update_average(trajectory: u32, q: u32, strand: u32) {
    let p = populations[trajectory * POPULATIONS + q];
    let start = start_of(q);
    for (var incoming = incoming_from(q); incoming < incoming_from(q + 1u); incoming++) {
        between[incoming_at(incoming) * STRANDS + strand] = 0.0;
    }
    for (var k = strand; k < bins_of(q); k += STRANDS) {
        let n = state[COUNTS + start + k];
        let filled = n > EMPTY;
        var mean = 0.0;
        if filled {
            mean = clamp(state[MOMENTS + start + k] / n, 0.0, p.h);
        }
        voltage[start + k] = p.v_min + f32(k) * p.h + mean;
        for (var incoming = incoming_from(q); incoming < incoming_from(q + 1u); incoming++) {
            let x = incoming_at(incoming);
            let g = state[DRIFTS + offset_of(x) + k];
            var c = 0.0;
            if filled {
                c = g / n;
            }
            fluctuation[offset_of(x) + k] = c;
            between[x * STRANDS + strand] += c * g;
        }
    }
}

/// Variance of the kick count of projection `x` that acts as noise.
fn update_residual(trajectory: u32, x: u32) {
    let q = target_of(x);
    let p = populations[trajectory * POPULATIONS + q];
    if LOCAL {
        return;
    }
    if !COLOURED {
        residual[x] = state[KICK_VARIANCE + x] / projections[trajectory * PROJECTIONS + x].white_time;
        return;
    }
    var sum = 0.0;
    for (var strand = 0u; strand < STRANDS; strand++) {
        sum += between[x * STRANDS + strand];
    }
    if state[REFRACTORY + q] > EMPTY {
        let g = state[REFRACTORY_DRIFT + x];
        sum += g / state[REFRACTORY + q] * g;
    }
    residual[x] = residual_variance(state[KICK_VARIANCE + x], sum, p.size);
}
