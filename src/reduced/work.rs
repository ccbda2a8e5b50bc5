//! What one step of `dsode` computes on its way: written before it is read in every step, so it is no part of the state.

use super::lanes::{LANES, Lanes};
use super::real::Real;
use super::shape::DsodeShape;
use super::shares::TransitionDiagonals;
use super::transition::BinLaw;

/// What one step computes on its way.
#[derive(Clone, Debug)]
pub(super) struct DsodeScratch<T> {
    /// First bin of each population, first drift moment of each projection, and (projection, its first) onto each population.
    pub(super) start: Vec<usize>,
    pub(super) offset: Vec<usize>,
    pub(super) incoming: Vec<Vec<(usize, usize)>>,
    /// Drive's mean and variance of each population.
    pub(super) drive: Vec<[T; 2]>,
    /// r of each projection.
    pub(super) residual: Vec<T>,
    /// Mean voltage per bin.
    pub(super) voltage: Vec<T>,
    /// Mean fluctuation c per projection and bin.
    pub(super) fluctuation: Vec<T>,
    /// Of the bins at hand: whether anyone is there, neurons, their mean voltage above the bin's lower edge and in all, and
    /// where they land: centre, half width, variance, and the sum of slopes that stretches the interval, then kappa.
    pub(super) filled: [bool; LANES],
    pub(super) held: Lanes<T>,
    pub(super) mean: Lanes<T>,
    pub(super) v: Lanes<T>,
    pub(super) centre: Lanes<T>,
    pub(super) half: Lanes<T>,
    pub(super) variance: Lanes<T>,
    pub(super) tilt: Lanes<T>,
    /// The same per projection onto their population: c, slope t and then regression beta, drift moment of those that fired.
    pub(super) drift: Vec<Lanes<T>>,
    pub(super) beta: Vec<Lanes<T>>,
    pub(super) left: Vec<Lanes<T>>,
    /// Where they land and what they send where.
    pub(super) laws: BinLaw<Lanes<T>>,
    pub(super) shares: TransitionDiagonals<T>,
    /// Sums over sources per population, or projection, and bin, with room for whole lanes before and after.
    pub(super) counts: Vec<Vec<T>>,
    pub(super) moments: Vec<Vec<T>>,
    pub(super) drifts: Vec<Vec<T>>,
    pub(super) fired: Vec<T>,
    pub(super) fired_drift: Vec<T>,
}

impl<T: Real> DsodeScratch<T> {
    pub(super) fn new(shape: &DsodeShape) -> Self {
        let zeros = |n: usize| vec![T::zero(); n];
        let (populations, projections) = (shape.populations(), shape.projections.len());
        let incoming = (0..populations)
            .map(|q| {
                let onto = shape.projections.iter().enumerate().filter(|(_, p)| p.0 == q);
                onto.map(|(x, _)| (x, shape.drift_offset(x))).collect()
            })
            .collect();
        let inputs = if shape.coloured { projections } else { 0 };
        let lanes = || vec![[T::zero(); LANES]; inputs];
        let sums = |q: usize| zeros(LANES + shape.bins[q] + LANES);
        DsodeScratch {
            start: (0..populations).map(|q| shape.bins_of(q).start).collect(),
            offset: (0..projections).map(|x| shape.drift_offset(x)).collect(),
            incoming,
            drive: vec![[T::zero(); 2]; populations],
            residual: zeros(projections),
            voltage: zeros(shape.total_bins()),
            fluctuation: zeros(shape.drifts()),
            filled: [false; LANES],
            held: [T::zero(); LANES],
            mean: [T::zero(); LANES],
            v: [T::zero(); LANES],
            centre: [T::zero(); LANES],
            half: [T::zero(); LANES],
            variance: [T::zero(); LANES],
            tilt: [T::zero(); LANES],
            drift: lanes(),
            beta: lanes(),
            left: lanes(),
            laws: BinLaw::zero(),
            shares: TransitionDiagonals::default(),
            counts: (0..populations).map(sums).collect(),
            moments: (0..populations).map(sums).collect(),
            drifts: shape.projections.iter().take(inputs).map(|&(target, _)| sums(target)).collect(),
            fired: zeros(populations),
            fired_drift: zeros(projections),
        }
    }

    pub(super) fn clear(&mut self) {
        for sums in self.counts.iter_mut().chain(&mut self.moments).chain(&mut self.drifts) {
            sums.fill(T::zero());
        }
        self.fired.fill(T::zero());
        self.fired_drift.fill(T::zero());
    }
}
