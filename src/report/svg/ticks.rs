//! Where an axis has its ticks, and what stands beside them.

pub struct Ticks {
    /// Value, and text as markup.
    pub major: Vec<(f64, String)>,
    /// Without text.
    pub minor: Vec<f64>,
}

/// About `most` ticks at multiples of 1, 2 or 5 times a power of ten; on a logarithmic axis `low` and `high` are logarithms.
pub fn ticks(low: f64, high: f64, log: bool, most: usize) -> Ticks {
    if log && high - low >= 1.0 {
        return decades(low, high, most);
    }
    if log {
        let (low, high) = (10_f64.powf(low), 10_f64.powf(high));
        return Ticks { major: linear(low, high, most), minor: vec![] };
    }
    Ticks { major: linear(low, high, most), minor: vec![] }
}

fn linear(low: f64, high: f64, most: usize) -> Vec<(f64, String)> {
    let rough = (high - low) / most as f64;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|step| *step >= rough).unwrap_or(10.0 * power);
    let digits = (-step.log10().floor()).clamp(0.0, 9.0) as usize;
    let first = (low / step - 1e-9).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    (first..=last).map(|i| i as f64 * step).map(|value| (value, text(value, digits))).collect()
}

fn decades(low: f64, high: f64, most: usize) -> Ticks {
    let (first, last) = ((low - 1e-9).ceil() as i32, (high + 1e-9).floor() as i32);
    let every = (last - first) / most as i32 + 1;
    let major = (first..=last).filter(|power| power % every == 0).map(|power| {
        let value = 10_f64.powi(power);
        let plain = (-3..=4).contains(&power);
        (value, if plain { text(value, (-power).max(0) as usize) } else { power_of_ten(power) })
    });
    let minor = (first - 1..=last).flat_map(|power| (2..10).map(move |m| (m, f64::from(m) * 10_f64.powi(power))));
    let inside = |(_, value): &(i32, f64)| (low..=high).contains(&value.log10());
    let minor: Vec<(i32, f64)> = minor.filter(inside).collect();
    // over few decades the powers of ten alone tell little
    let labelled = if high - low < FEW { &[2, 5][..] } else { &[] };
    let beside = minor.iter().filter(|(m, _)| labelled.contains(m)).map(|&(_, value)| (value, small(value)));
    Ticks { major: major.chain(beside).collect(), minor: minor.iter().map(|&(_, value)| value).collect() }
}

/// Decades below which minor ticks of a logarithmic axis have labels.
const FEW: f64 = 2.5;

/// As markup.
fn small(value: f64) -> String {
    format!(r#"<tspan font-size="8.5">{}</tspan>"#, plain(value))
}

/// As many digits as a round number needs, three of one that is not.
pub fn plain(value: f64) -> String {
    let is_round = |digits: &usize| {
        let share = value * 10_f64.powi(*digits as i32);
        (share - share.round()).abs() <= 1e-9 * share.abs()
    };
    let first = -value.abs().log10().floor();
    match (0..MOST_DIGITS).find(is_round) {
        Some(digits) => text(value, digits),
        None if first < MOST_DIGITS as f64 => text(value, (first as i32 + 2).max(0) as usize),
        None => text_with_power(value),
    }
}

/// Digits behind the point.
const MOST_DIGITS: usize = 7;

fn text(value: f64, digits: usize) -> String {
    if value.abs() >= 1e5 {
        return text_with_power(value);
    }
    let text = format!("{value:.digits$}");
    // a true minus sign, and no -0
    match text.strip_prefix('-') {
        Some(rest) if rest.chars().all(|c| "0.".contains(c)) => rest.to_string(),
        Some(rest) => format!("−{rest}"),
        None => text,
    }
}

fn text_with_power(value: f64) -> String {
    format!("{value:.3e}").replace(".000e", "e").replace("00e", "e").replace('-', "−")
}

/// As markup: fonts have no raised minus sign.
fn power_of_ten(power: i32) -> String {
    format!(r#"10<tspan dy="-4" font-size="8">{}</tspan>"#, text(f64::from(power), 0))
}

#[cfg(test)]
mod tests {
    use super::{plain, ticks};

    #[test]
    fn labels_are_numbers_as_they_are() {
        let labels =
            [0.0, 0.05, 0.2, 0.5, 1.0, 2.5, 20.0, 12_345.0, 1e6, -0.1, -30.0, 0.000_02, 1.0 / 3.0, 2e-9].map(plain);
        let expected =
            ["0", "0.05", "0.2", "0.5", "1", "2.5", "20", "12345", "1e6", "−0.1", "−30", "0.00002", "0.333", "2e−9"];
        assert_eq!(labels, expected);
    }

    #[test]
    fn a_decade_below_one_has_its_ticks() {
        let of = ticks((0.08_f64).log10(), (6.0_f64).log10(), true, 6);
        let texts: String = of.major.iter().map(|(_, text)| format!("{text} ")).collect();
        assert!(["0.1", "0.2<", "0.5<", "1", "2<", "5<"].iter().all(|tick| texts.contains(tick)), "{texts}");
        assert!(!texts.contains(">0<"), "{texts}");
    }
}
