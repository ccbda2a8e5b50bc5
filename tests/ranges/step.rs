//! One step of a neuron in 128-bit integers, each intermediate asked whether it fits the type that the kernels have for it.

use crate::common::BINS;
use snn_ensemble::model::*;
use snn_ensemble::network::arithmetic::{RangeError, Scale};
use snn_ensemble::network::chunk::Context;
use snn_ensemble::network::dispatch::NetworkDispatch;
use snn_ensemble::network::fixed::{count_times, fixed_times, fixed_times_signed};
use snn_ensemble::network::markov::{MeanField, MeanInput, prepare};
use snn_ensemble::network::neuron::{adaptation_current, drift, gaussian_drive, integrate, integrate_signed, noise};
use snn_ensemble::network::parameters::{PopulationParameters, ProjectionParameters};
use snn_ensemble::network::ring::Ring;
use snn_ensemble::network::scale::DRIFT_POINTS;
use snn_ensemble::network::shape::{Model, NetworkShape};
use snn_ensemble::network::state::ProjectionState;
use snn_ensemble::network::tables::Tables;
use snn_ensemble::random::alias::{SMALL_BITS, Weights};
use snn_ensemble::random::normal_table::{VALUES, normal_table};
use snn_ensemble::wgsl::Word;

const HALF: i128 = 1 << 31;

fn signed(what: &str, x: i128) -> i128 {
    assert!((-HALF..HALF).contains(&x), "{what}: {x} is no i32");
    x
}

fn unsigned(what: &str, x: i128) -> i128 {
    assert!((0..2 * HALF).contains(&x), "{what}: {x} is no u32");
    x
}

/// a b / 2^32, rounded to nearest.
fn high(what: &str, a: i128, b: i128) -> i128 {
    let product = unsigned(what, a) * unsigned(what, b);
    assert!(product + HALF < 1 << 64, "{what}");
    (product + HALF) >> 32
}

fn odd(size: impl Fn(i128) -> i128, x: i128) -> i128 {
    x.signum() * size(x.abs())
}

fn shifted(what: &str, a: i128, shift: u32) -> i128 {
    signed(what, a + ((1 << shift) >> 1)) >> shift
}

/// One value that a term can take: its current and conductance in their units, and in voltage units and shares.
#[derive(Clone, Copy, Default)]
struct Input {
    current: i128,
    conductance: i128,
    exact: [f64; 2],
}

/// A target's integers, and what the kernels read of it.
struct Target<'a> {
    network: &'a Network,
    scale: Scale,
    q: PopulationParameters,
    projections: Vec<(&'a Projection, ProjectionParameters)>,
}

impl<'a> Target<'a> {
    fn new(network: &'a Network, model: Model) -> Result<Target<'a>, RangeError> {
        let scale = Scale::new(network, 0, model)?;
        let q = scale.population(&network.populations[0], BINS);
        let of = |(_, j): (usize, &'a Projection)| scale.projection(network, j).map(|r| (j, r));
        Ok(Target { network, scale, q, projections: network.incoming(0).map(of).collect::<Result<_, _>>()? })
    }

    fn unit(&self) -> f64 {
        2f64.powi(-self.scale.current)
    }

    fn drive(&self) -> Vec<Input> {
        let population = &self.network.populations[0];
        let (weight, rate) = (population.drive.weight, population.drive.rate.max());
        let exact = |current: i128, exact: f64| Input { current, conductance: 0, exact: [exact, 0.0] };
        if population.drive.kind == DriveKind::Poisson {
            let last = Weights::poisson(rate * self.network.dt, SMALL_BITS).last();
            let kicks = |k: u32| {
                let current = signed("Poisson kicks", i128::from(k) * i128::from(self.q.drive_kick));
                exact(current, f64::from(k) * weight)
            };
            return vec![kicks(0), kicks(last)];
        }
        let (mean, deviation) = self.scale.gaussian_drive(population, rate);
        let of = |word: usize| {
            let z = normal_table()[word];
            let product = signed("z deviation", i128::from(z) * i128::from(deviation));
            let current = shifted("drive", product, self.q.drive_shift) + i128::from(mean);
            let kernel = gaussian_drive(normal_table(), &self.q, [mean as u32, deviation], Word(word as u32));
            assert_eq!(signed("drive", current), i128::from(kernel.0));
            let sigma = weight.abs() * (rate * self.network.dt).sqrt();
            exact(current, rate * weight * self.network.dt + f64::from(z) / 8192.0 * sigma)
        };
        vec![of(0), of(VALUES / 2), of(VALUES - 1)]
    }

    fn leak(&self) -> Input {
        let population = &self.network.populations[0];
        let leak = population.leak_per_step(self.network.dt);
        Input {
            current: self.q.leak_current.into(),
            conductance: self.q.leak.into(),
            exact: [leak * (population.e_leak - self.scale.v_floor), leak],
        }
    }

    /// None, and what takes a voltage from one end of the range of images to the other.
    fn drift(&self) -> Vec<Input> {
        let population = &self.network.populations[0];
        if population.neuron.is_lif() {
            return vec![Input::default()];
        }
        let Increments { least, most, .. } = self.scale.drift_grid(population);
        let of = |exact: f64| Input {
            current: signed("drift", i128::from(self.scale.to_current(exact))),
            conductance: 0,
            exact: [exact, 0.0],
        };
        [0.0, most - least, least - self.network.populations[0].v_th].map(of).to_vec()
    }

    /// None, and the most that can gather, in `snn` of a neuron that fires whenever it can.
    fn adaptation(&self, down: f64) -> Vec<Input> {
        let mut inputs = vec![Input::default()];
        if self.network.populations[0].adaptation.is_some() {
            let a = down * 2f64.powi(self.scale.current + self.q.adaptation_shift as i32);
            let a = unsigned("adaptation", a as i128);
            let current = signed("adaptation", a >> self.q.adaptation_shift);
            assert_eq!(current, i128::from(adaptation_current(&self.q, Word(a as u32)).0));
            inputs.push(Input { current: -current, conductance: 0, exact: [-down, 0.0] });
        }
        inputs
    }

    /// None, and all kicks that are allowed.
    fn kicks(&self, (j, r): &(&Projection, ProjectionParameters)) -> Vec<Input> {
        let (current, conductance) = self.scale.kick(j);
        let sign = if j.synapse.is_bottomless() { -1 } else { 1 };
        // The flag that stops a member is raised after the births.
        let fraction = if j.has_deterministic_decay() { r.fraction } else { 0 };
        let most = if self.network.source(j).is_some() { 255 } else { self.network.populations[j.source].size };
        let all = i128::from(most) << fraction;
        unsigned("births", i128::from(r.kicks_max) + all);
        [0, r.kicks_max]
            .map(|h| {
                let (units, kicks) = match j.has_deterministic_decay() {
                    false => {
                        let current = counted(h, i128::from(r.current_high as i32), r.current_low);
                        ([current, counted(h, r.conductance_high.into(), r.conductance_low)], h.into())
                    }
                    true => {
                        let current = i128::from(sign) * fixed(h.into(), r.current_high);
                        let kicks = f64::from(h) / 2f64.powi(r.fraction as i32);
                        ([current, fixed(h.into(), r.conductance_high)], kicks)
                    }
                };
                let exact = [f64::from(sign) * kicks * current, kicks * conductance];
                Input { current: units[0], conductance: units[1], exact }
            })
            .to_vec()
    }

    /// Every combination of every term's extremes, term by term as the kernels add them, at every voltage.
    fn walk(&self, terms: &[Vec<Input>]) {
        let snn = self.scale.model() == Model::Snn;
        let combinations: usize = terms.iter().map(Vec::len).product();
        let carry = self.network.populations[0].initial == Initial::Carry;
        let top = if carry { self.scale.top() } else { self.q.threshold };
        for mut index in 0..combinations {
            let (mut current, mut conductance, mut exact) = (0, 0, [0.0; 2]);
            for term in terms {
                let input = term[index % term.len()];
                index /= term.len();
                current = signed("current", current + input.current);
                conductance = if snn {
                    unsigned("conductance", conductance + input.conductance)
                } else {
                    signed("conductance", conductance + input.conductance)
                };
                exact = [exact[0] + input.exact[0], exact[1] + input.exact[1]];
            }
            for w in [0, self.q.reset, self.q.threshold, top] {
                self.integrate(w, current, conductance, exact);
            }
        }
    }

    fn integrate(&self, w: u32, current: i128, conductance: i128, exact: [f64; 2]) {
        let moved = shifted("current", current, self.q.current_shift);
        let shifted_w = unsigned("voltage", i128::from(w) << 2);
        let (w, q) = (i128::from(w), &self.q);
        let (after, kernel) = if self.scale.model() == Model::Snn {
            let after = signed("voltage", w + moved - high("leak", shifted_w, conductance));
            (after, integrate(q, Word(w as u32), Word(current as i32), Word(conductance as u32)))
        } else {
            let product = odd(|g| signed("leak", high("leak", g, shifted_w) << 2), conductance);
            let after = signed("voltage", w + signed("step", moved - product));
            (after, integrate_signed(q, Word(w as u32), Word(current as i32), Word(conductance as i32)))
        };
        assert_eq!(after, i128::from(kernel.0 as i32));
        let unit = 2f64.powi(-self.scale.voltage);
        let expected = w as f64 * unit + exact[0] - exact[1] * w as f64 * unit;
        // Rounding: the terms' 2^16 units of current, and the conductance's, a 2^18th of its largest, of the whole voltage.
        let tolerance = 65536.0 * self.unit() + 4.0 * unit + w as f64 * unit * 2f64.powi(-15);
        assert!((after as f64 * unit - expected).abs() < tolerance, "{} for {expected}", after as f64 * unit);
    }
}

/// Whole kicks times a constant, whose upper part can be negative.
fn counted(h: u32, high: i128, low: u32) -> i128 {
    let (h, low) = (i128::from(h), i128::from(low));
    let fits = if high < 0 { signed } else { unsigned };
    let sum = fits("kicks", fits("kicks", h * high) + (unsigned("kicks", h * low + 0x800) >> 12));
    assert_eq!(sum as u32, count_times(Word(h as u32), high as u32, low as u32).0);
    sum
}

fn fixed(h: i128, multiplier: u32) -> i128 {
    let product = odd(|h| high("fixed kicks", unsigned("kicks", h << 1), multiplier.into()), h);
    assert_eq!(product, i128::from(fixed_times_signed(Word(h as i32), multiplier).0));
    assert!(h < 0 || product == i128::from(fixed_times(Word(h as u32), multiplier).0));
    signed("fixed kicks", product)
}

/// z of 2^-13 times a size, shifted.
fn noise_of(z: i32, size_and_shift: u32) -> i128 {
    let product = signed("z size", i128::from(z) * i128::from(size_and_shift & 0xffff));
    let shifted = shifted("noise", product, size_and_shift >> 16);
    assert_eq!(shifted, i128::from(noise(Word(z), size_and_shift).0));
    shifted
}

fn extremes() -> [i32; 3] {
    [normal_table()[0], 0, normal_table()[VALUES - 1]]
}

/// Terms of `markov`'s projections: no kicks, and the most that are allowed, with noise of the largest size.
fn recurrent(target: &Target, model: Model) -> Vec<Vec<Input>> {
    let shape = NetworkShape::new(target.network, model);
    let parameters: Vec<ProjectionParameters> = target.projections.iter().map(|(_, r)| *r).collect();
    let populations = vec![target.q; target.network.populations.len()];
    // Of the one source that there may be.
    let births = |(j, r): &(&Projection, ProjectionParameters)| {
        let births = target.network.source(j)?.rate.max() * target.network.dt;
        Some([(births * 2f64.powi(r.fraction as i32)).round() as u32, 0])
    };
    let drive: Vec<[u32; 2]> = target.projections.iter().filter_map(births).collect();
    let context = Context {
        shape: &shape,
        populations: &populations,
        projections: &parameters,
        tables: &[],
        normal: normal_table(),
        drive: &drive,
        key: [0; 4],
        dispatch: NetworkDispatch::new(0, 1, 0, 10),
        bins: &[],
    };
    let mut field = MeanField::new(&shape);
    for (state, (j, r)) in field.projections.iter_mut().zip(&target.projections) {
        (state.mean, state.variance) = (r.kicks_max, r.kicks_max);
        if j.tau_rise.is_some() {
            // As many begin to act as die.
            let balance = j.per_step(target.network.dt) / j.rise_per_step(target.network.dt);
            state.rising_mean = (f64::from(r.kicks_max) * balance.min(1.0)) as u32;
            state.rising_variance = state.rising_mean;
        }
        // As many births as deaths.
        let births = j.per_step(target.network.dt) * f64::from(r.kicks_max) / 2f64.powi(r.fraction as i32) / j.p;
        if target.network.source(j).is_some() {
            continue;
        }
        let size = target.network.populations[j.source].size;
        unsigned("spikes", i128::from(size) << (r.fraction + 1));
        field.populations[j.source].spikes = (births as u32).min(size);
    }
    let mut flags = 0;
    prepare(&context, &mut flags, &mut field, &Ring::default(), 1);
    let of = |((m, input), (j, r)): ((&ProjectionState, &MeanInput), &(&Projection, ProjectionParameters))| {
        // Kicks of a source have as much variance as mean: but for rounding.
        assert!(m.variance <= m.mean + 4 && m.mean <= r.kicks_max.saturating_add(1 << r.fraction), "{m:?} of {r:?}");
        let (current, conductance_of) = target.scale.kick(j);
        let unit = 2f64.powi(-(r.fraction as i32));
        let sign = if j.synapse.is_bottomless() { -1 } else { 1 };
        let mut inputs = vec![Input::default()];
        let mut push = |current_units: i128, conductance: i128, kicks: f64| {
            let exact = [f64::from(sign) * kicks * current, kicks * conductance_of];
            inputs.push(Input { current: current_units, conductance, exact });
        };
        if model == Model::Markov(Closure::White) || j.is_delta() {
            for z in extremes() {
                let over = if j.is_delta() { 1.0 } else { target.network.dt };
                let deviation = (f64::from(m.variance) * unit / over).sqrt();
                // The noise of a current is added, whatever the kicks' sign.
                let kicks = f64::from(m.mean) * unit + f64::from(sign * z) / 8192.0 * deviation;
                let of = |mean: i32, size: u32| signed("noise", signed("noise", noise_of(z, size)) + i128::from(mean));
                push(of(input.current, input.current_noise), of(input.conductance, input.conductance_noise), kicks);
            }
        } else {
            for deviation in [-i128::from(r.deviation_max), 0, i128::from(r.deviation_max)] {
                for z in extremes() {
                    let decayed = deviation - odd(|d| high("deviation", d, r.decay.into()), deviation);
                    signed("deviation", decayed + noise_of(z, input.kick_noise));
                }
                let kicks = signed("kicks", deviation + i128::from(m.mean));
                push(
                    i128::from(sign) * fixed(kicks, r.current_high),
                    fixed(kicks, r.conductance_high),
                    kicks as f64 * unit,
                );
            }
        }
        inputs
    };
    field.projections.iter().zip(&field.inputs).zip(&target.projections).map(of).collect()
}

/// What lies between the points of the first population's table of drifts, if the network is allowed.
pub fn drifts(network: &Network, model: Model) {
    let Ok(target) = Target::new(network, model) else { return };
    let mut tables = Tables::new(1);
    let bins = vec![BINS; network.populations.len()];
    let q = tables.place(network, model, &bins).unwrap().populations[0];
    let table: &[u32; DRIFT_POINTS] = tables.words[q.drift as usize..].first_chunk().unwrap();
    let terms = target.scale.terms(network, 0).unwrap();
    let term = terms.iter().find(|term| term.key.ends_with("neuron")).unwrap();
    let (up, down) = (term.current / target.unit() + 1.0, term.down / target.unit() + 1.0);
    let top = if network.populations[0].initial == Initial::Carry { target.scale.top() } else { q.threshold };
    assert!(top >> q.drift_shift < DRIFT_POINTS as u32 - 1 && top >> q.drift_shift >= (DRIFT_POINTS as u32 - 1) / 2);
    for (i, pair) in table.windows(2).enumerate() {
        let [low, high] = [pair[0] as i32, pair[1] as i32].map(i128::from);
        assert!(low as f64 <= up && -low as f64 <= down, "{low} of {term:?}");
        let difference = signed("difference", high - low);
        for share in [0, 1, 1 << 31, u32::MAX] {
            let w = ((i as u32) << q.drift_shift) + (share >> (32 - q.drift_shift));
            let share = i128::from(w << (32 - q.drift_shift));
            let between = low + odd(|size| self::high("drift", size, share), difference);
            assert_eq!(signed("drift", between), i128::from(drift(table, &q, Word(w)).0));
        }
    }
}

/// Walks a network if it is allowed; whether it is.
pub fn walk(network: &Network, model: Model) -> bool {
    let network = &*model.network(network);
    let Ok(target) = Target::new(network, model) else { return false };
    let terms = target.scale.terms(network, 0).unwrap();
    let down = terms.iter().find(|term| term.key.ends_with("adaptation")).map_or(0.0, |term| term.down);
    let mut inputs = vec![vec![target.leak()], target.drift(), target.drive()];
    match model {
        Model::Snn => inputs.extend(target.projections.iter().map(|projection| target.kicks(projection))),
        Model::Markov(_) => inputs.extend(recurrent(&target, model)),
    }
    inputs.push(target.adaptation(down));
    target.walk(&inputs);
    true
}
