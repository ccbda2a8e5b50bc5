//! The order of a sweep's points: along one axis, there and back, each starting from the state in which its neighbour ended.

use super::identity::hex;
use crate::config::{Direction, Experiment};
use crate::results::{AxisValue, SchemaPoint};

/// Name of the column that tells a sweep's passes apart.
pub const COLUMN: &str = "sweep";

/// One pass of a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    Forward,
    Backward,
}

impl Pass {
    pub fn name(self) -> &'static str {
        match self {
            Pass::Forward => "forward",
            Pass::Backward => "backward",
        }
    }
}

/// The passes of an experiment's sweep; none without one.
pub fn passes(experiment: &Experiment) -> &'static [Pass] {
    match experiment.sweep.as_ref().map(|s| s.direction) {
        None => &[],
        Some(Direction::Forward) => &[Pass::Forward],
        Some(Direction::Backward) => &[Pass::Backward],
        Some(Direction::Both) => &[Pass::Forward, Pass::Backward],
    }
}

/// Points in the order in which a realisation's state is carried over them: along the swept axis, for every pass and every
/// combination of the other axes. Without a sweep every point is alone.
pub struct Lines {
    /// Indices of the schema's points, line after line.
    points: Vec<u32>,
    /// Points of a line.
    length: usize,
}

impl Lines {
    pub fn new(experiment: &Experiment) -> Lines {
        let grid = experiment.points();
        let Some(axis) = Swept::of(experiment) else { return Lines { points: (0..grid as u32).collect(), length: 1 } };
        let mut points = Vec::with_capacity(grid * passes(experiment).len());
        for (pass, direction) in passes(experiment).iter().enumerate() {
            for first in (0..grid).filter(|&point| axis.place(point) == 0) {
                let along = (0..axis.length).map(|i| (pass * grid + first + i * axis.stride) as u32);
                match direction {
                    Pass::Forward => points.extend(along),
                    Pass::Backward => points.extend(along.rev()),
                }
            }
        }
        Lines { points, length: axis.length }
    }

    pub fn iter(&self) -> impl Iterator<Item = &[u32]> {
        self.points.chunks(self.length)
    }
}

/// Where the points of the grid lie along the axis of a sweep.
struct Swept {
    /// Between neighbours.
    stride: usize,
    length: usize,
}

impl Swept {
    fn of(experiment: &Experiment) -> Option<Swept> {
        let sweep = experiment.sweep.as_ref()?;
        let axes = &experiment.scan.axes;
        let swept = axes.iter().position(|axis| axis.parameters.iter().any(|(p, _)| p.path == sweep.axis)).unwrap_or(0);
        let stride = axes[swept + 1..].iter().map(|axis| axis.len()).product();
        Some(Swept { stride, length: axes[swept].len() })
    }

    fn place(&self, point: usize) -> usize {
        point / self.stride % self.length
    }
}

/// The points of a sweep's passes, one pass after the other. A point's key tells every point before it in its line, since
/// its results depend on them.
pub fn schema(experiment: &Experiment) -> Vec<SchemaPoint> {
    let grid = experiment.points();
    let mut points: Vec<Option<SchemaPoint>> = vec![None; grid * passes(experiment).len()];
    for line in Lines::new(experiment).iter() {
        let pass = passes(experiment)[line[0] as usize / grid].name();
        let mut key = pass.to_string();
        for &index in line {
            let point = experiment.point(index as usize % grid);
            key = hex(format!("{key} {}", point.network.canonical()).as_bytes());
            let mut values: Vec<AxisValue> = point.coordinates.into_iter().map(AxisValue::Number).collect();
            values.push(AxisValue::Text(pass.to_string()));
            points[index as usize] = Some(SchemaPoint { key: key.clone(), values });
        }
    }
    points.into_iter().flatten().collect()
}

/// Whether members at a point of the schema start from the config's initial state rather than from another member's end.
pub fn begins_line(experiment: &Experiment, point: usize) -> bool {
    before(experiment, point).is_none()
}

/// The point of the grid whose members' ends those at a point of the schema start from.
pub fn before(experiment: &Experiment, point: usize) -> Option<usize> {
    let axis = Swept::of(experiment)?;
    let on_grid = point % experiment.points();
    let place = axis.place(on_grid);
    match passes(experiment)[point / experiment.points()] {
        Pass::Forward => (place > 0).then(|| on_grid - axis.stride),
        Pass::Backward => (place + 1 < axis.length).then(|| on_grid + axis.stride),
    }
}
