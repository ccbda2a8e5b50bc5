//! Reading one map of the tree against its table of keys.
//!
//! A value that is wrong is reported and read on as its default, a number as NaN: no comparison with a NaN holds, so
//! that the checks of how values go together stay silent about it.

use super::error::{ConfigError, Problem, meant};
use super::kind::{Fallback, Key, Kind};
use super::limits;
use super::position::Position;
use super::tree::{Node, Value, join};
use crate::model::round12;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as WordError, StrDeserializer};

/// Collects what is wrong with one file.
pub(super) struct Report {
    pub file: String,
    pub errors: Vec<ConfigError>,
}

impl Report {
    /// Whether further errors are left out.
    pub fn is_full(&self) -> bool {
        self.errors.len() >= limits::ERRORS
    }

    pub fn add(&mut self, at: &Position, key: &str, problem: Problem) {
        if !self.is_full() {
            self.errors.push(ConfigError { file: self.file.clone(), position: at.clone(), key: key.into(), problem });
        }
    }
}

/// A map of the tree, or the absence of one that has defaults for everything.
pub(super) struct Section<'a> {
    pub path: String,
    pub at: Position,
    node: Option<&'a Node>,
    keys: &'static [Key],
    /// Whether it is no map, or absent though required, as was reported.
    is_broken: bool,
}

impl<'a> Section<'a> {
    /// Reports what is not a map and every unknown key.
    pub fn open(node: &'a Node, path: &str, keys: &'static [Key], report: &mut Report) -> Section<'a> {
        let is_broken = !matches!(node.value, Value::Map(_));
        if is_broken {
            report.add(&node.at, path, Problem::value(node.found(), Kind::Map(keys).allowed("")));
        }
        for entry in node.entries() {
            if !keys.iter().any(|key| key.name == entry.key) && !report.is_full() {
                let allowed = keys.iter().map(|key| key.name.to_string()).collect();
                let meant = meant(&entry.key, keys.iter().map(|key| key.name));
                let fix = if !entry.key.is_empty() && entry.key.bytes().all(|byte| byte.is_ascii_digit()) {
                    Some("a number has a decimal point, a comma begins the next key".into())
                } else {
                    meant
                };
                report.add(&entry.at, &join(path, &entry.key), Problem::UnknownKey { fix, allowed });
            }
        }
        Section { path: path.into(), at: node.at.clone(), node: Some(node), keys, is_broken }
    }

    pub fn path_of(&self, name: &str) -> String {
        join(&self.path, name)
    }

    pub fn get(&self, name: &str) -> Option<&'a Node> {
        self.node?.entries().iter().find(|entry| entry.key == name).map(|entry| &entry.value)
    }

    /// Position of a key's value, or of the section where it is absent.
    pub fn at(&self, name: &str) -> &Position {
        self.get(name).map_or(&self.at, |node| &node.at)
    }

    pub fn fail(&self, report: &mut Report, name: &str, problem: Problem) {
        report.add(self.at(name), &self.path_of(name), problem);
    }

    /// Reports at a dotted path below this section, wherever its deepest existing part stands.
    pub fn fail_at(&self, report: &mut Report, path: &str, problem: Problem) {
        let at = self.node.map_or_else(|| self.at.clone(), |node| node.locate(path));
        report.add(&at, &join(&self.path, path), problem);
    }

    /// The table's entry; asking for a name that is not in the table is a mistake of the caller.
    fn key(&self, name: &str) -> &'static Key {
        self.keys.iter().find(|key| key.name == name).expect("a key of the table")
    }

    /// The value's node, or the key's default; an absent key that must be there is reported.
    fn look(&self, report: &mut Report, name: &str) -> (Option<&'a Node>, &'static Key) {
        let (node, key) = (self.get(name), self.key(name));
        if node.is_none() && needs_value(key) {
            self.missing(report, name);
        }
        (node, key)
    }

    /// Reports a key that is absent and must be there.
    pub fn missing(&self, report: &mut Report, name: &str) {
        if !self.is_broken {
            report.add(&self.at, &self.path_of(name), Problem::Missing { allowed: self.key(name).allowed() });
        }
    }

    pub fn real(&self, report: &mut Report, name: &str) -> f64 {
        self.optional_real(report, name).unwrap_or(f64::NAN)
    }

    /// A number, or None for the word that stands for none: `none`, or `auto`.
    pub fn optional_real(&self, report: &mut Report, name: &str) -> Option<f64> {
        let (node, key) = self.look(report, name);
        match node {
            Some(node) if node.text().is_some_and(|text| has_word(key, text)) => None,
            Some(node) => Some(real(node, &self.path_of(name), &key.kind, key.unit, report)),
            None => match key.fallback {
                Fallback::Real(x) => Some(x),
                Fallback::Word(_) => None,
                _ => Some(f64::NAN),
            },
        }
    }

    /// Two numbers, the first below the second.
    pub fn increasing_pair(&self, report: &mut Report, name: &str) -> [f64; 2] {
        let (node, key) = self.look(report, name);
        match (node, key.fallback) {
            (Some(node), _) => increasing(node, &self.path_of(name), &key.kind, key.unit, report),
            (None, Fallback::Pair(pair)) => pair,
            _ => [f64::NAN; 2],
        }
    }

    /// As many numbers as a list of fixed length has places, each in the range of its own.
    pub fn reals<const N: usize>(&self, report: &mut Report, name: &str) -> [f64; N] {
        let (node, key) = self.look(report, name);
        node.map_or([f64::NAN; N], |node| tuple(node, &self.path_of(name), &key.kind, key.unit, report))
    }

    pub fn count(&self, report: &mut Report, name: &str) -> u64 {
        let (node, key) = self.look(report, name);
        let default = if let Fallback::Count(n) = key.fallback { n } else { 1 };
        node.map_or(default, |node| count(node, &self.path_of(name), &key.kind, report).unwrap_or(default))
    }

    /// A whole number, or None where the key is absent or wrong.
    pub fn optional_count(&self, report: &mut Report, name: &str) -> Option<u64> {
        self.get(name).and_then(|node| count(node, &self.path_of(name), &self.key(name).kind, report))
    }

    pub fn flag(&self, report: &mut Report, name: &str) -> bool {
        let (node, key) = self.look(report, name);
        match node.map(|node| (node, node.plain())) {
            None => matches!(key.fallback, Fallback::Flag(true)),
            Some((_, Some("true"))) => true,
            Some((_, Some("false"))) => false,
            Some((node, _)) => {
                self.fail(report, name, Problem::value(node.found(), key.allowed()));
                false
            }
        }
    }

    /// A word of the table as the enum whose serialised names the words are.
    pub fn word<T: Deserialize<'a>>(&self, report: &mut Report, name: &str) -> T {
        let (node, key) = self.look(report, name);
        let words = key.kind.words().unwrap_or_default();
        let default = if let Fallback::Word(word) = key.fallback { word } else { words[0] };
        let word = node.map_or(Some(default), |node| words.iter().copied().find(|word| node.text() == Some(*word)));
        if let (None, Some(node)) = (word, node) {
            let problem = Problem::unknown_word(node.found(), words, node.text().unwrap_or_default());
            self.fail(report, name, problem);
        }
        let deserializer: StrDeserializer<'a, WordError> = word.unwrap_or(default).into_deserializer();
        T::deserialize(deserializer).expect("the table's words are the enum's names")
    }

    /// Free text; empty where it is missing or wrong.
    pub fn text(&self, report: &mut Report, name: &str) -> &'a str {
        let (node, key) = self.look(report, name);
        match node.map(|node| (&node.value, node)) {
            Some((Value::Scalar { text, .. }, node)) if !node.is_null() => text,
            Some((_, node)) => {
                self.fail(report, name, Problem::value(node.found(), key.allowed()));
                ""
            }
            None => "",
        }
    }

    /// The map below a key; absent: a section of defaults.
    pub fn section(&self, report: &mut Report, name: &str) -> Section<'a> {
        let (node, key) = self.look(report, name);
        let keys = key.kind.keys().unwrap_or_default();
        match node {
            Some(node) => Section::open(node, &self.path_of(name), keys, report),
            None => {
                let is_broken = self.is_broken || needs_value(key);
                Section { path: self.path_of(name), at: self.at.clone(), node: None, keys, is_broken }
            }
        }
    }

    /// The map below a key, or None for `none`; a value that is neither is reported. Nothing is not `none`: its lines may be missing.
    pub fn optional_section(&self, report: &mut Report, name: &str) -> Option<Section<'a>> {
        let node = self.get(name).filter(|node| !node.is_none())?;
        if let Value::Map(_) = node.value {
            return Some(self.section(report, name));
        }
        let fix = node.is_null().then(|| "write none".into());
        self.fail(report, name, Problem::Value { found: node.found(), allowed: self.key(name).allowed(), fix });
        None
    }

    /// Entries of a list; what is not a list is reported.
    pub fn list(&self, report: &mut Report, name: &str) -> &'a [Node] {
        let (node, key) = self.look(report, name);
        match node.map(|node| (&node.value, node)) {
            Some((Value::List(list), _)) => list,
            Some((_, node)) => {
                self.fail(report, name, Problem::value(node.found(), key.allowed()));
                &[]
            }
            None => &[],
        }
    }

    /// Those of a list that is not empty; of an empty one is reported what it lacks.
    pub fn filled_list(&self, report: &mut Report, name: &str, allowed: impl Into<String>) -> &'a [Node] {
        let list = self.list(report, name);
        if list.is_empty() && self.get(name).is_some_and(|node| matches!(node.value, Value::List(_))) {
            self.fail(report, name, Problem::value("an empty list", allowed));
        }
        list
    }

    /// Those of these keys that are given.
    pub fn given(&self, names: impl IntoIterator<Item = &'static str>) -> Vec<&'static str> {
        names.into_iter().filter(|name| self.get(name).is_some()).collect()
    }

    /// Reports that of keys of which some exclude others these were given.
    pub fn one_of(&self, report: &mut Report, given: &[&str], allowed: &str) {
        let found = if given.is_empty() { "none of them".into() } else { given.join(" and ") };
        report.add(&self.at, &self.path, Problem::value(found, allowed));
    }

    /// Whether it has no key at all.
    pub fn is_empty(&self) -> bool {
        self.node.is_none_or(|node| node.entries().is_empty())
    }

    /// Those of a map that is not empty; of an empty one is reported what it lacks.
    pub fn filled_named(&self, report: &mut Report, name: &str, allowed: &str) -> &'a [super::tree::Entry] {
        let entries = self.named(report, name);
        if entries.is_empty() && self.get(name).is_some_and(|node| matches!(node.value, Value::Map(_))) {
            self.fail(report, name, Problem::value("an empty map", allowed));
        }
        entries
    }

    /// Entries of a map with names chosen by the user; what is not a map is reported.
    pub fn named(&self, report: &mut Report, name: &str) -> &'a [super::tree::Entry] {
        let (node, key) = self.look(report, name);
        if let Some(node) = node.filter(|node| !matches!(node.value, Value::Map(_))) {
            self.fail(report, name, Problem::value(node.found(), key.allowed()));
        }
        node.map_or(&[], |node| node.entries())
    }
}

fn needs_value(key: &Key) -> bool {
    matches!(key.fallback, Fallback::Required | Fallback::Alternative)
}

fn has_word(key: &'static Key, word: &str) -> bool {
    key.kind.words().is_some_and(|words| words.contains(&word))
}

/// A finite number in the range of `kind`, to 12 significant digits, or NaN and a report.
pub(super) fn real(node: &Node, path: &str, kind: &'static Kind, unit: &str, report: &mut Report) -> f64 {
    let allowed = || kind.allowed(unit);
    let problem = match number(node) {
        Ok(x) if kind.range().is_none_or(|range| range.contains(x)) => return round12(x),
        Ok(_) => Problem::value(node.found(), allowed()),
        Err(fix) => {
            Problem::Value { found: node.found(), allowed: allowed(), fix: fix.or_else(|| distribution(node, path)) }
        }
    };
    report.add(&node.at, path, problem);
    f64::NAN
}

/// What to do about a map or list in place of a number of a population or projection, which other simulators take for a distribution.
fn distribution(node: &Node, path: &str) -> Option<String> {
    let of_network = ["populations.", "projections.", "sources."].iter().any(|start| path.starts_with(start));
    (of_network && matches!(node.value, Value::Map(_) | Value::List(_))).then(|| {
        "write one number: networks are homogeneous, distributions of parameters, weights and delays are not supported".into()
    })
}

/// As many numbers as `kind` has places, each in the range of its own; NaN and a report where they are none.
fn tuple<const N: usize>(node: &Node, path: &str, kind: &'static Kind, unit: &str, report: &mut Report) -> [f64; N] {
    match (&node.value, kind) {
        (Value::List(list), Kind::Tuple(_, places)) if list.len() == N && places.len() == N => {
            std::array::from_fn(|i| real(&list[i], path, &places[i], unit, report))
        }
        _ => {
            report.add(&node.at, path, Problem::value(node.found(), kind.allowed(unit)));
            [f64::NAN; N]
        }
    }
}

/// Two numbers, the first below the second; NaN and a report where they are none.
pub(super) fn increasing(node: &Node, path: &str, kind: &'static Kind, unit: &str, report: &mut Report) -> [f64; 2] {
    let pair = tuple(node, path, kind, unit, report);
    if pair[0] >= pair[1] {
        report.add(&node.at, path, Problem::value(format!("{pair:?}"), kind.allowed(unit)));
    }
    pair
}

pub(super) fn count(node: &Node, path: &str, kind: &'static Kind, report: &mut Report) -> Option<u64> {
    let (min, max) = kind.counts().unwrap_or((0, u64::MAX));
    let plain = node.plain().filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
    let fix = match plain.and_then(|text| text.parse::<u64>().ok()) {
        Some(n) if (min..=max).contains(&n) => return Some(n),
        Some(_) => None,
        None => match number(node) {
            // Exact for what can be written back as a whole number without loss.
            Ok(x) if x.fract() == 0.0 && x >= min as f64 && x <= (max as f64).min(2f64.powi(53)) => {
                Some(format!("write {x:.0}"))
            }
            Ok(_) => None,
            Err(fix) => fix,
        },
    };
    report.add(&node.at, path, Problem::Value { found: node.found(), allowed: kind.allowed(""), fix });
    None
}

/// A finite number, or the likely fix.
fn number(node: &Node) -> Result<f64, Option<String>> {
    let Value::Scalar { text, plain } = &node.value else { return Err(None) };
    let parsed = text.parse::<f64>().ok().filter(|_| text.bytes().all(|b| b"+-.eE0123456789".contains(&b)));
    match parsed {
        Some(x) if x.is_finite() && *plain => Ok(x),
        Some(x) if x.is_finite() => Err(Some(format!("write {text} without quotes"))),
        Some(_) => Err(Some("the number is too large".into())),
        None if text.contains(',') || text.contains('_') => Err(Some("write digits with a decimal point".into())),
        None if matches!(text.trim_start_matches(['+', '-']), ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN") => {
            Err(Some("the number must be finite".into()))
        }
        None => Err(None),
    }
}
