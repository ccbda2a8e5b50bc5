//! `--set PATH=VALUE`: puts values into the tree before it is read, so that they meet the same rules as the file's.

use super::error::Problem;
use super::position::Position;
use super::section::Report;
use super::tree::{Entry, Node, Value, join, parse, place};
use std::sync::Arc;

/// Applies the settings in order; VALUE is YAML, PATH is dotted with list entries counted from 0.
pub(super) fn apply(root: &mut Node, overrides: &[String], report: &mut Report) {
    for setting in overrides {
        let flag: Arc<str> = format!("--set {setting}").into();
        let at = Position::Flag { flag: flag.clone() };
        let Some((path, text)) = setting.split_once('=').filter(|(path, _)| !path.trim().is_empty()) else {
            let problem = Problem::value(setting.clone(), "PATH=VALUE, as in projections.E<-I.p=0.7");
            report.add(&at, "", problem);
            continue;
        };
        let path = path.trim();
        let mut complaints = Vec::new();
        let value = parse(text, Some(&flag), &mut complaints);
        let is_readable = complaints.is_empty();
        for (at, below, problem) in complaints {
            report.add(&at, &join(path, &below), problem);
        }
        let null = Value::Scalar { text: String::new(), plain: true };
        let value = value.unwrap_or(Node { at: at.clone(), value: null });
        if is_readable && let Err(problem) = set(root, path, value) {
            report.add(&at, path, problem);
        }
    }
}

/// Sections whose entries are named by the user: one that is not there may be given as a whole, but has no parts.
const NAMED: [&str; 3] = ["populations", "projections", "sources"];

fn set(root: &mut Node, path: &str, value: Node) -> Result<(), Problem> {
    let at = value.at.clone();
    let mut node = root;
    let parts: Vec<&str> = path.split('.').collect();
    for (depth, part) in parts.iter().copied().enumerate() {
        if part.is_empty() {
            return Err(Problem::value("an empty part of the path", "names joined by single dots"));
        }
        // What is absent, null or `none` becomes a map that the rest of the path goes into.
        if node.is_null() || node.is_none() {
            *node = Node { at: at.clone(), value: Value::Map(Vec::new()) };
        }
        let found = node.found();
        node = match &mut node.value {
            Value::Map(entries) => {
                if depth == 1 && parts.len() > 2 && NAMED.contains(&parts[0]) {
                    is_there(part, entries)?;
                }
                let index = entries.iter().position(|entry| entry.key == part).unwrap_or_else(|| {
                    let value = Value::Scalar { text: String::new(), plain: true };
                    let value = Node { at: at.clone(), value };
                    entries.push(Entry { key: part.into(), at: at.clone(), value });
                    entries.len() - 1
                });
                &mut entries[index].value
            }
            Value::List(list) => {
                let count = list.len();
                let entry = place(part).and_then(|index| list.get_mut(index));
                entry.ok_or_else(|| {
                    Problem::value(format!("entry {part} of a list of {count}"), format!("an entry below {count}"))
                })?
            }
            Value::Scalar { .. } => {
                let fix = format!("set the whole of it: a map with {part}");
                return Err(Problem::fixable(format!("{found}, which has no {part}"), "a map", fix));
            }
        };
    }
    *node = value;
    Ok(())
}

/// An error, with the names that there are, unless an entry has this one.
fn is_there(name: &str, entries: &[Entry]) -> Result<(), Problem> {
    let names: Vec<&str> = entries.iter().map(|entry| entry.key.as_str()).collect();
    match names.contains(&name) {
        true => Ok(()),
        false if names.is_empty() => Err(Problem::value(name, "none, there is no entry")),
        false => Err(Problem::unknown_word(name.into(), &names, name)),
    }
}
