//! The transitions that a scan is searched for: which statistic of a member tells, and the level that its mean crosses.

use super::histogram::{Histogram, HistogramKind};
use super::two_kinds::separation;

/// What is read of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The column that the statistic's name begins.
    Column,
    /// How well one level divides the heights of its bursts into two kinds ([`super::two_kinds`]), if those of consecutive bursts have a
    /// correlation (the column `burst_lag1`) above 0; else 0, as of one kind.
    Heights,
}

/// A transition by the statistic that tells of it.
#[derive(Debug)]
pub struct Transition {
    /// Its name.
    pub statistic: &'static str,
    /// Where it comes from.
    pub source: Source,
    /// What its mean crosses.
    pub level: f64,
    /// Whether it tells of random models alone: equal bursts have no correlation but that of rounding.
    pub random: bool,
    /// What that means.
    pub definition: &'static str,
}

/// Those that are looked for.
pub static TRANSITIONS: [Transition; 3] = [
    Transition {
        statistic: "burst_lag1",
        source: Source::Column,
        level: 0.0,
        random: true,
        definition: "onset of alternation where it falls, end where it rises: the correlation of the heights of consecutive bursts crosses 0",
    },
    Transition {
        statistic: "ssi",
        source: Source::Column,
        level: 0.3,
        random: false,
        definition: "loss of synchrony where it falls, onset where it rises: the share of the population that fires within 0.5 ms of a spike crosses 0.3",
    },
    Transition {
        statistic: "burst_bistability",
        source: Source::Heights,
        level: 0.75,
        random: true,
        definition: "onset of bistability where it rises, end where it falls: of the variance of the heights of a member's bursts, the share between the two groups \
                     into which one level divides their histogram best (Otsu) crosses that of a uniform law, 0.75; it counts 0 where burst_lag1 is not \
                     above 0, as where bursts alternate",
    },
];

impl Transition {
    /// Name of the statistic whose column it is read from, or that decides.
    pub fn column(&self) -> &'static str {
        match self.source {
            Source::Column => self.statistic,
            Source::Heights => "burst_lag1",
        }
    }

    /// What it is of a member, given that column and the histograms of its population.
    pub fn value<'a>(&self, column: Option<f64>, mut histograms: impl Iterator<Item = &'a Histogram>) -> Option<f64> {
        match self.source {
            Source::Column => column,
            Source::Heights if column? > 0.0 => separation(histograms.find(|of| of.kind == HistogramKind::BurstPeak)?),
            Source::Heights => Some(0.0),
        }
    }
}
