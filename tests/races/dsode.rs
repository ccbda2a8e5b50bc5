//! Kernels of `dsode`, with the numbers that a run gives them.

use super::kernel::{Case, Kernel, words};
use snn_ensemble::model::*;
use snn_ensemble::reduced::gpu::TrajectoryNumbers;
use snn_ensemble::reduced::layout::TrajectoryLayout;
use snn_ensemble::reduced::prelude::compose;
use snn_ensemble::reduced::stepping::{DsodeDispatch, DsodeOutput, HEADER, stepping};
use snn_ensemble::reduced::{Dsode, ShapeError};

/// Steps of a dispatch: some with a row of kick means or a sample, the last one without.
const STEPS: u32 = 9;
/// Of which two share a workgroup where kernels take two.
const TRAJECTORIES: usize = 3;

/// Trajectories on their way.
pub struct Trajectories {
    name: String,
    start: Dsode<f32>,
    layout: TrajectoryLayout,
}

impl Trajectories {
    /// After `before` steps; `None` where the model does not have the network's options.
    pub fn new(name: &str, network: &Network, variant: &Variant, before: u32, slots: usize) -> Option<Self> {
        let mut start = match Dsode::<f32>::new(network, variant, [4, 3, 2, 1]) {
            Err(ShapeError::Rise { .. }) => return None,
            start => start.expect("a dsode"),
        };
        (0..before).for_each(|_| {
            start.step();
        });
        let layout = TrajectoryLayout::with_most(start.shape(), 1 << 16, 256, slots, 2).expect("fits");
        let bins = start.shape().total_bins();
        let name = format!("{name}, {}, {bins} bins, {slots} slots", variant.label());
        Some(Trajectories { name, start, layout })
    }
}

impl Case for Trajectories {
    fn name(&self) -> &str {
        &self.name
    }

    fn sources(&self) -> Vec<String> {
        vec![compose(self.start.shape(), &self.layout)]
    }

    fn run(&self, sources: &[String], seed: u64) -> Vec<String> {
        let (shape, first) = (self.start.shape(), self.start.state().step);
        let run = DsodeDispatch::new(first, STEPS, 4, 6);
        let stride = HEADER as usize + run.numbers(shape).iter().sum::<usize>();
        let vary = self.start.drives().vary();
        let rows = if vary { STEPS } else { 1 };
        let workgroups = TRAJECTORIES.div_ceil(self.layout.together) as u32;
        let told = DsodeDispatch {
            trajectories: TRAJECTORIES as u32,
            drive_rows: rows,
            output_stride: stride as u32,
            row: workgroups,
            ..run
        };
        let numbers = TrajectoryNumbers::new(&vec![self.start.clone(); TRAJECTORIES]);
        let drive: Vec<[f32; 2]> = self.start.drives().rows(first, rows).collect();
        let mut buffers = [
            words(&[told]),
            words(&numbers.populations),
            words(&numbers.projections),
            numbers.keys,
            words(&drive.repeat(TRAJECTORIES)),
            words(&numbers.states),
            vec![0; TRAJECTORIES * stride],
            words(&numbers.flows),
        ];
        let mut found =
            Kernel { source: &sources[0], entry: "stepping", grid: [workgroups, 1] }.run(&mut buffers, seed);
        if found.is_empty() {
            let expected = stepping(&mut self.start.clone(), &run, |_| ());
            assert!(!expected.unsound && expected.spikes.iter().sum::<f32>() > 1.0, "{} does not fire", self.name);
            for output in buffers[6].chunks(stride) {
                let output = DsodeOutput::read(&run, shape, output);
                let pairs = [(&output.spikes, &expected.spikes), (&output.samples, &expected.samples)];
                let mut numbers = pairs.into_iter().flat_map(|(a, b)| a.iter().zip(b)).enumerate();
                // Neurons, of up to 400: rounding in nine steps of a burst, which drives trajectories apart.
                if let Some((i, (a, b))) = numbers.find(|(_, (a, b))| (*a - *b).abs() > 1e-2) {
                    found.push(format!("number {i} is {a}, on the CPU {b}"));
                }
                if output.unsound != expected.unsound {
                    found.push("one is unsound".into());
                }
            }
        }
        found
    }
}
