//! The table of branches.

use crate::report::numbers::decimals;
use crate::results::Table;
use crate::results::branches::MULTIPLIERS;

/// Codes of what changes stability, or the number of solutions.
pub(super) const BIFURCATIONS: [&str; 5] = ["HB", "LP", "PD", "NS", "BP"];
/// The first point of a branch has the period of what it was born of to this share, and is so near to it, relative to the range.
const BORN_PERIOD: f64 = 0.05;
const BORN_HERE: f64 = 0.02;
/// Behind the point, where no error is known.
const DIGITS: usize = 6;

/// A row of the table of branches.
#[derive(Default)]
pub(super) struct Row {
    pub(super) model: String,
    pub(super) branch: i64,
    pub(super) point: i64,
    pub(super) orbit: bool,
    pub(super) code: String,
    pub(super) value: f64,
    pub(super) period: Option<f64>,
    pub(super) frequency: Option<f64>,
    pub(super) unstable: i64,
    pub(super) rates: Vec<Option<f64>>,
    pub(super) peaks: Vec<Option<f64>>,
    pub(super) least: Vec<Option<f64>>,
    pub(super) stable: bool,
    pub(super) multipliers: Vec<(f64, f64)>,
    pub(super) error: Option<f64>,
    pub(super) note: String,
}

pub(super) struct Rows {
    pub(super) parameter: String,
    pub(super) rows: Vec<Row>,
}

impl Row {
    pub(super) fn is_coded(&self) -> bool {
        !self.code.is_empty() && self.branch > 0
    }

    pub(super) fn is_bifurcation(&self) -> bool {
        BIFURCATIONS.contains(&self.code.as_str())
    }

    pub(super) fn object(&self) -> &'static str {
        if self.orbit { "orbit" } else { "fixed point" }
    }

    pub(super) fn name(&self) -> String {
        format!("{} {}, branch {}, {:.6}", self.model, self.code, self.branch, self.value)
    }

    /// The value with the digits that are true, and its error.
    pub(super) fn place(&self) -> String {
        match self.known_error() {
            Some(error) => format!("{:.*} ± {error:.0e}", decimals(error, 0), self.value),
            None => format!("{:.DIGITS$}", self.value),
        }
    }

    /// The value to as many digits as a reader needs, if they are true.
    pub(super) fn short_place(&self) -> String {
        format!("{:.*}", self.known_error().map_or(DIGITS, |error| decimals(error, 0)).min(DIGITS), self.value)
    }

    fn known_error(&self) -> Option<f64> {
        self.error.filter(|error| *error > 0.0 && self.is_bifurcation())
    }
}

impl Rows {
    /// `None` where a column is missing.
    pub(super) fn read(table: &Table) -> Option<Rows> {
        let text = |name: &str| table.text(name);
        let (models, types, codes) = (text("model")?, text("type")?, text("code")?);
        let (stable, notes, parameters) = (text("stable")?, text("note")?, text("parameter")?);
        let (branches, points, values) = (table.integer("branch")?, table.integer("point")?, table.real("value")?);
        let unstable = table.integer("n_unstable")?;
        let frequencies = table.real("frequency_hz")?;
        let (periods, errors) = (table.real("period_ms")?, table.real("error")?);
        let of = |prefix: &str| -> Vec<&[Option<f64>]> {
            let columns = table.columns.iter().filter(|(name, _)| name.starts_with(prefix));
            columns.filter_map(|(name, _)| table.real(name)).collect()
        };
        let (rates, peaks, least) = (of("rate_"), of("peak_"), of("min_"));
        let parts =
            |i: usize| Some((table.real(&format!("multiplier_{i}_re"))?, table.real(&format!("multiplier_{i}_im"))?));
        let multipliers = (1..=MULTIPLIERS).map(parts).collect::<Option<Vec<_>>>()?;
        let owned = |texts: &[Option<String>], i: usize| texts[i].clone().unwrap_or_default();
        let row = |i: usize| Row {
            model: owned(models, i),
            branch: branches[i],
            point: points[i],
            orbit: owned(types, i) == "PO",
            code: owned(codes, i),
            value: values[i].unwrap_or(f64::NAN),
            period: periods[i],
            frequency: frequencies[i],
            unstable: unstable[i],
            rates: rates.iter().map(|column| column[i]).collect(),
            peaks: peaks.iter().map(|column| column[i]).collect(),
            least: least.iter().map(|column| column[i]).collect(),
            stable: owned(stable, i) == "true",
            multipliers: multipliers.iter().filter_map(|(re, im)| re[i].zip(im[i])).collect(),
            error: errors[i],
            note: owned(notes, i),
        };
        (table.rows > 0).then(|| Rows { parameter: owned(parameters, 0), rows: (0..table.rows).map(row).collect() })
    }
}

impl Rows {
    /// Whether a branch has no end yet: `branches` was interrupted.
    pub(super) fn is_unfinished(&self) -> bool {
        let branches = self.rows.chunk_by(|a, b| (&a.model, a.branch) == (&b.model, b.branch));
        branches.filter_map(<[Row]>::last).any(|last| last.branch > 0 && last.code.is_empty())
    }

    /// The first point of the branch of orbits that is born at a bifurcation, if that was followed.
    pub(super) fn born(&self, at: &Row) -> Option<&Row> {
        let period = match at.code.as_str() {
            "HB" => 1e3 / at.frequency?,
            "PD" => 2.0 * at.period?,
            _ => return None,
        };
        let near = |row: &&Row| {
            let of_kind = row.model == at.model && row.branch != at.branch && row.orbit && row.code.is_empty();
            of_kind && row.period.is_some_and(|other| (other / period - 1.0).abs() < BORN_PERIOD)
        };
        let starts = self.branches().flat_map(|branch| [branch.first(), branch.last()]).flatten();
        let away = |row: &Row| (row.value - at.value).abs();
        let nearest = starts.filter(near).min_by(|a, b| away(a).total_cmp(&away(b)))?;
        (away(nearest) < BORN_HERE * self.length()).then_some(nearest)
    }

    /// Rows of each branch.
    pub(super) fn branches(&self) -> impl Iterator<Item = &[Row]> {
        self.rows.chunk_by(|a, b| (&a.model, a.branch) == (&b.model, b.branch)).filter(|rows| rows[0].branch > 0)
    }

    /// Of the range of values.
    fn length(&self) -> f64 {
        let values = || self.rows.iter().map(|row| row.value);
        values().fold(f64::NEG_INFINITY, f64::max) - values().fold(f64::INFINITY, f64::min)
    }
}

#[cfg(test)]
mod tests {
    use super::{Row, Rows};

    #[test]
    fn a_branch_without_an_end_is_unfinished() {
        let row = |branch: i64, code: &str| Row { branch, code: code.into(), ..Row::default() };
        let unfinished = |rows: Vec<Row>| Rows { parameter: String::new(), rows }.is_unfinished();
        assert!(!unfinished(vec![row(1, "EP"), row(1, ""), row(1, "MX"), row(2, ""), row(2, "EP")]));
        assert!(unfinished(vec![row(1, "EP"), row(1, ""), row(1, "HB"), row(1, ""), row(2, "EP")]));
    }
}
