//! One member's statistics while it runs: counts in, a row of `members.parquet` out.

use super::analysis::Analysis;
use super::attractor::AttractorCounts;
use super::choice::ChoiceCounts;
use super::hash::Fnv1a;
use super::histogram::Histogram;
use super::intervals::Intervals;
use super::layout::Layout;
use super::plan::StatisticsPlan;
use super::psth::PsthCounts;
use super::regime::Regime;
use super::rhythm::RhythmSums;
use super::sampled::Sampled;
use super::scratch::StatisticsScratch;
use super::span::Span;
use super::table::Ended;
use super::window::{WindowCounts, WindowPlan};
use serde::{Deserialize, Serialize};

/// The state of a member's statistics; [`StatisticsPlan`] holds what members share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Accumulator {
    /// Steps seen since t = 0, the transient included.
    step: u64,
    hash: Fnv1a,
    whole: WindowCounts,
    windows: Vec<WindowCounts>,
    sampled: Vec<Sampled>,
    attractor: Option<AttractorCounts>,
    choice: Option<ChoiceCounts>,
    psth: Option<PsthCounts>,
    rhythms: Vec<RhythmSums>,
    regime: Option<Regime>,
}

/// Sums of a population's state over sampling times ([`StatisticsPlan::samples`]).
///
/// Whole numbers may come summed over any number of times; real ones (`dsode`) one time each, so that chunks do not
/// change the rounding.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// Number of sampling times.
    pub times: u64,
    /// Non-refractory neurons per bin of [`super::PopulationLayout::voltage`].
    pub voltage: &'a [f64],
    /// Refractory neurons.
    pub refractory: f64,
}

/// What is left of a member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MemberStatistics {
    /// In the order of [`StatisticsPlan::columns`], then again for every one of [`super::Analysis::windows`]; `None` where undefined, as
    /// in a window what is not read from its spike counts.
    pub values: Vec<Option<f64>>,
    /// Spikes in the window, per population.
    pub spikes: Vec<f64>,
    /// FNV-1a over the u32 counts of every population and step from t = 0 on; whole counts only.
    pub spike_hash: Option<u64>,
    /// FNV-1a over the f64 counts of every population and step from t = 0 on; real counts only.
    pub rate_hash: Option<u64>,
    /// Population by population, then the joint ones; only of what was recorded.
    pub histograms: Vec<Histogram>,
}

impl Accumulator {
    /// A member at t = 0.
    pub fn new(plan: &StatisticsPlan) -> Accumulator {
        let (analysis, populations) = (&plan.layout.analysis, plan.layout.populations.len());
        Accumulator {
            step: 0,
            hash: Fnv1a::default(),
            whole: WindowCounts::new(&plan.whole),
            windows: plan.windows.iter().map(WindowCounts::new).collect(),
            sampled: plan.layout.populations.iter().map(Sampled::new).collect(),
            attractor: plan.layout.joint.then(|| AttractorCounts::new(plan.joint_rate, populations)),
            choice: analysis.choice.as_ref().map(ChoiceCounts::new),
            psth: analysis.psth.map(|psth| PsthCounts::new(&psth, plan.layout.dt, populations)),
            rhythms: vec![RhythmSums::default(); populations],
            regime: None,
        }
    }

    /// Steps seen since t = 0.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// Hash of the counts so far, see [`MemberStatistics::spike_hash`].
    pub fn hash(&self) -> u64 {
        self.hash.0
    }

    /// Takes the spike counts of the next steps: `counts[step * populations + population]`, from t = 0 on without gaps.
    /// Steps beyond the window's end are ignored.
    ///
    /// Panics if `counts` does not hold whole steps.
    pub fn feed<C: Copy + Into<f64>>(&mut self, plan: &StatisticsPlan, scratch: &mut StatisticsScratch, counts: &[C]) {
        let stride = self.sampled.len();
        assert!(counts.len().is_multiple_of(stride), "{} counts of {stride} populations", counts.len());
        let steps = ((counts.len() / stride) as u64).min(plan.whole.span.last.saturating_sub(self.step));
        let counts = &counts[..steps as usize * stride];
        self.hash_counts(plan.layout.whole_counts, counts);

        self.whole.feed(&plan.whole, scratch, self.step, counts);
        for (window, plan) in self.windows.iter_mut().zip(&plan.windows) {
            window.feed(plan, scratch, self.step, counts);
        }
        self.feed_responses(&plan.layout, plan.whole.span, counts);
        self.step += steps;
        if let (Some(axis), Some(attractor), [first, second, ..]) =
            (plan.joint_rate, &mut self.attractor, &mut self.whole.populations[..])
        {
            attractor.add_rates(axis, &first.joint, &second.joint);
            first.joint.clear();
            second.joint.clear();
        }
    }

    /// What a stimulus does.
    fn feed_responses<C: Copy + Into<f64>>(&mut self, layout: &Layout, span: Span, counts: &[C]) {
        let (dt, stride) = (layout.dt, self.sampled.len());
        if let (Some(state), Some(choice)) = (&mut self.choice, &layout.analysis.choice) {
            state.feed(choice, dt, self.step, stride, counts);
        }
        if let (Some(state), Some(psth)) = (&mut self.psth, &layout.analysis.psth) {
            state.feed(psth, dt, self.step, counts);
        }
        let (step, counts) = span.cut(self.step, stride, counts);
        for (pop, (state, population)) in self.rhythms.iter_mut().zip(&layout.populations).enumerate() {
            if let Some(rhythm) = population.rhythm {
                let counts = counts.iter().skip(pop).step_by(stride).map(|&count| count.into());
                state.feed(rhythm, dt, span, step, counts);
            }
        }
    }

    fn hash_counts<C: Copy + Into<f64>>(&mut self, whole: bool, counts: &[C]) {
        let mut hash = self.hash;
        for &count in counts {
            let count: f64 = count.into();
            if whole { hash.write_u32(count as u32) } else { hash.write_f64(count) }
        }
        self.hash = hash;
    }

    /// Adds interspike intervals of a population, at once or in parts.
    pub fn add_intervals(&mut self, population: usize, intervals: &Intervals) {
        self.whole.populations[population].intervals.merge(intervals);
    }

    /// Adds samples of a population's voltages; without effect where voltages are not recorded.
    ///
    /// Panics if the number of bins is not the layout's.
    pub fn add_sample(&mut self, population: usize, sample: &Sample) {
        let sampled = &mut self.sampled[population];
        if sampled.voltage.is_empty() {
            return;
        }
        assert_eq!(sampled.voltage.len(), sample.voltage.len(), "voltage bins of population {population}");
        sampled.samples += sample.times;
        sampled.refractory += sample.refractory;
        for (sum, count) in sampled.voltage.iter_mut().zip(sample.voltage) {
            *sum += count;
        }
    }

    /// Adds a sample of a population's neurons in the lowest bin of `dsode`; without effect where none are pulled below it.
    pub fn add_bottom(&mut self, plan: &StatisticsPlan, population: usize, count: f64) {
        if plan.layout.populations[population].bottomless {
            self.sampled[population].add_bottom(count);
        }
    }

    /// Adds the mean excitatory and inhibitory kick counts of a population's neurons at one sampling time; without effect
    /// where the attractor is not recorded.
    pub fn add_kicks(&mut self, plan: &StatisticsPlan, population: usize, excitatory: f64, inhibitory: f64) {
        if let Some(attractor) = &mut self.attractor {
            attractor.add_kicks(&plan.layout.populations[population], population, excitatory, inhibitory);
        }
    }

    /// Sets what the trajectory was found to do.
    pub fn set_regime(&mut self, regime: Regime) {
        self.regime = Some(regime);
    }

    /// The statistics of what was seen so far.
    pub fn finish(&self, plan: &StatisticsPlan) -> MemberStatistics {
        let Analysis { psd_band: band, choice, psth, .. } = &plan.layout.analysis;
        let populations = &plan.layout.populations;
        let size = |pop: usize| populations[pop].size;
        let ended = in_window(&self.whole, &plan.whole, *band).enumerate().map(|(pop, counts)| Ended {
            occupation: self.sampled[pop].occupation(size(pop)),
            bottom: self.sampled[pop].bottom_share(size(pop)),
            kicks: self.attractor.as_ref().and_then(|attractor| attractor.mean_kicks(pop)),
            choice: self.choice.as_ref().zip(choice.as_ref()).and_then(|(counts, choice)| counts.of(choice, pop, size)),
            rhythm: self.rhythms[pop].mean(),
            regime: self.regime,
            ..counts
        });
        let ended: Vec<Ended> = ended.collect();
        let mut histograms = Vec::new();
        for (pop, of) in ended.iter().enumerate() {
            histograms.extend(of.counts.histograms(pop, band[1]));
            histograms.extend(self.sampled[pop].histogram(pop, populations[pop].voltage));
            let psth = self.psth.as_ref().zip(psth.as_ref());
            histograms.extend(psth.map(|(counts, psth)| counts.histogram(psth, plan.layout.dt, pop, size(pop))));
        }
        let windows =
            self.windows.iter().zip(&plan.windows).map(|(counts, plan)| in_window(counts, plan, *band).collect());
        let windows: Vec<Vec<Ended>> = windows.collect();
        let everywhere = std::iter::once(&ended).chain(&windows);
        histograms
            .extend(self.attractor.iter().flat_map(|attractor| attractor.histograms(plan.joint_rate, &plan.layout)));
        let whole = plan.layout.whole_counts;
        MemberStatistics {
            values: everywhere.flat_map(|of| plan.columns.iter().map(|column| column.value(of))).collect(),
            spikes: self.whole.populations.iter().map(|pop| pop.spikes.total()).collect(),
            spike_hash: whole.then_some(self.hash.0),
            rate_hash: (!whole).then_some(self.hash.0),
            histograms,
        }
    }
}

/// What is read from the spike counts of a window alone.
fn in_window<'a>(
    counts: &'a WindowCounts,
    plan: &'a WindowPlan,
    band: [f64; 2],
) -> impl Iterator<Item = Ended<'a>> + use<'a> {
    let populations = counts.populations.iter().zip(&plan.populations);
    populations.map(move |(state, population)| Ended {
        counts: state.counted(population, plan.welch.as_deref(), band),
        states: state.visited(population),
        occupation: None,
        bottom: None,
        kicks: None,
        choice: None,
        rhythm: None,
        regime: None,
    })
}
