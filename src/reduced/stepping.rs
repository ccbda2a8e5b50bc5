//! Many steps of one trajectory, and what goes out of them: spikes of every step, kick means and voltages every so often.

use super::dsode::Dsode;
use super::real::Real;
use super::shape::DsodeShape;
use bytemuck::{Pod, Zeroable};

/// Header of the device's output: steps done, and 1 if the trajectory is unsound.
pub const HEADER: u32 = 2;

/// Steps that trajectories do in one go.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct DsodeDispatch {
    pub first_step: u32,
    pub steps: u32,
    pub trajectories: u32,
    /// Rows of the drive table per trajectory: one per step, or 1 where the drive is constant.
    pub drive_rows: u32,
    /// Steps between kick means, and between voltages; longer than the run where none are wanted.
    pub row_every: u32,
    pub sample_every: u32,
    /// Words of output per trajectory.
    pub output_stride: u32,
    /// Workgroups per row of the grid.
    pub row: u32,
}

impl DsodeDispatch {
    /// `steps` from `first_step`; counts and strides are for the device that lays out the batch.
    pub fn new(first_step: u32, steps: u32, row_every: u32, sample_every: u32) -> DsodeDispatch {
        DsodeDispatch { first_step, steps, row_every, sample_every, ..DsodeDispatch::zeroed() }
    }

    /// Step after the last.
    pub fn end(&self) -> u32 {
        self.first_step + self.steps
    }

    /// Numbers that go out per trajectory: spikes, kick means, voltages.
    pub fn numbers(&self, shape: &DsodeShape) -> [usize; 3] {
        let due = |every: u32| self.end() / every - self.first_step / every;
        self.sizes(shape, due(self.row_every), due(self.sample_every))
    }

    /// The most that go out in a run as long as this one, wherever it begins.
    pub fn most_numbers(&self, shape: &DsodeShape) -> [usize; 3] {
        self.sizes(shape, self.steps.div_ceil(self.row_every), self.steps.div_ceil(self.sample_every))
    }

    fn sizes(&self, shape: &DsodeShape, rows: u32, samples: u32) -> [usize; 3] {
        let sample = shape.total_bins() + shape.populations();
        [self.steps as usize * shape.populations(), rows as usize * shape.projections.len(), samples as usize * sample]
    }
}

/// What one trajectory put out in a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DsodeOutput<T> {
    /// Neurons were lost beyond rounding, or a number is not finite.
    pub unsound: bool,
    /// (step, population): neurons that fired.
    pub spikes: Vec<T>,
    /// (row, projection): mean kick counts after steps that are multiples of `row_every`.
    pub kicks: Vec<T>,
    /// (sample, entry): neurons in each bin of all populations, then refractory ones of each, after multiples of
    /// `sample_every`.
    pub samples: Vec<T>,
}

impl DsodeOutput<f32> {
    /// From the device's words.
    pub fn read(run: &DsodeDispatch, shape: &DsodeShape, words: &[u32]) -> DsodeOutput<f32> {
        let (header, mut rest) = words.split_at(HEADER as usize);
        let [spikes, kicks, samples] = run.numbers(shape).map(|count| {
            let (own, after) = rest.split_at(count);
            rest = after;
            bytemuck::cast_slice(own).to_vec()
        });
        DsodeOutput { unsound: header[1] != 0, spikes, kicks, samples }
    }
}

/// Runs a trajectory, which is at `run.first_step`; `seen` is shown it after every step.
pub fn stepping<T: Real>(model: &mut Dsode<T>, run: &DsodeDispatch, mut seen: impl FnMut(&Dsode<T>)) -> DsodeOutput<T> {
    let numbers = run.numbers(model.shape());
    let [spikes, kicks, samples] = numbers.map(Vec::with_capacity);
    let mut output = DsodeOutput { unsound: false, spikes, kicks, samples };
    for step in run.first_step..run.end() {
        output.spikes.extend_from_slice(model.step());
        seen(model);
        if (step + 1).is_multiple_of(run.row_every) {
            output.kicks.extend_from_slice(model.fields().kick_mean);
        }
        if (step + 1).is_multiple_of(run.sample_every) {
            let fields = model.fields();
            output.samples.extend_from_slice(fields.counts);
            output.samples.extend_from_slice(fields.refractory);
        }
    }
    output.unsound = !model.is_sound();
    output
}
