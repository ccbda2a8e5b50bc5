//! Are there layers? Of the modules of one folder of src none depends on itself through others, and no folder of src on
//! itself through other folders: so each can be read with what is below it alone. `mod.rs` names the modules of its folder, and
//! belongs to all of them. Paths of code that is not a test are what counts: `use`, and where a path stands in full.
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Of each folder: its modules, and the ones beside it that each depends on.
type Folders = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// Path of the module (`network`, `passes`), and its text, of every file below a folder.
fn sources(folder: &Path, path: &[String], found: &mut Vec<(Vec<String>, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().path();
        let stem = file.file_stem().unwrap().to_str().unwrap().to_string();
        let module: Vec<String> =
            path.iter().cloned().chain((stem != "mod" && stem != "lib").then_some(stem)).collect();
        if file.is_dir() {
            sources(&file, &module, found);
        } else if file.extension().is_some_and(|e| e == "rs") {
            found.push((module, fs::read_to_string(&file).unwrap()));
        }
    }
}

/// Every path that `text` (of a path's end) stands for: one, or each of a group in braces.
fn expanded(text: &str) -> Vec<Vec<String>> {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':').unwrap_or(text.len());
    let names: Vec<String> = text[..end].split("::").filter(|name| !name.is_empty()).map(String::from).collect();
    if !text[..end].ends_with("::") || !text[end..].starts_with('{') {
        return vec![names];
    }
    let (mut depth, mut starts) = (0, vec![]);
    for (at, c) in text[end..].char_indices() {
        depth += i32::from(c == '{') - i32::from(c == '}');
        match (c, depth) {
            (_, 0) => break,
            ('{' | ',', 1) => starts.push(end + at + 1),
            _ => {}
        }
    }
    let of_group = starts.into_iter().flat_map(|at| expanded(text[at..].trim_start()));
    of_group.map(|more| [names.clone(), more].concat()).collect()
}

fn folders(sources: &[(Vec<String>, String)]) -> Folders {
    let mut folders = Folders::new();
    for (module, _) in sources {
        for depth in 0..module.len() {
            folders.entry(module[..depth].join("/")).or_default().entry(module[depth].clone()).or_default();
        }
    }
    for (module, text) in sources {
        let text = text.split("#[cfg(test)]").next().unwrap();
        let code: String = text.lines().map(|line| line.split("//").next().unwrap().to_string() + "\n").collect();
        let starts = ["crate::", "snn_ensemble::", "super::"].iter().flat_map(|start| code.match_indices(start));
        let begins = |at: usize| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
        for path in starts.filter(|(at, _)| begins(*at)).flat_map(|(at, _)| expanded(&code[at..])) {
            let up = path.iter().take_while(|name| *name == "super").count();
            let base = if up > 0 { &module[..module.len() - up] } else { &[] };
            let path = [base, &path[up.max(1)..]].concat();
            let depth = module.iter().zip(&path).take_while(|(ours, theirs)| ours == theirs).count();
            let (Some(from), Some(to)) = (module.get(depth), path.get(depth)) else { continue };
            let modules = folders.get_mut(&module[..depth].join("/")).unwrap();
            if modules.contains_key(to) {
                modules.get_mut(from).unwrap().insert(to.clone());
            }
        }
    }
    folders
}

/// Modules of which each depends on the next, and the last on the first.
fn circle(modules: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    let mut left: BTreeSet<&String> = modules.keys().collect();
    // Layer by layer from below.
    while let Some(lowest) = left.iter().copied().find(|name| modules[*name].iter().all(|below| !left.contains(below)))
    {
        left.remove(lowest);
    }
    let mut walk = vec![*left.first()?];
    loop {
        let next = modules[walk[walk.len() - 1]].iter().find(|below| left.contains(below)).unwrap();
        if let Some(at) = walk.iter().position(|name| *name == next) {
            return Some(walk[at..].iter().map(|name| name.to_string()).collect());
        }
        walk.push(next);
    }
}

#[test]
fn modules_are_in_layers() {
    let mut found = vec![];
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &[], &mut found);
    let folders = folders(&found);
    assert!(
        folders["network"]["snn"].contains("passes") && folders[""]["network"].contains("random"),
        "paths are read"
    );
    for (folder, modules) in folders {
        if let Some(circle) = circle(&modules) {
            panic!(
                "modules of src/{folder} depend on each other in a circle: {} -> {}",
                circle.join(" -> "),
                circle[0]
            );
        }
    }
}

#[test]
fn a_circle_is_found_however_it_is_written() {
    let text = |b: &str| {
        [("a", "use super::{b::X, c};"), ("b", b), ("c", "")].map(|(m, t)| (vec!["f".into(), m.into()], t.into()))
    };
    for b in ["use super::a::Y;", "use crate::{g::Z, f::{c, a::Y}};", "fn y() -> crate::f::a::Y {}"] {
        assert_eq!(circle(&folders(&text(b))["f"]), Some(vec!["a".to_string(), "b".to_string()]), "{b}");
    }
    assert_eq!(circle(&folders(&text("use super::c; // super::a\n#[cfg(test)] use super::a;"))["f"]), None);
}
