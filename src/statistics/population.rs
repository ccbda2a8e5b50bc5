//! The accumulators of one population, fed one spike count per step of the window, and the statistics that are read from them.

use super::bursts::{BurstStatistics, Bursts};
use super::histogram::Histogram;
use super::history::{History, Line};
use super::intervals::Intervals;
use super::moments::{BlockMoments, Moments};
use super::population_plan::PopulationPlan;
use super::scratch::StatisticsScratch;
use super::spectrum;
use super::states::{States, Visited};
use super::statistic::Entry;
use super::statistic::Group::{More, Overview};
use super::sum::{MovingSums, Sum};
use super::welch::{self, Welch, WelchPlan};
use serde::{Deserialize, Serialize};

/// How a value is read.
type Value = fn(&Counted) -> Option<f64>;

/// The smoothed rate is defined where all steps of the moving average lie in the window.
#[rustfmt::skip]
pub static STATISTICS: [Entry<Value>; 15] = [
    Entry::new("rate", "Hz", Overview, |c| (c.time > 0.0).then(|| 1000.0 * c.of.spikes.total() / (c.plan.size * c.time)), "spikes per neuron and time"),
    Entry::new("rate_sd", "Hz", More, |c| c.smoothed.sd().map(|sd| sd * c.plan.rate_per_count), "standard deviation over time of the smoothed rate per neuron (moving average over the largest odd number of steps within 1 ms)"),
    Entry::new("fano", "1", More, |c| c.of.fano.factor(), "variance over mean of the spike counts in consecutive windows of 10 ms (of the whole steps in them) from the end of the transient"),
    Entry::new("cv_isi", "1", More, |c| c.of.intervals.cv(), "standard deviation over mean of all interspike intervals of all neurons (networks only); neurons of different rates make it larger than the mean of each one's, and intervals that do not end in the window are missed: of a Poisson train, whose CV is 1, it gives 0.94 with 5 spikes of each neuron in the window, 0.77 with one"),
    Entry::new("ssi", "1", Overview, |c| c.of.synchrony.index(c.plan.size), "spike synchrony index: share of the population that fires within 0.5 ms of a spike, mean over spikes at least that far from the window's ends; above 1 where neurons fire several times within that; 1/N + (1 - 1/N) rate w of independent neurons, w = (2 floor(0.5 ms/dt) + 1) dt (1.1 ms at 0.1 ms), of dsode without noise, which has no single neurons, without 1/N"),
    Entry::new("psd_peak_hz", "Hz", More, |c| c.peak.and_then(|(hz, _)| hz), "frequency of the largest Welch density of the population rate in the band, with sharp bursts maybe that of a harmonic; null where all are equal, as of a single spike, or rounding, as of a constant rate"),
    Entry::new("psd_peak_power", "Hz^2/Hz", More, |c| c.peak.map(|(_, density)| density), "largest Welch density of the population rate in the band; 0, or rounding, where the rate is constant; the largest of values that scatter the more the fewer segments (of about 1 s, half overlapping) the window has, so it falls as windows get longer"),
    Entry::new("burst_rate", "1/s", More, |c| (c.smoothed.n > 0).then(|| 1000.0 * c.bursts.count as f64 / c.time), "bursts per time; a burst is a maximum of the smoothed population rate that is high enough, largest within the burst distance (by more than rounding) and not at an end of the window; high enough is a number of `analysis.burst`, whatever the rate, so noise of a high rate has bursts too"),
    Entry::new("burst_peak_mean", "spikes/ms", More, |c| c.bursts.peak[0], "smoothed population rate at the peak of a burst, mean"),
    Entry::new("burst_peak_sd", "spikes/ms", More, |c| c.bursts.peak[1], "smoothed population rate at the peak of a burst, standard deviation"),
    Entry::new("burst_size_mean", "spikes", More, |c| c.bursts.size[0], "spikes within 4 ms of the peak of a burst, mean over bursts at least that far from the window's ends"),
    Entry::new("burst_size_sd", "spikes", More, |c| c.bursts.size[1], "spikes within 4 ms of the peak of a burst, standard deviation"),
    Entry::new("burst_interval_mean", "ms", More, |c| c.bursts.interval_mean, "time between the peaks of consecutive bursts, mean"),
    Entry::new("burst_interval_cv", "1", More, |c| c.bursts.interval_cv, "time between the peaks of consecutive bursts, standard deviation over mean"),
    Entry::new("burst_lag1", "1", More, |c| c.bursts.lag1, "correlation of the peak heights of consecutive bursts, of at least four; near -1: alternation; where all heights are one, as on an orbit of `dsode`, what it tells is how the time grid meets the peaks"),
];

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PopulationAccumulator {
    history: History,
    pub spikes: Sum,
    fano: Fano,
    synchrony: Synchrony,
    /// Of the smoothed counts.
    smoothed: BlockMoments,
    bursts: Bursts,
    states: Option<States>,
    welch: Option<Welch>,
    pub intervals: Intervals,
    /// Smoothed rates in Hz that wait for the other population's; empty between chunks.
    pub joint: Vec<f64>,
}

/// A population whose counts have ended: what the statistics are read from.
pub struct Counted<'a> {
    of: &'a PopulationAccumulator,
    plan: &'a PopulationPlan,
    /// ms.
    time: f64,
    smoothed: Moments,
    closed: Bursts,
    bursts: BurstStatistics,
    /// Welch density of the rate per neuron in Hz^2/Hz, at multiples of the resolution in Hz.
    density: Option<(f64, Vec<f64>)>,
    /// Hz, Hz^2/Hz.
    peak: Option<(Option<f64>, f64)>,
}

/// Counts in consecutive windows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Fano {
    steps: u64,
    count: Sum,
    windows: Moments,
}

/// Spikes weighted with the number of spikes around them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Synchrony {
    spikes: Sum,
    weighted: Sum,
}

impl Fano {
    fn extend(&mut self, window: u64, mut counts: &[f64]) {
        while !counts.is_empty() {
            let (now, later) = counts.split_at(counts.len().min((window - self.steps) as usize));
            self.count.add(now);
            self.steps += now.len() as u64;
            if self.steps == window {
                self.windows.push(self.count.total());
                (self.steps, self.count) = (0, Sum::default());
            }
            counts = later;
        }
    }

    fn factor(&self) -> Option<f64> {
        let mean = self.windows.mean().filter(|&mean| mean > 0.0)?;
        Some(self.windows.variance()? / mean)
    }
}

impl Synchrony {
    /// Takes the new counts of a line; `sums` is work space.
    fn extend(&mut self, half: usize, line: Line, sums: &mut MovingSums) {
        let (spikes, around) = (line.lagged(half), sums.of(line.reaching_back(2 * half), 2 * half + 1));
        let unfilled = (2 * half as u64).saturating_sub(line.first).min(spikes.len() as u64) as usize;
        self.spikes.add(&spikes[unfilled..]);
        self.weighted.add_products(&spikes[unfilled..], &around[unfilled..]);
    }

    fn index(&self, neurons: f64) -> Option<f64> {
        let spikes = self.spikes.total();
        (spikes > 0.0).then(|| self.weighted.total() / (spikes * neurons))
    }
}

impl PopulationAccumulator {
    pub fn new(plan: &PopulationPlan, welch: Option<&WelchPlan>) -> PopulationAccumulator {
        PopulationAccumulator {
            history: History::new(plan.history),
            spikes: Sum::default(),
            fano: Fano::default(),
            synchrony: Synchrony::default(),
            smoothed: BlockMoments::default(),
            bursts: Bursts::default(),
            states: plan.states.map(|_| States::default()),
            welch: welch.map(Welch::new),
            intervals: Intervals::default(),
            joint: Vec::new(),
        }
    }

    /// Takes the counts of the next steps, `counts[step * stride + pop]`.
    ///
    /// What each statistic does with them is a loop of its own over all of them, in which no addition waits for many others. Which
    /// numbers are added in which order depends on the steps, not on the pieces that they come in.
    pub fn extend<C: Copy + Into<f64>>(
        &mut self,
        plan: &PopulationPlan,
        welch: Option<&WelchPlan>,
        scratch: &mut StatisticsScratch,
        (pop, stride): (usize, usize),
        counts: &[C],
    ) {
        let StatisticsScratch { fft, counts: space, sums, heights } = scratch;
        let line = self.history.line(pop, stride, counts, space);
        let new = line.lagged(0);
        self.spikes.add(new);
        self.fano.extend(plan.fano, new);
        if let (Some(state), Some(welch)) = (&mut self.welch, welch) {
            state.extend(welch, fft, new);
        }
        self.synchrony.extend(plan.synchrony_half, line, sums);
        if let (Some(states), Some(plan)) = (&mut self.states, &plan.states) {
            states.extend(plan, line, sums);
        }
        let sums = sums.of(line.reaching_back(plan.smooth - 1), plan.smooth);
        let unfilled = (2 * plan.smooth_half()).saturating_sub(line.first).min(sums.len() as u64);
        let first = line.first + unfilled - plan.smooth_half().min(line.first + unfilled);
        self.extend_smoothed(plan, line, first, &sums[unfilled as usize..], heights);
        self.history.push(line);
    }

    /// `sums`: counts in the smoothing windows centred at `first` and the steps after it; `space` is work space.
    fn extend_smoothed(&mut self, plan: &PopulationPlan, line: Line, first: u64, sums: &[f64], space: &mut Vec<f64>) {
        self.smoothed.extend(sums);
        self.bursts.extend(plan, line, sums, space);
        if let Some(every) = plan.joint_every {
            let begun = plan.first + first + 1;
            let until_first = begun.next_multiple_of(every) - begun;
            let sampled = sums.iter().skip(until_first as usize).step_by(every as usize);
            self.joint.extend(sampled.map(|sum| sum * plan.rate_per_count));
        }
    }

    /// Statistics of what was seen so far; the spectrum's peak is sought in `band`, in Hz.
    pub fn counted<'a>(&'a self, plan: &'a PopulationPlan, welch: Option<&WelchPlan>, band: [f64; 2]) -> Counted<'a> {
        let mut closed = self.bursts.clone();
        closed.close(plan, self.history.kept());
        let density = self.density(plan, welch);
        let time = self.history.steps as f64 * plan.dt;
        let rate = 1000.0 * self.spikes.total() / (plan.size * time);
        Counted {
            of: self,
            plan,
            time,
            smoothed: self.smoothed.total(),
            bursts: closed.statistics(plan),
            closed,
            peak: density.as_ref().and_then(|(resolution, density)| welch::peak(density, rate, *resolution, band)),
            density,
        }
    }

    fn density(&self, plan: &PopulationPlan, welch: Option<&WelchPlan>) -> Option<(f64, Vec<f64>)> {
        let (state, welch) = self.welch.as_ref().zip(welch)?;
        let density = state.density(welch, 1000.0 / (plan.size * plan.dt))?;
        Some((welch.resolution, density))
    }

    /// Two states of what was seen so far, if they are told apart.
    pub fn visited<'a>(&'a self, plan: &'a PopulationPlan) -> Option<Visited<'a>> {
        let (states, plan) = self.states.as_ref().zip(plan.states.as_ref())?;
        Some(Visited { states, plan })
    }
}

impl Counted<'_> {
    /// Of bursts, and the spectrum, with all frequencies up to `band` Hz.
    pub fn histograms(&self, population: usize, band: f64) -> Vec<Histogram> {
        let mut histograms = Vec::from(self.closed.histograms(population));
        if let Some((resolution, density)) = &self.density {
            histograms.extend(spectrum::kept(population, *resolution, density, band));
        }
        histograms
    }
}
