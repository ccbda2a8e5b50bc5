//! Columns of the tables of branches, which `branches` writes.

use super::column::{Column, Kind, Role};

/// Leading eigenvalues of a point.
pub const MULTIPLIERS: usize = 6;

/// Columns of `branches.parquet` and `.csv`.
pub fn branches(populations: &[String]) -> Vec<Column> {
    let mut columns = point();
    columns.push(text("type", Role::Identity, "FP: fixed point; PO: periodic orbit"));
    columns.push(text("code", Role::Identity, "empty, or HB, PD, LP, NS, BP, UZ, EP or MX"));
    columns.extend(place());
    columns.push(real("period_ms", "ms", "period of an orbit"));
    columns.push(integer("bursts", "falls of the section's mean kick count through its level in a period"));
    for (name, what) in [("rate", "mean"), ("peak", "highest"), ("min", "lowest")] {
        columns.extend(of_each(populations, name, &format!("{what} rate in a step over the period")));
    }
    columns.push(integer("n_unstable", "eigenvalues outside of the unit circle"));
    columns.push(text("stable", Role::Value, "true where no eigenvalue is outside of the unit circle, else false"));
    columns.extend((1..=MULTIPLIERS).flat_map(|i| {
        ["re", "im"].map(|part| {
            let of = if part == "re" { "real" } else { "imaginary" };
            let what = format!("{of} part of eigenvalue {i} by modulus: of a step (FP), of a period (PO)");
            real(&format!("multiplier_{i}_{part}"), "1", &what)
        })
    }));
    columns.push(real("growth_per_s", "1/s", "growth rate of the leading mode"));
    columns.push(real("frequency_hz", "Hz", "of the leading mode (FP), of the orbit (PO)"));
    columns.push(real("residual", "1", "largest distance of a coordinate of P(x) from that of x, in its scale"));
    let error = "of an orbit: spread of the leading multiplier over sections; of a located point: error of value";
    columns.push(real("error", "", error));
    columns.push(text("note", Role::Value, "what to know: ignored modes, another section, why a branch ends"));
    columns
}

/// Columns of `special.csv`.
pub fn special(populations: &[String]) -> Vec<Column> {
    let mut columns = vec![model(), branch()];
    columns.push(text("code", Role::Identity, "HB, PD, LP, NS, BP, UZ, EP or MX"));
    columns.push(text("object", Role::Identity, "FP: fixed point; PO: periodic orbit"));
    columns.extend(place());
    columns.push(real("value_error", "", "error of value, where a bifurcation was located"));
    columns.push(real("period_ms", "ms", "period of an orbit"));
    columns.push(real(
        "frequency_hz",
        "Hz",
        "of the mode on the unit circle (HB) or the leading one, of the orbit (PO)",
    ));
    columns.extend(of_each(populations, "rate", "mean rate"));
    columns.push(text("converged", Role::Value, "false where nothing was found, with code MX; else true"));
    columns
}

/// Columns of `curves.parquet` and `.csv`.
pub fn curves(populations: &[String]) -> Vec<Column> {
    let what = "index of the curve, from 1";
    let curve = Column::new("curve", Kind::Integer, Role::Identity, "", what);
    let point = Column::new("point", Kind::Integer, Role::Identity, "", "index along the curve, from 1");
    let mut columns = vec![model(), curve, point];
    columns.push(text(
        "code",
        Role::Identity,
        "what is followed: HB, Hopf bifurcations; PD, period doublings; LP, folds; NS, tori",
    ));
    let end = "EP where the curve leaves the plane of both ranges, is closed or comes to a cusp, MX where it was not followed further, else empty";
    columns.push(text("end", Role::Value, end));
    columns.extend(place());
    columns.push(real("value_error", "", "error of value, across the curve"));
    columns.push(text("second", Role::Identity, "dotted path of the second number that moves"));
    columns.push(real("second_value", "", "its value, in the config's unit"));
    columns.push(real("second_error", "", "error of second_value, across the curve"));
    columns.push(real("period_ms", "ms", "period of the orbit (PD, NS, LP of orbits)"));
    columns.push(real(
        "frequency_hz",
        "Hz",
        "of the mode on the unit circle (HB), of the orbit (PD, NS, LP); folds of fixed points have none",
    ));
    columns.extend(of_each(populations, "rate", "mean rate"));
    columns.push(text("note", Role::Value, "why a curve ends"));
    columns
}

/// Columns of `orbits.parquet`.
pub fn orbits(populations: &[String], projections: &[String]) -> Vec<Column> {
    let mut columns = point();
    columns.push(real("t", "ms", "time at the end of the step, from the section on"));
    columns.extend(of_each(populations, "rate", "rate in the step"));
    columns.extend(projections.iter().map(|projection| {
        let what = format!("mean pending kick count of {projection} after the step");
        let target = projection.split("<-").next().unwrap_or(projection);
        real(&format!("mu_{projection}"), "kicks", &what).of_population(target)
    }));
    columns
}

fn point() -> Vec<Column> {
    vec![model(), branch(), Column::new("point", Kind::Integer, Role::Identity, "", "index along the branch, from 1")]
}

fn model() -> Column {
    text("model", Role::Identity, "the model with its options")
}

fn branch() -> Column {
    let what = "index of the branch, from 1; 0: what did not converge anywhere";
    Column::new("branch", Kind::Integer, Role::Identity, "", what)
}

fn place() -> [Column; 2] {
    let what = "dotted path of the number of the network that moves";
    [text("parameter", Role::Identity, what), real("value", "", "its value, in the config's unit")]
}

fn of_each(populations: &[String], name: &str, what: &str) -> Vec<Column> {
    let of = |population: &String| real(&format!("{name}_{population}"), "Hz", what).of_population(population);
    populations.iter().map(of).collect()
}

fn text(name: &str, role: Role, what: &str) -> Column {
    Column::new(name, Kind::Text, role, "", what)
}

fn integer(name: &str, what: &str) -> Column {
    Column::new(name, Kind::Integer, Role::Value, "1", what)
}

fn real(name: &str, unit: &str, what: &str) -> Column {
    Column::new(name, Kind::Real, Role::Value, unit, what)
}
