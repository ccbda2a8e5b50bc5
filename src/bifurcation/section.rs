//! Returns of a trajectory to a section: the mean kick count of a projection falls through a level.
//!
//! A return is the first t with mu(t) >= L > mu(t + 1) after a rise from below L. It is located by the parabola through steps t - 1, t
//! and t + 1: theta in [0, 1) solves q(theta) = L, and the returning state is the same quadratic combination of x(t - 1), x(t),
//! x(t + 1). So an orbit is x = P(x), without a phase condition and without a change of dt.

use super::map::Map;
use serde::{Deserialize, Serialize};

/// A section is kept while its level keeps this share of the best one's distance from extrema.
const CLEAR: f64 = 0.5;

/// Where returns are counted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// Whose mean kick count.
    pub projection: usize,
    /// What it falls through.
    pub level: f64,
}

/// A trajectory up to its last return.
#[derive(Clone, Debug)]
pub struct Return {
    /// x(0) ... x(t + 1).
    pub states: Vec<Vec<f64>>,
    /// (step, population): neurons that fired; one row less than states.
    pub fired: Vec<Vec<f64>>,
    /// Time within the last step.
    pub theta: f64,
    /// dq/dtheta there.
    pub slope: f64,
    /// The returning state.
    pub x: Vec<f64>,
}

impl Return {
    /// t.
    pub fn last(&self) -> usize {
        self.states.len() - 2
    }

    /// t + theta, in steps.
    pub fn time(&self) -> f64 {
        self.last() as f64 + self.theta
    }

    /// Of each population, neurons that fired, of the last step its part.
    pub fn spikes(&self) -> Vec<f64> {
        let whole = &self.fired[..self.last()];
        let populations = 0..self.fired[0].len();
        populations
            .map(|q| whole.iter().map(|row| row[q]).sum::<f64>() + self.theta * self.fired[self.last()][q])
            .collect()
    }

    /// The mean kick count of a projection at x(0) ... x(t).
    pub fn series(&self, map: &Map<f64>, projection: usize) -> Vec<f64> {
        let row = map.kick_row(projection);
        self.states[..=self.last()].iter().map(|x| x[row]).collect()
    }
}

/// Weights of x(t - 1), x(t), x(t + 1), and their derivatives.
pub fn weights(theta: f64) -> ([f64; 3], [f64; 3]) {
    let weights = [0.5 * theta * (theta - 1.0), 1.0 - theta * theta, 0.5 * theta * (theta + 1.0)];
    (weights, [theta - 0.5, -2.0 * theta, theta + 0.5])
}

/// a[0] u + a[1] v + a[2] w.
pub fn combine(a: [f64; 3], of: [&[f64]; 3]) -> Vec<f64> {
    (0..of[0].len()).map(|i| a[0] * of[0][i] + a[1] * of[1][i] + a[2] * of[2][i]).collect()
}

/// theta in [0, 1) where the parabola through three numbers at -1, 0 and 1 falls through `level`, and its slope there.
pub fn locate(y: [f64; 3], level: f64) -> (f64, f64) {
    let (a, b, c) = (0.5 * (y[2] - 2.0 * y[1] + y[0]), 0.5 * (y[2] - y[0]), y[1] - level);
    let root = (b * b - 4.0 * a * c).max(0.0).sqrt();
    let sum = -0.5 * (b + if b < 0.0 { -root } else { root });
    let (one, other) = (c / sum, sum / a);
    let outside = |theta: f64| if theta.is_finite() { (theta - theta.clamp(0.0, 1.0)).abs() } else { f64::INFINITY };
    let theta = if outside(one) <= outside(other) { one } else { other };
    (theta, b + 2.0 * a * theta)
}

impl Section {
    /// The trajectory from x to its return number `falls`; `None` if that takes more than `most` steps.
    pub fn follow(&self, map: &mut Map<f64>, x: &[f64], falls: usize, most: usize) -> Option<Return> {
        let row = map.kick_row(self.projection);
        let (mut states, mut fired) = (vec![x.to_vec()], vec![]);
        let (mut was_below, mut rose, mut count) = (false, false, 0);
        while states.len() <= most {
            let mut next = states[states.len() - 1].clone();
            fired.push(map.apply(&mut next).to_vec());
            let mu = next[row];
            if !mu.is_finite() {
                return None;
            }
            states.push(next);
            if mu >= self.level {
                rose |= was_below;
                continue;
            }
            was_below = true;
            count += usize::from(rose);
            if rose && count == falls {
                return Some(self.end(row, states, fired));
            }
            rose = false;
        }
        None
    }

    fn end(&self, row: usize, states: Vec<Vec<f64>>, fired: Vec<Vec<f64>>) -> Return {
        let t = states.len() - 2;
        let three = [&states[t - 1][..], &states[t][..], &states[t + 1][..]];
        let (theta, slope) = locate(three.map(|x| x[row]), self.level);
        let x = combine(weights(theta).0, three);
        Return { states, fired, theta, slope, x }
    }

    /// The best level for an orbit whose kick count takes these values, in order and around: the middle of the widest gap between
    /// its extrema; how often the orbit falls through it, and the gap.
    pub fn choose(series: &[f64]) -> (f64, usize, f64) {
        let n = series.len();
        let around = |i: usize| (series[(i + n - 1) % n], series[i], series[(i + 1) % n]);
        let mut extrema: Vec<f64> = (0..n)
            .filter_map(|i| {
                let (before, here, after) = around(i);
                ((here - before) * (after - here) <= 0.0).then_some(here)
            })
            .collect();
        extrema.sort_by(f64::total_cmp);
        let gaps = extrema.windows(2).map(|pair| (pair[1] - pair[0], 0.5 * (pair[0] + pair[1])));
        let (gap, level) = gaps.fold((0.0, series[0]), |best, gap| if gap.0 > best.0 { gap } else { best });
        let falls = (0..n).filter(|&i| series[i] >= level && around(i).2 < level).count();
        (level, falls, gap)
    }

    /// A better section of an orbit with this series, and how often it falls through that, if the level has come close to an extremum.
    pub fn better(&self, series: &[f64]) -> Option<(Section, usize)> {
        let (level, falls, gap) = Section::choose(series);
        (self.clearance(series) <= CLEAR * 0.5 * gap).then_some((Section { level, ..*self }, falls))
    }

    /// Distance of a level from the nearest extremum of a series.
    pub fn clearance(&self, series: &[f64]) -> f64 {
        let n = series.len();
        let turns = (0..n).filter(|&i| {
            let (before, here, after) = (series[(i + n - 1) % n], series[i], series[(i + 1) % n]);
            (here - before) * (after - here) <= 0.0
        });
        turns.map(|i| (series[i] - self.level).abs()).fold(f64::INFINITY, f64::min)
    }
}
