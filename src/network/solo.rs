//! A member on the CPU outside any run, stepped at will: what a GPU's member is compared with.

use super::arithmetic::{Bins, RangeError};
use super::member::{Context, Dispatch, Output, add_wide};
use super::shape::{Model, Shape};
use super::stepping::{INTERVAL_WORDS, Member};
use super::tables::{PointParameters, Tables};
use super::wiring::wiring_stored;
use crate::model::Network;

/// What members share.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    pub network: &'a Network,
    pub model: Model,
    /// Of the voltage histograms.
    pub bins: Bins,
    pub steps: u32,
    /// Steps of the transient, and between samples.
    pub window: u32,
    pub sample_every: u32,
}

impl Case<'_> {
    /// Voltage bins of each population.
    pub fn bin_counts(&self) -> Vec<u32> {
        self.network.populations.iter().map(|p| self.bins.count(p.v_th)).collect()
    }
}

/// How the work on the CPU is cut up; results do not depend on it.
#[derive(Clone, Copy, Debug)]
pub struct CpuCut {
    /// Steps between two looks at the outputs.
    pub piece: u32,
    /// Share the steps of a large network out over threads.
    pub threads: bool,
    /// Keep a quenched graph, or draw it again at each spike; `None`: by its size.
    pub stored_wiring: Option<bool>,
}

impl Default for CpuCut {
    fn default() -> Self {
        CpuCut { piece: 500, threads: false, stored_wiring: None }
    }
}

pub struct Solo {
    pub shape: Shape,
    pub point: PointParameters,
    tables: Tables,
    /// The tables as the CPU reads them, without rows of a drive.
    words: Vec<u32>,
    bins: Vec<u32>,
    key: [u32; 4],
    window: u32,
    sample_every: u32,
    cut: CpuCut,
    step: u32,
    /// A state to begin from in place of that at time 0.
    restored: Option<Vec<u32>>,
    member: Option<Member>,
}

impl Solo {
    /// At time 0.
    pub fn new(case: &Case, key: [u32; 4], cut: CpuCut) -> Result<Solo, RangeError> {
        let mut tables = Tables::new(cut.piece);
        let point = tables.place(case.network, case.model, case.bins)?;
        Ok(Solo {
            shape: Shape::new(case.network, case.model),
            point,
            words: tables.with_rows(&[]),
            tables,
            bins: case.bin_counts(),
            key,
            window: case.window,
            sample_every: case.sample_every,
            cut,
            step: 0,
            restored: None,
            member: None,
        })
    }

    /// Goes on from a state after `step` steps.
    pub fn restore(&mut self, step: u32, words: &[u32]) {
        (self.step, self.restored, self.member) = (step, Some(words.to_vec()), None);
    }

    /// The state as words; `None` before the first step.
    pub fn words(&self) -> Option<Vec<u32>> {
        self.member.as_ref().map(|member| member.words(&self.shape))
    }

    /// The next `steps` steps in pieces; `each` sees the member after every step. Fewer steps after a flag was raised.
    pub fn pieces(&mut self, steps: u32, mut each: impl FnMut(&Context, u32, &Member)) -> Vec<Output> {
        let end = self.step + steps;
        let mut outputs: Vec<Output> = Vec::new();
        while self.step < end && outputs.last().is_none_or(|output| output.flags == 0) {
            let piece = self.cut.piece.min(end - self.step);
            let (drive, rows) = self.tables.drive(self.step, piece);
            let with_rows = (!rows.is_empty()).then(|| self.tables.with_rows(&rows));
            let context = Context {
                shape: &self.shape,
                populations: &self.point.populations,
                projections: &self.point.projections,
                tables: with_rows.as_ref().unwrap_or(&self.words),
                normal: self.tables.normal,
                drive: &drive,
                key: self.key,
                dispatch: Dispatch::new(self.step, piece, self.window, self.sample_every),
                bins: &self.bins,
            };
            let member = self.member.get_or_insert_with(|| {
                let stored = self.cut.stored_wiring.unwrap_or_else(|| wiring_stored(&self.shape));
                let mut member = Member::new(&context, stored);
                if let Some(words) = &self.restored {
                    member.restore(&self.shape, words);
                }
                member
            });
            outputs.push(member.stepping(&context, self.cut.threads, |step, member| each(&context, step, member)));
            self.step += piece;
        }
        outputs
    }

    /// The next `steps` steps as one output.
    pub fn stretch(&mut self, steps: u32) -> Output {
        joined(&self.pieces(steps, |_, _, _| {}))
    }
}

/// One output of many: counts and samples appended, histograms and intervals added, flags united.
pub fn joined(outputs: &[Output]) -> Output {
    let Some((first, rest)) = outputs.split_first() else { return Output::default() };
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
