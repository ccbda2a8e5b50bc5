// Neurons move from bin to bin: one invocation per source bin writes its shares to workgroup memory, one per destination sums
// them in the order of the sources, one per population adds up what fired.

/// Slope of the mean fluctuation of projection `x` at bin `k` of population `q`, whose mean voltage is `v`.
fn find_slope(size: f32, q: u32, x: u32, k: u32, v: f32) -> f32 {
    if k == 0u || k + 1u >= bins_of(q) {
        return 0.0;
    }
    let i = start_of(q) + k;
    let c = offset_of(x) + k;
    return limited_slope(
        spaces[mine].state[COUNTS + i - 1u] / size,
        spaces[mine].state[COUNTS + i + 1u] / size,
        spaces[mine].voltage[i - 1u],
        v,
        spaces[mine].voltage[i + 1u],
        spaces[mine].fluctuation[c - 1u],
        spaces[mine].fluctuation[c],
        spaces[mine].fluctuation[c + 1u],
    );
}

/// How far the interval of bin `k`, which no leak has moved, goes along the flow of nonlinear neurons, and its half width there.
fn flow_bin(p: PopulationParameters, q: u32, k: u32, mean: f32, half: f32) -> vec2<f32> {
    let uniform_on = interval(mean, p.h);
    let middle = 0.5 * (uniform_on.x + uniform_on.y);
    let at = u32(p.flow) * FLOW_POINTS + k * intervals_of(q);
    let moved = flow_density(at, f32(intervals_of(q)), p.h, middle, half, 0.0);
    return vec2<f32>(moved.x, max(half + 0.5 * moved.y, 0.5 * least_width(p.h)));
}

/// The law of where the neurons of bin `i`, of which there are some, land.
fn place_bin(i: u32) -> BinLaw {
    let q = population_of(i);
    let k = i - start_of(q);
    let p = spaces[mine].populations[q];
    let mean = clamp(spaces[mine].state[MOMENTS + i] / spaces[mine].state[COUNTS + i], 0.0, p.h);
    let edge = p.v_min + f32(k) * p.h;
    let uniform_on = interval(mean, p.h);
    let a = leaked(uniform_on.x, edge, p.leak, p.e_leak);
    let b = leaked(uniform_on.y, edge, p.leak, p.e_leak);
    let v = edge + mean;
    var half = 0.5 * (b - a);
    var centre = 0.5 * (a + b) + spaces[mine].input_mean[q];
    var variance = spaces[mine].input_variance[q];
    var tilt = 0.0;
    if intervals_of(q) > 0u {
        let moved = flow_bin(p, q, k, mean, half);
        centre += moved.x;
        half = moved.y;
    }
    for (var incoming = incoming_from(q); incoming < incoming_from(q + 1u); incoming++) {
        let x = incoming_at(incoming);
        // Rising kicks move no voltage.
        if acting_of(x) != x {
            spaces[mine].beta[offset_of(x) + k] = find_slope(p.size, q, x, k, v);
            continue;
        }
        let source = spaces[mine].projections[x];
        let increment = kick_increment(source.base, source.slope, source.v_rev, v);
        var kicks = spaces[mine].state[KICK_MEAN + x];
        if COLOURED {
            let c = offset_of(x) + k;
            kicks += spaces[mine].fluctuation[c];
            spaces[mine].beta[c] = find_slope(p.size, q, x, k, v);
            tilt += increment * spaces[mine].beta[c];
        }
        centre += increment * kicks;
        variance += increment * increment * spaces[mine].residual[x];
    }
    if COLOURED {
        let kappa = stretch(tilt);
        half = half * kappa;
        for (var incoming = incoming_from(q); incoming < incoming_from(q + 1u); incoming++) {
            let x = incoming_at(incoming);
            let source = spaces[mine].projections[acting_of(x)];
            let increment = kick_increment(source.base, source.slope, source.v_rev, v);
            let c = offset_of(x) + k;
            spaces[mine].beta[c] = regression(increment, spaces[mine].residual[x], spaces[mine].beta[c], kappa, half, variance);
        }
    }
    return spread_over(f32(k), centre, half, sqrt(max(variance, 0.0)), p.h, f32(bins_of(q)));
}

/// What the neurons of bin `i` send where: shares from slot `from_slot` on go to workgroup memory, as many as fit. What is left of
/// the bin after them waits for the next pass.
fn spread_bin(trajectory: u32, step: u32, i: u32, from_slot: u32) {
    if from_slot > 0u && (spaces[mine].window[i] >> 16u) <= from_slot {
        return;
    }
    let q = population_of(i);
    let k = i - start_of(q);
    let bins = i32(bins_of(q));
    let h = spaces[mine].populations[q].h;
    let n = spaces[mine].state[COUNTS + i];
    var left = n;
    if FINITE_SIZE && from_slot > 0u {
        left = spaces[mine].leaving[i];
    }
    spaces[mine].window[i] = 0u;
    spaces[mine].leaving[i] = 0.0;
    if !(n > EMPTY) {
        if LOCAL {
            begin_left(i, 0.0, 0.0);
        } else if COLOURED {
            for (var incoming = incoming_from(q); incoming < incoming_from(q + 1u); incoming++) {
                spaces[mine].drift_left[offset_of(incoming_at(incoming)) + k] = 0.0;
            }
        }
        return;
    }
    var s = BinLaw();
    if LINEAR {
        s = place_linear(i);
    } else {
        s = place_bin(i);
    }
    // What is not a number has no bin: integers are bounded once more.
    let first = clamp(i32(s.first), -i32(k), bins - i32(k));
    let last = clamp(i32(min(s.last, s.top)), first, bins - i32(k));
    spaces[mine].window[i] = (bitcast<u32>(first) & 0xffffu) | (u32(last - first) << 16u);
    atomicMax(&spaces[mine].reach_down[q], u32(max(-first, 0)));
    atomicMax(&spaces[mine].reach_up[q], u32(max(last, 0)));
    if PASSES > 1u && u32(last - first) > SLOTS {
        atomicMax(&widest, u32(last - first));
    }
    if COLOURED && from_slot == 0u {
        spaces[mine].bin_centre[i] = s.centre;
        if LOCAL {
            begin_left(i, n, s.spread);
        } else {
            for (var incoming = incoming_from(q); incoming < incoming_from(q + 1u); incoming++) {
                let c = offset_of(incoming_at(incoming)) + k;
                spaces[mine].drift_left[c] = spaces[mine].state[DRIFTS + c];
            }
        }
    }

    let narrow = is_narrow(s);
    let stream = Stream(keys[trajectory], step, q, k, SPREAD);
    var bits = vec4<u32>();
    let begin = first + i32(from_slot);
    let end = min(begin + i32(SLOTS), last);
    var lower = closed(s, s.first, edge_distance(s.centre, s.first, h), vec3<f32>());
    if FINITE_SIZE && PASSES > 1u && from_slot > 0u {
        bits = words(stream, SPREAD, from_slot / 4u, 0u);
        for (var word = 0u; word < from_slot % 4u; word++) {
            bits = bits.yzwx;
        }
    }
    // A later pass begins with the edge that the one before ended with.
    for (var index = select(begin, begin - 1, PASSES > 1u && from_slot > 0u); index < end; index++) {
        let upper = find_edge(s, f32(index + 1), h, narrow);
        if PASSES > 1u && index < begin {
            lower = upper;
            continue;
        }
        let part = share_between(lower, upper, h, select(0.0, -DEEPEST, COLOURED && index + i32(k) == 0));
        var share = Share(n * part.mass, n * part.moment);
        var squared = 0.0;
        if LOCAL {
            squared = scatter(part, second_between(lower, upper, h, s.spread), h);
        }
        if FINITE_SIZE {
            let draw = u32(index - first);
            if draw % 4u == 0u {
                bits = words(stream, SPREAD, draw / 4u, 0u);
            }
            let above = share_above(upper);
            let count = binomial(stream, draw, bits.x, left, part.mass, above.mass);
            squared = scatter_of(part, squared, count);
            share = share_of(part, count);
            left -= count;
            bits = bits.yzwx;
        } else {
            squared *= n;
        }
        let at = u32(index - begin) * TOTAL_BINS + i;
        spaces[mine].shares[at] = share;
        if LOCAL {
            spaces[mine].scatters[at] = squared;
        }
        if LOCAL && !FINITE_SIZE {
            leave_local(i, share, squared, edge_distance(s.centre, f32(index), h));
        } else if COLOURED && !FINITE_SIZE {
            let y = edge_distance(s.centre, f32(index), h);
            for (var incoming = incoming_from(q); incoming < incoming_from(q + 1u); incoming++) {
                let c = offset_of(incoming_at(incoming)) + k;
                let g = share_drift(share, spaces[mine].fluctuation[c], spaces[mine].beta[c], y);
                spaces[mine].drift_left[c] -= g;
            }
        }
        lower = upper;
    }
    if PASSES > 1u && end < last {
        spaces[mine].leaving[i] = left;
        return;
    }
    let part = share_above(lower);
    var share = Share(n * part.mass, n * part.moment);
    if FINITE_SIZE {
        share = share_of(part, left);
    }
    spaces[mine].leaving[i] = share.mass;
    if LOCAL && FINITE_SIZE {
        let squared = scatter(part, second_above(lower, s.spread), DEEPEST);
        leave_local(i, share, scatter_of(part, squared, left), lower.y);
    } else if COLOURED && !LOCAL {
        for (var incoming = incoming_from(q); incoming < incoming_from(q + 1u); incoming++) {
            let c = offset_of(incoming_at(incoming)) + k;
            if FINITE_SIZE {
                spaces[mine].drift_left[c] = share_drift(share, spaces[mine].fluctuation[c], spaces[mine].beta[c], lower.y);
            } else if s.last <= s.top {
                // Nothing fires, so what is left is rounding.
                spaces[mine].drift_left[c] = 0.0;
            }
        }
    }
}

/// Adds what slots from `from_slot` on bring to bin `i`, sources in order: those from which someone may come.
fn gather(i: u32, from_slot: u32) {
    let q = population_of(i);
    let start = start_of(q);
    let j = i32(i - start);
    let h = spaces[mine].populations[q].h;
    var count = 0.0;
    var moment = 0.0;
    if from_slot > 0u {
        count = spaces[mine].next_counts[i];
        moment = spaces[mine].next_moments[i];
    }
    if COLOURED && from_slot == 0u {
        for (var incoming = incoming_from(q); incoming < incoming_from(q + 1u); incoming++) {
            let to = offset_of(incoming_at(incoming)) + u32(j);
            spaces[mine].next_drifts[to] = 0.0;
            if LOCAL {
                spaces[mine].next_products[to] = 0.0;
                spaces[mine].next_squares[to] = 0.0;
            }
        }
    }
    let from_above = min(j + i32(atomicLoad(&spaces[mine].reach_down[q])), i32(bins_of(q)) - 1);
    for (var k = max(j + 1 - i32(atomicLoad(&spaces[mine].reach_up[q])), 0); k <= from_above; k++) {
        let source = start + u32(k);
        // Of a destination below the first the number wraps around.
        let destination = u32(j - k - extractBits(bitcast<i32>(spaces[mine].window[source]), 0u, 16u));
        let slot = destination - from_slot;
        if (destination < (spaces[mine].window[source] >> 16u)) & (slot < SLOTS) {
            let share = spaces[mine].shares[slot * TOTAL_BINS + source];
            count += share.mass;
            moment += select(share.moment, max(share.moment, 0.0), COLOURED);
            if LOCAL {
                gather_local(q, u32(k), u32(j), share, spaces[mine].scatters[slot * TOTAL_BINS + source], h);
            } else if COLOURED {
                let y = edge_distance(spaces[mine].bin_centre[source], f32(j - k), h);
                for (var incoming = incoming_from(q); incoming < incoming_from(q + 1u); incoming++) {
                    let offset = offset_of(incoming_at(incoming));
                    let c = offset + u32(k);
                    spaces[mine].next_drifts[offset + u32(j)] += share_drift(share, spaces[mine].fluctuation[c], spaces[mine].beta[c], y);
                }
            }
        }
    }
    spaces[mine].next_counts[i] = count;
    spaces[mine].next_moments[i] = moment;
}

/// Adds up the neurons of population `q` that fired, and their drift moments, from the bins that reach the threshold.
fn gather_fired(q: u32) {
    let bins = bins_of(q);
    let upper = bins - min(atomicLoad(&spaces[mine].reach_up[q]), bins);
    var sum = 0.0;
    for (var k = upper; k < bins; k++) {
        sum += spaces[mine].leaving[start_of(q) + k];
    }
    spaces[mine].state[FIRED + q] = sum;
    if COLOURED {
        for (var incoming = incoming_from(q); incoming < incoming_from(q + 1u); incoming++) {
            let x = incoming_at(incoming);
            var g = 0.0;
            var w = 0.0;
            // With second moments, what their bounds have cut off is left everywhere.
            for (var k = select(upper, 0u, LOCAL); k < bins; k++) {
                g += spaces[mine].drift_left[offset_of(x) + k];
                if LOCAL {
                    w += spaces[mine].square_left[offset_of(x) + k];
                }
            }
            spaces[mine].fired_drift[x] = g;
            if LOCAL {
                spaces[mine].fired_square[x] = w;
            }
        }
    }
}
