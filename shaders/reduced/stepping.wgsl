// One workgroup steps TOGETHER trajectories `run.steps` times, one invocation per voltage bin (several, where bins outnumber
// invocations), and writes the spikes of every step, kick means and voltages every so often, and a status. Workgroups in all:
// as many as `run.trajectories` need, in rows of `run.row`.

const HEADER: u32 = 2u;

struct DsodeDispatch {
    first_step: u32,
    steps: u32,
    trajectories: u32,
    /// Rows of the drive table per trajectory: one per step, or 1 where the drive is constant.
    drive_rows: u32,
    /// Steps between kick means, and between voltages.
    row_every: u32,
    sample_every: u32,
    /// Words of output per trajectory.
    output_stride: u32,
    /// Workgroups per row of the grid.
    row: u32,
}

@group(0) @binding(0) var<uniform> run: DsodeDispatch;
/// (trajectory, row, population): mean and variance of one step's drive; then per source the births of the step before
@group(0) @binding(4) var<storage, read> drive: array<vec2<f32>>;
/// (trajectory, entry), entries in the order of the prelude's offsets
@group(0) @binding(5) var<storage, read_write> states: array<f32>;
/// (trajectory, word): steps done and 1 if unsound; then numbers as bits: (step, population) neurons that fired,
/// (row, projection) kick means, (sample, entry) neurons in each bin and refractory ones of each population
@group(0) @binding(6) var<storage, read_write> output: array<u32>;

@compute @workgroup_size(WORKGROUP)
fn stepping(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let first = (group.y * run.row + group.x) * TOGETHER;
    if first >= run.trajectories {
        return;
    }
    let held = min(TOGETHER, run.trajectories - first);
    load(first, held, thread);
    workgroupBarrier();
    begin_step(first, held, 0u, thread);
    // Counted: a driver may end a loop early and say nothing.
    var done = 0u;
    var rows = 0u;
    var samples = 0u;
    for (var s = 0u; s < run.steps; s++) {
        let step = run.first_step + s;
        workgroupBarrier();
        if COLOURED {
            for (var i = thread; i < held * TALLIES; i += WORKGROUP) {
                mine = i / TALLIES;
                let q = i % TALLIES / STRANDS;
                if LOCAL {
                    add_births(first + mine, step, drive_row_of(first + mine, s), q, i % STRANDS);
                } else {
                    update_average(q, i % STRANDS);
                }
            }
            workgroupBarrier();
        }
        if COLOURED && !LOCAL {
            for (var i = thread; i < held * COUNT_FLUCTUATIONS; i += WORKGROUP) {
                mine = i / FLUCTUATIONS;
                update_residual(first + mine, step, i % FLUCTUATIONS, acting_of(i % FLUCTUATIONS));
            }
            workgroupBarrier();
            // The delay lines were read; the end of the step writes to them.
            if DELAY > 0u {
                storageBarrier();
            }
        }
        for (var turn = 0u; turn < PASSES; turn++) {
            for (var i = thread; i < held * TOTAL_BINS; i += WORKGROUP) {
                mine = i / TOTAL_BINS;
                spread_bin(first + mine, step, i % TOTAL_BINS, turn * SLOTS);
            }
            workgroupBarrier();
            for (var i = thread; i < held * TOTAL_BINS; i += WORKGROUP) {
                mine = i / TOTAL_BINS;
                gather(i % TOTAL_BINS, turn * SLOTS);
            }
            if PASSES > 1u {
                if workgroupUniformLoad(&widest) <= (turn + 1u) * SLOTS {
                    break;
                }
            }
        }
        if LOCAL && FINITE_SIZE {
            // What other invocations gathered; several passes have waited for it already.
            if PASSES == 1u {
                workgroupBarrier();
            }
            for (var i = thread; i < held * TALLIES; i += WORKGROUP) {
                mine = i / TALLIES;
                sum_drifts(i % TALLIES / STRANDS, i % STRANDS);
            }
        }
        // The last invocations, which have fewer bins than the first.
        for (var i = WORKGROUP - 1u - thread; i < held * POPULATIONS; i += WORKGROUP) {
            mine = i / POPULATIONS;
            let q = i % POPULATIONS;
            gather_fired(q);
            settle(first + mine, step, q);
            output[output_of(first + mine) + HEADER + s * POPULATIONS + q] = bitcast<u32>(spaces[mine].state[FIRED + q]);
        }
        workgroupBarrier();
        if RING > 1u || (DELAY > 0u && COLOURED && !LOCAL) {
            storageBarrier();
        }
        for (var i = thread; i < held * TALLIES; i += WORKGROUP) {
            mine = i / TALLIES;
            let q = i % TALLIES / STRANDS;
            advance(q, i % STRANDS);
            tally(q, i % STRANDS);
        }
        if (step + 1u) % run.row_every == 0u {
            write_rows(first, held, rows, thread);
            rows += 1u;
        }
        workgroupBarrier();
        for (var i = thread; i < held * POPULATIONS; i += WORKGROUP) {
            mine = i / POPULATIONS;
            balance(i % POPULATIONS);
        }
        if s + 1u < run.steps {
            begin_step(first, held, s + 1u, WORKGROUP - 1u - thread);
        }
        if (step + 1u) % run.sample_every == 0u {
            workgroupBarrier();
            write_samples(first, held, samples, thread);
            samples += 1u;
        }
        done += 1u;
    }
    workgroupBarrier();
    store(first, held, thread);
    workgroupBarrier();
    for (mine = thread; mine < held; mine += WORKGROUP) {
        output[output_of(first + mine)] = done;
        output[output_of(first + mine) + 1u] = atomicLoad(&spaces[mine].unsound);
    }
}

/// Where the drives of a trajectory in step number `s` of the run begin.
fn drive_row_of(trajectory: u32, s: u32) -> u32 {
    return (trajectory * run.drive_rows + min(s, run.drive_rows - 1u)) * DRIVES;
}

/// Where the output of a trajectory begins.
fn output_of(trajectory: u32) -> u32 {
    return trajectory * run.output_stride;
}

/// Kicks and inputs at the beginning of step number `s` of the run, which need nothing of the bins; of the white closure what acts as
/// noise too.
fn begin_step(first: u32, held: u32, s: u32, thread: u32) {
    for (var i = thread; i < held * POPULATIONS; i += WORKGROUP) {
        mine = i / POPULATIONS;
        let q = i % POPULATIONS;
        let outside = drive[drive_row_of(first + mine, s) + q];
        let adaptation = spaces[mine].populations[q].dt * spaces[mine].state[ADAPTATION + q];
        spaces[mine].input_mean[q] = outside.x - adaptation;
        spaces[mine].input_variance[q] = outside.y;
    }
    for (var i = thread; i < held * COUNT_PROJECTIONS; i += WORKGROUP) {
        mine = i / PROJECTIONS;
        let x = i % PROJECTIONS;
        update_kicks(first + mine, run.first_step + s, drive_row_of(first + mine, s), x);
        if !COLOURED {
            update_residual(first + mine, run.first_step + s, x, x);
        }
    }
}

/// How many rows of kick means the run writes.
fn rows_of_run() -> u32 {
    return (run.first_step + run.steps) / run.row_every - run.first_step / run.row_every;
}

/// Kick means of the step go out.
fn write_rows(first: u32, held: u32, row: u32, thread: u32) {
    for (var i = thread; i < held * COUNT_PROJECTIONS; i += WORKGROUP) {
        mine = i / PROJECTIONS;
        let x = i % PROJECTIONS;
        let at = output_of(first + mine) + HEADER + run.steps * POPULATIONS + row * COUNT_PROJECTIONS;
        output[at + x] = bitcast<u32>(spaces[mine].state[KICK_MEAN + x]);
    }
}

/// Neurons in each bin, and refractory ones, go out.
fn write_samples(first: u32, held: u32, sample: u32, thread: u32) {
    let before = HEADER + run.steps * POPULATIONS + rows_of_run() * COUNT_PROJECTIONS + sample * (TOTAL_BINS + POPULATIONS);
    for (var i = thread; i < held * (TOTAL_BINS + POPULATIONS); i += WORKGROUP) {
        mine = i / (TOTAL_BINS + POPULATIONS);
        let entry = i % (TOTAL_BINS + POPULATIONS);
        let place = select(REFRACTORY + entry - TOTAL_BINS, COUNTS + entry, entry < TOTAL_BINS);
        output[output_of(first + mine) + before + entry] = bitcast<u32>(spaces[mine].state[place]);
    }
}

/// States and parameters of the trajectories into workgroup memory.
fn load(first: u32, held: u32, thread: u32) {
    for (var i = thread; i < held * HELD; i += WORKGROUP) {
        mine = i / HELD;
        spaces[mine].state[i % HELD] = states[(first + mine) * STATE + i % HELD];
    }
    for (var i = thread; i < held * POPULATIONS; i += WORKGROUP) {
        mine = i / POPULATIONS;
        spaces[mine].populations[i % POPULATIONS] = populations[first * POPULATIONS + i];
        begin_reach(i % POPULATIONS);
        if i % POPULATIONS == 0u {
            atomicStore(&spaces[mine].unsound, 0u);
        }
    }
    for (var i = thread; i < held * COUNT_PROJECTIONS; i += WORKGROUP) {
        spaces[i / PROJECTIONS].projections[i % PROJECTIONS] = projections[first * PROJECTIONS + i];
    }
}

/// And back; a number that is not finite, whose exponent is all ones, marks its trajectory.
fn store(first: u32, held: u32, thread: u32) {
    for (var i = thread; i < held * HELD; i += WORKGROUP) {
        mine = i / HELD;
        let number = spaces[mine].state[i % HELD];
        states[(first + mine) * STATE + i % HELD] = number;
        if (bitcast<u32>(number) & 0x7f800000u) == 0x7f800000u {
            atomicStore(&spaces[mine].unsound, 1u);
        }
    }
}
