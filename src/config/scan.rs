//! The grid of parameter points, decoded from an index on demand: the last axis is the fastest.

use super::parameter::{Owner, Parameter};
use crate::model::{AutomaticBins, Network, round12};

/// Axes of a grid; no axis: one point.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scan {
    /// The last one is the fastest.
    pub axes: Vec<Axis>,
}

/// Parameters that move together, each with as many values as the others.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// What moves, and through which values; all of the same number.
    pub parameters: Vec<(Parameter, Values)>,
    /// Whether it was written as `zip`.
    pub zipped: bool,
}

/// Values of one parameter along an axis.
#[allow(missing_docs, reason = "the variants tell what their fields are")]
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// To 12 significant digits already.
    List(Vec<f64>),
    /// `count` values evenly spaced from `first` to `last`.
    Linear { first: f64, last: f64, count: usize },
    /// `count` values from `first` to `last`, both positive, evenly spaced in the logarithm.
    Logarithmic { first: f64, last: f64, count: usize },
}

impl Values {
    /// Number of values.
    pub fn len(&self) -> usize {
        match self {
            Values::List(values) => values.len(),
            Values::Linear { count, .. } | Values::Logarithmic { count, .. } => *count,
        }
    }
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Value `i` to 12 significant digits, so that a refined axis meets its old points.
    pub fn get(&self, i: usize) -> f64 {
        let between = |a: f64, b: f64, count: usize| a + (b - a) * (i as f64 / (count - 1) as f64);
        match *self {
            Values::List(ref values) => values[i],
            Values::Linear { last, count, .. } | Values::Logarithmic { last, count, .. } if i + 1 == count => {
                round12(last)
            }
            Values::Linear { first, last, count } => round12(between(first, last, count)),
            Values::Logarithmic { first, .. } if i == 0 => round12(first),
            Values::Logarithmic { first, last, count } => {
                round12(libm::exp(between(libm::log(first), libm::log(last), count)))
            }
        }
    }
}

impl Axis {
    /// The same axis with its values listed.
    fn tabulated(&self) -> Axis {
        let list = |values: &Values| Values::List((0..values.len()).map(|i| values.get(i)).collect());
        let parameters = self.parameters.iter().map(|(parameter, values)| (parameter.clone(), list(values))).collect();
        Axis { parameters, zipped: self.zipped }
    }
    /// Number of values.
    pub fn len(&self) -> usize {
        self.parameters.first().map_or(0, |(_, values)| values.len())
    }
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Scan {
    /// The same scan with the values of each axis listed, for walking over many points.
    pub(super) fn tabulated(&self) -> Scan {
        Scan { axes: self.axes.iter().map(Axis::tabulated).collect() }
    }

    /// Product of the axes' lengths.
    pub fn points(&self) -> usize {
        self.axes.iter().map(Axis::len).fold(1, usize::saturating_mul)
    }

    /// Paths of all moved parameters, axis by axis.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.parameters().map(|(parameter, _)| parameter.path.as_str())
    }
    /// All parameters that move, in the order of the axes.
    pub fn parameters(&self) -> impl Iterator<Item = &(Parameter, Values)> {
        self.axes.iter().flat_map(|axis| &axis.parameters)
    }

    /// Calls `visit` with the position along each axis, last axis first.
    fn decode<'a>(&'a self, mut index: usize, mut visit: impl FnMut(&'a Axis, usize)) {
        for axis in self.axes.iter().rev() {
            visit(axis, index % axis.len());
            index /= axis.len();
        }
    }

    pub(super) fn apply(&self, index: usize, network: &mut Network) {
        self.decode(index, |axis, i| {
            for (parameter, values) in &axis.parameters {
                parameter.set(network, values.get(i));
            }
        });
    }

    /// One value per path.
    pub fn coordinates(&self, index: usize) -> Vec<f64> {
        let mut reversed = Vec::new();
        self.decode(index, |axis, i| reversed.extend(axis.parameters.iter().rev().map(|(_, values)| values.get(i))));
        reversed.reverse();
        reversed
    }

    /// How fine a grid has to be to hold a point: the finest of its axes, halved so often from both ends. Passes of a sweep count on.
    pub fn fineness(&self, index: usize) -> u32 {
        let mut finest = 0;
        self.decode(index % self.points().max(1), |axis, i| {
            let halvings = (axis.len() - 1).max(1).next_power_of_two().ilog2();
            let ends = i == 0 || i + 1 == axis.len();
            finest = finest.max(if ends { 0 } else { halvings - i.trailing_zeros().min(halvings) });
        });
        finest
    }

    /// Automatic voltage bins of each population that do at every point.
    pub fn automatic_bins(&self, network: &Network) -> Vec<AutomaticBins> {
        if self.parameters().all(|(parameter, _)| matches!(parameter.owner, Owner::Projection(_))) {
            return AutomaticBins::of_all(network);
        }
        let mut scratch = network.clone();
        let scan = self.tabulated();
        let points = (0..scan.points()).map(|point| {
            scan.apply(point, &mut scratch);
            AutomaticBins::of_all(&scratch)
        });
        AutomaticBins::common(points).unwrap_or_else(|| AutomaticBins::of_all(network))
    }
}
