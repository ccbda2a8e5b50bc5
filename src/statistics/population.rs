//! The accumulators of one population, fed one spike count per step of the window.

use super::bursts::Bursts;
use super::histogram::{Histogram, HistogramKind};
use super::history::{History, RunningSum};
use super::intervals::Intervals;
use super::layout::{Analysis, PopulationLayout};
use super::moments::{BlockMoments, Moments};
use super::plan::{PopulationPlan, StatisticsScratch};
use super::states::States;
use super::welch::{self, Welch, WelchPlan};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PopulationAccumulator {
    history: History,
    pub spikes: f64,
    fano: Fano,
    synchrony: Synchrony,
    smoothing: RunningSum,
    /// Of the smoothed counts.
    smoothed: BlockMoments,
    bursts: Bursts,
    states: States,
    welch: Option<Welch>,
    pub intervals: Intervals,
    /// Smoothed rates in Hz that wait for the other population's; empty between chunks.
    pub joint: Vec<f64>,
}

/// Counts in consecutive windows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Fano {
    steps: u64,
    count: f64,
    windows: Moments,
}

/// Spikes weighted with the number of spikes around them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Synchrony {
    around: RunningSum,
    spikes: f64,
    weighted: f64,
}

impl Fano {
    #[inline]
    fn push(&mut self, window: u64, count: f64) {
        self.count += count;
        self.steps += 1;
        if self.steps == window {
            self.windows.push(self.count);
            (self.steps, self.count) = (0, 0.0);
        }
    }

    fn factor(&self) -> Option<f64> {
        let mean = self.windows.mean().filter(|&mean| mean > 0.0)?;
        Some(self.windows.variance()? / mean)
    }
}

impl PopulationAccumulator {
    pub fn new(plan: &PopulationPlan, welch: Option<&WelchPlan>) -> PopulationAccumulator {
        PopulationAccumulator {
            history: History::new(plan.history),
            spikes: 0.0,
            fano: Fano::default(),
            synchrony: Synchrony::default(),
            smoothing: RunningSum::default(),
            smoothed: BlockMoments::default(),
            bursts: Bursts::default(),
            states: States::default(),
            welch: welch.map(Welch::new),
            intervals: Intervals::default(),
            joint: Vec::new(),
        }
    }

    #[inline]
    pub fn push(
        &mut self,
        plan: &PopulationPlan,
        welch: Option<&WelchPlan>,
        scratch: &mut StatisticsScratch,
        count: f64,
    ) {
        self.history.push(count);
        self.spikes += count;
        self.fano.push(plan.fano, count);
        if let (Some(state), Some(welch)) = (&mut self.welch, welch) {
            state.push(welch, &mut scratch.fft, count);
        }
        let step = self.history.steps - 1;

        let half = plan.synchrony_half;
        let around = self.synchrony.around.update(&self.history, 2 * half + 1);
        if step >= 2 * half as u64 {
            let centre = self.history.back(half);
            self.synchrony.spikes += centre;
            self.synchrony.weighted += centre * around;
        }

        let sum = self.smoothing.update(&self.history, plan.smooth);
        if step >= 2 * plan.smooth_half() {
            self.push_smoothed(plan, step - plan.smooth_half(), sum);
        }
    }

    /// `sum`: counts in the smoothing window centred at `step` of the window.
    #[inline]
    fn push_smoothed(&mut self, plan: &PopulationPlan, step: u64, sum: f64) {
        self.smoothed.push(sum);
        self.bursts.push(plan, &self.history, step, sum);
        if let Some(threshold) = plan.state_threshold {
            self.states.push(sum > threshold);
        }
        if let Some(every) = plan.joint_every
            && (plan.first + step + 1).is_multiple_of(every)
        {
            self.joint.push(sum * plan.rate_per_count);
        }
    }

    /// Names and values of the statistics that need nothing but counts and intervals, and the histograms.
    pub fn finish(
        &self,
        plan: &PopulationPlan,
        welch: Option<&WelchPlan>,
        analysis: &Analysis,
        population: usize,
    ) -> ([(&'static str, Option<f64>); 18], Vec<Histogram>) {
        let time = self.history.steps as f64 * plan.dt;
        let mut bursts = self.bursts.clone();
        bursts.close(plan, &self.history);
        let burst = bursts.statistics(plan);
        let density = self.density(plan, welch);
        let peak = density.as_ref().and_then(|(resolution, d)| welch::peak(d, *resolution, analysis.psd_band));
        let smoothed = self.smoothed.total();
        let synchrony = &self.synchrony;
        let statistics = [
            ("rate", (time > 0.0).then(|| 1000.0 * self.spikes / (plan.size * time))),
            ("rate_sd", smoothed.sd().map(|sd| sd * plan.rate_per_count)),
            ("fano", self.fano.factor()),
            ("cv_isi", self.intervals.cv()),
            ("ssi", (synchrony.spikes > 0.0).then(|| synchrony.weighted / (synchrony.spikes * plan.size))),
            ("psd_peak_hz", peak.map(|(hz, _)| hz)),
            ("psd_peak_power", peak.map(|(_, power)| power)),
            ("burst_rate", (smoothed.n > 0).then(|| 1000.0 * burst.count as f64 / time)),
            ("burst_peak_mean", burst.peak[0]),
            ("burst_peak_sd", burst.peak[1]),
            ("burst_size_mean", burst.size[0]),
            ("burst_size_sd", burst.size[1]),
            ("burst_interval_mean", burst.interval_mean),
            ("burst_interval_cv", burst.interval_cv),
            ("burst_lag1", burst.lag1),
            ("fraction_above", self.states.fraction_above()),
            ("dwell_above_mean", self.states.dwell(true, plan.dt)),
            ("dwell_below_mean", self.states.dwell(false, plan.dt)),
        ];
        let mut histograms = Vec::from(bursts.histograms(population));
        if let Some((resolution, density)) = density.filter(|_| analysis.keep_psd) {
            histograms.push(spectrum(population, resolution, &density, analysis.psd_band.1));
        }
        (statistics, histograms)
    }

    /// Resolution in Hz and Welch density of the population rate per neuron in Hz^2/Hz.
    fn density(&self, plan: &PopulationPlan, welch: Option<&WelchPlan>) -> Option<(f64, Vec<f64>)> {
        let (state, welch) = self.welch.as_ref().zip(welch)?;
        let density = state.density(welch, 1000.0 / (plan.size * plan.dt))?;
        Some((welch.resolution, density))
    }
}

/// The density from 0 up to `max` Hz, rounded to f32: what a member keeps of it.
fn spectrum(population: usize, resolution: f64, density: &[f64], max: f64) -> Histogram {
    let bins = density.len().min((max / resolution).floor() as usize + 1);
    let x = super::BinAxis {
        low: -0.5 * resolution,
        width: resolution,
        bins: bins as u32,
        open_low: false,
        open_high: false,
    };
    let values = density[..bins].iter().map(|&d| f64::from(d as f32)).collect();
    Histogram { kind: HistogramKind::Psd, population: population as u32, x, y: None, values }
}

/// Sums over the samples of a population's state, taken every 1 ms.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sampled {
    pub voltage: Vec<f64>,
    pub samples: u64,
    /// Refractory neurons.
    pub refractory: f64,
}

impl Sampled {
    pub fn new(layout: &PopulationLayout) -> Sampled {
        let bins = layout.voltage.map_or(0, |axis| axis.bins as usize);
        Sampled { voltage: vec![0.0; bins], ..Sampled::default() }
    }
}
