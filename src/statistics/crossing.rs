//! Where along a scan the mean of a statistic crosses a level, and how sure that place is by the realisations.
//!
//! Means of random models are of three realisations at least. A stretch of neighbouring points whose means are on one side of the level is
//! decided if the mean of all of them, or of one of them, is told from it: by Student's t at 95 % as if each
//! point of the scan were asked (5 % shared out evenly, C. E. Bonferroni 1936), since of many points at the level some are away from it by
//! chance. Two decided stretches on either side, with none but undecided ones in between, enclose a crossing. From the last point of the
//! first that is told by itself (or its first point) to the first such of the second (or its last), it is where the means, straight from
//! point to point, cross the level once they are made to go one way alone (isotonic regression, R. E. Barlow et al., Statistical
//! Inference under Order Restrictions, 1972). The interval is that of the middle 95 % of the same place for realisations drawn anew at
//! each point, with replacement, whose means are taken as much further from the mean as Student's t is wider than the normal
//! distribution: few realisations tell little of their scatter.

use super::statistic::Domain;
use super::student::{NORMAL, quantile, quantile_975};
use super::summary::Summary;
use crate::random::MemberStream;
use core::cmp::Ordering;
use rand::rand_core::TryRng;
use rayon::prelude::*;

/// Draws of all realisations.
const DRAWS: u32 = 1000;
/// Probability that any point of a scan is told from the level that its mean is at, on one side; points share it evenly.
const WRONG: f64 = 0.025;
/// Realisations of one value that say something: of half of the members another value, as many are alike in 3 % of cases.
const EQUAL: u64 = 6;
/// Realisations of a random model that know their standard error well enough for that.
pub const LEAST: usize = 3;

/// A place where a mean crosses a level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Crossing {
    /// Along the axis.
    pub value: f64,
    /// Its 95 % interval over realisations; `None` where each point has one value.
    pub ci95: Option<(f64, f64)>,
    /// The points that enclose it.
    pub between: (f64, f64),
    /// Least number of realisations at the points that it was found from.
    pub n: usize,
    /// Whether the mean rises through the level.
    pub rises: bool,
}

/// All crossings along ascending x, given the realisations at each, of which `least` decide; random numbers are a function of `key`.
pub fn crossings(x: &[f64], realisations: &[Vec<f64>], least: usize, level: f64, key: [u32; 4]) -> Vec<Crossing> {
    let able = (0..x.len()).filter(|&i| realisations[i].len() >= least.max(1));
    let means: Vec<(usize, Summary)> = able.map(|i| (i, summary(&realisations[i]))).collect();
    let side = |(_, of): &(usize, Summary)| of.mean.and_then(|mean| mean.partial_cmp(&level));
    let tail = WRONG / means.len().max(1) as f64;
    let alone = |of: &&(usize, Summary)| is_told(std::slice::from_ref(of), level, tail);
    let stretches = means
        .chunk_by(|a, b| side(a) == side(b))
        .filter(|stretch| is_told(stretch, level, tail) || stretch.iter().any(|of| alone(&of)));
    let stretches: Vec<&[(usize, Summary)]> = stretches.collect();
    let opposite = stretches.windows(2).filter(|pair| side(&pair[0][0]) != side(&pair[1][0]));
    opposite
        .zip(0..)
        .filter_map(|(pair, number)| {
            let rises = side(&pair[1][0]) == Some(Ordering::Greater);
            let (from, _) = *pair[0].iter().rev().find(alone).or(pair[0].first())?;
            let (to, _) = *pair[1].iter().find(alone).or(pair[1].last())?;
            let points = means.iter().filter(|(i, _)| (from..=to).contains(i));
            let enclosed = enclosed(points.map(|(i, summary)| (x[*i], &realisations[*i][..], summary.sem)));
            let means: Vec<f64> = enclosed.iter().map(|point| point.mean).collect();
            let value = place(&enclosed, &means, level, rises)?;
            let n = enclosed.iter().map(|point| point.values.len()).min()?;
            let ci95 = (n > 1).then(|| interval(&enclosed, level, rises, key, number)).flatten();
            Some(Crossing { value, ci95, between: (x[from], x[to]), n, rises })
        })
        .collect()
}

/// Whether the mean of points on one side of the level is told from it. Not weighted: of few realisations some have a small standard error
/// by chance. A single value is, and equal ones are if they are [`EQUAL`] at least.
fn is_told(points: &[(usize, Summary)], level: f64, tail: f64) -> bool {
    let (mut sum, mut variance, mut dof) = (0.0, 0.0, 0);
    for (_, Summary { n, mean, sem, .. }) in points {
        let above = mean.unwrap_or(level) - level;
        match sem.filter(|&sem| sem > 0.0) {
            Some(sem) => (sum, variance, dof) = (sum + above, variance + sem * sem, dof + n - 1),
            None if above != 0.0 && (*n == 1 || *n >= EQUAL) => return true,
            None => {}
        }
    }
    dof > 0 && sum.abs() > variance.sqrt() * quantile(dof, tail)
}

/// Realisations at a place of the axis.
struct Point<'a> {
    x: f64,
    values: &'a [f64],
    mean: f64,
    /// Inverse variance of their mean.
    weight: f64,
    /// How much further from the mean than by their scatter a mean drawn anew is taken.
    wider: f64,
}

impl Point<'_> {
    /// Mean of as many values, each drawn from all of them, as far from theirs as Student's t would have it.
    fn drawn(&self, stream: &mut MemberStream) -> f64 {
        let n = self.values.len() as u64;
        let sum: f64 = (0..n)
            .map(|_| {
                let Ok(word) = stream.try_next_u32();
                self.values[((u64::from(word) * n) >> 32) as usize]
            })
            .sum();
        self.mean + (sum / n as f64 - self.mean) * self.wider
    }
}

/// Of places, realisations and standard errors. Points whose realisations are all equal, or one, count as much as the surest of the others.
fn enclosed<'a>(points: impl Iterator<Item = (f64, &'a [f64], Option<f64>)>) -> Vec<Point<'a>> {
    let weight = |sem: Option<f64>| sem.filter(|&sem| sem > 0.0).map(|sem| 1.0 / (sem * sem));
    let points: Vec<(f64, &[f64], Option<f64>)> = points.map(|(x, values, sem)| (x, values, weight(sem))).collect();
    let surest = points.iter().filter_map(|point| point.2).reduce(f64::max).unwrap_or(1.0);
    let point = |(x, values, weight): (f64, &'a [f64], Option<f64>)| {
        let (n, dof) = (values.len() as f64, (values.len() as u64 - 1).max(1));
        let wider = quantile_975(dof) / NORMAL * (n / dof as f64).sqrt();
        let mean = values.iter().sum::<f64>() / n;
        Point { x, values, mean, weight: weight.unwrap_or(surest), wider }
    };
    points.into_iter().map(point).collect()
}

fn summary(values: &[f64]) -> Summary {
    Summary::on(Domain::Real, values.iter().copied().map(Some))
}

/// Where means at these points, which are made to go one way, cross the level; the nearer end where they do not.
fn place(points: &[Point], means: &[f64], level: f64, rises: bool) -> Option<f64> {
    let sign = if rises { 1.0 } else { -1.0 };
    let above: Vec<f64> = isotonic(points, means, sign).iter().map(|mean| sign * (mean - level)).collect();
    let last = points.len().checked_sub(1)?;
    // of equal ones the middle
    let (below, beyond) = (above.iter().rposition(|&x| x < 0.0), above.iter().position(|&x| x > 0.0));
    let (Some(from), Some(to)) = (below, beyond) else {
        return Some(points[if below.is_some() { last } else { 0 }].x);
    };
    if to > from + 1 {
        return Some(0.5 * (points[from + 1].x + points[to - 1].x));
    }
    let share = above[from] / (above[from] - above[to]);
    Some(points[from].x + share * (points[to].x - points[from].x))
}

/// The nearest means that go up (`sign` 1) or down (-1): neighbours that do not are pooled.
fn isotonic(points: &[Point], means: &[f64], sign: f64) -> Vec<f64> {
    let mut pools: Vec<(f64, f64, usize)> = Vec::new();
    for (point, &mean) in points.iter().zip(means) {
        let mut pool = (mean, point.weight, 1);
        while let Some(&(before, weight, n)) = pools.last().filter(|before| sign * (before.0 - pool.0) > 0.0) {
            let sum = weight + pool.1;
            pool = ((before * weight + pool.0 * pool.1) / sum, sum, n + pool.2);
            pools.pop();
        }
        pools.push(pool);
    }
    pools.into_iter().flat_map(|(mean, _, n)| std::iter::repeat_n(mean, n)).collect()
}

/// Crossing `number` for realisations drawn anew: the middle 95 % of its places.
fn interval(enclosed: &[Point], level: f64, rises: bool, key: [u32; 4], number: u32) -> Option<(f64, f64)> {
    let mut places: Vec<f64> = (0..DRAWS)
        .into_par_iter()
        .filter_map(|draw| {
            let mut stream = MemberStream::new(key, number * DRAWS + draw);
            let drawn: Vec<f64> = enclosed.iter().map(|point| point.drawn(&mut stream)).collect();
            place(enclosed, &drawn, level, rises)
        })
        .collect();
    places.sort_by(f64::total_cmp);
    let at = |share: f64| places.get((share * (places.len().max(1) - 1) as f64).round() as usize).copied();
    at(0.025).zip(at(0.975))
}
