//! Kernels of `snn` and `markov`, with the numbers that a run gives them.

use super::common::case;
use super::kernel::{Case, Kernel, words};
use bytemuck::Zeroable;
use snn_ensemble::gpu::compose::{self, Binomials};
use snn_ensemble::gpu::network::output_words;
use snn_ensemble::gpu::wiring;
use snn_ensemble::gpu::workgroup::WorkgroupLayout;
use snn_ensemble::model::Network;
use snn_ensemble::network::cpu_member::{CpuMember, CpuSplit, joined};
use snn_ensemble::network::dispatch::{MemberParameters, NetworkDispatch};
use snn_ensemble::network::member::{COUNT_LARGE, NetworkOutput};
use snn_ensemble::network::shape::{Model, NetworkShape};
use snn_ensemble::network::state::state_words;
use snn_ensemble::network::tables::Tables;

/// Steps of a dispatch: two with a sample, the last one without.
const STEPS: u32 = 22;
const KEYS: [[u32; 4]; 2] = [[1, 2, 3, 4], [5, 6, 7, 8]];

/// Members on their way.
pub struct Members {
    name: String,
    network: Network,
    model: Model,
    shape: NetworkShape,
    layout: WorkgroupLayout,
    before: u32,
}

impl Members {
    /// After `before` steps, each with `layout` of its shape.
    pub fn new(
        name: &str,
        network: Network,
        model: Model,
        before: u32,
        layout: impl Fn(&NetworkShape) -> WorkgroupLayout,
    ) -> Self {
        let shape = NetworkShape::new(&network, model);
        let layout = layout(&shape);
        let how = if layout.is_resident() { "registers" } else { "memory" };
        let name = format!("{name}, {model:?}, {} threads, state in {how}, {:?}", layout.workgroup, layout.wiring);
        Members { name, network, model, shape, layout, before }
    }
}

impl Case for Members {
    fn name(&self) -> &str {
        &self.name
    }

    /// The kernels of a dispatch: that without large binomials where there is one, and the one that does what is left.
    fn sources(&self) -> Vec<String> {
        let bins = case(&self.network, self.model, 0, 0).bin_counts();
        let common = self.layout.is_resident() && self.shape.ring == 1;
        let kinds = if common { vec![Binomials::Small, Binomials::All] } else { vec![Binomials::All] };
        kinds.into_iter().map(|kind| compose::network(&self.shape, &self.layout, &bins, kind)).collect()
    }

    fn run(&self, sources: &[String], seed: u64) -> Vec<String> {
        let Members { shape, layout, before, .. } = self;
        let setup = case(&self.network, self.model, before + STEPS, before + 3);
        let mut tables = Tables::new(STEPS);
        let point = tables.place(&self.network, self.model, setup.bins).expect("in range");
        let (drive, rows) = tables.drive(*before, STEPS);
        let steps = NetworkDispatch::new(*before, STEPS, setup.discard_steps, setup.sample_every);
        let most_bins = setup.bin_counts().into_iter().max().unwrap_or(0);
        let stride = output_words(shape, most_bins, STEPS, steps.samples) as usize;
        let state = state_words(shape) as usize;
        let members = KEYS.len() as u32;
        let told = |dispatch: NetworkDispatch| {
            words(&[NetworkDispatch {
                members,
                state_stride: state as u32,
                output_stride: stride as u32,
                row: members,
                ..dispatch
            }])
        };
        let mut projections = point.projections;
        if projections.is_empty() {
            projections.push(Zeroable::zeroed());
        }
        let wiring_words = wiring::words(layout.wiring, shape) as usize;
        let mut buffers = [
            told(NetworkDispatch::new(0, 0, 0, 1)),
            words(&point.populations),
            words(&projections),
            [tables.words, rows].concat(),
            words(&drive),
            words(&KEYS.map(|key| MemberParameters::new(key, 0))),
            vec![0; KEYS.len() * state],
            vec![0; KEYS.len() * stride],
            vec![0; (KEYS.len() * wiring_words).max(1)],
        ];
        let last = &sources[sources.len() - 1];
        let mut found = Kernel { source: last, entry: "initial", grid: [shape.neurons().div_ceil(64), members] }
            .run(&mut buffers, seed);
        if wiring_words > 0 {
            let in_a_row = wiring::tasks(layout.wiring, shape).div_ceil(64);
            found.extend(Kernel { source: last, entry: "wire", grid: [in_a_row, members] }.run(&mut buffers, seed));
        }
        let split = CpuSplit { dispatch_steps: STEPS, ..CpuSplit::default() };
        let mut twins = KEYS.map(|key| CpuMember::new(&setup, key, split).expect("in range"));
        for (twin, state) in twins.iter_mut().zip(buffers[6].chunks_mut(state)) {
            if *before > 0 {
                twin.run(*before);
                state.copy_from_slice(&twin.words().expect("it has begun"));
            }
        }
        buffers[0] = told(steps);
        for source in sources {
            found.extend(Kernel { source, entry: "stepping", grid: [members, 1] }.run(&mut buffers, seed));
        }
        if found.is_empty() {
            let outputs = buffers[7].chunks(stride).zip(buffers[6].chunks(state));
            for (twin, (output, state)) in twins.iter_mut().zip(outputs) {
                let expected = joined(&twin.dispatches(STEPS, |_, _, _| ()));
                assert!(expected.counts.iter().sum::<u32>() > 0, "{} does not fire", self.name);
                // That another kernel did it is no matter.
                let mut output = output.to_vec();
                output[1] &= !COUNT_LARGE;
                if output != sent(&expected) {
                    found.push("another output than the CPU's".into());
                }
                if state != twin.words().expect("it has begun") {
                    found.push("another state than the CPU's".into());
                }
            }
        }
        found
    }
}

/// In the layout of the device.
fn sent(output: &NetworkOutput) -> Vec<u32> {
    let NetworkOutput { steps, flags, counts, samples, voltage, intervals } = output;
    [&[*steps, *flags], &counts[..], samples, voltage, intervals].concat()
}
