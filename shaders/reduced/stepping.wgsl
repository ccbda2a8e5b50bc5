// One workgroup steps one trajectory `run.steps` times, one invocation per voltage bin (several, where bins outnumber
// invocations), and writes the spikes of every step, kick means and voltages every so often, and a status. Workgroups in all:
// `run.trajectories`, in rows of `run.row`.

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
    let trajectory = group.y * run.row + group.x;
    if trajectory >= run.trajectories {
        return;
    }
    let out = trajectory * run.output_stride;
    let kicks_at = out + HEADER + run.steps * POPULATIONS;
    let last = run.first_step + run.steps;
    let samples_at = kicks_at + (last / run.row_every - run.first_step / run.row_every) * COUNT_PROJECTIONS;
    load(trajectory, thread);
    var done = 0u;
    var rows = 0u;
    var samples = 0u;
    for (var s = 0u; s < run.steps; s++) {
        workgroupBarrier();
        let drive_row = (trajectory * run.drive_rows + min(s, run.drive_rows - 1u)) * DRIVES;
        for (var x = thread; x < COUNT_PROJECTIONS; x += WORKGROUP) {
            update_kicks(trajectory, run.first_step + s, drive_row, x);
        }
        if LOCAL {
            for (var i = thread; i < TALLIES; i += WORKGROUP) {
                add_births(trajectory, run.first_step + s, drive_row, i / STRANDS, i % STRANDS);
            }
        } else if COLOURED {
            for (var i = thread; i < TALLIES; i += WORKGROUP) {
                update_average(trajectory, i / STRANDS, i % STRANDS);
            }
            workgroupBarrier();
        }
        for (var x = thread; x < COUNT_FLUCTUATIONS; x += WORKGROUP) {
            update_residual(trajectory, x, acting_of(x));
        }
        workgroupBarrier();
        let step = run.first_step + s;
        for (var turn = 0u; turn < PASSES; turn++) {
            for (var i = thread; i < TOTAL_BINS; i += WORKGROUP) {
                spread_bin(trajectory, step, drive_row, i, turn * SLOTS);
            }
            workgroupBarrier();
            for (var i = thread; i < TOTAL_BINS; i += WORKGROUP) {
                gather(trajectory, i, turn * SLOTS);
            }
            if PASSES > 1u {
                if workgroupUniformLoad(&widest) <= (turn + 1u) * SLOTS {
                    break;
                }
            }
        }
        if LOCAL && FINITE_SIZE {
            for (var i = thread; i < TALLIES; i += WORKGROUP) {
                sum_drifts(i / STRANDS, i % STRANDS);
            }
        }
        // The last invocations, which have fewer bins than the first.
        for (var q = WORKGROUP - 1u - thread; q < POPULATIONS; q += WORKGROUP) {
            gather_fired(q);
            settle(trajectory, step, q);
            output[out + HEADER + s * POPULATIONS + q] = bitcast<u32>(state[FIRED + q]);
        }
        workgroupBarrier();
        if RING > 1u {
            storageBarrier();
        }
        for (var i = thread; i < TALLIES; i += WORKGROUP) {
            advance(trajectory, i / STRANDS, i % STRANDS);
            tally(i / STRANDS, i % STRANDS);
        }
        workgroupBarrier();
        for (var q = thread; q < POPULATIONS; q += WORKGROUP) {
            balance(trajectory, q);
        }
        if (step + 1u) % run.row_every == 0u {
            write_row(kicks_at + rows * COUNT_PROJECTIONS, thread);
            rows += 1u;
        }
        if (step + 1u) % run.sample_every == 0u {
            workgroupBarrier();
            write_sample(samples_at + samples * (TOTAL_BINS + POPULATIONS), thread);
            samples += 1u;
        }
        done += 1u;
    }
    workgroupBarrier();
    store(trajectory, thread);
    workgroupBarrier();
    if thread == 0u {
        output[out] = done;
        output[out + 1u] = atomicLoad(&unsound);
    }
}

/// Kick means of the step go out; nothing writes them before the next barrier.
fn write_row(at: u32, thread: u32) {
    for (var x = thread; x < COUNT_PROJECTIONS; x += WORKGROUP) {
        output[at + x] = bitcast<u32>(state[KICK_MEAN + x]);
    }
}

/// Neurons in each bin, and refractory ones, go out.
fn write_sample(at: u32, thread: u32) {
    for (var i = thread; i < TOTAL_BINS; i += WORKGROUP) {
        output[at + i] = bitcast<u32>(state[COUNTS + i]);
    }
    for (var q = thread; q < POPULATIONS; q += WORKGROUP) {
        output[at + TOTAL_BINS + q] = bitcast<u32>(state[REFRACTORY + q]);
    }
}

/// State of the trajectory into workgroup memory.
fn load(trajectory: u32, thread: u32) {
    for (var entry = thread; entry < HELD; entry += WORKGROUP) {
        state[entry] = states[trajectory * STATE + entry];
    }
    for (var q = thread; q < POPULATIONS; q += WORKGROUP) {
        begin_reach(q);
    }
    if thread == 0u {
        atomicStore(&unsound, 0u);
    }
}

/// And back; a number that is not finite, whose exponent is all ones, marks the trajectory.
fn store(trajectory: u32, thread: u32) {
    for (var entry = thread; entry < HELD; entry += WORKGROUP) {
        let number = state[entry];
        states[trajectory * STATE + entry] = number;
        if (bitcast<u32>(number) & 0x7f800000u) == 0x7f800000u {
            atomicStore(&unsound, 1u);
        }
    }
}
