//! The columns of every result file, each with unit and definition: what the writers write, what `columns.json` and the metadata of
//! Parquet files say, and the page `docs/columns.md`.

use super::atomic::AtomicFile;
use super::branches;
use super::column::{Column, Kind, Role};
use super::error::ResultError;
use super::file;
use super::schema::ResultSchema;
use super::transitions;
use crate::config::Parameter;
use crate::statistics::{HistogramKind, table};
use serde_json::{Map, Value};
use std::path::Path;

/// Ends of the columns of a statistic in `points.csv`, which are names of columns in `points.parquet`, with what they are.
pub const SUMMARY: [(&str, Kind, &str); 5] = [
    ("n", Kind::Integer, "members in which the statistic is defined"),
    ("mean", Kind::Real, "mean over them"),
    ("sem", Kind::Real, "standard error of the mean"),
    ("ci95_low", Kind::Real, "lower end of the 95 % interval of the mean"),
    ("ci95_high", Kind::Real, "upper end of the 95 % interval of the mean"),
];

/// Columns of `members.parquet`.
pub fn members(schema: &ResultSchema) -> Vec<Column> {
    let mut columns = member();
    columns.extend(schema.axes.iter().enumerate().map(|(i, path)| axis(schema, i, path)));
    columns.extend(schema.statistics.iter().map(|name| statistic(schema, name)));
    columns.extend(schema.populations.iter().map(|population| {
        let spikes =
            Column::new(format!("spikes_{population}"), Kind::Real, Role::Statistic, "spikes", "spikes in the window");
        spikes.of_statistic("spikes").of_population(population)
    }));
    let hash = |name: &str, of: &str| Column::new(name, Kind::OptionalText, Role::Value, "", of);
    columns.push(hash("spike_hash", "hash of all spike counts, 16 hexadecimal digits (networks)"));
    columns.push(hash("rate_hash", "hash of all rates, 16 hexadecimal digits (dsode)"));
    columns.extend(clean_axes(schema).into_iter().filter(|column| !schema.axes.contains(&column.name)));
    let windowed = schema.windowed();
    for window @ [from, to] in schema.windows() {
        columns.extend(windowed.iter().map(|&i| {
            let mut column = statistic(schema, &schema.statistics[i]);
            column.name = table::of_window(&column.name, *window);
            if let Some(meaning) = &mut column.meaning {
                meaning.role = Role::Value;
                meaning.definition = format!("from {from} to {to} ms: {}", meaning.definition);
            }
            column
        }));
    }
    columns
}

/// Columns of `points.csv`.
pub fn wide_points(schema: &ResultSchema) -> Vec<Column> {
    let mut columns = point();
    columns.extend(schema.axes.iter().enumerate().map(|(i, path)| axis(schema, i, path)));
    columns.push(Column::new("n", Kind::Integer, Role::Value, "1", "members"));
    let precision = "reached, or what is not as precise as was asked for, and why";
    let precision = Column::new("precision", Kind::OptionalText, Role::Value, "", precision);
    columns.extend((!schema.until.is_empty()).then_some(precision));
    for name in &schema.statistics {
        columns.extend(SUMMARY.iter().map(|(part, kind, what)| {
            let mut column = statistic(schema, name);
            (column.name, column.kind) = (format!("{name}_{part}"), *kind);
            if let Some(meaning) = &mut column.meaning {
                meaning.definition = format!("{what}: {}", meaning.definition);
                meaning.unit = if *part == "n" { Some("1".into()) } else { meaning.unit.take() };
            }
            column
        }));
    }
    columns
}

/// Columns of `windows.csv`.
pub fn windows(schema: &ResultSchema) -> Vec<Column> {
    let edge = |name: &str, what: &str| Column::new(name, Kind::Real, Role::Identity, "ms", what);
    let edges = [edge("from", "beginning of the window, itself excluded"), edge("to", "end of the window")];
    edges.into_iter().chain(wide_points(schema)).collect()
}

/// Columns of `points.parquet`.
pub fn long_points(schema: &ResultSchema) -> Vec<Column> {
    let mut columns = point();
    columns.extend(clean_axes(schema));
    let text = |name: &str, what: &str| Column::new(name, Kind::Text, Role::Identity, "", what);
    columns.extend([
        text("population", "name of the population; empty of what the network has as a whole"),
        text("statistic", "name of the statistic"),
    ]);
    columns.push(text("unit", "unit of the statistic"));
    let unit = |kind: Kind| if kind == Kind::Integer { "1" } else { "" };
    columns.extend(SUMMARY.map(|(name, kind, what)| Column::new(name, kind, Role::Value, unit(kind), what)));
    columns
}

/// Columns of `densities.parquet`.
pub fn densities() -> Vec<Column> {
    let mut columns = point();
    let kinds = HistogramKind::ALL.map(HistogramKind::name).join(", ");
    columns.push(Column::new("kind", Kind::Text, Role::Identity, "", format!("what is counted: {kinds}")));
    let population = "name of the population; of joint_rate two names, x first";
    columns.push(Column::new("population", Kind::Text, Role::Identity, "", population));
    let with_unit = HistogramKind::ALL.into_iter().filter(|kind| !kind.unit().is_empty());
    let units: Vec<String> = with_unit.map(|kind| format!("{} of {}", kind.unit(), kind.name())).collect();
    let x = format!("edge of the bin, in the unit of the kind: {}", units.join(", "));
    let y = "edge of the bin along the second axis; null in one dimension";
    let edges =
        [("x_low", "lower", x.as_str()), ("x_high", "upper", &x), ("y_low", "lower", y), ("y_high", "upper", y)];
    columns.extend(edges.map(|(name, end, of)| Column::new(name, Kind::Real, Role::Value, "", format!("{end} {of}"))));
    let value = "counts of all members and samples; of psd the density in Hz^2/Hz, of psth the rate in Hz, means over members; where it \
                 is 0 there is no row";
    columns.push(Column::new("value", Kind::Real, Role::Value, "", value));
    columns
}

/// Columns of `traces.parquet`.
pub fn traces(schema: &ResultSchema) -> Vec<Column> {
    let mut columns = member();
    columns.push(Column::new("t", Kind::Real, Role::Value, "ms", "time at the end of the step"));
    columns.extend(schema.traces.iter().map(|name| match (name.strip_prefix("rate_"), name.strip_prefix("kicks_")) {
        (Some(population), _) => {
            let what = "spikes per neuron and time since the row before";
            Column::new(name, Kind::Real, Role::Value, "Hz", what).of_population(population)
        }
        (_, Some(projection)) => {
            let target = projection.split("<-").next().unwrap_or(projection);
            kicks(name, &format!("mean over the neurons of {target}"))
        }
        _ => Column::from((name.clone(), Kind::Real)),
    }));
    columns
}

/// Columns of `spikes.parquet`.
pub fn spikes() -> Vec<Column> {
    let mut columns = neuron();
    columns.push(Column::new("step", Kind::Integer, Role::Value, "1", "t in steps of dt"));
    columns
}

/// Columns of `neurons.parquet`.
pub fn neurons(schema: &ResultSchema) -> Vec<Column> {
    let mut columns = neuron();
    let voltage = "voltage at the end of the step, in the config's unit; v_reset while refractory";
    columns.push(Column::new("voltage", Kind::Real, Role::Value, "", voltage));
    columns.push(Column::new("spikes", Kind::Integer, Role::Value, "spikes", "spikes since the row before"));
    let of_neuron = "in the neuron (markov: their mean, with the coloured closure the neuron's deviation added); null for other targets";
    columns.extend(schema.kicks.iter().map(|name| kicks(name, of_neuron)));
    columns
}

/// A neuron at a time.
fn neuron() -> Vec<Column> {
    let mut columns = member();
    columns.push(Column::new("t", Kind::Real, Role::Value, "ms", "time at the end of the step"));
    columns.push(Column::new("population", Kind::Text, Role::Identity, "", "name of the population"));
    columns.push(Column::new("neuron", Kind::Integer, Role::Identity, "1", "index in its population, from 0"));
    columns
}

/// Pending kicks of a projection, in the column `kicks_TARGET<-SOURCE`.
fn kicks(name: &str, which: &str) -> Column {
    let projection = name.strip_prefix("kicks_").unwrap_or(name);
    let target = projection.split("<-").next().unwrap_or(projection);
    let what = format!(
        "pending kicks of {projection}, {which}; of markov and dsode the mean that they follow, without those that this step's spikes and sources send, which the next one begins with"
    );
    Column::new(name, Kind::Real, Role::Value, "kicks", what).of_population(target)
}

fn point() -> Vec<Column> {
    let model = Column::new("model", Kind::Text, Role::Identity, "", "the model with its options");
    let point = "index of the parameter point, from 0, the last axis fastest; of a sweep in both directions those of the backward pass behind the others";
    vec![model, Column::new("point", Kind::Integer, Role::Identity, "", point)]
}

fn member() -> Vec<Column> {
    let realisation = Column::new("realisation", Kind::Integer, Role::Identity, "", "index of the realisation, from 0");
    point().into_iter().chain([realisation]).collect()
}

/// A column of [`ResultSchema::statistics`].
pub fn statistic(schema: &ResultSchema, name: &str) -> Column {
    let of = |s: &'static crate::statistics::Statistic| {
        let population = schema.populations.iter().find(|population| s.column(population) == name)?;
        let column = Column::new(name, Kind::Real, Role::Statistic, s.unit, s.definition);
        let column = column.of_statistic(s.name);
        Some(if s.is_of_network() { column } else { column.of_population(population) })
    };
    table().find_map(of).unwrap_or_else(|| Column::new(name, Kind::Real, Role::Statistic, "", "the statistic"))
}

/// Column `name` of axis `i`.
fn axis(schema: &ResultSchema, i: usize, name: &str) -> Column {
    let path = &schema.axes[i];
    let kind = if schema.is_numeric(i) { Kind::Real } else { Kind::Text };
    let (unit, what) = Parameter::meaning(path).unwrap_or(("", "which pass of the scan"));
    let column = Column::new(name, kind, Role::Axis, unit, what).at_path(path);
    match path.strip_prefix("populations.").and_then(|rest| rest.split_once('.')) {
        Some((population, _)) => column.of_population(population),
        None => column,
    }
}

fn clean_axes(schema: &ResultSchema) -> Vec<Column> {
    schema.axis_names().iter().enumerate().map(|(i, name)| axis(schema, i, name)).collect()
}

/// A file and its columns.
pub type Described = (&'static str, Vec<Column>);

/// Every file of an ensemble with its columns, those that a run may leave out too.
pub fn of_ensemble(schema: &ResultSchema) -> [Described; 9] {
    [
        (file::MEMBERS, members(schema)),
        (file::POINTS, wide_points(schema)),
        (file::LONG_POINTS, long_points(schema)),
        (file::WINDOWS, windows(schema)),
        (file::TRANSITIONS, transitions::columns()),
        (file::DENSITIES, densities()),
        (file::TRACES, traces(schema)),
        (file::SPIKES, spikes()),
        (file::NEURONS, neurons(schema)),
    ]
}

/// Every table of branches with its columns.
pub fn of_branches(populations: &[String], projections: &[String]) -> [Described; 6] {
    [
        (file::BRANCHES, branches::branches(populations)),
        (file::BRANCHES_CSV, branches::branches(populations)),
        (file::SPECIAL, branches::special(populations)),
        (file::ORBITS, branches::orbits(populations, projections)),
        (file::CURVES, branches::curves(populations)),
        (file::CURVES_CSV, branches::curves(populations)),
    ]
}

/// Puts the columns of some files into `columns.json`, where those of others stay.
pub fn write(directory: &Path, files: impl IntoIterator<Item = Described>) -> Result<(), ResultError> {
    let path = directory.join(file::COLUMNS);
    let json = |source| ResultError::Json { path: path.clone(), source };
    // What cannot be read is of no use to anyone.
    let before = std::fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let mut named: Map<String, Value> = before.unwrap_or_default();
    for (name, columns) in files {
        named.insert(name.into(), serde_json::to_value(columns).map_err(json)?);
    }
    let text = serde_json::to_string_pretty(&Value::Object(named)).map_err(json)?;
    AtomicFile::write_all(&path, (text + "\n").as_bytes())
}

/// What holds for all files.
const PREFACE: &str = "\
# Every column of the result files

The same is in every result directory: `columns.json` has the columns by file (also of files that a run without a scan, \
windows or recordings leaves out), each Parquet file its own in its metadata under `snn-ensemble.columns`. POPULATION, TARGET and \
SOURCE stand for names of the config; the axis is an example. An axis has its path as name, and one of letters, digits and _: what is scanned, then where (`p_E_I`, `tau_ref_E`, `dt`). \
Values of axes are doubles of at most 12 digits; select them by the nearest one. Times are multiples of dt, rounded to 12 digits.

";

/// Every column of every file with unit and definition, as a page in Markdown; names are those of the schema.
pub fn reference(schema: &ResultSchema) -> String {
    let mut page = PREFACE.to_string();
    let brief = ResultSchema { statistics: vec!["STATISTIC_POPULATION".into()], ..schema.clone() };
    let projections = ["TARGET<-SOURCE".to_string()];
    let same = [file::BRANCHES_CSV, file::CURVES_CSV];
    let tables = of_branches(&schema.populations, &projections).into_iter().filter(|(name, _)| !same.contains(name));
    for (name, columns) in of_ensemble(schema).into_iter().chain(tables) {
        let columns = match name {
            file::POINTS => wide_points(&brief),
            file::WINDOWS => windows(&brief),
            _ => columns,
        };
        page += &format!("## {name}\n\n| column | type | kind | unit | definition |\n|---|---|---|---|---|\n");
        for column in columns {
            let text = |value: Value| value.as_str().unwrap_or_default().to_string();
            let cells = serde_json::to_value(&column).expect("plain data");
            let [kind, role, unit, definition] =
                ["type", "kind", "unit", "definition"].map(|key| text(cells[key].clone()));
            page += &format!("| `{}` | {kind} | {role} | {unit} | {definition} |\n", column.name);
        }
        page += "\n";
    }
    page.truncate(page.trim_end().len());
    page + "\n"
}
