// Neurons move from bin to bin: one invocation per source bin writes its shares to workgroup memory, one per destination sums
// them in the order of the sources.

const WIDTH_MIN: f32 = 1e-4;
/// The least and the most that it may be of a bin's width, whatever the unit of voltages: f32 has to see it.
const LEAST_OF_BIN: f32 = 1e-6;
const MOST_OF_BIN: f32 = 1e-3;

/// The law of where the neurons of bin `i`, of which there are some, land.
fn place_bin(trajectory: u32, drive_row: u32, i: u32) -> BinLaw {
    let q = population_of(i);
    let k = i - START[q];
    let p = populations[trajectory * POPULATIONS + q];
    let bins = BINS[q];
    let n = counts[i];
    let edge = p.v_min + f32(k) * p.h;
    let mean = clamp(moments[i] / n, 0.0, p.h);
    let v = edge + mean;

    var a = 0.0;
    let width_min = min(max(WIDTH_MIN, LEAST_OF_BIN * p.h), MOST_OF_BIN * p.h);
    var b = max(mean + mean, width_min);
    if mean + mean >= p.h {
        a = min(mean + mean - p.h, p.h - width_min);
        b = p.h;
    }
    a += p.leak * (p.e_leak - edge - a);
    b += p.leak * (p.e_leak - edge - b);
    var half = 0.5 * (b - a);

    var shift = drive[drive_row + q].x;
    var variance = drive[drive_row + q].y;
    shift -= p.dt * adaptation[q];
    var tilt = 0.0;
    for (var incoming = INCOMING_START[q]; incoming < INCOMING_START[q + 1u]; incoming++) {
        let x = INCOMING[incoming];
        let source = projections[trajectory * PROJECTIONS + x];
        let increment = kick_increment(source.base, source.slope, source.v_rev, v);
        var kicks = kick_mean[x];
        if COLOURED {
            let c = OFFSET[x] + k;
            kicks += fluctuation[c];
            var slope = 0.0;
            if k > 0u && k + 1u < bins {
                slope = limited_slope(
                    counts[i - 1u] / p.size,
                    counts[i + 1u] / p.size,
                    voltage[i - 1u],
                    v,
                    voltage[i + 1u],
                    fluctuation[c - 1u],
                    fluctuation[c],
                    fluctuation[c + 1u],
                );
            }
            beta[c] = slope;
            tilt += increment * slope;
        }
        shift += increment * kicks;
        variance += increment * increment * residual[x];
    }
    if COLOURED {
        let kappa = stretch(tilt);
        half = half * kappa;
        for (var incoming = INCOMING_START[q]; incoming < INCOMING_START[q + 1u]; incoming++) {
            let x = INCOMING[incoming];
            let source = projections[trajectory * PROJECTIONS + x];
            let increment = kick_increment(source.base, source.slope, source.v_rev, v);
            let c = OFFSET[x] + k;
            beta[c] = regression(increment, residual[x], beta[c], kappa, half, variance);
            drift_left[c] = drifts[c];
        }
    }
    let centre = 0.5 * (a + b) + shift;
    return spread_over(i32(k), centre, half, sqrt(max(variance, 0.0)), p.h, i32(bins));
}

/// Shares out the neurons of bin `i` over the bins that its law reaches; shares from slot `from_slot` on go to workgroup memory,
/// as many as fit.
fn spread_bin(trajectory: u32, step: u32, drive_row: u32, i: u32, from_slot: u32) {
    let q = population_of(i);
    let k = i - START[q];
    let h = populations[trajectory * POPULATIONS + q].h;
    let n = counts[i];
    window[i] = vec2<i32>(0, 0);
    leaving[i] = 0.0;
    if !(n > EMPTY) {
        return;
    }
    let s = place_bin(trajectory, drive_row, i);
    window[i] = vec2<i32>(s.first, s.end);
    if COLOURED {
        bin_centre[i] = s.centre;
    }
    if PASSES > 1u && u32(s.end - s.first) > SLOTS {
        atomicMax(&widest, u32(s.end - s.first));
    }

    let stream = Stream(keys[trajectory], step, q, k, SPREAD);
    var bits = vec4<u32>();
    var left = n;
    var lower = first_edge(s, h);
    for (var j = s.first; j < s.end; j++) {
        let upper = edge_at(s, j + 1, h);
        let part = share_between(lower, upper, h);
        var share = Share(n * part.mass, n * part.moment);
        if FINITE_SIZE {
            let draw = u32(j - s.first);
            if draw % 4u == 0u {
                bits = words(stream, SPREAD, draw / 4u, 0u);
            }
            let above = share_above(upper);
            let count = binomial(stream, draw, bits[draw % 4u], left, part.mass, above.mass);
            share = share_of(part, count);
            left -= count;
        }
        let slot = u32(j - s.first) - from_slot;
        if slot < SLOTS {
            shares[slot * TOTAL_BINS + i] = share;
        }
        if COLOURED {
            for (var incoming = INCOMING_START[q]; incoming < INCOMING_START[q + 1u]; incoming++) {
                let c = OFFSET[INCOMING[incoming]] + k;
                let y = edge_distance(s, j, h);
                let g = share_drift(share, fluctuation[c], beta[c], y);
                drift_left[c] -= g;
            }
        }
        lower = upper;
    }
    let part = share_above(lower);
    var share = Share(n * part.mass, n * part.moment);
    if FINITE_SIZE {
        share = share_of(part, left);
    }
    leaving[i] = share.mass;
    if COLOURED {
        for (var incoming = INCOMING_START[q]; incoming < INCOMING_START[q + 1u]; incoming++) {
            let c = OFFSET[INCOMING[incoming]] + k;
            if FINITE_SIZE {
                drift_left[c] = share_drift(share, fluctuation[c], beta[c], lower.y);
            } else if !s.open && s.first > 0 {
                drift_left[c] = 0.0;
            }
        }
    }
}

/// Adds what slots from `from_slot` on bring to bin `i`, sources in order; `i` beyond all bins: those of a population that fired.
fn gather(trajectory: u32, i: u32, from_slot: u32) {
    if i >= TOTAL_BINS {
        gather_fired(i - TOTAL_BINS);
        return;
    }
    let q = population_of(i);
    let j = i32(i - START[q]);
    let h = populations[trajectory * POPULATIONS + q].h;
    var count = 0.0;
    var moment = 0.0;
    if from_slot > 0u {
        count = next_counts[i];
        moment = next_moments[i];
    }
    if COLOURED && from_slot == 0u {
        for (var incoming = INCOMING_START[q]; incoming < INCOMING_START[q + 1u]; incoming++) {
            next_drifts[OFFSET[INCOMING[incoming]] + u32(j)] = 0.0;
        }
    }
    for (var k = 0u; k < BINS[q]; k++) {
        let reached = window[START[q] + k];
        let slot = u32(j - reached.x) - from_slot;
        if j >= reached.x && j < reached.y && slot < SLOTS {
            let share = shares[slot * TOTAL_BINS + START[q] + k];
            count += share.mass;
            moment += share.moment;
            if COLOURED {
                let y = f32(j - i32(k)) * h - bin_centre[START[q] + k];
                for (var incoming = INCOMING_START[q]; incoming < INCOMING_START[q + 1u]; incoming++) {
                    let offset = OFFSET[INCOMING[incoming]];
                    next_drifts[offset + u32(j)] += share_drift(share, fluctuation[offset + k], beta[offset + k], y);
                }
            }
        }
    }
    next_counts[i] = count;
    next_moments[i] = moment;
}

/// Neurons of population `q` that fired, and their drift moments.
fn gather_fired(q: u32) {
    var sum = 0.0;
    for (var k = 0u; k < BINS[q]; k++) {
        sum += leaving[START[q] + k];
    }
    fired[q] = sum;
    if COLOURED {
        for (var incoming = INCOMING_START[q]; incoming < INCOMING_START[q + 1u]; incoming++) {
            let x = INCOMING[incoming];
            var g = 0.0;
            for (var k = 0u; k < BINS[q]; k++) {
                if window[START[q] + k].y > 0 {
                    g += drift_left[OFFSET[x] + k];
                }
            }
            fired_drift[x] = g;
        }
    }
}

/// Makes the sums of bin `i` its state; drift moments decay.
fn advance(trajectory: u32, i: u32) {
    let q = population_of(i);
    counts[i] = next_counts[i];
    moments[i] = next_moments[i];
    if COLOURED {
        for (var incoming = INCOMING_START[q]; incoming < INCOMING_START[q + 1u]; incoming++) {
            let x = INCOMING[incoming];
            let c = OFFSET[x] + i - START[q];
            drifts[c] = (1.0 - projections[trajectory * PROJECTIONS + x].q) * next_drifts[c];
        }
    }
}
