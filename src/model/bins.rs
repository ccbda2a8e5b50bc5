//! Voltage bins: those of `dsode` where its options leave them to us, and those of voltage histograms.
//!
//! Automatic bins of a population begin at v_min = l - 0.4 (v_th - l), l the lowest of v_reset, of the voltages at time 0 and
//! of the one at which a neuron rests without input, with a leak e_leak. Their width is the largest that divides v_th - v_min and is at most
//!
//! - (v_th - v_reset)/25, so that the way from reset to threshold is resolved;
//! - with a leak, (0.01/c)^(1/3), so that the noise of a step is resolved;
//!
//! but there are at most [`MOST`], and along branches, whose algebra is dense, at most [`MOST_ON_BRANCHES`]. An experiment has one
//! v_min and one number of bins per population: those that all its points can do with.
//!
//! c: `step_noise`.

use super::network::{Network, Population};
use super::step_noise::loss;
use super::{Variant, canonical, round12};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Most bins of a population.
pub const MOST: u32 = 1024;
/// The same along branches.
pub const MOST_ON_BRANCHES: u32 = 160;
/// Share of a single neuron's rate that automatic bins may lose.
const LOSS: f64 = 0.01;
/// The same of bins that are given, before there is a warning.
const LOSS_WARNED: f64 = 0.02;
/// Bins between reset and threshold, at least.
const FROM_RESET: f64 = 25.0;
/// The same, fewer of which are warned of.
const FEW_FROM_RESET: f64 = 10.0;
/// Of the example network.
const EXAMPLE: Bins = Bins { v_min: -40.0, width: 4.0 };

/// Uniform bins from `v_min` up to a threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bins {
    /// Lower edge of the lowest bin.
    pub v_min: f64,
    /// In the network's voltage unit.
    pub width: f64,
}

impl Bins {
    /// Number of bins up to `v_th`, at least one.
    pub fn count(&self, v_th: f64) -> u32 {
        ((v_th - self.v_min) / self.width).round().max(1.0) as u32
    }
}

/// The automatic bins of one population at all points of an experiment.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct AutomaticBins {
    /// Lower edge of the lowest bin.
    pub v_min: f64,
    /// Lowest and highest threshold.
    v_th: (f64, f64),
    /// Widest bins that resolve the way from reset to threshold.
    widest: f64,
    /// c.
    loss: f64,
    /// Most of them.
    most: u32,
    /// The width has to be given: that of a nonlinear neuron follows from no noise.
    given: bool,
}

/// What makes bins as narrow as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BinLimit {
    /// The way from reset to threshold.
    Reset,
    /// The noise of a step.
    Noise,
    /// Their number: they are wider than they should be.
    Most,
}

impl AutomaticBins {
    /// Those of population `pop` of one network.
    pub fn of(network: &Network, pop: usize) -> AutomaticBins {
        let population = &network.populations[pop];
        let Population { v_th, v_reset, .. } = *population;
        let rest = population.rest().unwrap_or(v_reset);
        let lowest = v_reset.min(rest).min(population.initial_range().0);
        AutomaticBins {
            v_min: round12(lowest - 0.4 * (v_th - lowest)),
            v_th: (v_th, v_th),
            widest: (v_th - v_reset) / FROM_RESET,
            loss: loss(network, pop),
            most: MOST,
            given: !population.neuron.is_lif(),
        }
    }

    /// Those of every population of one network.
    pub fn of_all(network: &Network) -> Vec<AutomaticBins> {
        (0..network.populations.len()).map(|pop| AutomaticBins::of(network, pop)).collect()
    }

    /// Everything that they depend on, as one line.
    pub fn canonical(&self) -> String {
        canonical::line(self).expect("numbers and a truth value")
    }

    /// Those of every population that do for all of these; `None` of none.
    pub fn common(each: impl Iterator<Item = Vec<AutomaticBins>>) -> Option<Vec<AutomaticBins>> {
        each.reduce(|all, other| all.into_iter().zip(other).map(|(a, b)| a.and(b)).collect())
    }

    /// Those that do for both.
    pub fn and(self, other: AutomaticBins) -> AutomaticBins {
        AutomaticBins {
            v_min: self.v_min.min(other.v_min),
            v_th: (self.v_th.0.min(other.v_th.0), self.v_th.1.max(other.v_th.1)),
            widest: self.widest.min(other.widest),
            loss: self.loss.max(other.loss),
            most: self.most.min(other.most),
            given: self.given || other.given,
        }
    }

    /// The same, but at most so many.
    pub fn limited(self, most: u32) -> AutomaticBins {
        AutomaticBins { most, ..self }
    }

    /// The same of half the width.
    pub fn halved(self) -> AutomaticBins {
        AutomaticBins { widest: 0.5 * self.widest, loss: 8.0 * self.loss, ..self }
    }

    /// The bins up to `v_th`, of the given width and from the given lower edge if there are.
    pub fn bins(&self, v_th: f64, width: Option<f64>, v_min: Option<f64>) -> Bins {
        let v_min = v_min.unwrap_or(self.v_min);
        Bins { v_min, width: width.unwrap_or_else(|| round12((v_th - v_min) / self.count(v_min).0)) }
    }

    /// What tells these bins, as far as they are automatic, from other ones of the same experiment with more points; `None`
    /// for those of the example network, which go without saying.
    pub fn identity(&self, width: Option<f64>, v_min: Option<f64>) -> Option<String> {
        let origin = v_min.is_none().then_some(self.v_min);
        let count = width.is_none().then(|| self.count(v_min.unwrap_or(self.v_min)).0);
        let usual = origin.is_none_or(|origin| origin == EXAMPLE.v_min)
            && (width.is_some() || self.has_width(EXAMPLE.width, v_min));
        let text = [origin.map(|origin| format!("from {origin}")), count.map(|count| format!("{count} bins"))];
        (!usual).then(|| text.into_iter().flatten().collect::<Vec<_>>().join(" "))
    }

    /// Whether bins of this width from `v_min` are the automatic ones at every point.
    pub fn has_width(&self, width: f64, v_min: Option<f64>) -> bool {
        !self.given && self.v_th.0 == self.v_th.1 && self.bins(self.v_th.0, None, v_min).width == width
    }

    /// Whether the width has to be given.
    pub fn are_given(&self) -> bool {
        self.given
    }

    /// How many there are, and what makes them as narrow as they are.
    pub fn chosen(&self) -> (u32, BinLimit) {
        let (count, limit) = self.count(self.v_min);
        (count as u32, limit)
    }

    /// Share of a single neuron's rate that bins of this width lose.
    pub fn loss(&self, width: f64) -> f64 {
        -libm::expm1(-self.loss * width * width * width)
    }

    /// Share of a single neuron's rate that the bins of these options lose, if it is too much.
    pub fn too_wide(&self, width: Option<f64>, v_min: Option<f64>) -> Option<f64> {
        Some(self.loss(self.at_most(width, v_min).width)).filter(|&loss| loss > LOSS_WARNED)
    }

    /// Bins of these options between reset and threshold, where both are nearest, if they are too few.
    pub fn too_few(&self, width: Option<f64>, v_min: Option<f64>) -> Option<f64> {
        let found = FROM_RESET * self.widest / self.at_most(width, v_min).width;
        Some(found).filter(|found| *found < FEW_FROM_RESET * (1.0 - 1e-9))
    }

    /// The bins of these options at the point with the highest threshold.
    pub fn at_most(&self, width: Option<f64>, v_min: Option<f64>) -> Bins {
        self.bins(self.v_th.1, width, v_min)
    }

    /// The widest bins that resolve the noise of a step.
    pub fn noise_width(&self) -> f64 {
        libm::cbrt(LOSS / self.loss)
    }

    /// How many bins reach from `v_min` to the highest threshold, and why so many.
    fn count(&self, v_min: f64) -> (f64, BinLimit) {
        let noise = self.noise_width();
        let (width, limit) =
            if noise < self.widest { (noise, BinLimit::Noise) } else { (self.widest, BinLimit::Reset) };
        // What misses a whole number by rounding is one.
        let count = ((self.v_th.1 - v_min) / width * (1.0 - 1e-9)).ceil();
        let most = f64::from(self.most);
        if count > most { (most, BinLimit::Most) } else { (count.max(1.0), limit) }
    }
}

impl fmt::Display for AutomaticBins {
    /// `70 bins of 0.4 from -8: the noise of a step`.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let (Bins { v_min, width }, (count, limit)) = (self.at_most(None, None), self.count(self.v_min));
        write!(f, "{count} bins of {width} from {v_min}: ")?;
        match limit {
            BinLimit::Reset => write!(f, "(v_th - v_reset)/{FROM_RESET}"),
            BinLimit::Noise => write!(f, "the noise of a step"),
            BinLimit::Most => write!(f, "the most there are"),
        }
    }
}

/// How many bins every population of a network has, of those up to its threshold.
pub fn counts(network: &Network, bins: &[Bins]) -> Vec<u32> {
    network.populations.iter().zip(bins).map(|(population, bins)| bins.count(population.v_th)).collect()
}

/// The bins of every population of one network under `dsode` with these options; none of other models.
pub fn resolve(network: &Network, variant: &Variant) -> Vec<Bins> {
    let Variant::Dsode { bin, v_min, .. } = *variant else { return vec![] };
    let populations = network.populations.iter().enumerate();
    populations.map(|(pop, p)| AutomaticBins::of(network, pop).bins(p.v_th, bin, v_min)).collect()
}
