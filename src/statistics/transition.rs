//! Where along a scan the mean of a statistic crosses a level, and how sure that place is by the realisations.
//!
//! Points whose mean is more than two standard errors from the level are decided, of random models by three realisations at least. Two
//! decided points on either side of it, with none but undecided ones in between, enclose a crossing: where the straight line through the
//! means of all of these crosses the level, or where that is outside, the one through the means of the two. The interval is that of the middle 95 % of the same place for realisations drawn anew at each
//! point, with replacement.

use super::histogram::{Histogram, HistogramKind};
use super::moments::Moments;
use super::summary::Summary;
use super::two_kinds::separation;
use crate::random::MemberStream;
use rand::rand_core::TryRng;
use rayon::prelude::*;

/// Draws of all realisations.
const DRAWS: u32 = 1000;
/// Standard errors from the level at which a point is decided.
const DECIDED: f64 = 2.0;
/// Realisations of a random model that know their standard error well enough for that.
pub const LEAST: usize = 3;

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

/// A place where a mean crosses a level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Crossing {
    /// Along the axis.
    pub value: f64,
    /// Its 95 % interval over realisations; `None` where each point has one value.
    pub ci95: Option<(f64, f64)>,
    /// Least number of realisations at the points that it was found from.
    pub n: usize,
    /// Whether the mean rises through the level.
    pub rises: bool,
}

/// All crossings along ascending x, given the realisations at each, of which `least` decide; random numbers are a function of `key`.
pub fn crossings(x: &[f64], realisations: &[Vec<f64>], least: usize, level: f64, key: [u32; 4]) -> Vec<Crossing> {
    let sides = realisations.iter().map(|values| side(values, level).filter(|_| values.len() >= least));
    let decided: Vec<(usize, bool)> = sides.enumerate().filter_map(|(i, side)| Some((i, side?))).collect();
    let opposite = decided.windows(2).filter(|pair| pair[0].1 != pair[1].1);
    opposite
        .zip(0..)
        .filter_map(|(pair, number)| {
            let points = pair[0].0..pair[1].0 + 1;
            // A point without realisations is no point.
            let enclosed: Vec<(f64, &Vec<f64>)> =
                points.filter(|&i| !realisations[i].is_empty()).map(|i| (x[i], &realisations[i])).collect();
            let means: Vec<(f64, f64)> = enclosed.iter().map(|(x, values)| (*x, mean(values))).collect();
            let value = place(&means, level)?;
            let n = enclosed.iter().map(|(_, values)| values.len()).min()?;
            let ci95 = (n > 1).then(|| interval(&enclosed, level, key, number)).flatten();
            Some(Crossing { value, ci95, n, rises: pair[1].1 })
        })
        .collect()
}

/// Whether the mean is above the level; `None` where that is undecided.
fn side(values: &[f64], level: f64) -> Option<bool> {
    let mut moments = Moments::default();
    values.iter().for_each(|&value| moments.push(value));
    let summary = Summary::from(moments);
    let above = summary.mean? - level;
    (above.abs() > DECIDED * summary.sem.unwrap_or(0.0)).then_some(above > 0.0)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Where the straight line through points crosses the level; where that is not between the first and the last of them, who enclose the
/// crossing, the one through these two, and of draws that do not enclose it the nearer of them.
fn place(points: &[(f64, f64)], level: f64) -> Option<f64> {
    let (first, last) = (points.first()?, points.last()?);
    let inside = |value: &f64| (first.0..=last.0).contains(value);
    let between = || line(&[*first, *last], level).map(|value| value.clamp(first.0, last.0));
    line(points, level).filter(inside).or_else(between)
}

/// Where the straight line through points crosses the level.
fn line(points: &[(f64, f64)], level: f64) -> Option<f64> {
    let n = points.len() as f64;
    let (x, y) = points.iter().fold((0.0, 0.0), |(x, y), point| (x + point.0 / n, y + point.1 / n));
    let (above, below) = points
        .iter()
        .fold((0.0, 0.0), |(above, below), &(at, value)| (above + (at - x) * (value - y), below + (at - x) * (at - x)));
    Some(x + (level - y) * below / above).filter(|value| value.is_finite())
}

/// Crossing `number` for realisations drawn anew: the middle 95 % of its places.
fn interval(enclosed: &[(f64, &Vec<f64>)], level: f64, key: [u32; 4], number: u32) -> Option<(f64, f64)> {
    let mut places: Vec<f64> = (0..DRAWS)
        .into_par_iter()
        .filter_map(|draw| {
            let mut stream = MemberStream::new(key, number * DRAWS + draw);
            let drawn: Vec<(f64, f64)> =
                enclosed.iter().map(|(x, values)| (*x, drawn_mean(values, &mut stream))).collect();
            place(&drawn, level)
        })
        .collect();
    places.sort_by(f64::total_cmp);
    let at = |share: f64| places.get((share * (places.len().max(1) - 1) as f64).round() as usize).copied();
    at(0.025).zip(at(0.975))
}

/// Mean of as many values, each drawn from all of them.
fn drawn_mean(values: &[f64], stream: &mut MemberStream) -> f64 {
    let n = values.len() as u64;
    let sum: f64 = (0..n)
        .map(|_| {
            let Ok(word) = stream.try_next_u32();
            values[((u64::from(word) * n) >> 32) as usize]
        })
        .sum();
    sum / n as f64
}
