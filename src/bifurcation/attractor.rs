//! What a simulation settles on.

use super::family::{Family, Lost};
use super::map::Map;
use super::object::{LONGEST, Object};
use super::place::{Place, apart};
use super::section::Section;
use super::solver::slowest;
use crate::reduced::Dsode;

/// ms before, and for the averages at the end.
const TRANSIENT: f64 = 1000.0;
const AVERAGED: f64 = 300.0;
/// A kick count that varies by less than this share of its mean, or than so many kicks, is at rest.
const REST: f64 = 0.02;
const QUIET: f64 = 1e-6;
/// Returns of one orbit agree to this in scaled coordinates, before Newton's method makes them equal.
const AGREE: f64 = 3e-3;
/// Most returns of one orbit.
const MOST_RETURNS: usize = 16;

/// The end of a simulation.
#[derive(Clone, Debug)]
pub struct Settled {
    /// Time average: near the fixed point, also where that is unstable.
    pub mean: Place,
    /// The last state.
    pub last: Place,
    /// The orbit, as far as it has settled on one.
    pub orbit: Option<(Object, Place)>,
    /// Whether it is at rest.
    pub at_rest: bool,
}

/// The initial state of the network there.
pub fn initial(family: &Family, value: f64) -> Result<Vec<f64>, Lost> {
    let network = family.network(value);
    let error = |error: crate::reduced::ShapeError| Lost::Model { value, reason: error.to_string() };
    let trajectory =
        Dsode::<f64>::with_bins(&network, family.variant(), &family.bins(&network), [0; 4]).map_err(error)?;
    Ok(family.map(value)?.read(&trajectory))
}

/// Simulates from a state.
pub fn settle(family: &Family, value: f64, mut x: Vec<f64>) -> Result<Settled, Lost> {
    let mut map = family.map(value)?;
    for _ in 0..(TRANSIENT / map.dt()) as usize {
        map.apply(&mut x);
    }
    let settled = look(family, &mut map, value, x, AVERAGED)?;
    // Slow orbits take longer.
    let is_open = settled.orbit.is_none() && !settled.at_rest;
    if is_open { look(family, &mut map, value, settled.last.x, LONGEST) } else { Ok(settled) }
}

/// What a state is on in a time, which an orbit returns in.
fn look(family: &Family, map: &mut Map<f64>, value: f64, mut x: Vec<f64>, time: f64) -> Result<Settled, Lost> {
    let averaged = (time / map.dt()) as usize;
    let mut mean = vec![0.0; x.len()];
    let (mut low, mut high) = (x.clone(), x.clone());
    for _ in 0..averaged {
        map.apply(&mut x);
        for (i, &x) in x.iter().enumerate() {
            mean[i] += x / averaged as f64;
            (low[i], high[i]) = (low[i].min(x), high[i].max(x));
        }
    }
    if !x.iter().all(|x| x.is_finite()) {
        return Err(Lost::Infinite);
    }
    let moving = slowest(map, |projection| {
        let row = map.kick_row(projection);
        high[row] - low[row] > (REST * mean[row]).max(QUIET)
    });
    let orbit = moving.and_then(|projection| {
        let level = mean[map.kick_row(projection)];
        orbit(family, map, Section { projection, level }, &x, averaged)
    });
    let place = |x: Vec<f64>| Place { x, value };
    let orbit = orbit.map(|(object, x)| (object, place(x)));
    Ok(Settled { mean: place(mean), last: place(x), orbit, at_rest: moving.is_none() })
}

/// The orbit that returns to a section within so many steps, on the best section.
fn orbit(family: &Family, map: &mut Map<f64>, section: Section, x: &[f64], most: usize) -> Option<(Object, Vec<f64>)> {
    let mut returns = vec![section.follow(map, x, 1, most)?.x];
    for _ in 0..2 * MOST_RETURNS {
        returns.push(section.follow(map, &returns[returns.len() - 1], 1, most)?.x);
    }
    let apart = |i: usize, j: usize| apart(&returns[i], &returns[j], family.scales());
    let agree = |k: &usize| (MOST_RETURNS..=2 * MOST_RETURNS - k).all(|i| apart(i + k, i) < AGREE);
    let falls = (1..=MOST_RETURNS).find(agree)?;
    let x = &returns[2 * MOST_RETURNS];
    let series = section.follow(map, x, falls, falls * most)?.series(map, section.projection);
    let (level, falls, _) = Section::choose(&series);
    let section = Section { level, ..section };
    let x = section.follow(map, x, 1, 2 * falls * most)?.x;
    Some((Object::Orbit { section, falls }, x))
}
