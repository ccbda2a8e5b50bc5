//! Are there layers? Of the modules of one folder of src none depends on itself through others, and no folder of src on
//! itself through other folders: so each can be read with what is below it alone. `mod.rs` names the modules of its folder, and
//! belongs to all of them. Paths of code that is not a test are what counts: `use`, and where a path stands in full.
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::iter::{once, successors};
use std::path::Path;

/// The modules of a folder, and those beside it that each depends on.
type Modules = BTreeMap<String, BTreeSet<String>>;

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
    let mut depth = 0;
    let nested = text[end..].char_indices().map(|(at, c)| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        (end + at + 1, c, depth)
    });
    let each = nested.take_while(|(.., depth)| *depth > 0).filter(|(_, c, depth)| *depth == 1 && "{,".contains(*c));
    each.flat_map(|(at, ..)| expanded(text[at..].trim_start())).map(|more| [&names[..], &more].concat()).collect()
}

/// The modules of every folder.
fn folders(sources: &[(Vec<String>, String)]) -> BTreeMap<String, Modules> {
    let mut folders = BTreeMap::<String, Modules>::new();
    let known: BTreeSet<&[String]> = sources.iter().flat_map(|(m, _)| (1..=m.len()).map(|depth| &m[..depth])).collect();
    for (module, text) in sources {
        let lines = text.split("#[cfg(test)]").next().unwrap().lines();
        let code = lines.map(|line| line.split("//").next().unwrap()).collect::<Vec<_>>().join("\n");
        let starts = ["crate::", "snn_ensemble::", "super::"].iter().flat_map(|start| code.match_indices(start));
        let begins = |at: usize| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
        for path in starts.filter(|(at, _)| begins(*at)).flat_map(|(at, _)| expanded(&code[at..])) {
            let up = path.iter().take_while(|name| *name == "super").count();
            let base = if up > 0 { &module[..module.len() - up] } else { &[] };
            let path = [base, &path[up.max(1)..]].concat();
            let depth = module.iter().zip(&path).take_while(|(ours, theirs)| ours == theirs).count();
            if depth < module.len() && depth < path.len() && known.contains(&path[..=depth]) {
                let modules = folders.entry(module[..depth].join("/")).or_default();
                modules.entry(module[depth].clone()).or_default().insert(path[depth].clone());
            }
        }
    }
    folders
}

/// Modules of which each depends on the next, from one back to itself.
fn circle(mut modules: Modules) -> Option<String> {
    // Layer by layer from below; what is left has a circle.
    let above = |modules: &Modules, name: &String| modules[name].iter().any(|below| modules.contains_key(below));
    while let Some(lowest) = modules.keys().find(|name| !above(&modules, name)).cloned() {
        modules.remove(&lowest);
    }
    let next = |name: &str| modules[name].iter().find(|below| modules.contains_key(*below)).unwrap().as_str();
    let first = (0..modules.len()).fold(modules.keys().next()?.as_str(), |name, _| next(name));
    let others = successors(Some(next(first)), |name| (*name != first).then(|| next(name)));
    Some(once(first).chain(others).collect::<Vec<_>>().join(" -> "))
}

#[test]
fn modules_are_in_layers() {
    let mut found = vec![];
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &[], &mut found);
    for (folder, modules) in folders(&found) {
        assert_eq!(circle(modules), None, "modules of src/{folder} depend on each other in a circle");
    }
}

#[test]
fn a_circle_is_found_however_it_is_written() {
    let circle_with = |b: &str| {
        let files = [("a", "use super::{b::X, c};"), ("b", b), ("c", "")];
        let mut found = folders(&files.map(|(name, text)| (vec!["f".into(), name.into()], text.into())));
        circle(found.remove("f").unwrap())
    };
    for b in ["use super::a::Y;", "use crate::{g::Z, f::{c, a::Y}};", "fn y() -> crate::f::a::Y {}"] {
        assert_eq!(circle_with(b), Some("a -> b -> a".into()), "{b}");
    }
    assert_eq!(circle_with("use super::c; // super::a\n#[cfg(test)] use super::a;"), None);
}
