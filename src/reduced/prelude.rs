//! The `dsode` kernel of a shape: a prelude of constants, then the shader files as they are.

use super::shape::DsodeShape;
use super::state::State;
use std::fmt::Write;

/// The files that the kernel is made of, in order.
const FILES: [&str; 11] = [
    include_str!("../../shaders/random/threefry.wgsl"),
    include_str!("../../shaders/reduced/elementary.wgsl"),
    include_str!("../../shaders/reduced/normal.wgsl"),
    include_str!("../../shaders/reduced/transition.wgsl"),
    include_str!("../../shaders/reduced/moments.wgsl"),
    include_str!("../../shaders/reduced/closure.wgsl"),
    include_str!("../../shaders/reduced/noise.wgsl"),
    include_str!("../../shaders/reduced/dsode.wgsl"),
    include_str!("../../shaders/reduced/spread.wgsl"),
    include_str!("../../shaders/reduced/settle.wgsl"),
    include_str!("../../shaders/reduced/stepping.wgsl"),
];
/// Invocations of a workgroup are a multiple of this where the device allows it.
const SUBGROUP: usize = 32;
/// More invocations than this only wait for each other.
const WORKGROUP_MAX: usize = 256;
/// Destinations per source and pass that are kept in workgroup memory: more than a window of 6 standard deviations reaches
/// in the example network, few enough that many workgroups are resident.
const SLOTS_WANTED: usize = 10;

/// A shape has no kernel on a device.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "{bins} voltage bins need {needed} bytes of workgroup memory, the device allows {allowed}; \
     use wider bins (`bin`) or the CPU backend"
)]
pub struct KernelError {
    pub bins: usize,
    pub needed: usize,
    pub allowed: usize,
}

/// How a shape is laid out over the invocations and the workgroup memory of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrajectoryLayout {
    /// Invocations per trajectory.
    pub workgroup: usize,
    /// Destinations per source and pass.
    pub slots: usize,
    /// Passes that the widest window would take.
    pub passes: usize,
    /// Bytes of workgroup memory.
    pub memory: usize,
    /// f32 numbers of state per trajectory.
    pub state: usize,
    /// Loop iterations of one invocation in one step, at most, but for binomial draws: those seldom take more than 60.
    pub iterations: usize,
}

impl TrajectoryLayout {
    /// The layout of `shape` on a device with `memory` bytes of workgroup memory and workgroups of `invocations`.
    pub fn new(shape: &DsodeShape, memory: usize, invocations: usize) -> Result<Self, KernelError> {
        let bins = shape.total_bins();
        let widest = shape.bins.iter().copied().max().unwrap_or(1);
        let (populations, projections) = (shape.populations(), shape.projections.len().max(1));
        let averages = if shape.coloured { bins } else { 1 };
        let fixed = 7 * bins + 5 * shape.drifts().max(1) + 2 * averages + 3 * populations + 5 * projections + 2;
        let per_slot = 2 * bins;
        let needed = 4 * (fixed + per_slot);
        if needed > memory {
            return Err(KernelError { bins, needed, allowed: memory });
        }
        let slots = ((memory / 4 - fixed) / per_slot).min(SLOTS_WANTED).min(widest);
        let items = bins + populations;
        let workgroup = items.next_multiple_of(SUBGROUP).min(WORKGROUP_MAX).min(invocations);
        let rounds = items.div_ceil(workgroup);
        let incoming =
            (0..populations).map(|q| shape.projections.iter().filter(|p| p.0 == q).count()).max().unwrap_or(0);
        let per_bin = widest * if shape.coloured { 1 + incoming } else { 1 };
        let draws = if shape.finite_size { 4 * widest + 60 } else { 0 };
        let once = 4 * widest + 3 * projections + populations + 8 * (incoming + rounds);
        Ok(TrajectoryLayout {
            workgroup,
            slots,
            passes: widest.div_ceil(slots),
            memory: 4 * (fixed + slots * per_slot),
            state: offsets(shape).last().expect("a state has entries").1,
            iterations: once + rounds * (2 * per_bin + 3 * incoming + populations + draws),
        })
    }
}

/// First entry of every part of a trajectory's state, and past the last.
fn offsets(shape: &DsodeShape) -> Vec<(&'static str, usize)> {
    let (bins, populations, projections) = (shape.total_bins(), shape.populations(), shape.projections.len());
    let delayed_drifts = if shape.coloured { projections * shape.delay } else { 0 };
    let parts = [
        ("COUNTS", bins),
        ("MOMENTS", bins),
        ("DRIFT_MOMENTS", shape.drifts()),
        ("REFRACTORY", populations),
        ("FIRED", populations),
        ("ADAPTATION", populations),
        ("KICK_MEAN", projections),
        ("KICK_VARIANCE", projections),
        ("REFRACTORY_DRIFT", projections),
        ("DELAYED", populations * shape.delay),
        ("DELAYED_DRIFT", delayed_drifts),
        ("STATE", 0),
    ];
    parts
        .iter()
        .scan(0, |next, &(name, size)| {
            let first = *next;
            *next += size;
            Some((name, first))
        })
        .collect()
}

/// The state's numbers in the order of the prelude's offsets.
pub fn flatten(state: &State<f32>) -> Vec<f32> {
    state.parts().into_iter().flatten().copied().collect()
}

/// The reverse of [`flatten`]; step and status come from elsewhere.
pub fn unflatten(shape: &DsodeShape, numbers: &[f32]) -> State<f32> {
    let mut state = State::empty(shape);
    let mut rest = numbers;
    for part in state.parts_mut() {
        let (own, after) = rest.split_at(part.len());
        part.copy_from_slice(own);
        rest = after;
    }
    state
}

/// The whole module.
pub fn compose(shape: &DsodeShape, layout: &TrajectoryLayout) -> String {
    let mut source = prelude(shape, layout);
    for file in FILES {
        source += file;
    }
    source
}

fn prelude(shape: &DsodeShape, layout: &TrajectoryLayout) -> String {
    let mut text = String::from("// Constants of one shape, generated.\n");
    let bins = shape.total_bins();
    let projections = shape.projections.len();
    let mut number =
        |name: &str, value: usize| writeln!(text, "const {name}: u32 = {value}u;").expect("writes to a string");
    number("WORKGROUP", layout.workgroup);
    number("SLOTS", layout.slots);
    number("PASSES", layout.passes);
    number("CONTRIBUTIONS", layout.slots * bins);
    number("POPULATIONS", shape.populations());
    number("TOTAL_BINS", bins);
    number("COUNT_PROJECTIONS", projections);
    // Sizes of arrays, which are never empty.
    number("PROJECTIONS", projections.max(1));
    number("DRIFTS", shape.drifts().max(1));
    number("AVERAGES", if shape.coloured { bins } else { 1 });
    number("DELAY", shape.delay);
    for (name, first) in offsets(shape) {
        number(name, first);
    }
    for (name, value) in [("COLOURED", shape.coloured), ("FINITE_SIZE", shape.finite_size)] {
        writeln!(text, "const {name}: bool = {value};").expect("writes to a string");
    }
    let incoming: Vec<Vec<usize>> =
        (0..shape.populations()).map(|q| (0..projections).filter(|&x| shape.projections[x].0 == q).collect()).collect();
    let mut starts = vec![0];
    for list in &incoming {
        starts.push(starts[starts.len() - 1] + list.len());
    }
    let mut numbers = |name: &str, values: Vec<usize>| {
        let values = if values.is_empty() { vec![0] } else { values };
        let list: Vec<String> = values.iter().map(|v| format!("{v}u")).collect();
        writeln!(text, "const {name} = array<u32, {}>({});", list.len(), list.join(", ")).expect("writes to a string");
    };
    numbers("BINS", shape.bins.clone());
    numbers("START", (0..shape.populations()).map(|q| shape.bins_of(q).start).collect());
    numbers("TARGET", shape.projections.iter().map(|p| p.0).collect());
    numbers("SOURCE", shape.projections.iter().map(|p| p.1).collect());
    numbers("OFFSET", (0..projections).map(|x| if shape.coloured { shape.drift_offset(x) } else { 0 }).collect());
    numbers("INCOMING", incoming.concat());
    numbers("INCOMING_START", starts);
    text
}
