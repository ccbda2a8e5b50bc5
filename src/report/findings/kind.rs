//! What kind of experiment the results are of: it decides which question they answer, and what its reader sees first.

use crate::report::read::Results;

/// The text of the label that a sweep adds to its points.
const FORWARD: &str = "forward";
const BACKWARD: &str = "backward";
/// The time step.
const STEP: &str = "time.dt";
/// Time steps that tell an order.
const STEPS: usize = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One point.
    Point,
    /// One dimension.
    Scan,
    /// Two dimensions and more.
    Grid,
    /// Both directions along a dimension.
    Sweep,
    /// The time step alone.
    Convergence,
}

impl Kind {
    pub fn of(results: &Results) -> Kind {
        let scan = &results.scan;
        let passes = |pass: &str| scan.varieties().iter().any(|variety| variety.contains(pass));
        match &scan.dimensions[..] {
            [] => Kind::Point,
            _ if passes(FORWARD) && passes(BACKWARD) => Kind::Sweep,
            [only] if scan.axes[only.axes[0]].0 == STEP && only.values.len() >= STEPS => Kind::Convergence,
            [_] => Kind::Scan,
            _ => Kind::Grid,
        }
    }
}

/// The dimension that a sweep goes along.
pub fn swept(results: &Results) -> usize {
    let scan = &results.scan;
    let axis = results.experiment.sweep.as_ref().map_or("", |sweep| &sweep.axis);
    let is_swept = |d: &usize| scan.dimensions[*d].axes.iter().any(|&i| scan.axes[i].0 == axis);
    (0..scan.dimensions.len()).find(is_swept).unwrap_or(0)
}

/// Labels of points of the two passes that are otherwise alike.
pub fn passes(results: &Results) -> Vec<(String, String)> {
    let varieties = results.scan.varieties();
    let pair = |forward: &String| {
        let backward = forward.replace(FORWARD, BACKWARD);
        (*forward != backward && varieties.contains(&backward)).then(|| (forward.clone(), backward))
    };
    varieties.iter().filter_map(pair).collect()
}
