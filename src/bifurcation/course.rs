//! The regime of one trajectory: its returns to a section, and the growth of one tangent vector across the flow.
//!
//! The section is the one of `section`: the mean kick count of the slowest projection that moves falls through its mean over
//! the end of the transient. The trajectory is the member's own, which is not restarted there. At each return the tangent loses its part along the flow, and is
//! made 1 long in scaled coordinates: the sum of the logarithms over the time is the exponent, of an orbit ln|leading multiplier|/T.
//! It is the way to a second trajectory, `APART` from the first one: a step of that costs no more than one without a tangent, where one
//! of dual numbers costs three and a half.

use super::map::{Map, MapError};
use super::place::apart;
use super::section::{combine, locate, weights};
use super::solver::{extent, slowest};
use crate::model::{Bins, Network, Variant};
use crate::reduced::Dsode;
use crate::statistics::Regime;
use crate::statistics::sample::{mean_and_error, slope};
use serde::{Deserialize, Serialize};

/// End of the transient, over which the level of the section is the mean kick count, in ms.
pub const LEVELLED: f64 = 300.0;
/// Most returns of a period.
const MOST: usize = 16;
/// Returns are the same if they agree to this in scaled coordinates.
const SAME: f64 = 1e-4;
/// Returns a part of a period apart that come nearer by this factor over the second half of the time are no longer apart in the end.
const SHRINKING: f64 = 0.8;
/// A mean kick count that varies by less than this share of its mean is at rest.
const REST: f64 = 0.02;
/// What moved in the transient comes to rest in no less than this time in ms.
const SEEN: f64 = 50.0;
/// A burst rises and falls by more than this share of the logarithm's range: the second peak of one burst does not (3 %), a burst of
/// 20 Hz beside one of 1400 Hz does (14 %).
const BURST: f64 = 0.05;
/// Of less than this share everything is rounding.
const ROUNDING: f64 = 1e-6;
/// Share of the returns that the tangent turns to its leading direction in.
const TURNING: f64 = 0.1;
/// Batches that the standard error is made of.
const BATCHES: usize = 10;
/// Time in ms between looks at the growth of a tangent.
const LOOK: f64 = 1.0;
/// Distance of the second trajectory in scaled coordinates: so little that the map is straight in between, to 1e-7 of a change, and so much
/// that rounding is 1e-9 of it.
const APART: f64 = 1e-7;

/// A number of the state and its tangent.
type Pair = [f64; 2];

/// A return to the section.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Return {
    /// In steps from the end of the transient.
    time: f64,
    /// Logarithm of the tangent's growth since the return before.
    growth: f64,
    /// Range of the mean kick count since then.
    range: f64,
    /// Bursts since then.
    bursts: u32,
    /// The state; empty in the first half of the time.
    x: Vec<f64>,
}

/// The mean kick count since the last return, and its bursts.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Wave {
    low: f64,
    high: f64,
    /// The last turning point of its logarithm so far, and whether that was on its way up.
    turn: f64,
    rising: bool,
    bursts: u32,
}

/// What was seen of one trajectory so far; plain data, so that it can be gone on with.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Course {
    /// Mean kick counts of every projection over the end of the transient.
    transient: Vec<Vec<f64>>,
    /// x(t - 2), x(t - 1), x(t) with their tangents.
    states: [Vec<Pair>; 3],
    /// Whose mean kick count, and which level it falls through; `None` where nothing moves anything.
    section: Option<(usize, f64)>,
    /// Whether anything varied over the end of the transient.
    moved: bool,
    /// Of a burst, in the logarithm of the mean kick count.
    height: f64,
    wave: Option<Wave>,
    /// Lowest and highest mean kick count in the second half of the time.
    late: Option<[f64; 2]>,
    was_below: bool,
    rose: bool,
    /// Steps since the end of the transient.
    step: u64,
    /// Sum of the logarithms of the tangent's growth, up to the last time that it was made 1 long.
    grown: f64,
    /// The same at the last return.
    at_return: Option<f64>,
    returns: Vec<Return>,
    /// (step, logarithm of growth) every so often.
    looks: Vec<(u64, f64)>,
}

/// Carries a tangent along trajectories of one network.
pub struct Follower {
    plain: Map<f64>,
    scales: Vec<f64>,
    /// Where the second trajectory is, and where the first one.
    beside: Vec<f64>,
    x: Vec<f64>,
    /// Steps of the time that is followed.
    steps: u64,
}

impl Follower {
    /// For `steps` steps after the transient.
    ///
    /// # Errors
    /// The model is no map of its state.
    pub fn new(network: &Network, variant: &Variant, bins: &[Bins], steps: u64) -> Result<Self, MapError> {
        let plain = Map::with_bins(network, variant, bins)?;
        Ok(Follower { scales: plain.scales(), plain, beside: vec![], x: vec![], steps })
    }

    /// Steps between looks at mean kick counts.
    pub fn look_every(dt: f64) -> u32 {
        (LOOK / dt).round().max(1.0) as u32
    }

    /// Begins where a trajectory is at the end of the transient.
    pub fn begin(&mut self, course: &mut Course, trajectory: &Dsode<f64>) {
        let x = self.plain.read(trajectory);
        let kicks = std::mem::take(&mut course.transient);
        let extents: Vec<(f64, f64, f64)> = kicks.iter().map(|series| extent(series)).collect();
        let varies = |x: usize| extents.get(x).is_some_and(|(low, high, mean)| high - low > REST * mean);
        let acts = |x: usize| extents.get(x).is_some_and(|(_, _, mean)| *mean > 0.0);
        let moving = slowest(&self.plain, varies);
        course.moved = moving.is_some();
        let projection = moving.or_else(|| slowest(&self.plain, acts));
        course.section = projection.map(|projection| (projection, extents[projection].2));
        course.height = projection.map_or(0.0, |projection| {
            let (low, high, _) = extents[projection];
            BURST * (libm::log(high) - libm::log(low.max(ROUNDING * high)))
        });
        // Any direction has a part along the leading one; always the same one, to which bins give of what they have.
        let tangent = |(i, x): (usize, &f64)| [*x, x * libm::sin(1.0 + i as f64)];
        let pairs: Vec<Pair> = x.iter().enumerate().map(tangent).collect();
        course.states = [pairs.clone(), pairs.clone(), pairs];
        course.stretch(1.0 / self.length(&course.states[2]));
    }

    /// Length of a tangent in scaled coordinates.
    fn length(&self, pairs: &[Pair]) -> f64 {
        pairs.iter().zip(&self.scales).map(|([_, v], scale)| (v / scale) * (v / scale)).sum::<f64>().sqrt()
    }

    /// Takes a step that the trajectory has done.
    pub fn see(&mut self, course: &mut Course, trajectory: &Dsode<f64>) {
        self.step(course, trajectory);
        if course.step.is_multiple_of(u64::from(Self::look_every(self.plain.dt()))) {
            let length = self.length(&course.states[2]);
            course.looks.push((course.step, course.grown + libm::log(length)));
            course.stretch(1.0 / length);
            course.grown += libm::log(length);
        }
    }

    fn step(&mut self, course: &mut Course, trajectory: &Dsode<f64>) {
        let Follower { plain, beside, x, .. } = self;
        let now = &course.states[2];
        beside.clear();
        beside.extend(now.iter().map(|[value, tangent]| value + APART * tangent));
        plain.apply(beside);
        plain.read_into(trajectory, x);
        course.states.rotate_left(1);
        course.states[2].clear();
        course.states[2].extend(x.iter().zip(beside).map(|(x, beside)| [*x, (*beside - x) / APART]));
        course.step += 1;
        let Some((projection, level)) = course.section else { return };
        let row = self.plain.kick_row(projection);
        let mu = course.states[2][row][0];
        let turn = libm::log(mu.max(ROUNDING * level));
        if self.is_late(course) {
            let [low, high] = course.late.get_or_insert([mu, mu]);
            (*low, *high) = (low.min(mu), high.max(mu));
        }
        let wave = course.wave.get_or_insert(Wave { low: mu, high: mu, turn, rising: false, bursts: 0 });
        (wave.low, wave.high) = (wave.low.min(mu), wave.high.max(mu));
        wave.see(turn, course.height);
        if mu >= level {
            course.rose |= course.was_below;
            return;
        }
        course.was_below = true;
        if std::mem::take(&mut course.rose) && wave.high - wave.low > ROUNDING * level {
            self.turn_back(course, row, level);
        }
    }

    fn is_late(&self, course: &Course) -> bool {
        2 * course.step >= self.steps
    }

    /// A return between the last two states.
    fn turn_back(&self, course: &mut Course, row: usize, level: f64) {
        let number = |i: usize, part: usize| course.states[i].iter().map(|pair| pair[part]).collect::<Vec<f64>>();
        let three = |part: usize| std::array::from_fn::<_, 3, _>(|i| number(i, part));
        let (values, tangents) = (three(0), three(1));
        let refs = |of: &[Vec<f64>; 3], a: [f64; 3]| combine(a, [&of[0], &of[1], &of[2]]);
        let (theta, slope) = locate(std::array::from_fn(|i| values[i][row]), level);
        let (at, by_theta) = weights(theta);
        let (flow, tangent) = (refs(&values, by_theta), refs(&tangents, at));
        let along = tangent[row] / slope;
        let across: Vec<Pair> = tangent.iter().zip(&flow).map(|(v, f)| [0.0, v - along * f]).collect();
        let length = self.length(&across);
        let now = refs(&values, weights(1.0).1);
        for (pair, flow) in course.states[2].iter_mut().zip(now) {
            pair[1] -= along * flow;
        }
        course.grown += libm::log(length);
        course.stretch(1.0 / length);
        let growth = course.grown - course.at_return.unwrap_or(f64::NAN);
        let first = course.at_return.replace(course.grown).is_none();
        let Some(wave) = &mut course.wave else { return };
        let (range, bursts) = (wave.high - wave.low, std::mem::take(&mut wave.bursts));
        (wave.low, wave.high) = (values[2][row], values[2][row]);
        if !first {
            let x = if self.is_late(course) { refs(&values, at) } else { vec![] };
            let time = (course.step - 1) as f64 + theta;
            course.returns.push(Return { time, growth, range, bursts, x });
        }
    }

    /// What the trajectory does.
    pub fn regime(&self, course: &Course) -> Regime {
        let dt = self.plain.dt();
        if course.is_at_rest(self.steps, dt) {
            let looks: Vec<(f64, f64)> = course.looks.iter().map(|&(step, grown)| (step as f64 * dt, grown)).collect();
            let over = |from: usize, to: usize| slope(&looks[from..to]).map(|slope| 1e3 * slope);
            let (half, end) = (looks.len() / 2, looks.len());
            let (exponent, quarter) = (over(half, end), over(half, half + (end - half) / 2));
            let error = exponent.zip(quarter).map(|(half, quarter)| (half - quarter).abs());
            return Regime { exponent, error, period: Some(0), bursts: Some(0.0) };
        }
        let period = self.period(course);
        let whole = period.unwrap_or(1);
        let turned = (TURNING * course.returns.len() as f64).ceil() as usize;
        // Whole periods, counted from the end.
        let kept = course.returns.len().saturating_sub(turned.max(1)) / whole * whole;
        let kept = &course.returns[course.returns.len() - kept..];
        let begin = course.returns.len().checked_sub(kept.len() + 1).map(|i| course.returns[i].time);
        let (Some(begin), Some(last)) = (begin, kept.last()) else {
            return Regime { period: Some(-1), ..Regime::default() };
        };
        let grown = |of: &[Return]| of.iter().map(|back| back.growth).sum::<f64>();
        let exponent = 1e3 * grown(kept) / ((last.time - begin) * dt);
        let exponent = exponent.is_finite().then_some(exponent);
        let size = kept.len() / BATCHES / whole * whole;
        let rates = (size > 0).then(|| {
            let batches = (0..BATCHES).map(|i| {
                let end = kept.len() - (BATCHES - 1 - i) * size;
                let before = (end - size).checked_sub(1).map_or(begin, |i| kept[i].time);
                1e3 * grown(&kept[end - size..end]) / ((kept[end - 1].time - before) * dt)
            });
            batches.collect::<Vec<f64>>()
        });
        let error = rates.map(|rates| mean_and_error(&rates).1).filter(|error| error.is_finite());
        let bursts =
            period.map(|k| course.returns[course.returns.len() - k..].iter().map(|r| f64::from(r.bursts)).sum());
        Regime { exponent, error, period: Some(period.map_or(-1, |k| k as i32)), bursts }
    }

    /// Returns after which the trajectory repeats, over the second half of the time; none where it only settles to a shorter period.
    fn period(&self, course: &Course) -> Option<usize> {
        let late: Vec<&Return> = course.returns.iter().filter(|back| !back.x.is_empty()).collect();
        let apart = |i: usize, j: usize| apart(&late[i].x, &late[j].x, &self.scales);
        let repeats = |k: &usize| (0..late.len() - k).all(|i| apart(i, i + k) < SAME);
        let period = (1..=MOST.min(late.len() / 2)).find(repeats)?;
        let settles = |part: usize| {
            let last = (late.len() - 1 - part) / period * period;
            let between = |i: usize| apart(i, i + part);
            last > 0 && between(last) < SHRINKING * between(0)
        };
        let mut parts = (1..period).filter(|part| period.is_multiple_of(*part));
        (!parts.any(settles)).then_some(period)
    }
}

impl Course {
    /// Takes mean kick counts towards the end of the transient.
    pub fn look(&mut self, kicks: impl ExactSizeIterator<Item = f64>) {
        self.transient.resize(kicks.len(), vec![]);
        self.transient.iter_mut().zip(kicks).for_each(|(series, mu)| series.push(mu));
    }

    /// Whether the transient has ended.
    pub fn has_begun(&self) -> bool {
        !self.states[2].is_empty()
    }

    /// Makes the tangent longer, where states go on from and where the next return is located.
    fn stretch(&mut self, factor: f64) {
        self.states.iter_mut().flatten().for_each(|pair| pair[1] *= factor);
    }

    /// Nothing moves; no return towards the end though little moves; or ever smaller ones that are next to nothing.
    fn is_at_rest(&self, steps: u64, dt: f64) -> bool {
        let (Some((_, level)), Some([low, high])) = (self.section, self.late) else { return true };
        let seen = !self.moved || 0.5 * steps as f64 * dt >= SEEN;
        let still = seen && high - low < REST * level.max(high);
        match (self.returns.first(), self.returns.last()) {
            (Some(first), Some(last)) if 2.0 * last.time >= steps as f64 => {
                last.range < REST * level && last.range < first.range
            }
            _ => still,
        }
    }
}

impl Wave {
    /// A burst is a fall by `height` after a rise by as much.
    fn see(&mut self, now: f64, height: f64) {
        if self.rising == (now > self.turn) {
            self.turn = now;
        } else if (now - self.turn).abs() > height {
            self.bursts += u32::from(self.rising);
            (self.rising, self.turn) = (!self.rising, now);
        }
    }
}
