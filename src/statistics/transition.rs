//! Where along a scan the mean of a statistic crosses a level, and how sure that place is by the realisations.
//!
//! Points whose mean is more than two standard errors from the level are decided. Two decided points on either side of it, with none
//! but undecided ones in between, enclose a crossing: where the straight line through the means of all of these crosses the level. The
//! interval is that of the middle 95 % of the same place for realisations drawn anew at each point, with replacement.

use super::moments::Moments;
use super::summary::Summary;
use crate::random::MemberStream;
use rand::rand_core::TryRng;

/// Draws of all realisations.
const DRAWS: u32 = 1000;
/// Standard errors from the level at which a point is decided.
const DECIDED: f64 = 2.0;

/// A transition by the statistic that tells of it.
#[derive(Debug)]
pub struct Transition {
    /// What a statistic's column begins with.
    pub statistic: &'static str,
    /// What its mean crosses.
    pub level: f64,
    /// Whether it tells of random models alone: equal bursts have no correlation but that of rounding.
    pub random: bool,
    /// What that means.
    pub definition: &'static str,
}

/// Those that are looked for.
pub static TRANSITIONS: [Transition; 2] = [
    Transition {
        statistic: "burst_lag1",
        level: 0.0,
        random: true,
        definition: "onset of alternation where it falls, end where it rises: the correlation of the heights of consecutive bursts crosses 0",
    },
    Transition {
        statistic: "ssi",
        level: 0.3,
        random: false,
        definition: "loss of synchrony where it falls, onset where it rises: the share of the population that fires within 0.5 ms of a spike crosses 0.3",
    },
];

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

/// All crossings along ascending x, given the realisations at each; random numbers are a function of `key`.
pub fn crossings(x: &[f64], realisations: &[Vec<f64>], level: f64, key: [u32; 4]) -> Vec<Crossing> {
    let sides = realisations.iter().map(|values| side(values, level));
    let decided: Vec<(usize, bool)> = sides.enumerate().filter_map(|(i, side)| Some((i, side?))).collect();
    let opposite = decided.windows(2).filter(|pair| pair[0].1 != pair[1].1);
    opposite
        .zip(0..)
        .filter_map(|(pair, number)| {
            let points = pair[0].0..pair[1].0 + 1;
            // A point without realisations is no point.
            let enclosed: Vec<(f64, &Vec<f64>)> =
                points.filter(|&i| !realisations[i].is_empty()).map(|i| (x[i], &realisations[i])).collect();
            let means = enclosed.iter().map(|(x, values)| (*x, mean(values)));
            let value = place(means, level)?;
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

/// Where the straight line through points crosses the level.
fn place(points: impl Iterator<Item = (f64, f64)> + Clone, level: f64) -> Option<f64> {
    let n = points.clone().count() as f64;
    let (x, y) = points.clone().fold((0.0, 0.0), |(x, y), point| (x + point.0 / n, y + point.1 / n));
    let (above, below) = points
        .fold((0.0, 0.0), |(above, below), (at, value)| (above + (at - x) * (value - y), below + (at - x) * (at - x)));
    Some(x + (level - y) * below / above).filter(|value| value.is_finite())
}

/// Crossing `number` for realisations drawn anew: the middle 95 % of its places.
fn interval(enclosed: &[(f64, &Vec<f64>)], level: f64, key: [u32; 4], number: u32) -> Option<(f64, f64)> {
    let mut places: Vec<f64> = (0..DRAWS)
        .filter_map(|draw| {
            let mut stream = MemberStream::new(key, number * DRAWS + draw);
            let drawn: Vec<(f64, f64)> =
                enclosed.iter().map(|(x, values)| (*x, drawn_mean(values, &mut stream))).collect();
            place(drawn.into_iter(), level)
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
