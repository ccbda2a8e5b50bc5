//! Which of several populations fired most in a window: the decision of a network whose populations compete.

use super::moments::ROUNDING;
use super::span::Span;
use super::statistic::{Domain, Entry, Group};
use serde::{Deserialize, Serialize};

/// Who competes, and when it is decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// Indices of at least two populations.
    pub populations: Vec<usize>,
    /// Spikes after this time in ms ...
    pub from: f64,
    /// ... up to this one.
    pub to: f64,
}

/// Whether one population fired more than every other, and whether it and another fired most.
#[derive(Clone, Copy, Debug)]
pub struct Chosen {
    most: bool,
    tied: bool,
}

/// How a value is read.
type Value = fn(&Chosen) -> Option<f64>;

pub(super) static STATISTICS: [Entry<Value>; 1] = [Entry::<Value>::new(
    "choice",
    "1",
    Group::Overview,
    |c| (!c.tied).then(|| f64::from(u8::from(c.most))),
    "1 if this population's rate in the window of `analysis.choice` is the highest of those that compete, 0 if another's is, missing \
     if two are (of `dsode` to 1e-5); its mean is the probability of the choice",
)
.on(Domain::Outcome)];

/// Spikes of each competing population in the window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChoiceCounts(Vec<f64>);

impl ChoiceCounts {
    pub(super) fn new(choice: &Choice) -> ChoiceCounts {
        ChoiceCounts(vec![0.0; choice.populations.len()])
    }

    /// Takes the counts of all populations, of whom there are `stride`, from `step` on.
    pub fn feed<C: Copy + Into<f64>>(&mut self, choice: &Choice, dt: f64, step: u64, stride: usize, counts: &[C]) {
        let (_, counts) = Span::new(dt, choice.from, choice.to).cut(step, stride, counts);
        for (sum, &population) in self.0.iter_mut().zip(&choice.populations) {
            for &count in counts.iter().skip(population).step_by(stride) {
                *sum += count.into();
            }
        }
    }

    /// `None` for a population that does not compete; `size` gives a population's number of neurons.
    pub fn of(&self, choice: &Choice, population: usize, size: impl Fn(usize) -> u32) -> Option<Chosen> {
        let rates = self.0.iter().zip(&choice.populations).map(|(&spikes, &pop)| (pop, spikes / f64::from(size(pop))));
        let rates: Vec<(usize, f64)> = rates.collect();
        let highest = rates.iter().fold(0.0, |highest, &(_, rate)| f64::max(highest, rate));
        // Those of `dsode` are rounded, those of whole spikes are not.
        let whole = self.0.iter().all(|spikes| spikes.fract() == 0.0);
        let least = if whole { highest } else { (1.0 - ROUNDING) * highest };
        let first: Vec<usize> = rates.iter().filter(|(_, rate)| *rate >= least).map(|&(pop, _)| pop).collect();
        choice.populations.contains(&population).then(|| Chosen { most: first == [population], tied: first.len() > 1 })
    }
}
