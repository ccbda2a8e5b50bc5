//! Tables that a shader has as functions of literals: an array of constants would be copied to every thread's local memory
//! wherever its index is not known.

use std::fmt::Write;

/// Up to so many changes of value are selections in a row; more become a switch.
const SELECTIONS: usize = 8;

/// A WGSL function `name(i)` that is `values[i]`; of an empty table, and beyond its end, any number.
pub fn lookup(name: &str, values: &[usize]) -> String {
    format!("fn {name}(i: u32) -> u32 {{\n{}}}\n", progression(values).unwrap_or_else(|| cases(values)))
}

/// Values in equal steps upwards.
fn progression(values: &[usize]) -> Option<String> {
    let first = values.first().copied().unwrap_or(0);
    let step = values.get(1).map_or(Some(0), |second| second.checked_sub(first))?;
    let in_steps = values.iter().enumerate().all(|(i, value)| *value == first + step * i);
    in_steps.then(|| match (first, step) {
        (_, 0) => format!("    return {first}u;\n"),
        (0, 1) => "    return i;\n".into(),
        (0, _) => format!("    return {step}u * i;\n"),
        _ => format!("    return {first}u + {step}u * i;\n"),
    })
}

/// Any values.
fn cases(values: &[usize]) -> String {
    let changes: Vec<usize> = (1..values.len()).filter(|&i| values[i] != values[i - 1]).collect();
    let mut text = String::new();
    if changes.len() <= SELECTIONS {
        writeln!(text, "    var value = {}u;", values[0]).expect("writes to a string");
        for i in changes {
            writeln!(text, "    value = select(value, {}u, i >= {i}u);", values[i]).expect("writes to a string");
        }
        return text + "    return value;\n";
    }
    text += "    switch i {\n";
    for (i, value) in values.iter().enumerate().skip(1) {
        writeln!(text, "        case {i}u: {{ return {value}u; }}").expect("writes to a string");
    }
    writeln!(text, "        default: {{ return {}u; }}\n    }}", values[0]).expect("writes to a string");
    text
}
