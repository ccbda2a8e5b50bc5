//! What one step of `dsode` computes on its way: written before it is read in every step, so it is no part of the state.

use super::edges::Edges;
use super::real::Real;
use super::shape::Shape;

/// What one step computes on its way; the shader keeps the same in workgroup memory.
#[derive(Clone, Debug)]
pub(super) struct Work<T> {
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
    /// Per projection and bin: mean fluctuation c, slope t and then regression beta, and the drift moment of those that fired.
    pub(super) fluctuation: Vec<T>,
    pub(super) beta: Vec<T>,
    pub(super) left: Vec<T>,
    /// What the bin at hand sends to each bin that it reaches, and how many of its neurons fire.
    pub(super) edges: Edges<T>,
    pub(super) leaving: T,
    /// Sums over sources.
    pub(super) counts: Vec<T>,
    pub(super) moments: Vec<T>,
    pub(super) drifts: Vec<T>,
    pub(super) fired: Vec<T>,
    pub(super) fired_drift: Vec<T>,
}

impl<T: Real> Work<T> {
    pub(super) fn new(shape: &Shape) -> Self {
        let zeros = |n: usize| vec![T::zero(); n];
        let (populations, projections) = (shape.populations(), shape.projections.len());
        let incoming = (0..populations)
            .map(|q| {
                let onto = shape.projections.iter().enumerate().filter(|(_, p)| p.0 == q);
                onto.map(|(x, _)| (x, shape.drift_offset(x))).collect()
            })
            .collect();
        let widest = shape.bins.iter().copied().max().unwrap_or(0);
        Work {
            start: (0..populations).map(|q| shape.bins_of(q).start).collect(),
            offset: (0..projections).map(|x| shape.drift_offset(x)).collect(),
            incoming,
            drive: vec![[T::zero(); 2]; populations],
            residual: zeros(projections),
            voltage: zeros(shape.total_bins()),
            fluctuation: zeros(shape.drifts()),
            beta: zeros(shape.drifts()),
            left: zeros(shape.drifts()),
            edges: Edges::new(widest),
            leaving: T::zero(),
            counts: zeros(shape.total_bins()),
            moments: zeros(shape.total_bins()),
            drifts: zeros(shape.drifts()),
            fired: zeros(populations),
            fired_drift: zeros(projections),
        }
    }

    pub(super) fn clear(&mut self) {
        for sums in [&mut self.counts, &mut self.moments, &mut self.drifts, &mut self.fired, &mut self.fired_drift] {
            sums.fill(T::zero());
        }
    }
}
