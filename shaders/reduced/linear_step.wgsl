// The parts of a step that a linear density has of its own, and the second moments of bins with the coloured closure.

const SHRINK_MIN: f32 = 0.1;

/// Variance that this step's births bring to the kick counts of the bins of a strand of population `q`, and of the refractory
/// neurons.
fn add_births(trajectory: u32, step: u32, drive_row: u32, q: u32, strand: u32) {
    for (var incoming = incoming_from(q); incoming < incoming_from(q + 1u); incoming++) {
        let x = incoming_at(incoming);
        let variance = births(trajectory, step, drive_row, x).y;
        for (var k = strand; k < bins_of(q); k += STRANDS) {
            spaces[mine].state[SQUARES + offset_of(x) + k] += spaces[mine].state[COUNTS + start_of(q) + k] * variance;
        }
        if strand == 0u {
            spaces[mine].state[REFRACTORY_SQUARE + x] += spaces[mine].state[REFRACTORY + q] * variance;
        }
    }
}

/// How far the density of bin `k`, which no leak has moved, goes along the flow of nonlinear neurons, and how much it is stretched.
fn flow_linear(p: PopulationParameters, q: u32, k: u32, mean: f32, half: f32, slope: f32) -> vec2<f32> {
    let at = u32(p.flow) * FLOW_POINTS + k * intervals_of(q);
    let moved = flow_density(at, f32(intervals_of(q)), p.h, mean - lean(half, slope), half, slope);
    return vec2<f32>(moved.x, moved.y / max(half + half, least_width(p.h)));
}

/// The law of where the neurons of bin `i`, of which there are some, land.
fn place_linear(i: u32) -> BinLaw {
    let q = population_of(i);
    let k = i - start_of(q);
    let p = spaces[mine].populations[q];
    let n = spaces[mine].state[COUNTS + i];
    let mean = clamp(spaces[mine].state[MOMENTS + i] / n, 0.0, p.h);
    let edge = p.v_min + f32(k) * p.h;
    let density = linear_density(mean, p.h);
    let own = density_variance(density.x, density.y);
    let v = edge + mean;
    var centre = leaked(mean, edge, p.leak, p.e_leak) + spaces[mine].input_mean[q];
    var variance = spaces[mine].input_variance[q];
    var tilt = 1.0 - p.leak;
    if intervals_of(q) > 0u {
        let moved = flow_linear(p, q, k, mean, density.x, density.y);
        centre += moved.x;
        tilt += moved.y;
    }
    for (var incoming = incoming_from(q); incoming < incoming_from(q + 1u); incoming++) {
        let x = incoming_at(incoming);
        let source = spaces[mine].projections[x];
        let increment = kick_increment(source.base, source.slope, source.v_rev, v);
        var kicks = spaces[mine].state[KICK_MEAN + x];
        var unexplained = 0.0;
        if LOCAL {
            let at = offset_of(x) + k;
            let found = local_fluctuation(
                n, mean, own, p.h, spaces[mine].state[DRIFTS + at], spaces[mine].state[PRODUCTS + at], spaces[mine].state[SQUARES + at]
            );
            spaces[mine].fluctuation[at] = found.x;
            spaces[mine].beta[at] = found.y;
            spaces[mine].rho[at] = found.z;
            kicks += found.x;
            unexplained = found.z;
            tilt += increment * found.y;
        } else {
            unexplained = spaces[mine].residual[x];
        }
        tilt += contraction(source.slope, kicks);
        centre += increment * kicks;
        variance += increment * increment * unexplained;
    }
    let kappa = max(tilt, SHRINK_MIN);
    let half = kappa * density.x;
    let spread = kappa * kappa * own + variance;
    if LOCAL {
        for (var incoming = incoming_from(q); incoming < incoming_from(q + 1u); incoming++) {
            let x = incoming_at(incoming);
            let source = spaces[mine].projections[x];
            let increment = kick_increment(source.base, source.slope, source.v_rev, v);
            let at = offset_of(x) + k;
            let found = local_regression(increment, spaces[mine].rho[at], spaces[mine].beta[at], kappa, own, spread);
            spaces[mine].beta[at] = found.x;
            spaces[mine].rho[at] = found.y;
        }
    }
    let sigma = sqrt(max(variance, 0.0));
    var law = spread_over(f32(k), centre - lean(half, density.y), half, sigma, p.h, f32(bins_of(q)));
    law.centre = centre;
    law.slope = density.y;
    law.spread = spread;
    return law;
}

/// Moments of the fluctuations in bin `i`, of which the destinations take what is theirs; 0 where nobody is.
fn begin_left(i: u32, n: f32, spread: f32) {
    let q = population_of(i);
    for (var incoming = incoming_from(q); incoming < incoming_from(q + 1u); incoming++) {
        let at = offset_of(incoming_at(incoming)) + i - start_of(q);
        spaces[mine].drift_left[at] = 0.0;
        spaces[mine].square_left[at] = 0.0;
        if n > 0.0 {
            spaces[mine].drift_left[at] = n * spaces[mine].fluctuation[at];
            spaces[mine].square_left[at] = moved_square(n, spaces[mine].fluctuation[at], spaces[mine].beta[at], spaces[mine].rho[at], spread);
        }
    }
}

/// Moments of those that fired: of `share` with finite-size noise, otherwise what is left after every other share has been taken.
fn leave_local(i: u32, share: Share, squared: f32, y: f32) {
    let q = population_of(i);
    let mean = share_mean(share.mass, share.moment);
    for (var incoming = incoming_from(q); incoming < incoming_from(q + 1u); incoming++) {
        let at = offset_of(incoming_at(incoming)) + i - start_of(q);
        let taken = share_moments(share.mass, mean, y + mean, squared, spaces[mine].fluctuation[at], spaces[mine].beta[at], spaces[mine].rho[at]);
        if FINITE_SIZE {
            spaces[mine].drift_left[at] = taken.x;
            spaces[mine].square_left[at] = taken.z;
        } else {
            spaces[mine].drift_left[at] -= taken.x;
            spaces[mine].square_left[at] -= taken.z;
        }
    }
}

/// Adds what a share from bin `k` of population `q` brings to bin `j`.
fn gather_local(q: u32, k: u32, j: u32, share: Share, squared: f32, h: f32) {
    let mean = share_mean(share.mass, share.moment);
    let away = edge_distance(spaces[mine].bin_centre[start_of(q) + k], f32(j) - f32(k), h) + mean;
    for (var incoming = incoming_from(q); incoming < incoming_from(q + 1u); incoming++) {
        let offset = offset_of(incoming_at(incoming));
        let at = offset + k;
        let to = offset + j;
        let brought = share_moments(share.mass, mean, away, squared, spaces[mine].fluctuation[at], spaces[mine].beta[at], spaces[mine].rho[at]);
        spaces[mine].next_drifts[to] += brought.x;
        spaces[mine].next_products[to] += brought.y;
        spaces[mine].next_squares[to] += brought.z;
    }
}

/// Moments of the refractory neurons of population `q`: `share` of them, or those `released` by the delay line, leave.
fn settle_local(trajectory: u32, step: u32, q: u32, share: f32, leaving_now: f32) {
    let delay = u32(spaces[mine].populations[q].delay);
    for (var incoming = incoming_from(q); incoming < incoming_from(q + 1u); incoming++) {
        let x = incoming_at(incoming);
        let p = spaces[mine].projections[x];
        let g = spaces[mine].state[REFRACTORY_DRIFT + x] + spaces[mine].fired_drift[x];
        let w = spaces[mine].state[REFRACTORY_SQUARE + x] + spaces[mine].fired_square[x];
        var gone = vec2<f32>(g * share, w * share);
        if delay > 0u {
            let drift_at = trajectory * STATE + DELAYED_DRIFT + x * DELAY + step % delay;
            let square_at = trajectory * STATE + DELAYED_SQUARE + x * DELAY + step % delay;
            let s2 = spaces[mine].state[KICK_VARIANCE + x];
            let overall = spaces[mine].state[COMMON + x];
            let line = vec2<f32>(states[drift_at], states[square_at]);
            gone = leave_line(leaving_now, line, s2, overall, p.keep_delayed, p.stochastic_decay);
            let entered = enter_line(spaces[mine].state[FIRED + q], spaces[mine].fired_drift[x], spaces[mine].fired_square[x], s2, overall);
            states[drift_at] = entered.x;
            states[square_at] = entered.y;
        }
        // From here on that of all who are or were refractory in this step.
        spaces[mine].fired_drift[x] = g;
        spaces[mine].released_drift[x] = gone.x;
        spaces[mine].released_square[x] = gone.y;
        spaces[mine].state[REFRACTORY_DRIFT + x] = g - gone.x;
        spaces[mine].state[REFRACTORY_SQUARE + x] = w - gone.y;
    }
}

/// Partial sums over the bins of population `q` of the fluctuations of kick counts.
fn sum_drifts(q: u32, strand: u32) {
    for (var incoming = incoming_from(q); incoming < incoming_from(q + 1u); incoming++) {
        let x = incoming_at(incoming);
        var sum = 0.0;
        for (var k = strand; k < bins_of(q); k += STRANDS) {
            sum += spaces[mine].next_drifts[offset_of(x) + k];
        }
        spaces[mine].between[x * STRANDS + strand] = sum;
    }
}

/// Makes the moments of fluctuations the state of a strand of population `q`, the first with the refractory ones, without a mean over
/// all its neurons where they are finitely many; kicks die.
fn advance_local(q: u32, strand: u32) {
    let p = spaces[mine].populations[q];
    let reset = u32(p.reset_bin);
    for (var incoming = incoming_from(q); incoming < incoming_from(q + 1u); incoming++) {
        let x = incoming_at(incoming);
        let source = spaces[mine].projections[x];
        let keep = 1.0 - source.q;
        let mu = spaces[mine].state[KICK_MEAN + x];
        var overall = 0.0;
        if FINITE_SIZE {
            for (var part = 0u; part < STRANDS; part++) {
                overall += spaces[mine].between[x * STRANDS + part];
            }
            overall = (overall + spaces[mine].fired_drift[x]) / p.size;
        }
        for (var k = strand; k < bins_of(q); k += STRANDS) {
            let at = offset_of(x) + k;
            let i = start_of(q) + k;
            var moments = vec3<f32>(spaces[mine].next_drifts[at], spaces[mine].next_products[at], spaces[mine].next_squares[at]);
            if k == reset {
                let g = spaces[mine].released_drift[x];
                moments += vec3<f32>(g, g * p.reset_voltage, spaces[mine].released_square[x]);
            }
            moments = shifted(spaces[mine].state[COUNTS + i], spaces[mine].state[MOMENTS + i], moments, overall);
            spaces[mine].state[SQUARES + at] =
                decayed_square(spaces[mine].state[COUNTS + i], moments.x, moments.z, mu, source.q, source.stochastic_decay);
            spaces[mine].state[DRIFTS + at] = keep * moments.x;
            spaces[mine].state[PRODUCTS + at] = keep * moments.y;
        }
        if strand == 0u {
            let n = spaces[mine].state[REFRACTORY + q];
            var moments = vec3<f32>(spaces[mine].state[REFRACTORY_DRIFT + x], 0.0, spaces[mine].state[REFRACTORY_SQUARE + x]);
            moments = shifted(n, 0.0, moments, overall);
            spaces[mine].state[REFRACTORY_SQUARE + x] =
                decayed_square(n, moments.x, moments.z, mu, source.q, source.stochastic_decay);
            spaces[mine].state[REFRACTORY_DRIFT + x] = keep * moments.x;
            spaces[mine].state[COMMON + x] = keep * (spaces[mine].state[COMMON + x] + overall);
        }
    }
}
