//! How the numbers of a network go together: what no single key can say. Each comparison is false for a NaN.

mod population;
mod projection;

use self::population::{check_bins, check_population};
use self::projection::check_projection;
use super::error::Problem;
use super::experiment::{Recording, Time};
use super::limits;
use super::parameter::{Owner, Parameter};
use crate::model::{AutomaticBins, Initial, Network, Population, Projection, Rate, Source, Stepping, Variant, round12};
use crate::statistics::Analysis;
use crate::statistics::layout::MOST_STEPS;

/// What a network is checked against.
pub(super) struct Rules<'a> {
    pub time: &'a Time,
    pub models: &'a [Variant],
    pub record: &'a Recording,
    pub analysis: &'a Analysis,
    pub automatic_bins: &'a [AutomaticBins],
}

/// Parts of a network that a scan can change, so that a point costs no more than what it moves.
pub(super) struct Scope {
    time: bool,
    populations: Vec<usize>,
    projections: Vec<usize>,
}

impl Scope {
    pub fn all(network: &Network) -> Scope {
        Scope {
            time: true,
            populations: (0..network.populations.len()).collect(),
            projections: (0..network.projections.len()).collect(),
        }
    }

    /// What depends on the parameters that move.
    pub fn of<'a>(network: &Network, moved: impl Iterator<Item = &'a Parameter>) -> Scope {
        let owners: Vec<Owner> = moved.map(|parameter| parameter.owner).collect();
        if owners.contains(&Owner::Time) {
            return Scope::all(network);
        }
        let owns = |owner| owners.contains(&owner);
        let populations: Vec<usize> = (0..network.populations.len()).filter(|&i| owns(Owner::Population(i))).collect();
        let outside = |j: usize| network.projections[j].source.checked_sub(network.populations.len());
        let depends = |&j: &usize| {
            let Projection { target, source, .. } = network.projections[j];
            owns(Owner::Projection(j))
                || populations.contains(&target)
                || populations.contains(&source)
                || outside(j).is_some_and(|i| owns(Owner::Source(i)))
        };
        let projections = (0..network.projections.len()).filter(depends).collect();
        Scope { time: false, populations, projections }
    }
}

/// Calls `fail` with path and problem of everything in `scope` that does not go together.
pub(super) fn check(network: &Network, rules: &Rules, scope: &Scope, fail: &mut dyn FnMut(String, Problem)) {
    if scope.time {
        check_time(network.dt, rules, fail);
    }
    for &i in &scope.populations {
        check_population(&network.populations[i], network.dt, fail);
    }
    for Source { name, rate } in &network.sources {
        if let Rate::Steps(table) = rate {
            check_steps(table, &mut |place, problem| fail(format!("sources.{name}.rate.steps.{place}"), problem));
        }
    }
    for (model, variant) in rules.models.iter().enumerate() {
        if let Variant::Dsode { bin, v_min, .. } = *variant {
            let mut populations =
                scope.populations.iter().map(|&i| (&network.populations[i], &rules.automatic_bins[i]));
            populations.all(|(population, automatic)| check_bins(population, automatic, (bin, v_min), model, fail));
        }
    }
    for &j in &scope.projections {
        check_projection(&network.projections[j], network, rules.models, fail);
    }
    let neurons: u64 = network.populations.iter().map(|population| u64::from(population.size)).sum();
    if !scope.populations.is_empty() && neurons > limits::NEURONS {
        let allowed = format!("at most {} in all populations together", limits::NEURONS);
        fail("populations".into(), Problem::value(format!("{neurons} neurons"), allowed));
    }
}

fn check_time(dt: f64, rules: &Rules, fail: &mut dyn FnMut(String, Problem)) {
    let Time { duration, discard } = *rules.time;
    let (spikes, neurons) = (rules.record.spikes.as_ref(), rules.record.neurons.as_ref());
    let times = [
        ("time.duration", Some(duration)),
        ("time.discard", Some(discard)),
        ("record.traces.every", rules.record.traces.as_ref().map(|traces| traces.every)),
        ("record.spikes.from", spikes.map(|spikes| spikes.from)),
        ("record.spikes.to", spikes.map(|spikes| spikes.to)),
        ("record.neurons.from", neurons.map(|neurons| neurons.from)),
        ("record.neurons.to", neurons.map(|neurons| neurons.to)),
        ("record.neurons.every", neurons.map(|neurons| neurons.every)),
    ];
    let Analysis { psd_band, windows, choice, psth, states, burst, .. } = rules.analysis;
    let of_choice = choice.iter().flat_map(|c| [("analysis.choice.from", c.from), ("analysis.choice.to", c.to)]);
    let of_psth = psth
        .iter()
        .flat_map(|p| [("analysis.psth.from", p.from), ("analysis.psth.to", p.to), ("analysis.psth.bin", p.bin)]);
    let windows = (0..).zip(windows).flat_map(|(i, window)| window.map(|time| (format!("analysis.windows.{i}"), time)));
    let responses = of_choice.chain(of_psth).map(|(path, time)| (path.to_string(), time)).chain(windows);
    let times = times.into_iter().filter_map(|(path, time)| Some((path.to_string(), time?)));
    for (path, time) in times.chain(responses) {
        if let Some(time) = Some(time).filter(|&time| is_off_grid(time, dt)) {
            let nearest = round12((time / dt).round().max(1.0) * dt);
            let allowed = format!("a multiple of dt = {dt} ms");
            fail(path, Problem::fixable(format!("{time}"), allowed, format!("the nearest is {nearest}")));
        }
    }
    if (duration / dt).round() > limits::STEPS {
        let found = format!("{duration}, which is {:.3e} steps of {dt} ms", duration / dt);
        fail("time.duration".into(), Problem::value(found, format!("at most {} steps", limits::STEPS)));
    }
    let most = MOST_STEPS as f64 * dt;
    if most < 1.0 {
        let allowed = format!("a step of which 1 ms has at most {MOST_STEPS}");
        fail("time.dt".into(), Problem::value(dt.to_string(), allowed));
    }
    let smooth = states.map(|states| ("analysis.states.smooth", states.smooth));
    for (path, time) in smooth.into_iter().chain([("analysis.burst.distance", burst.distance)]) {
        if time > most {
            fail(path.into(), Problem::value(time.to_string(), format!("at most {MOST_STEPS} steps of {dt} ms")));
        }
    }
    if burst.distance < dt {
        let allowed = format!("at least dt = {dt} ms");
        fail("analysis.burst.distance".into(), Problem::value(burst.distance.to_string(), allowed));
    }
    let nyquist = 500.0 / dt;
    if psd_band[1] > nyquist {
        let allowed = format!("a band below {nyquist} Hz, half the sampling rate at dt = {dt} ms");
        fail("analysis.psd_band".into(), Problem::value(format!("{psd_band:?}"), allowed));
    }
}
/// Times of a table of rates ascend, which a scan can change.
fn check_steps(table: &[(f64, f64)], fail: &mut dyn FnMut(String, Problem)) {
    for (i, pair) in table.windows(2).enumerate() {
        let (before, time) = (pair[0].0, pair[1].0);
        if time <= before {
            let allowed = format!("a time after {before} ms");
            fail(format!("{}.0", i + 1), Problem::fixable(time.to_string(), allowed, "sort the table by time"));
        }
    }
}
/// A time constant of which a step leaves nothing, or less than that.
fn longer_than_step(tau: f64, step: Stepping, dt: f64) -> Option<Problem> {
    let allowed = match step {
        Stepping::Euler => format!("a time constant above dt = {dt} ms"),
        Stepping::Exact => format!("a time constant of at least dt/10 = {} ms", round12(0.1 * dt)),
    };
    (tau < step.least(dt)).then(|| Problem::fixable(tau.to_string(), allowed, "choose a shorter time.dt"))
}

/// Whether `x` is not a whole number of `step`, to a relative 1e-9 of `x`, at most a thousandth of a step.
pub(in crate::config) fn is_off_grid(x: f64, step: f64) -> bool {
    let ratio = x / step;
    (ratio - ratio.round()).abs() > (1e-9 * ratio.abs().max(1.0)).min(1e-3)
}

/// A population that starts from the state of a neighbouring point.
pub(super) fn carrying(network: &Network) -> Option<&Population> {
    network.populations.iter().find(|population| population.initial == Initial::Carry)
}
