//! What one step of `dsode` computes on its way: written before it is read in every step, so it is no part of the state.
//!
//! A sum over the bins of a population is made of [`Real::STRANDS`] partial sums, each over every so many bins.

use super::lanes::{LANES, Lanes};
use super::real::Real;
use super::shape::DsodeShape;
use super::shares::TransitionDiagonals;
use super::state::{Place, StateFields};
use super::transition::BinLaw;

/// Memory for one step at a time of trajectories of one shape.
#[derive(Clone, Debug)]
pub struct Workspace<T> {
    /// Where the fields of a state lie.
    pub(crate) places: StateFields<Place>,
    /// Drive's mean and variance of each population.
    pub(super) drive: Vec<[T; 2]>,
    /// Per projection and strand, sum of g_k^2/n_k over its bins.
    pub(super) between: Vec<T>,
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
    /// Where bins keep second moments: e and then rho, w of those that fired; of a row's shares, mean voltage above where they land
    /// and distance from the mean of X.
    pub(super) rho: Vec<Lanes<T>>,
    pub(super) left_square: Vec<Lanes<T>>,
    pub(super) landed: Lanes<T>,
    pub(super) away: Lanes<T>,
    /// What a row brings to its destinations: g, k and w.
    pub(super) brought: [Lanes<T>; 3],
    /// Where they land and what they send where.
    pub(super) laws: BinLaw<Lanes<T>>,
    pub(super) shares: TransitionDiagonals<T>,
    /// Sums over sources per population, or projection, and bin, with room for whole lanes before and after.
    pub(super) counts: Vec<Vec<T>>,
    pub(super) moments: Vec<Vec<T>>,
    pub(super) drifts: Vec<Vec<T>>,
    pub(super) products: Vec<Vec<T>>,
    pub(super) squares: Vec<Vec<T>>,
    /// What fires and what returns to v_reset, per population, and their g and w, per projection.
    pub(super) fired: Vec<T>,
    pub(super) fired_drift: Vec<T>,
    pub(super) fired_square: Vec<T>,
    pub(super) released: Vec<T>,
    pub(super) released_drift: Vec<T>,
    pub(super) released_square: Vec<T>,
    /// Per population and strand: neurons in its bins, the first strand's and the refractory ones, and its fullest bin.
    pub(super) tallies: Vec<(T, usize)>,
}

impl<T: Real> Workspace<T> {
    /// For trajectories of this shape; one at a time.
    pub fn new(shape: &DsodeShape) -> Self {
        let zeros = |n: usize| vec![T::zero(); n];
        let (populations, projections) = (shape.populations(), shape.projections.len());
        let fluctuations = shape.fluctuations().count();
        let inputs = if shape.coloured { fluctuations } else { 0 };
        let local = if shape.is_local() { projections } else { 0 };
        let lanes = |inputs| vec![[T::zero(); LANES]; inputs];
        let sums = |q: usize| zeros(LANES + shape.bins[q] + LANES);
        let onto = |inputs| shape.fluctuations().take(inputs).map(|x| sums(shape.projections[x].0)).collect();
        Workspace {
            places: StateFields::of(shape),
            drive: vec![[T::zero(); 2]; populations],
            between: zeros(fluctuations * T::STRANDS),
            residual: zeros(fluctuations),
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
            drift: lanes(inputs),
            beta: lanes(inputs),
            left: lanes(inputs),
            rho: lanes(local),
            left_square: lanes(local),
            landed: [T::zero(); LANES],
            away: [T::zero(); LANES],
            brought: [[T::zero(); LANES]; 3],
            laws: BinLaw::zero(),
            shares: TransitionDiagonals::default(),
            counts: (0..populations).map(sums).collect(),
            moments: (0..populations).map(sums).collect(),
            drifts: onto(inputs),
            products: onto(local),
            squares: onto(local),
            fired: zeros(populations),
            fired_drift: zeros(fluctuations),
            fired_square: zeros(projections),
            released: zeros(populations),
            released_drift: zeros(fluctuations),
            released_square: zeros(projections),
            tallies: vec![(T::zero(), 0); populations * T::STRANDS],
        }
    }

    /// Makes all sums over source bins zero.
    pub(super) fn clear(&mut self) {
        let drifts = self.drifts.iter_mut().chain(&mut self.products).chain(&mut self.squares);
        for sums in self.counts.iter_mut().chain(&mut self.moments).chain(drifts) {
            sums.fill(T::zero());
        }
        self.fired.fill(T::zero());
        self.fired_drift.fill(T::zero());
        self.fired_square.fill(T::zero());
    }
}
