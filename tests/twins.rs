//! Are shaders and Rust files twins? `shaders/P.wgsl` and `src/P.rs` have the same functions in the same order and the same
//! constants; structs that cross the boundary have the same layout; every composed module is valid.
mod common;
use common::*;
use snn_ensemble::gpu::compose::{Binomials, network as compose_network};
use snn_ensemble::gpu::workgroup::{WorkgroupLayout, WorkgroupLimits};
use snn_ensemble::model::*;
use snn_ensemble::network::dispatch::{MemberParameters, NetworkDispatch};
use snn_ensemble::network::parameters::{PopulationParameters, ProjectionParameters};
use snn_ensemble::network::shape::{Model, NetworkShape};
use snn_ensemble::network::state::{PopulationState, ProjectionState};
use snn_ensemble::reduced;
use snn_ensemble::reduced::stepping::DsodeDispatch;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use wgpu::naga;
use wgpu::naga::valid::{Capabilities, ValidationFlags, Validator};

/// Names of a shader that its twin does not have, and why. An entry that is not needed fails too.
const ALONE: [(&str, &str, &[&str]); 11] = [
    ("network/member", "a CPU member reads the parameters of its point where they are", &["population", "projection"]),
    (
        "network/stepping",
        "moves numbers between a device's buffers, workgroup memory and registers; a CPU member has one memory",
        &["spikes_in", "publish", "clear", "hold", "fetch", "keep", "sample_voltage", "write_sample"],
    ),
    (
        "network/wiring",
        "one invocation draws a part of the graph; a CPU member draws rows, in `graph`",
        &["chosen_four", "wire"],
    ),
    (
        "network/rows_of_sources",
        "a workgroup counts for all targets before its neurons take it; a CPU member counts for a chunk of neurons, in `wired_spikes`",
        &["arrive", "list_spikes", "list_of", "count_arrivals", "two_counts", "counts_of"],
    ),
    ("network/snn", "a CPU member sums its blocks when asked, in `NetworkMember::kicks`", &["sample_kicks"]),
    (
        "network/markov",
        "moves numbers between a device's buffers and workgroup memory",
        &["begin", "finish", "sample_member"],
    ),
    (
        "reduced/stepping",
        "goes over the trajectories of a workgroup; moves numbers between a device's buffers and workgroup memory",
        &["drive_row_of", "output_of", "begin_step", "rows_of_run", "write_rows", "write_samples", "load", "store"],
    ),
    (
        "reduced/settle",
        "a CPU adds each share where it lands; a destination on a device looks for its sources",
        &["begin_reach"],
    ),
    ("reduced/noise", "a method of the trait `Real`: the grid differs between f64 and f32", &["unit"]),
    ("reduced/transition", "constants of the trait `Real`: values differ between f64 and f32", &["REACH", "NARROW"]),
    ("reduced/inputs", "constants of the trait `Real`: values differ between f64 and f32", &["ROUNDING"]),
];

fn directory(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// (stem, text) of every shader, sorted.
fn shaders() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![directory("shaders")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let stem = path.strip_prefix(directory("shaders")).unwrap().with_extension("");
            assert_eq!(path.extension().and_then(|e| e.to_str()), Some("wgsl"), "{} is no shader", path.display());
            found.insert(stem.to_str().unwrap().replace('\\', "/"), fs::read_to_string(&path).unwrap());
        }
    }
    assert!(found.len() >= 9, "shaders: {:?}", found.keys());
    found
}

/// The twin's text without its unit tests.
fn twin(stem: &str) -> String {
    let path = directory("src").join(stem).with_extension("rs");
    let text =
        fs::read_to_string(&path).unwrap_or_else(|e| panic!("shaders/{stem}.wgsl has no twin {}: {e}", path.display()));
    text.split("#[cfg(test)]").next().unwrap().to_string()
}

/// Lines of code, without comments and indentation.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(|line| line.split("//").next().unwrap().trim()).filter(|line| !line.is_empty())
}

/// The word after `keyword` where a line has it as a word.
fn named<'a>(line: &'a str, keyword: &str) -> Option<&'a str> {
    let at = line.split(|c: char| !c.is_alphanumeric() && c != '_').collect::<Vec<_>>();
    at.iter().position(|word| *word == keyword).and_then(|i| at.get(i + 1)).copied().filter(|word| !word.is_empty())
}

fn functions(text: &str) -> Vec<&str> {
    code(text).filter_map(|line| named(line, "fn")).collect()
}

/// Name and text of the value of every constant.
fn constants(text: &str) -> BTreeMap<&str, &str> {
    let value = |line: &'_ str| line.split_once('=').map(|(_, v)| v.trim().trim_end_matches(';').to_string());
    code(text)
        .filter(|line| line.ends_with(';') && value(line).is_some())
        .filter_map(|line| Some((named(line, "const")?, line.split_once('=')?.1.trim().trim_end_matches(';'))))
        .collect()
}

/// A number as WGSL and Rust write it.
fn number(text: &str) -> Option<f64> {
    let text = text.replace('_', "");
    if let Some(hex) = text.strip_prefix("0x") {
        return u64::from_str_radix(hex.trim_end_matches('u'), 16).ok().map(|x| x as f64);
    }
    text.trim_end_matches(['u', 'i', 'f']).parse().ok()
}

fn alone(stem: &str, name: &str) -> bool {
    ALONE.iter().any(|(of, _, names)| *of == stem && names.contains(&name))
}

/// A function without a body does nothing, and needs no twin.
#[test]
fn functions_are_in_the_twin_and_in_order() {
    for (stem, text) in shaders() {
        let (twin, full) =
            (twin(&stem), code(&text).filter(|line| !line.ends_with("{}")).collect::<Vec<_>>().join("\n"));
        let ours = functions(&twin);
        let mut last = 0;
        for name in functions(&full).into_iter().filter(|name| !alone(&stem, name)) {
            let at = ours.iter().position(|n| *n == name);
            let at = at.unwrap_or_else(|| panic!("src/{stem}.rs has no `{name}` of shaders/{stem}.wgsl"));
            assert!(at >= last, "`{name}` comes earlier in src/{stem}.rs than in shaders/{stem}.wgsl");
            last = at;
        }
    }
}

#[test]
fn constants_have_the_twins_values() {
    let mut compared = 0;
    for (stem, text) in shaders() {
        let twin = twin(&stem);
        let ours = constants(&twin);
        for (name, value) in constants(&text).into_iter().filter(|(name, _)| !alone(&stem, name)) {
            let twin = ours.get(name).unwrap_or_else(|| panic!("src/{stem}.rs has no constant {name}"));
            let (a, b) = (number(value), number(twin));
            assert!(a.is_some() && a == b, "{name}: {value} in shaders/{stem}.wgsl, {twin} in src/{stem}.rs");
            compared += 1;
        }
    }
    assert!(compared >= 10, "only {compared} constants were compared");
}

#[test]
fn exceptions_are_needed() {
    let shaders = shaders();
    for (stem, reason, names) in ALONE {
        let (text, twin) = (&shaders[stem], twin(stem));
        for name in names {
            let there = functions(text).contains(name) || constants(text).contains_key(name);
            let here = functions(&twin).contains(name) || constants(&twin).contains_key(name);
            assert!(there && !here, "{name} of {stem} needs no exception ({reason})");
        }
    }
}

/// In the names of modules for devices with 64-bit integers.
const WIDE: &str = ", wide";

/// A module of `snn` for each of several shapes, the bench's own, and one of `dsode` for each of its options.
fn modules() -> Vec<(String, String)> {
    let mut networks = vec![];
    for connectivity in [Connectivity::Annealed, Connectivity::Quenched] {
        networks.push(Network { connectivity, ..paper() });
        networks.push(Network { connectivity, projections: vec![], ..paper() });
        let mut large = Network { connectivity, ..paper() };
        large.populations.iter_mut().for_each(|p| p.size *= 50);
        networks.push(large);
        let mut other = Network { connectivity, ..paper() };
        for i in 0..5 {
            other.populations.push(population("X", 17 + i));
            other.projections.push(inhibitory(0, 2 + i as usize, 0.1, 3.0));
        }
        other.projections.iter_mut().step_by(2).for_each(|j| j.decay = Decay::Deterministic);
        other.populations[0].drive.kind = DriveKind::Poisson;
        other.populations[1].refractory = Refractory::Fixed;
        other.populations[2].adaptation = Some(Adaptation { b: 0.1, tau: 50.0 });
        networks.push(other.clone());
        other.projections.iter_mut().step_by(3).for_each(|j| (j.tau, j.delay) = (0.0, 1.5));
        other.projections[1].delay = 0.3;
        if connectivity == Connectivity::Quenched {
            other.projections[2].indegree = Some(5);
        }
        // Kicks from outside, and of either kind with and without a reversal voltage.
        other.sources.push(Source { name: "S".into(), rate: Rate::Constant(1.0) });
        let outside = other.populations.len();
        other.projections.push(projection(1, outside, 0.1, 3.0));
        for j in other.projections.iter_mut().step_by(3) {
            j.synapse.v_rev = if j.synapse.is_inhibitory() { None } else { Some(200.0) };
        }
        networks.push(other.clone());
        networks.push(rising(nonlinear(other, 0, Stepping::Exact)));
        networks.push(rising(paper()));
    }
    let mut found = vec![];
    for (i, network) in networks.iter().enumerate() {
        let bins: Vec<u32> = network.populations.iter().map(|p| BINS.count(p.v_th)).collect();
        for model in [Model::Snn, Model::Markov(Closure::White), Model::Markov(Closure::Coloured)] {
            let shape = NetworkShape::new(network, model);
            for (threads, memory, software, wide_integers) in [
                (1, 32768, false, false),
                (256, 2048, false, false),
                (1024, 32768, false, false),
                (1024, 32768, false, true),
                (1024, 32768, true, false),
            ] {
                let limits = WorkgroupLimits { threads, memory, software, wide_integers };
                let layout = WorkgroupLayout::new(&shape, limits);
                let (software, wide) =
                    (if software { ", software" } else { "" }, if wide_integers { WIDE } else { "" });
                let name = format!("{model:?} {i}, workgroups to {threads}{software}{wide}");
                if layout.is_resident() {
                    found.push((format!("{name}, small"), compose_network(&shape, &layout, &bins, Binomials::Small)));
                }
                found.push((name, compose_network(&shape, &layout, &bins, Binomials::All)));
            }
        }
    }
    found.push(("peak".into(), snn_ensemble::bench::peak::SHADER.into()));
    let options = [Density::Uniform, Density::Linear].into_iter();
    for (density, closure) in options.flat_map(|d| [Closure::White, Closure::Coloured].map(|c| (d, c))) {
        for noise in [Noise::None, Noise::FiniteSize] {
            let Variant::Dsode { bin, v_min, precision, .. } = Variant::DSODE else { unreachable!("a dsode") };
            let variant = Variant::Dsode { closure, density, noise, bin, v_min, precision };
            let mut delayed = paper();
            delayed.projections[0].delay = 0.7;
            let neurons = nonlinear(paper(), 0, Stepping::Exact);
            for (name, network) in
                [("", paper()), ("delayed", delayed), ("nonlinear", neurons), ("rising", rising(paper()))]
            {
                if name == "rising" && density == Density::Linear && closure == Closure::Coloured {
                    continue;
                }
                let name = format!("{} {name}", variant.label());
                let shape = reduced::DsodeShape::new(&network, &variant).unwrap();
                let layout = reduced::layout::TrajectoryLayout::new(
                    &shape,
                    reduced::layout::Room { memory: 16384, invocations: 256 },
                )
                .unwrap();
                found.push((name, reduced::prelude::compose(&shape, &layout)));
            }
        }
    }
    found
}

fn parsed(name: &str, source: &str) -> naga::Module {
    naga::front::wgsl::parse_str(source).unwrap_or_else(|e| panic!("{name}: {}", e.emit_to_string(source)))
}

/// Valid without any capability beyond WGSL's own, but for 64-bit integers where the device has them, and made of whole shader
/// files only, all of which are used.
#[test]
fn composed_modules_are_valid() {
    let modules = modules();
    for (name, source) in &modules {
        let module = parsed(name, source);
        let wide = if name.contains(WIDE) { Capabilities::SHADER_INT64 } else { Capabilities::empty() };
        let mut validator = Validator::new(ValidationFlags::all(), wide);
        validator.validate(&module).unwrap_or_else(|e| panic!("{name}: {}", e.emit_to_string(source)));
        assert!(!module.entry_points.is_empty(), "{name}");
    }
    for (stem, text) in shaders() {
        assert!(
            modules.iter().any(|(_, source)| source.contains(&text)),
            "no kernel contains shaders/{stem}.wgsl as it is"
        );
        let unfinished = ["placeholder", "TODO", "FIXME", "{{"].iter().find(|mark| text.contains(**mark));
        assert_eq!(unfinished, None, "shaders/{stem}.wgsl");
    }
}

/// Name and offset of every field of a struct, in Rust; a field left out does not compile.
macro_rules! layout {
    ($name:ident { $($field:ident),* $(,)? }) => {{
        let _ = |$name { $($field: _),* }: $name| ();
        (stringify!($name), size_of::<$name>(), vec![$((stringify!($field), core::mem::offset_of!($name, $field))),*])
    }};
}

/// The same of a struct that is declared as a table.
macro_rules! declared {
    ($name:ident) => {{
        let names = $name::FIELDS.iter().map(|field| field.name);
        (stringify!($name), size_of::<$name>(), names.zip($name::OFFSETS.iter().copied()).collect())
    }};
}

#[test]
fn structs_have_the_same_layout() {
    let ours = [
        declared!(PopulationParameters),
        declared!(ProjectionParameters),
        declared!(MemberParameters),
        declared!(NetworkDispatch),
        declared!(ProjectionState),
        declared!(PopulationState),
        layout!(DsodeDispatch {
            first_step,
            steps,
            trajectories,
            drive_rows,
            row_every,
            sample_every,
            output_stride,
            row
        }),
    ];
    let modules = modules();
    for (name, size, fields) in ours {
        // The parameters of a network's populations have namesakes in `dsode`, whose modules come later.
        let has = |(_, source): &&(String, String)| source.contains(&format!("struct {name} {{"));
        let (module, source) = modules.iter().find(has).unwrap_or_else(|| panic!("no struct {name}"));
        let fields = fields.into_iter().map(|(field, at): (&str, usize)| (field.into(), at)).collect();
        assert_eq!(structure(&parsed(module, source), name), (size, fields), "{name}");
    }
}

/// Structs that are declared once are numbers in a row.
#[test]
fn declared_structs_have_the_same_layout() {
    let modules = modules();
    use reduced::parameters::{PopulationParameters, ProjectionParameters};
    use reduced::transition::{BinLaw, Edge, Share};
    let declared = [
        ("PopulationParameters", size_of::<PopulationParameters<f32>>(), &PopulationParameters::TABLE.list()[..]),
        ("ProjectionParameters", size_of::<ProjectionParameters<f32>>(), &ProjectionParameters::TABLE.list()),
        ("BinLaw", size_of::<BinLaw<f32>>(), &BinLaw::TABLE.list()),
        ("Edge", size_of::<Edge<f32>>(), &Edge::TABLE.list()),
        ("Share", size_of::<Share<f32>>(), &Share::TABLE.list()),
    ];
    for (name, size, fields) in declared {
        let (_, source) = modules.last().expect("several modules");
        let in_a_row = fields.iter().enumerate().map(|(i, field)| (field.name.into(), 4 * i)).collect();
        assert_eq!(structure(&parsed(name, source), name), (size, in_a_row), "{name}");
    }
}

/// Bytes of a shader's struct, and its fields with their offsets.
fn structure(module: &naga::Module, name: &str) -> (usize, Vec<(String, usize)>) {
    let found = module.types.iter().find(|(_, t)| t.name.as_deref() == Some(name));
    let (_, found) = found.unwrap_or_else(|| panic!("no struct {name}"));
    let naga::TypeInner::Struct { members, span } = &found.inner else { panic!("{name} is no struct") };
    let field = |m: &naga::StructMember| (m.name.clone().unwrap_or_default(), m.offset as usize);
    (*span as usize, members.iter().map(field).collect())
}

/// Calls without the types that they name: `f::<T>(x)` as `f(x)`.
fn without_types(mut text: String) -> String {
    while let Some(at) = text.find("::<") {
        let mut depth = 0;
        let end = text[at..].find(|c| {
            depth += i32::from(c == '<') - i32::from(c == '>');
            depth == 0 && c == '>'
        });
        text.replace_range(at..=at + end.expect("brackets are closed"), "");
    }
    text
}

/// The body of every function, functions of one name together.
fn bodies(text: &str) -> BTreeMap<String, String> {
    let text: Vec<&str> = code(text).collect();
    let text = without_types(text.join("\n"));
    let mut bodies = BTreeMap::<String, String>::new();
    for (at, _) in text.match_indices("fn ") {
        let name: String = text[at + 3..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        // A declaration ends its line; a semicolon before that belongs to the type of an array.
        let (open, end) = (text[at..].find('{'), text[at..].find(";\n"));
        let Some(open) = open.filter(|open| end.is_none_or(|end| *open < end)) else { continue };
        let mut depth = 0;
        let closed = text[at + open..].find(|c| {
            depth += i32::from(c == '{') - i32::from(c == '}');
            depth == 0
        });
        bodies.entry(name).or_default().push_str(&text[at + open..][..closed.expect("braces are closed")]);
    }
    bodies
}

/// Those of `names` that a function calls, or that are called by what it calls.
fn reached(bodies: &BTreeMap<String, String>, from: &str, names: &BTreeSet<String>) -> BTreeSet<String> {
    let (mut seen, mut open) = (BTreeSet::new(), vec![from.to_string()]);
    while let Some(name) = open.pop() {
        let Some(body) = bodies.get(&name) else { continue };
        for (at, _) in body.match_indices('(') {
            let called = body[..at].rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("").to_string();
            if bodies.contains_key(&called) && seen.insert(called.clone()) {
                open.push(called);
            }
        }
    }
    seen.intersection(names).cloned().collect()
}

/// A CPU goes over neighbouring bins, some of it in files that have no shader; but what a function of `dsode` computes, it computes by
/// the same functions on both sides.
#[test]
fn twins_of_dsode_call_the_same_functions() {
    let shaders: Vec<(String, String)> =
        shaders().into_iter().filter(|(stem, _)| stem.starts_with("reduced/")).collect();
    let more = ["reduced/dsode", "reduced/real", "reduced/shares"];
    let ours: String = shaders.iter().map(|(stem, _)| stem.as_str()).chain(more).map(twin).collect();
    let theirs: String = shaders.iter().map(|(_, text)| text.as_str()).collect();
    let (ours, theirs) = (bodies(&ours), bodies(&theirs));
    let twins =
        shaders.iter().flat_map(|(stem, text)| functions(text).into_iter().filter(move |name| !alone(stem, name)));
    let twins: BTreeSet<String> = twins.map(String::from).collect();
    assert!(twins.len() > 40, "{twins:?}");
    for name in &twins {
        assert_eq!(
            reached(&ours, name, &twins),
            reached(&theirs, name, &twins),
            "`{name}` calls, in Rust and in the shader"
        );
    }
}
