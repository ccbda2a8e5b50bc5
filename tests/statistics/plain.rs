//! Every definition once more, written plainly over the whole train; nothing is shared with the library.

use rustfft::{FftPlanner, num_complex::Complex};
use snn_ensemble::statistics::TwoStates;

pub struct Plain {
    pub dt: f64,
    pub size: f64,
    pub height: f64,
    pub distance: f64,
    pub band: (f64, f64),
    pub states: TwoStates,
}

/// Steps in a time, for the dt of the tests.
fn steps(time: f64, dt: f64) -> i64 {
    (time / dt + 1e-6).floor() as i64
}

pub fn mean(x: &[f64]) -> Option<f64> {
    (!x.is_empty()).then(|| x.iter().sum::<f64>() / x.len() as f64)
}

pub fn sd(x: &[f64]) -> Option<f64> {
    let m = mean(x)?;
    (x.len() > 1).then(|| (x.iter().map(|v| (v - m) * (v - m)).sum::<f64>() / (x.len() - 1) as f64).sqrt())
}

impl Plain {
    /// (name, value) of every statistic of `c`, the counts within the window.
    pub fn statistics(&self, c: &[f64]) -> Vec<(&'static str, Option<f64>)> {
        let (dt, n) = (self.dt, self.size);
        let time = c.len() as f64 * dt;
        let total: f64 = c.iter().sum();
        let smoothed = self.smoothed(c);
        let rates: Vec<f64> = smoothed.iter().map(|&(_, m)| 1000.0 * m / n).collect();
        let mut out = vec![
            ("rate", Some(1000.0 * total / (n * time))),
            ("rate_sd", sd(&rates)),
            ("fano", self.fano(c)),
            ("ssi", self.ssi(c)),
        ];
        let density = self.welch(c);
        let peak = density.and_then(|density| {
            let inside = density.iter().copied().filter(|&(f, _)| f >= self.band.0 && f <= self.band.1);
            inside.reduce(|a, b| if b.1 > a.1 { b } else { a })
        });
        let frequency = peak.filter(|p| p.1 > 0.0).map(|p| p.0);
        out.extend([("psd_peak_hz", frequency), ("psd_peak_power", peak.map(|p| p.1))]);
        out.extend(self.bursts(c, &smoothed));
        out.extend(self.states(c));
        out
    }

    /// (step, spikes/ms) wherever the whole averaging window exists.
    fn smoothed(&self, c: &[f64]) -> Vec<(i64, f64)> {
        self.averaged(c, 1.0)
    }

    fn averaged(&self, c: &[f64], time: f64) -> Vec<(i64, f64)> {
        let most = steps(time, self.dt).max(1);
        let width = if most % 2 == 1 { most } else { most - 1 };
        let half = width / 2;
        (half..c.len() as i64 - half)
            .map(|t| (t, c[(t - half) as usize..=(t + half) as usize].iter().sum::<f64>() / (width as f64 * self.dt)))
            .collect()
    }

    fn fano(&self, c: &[f64]) -> Option<f64> {
        let counts: Vec<f64> =
            c.chunks_exact(steps(10.0, self.dt).max(1) as usize).map(|window| window.iter().sum()).collect();
        let m = mean(&counts).filter(|&m| m > 0.0)?;
        Some(sd(&counts)?.powi(2) / m)
    }

    fn ssi(&self, c: &[f64]) -> Option<f64> {
        let half = steps(0.5, self.dt) as usize;
        let (mut weights, mut sum) = (0.0, 0.0);
        for t in half..c.len().saturating_sub(half) {
            if c[t] > 0.0 {
                weights += c[t];
                sum += c[t] * c[t - half..=t + half].iter().sum::<f64>() / self.size;
            }
        }
        (weights > 0.0).then(|| sum / weights)
    }

    /// (Hz, Hz^2/Hz).
    pub fn welch(&self, c: &[f64]) -> Option<Vec<(f64, f64)>> {
        let mut n = 1;
        while 2 * n <= steps(1000.0, self.dt) as usize {
            n *= 2;
        }
        if n < 8 || c.len() < n {
            return None;
        }
        let fs = 1000.0 / self.dt;
        let window: Vec<f64> = (0..n).map(|i| (std::f64::consts::PI * i as f64 / n as f64).sin().powi(2)).collect();
        let norm = fs * window.iter().map(|w| w * w).sum::<f64>();
        let transform = FftPlanner::new().plan_fft_forward(n);
        let mut density = vec![0.0; n / 2 + 1];
        let starts: Vec<usize> = (0..=c.len() - n).step_by(n / 2).collect();
        for &start in &starts {
            let x: Vec<f64> = c[start..start + n].iter().map(|c| c / self.size * fs).collect();
            let m = mean(&x).unwrap();
            let mut z: Vec<_> = x.iter().zip(&window).map(|(x, w)| Complex::new((x - m) * w, 0.0)).collect();
            transform.process(&mut z);
            for (k, d) in density.iter_mut().enumerate() {
                let sides = if k == 0 || k == n / 2 { 1.0 } else { 2.0 };
                *d += sides * z[k].norm_sqr() / norm / starts.len() as f64;
            }
        }
        Some(density.into_iter().enumerate().map(|(k, d)| (k as f64 * fs / n as f64, d)).collect())
    }

    fn bursts(&self, c: &[f64], smoothed: &[(i64, f64)]) -> Vec<(&'static str, Option<f64>)> {
        let reach = steps(self.distance, self.dt);
        let around = steps(4.0, self.dt);
        let least = self.height * self.size / 300.0 * (1.0 - 1e-10);
        let (mut times, mut heights, mut sizes) = (vec![], vec![], vec![]);
        for (i, &(t, x)) in smoothed.iter().enumerate() {
            let inner = i > 0 && i + 1 < smoothed.len();
            let low = i.saturating_sub(reach as usize);
            let high = (i + reach as usize).min(smoothed.len() - 1);
            // sums of real counts in another order differ in the last bits, sums of whole ones do not
            let first = (low..i).all(|j| x > smoothed[j].1);
            let most = (i + 1..=high).all(|j| x >= smoothed[j].1);
            if inner && x >= least && first && most {
                times.push(t as f64 * self.dt);
                heights.push(x);
                if t - around >= 0 && t + around < c.len() as i64 {
                    sizes.push(c[(t - around) as usize..=(t + around) as usize].iter().sum::<f64>());
                }
            }
        }
        let intervals: Vec<f64> = times.windows(2).map(|p| p[1] - p[0]).collect();
        let seconds = c.len() as f64 * self.dt / 1000.0;
        vec![
            ("burst_rate", (!smoothed.is_empty()).then(|| times.len() as f64 / seconds)),
            ("burst_peak_mean", mean(&heights)),
            ("burst_peak_sd", sd(&heights)),
            ("burst_size_mean", mean(&sizes)),
            ("burst_size_sd", sd(&sizes)),
            ("burst_interval_mean", mean(&intervals)),
            ("burst_interval_cv", sd(&intervals).map(|s| s / mean(&intervals).unwrap())),
            ("burst_lag1", lag1(&heights)),
        ]
    }

    fn states(&self, c: &[f64]) -> Vec<(&'static str, Option<f64>)> {
        let TwoStates { low, high, smooth, minimum } = self.states;
        let rates = self.averaged(c, smooth).into_iter().map(|(_, m)| 1000.0 * m / self.size);
        // the level of each time is that of the last rate outside the gap
        let outside = |r: f64| if r > high { Some(true) } else { (r <= low).then_some(false) };
        let outside: Vec<Option<bool>> = rates.map(outside).collect();
        let level = |t: usize| outside[..=t].iter().rev().find_map(|o| *o);
        let levels: Vec<Option<bool>> = match low == high {
            true => outside.clone(),
            false => (0..outside.len()).map(level).collect(),
        };
        let runs: Vec<(bool, usize, usize)> =
            runs_of(&levels).into_iter().filter_map(|(l, a, b)| Some((l?, a, b))).collect();
        // the state of each time is that of the last run that was long enough and has begun
        let is_long = |run: &(bool, usize, usize)| (run.2 - run.1) as i64 >= steps(minimum, self.dt).max(1);
        let long: Vec<_> = runs.iter().copied().filter(is_long).collect();
        let state = |t: usize| long[..long.partition_point(|&(_, a, _)| a <= t)].last().map(|run| run.0);
        let mut states: Vec<Option<bool>> = (0..levels.len()).map(state).collect();
        // unless it is too late to tell
        if let Some(&(level, a, b)) = runs.last().filter(|run| !is_long(run))
            && states[a] != Some(level)
        {
            states[a..b].fill(None);
        }
        let known: Vec<Option<bool>> = states.into_iter().filter(Option::is_some).collect();
        let stays = runs_of(&known);
        let whole = if stays.len() > 2 { &stays[1..stays.len() - 1] } else { &[] };
        let dwell = |state| {
            let stays = whole.iter().filter(|stay| stay.0 == Some(state));
            mean(&stays.map(|&(_, a, b)| (b - a) as f64 * self.dt).collect::<Vec<_>>())
        };
        let share = known.iter().filter(|&&state| state == Some(true)).count() as f64 / known.len() as f64;
        vec![
            ("fraction_above", (!known.is_empty()).then_some(share)),
            ("dwell_above_mean", dwell(true)),
            ("dwell_below_mean", dwell(false)),
        ]
    }
}

/// (value, first, one past the last) of every run of equal values.
fn runs_of(values: &[Option<bool>]) -> Vec<(Option<bool>, usize, usize)> {
    let mut at = 0;
    let chunks = values.chunk_by(|a, b| a == b);
    let place = |run: &[Option<bool>]| {
        at += run.len();
        (run[0], at - run.len(), at)
    };
    chunks.map(place).collect()
}

fn lag1(h: &[f64]) -> Option<f64> {
    if h.len() < 4 {
        return None;
    }
    let (x, y) = (&h[..h.len() - 1], &h[1..]);
    let (mx, my) = (mean(x)?, mean(y)?);
    let covariance = x.iter().zip(y).map(|(a, b)| (a - mx) * (b - my)).sum::<f64>() / (x.len() - 1) as f64;
    let spread = sd(x)? * sd(y)?;
    (spread > 0.0).then(|| covariance / spread)
}
