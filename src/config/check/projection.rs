//! How the numbers of a projection go together with those of its ends.

use super::longer_than_step;
use crate::config::error::Problem;
use crate::config::limits;
use crate::model::{Closure, Connectivity, Density, Network, Projection, Variant, round12};

/// Most that a delay is off a whole number of steps.
const OFF_STEP: f64 = 1e-6;

pub(super) fn check_projection(
    projection: &Projection,
    network: &Network,
    models: &[Variant],
    fail: &mut dyn FnMut(String, Problem),
) {
    let mut fail = |key: &str, problem| {
        fail(format!("projections.{}.{key}", network.projection_name(projection)), problem);
    };
    let Projection { tau, .. } = *projection;
    if tau < network.dt && !projection.is_delta() {
        let allowed = format!("0, or a time constant of at least dt = {} ms", network.dt);
        fail("tau", Problem::fixable(tau.to_string(), allowed, "choose 0, a longer time or a shorter time.dt"));
    }
    if let Some(tau_rise) = projection.tau_rise {
        check_rise(tau_rise, projection, network.dt, models, &mut |problem| fail("tau_rise", problem));
    }
    if let Some(problem) = off_step(projection.delay, network.dt) {
        fail("delay", problem);
    }
    if let Some(problem) = projection.indegree.and_then(|k| no_indegree(k, projection, network, models)) {
        fail("indegree", problem);
    }
    check_reversal(projection, network, &mut |problem| fail("v_rev", problem));
}

fn check_rise(tau_rise: f64, projection: &Projection, dt: f64, models: &[Variant], fail: &mut dyn FnMut(Problem)) {
    if projection.is_delta() {
        let fix = "remove tau_rise, or give tau a value";
        fail(Problem::fixable(tau_rise.to_string(), "none with tau: 0, whose kicks act in one step", fix));
    } else if let Some(problem) = longer_than_step(tau_rise, projection.step, dt) {
        fail(problem);
    }
    let keeps_squares = |variant: &&Variant| {
        matches!(variant, Variant::Dsode { closure: Closure::Coloured, density: Density::Linear, .. })
    };
    if let Some(variant) = models.iter().find(keeps_squares) {
        let allowed = format!("none with {}, whose bins keep second moments of kicks that act alone", variant.label());
        fail(Problem::fixable(tau_rise.to_string(), allowed, "choose density: uniform or closure: white"));
    }
}

/// A delay that is no whole number of steps, or of too many.
fn off_step(delay: f64, dt: f64) -> Option<Problem> {
    let steps = delay / dt;
    if (steps - steps.round()).abs() > OFF_STEP {
        let fix = format!("the nearest is {}", round12(steps.round() * dt));
        return Some(Problem::fixable(delay.to_string(), format!("a multiple of dt = {dt} ms"), fix));
    }
    let found = format!("{delay}, which is {steps:.0} steps of {dt} ms");
    (steps.round() > limits::DELAY).then(|| Problem::value(found, format!("at most {} steps", limits::DELAY)))
}

/// An in-degree that the source or the connectivity cannot give.
fn no_indegree(indegree: u32, projection: &Projection, network: &Network, models: &[Variant]) -> Option<Problem> {
    let size = network.source_size(projection);
    if indegree > size {
        let allowed = format!("at most {size}, the neurons of {}", network.source_name(projection));
        return Some(Problem::value(indegree.to_string(), allowed));
    }
    let is_redrawn = network.connectivity == Connectivity::Annealed && models.contains(&Variant::Snn);
    is_redrawn.then(|| {
        let found = format!("{indegree} with connectivity: annealed, which draws other targets for each spike of snn");
        let allowed = "an in-degree with connectivity: quenched, or without snn";
        Problem::fixable(found, allowed, "set connectivity: quenched, or give p instead")
    })
}

fn check_reversal(projection: &Projection, network: &Network, fail: &mut dyn FnMut(Problem)) {
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
        fail(Problem::fixable(v_rev.to_string(), format!("a voltage {side} {norm}"), fix));
    }
    if network.is_walk(projection.target) && synapse.is_bottomless() {
        let fix = format!("give {} a tau_m, or the projection a v_rev", target.name);
        let allowed = "inhibition without v_rev onto neurons with a leak, without which the voltage is a random walk";
        fail(Problem::fixable("none", allowed, fix));
    }
}
