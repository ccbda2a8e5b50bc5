//! Dotted paths of a network's numbers, such as `projections.E<-I.p` or `populations.E.drive.rate.amplitude`.

use super::error::{Problem, meant};
use super::keys;
use super::kind::Key;
use super::tree::place;
use crate::model::{Drive, DriveKind, Initial, Network, Neuron, Population, Projection, Rate};

/// A number of the network that an axis can move.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Dotted path of the key.
    pub path: String,
    pub(super) owner: Owner,
    /// Path below the owner: `drive.rate`.
    field: String,
    pub(super) key: &'static Key,
}

/// Which part of the network a number belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    Time,
    Population(usize),
    Projection(usize),
    Source(usize),
}

enum Number<'a> {
    Real(&'a mut f64),
    Count(&'a mut u32),
}

/// Paths of numbers below a population; those of absent parts do not exist in a given network.
const POPULATION: &[&str] = &[
    "size",
    "v_th",
    "v_reset",
    "e_leak",
    "tau_m",
    "tau_ref",
    "drive.weight",
    "drive.rate",
    "drive.rate.mean",
    "drive.rate.amplitude",
    "drive.rate.frequency",
    "drive.rate.phase",
    "initial.v",
    "initial.uniform.0",
    "initial.uniform.1",
    "adaptation.b",
    "adaptation.tau",
    "neuron.qif.0",
    "neuron.qif.1",
    "neuron.qif.2",
    "neuron.eif.v_t",
    "neuron.eif.delta_t",
];
const SOURCE: &[&str] = &["rate", "rate.mean", "rate.amplitude", "rate.frequency", "rate.phase"];
const PROJECTION: &[&str] = &["p", "indegree", "s", "tau", "v_rev", "v_norm", "delay", "tau_rise"];

impl PartialEq for Parameter {
    fn eq(&self, other: &Parameter) -> bool {
        self.path == other.path
    }
}

impl Parameter {
    /// The number at `path` of this network, or what is wrong with the path.
    pub fn find(path: &str, network: &Network) -> Result<Parameter, Problem> {
        let mut scratch = network.clone();
        if let Some((owner, field, key)) = split(path, network)
            && number(&mut scratch, owner, field).is_some()
        {
            return Ok(Parameter { path: path.into(), owner, field: field.into(), key });
        }
        let all = all(network);
        let fix = meant(path, all.iter().map(String::as_str)).or_else(|| Some(format!("for instance {}", all[0])));
        let (found, fix) = match split(path, network) {
            Some((owner, field, _)) if is_absent(network, owner, field) => {
                let key = field.split('.').next().unwrap_or(field);
                (format!("{path}, but {key} is none here"), Some(format!("give {key} a value to scan it")))
            }
            _ => (path.to_string(), fix),
        };
        Err(Problem::Value { found, allowed: "the path of a number of the network, or time.dt".into(), fix })
    }

    /// Empty where there is none.
    pub fn unit(&self) -> &'static str {
        self.key.unit
    }

    /// Unit (empty where there is none) and meaning of the number at a path, whatever network has it.
    pub fn meaning(path: &str) -> Option<(&'static str, &'static str)> {
        let (section, rest) = path.split_once('.')?;
        let below = |table| keys::find(table, rest.split_once('.')?.1);
        let key = match section {
            "time" => keys::find(keys::TIMES, rest),
            "populations" => below(keys::POPULATION),
            "projections" => below(keys::PROJECTION),
            "sources" => below(keys::SOURCE),
            _ => None,
        }?;
        Some((key.unit, key.doc))
    }

    /// The parameter's value.
    pub fn get(&self, network: &Network) -> Option<f64> {
        match number(&mut network.clone(), self.owner, &self.field)? {
            Number::Real(x) => Some(*x),
            Number::Count(n) => Some(f64::from(*n)),
        }
    }

    /// Writes the parameter; a population's size must be given as a whole number.
    pub fn set(&self, network: &mut Network, value: f64) {
        match number(network, self.owner, &self.field) {
            Some(Number::Real(x)) => *x = value,
            Some(Number::Count(n)) => *n = value as u32,
            None => {}
        }
    }
}

/// Whether a number's key is `none`, or goes without saying.
fn is_absent(network: &Network, owner: Owner, field: &str) -> bool {
    match owner {
        Owner::Population(i) if field.starts_with("drive.") => network.populations[i].drive.kind == DriveKind::None,
        _ => matches!(
            field,
            "tau_m" | "adaptation.b" | "adaptation.tau" | "p" | "indegree" | "v_rev" | "v_norm" | "tau_rise"
        ),
    }
}

/// Owner, field and key of a path whose names exist in the network and whose field is a key.
fn split<'a>(path: &'a str, network: &Network) -> Option<(Owner, &'a str, &'static Key)> {
    let (section, rest) = path.split_once('.')?;
    if section == "time" {
        return (rest == "dt").then(|| Some((Owner::Time, rest, keys::find(keys::TIMES, rest)?)))?;
    }
    let (name, field) = rest.split_once('.')?;
    let (owner, table) = match section {
        "populations" => {
            let index = network.populations.iter().position(|population| population.name == name)?;
            (Owner::Population(index), keys::POPULATION)
        }
        "projections" => {
            let index = network.projections.iter().position(|p| network.projection_name(p) == name)?;
            (Owner::Projection(index), keys::PROJECTION)
        }
        "sources" => {
            let index = network.sources.iter().position(|source| source.name == name)?;
            (Owner::Source(index), keys::SOURCE)
        }
        _ => return None,
    };
    Some((owner, field, keys::find(table, field)?))
}

/// Every path that exists in this network.
pub(super) fn all(network: &Network) -> Vec<String> {
    let mut scratch = network.clone();
    let mut paths = vec!["time.dt".to_string()];
    for (i, population) in network.populations.iter().enumerate() {
        let exists = |field: &&&str| number(&mut scratch, Owner::Population(i), field).is_some();
        paths.extend(POPULATION.iter().filter(exists).map(|field| format!("populations.{}.{field}", population.name)));
    }
    for (i, projection) in network.projections.iter().enumerate() {
        let name = network.projection_name(projection);
        let exists = |field: &&&str| number(&mut scratch, Owner::Projection(i), field).is_some();
        paths.extend(PROJECTION.iter().filter(exists).map(|field| format!("projections.{name}.{field}")));
    }
    for (i, source) in network.sources.iter().enumerate() {
        let exists = |field: &&&str| number(&mut scratch, Owner::Source(i), field).is_some();
        paths.extend(SOURCE.iter().filter(exists).map(|field| format!("sources.{}.{field}", source.name)));
    }
    paths
}

fn number<'a>(network: &'a mut Network, owner: Owner, field: &str) -> Option<Number<'a>> {
    match owner {
        Owner::Time => Some(Number::Real(&mut network.dt)),
        Owner::Population(i) if field == "size" => Some(Number::Count(&mut network.populations[i].size)),
        Owner::Population(i) => population_number(&mut network.populations[i], field).map(Number::Real),
        Owner::Projection(i) if field == "indegree" => network.projections[i].indegree.as_mut().map(Number::Count),
        Owner::Projection(i) if matches!(field, "p" | "delay") && network.source(&network.projections[i]).is_some() => {
            None
        }
        Owner::Projection(i) => projection_number(&mut network.projections[i], field).map(Number::Real),
        Owner::Source(i) => rate_number(&mut network.sources[i].rate, field).map(Number::Real),
    }
}

fn population_number<'a>(population: &'a mut Population, field: &str) -> Option<&'a mut f64> {
    if let Some(of_drive) = field.strip_prefix("drive.") {
        return match (of_drive, &mut population.drive) {
            (_, Drive { kind: DriveKind::None, .. }) => None,
            ("weight", drive) => Some(&mut drive.weight),
            (field, drive) => rate_number(&mut drive.rate, field),
        };
    }
    if let Some(of_neuron) = field.strip_prefix("neuron.") {
        return match (of_neuron, &mut population.neuron) {
            ("eif.v_t", Neuron::Eif { v_t, .. }) => Some(v_t),
            ("eif.delta_t", Neuron::Eif { delta_t, .. }) => Some(delta_t),
            (field, Neuron::Qif(coefficients)) => coefficients.get_mut(place(field.strip_prefix("qif.")?)?),
            (field, Neuron::Table(points)) => entry(points, field.strip_prefix("table.")?),
            _ => None,
        };
    }
    let has_leak = matches!(population.neuron, Neuron::Lif | Neuron::Eif { .. });
    match (field, &mut population.initial) {
        ("v_th", _) => Some(&mut population.v_th),
        ("v_reset", _) => Some(&mut population.v_reset),
        ("e_leak", _) if has_leak => Some(&mut population.e_leak),
        ("tau_m", _) => population.tau_m.as_mut(),
        ("tau_ref", _) => Some(&mut population.tau_ref),
        ("initial.v", Initial::Voltage(v)) => Some(v),
        ("initial.uniform.0", Initial::Between(low, _)) => Some(low),
        ("initial.uniform.1", Initial::Between(_, high)) => Some(high),
        ("adaptation.b", _) => population.adaptation.as_mut().map(|adaptation| &mut adaptation.b),
        ("adaptation.tau", _) => population.adaptation.as_mut().map(|adaptation| &mut adaptation.tau),
        _ => None,
    }
}

/// A number of a rate: `rate`, one of its function's, or `rate.steps.1.1`, an entry of its table.
fn rate_number<'a>(rate: &'a mut Rate, field: &str) -> Option<&'a mut f64> {
    match (field, rate) {
        ("rate", Rate::Constant(rate)) => Some(rate),
        ("rate.mean", Rate::Sinusoid { mean, .. }) => Some(mean),
        ("rate.amplitude", Rate::Sinusoid { amplitude, .. }) => Some(amplitude),
        ("rate.frequency", Rate::Sinusoid { frequency, .. }) => Some(frequency),
        ("rate.phase", Rate::Sinusoid { phase, .. }) => Some(phase),
        (field, Rate::Steps(table)) => entry(table, field.strip_prefix("rate.steps.")?),
        _ => None,
    }
}

/// An entry of a table of pairs, by its places: `1.0`.
fn entry<'a>(table: &'a mut [(f64, f64)], places: &str) -> Option<&'a mut f64> {
    let (row, column) = places.split_once('.')?;
    let (first, second) = table.get_mut(place(row)?)?;
    match column {
        "0" => Some(first),
        "1" => Some(second),
        _ => None,
    }
}

fn projection_number<'a>(projection: &'a mut Projection, field: &str) -> Option<&'a mut f64> {
    match field {
        "p" if projection.indegree.is_none() => Some(&mut projection.p),
        "s" => Some(&mut projection.s),
        "tau" => Some(&mut projection.tau),
        "delay" => Some(&mut projection.delay),
        "tau_rise" => projection.tau_rise.as_mut(),
        "v_rev" => projection.synapse.v_rev.as_mut(),
        "v_norm" => projection.synapse.v_norm.as_mut(),
        _ => None,
    }
}
