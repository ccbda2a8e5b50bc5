//! The state of one trajectory between two steps: one slice of numbers, and the table of what lies where.

use super::fields::{Field, fields};
use super::real::Real;
use super::shape::DsodeShape;
use Carry::{Kept, TimeLeft, TimePassed};
use Extent::{
    Bin, Fluctuation, LocalBin, LocalDelay, LocalProjection, Population, PopulationDelay, PopulationRing, Projection,
    ProjectionBin, ProjectionDelay, RisingProjection,
};
use serde::{Deserialize, Serialize};

/// What there is one number of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Each bin of each population.
    Bin,
    /// Each fluctuation and bin of its target; nothing with the white closure.
    ProjectionBin,
    /// Each population.
    Population,
    /// Each projection.
    Projection,
    /// Each projection, and then, with the coloured closure, each whose kicks rise.
    Fluctuation,
    /// Each projection, where kicks of any rise.
    RisingProjection,
    /// Each population and place in its delay line; delay lines and rings are the last of the fields.
    PopulationDelay,
    /// Each fluctuation and place in its target's delay line; nothing with the white closure.
    ProjectionDelay,
    /// Each population and place in its ring; nothing without delays.
    PopulationRing,
    /// Each projection and bin of its target, where bins keep second moments.
    LocalBin,
    /// Each projection, where bins keep second moments.
    LocalProjection,
    /// Each projection and place in its target's delay line, where bins keep second moments.
    LocalDelay,
}

/// How another trajectory takes a field over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carry {
    /// As it is.
    Kept,
    /// What leaves a delay line in so many steps does so there, as far as its line is long enough.
    TimeLeft,
    /// What is so many steps old is so then, as far as the ring reaches back.
    TimePassed,
}

/// Unit of every field that counts neurons.
pub const NEURONS: &str = "neurons";

/// What the table says of a field of the state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StateEntry {
    /// What there is one number of.
    pub extent: Extent,
    /// Voltages are in the network's.
    pub unit: &'static str,
    /// How another trajectory takes it over.
    pub carry: Carry,
}

const fn of(extent: Extent, unit: &'static str, carry: Carry) -> StateEntry {
    StateEntry { extent, unit, carry }
}

fields! {
    /// The fields of a state in the order in which they lie in its slice. Of a shape they are places, of a state slices.
    pub struct StateFields: StateEntry {
        /// n: neurons in each bin.
        counts: of(Bin, NEURONS, Kept),
        /// m: sum of their voltages above the bin's lower edge.
        moments: of(Bin, "neurons * voltage", Kept),
        /// g: sum of the fluctuations of their kick counts.
        drifts: of(ProjectionBin, "neurons * kicks", Kept),
        /// k: sum of fluctuation times voltage above the bin's lower edge.
        products: of(LocalBin, "neurons * kicks * voltage", Kept),
        /// w: sum of the squares of the fluctuations.
        squares: of(LocalBin, "neurons * kicks^2", Kept),
        /// R: refractory neurons.
        refractory: of(Population, NEURONS, Kept),
        /// c: neurons that fired in the last step.
        fired: of(Population, NEURONS, Kept),
        /// Mean adaptation.
        adaptation: of(Population, "voltage/ms", Kept),
        /// mu: mean of a target's kick count.
        kick_mean: of(Projection, "kicks", Kept),
        /// s2: variance of a target's kick count.
        kick_variance: of(Projection, "kicks^2", Kept),
        /// g of the refractory neurons.
        refractory_drift: of(Fluctuation, "neurons * kicks", Kept),
        /// w of the refractory neurons.
        refractory_square: of(LocalProjection, "neurons * kicks^2", Kept),
        /// What finite size has taken from every fluctuation, as far as it has not decayed.
        common: of(LocalProjection, "kicks", Kept),
        /// mu_A: mean of a target's rising kicks.
        rising_mean: of(RisingProjection, "kicks", Kept),
        /// v_A: their variance.
        rising_variance: of(RisingProjection, "kicks^2", Kept),
        /// C: covariance of rising and pending kicks.
        covariance: of(RisingProjection, "kicks^2", Kept),
        /// Neurons that fired; place step mod delay leaves in this step.
        delayed: of(PopulationDelay, NEURONS, TimeLeft),
        /// Their g.
        delayed_drift: of(ProjectionDelay, "neurons * kicks", TimeLeft),
        /// Their w, before any shift, beyond as many of the population's variance.
        delayed_square: of(LocalDelay, "neurons * kicks^2", TimeLeft),
        /// Neurons that fired in the last steps; place step mod ring takes those of this step.
        sent: of(PopulationRing, NEURONS, TimePassed),
    }
}

/// Where a field lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Index of the first number in a state's slice.
    pub first: usize,
    /// Numbers in all.
    pub len: usize,
}

/// All that a step reads and writes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State<T> {
    /// Steps done since time 0.
    pub step: u32,
    /// 1 once a step has lost neurons beyond rounding, which takes a number that is not finite.
    pub unsound: u32,
    /// All numbers, in the order of [`StateFields`].
    pub numbers: Vec<T>,
}

/// Numbers of a field that belong together: bins, or the places of a delay line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Whose neurons; of a projection its target.
    pub population: usize,
    /// How many numbers.
    pub len: usize,
}

impl Extent {
    /// Whether such a field is a delay line or a ring, of which a step reads a few places: a device leaves it in its buffer.
    pub fn is_line(self) -> bool {
        matches!(self, PopulationDelay | ProjectionDelay | LocalDelay | PopulationRing)
    }

    /// The rows of such a field.
    pub fn rows(self, shape: &DsodeShape) -> Vec<Row> {
        let targets = || shape.projections.iter().map(|&(target, _)| target).collect();
        let fluctuations = || shape.fluctuations().map(|x| shape.projections[x].0).collect();
        let populations: Vec<usize> = match self {
            Bin | Population | PopulationDelay | PopulationRing => (0..shape.populations()).collect(),
            Projection => targets(),
            RisingProjection if !shape.rising.is_empty() => targets(),
            Fluctuation => fluctuations(),
            ProjectionBin | ProjectionDelay if shape.coloured => fluctuations(),
            LocalBin | LocalProjection | LocalDelay if shape.is_local() => targets(),
            RisingProjection | ProjectionBin | ProjectionDelay | LocalBin | LocalProjection | LocalDelay => vec![],
        };
        let len = |q: usize| match self {
            Bin | ProjectionBin | LocalBin => shape.bins[q],
            Population | Projection | Fluctuation | RisingProjection | LocalProjection => 1,
            PopulationDelay | ProjectionDelay | LocalDelay => shape.delay,
            PopulationRing if shape.ring == 1 => 0,
            PopulationRing => shape.ring,
        };
        populations.into_iter().map(|population| Row { population, len: len(population) }).collect()
    }
}

impl StateFields<Place> {
    /// Where the fields of a shape lie.
    pub fn of(shape: &DsodeShape) -> Self {
        let mut end = 0;
        StateFields::TABLE.each(|Field { entry, .. }| {
            let first = end;
            end += entry.extent.rows(shape).iter().map(|row| row.len).sum::<usize>();
            Place { first, len: end - first }
        })
    }

    /// Numbers in all.
    pub fn total(&self) -> usize {
        self.list().iter().map(|place| place.len).sum()
    }

    /// The slice of each field.
    #[inline(always)]
    pub fn slices<'a, T>(&self, numbers: &'a [T]) -> StateFields<&'a [T]> {
        self.each(|place| &numbers[place.first..place.first + place.len])
    }

    /// The slice of each field, to write to.
    #[inline(always)]
    pub fn slices_mut<'a, T>(&self, mut numbers: &'a mut [T]) -> StateFields<&'a mut [T]> {
        self.each(|place| numbers.split_off_mut(..place.len).expect("a state of this shape"))
    }
}

impl<T: Real> State<T> {
    /// No neuron anywhere, no kicks.
    pub fn empty(shape: &DsodeShape) -> Self {
        State { step: 0, unsound: 0, numbers: vec![T::zero(); StateFields::of(shape).total()] }
    }

    /// Every field by its name.
    pub fn fields(&self, shape: &DsodeShape) -> StateFields<&[T]> {
        StateFields::of(shape).slices(&self.numbers)
    }

    /// The slice of each field, to write to.
    pub fn fields_mut(&mut self, shape: &DsodeShape) -> StateFields<&mut [T]> {
        StateFields::of(shape).slices_mut(&mut self.numbers)
    }

    /// Neurons of population `q`, refractory ones included.
    pub fn mass(&self, shape: &DsodeShape, q: usize) -> T {
        let fields = self.fields(shape);
        fields.counts[shape.bins_of(q)].iter().copied().sum::<T>() + fields.refractory[q]
    }

    /// Whether no step has lost neurons, every number is finite and no count negative.
    pub fn is_sound(&self, shape: &DsodeShape) -> bool {
        let StateFields { counts, refractory, delayed, .. } = self.fields(shape);
        let mut counts = counts.iter().chain(refractory).chain(delayed);
        self.unsound == 0 && counts.all(|x| *x >= T::zero()) && self.numbers.iter().all(|x| x.is_finite())
    }
}
