//! How a population follows a sinusoidal rate: the mean vector of its spikes on the stimulus' circle.
//!
//! Of n spikes, with the angles theta_k = 2 pi f t_k + phase that the rate mean (1 + a sin theta) has in their steps, evaluated at their
//! beginnings t_k:
//! z = sum exp(i theta_k)/n over a whole number of periods. A rate of 1 + m sin(theta + phi) has |z| = m/2 and arg z = pi/2 - phi.
//! Source: J. M. Goldberg, P. B. Brown, J. Neurophysiol. 32 (1969) 613 (vector strength).

use super::span::Span;
use super::statistic::{Domain, Entry, Group};
use crate::model::{Network, Rate};
use core::f64::consts::{FRAC_PI_2, PI, TAU};
use serde::{Deserialize, Serialize};

/// A sinusoid in time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rhythm {
    /// Hz.
    pub frequency: f64,
    /// Rad, at t = 0.
    pub phase: f64,
}

/// Spikes, and the sums of the cosines and sines of their angles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Sums {
    spikes: f64,
    re: f64,
    im: f64,
}

/// One population's spikes in the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RhythmSums {
    now: Sums,
    /// Whole periods so far, and the sums at their end.
    periods: u64,
    whole: Sums,
}

/// Length and argument of z.
#[derive(Clone, Copy, Debug)]
pub struct MeanVector {
    strength: f64,
    /// phi, in (-pi, pi].
    phase: f64,
}

/// How a value is read.
type Value = fn(&MeanVector) -> Option<f64>;

#[rustfmt::skip]
pub(super) static STATISTICS: [Entry<Value>; 2] = [
    Entry::new("vector_strength", "1", Group::More, |z| Some(z.strength), "length of the spikes' mean vector on the circle of the sinusoidal rate, over whole periods; half the relative modulation of the rate at that frequency, but for a floor near 1/sqrt(spikes)"),
    Entry::<Value>::new("phase", "rad", Group::More, |z| Some(z.phase), "by how much the response at the frequency of the sinusoidal rate is ahead of it, from -pi to pi; below 0: behind; spikes of a step are held against the rate of that step; the mean over realisations is the direction of their mean vector")
        .on(Domain::Angle),
];

impl Rhythm {
    /// Of the first rate that is a sinusoid: of the population's drive, of a source onto it, or of any other drive or source.
    pub fn of(network: &Network, target: usize) -> Option<Rhythm> {
        let own = std::iter::once(&network.populations[target].drive.rate);
        let onto = network.incoming(target).filter_map(|(_, projection)| network.source(projection)).map(|s| &s.rate);
        let drives = network.populations.iter().map(|population| &population.drive.rate);
        let sources = network.sources.iter().map(|source| &source.rate);
        own.chain(onto).chain(drives).chain(sources).find_map(|rate| match *rate {
            Rate::Sinusoid { frequency, phase, amplitude, .. } => {
                Some(Rhythm { frequency, phase: if amplitude < 0.0 { phase + PI } else { phase } })
            }
            _ => None,
        })
    }
}

impl RhythmSums {
    /// Takes `counts` of the steps of `span` from `step` on.
    pub fn feed(&mut self, rhythm: Rhythm, dt: f64, span: Span, step: u64, counts: impl Iterator<Item = f64>) {
        for (step, count) in (step..).zip(counts) {
            let turns = |steps: u64| rhythm.frequency * steps as f64 * dt / 1000.0;
            if count != 0.0 {
                let (sin, cos) = libm::sincos(TAU * turns(step) + rhythm.phase);
                self.now.spikes += count;
                self.now.re += count * cos;
                self.now.im += count * sin;
            }
            let periods = (turns(step + 1 - span.first) + 1e-9).floor() as u64;
            if periods > self.periods {
                (self.periods, self.whole) = (periods, self.now);
            }
        }
    }

    /// `None` without spikes or a whole period.
    pub fn mean(&self) -> Option<MeanVector> {
        let Sums { spikes, re, im } = self.whole;
        (self.periods > 0 && spikes > 0.0).then(|| {
            let ahead = FRAC_PI_2 - libm::atan2(im, re);
            MeanVector { strength: libm::hypot(re, im) / spikes, phase: if ahead > PI { ahead - TAU } else { ahead } }
        })
    }
}
