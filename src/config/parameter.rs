//! Dotted paths of a network's numbers, such as `projections.E<-I.p` or `populations.E.drive.rate.amplitude`.

use super::error::{Problem, nearest};
use super::keys;
use super::kind::Key;
use crate::model::{Network, Population, Projection, Rate, Synapse};

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
    "adaptation.b",
    "adaptation.tau",
];
const PROJECTION: &[&str] = &["p", "s", "tau", "v_rev"];

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
        let fix = match nearest(path, all.iter().map(String::as_str)) {
            Some(near) => Some(format!("did you mean {near}?")),
            None => Some(format!("for instance {}", all[0])),
        };
        let (found, fix) = match split(path, network) {
            Some((_, field @ ("tau_m" | "adaptation.b" | "adaptation.tau"), _)) => {
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
            _ => None,
        }?;
        Some((key.unit, key.doc))
    }

    /// Writes the parameter; a population's size must be given as a whole number.
    pub(super) fn set(&self, network: &mut Network, value: f64) {
        match number(network, self.owner, &self.field) {
            Some(Number::Real(x)) => *x = value,
            Some(Number::Count(n)) => *n = value as u32,
            None => {}
        }
    }
}

/// Owner, field and key of a path whose names exist in the network and whose field is one of those listed.
fn split<'a>(path: &'a str, network: &Network) -> Option<(Owner, &'a str, &'static Key)> {
    let (section, rest) = path.split_once('.')?;
    if section == "time" {
        return (rest == "dt").then(|| Some((Owner::Time, rest, keys::find(keys::TIMES, rest)?)))?;
    }
    let (name, field) = rest.split_once('.')?;
    let (owner, fields, table) = match section {
        "populations" => {
            let index = network.populations.iter().position(|population| population.name == name)?;
            (Owner::Population(index), POPULATION, keys::POPULATION)
        }
        "projections" => {
            let index = network.projections.iter().position(|p| network.projection_name(p) == name)?;
            (Owner::Projection(index), PROJECTION, keys::PROJECTION)
        }
        _ => return None,
    };
    fields.contains(&field).then(|| Some((owner, field, keys::find(table, field)?)))?
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
    paths
}

fn number<'a>(network: &'a mut Network, owner: Owner, field: &str) -> Option<Number<'a>> {
    match owner {
        Owner::Time => Some(Number::Real(&mut network.dt)),
        Owner::Population(i) if field == "size" => Some(Number::Count(&mut network.populations[i].size)),
        Owner::Population(i) => population_number(&mut network.populations[i], field).map(Number::Real),
        Owner::Projection(i) => projection_number(&mut network.projections[i], field).map(Number::Real),
    }
}

fn population_number<'a>(population: &'a mut Population, field: &str) -> Option<&'a mut f64> {
    match (field, &mut population.drive.rate) {
        ("v_th", _) => Some(&mut population.v_th),
        ("v_reset", _) => Some(&mut population.v_reset),
        ("e_leak", _) => Some(&mut population.e_leak),
        ("tau_m", _) => population.tau_m.as_mut(),
        ("tau_ref", _) => Some(&mut population.tau_ref),
        ("drive.weight", _) => Some(&mut population.drive.weight),
        ("drive.rate", Rate::Constant(rate)) => Some(rate),
        ("drive.rate.mean", Rate::Sinusoid { mean, .. }) => Some(mean),
        ("drive.rate.amplitude", Rate::Sinusoid { amplitude, .. }) => Some(amplitude),
        ("drive.rate.frequency", Rate::Sinusoid { frequency, .. }) => Some(frequency),
        ("drive.rate.phase", Rate::Sinusoid { phase, .. }) => Some(phase),
        ("adaptation.b", _) => population.adaptation.as_mut().map(|adaptation| &mut adaptation.b),
        ("adaptation.tau", _) => population.adaptation.as_mut().map(|adaptation| &mut adaptation.tau),
        _ => None,
    }
}

fn projection_number<'a>(projection: &'a mut Projection, field: &str) -> Option<&'a mut f64> {
    match (field, &mut projection.synapse) {
        ("p", _) => Some(&mut projection.p),
        ("s", _) => Some(&mut projection.s),
        ("tau", _) => Some(&mut projection.tau),
        ("v_rev", Synapse::Inhibitory { v_rev }) => Some(v_rev),
        _ => None,
    }
}
