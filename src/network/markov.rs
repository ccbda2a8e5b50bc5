//! `markov`: each neuron's recurrent input replaced by noise with the mean and variance of the kick count.
//!
//! Per projection onto Q from X, with c spikes of X in the previous step, or D steps before ([`super::ring`]), q = dt/tau, and mean mu and variance s2 of the
//! number of pending kicks of one target, first
//!
//! | | |
//! |---|---|
//! | variance | s2 <- (1-q)^2 s2 + q (1-q) mu + p (1-p) c (deterministic decay: without q (1-q) mu) |
//! | mean | mu <- (1-q) mu + p c |
//! | adaptation | a <- a (1 - dt/tau_a) + b c/N, one number for a population |
//!
//! With a fixed in-degree K the births are hypergeometric: p = K/N, and (N-c)/(N-1) times the variance p (1-p) c.
//!
//! And then, with the new moments and g = +-s or +-s (V - v_rev)/(v_norm - v_rev), for every neuron
//!
//! | closure | input of a projection in one step |
//! |---|---|
//! | white | q g mu + q g sqrt(s2/dt) z |
//! | tau = 0, either closure | g mu + g sqrt(s2) z |
//! | coloured | q g (mu + h), h <- (1-q) h + sqrt(q (1-q) mu + p (1-p) c) z with mu before the step, h = 0 at first |
//!
//! Kicks that rise before they act have more of both ([`super::rise_moments`]).
//!
//! Of a source rate dt takes the place of p c and of p (1-p) c, with the rate at the start of the step before, and none before step 0.
//! z is standard normal, independent between neurons, projections and steps; drive, leak, threshold, reset and
//! refractoriness as in `snn`. A kick with a reversal voltage is a current and a conductance (see [`super::arithmetic`]) that share their z, so
//! that their sum is g(V) z; the conductance can be negative.
//!
//! | quantity | representation | range |
//! |---|---|---|
//! | mu, s2 | u32 in units of 2^-fraction | s2 <= mu <= the kick bound < 2^30 |
//! | h | i32 in units of 2^-fraction | at most eight sqrt(kick bound) <= the kick bound; beyond: an error of the member |
//! | current | i32 in units of 2^-A | below 2^30 with every mean and every z at its largest |
//! | conductance | i32 in units of 2^-28 | below 4, that is 2^30, in the same sense |
//! | W - v_floor after a step | below 2^31: F gives way where current and conductance need it | |
//! | standard deviation | 16-bit size and a shift | size 2^(13 - shift), shift 0 to 24 |
//! | z times size | z below 3.8 2^13 | below 2^31 - 2^23, the rounding of a shift by 24 |
//!
//! A standard deviation below 2^28 (a quarter of 2^30) has a shift of at least 0 with 15 bits of size; h needs 13 +
//! half - fraction, which is 2 to 23 since the variance has 1 to 31 leading zeros and the fraction is 10 to 23.
//!
//! Source: Chang, Li, Wang, Tao, Xiao, J. Comput. Phys. 537 (2025) 114117, the white closure; the exact moments of the
//! discrete step replace their limits for small dt.

use super::chunk::{ChunkScratch, Context, Pass};
use super::fixed::{count_times, fixed_times, square_root};
use super::member::{KICKS_HIGH, later_words, step_words};
use super::neuron::{adaptation_current, integrate_signed};
use super::parameters::ProjectionParameters;
use super::passes::{add_deviation, add_drift, add_noise, begin_gaussian_drive, deviate, settle_chunk};
use super::product::multiply_high;
use super::ring::{Ring, delayed_spikes};
use super::rise_moments::{deviate_rising, risen_moments};
use super::shape::NetworkShape;
use super::state::{PopulationState, ProjectionState};
use crate::random::normal_table::FRACTION;
use crate::wgsl::{Word, select};
use std::ops::{Add, Sub};

/// Largest shift of a noise term.
const SHIFT_MAX: i32 = 24;

/// What a member keeps besides its neurons, and what it means for the current step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeanField {
    pub projections: Vec<ProjectionState>,
    pub populations: Vec<PopulationState>,
    /// Of each projection.
    pub inputs: Vec<MeanInput>,
}

/// What the kick count of one target means for the current step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MeanInput {
    /// White: mean current and conductance, and their noise as size and shift.
    pub current: i32,
    pub conductance: i32,
    pub current_noise: u32,
    pub conductance_noise: u32,
    /// Coloured: noise of a neuron's kick count as size and shift; with a rise time that of risen kicks, and of births.
    pub kick_noise: u32,
    pub rise_noise: u32,
    pub birth_noise: u32,
}

impl MeanField {
    /// No kicks, no spikes, no adaptation.
    pub fn new(shape: &NetworkShape) -> MeanField {
        MeanField {
            projections: vec![ProjectionState::default(); shape.projections.len()],
            populations: vec![PopulationState::default(); shape.populations.len()],
            inputs: vec![MeanInput::default(); shape.projections.len()],
        }
    }
}

/// Moments and adaptation of one step from the spikes of the one before, or of earlier ones.
pub fn prepare(context: &Context, flags: &mut u32, field: &mut MeanField, ring: &Ring, step: u32) {
    for ((state, shape), q) in field.populations.iter_mut().zip(&context.shape.populations).zip(context.populations) {
        if shape.adaptation {
            let adaptation = Word(state.adaptation);
            let jump = count_times(Word(state.spikes), q.adaptation_jump, q.adaptation_jump_low);
            let decayed = adaptation - multiply_high(adaptation, Word(q.adaptation_decay));
            state.adaptation = (decayed + jump).0;
        }
    }
    for (proj, shape) in context.shape.projections.iter().enumerate() {
        let r = &context.projections[proj];
        // A source's births count as spikes that reach every target.
        let source = shape.source as usize;
        let spikes = Word(if shape.outside {
            context.births_outside(r, step)[0]
        } else {
            delayed_spikes(ring, source, step.wrapping_sub(1), r.delay, field.populations[source].spikes)
                << r.spikes_fraction
        });
        let before = field.projections[proj];
        let (mean, variance) = (Word(before.mean), Word(before.variance));
        let mut births = fixed_times(spikes, r.births_variance);
        if shape.indegree {
            let others = (spikes >> r.spikes_fraction) - 1;
            births = births - multiply_high(births, others * r.births_taken);
        }
        let born = fixed_times(spikes, r.connect);
        let mut gained = multiply_high(mean, Word(r.deaths_variance));
        let mut after = before;
        if shape.rise {
            after = risen_moments(r, !shape.deterministic_decay, before, born, births);
        } else {
            gained = gained + births;
            Word(after.variance) = variance - multiply_high(variance, Word(r.variance_decay)) + gained;
            Word(after.mean) = mean - multiply_high(mean, Word(r.decay)) + born;
        }
        if after.mean.max(after.rising_mean) > r.kicks_max {
            *flags |= KICKS_HIGH;
        }
        field.projections[proj] = after;
        field.inputs[proj] = if context.shape.has_memory(proj) {
            let mut input = coloured(r, gained.0);
            if shape.rise {
                let dying = select(Word(0), Word(before.rising_mean), !shape.deterministic_decay);
                input.rise_noise = coloured(r, multiply_high(dying, Word(r.rise_scatter)).0).kick_noise;
                input.birth_noise = coloured(r, births.0).kick_noise;
            }
            input
        } else {
            white(r, shape.subtracts(), after.mean, after.variance)
        };
    }
}

/// Mean input of a projection and its white noise.
fn white(r: &ProjectionParameters, subtracted: bool, mean: u32, variance: u32) -> MeanInput {
    let (root, half) = deviation(variance, r.fraction);
    let current = fixed_times(Word(mean), r.current_high).signed();
    MeanInput {
        current: select(current, Word(0) - current, subtracted).0,
        conductance: fixed_times(Word(mean), r.conductance_high).signed().0,
        current_noise: noise_size(root, half, r.current_noise, r.current_noise_exponent),
        conductance_noise: noise_size(root, half, r.conductance_noise, r.conductance_noise_exponent),
        ..MeanInput::default()
    }
}

/// Noise of a neuron's kick count that gains `gained` of variance in a step.
fn coloured(r: &ProjectionParameters, gained: u32) -> MeanInput {
    let (root, half) = deviation(gained, r.fraction);
    let kick_noise = if gained == 0 { 0 } else { root | ((FRACTION + half - r.fraction) << 16) };
    MeanInput { kick_noise, ..MeanInput::default() }
}

/// (root, half) so that the square root of a variance is root 2^-half kicks, root of 16 bits; (0, 0) of none.
fn deviation(variance: u32, fraction: u32) -> (u32, u32) {
    if variance == 0 {
        return (0, 0);
    }
    let zeros = variance.leading_zeros();
    let shift = zeros - ((zeros + fraction) & 1);
    (square_root(variance << shift), (shift + fraction) >> 1)
}

/// Size and shift (times 2^16) of root 2^-half kicks times a constant of 16 bits and an exponent.
fn noise_size(root: u32, half: u32, constant: u32, exponent: i32) -> u32 {
    let size = (root * constant + 0x8000) >> 16;
    let shift = exponent + half as i32 - (16 - FRACTION as i32);
    let excess = (shift - SHIFT_MAX).clamp(0, 17) as u32;
    ((size + ((1 << excess) >> 1)) >> excess) | ((shift.clamp(0, SHIFT_MAX) as u32) << 16)
}

/// Drive, noise, voltage and refractoriness of a chunk in one step; who fires is in its scratch.
#[inline(always)]
pub fn update(pass: &mut Pass, field: &MeanField) {
    begin_update(pass);
    for (k, &proj) in pass.shape().incoming.iter().enumerate() {
        add_input(pass, field, k, proj);
    }
    end_update(pass, field);
}

/// Random words of the step, drive and leak.
#[inline(always)]
fn begin_update(pass: &mut Pass) {
    step_words(pass);
    let (context, q, n) = (pass.context, pass.parameters(), pass.chunk.padded());
    let ChunkScratch { words, current, signed_conductance, .. } = &mut *pass.scratch;
    signed_conductance[..n].fill(Word(q.leak as i32));
    begin_gaussian_drive(context.normal, q, context.drive_of(q, pass.step), &words[0], &mut current[..n]);
}

/// Current and conductance of one projection: its mean, and noise.
#[inline(always)]
fn add_input(pass: &mut Pass, field: &MeanField, k: usize, proj: u32) {
    later_words(pass, k);
    let (context, chunk, n) = (pass.context, pass.chunk, pass.chunk.padded());
    let (r, shape) = (&context.projections[proj as usize], &context.shape.projections[proj as usize]);
    let m = field.inputs[proj as usize];
    let has_memory = context.shape.has_memory(proj as usize);
    if has_memory {
        let ChunkScratch { words, later, .. } = &mut *pass.scratch;
        let word = &if k < 4 { words } else { later }[k & 3];
        deviate(context.normal, r, m.kick_noise, word, chunk.of(&mut pass.block.state.kicks[k]));
        if shape.rise {
            deviate_rising(pass, [m.rise_noise, m.birth_noise], k, proj);
        }
    }
    let ChunkScratch { words, later, current, signed_conductance, .. } = &mut *pass.scratch;
    let (current, conductance) = (&mut current[..n], &mut signed_conductance[..n]);
    if has_memory {
        let mean = field.projections[proj as usize].mean as i32;
        let deviation = chunk.of(&mut pass.block.state.kicks[k]);
        let high = |high, &deviation: &u32| high | (Word(deviation).signed().size() > Word(r.deviation_max));
        if deviation[..chunk.len].iter().fold(false, high) {
            *pass.flags |= KICKS_HIGH;
        }
        if shape.subtracts() {
            add_deviation(r.current_high, mean, deviation, current, Sub::sub);
        } else {
            add_deviation(r.current_high, mean, deviation, current, Add::add);
        }
        if shape.conductance {
            add_deviation(r.conductance_high, mean, deviation, conductance, Add::add);
        }
    } else {
        let word = &if k < 4 { words } else { later }[k & 3];
        add_noise(context.normal, m.current_noise, m.current, word, current);
        if shape.conductance {
            add_noise(context.normal, m.conductance_noise, m.conductance, word, conductance);
        }
    }
}

/// Adaptation, voltage and refractoriness; who fires is in the scratch.
#[inline(always)]
fn end_update(pass: &mut Pass, field: &MeanField) {
    let (context, shape, q, chunk) = (pass.context, pass.shape(), pass.parameters(), pass.chunk);
    let (n, population) = (chunk.padded(), &field.populations[pass.block.population as usize]);
    let ChunkScratch { words, current, signed_conductance, fired, .. } = &mut *pass.scratch;
    let (current, state) = (&mut current[..n], &mut pass.block.state);
    if shape.drift {
        add_drift(context.tables, q, chunk.of(&mut state.voltage), current);
    }
    if shape.adaptation {
        let less = adaptation_current(q, Word(population.adaptation));
        current.iter_mut().for_each(|current| *current = *current - less);
    }
    let input = (&*current, &signed_conductance[..n], &words[1][..]);
    *pass.flags |= settle_chunk(q, shape.fixed_refractory, state, chunk, input, fired, integrate_signed);
}
