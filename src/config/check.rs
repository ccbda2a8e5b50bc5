//! How the numbers of a network go together: what no single key can say. Each comparison is false for a NaN.

use super::error::Problem;
use super::experiment::{Recording, Time};
use super::limits;
use super::parameter::{Owner, Parameter};
use crate::model::{
    AutomaticBins, Bins, Closure, Connectivity, Density, Initial, Network, Neuron, Population, Projection, Rate,
    Refractory, Source, Stepping, Variant, round12,
};
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

fn check_population(population: &Population, dt: f64, fail: &mut dyn FnMut(String, Problem)) {
    let Population { name, v_th, v_reset, tau_m, tau_ref, adaptation, refractory, .. } = population;
    let mut fail = |key: &str, problem| fail(format!("populations.{name}.{key}"), problem);
    if v_reset >= v_th {
        fail("v_reset", Problem::value(v_reset.to_string(), format!("a voltage below v_th = {v_th}")));
    }
    if let Some(problem) = tau_m.and_then(|tau_m| longer_than_step(tau_m, population.step, dt)) {
        fail("tau_m", problem);
    }
    if let Neuron::Table(points) = &population.neuron {
        for (i, pair) in points.windows(2).enumerate().filter(|(_, pair)| pair[1].0 <= pair[0].0) {
            let (found, allowed) = (pair[1].0.to_string(), format!("a voltage above {}", pair[0].0));
            fail(&format!("neuron.table.{}.0", i + 1), Problem::fixable(found, allowed, "sort the table by voltage"));
        }
    }
    let (low, high) = population.initial_range();
    if population.initial == Initial::Voltage(low) && low >= *v_th {
        fail("initial.v", Problem::value(low.to_string(), format!("a voltage below v_th = {v_th}")));
    }
    if population.initial == Initial::Between(low, high) && (low >= high || high > *v_th) {
        let allowed = format!("low below high, high at most v_th = {v_th}");
        fail("initial.uniform", Problem::value(format!("[{low}, {high}]"), allowed));
    }
    if let Rate::Steps(table) = &population.drive.rate {
        check_steps(table, &mut |place, problem| fail(&format!("drive.rate.steps.{place}"), problem));
    }
    if let Some(problem) = adaptation.and_then(|adaptation| longer_than_step(adaptation.tau, Stepping::Euler, dt)) {
        fail("adaptation.tau", problem);
    }
    if *refractory == Refractory::Fixed && *tau_ref > 0.0 && tau_ref / dt < 0.5 {
        let found = format!("{tau_ref} with refractory: fixed, which is 0 steps of {dt} ms");
        fail(
            "tau_ref",
            Problem::fixable(found, "0, or at least half a step", "choose 0, a longer time or a shorter dt"),
        );
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

/// The bins of a `dsode` reach from v_min to v_th and hold v_reset; told once per model, of the first population.
fn check_bins(
    population: &Population,
    automatic: &AutomaticBins,
    given: (Option<f64>, Option<f64>),
    model: usize,
    fail: &mut dyn FnMut(String, Problem),
) -> bool {
    let Population { name, v_th, v_reset, .. } = population;
    let Bins { v_min, width: bin } = automatic.bins(*v_th, given.0, given.1);
    let height = v_th - v_min;
    let mut tell = |key: &str, problem| fail(format!("models.{model}.dsode.{key}"), problem);
    if automatic.are_given() && given.0.is_none() {
        let allowed =
            format!("a width, which is not found automatically for neurons that are not leaky, as those of {name}");
        let fix = "narrower than the voltages at which dV/dt hardly moves a neuron; check compares it with half of it";
        tell("bin", Problem::fixable("auto", allowed, fix));
    } else if v_min > *v_reset {
        tell("v_min", Problem::value(v_min.to_string(), format!("at most v_reset = {v_reset} of {name}")));
    } else if v_min > population.initial_range().0 {
        let allowed = format!("at most {}, the lowest initial voltage of {name}", population.initial_range().0);
        tell("v_min", Problem::value(v_min.to_string(), allowed));
    } else if given.0.is_some() && height / bin > limits::BINS {
        let found =
            format!("{bin}, which makes {:.0} bins from v_min = {v_min} to v_th = {v_th} of {name}", height / bin);
        tell("bin", Problem::value(found, format!("at most {} bins", limits::BINS)));
    } else if given.0.is_some() && is_off_grid(height, bin) {
        let allowed = format!("a width that divides v_th - v_min = {} of {name}", round12(height));
        let fix = format!("near are {}; or choose `v_min` so that it does", dividing(height, bin));
        tell("bin", Problem::fixable(bin.to_string(), allowed, fix));
    } else {
        return true;
    }
    false
}

/// The nearest widths that divide a height, as short numbers where there are any.
fn dividing(height: f64, bin: f64) -> String {
    let count = (height / bin).max(1.0) as u32;
    let width = |n: u32| round12(height / f64::from(n));
    let is_short = |n: &u32| (width(*n) * 1e3).fract() == 0.0;
    let wider = (count / 2..=count).rev().filter(|n| *n > 0).find(is_short).unwrap_or(count);
    let narrower = (count + 1..=2 * count + 1).find(is_short).unwrap_or(count + 1);
    format!("{} and {}", width(wider), width(narrower))
}

/// Most that a delay is off a whole number of steps.
const OFF_STEP: f64 = 1e-6;

fn check_projection(
    projection: &Projection,
    network: &Network,
    models: &[Variant],
    fail: &mut dyn FnMut(String, Problem),
) {
    let mut fail = |key: &str, problem| {
        fail(format!("projections.{}.{key}", network.projection_name(projection)), problem);
    };
    let Projection { tau, delay, .. } = *projection;
    if tau < network.dt && !projection.is_delta() {
        let allowed = format!("0, or a time constant of at least dt = {} ms", network.dt);
        fail("tau", Problem::fixable(tau.to_string(), allowed, "choose 0, a longer time or a shorter time.dt"));
    }
    if let Some(tau_rise) = projection.tau_rise {
        if projection.is_delta() {
            let fix = "remove tau_rise, or give tau a value";
            fail(
                "tau_rise",
                Problem::fixable(tau_rise.to_string(), "none with tau: 0, whose kicks act in one step", fix),
            );
        } else if let Some(problem) = longer_than_step(tau_rise, projection.step, network.dt) {
            fail("tau_rise", problem);
        }
        let keeps_squares = |variant: &&Variant| {
            matches!(variant, Variant::Dsode { closure: Closure::Coloured, density: Density::Linear, .. })
        };
        if let Some(variant) = models.iter().find(keeps_squares) {
            let allowed =
                format!("none with {}, whose bins keep second moments of kicks that act alone", variant.label());
            let fix = "choose density: uniform or closure: white";
            fail("tau_rise", Problem::fixable(tau_rise.to_string(), allowed, fix));
        }
    }
    let steps = delay / network.dt;
    if (steps - steps.round()).abs() > OFF_STEP {
        let nearest = round12(steps.round() * network.dt);
        let allowed = format!("a multiple of dt = {} ms", network.dt);
        fail("delay", Problem::fixable(delay.to_string(), allowed, format!("the nearest is {nearest}")));
    } else if steps.round() > limits::DELAY {
        let found = format!("{delay}, which is {steps:.0} steps of {} ms", network.dt);
        fail("delay", Problem::value(found, format!("at most {} steps", limits::DELAY)));
    }
    let size = network.source_size(projection);
    if let Some(found) = projection.indegree.filter(|&k| k > size) {
        let allowed = format!("at most {size}, the neurons of {}", network.source_name(projection));
        fail("indegree", Problem::value(found.to_string(), allowed));
    } else if let (Some(found), Connectivity::Annealed) = (projection.indegree, network.connectivity)
        && models.contains(&Variant::Snn)
    {
        let found = format!("{found} with connectivity: annealed, which draws other targets for each spike of snn");
        let allowed = "an in-degree with connectivity: quenched, or without snn";
        fail("indegree", Problem::fixable(found, allowed, "set connectivity: quenched, or give p instead"));
    }
    let target = &network.populations[projection.target];
    let synapse = &projection.synapse;
    if let Some((v_rev, distance)) = synapse.reversal(target.v_th)
        && synapse.sign() * distance >= 0.0
    {
        let side = if synapse.is_inhibitory() { "below" } else { "above" };
        let norm = match synapse.v_norm {
            Some(v_norm) => format!("v_norm = {v_norm}"),
            None => format!("v_th = {} of {}", target.v_th, target.name),
        };
        let fix = "or none, which makes a kick worth s at every voltage";
        fail("v_rev", Problem::fixable(v_rev.to_string(), format!("a voltage {side} {norm}"), fix));
    }
    if network.is_walk(projection.target) && synapse.is_bottomless() {
        let fix = format!("give {} a tau_m, or the projection a v_rev", target.name);
        let allowed = "inhibition without v_rev onto neurons with a leak, without which the voltage is a random walk";
        fail("v_rev", Problem::fixable("none", allowed, fix));
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
pub(super) fn is_off_grid(x: f64, step: f64) -> bool {
    let ratio = x / step;
    (ratio - ratio.round()).abs() > (1e-9 * ratio.abs().max(1.0)).min(1e-3)
}

/// A population that starts from the state of a neighbouring point.
pub(super) fn carrying(network: &Network) -> Option<&Population> {
    network.populations.iter().find(|population| population.initial == Initial::Carry)
}
