//! Numbers as readers of tables see them: a true minus sign, and no digit that the uncertainty makes worthless.

use crate::statistics::{Domain, Estimate, Statistic, Summary};

/// "rate (Hz)"; pure numbers have no unit.
pub fn with_unit(name: &str, unit: &str) -> String {
    if unit.is_empty() || unit == "1" { name.to_string() } else { format!("{name} ({})", unit.replace("^2", "²")) }
}

pub fn percent(x: f64) -> String {
    let sign = if x < 0.0 { "−" } else { "+" };
    format!("{sign}{}", magnitude(x.abs()))
}

pub fn magnitude(x: f64) -> String {
    let percent = 100.0 * x;
    if percent < 1.0 {
        format!("{percent:.2} %")
    } else if percent < 99.95 {
        format!("{percent:.1} %")
    } else {
        format!("{percent:.0} %")
    }
}

/// "+0.012 ± 0.003 Hz".
pub fn difference(e: &Estimate, unit: &str) -> String {
    let sign = if e.value > 0.0 { "+" } else { "" };
    let number = e.half.map_or_else(|| short(e.value), |half| with_half_width(e.value, half));
    in_unit(&format!("{sign}{number}"), unit)
}

pub fn in_unit(number: &str, unit: &str) -> String {
    if unit == "1" { number.to_string() } else { format!("{number} {unit}") }
}

/// Decimals of a number that is known to `uncertainty`: down to its first digit, and so many more.
pub fn decimals(uncertainty: f64, more: i32) -> usize {
    (more - uncertainty.max(1e-9).log10().floor() as i32).clamp(0, 9) as usize
}

/// With two digits of the half width.
fn with_half_width(mean: f64, half: f64) -> String {
    if half <= 0.0 || !half.is_finite() {
        return short(mean);
    }
    let digits = decimals(half, 1);
    format!("{mean:.digits$} ± {half:.digits$}").replace('-', "−")
}

/// Of an interval that is not the same on either side: "0.375 (0.185 to 0.614)".
fn with_ends(mean: f64, (low, high): (f64, f64)) -> String {
    format!("{mean:.3} ({low:.3} to {high:.3})").replace('-', "−")
}

/// "11.02 ± 0.21", of a choice "0.375 (0.185 to 0.614)"; the mean alone where its interval is unknown.
pub fn mean(statistic: &Statistic, summary: &Summary) -> Option<String> {
    let mean = summary.mean?;
    Some(match summary.ci95 {
        Some(ends) if statistic.domain == Domain::Outcome => with_ends(mean, ends),
        Some((_, high)) => with_half_width(mean, high - mean),
        None => short(mean),
    })
}

/// Four significant digits.
pub fn short(x: f64) -> String {
    if x == 0.0 || !x.is_finite() {
        return format!("{x}");
    }
    let digits = (3 - x.abs().log10().floor() as i32).clamp(0, 6);
    let text = if x.abs() < 1e-4 { format!("{x:.2e}") } else { format!("{x:.*}", digits as usize) };
    text.replace('-', "−")
}

/// A parameter as it was written, to six significant digits: more would tell of a grid's rounding.
pub fn plain(x: f64) -> String {
    let x: f64 = format!("{x:.5e}").parse().unwrap_or(x);
    let is_long = x != 0.0 && !(1e-6..1e9).contains(&x.abs());
    let text = if is_long { format!("{x:e}") } else { x.to_string() };
    text.replace('-', "−")
}
