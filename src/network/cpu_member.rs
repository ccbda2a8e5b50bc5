//! A member on the CPU, stepped at will: in a run, and as what a GPU's member is compared with.

use super::arithmetic::RangeError;
use super::chunk::Context;
use super::dispatch::NetworkDispatch;
use super::member::{NetworkOutput, add_wide};
use super::shape::{Model, NetworkShape};
use super::state::Units;
use super::stepping::{INTERVAL_WORDS, NetworkMember};
use super::tables::{PointParameters, Tables};
use super::wiring::Wiring;
use crate::model::bins::counts;
use crate::model::{Bins, Network};
use std::sync::Arc;

/// Steps between looks at a member, unless said otherwise.
pub const DISPATCH_STEPS: u32 = 500;
/// Neurons of a network whose words of sources are soon looked through.
const SMALL: u32 = 2048;

/// What members share.
#[derive(Clone, Copy)]
pub struct MemberSetup<'a> {
    pub network: &'a Network,
    pub model: Model,
    /// Of each population's voltage histogram.
    pub bins: &'a [Bins],
    pub steps: u32,
    /// Steps of the transient, and between samples.
    pub discard_steps: u32,
    pub sample_every: u32,
}

impl MemberSetup<'_> {
    /// Voltage bins of each population.
    pub fn bin_counts(&self) -> Vec<u32> {
        counts(self.network, self.bins)
    }
}

/// How the work on the CPU is cut up; results do not depend on it.
#[derive(Clone, Copy, Debug)]
pub struct CpuSplit {
    /// Steps between two looks at the outputs.
    pub dispatch_steps: u32,
    /// Share the steps of a large network out over threads.
    pub threads: bool,
    /// How a quenched graph is kept; `None`: by its size.
    pub wiring: Option<Wiring>,
}

impl Default for CpuSplit {
    fn default() -> Self {
        CpuSplit { dispatch_steps: DISPATCH_STEPS, threads: false, wiring: None }
    }
}

/// A network's integer parameters and tables, as members on the CPU read them.
pub struct PreparedNetwork {
    pub shape: NetworkShape,
    /// What the words of a state stand for.
    pub units: Units,
    pub point: PointParameters,
    tables: Tables,
    /// The tables without rows of a drive.
    words: Vec<u32>,
    bins: Vec<u32>,
    discard_steps: u32,
    sample_every: u32,
}

impl PreparedNetwork {
    /// For members that are stepped in dispatches of at most `dispatch_steps` steps.
    pub fn new(case: &MemberSetup, dispatch_steps: u32) -> Result<PreparedNetwork, RangeError> {
        let mut tables = Tables::new(dispatch_steps);
        let point = tables.place(case.network, case.model, case.bins)?;
        let shape = NetworkShape::new(case.network, case.model);
        Ok(PreparedNetwork {
            units: Units::new(case.network, &shape, case.bins)?,
            shape,
            point,
            words: tables.with_rows(&[]),
            tables,
            bins: case.bin_counts(),
            discard_steps: case.discard_steps,
            sample_every: case.sample_every,
        })
    }
}

/// One member.
pub struct CpuMember {
    placed: Arc<PreparedNetwork>,
    key: [u32; 4],
    cut: CpuSplit,
    step: u32,
    /// A state to begin from in place of that at time 0.
    restored: Option<Vec<u32>>,
    member: Option<NetworkMember>,
}

impl CpuMember {
    /// At time 0.
    pub fn new(case: &MemberSetup, key: [u32; 4], cut: CpuSplit) -> Result<CpuMember, RangeError> {
        Ok(CpuMember::of(Arc::new(PreparedNetwork::new(case, cut.dispatch_steps)?), key, cut))
    }

    /// The same of a network that other members share; dispatches may not be longer than it was placed for.
    pub fn of(placed: Arc<PreparedNetwork>, key: [u32; 4], cut: CpuSplit) -> CpuMember {
        CpuMember { placed, key, cut, step: 0, restored: None, member: None }
    }

    /// Goes on from a state after `step` steps.
    pub fn restore(&mut self, step: u32, words: &[u32]) {
        (self.step, self.restored, self.member) = (step, Some(words.to_vec()), None);
    }

    /// Steps since time 0.
    pub fn step(&self) -> u32 {
        self.step
    }

    pub fn shape(&self) -> &NetworkShape {
        &self.placed.shape
    }

    /// The neurons; `None` before the first dispatch.
    pub fn member(&self) -> Option<&NetworkMember> {
        self.member.as_ref()
    }

    pub fn units(&self) -> &Units {
        &self.placed.units
    }

    pub fn point(&self) -> &PointParameters {
        &self.placed.point
    }

    /// The state as words; `None` before the first step.
    pub fn words(&self) -> Option<Vec<u32>> {
        self.member.as_ref().map(|member| member.words(&self.placed.shape))
    }

    /// The next steps up to step `end`, a dispatch at most; `each` sees the member after every step. Without any, prepares the member.
    pub fn dispatch(&mut self, end: u32, mut each: impl FnMut(&Context, u32, &NetworkMember)) -> NetworkOutput {
        let PreparedNetwork { shape, point, tables, words, .. } = &*self.placed;
        let steps = self.cut.dispatch_steps.min(end - self.step);
        let (drive, rows) = tables.drive(self.step, steps);
        let with_rows = (!rows.is_empty()).then(|| tables.with_rows(&rows));
        let context = Context {
            shape,
            populations: &point.populations,
            projections: &point.projections,
            tables: with_rows.as_ref().unwrap_or(words),
            normal: tables.normal,
            drive: &drive,
            key: self.key,
            dispatch: NetworkDispatch::new(self.step, steps, self.placed.discard_steps, self.placed.sample_every),
            bins: &self.placed.bins,
        };
        let member = self.member.get_or_insert_with(|| {
            let wiring = self.cut.wiring.unwrap_or_else(|| Wiring::new(shape, shape.neurons() <= SMALL));
            let mut member = NetworkMember::new(&context, wiring);
            if let Some(words) = self.restored.take() {
                member.restore(shape, &words);
            }
            member
        });
        self.step += steps;
        member.stepping(&context, self.cut.threads, |step, member| each(&context, step, member))
    }

    /// The next `steps` steps in dispatches. Fewer steps after a flag was raised.
    pub fn dispatches(
        &mut self,
        steps: u32,
        mut each: impl FnMut(&Context, u32, &NetworkMember),
    ) -> Vec<NetworkOutput> {
        let end = self.step + steps;
        let mut outputs: Vec<NetworkOutput> = Vec::new();
        while self.step < end && outputs.last().is_none_or(|output| output.flags == 0) {
            outputs.push(self.dispatch(end, &mut each));
        }
        outputs
    }

    /// The next `steps` steps as one output.
    pub fn run(&mut self, steps: u32) -> NetworkOutput {
        joined(&self.dispatches(steps, |_, _, _| {}))
    }
}

/// One output of many: counts and samples appended, histograms and intervals added, flags united.
pub fn joined(outputs: &[NetworkOutput]) -> NetworkOutput {
    let Some((first, rest)) = outputs.split_first() else { return NetworkOutput::default() };
    let mut all = first.clone();
    for output in rest {
        all.steps += output.steps;
        all.flags |= output.flags;
        all.counts.extend(&output.counts);
        all.samples.extend(&output.samples);
        all.voltage.iter_mut().zip(&output.voltage).for_each(|(sum, x)| *sum += x);
        // Number, then sum and sum of squares as pairs of words.
        for (sum, x) in all.intervals.chunks_mut(INTERVAL_WORDS).zip(output.intervals.chunks(INTERVAL_WORDS)) {
            sum[0] += x[0];
            add_wide(&mut sum[1..3], x[1], x[2]);
            add_wide(&mut sum[3..5], x[3], x[4]);
        }
    }
    all
}
