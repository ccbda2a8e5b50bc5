// The end of a step: one invocation per population moves what fired through the refractory pool; one per population and strand of
// its bins makes what landed there the state.

const LOSS_MAX: f32 = 1e-3;

/// Refractory neurons of population `q`: those that fired enter, those whose time is up leave.
fn settle(trajectory: u32, step: u32, q: u32) {
    let p = spaces[mine].populations[q];
    let fired = spaces[mine].state[FIRED + q];
    let entering = spaces[mine].state[REFRACTORY + q] + fired;
    let delay = u32(p.delay);
    spaces[mine].released[q] = entering * p.release;
    if delay > 0u {
        let place = trajectory * STATE + DELAYED + q * DELAY + step % delay;
        spaces[mine].released[q] = min(states[place], entering);
        states[place] = fired;
    } else if FINITE_SIZE {
        let stream = Stream(keys[trajectory], step, q, 0u, RELEASE);
        let word = words(stream, RELEASE, 0u, 0u).x;
        spaces[mine].released[q] = binomial(stream, 0u, word, entering, p.release, 1.0 - p.release);
    }
    var share = 0.0;
    if entering > EMPTY {
        share = spaces[mine].released[q] / entering;
    }
    if LOCAL {
        settle_local(trajectory, step, q, share, spaces[mine].released[q]);
    } else {
        settle_drifts(trajectory, step, q, share);
    }
    spaces[mine].state[REFRACTORY + q] = entering - spaces[mine].released[q];
    let a = spaces[mine].state[ADAPTATION + q];
    spaces[mine].state[ADAPTATION + q] = a * (1.0 - p.adaptation_decay) + p.adaptation_jump * fired;
    keep_fired(trajectory, step, q);
}

/// Drift moments of population `q`: `share` of the refractory ones, or their delayed ones, leave; the others decay.
fn settle_drifts(trajectory: u32, step: u32, q: u32, share: f32) {
    if !COLOURED {
        return;
    }
    let delay = u32(spaces[mine].populations[q].delay);
    for (var incoming = incoming_from(q); incoming < incoming_from(q + 1u); incoming++) {
        let x = incoming_at(incoming);
        let acting = acting_of(x);
        let p = spaces[mine].projections[acting];
        let g = spaces[mine].state[REFRACTORY_DRIFT + x] + spaces[mine].fired_drift[x];
        spaces[mine].released_drift[x] = g * share;
        if delay > 0u {
            let place = trajectory * STATE + DELAYED_DRIFT + x * DELAY + step % delay;
            let line = states[place];
            spaces[mine].released_drift[x] = line * select(p.rising_delayed, p.keep_delayed, acting == x);
            states[place] = spaces[mine].fired_drift[x];
            if acting != x {
                spaces[mine].released_drift[acting] += line * p.risen_delayed;
                spaces[mine].state[REFRACTORY_DRIFT + acting] -= (1.0 - p.q) * line * p.risen_delayed;
            }
        }
        let keep = 1.0 - select(p.rise, p.q, acting == x);
        spaces[mine].state[REFRACTORY_DRIFT + x] = keep * (g - spaces[mine].released_drift[x]);
        if acting != x {
            spaces[mine].state[REFRACTORY_DRIFT + acting] += p.rise * (g - spaces[mine].released_drift[x]);
        }
    }
}

/// Makes the sums over sources the state of the bins of a strand of population `q`, with what returns to v_reset; drift moments
/// decay.
fn advance(q: u32, strand: u32) {
    let p = spaces[mine].populations[q];
    let reset = u32(p.reset_bin);
    for (var k = strand; k < bins_of(q); k += STRANDS) {
        let i = start_of(q) + k;
        spaces[mine].state[COUNTS + i] = spaces[mine].next_counts[i];
        spaces[mine].state[MOMENTS + i] = spaces[mine].next_moments[i];
        if k == reset {
            spaces[mine].state[COUNTS + i] += spaces[mine].released[q];
            spaces[mine].state[MOMENTS + i] += spaces[mine].released[q] * p.reset_voltage;
        }
    }
    if COLOURED && !LOCAL {
        for (var incoming = incoming_from(q); incoming < incoming_from(q + 1u); incoming++) {
            let x = incoming_at(incoming);
            let acting = acting_of(x);
            let source = spaces[mine].projections[acting];
            let keep = 1.0 - select(source.rise, source.q, acting == x);
            for (var k = strand; k < bins_of(q); k += STRANDS) {
                var moment = spaces[mine].next_drifts[offset_of(x) + k];
                if k == reset {
                    moment += spaces[mine].released_drift[x];
                }
                spaces[mine].state[DRIFTS + offset_of(x) + k] = keep * moment;
                if acting != x {
                    spaces[mine].state[DRIFTS + offset_of(acting) + k] += source.rise * moment;
                }
            }
        }
    }
    if LOCAL {
        advance_local(q, strand);
    }
}

/// Neurons in the bins of a strand of population `q`, with the refractory ones in the first, and its fullest bin.
fn tally(q: u32, strand: u32) {
    var sum = select(0.0, spaces[mine].state[REFRACTORY + q], strand == 0u);
    var fullest = start_of(q) + min(strand, bins_of(q) - 1u);
    for (var k = strand; k < bins_of(q); k += STRANDS) {
        let j = start_of(q) + k;
        sum += spaces[mine].state[COUNTS + j];
        if spaces[mine].state[COUNTS + j] > spaces[mine].state[COUNTS + fullest] {
            fullest = j;
        }
    }
    spaces[mine].tallies[q * STRANDS + strand] = sum;
    spaces[mine].fullest_bins[q * STRANDS + strand] = fullest;
}

/// Gives what rounding has taken from population `q` to its fullest bin, or to the refractory ones where they are more.
fn balance(q: u32) {
    var sum = spaces[mine].tallies[q * STRANDS];
    var fullest = spaces[mine].fullest_bins[q * STRANDS];
    for (var strand = 1u; strand < STRANDS; strand++) {
        sum += spaces[mine].tallies[q * STRANDS + strand];
        let j = spaces[mine].fullest_bins[q * STRANDS + strand];
        if spaces[mine].state[COUNTS + j] > spaces[mine].state[COUNTS + fullest] {
            fullest = j;
        }
    }
    let size = spaces[mine].populations[q].size;
    let remainder = size - sum;
    if !(abs(remainder) <= LOSS_MAX * size) {
        atomicStore(&spaces[mine].unsound, 1u);
    }
    if spaces[mine].state[COUNTS + fullest] >= spaces[mine].state[REFRACTORY + q] {
        spaces[mine].state[COUNTS + fullest] += remainder;
    } else {
        spaces[mine].state[REFRACTORY + q] += remainder;
    }
    begin_reach(q);
}

/// Nobody has reached anything yet in the next step.
fn begin_reach(q: u32) {
    atomicStore(&spaces[mine].reach_down[q], 0u);
    atomicStore(&spaces[mine].reach_up[q], 0u);
    if q == 0u {
        atomicStore(&widest, 0u);
    }
}
