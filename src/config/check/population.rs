//! How the numbers of a population go together, and its bins.

use super::{check_steps, is_off_grid, longer_than_step};
use crate::config::error::Problem;
use crate::config::limits;
use crate::model::{AutomaticBins, Bins, Initial, Neuron, Population, Rate, Refractory, Stepping, round12};

pub(super) fn check_population(population: &Population, dt: f64, fail: &mut dyn FnMut(String, Problem)) {
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
/// The bins of a `dsode` reach from v_min to v_th and hold v_reset; told once per model, of the first population.
pub(super) fn check_bins(
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
