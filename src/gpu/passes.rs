//! Passes over the neurons of a member as text, and the structs that they move.
//!
//! No driver unrolls the loops that reach it, and what is indexed by a loop's variable is kept in memory. So where a thread
//! keeps its neurons in registers, its rounds, their populations and the projections onto them are written out, one call
//! after the other.

use super::workgroup::{Piece, WorkgroupLayout};
use crate::network::fields::{self, Field};
use crate::network::shape::{Model, NetworkShape};
use crate::network::state::{self, NeuronState, PopulationState, ProjectionState, Row};
use std::fmt::Write;

/// What is done with every neuron: statements about neuron `index` of population `pop`, in round `slot` of its thread, before,
/// for and after each projection `proj`, the k-th onto it.
struct Pass {
    name: &'static str,
    /// Parameters behind the neuron's.
    parameters: &'static [&'static str],
    before: &'static str,
    each: &'static str,
    after: &'static str,
}

const UPDATE: Pass = Pass {
    name: "update",
    parameters: &["step", "turn"],
    before: "var n = fetch(pop, slot, index); var input = begin_update(pop, index, step, &n);",
    each: "add_input(pop, k, proj, index, step, &n, &input);",
    after: "if end_update(pop, index, step, &n, &input) { book(pop, index, step, turn, &n); } keep(pop, slot, index, n);",
};

const RECEIVE: Pass = Pass {
    name: "receive",
    parameters: &["step", "turn"],
    before: "var n = fetch(pop, slot, index); var words = vec4<u32>();",
    each: "words = birth_words(pop, k, index, step, words); receive(pop, k, proj, index, step, turn, words, &n);",
    after: "keep(pop, slot, index, n);",
};

const SAMPLE: Pass = Pass {
    name: "sample",
    parameters: &[],
    before: "var n = fetch(pop, slot, index); sample_voltage(pop, &n);",
    each: "sample_kicks(k, proj, &n);",
    after: "",
};

/// Between memory and registers, at the ends of a dispatch.
const GATHER: Pass =
    Pass { name: "gather", parameters: &[], before: "resident[slot] = load(pop, index);", each: "", after: "" };
const SCATTER: Pass =
    Pass { name: "scatter", parameters: &[], before: "store(pop, index, resident[slot]);", each: "", after: "" };

/// Every pass: `NAME_neurons` does all neurons of a thread.
pub fn passes(shape: &NetworkShape, layout: &WorkgroupLayout) -> String {
    let mut text = String::new();
    for pass in [UPDATE, RECEIVE, SAMPLE] {
        text += &if layout.is_resident() { pass.written_out(shape, layout) } else { pass.in_loops() };
    }
    for pass in [GATHER, SCATTER] {
        text += &if layout.is_resident() { pass.written_out(shape, layout) } else { pass.of_thread("") };
    }
    text
}

impl Pass {
    fn written_out(&self, shape: &NetworkShape, layout: &WorkgroupLayout) -> String {
        let mut text = String::new();
        for (pop, population) in shape.populations.iter().enumerate() {
            let mut each = String::new();
            if !self.each.is_empty() {
                for (k, proj) in population.incoming.iter().enumerate() {
                    writeln!(each, "    {{ const k = {k}u; const proj = {proj}u; {} }}", self.each).expect("a string");
                }
            }
            text += &self.of_neuron(&pop.to_string(), "", &format!("    const pop = {pop}u;\n"), &each);
        }
        let mut calls = String::new();
        for round in 0..layout.rounds() {
            let pieces: Vec<&Piece> = layout.pieces.iter().filter(|piece| piece.round == round).collect();
            for (i, piece) in pieces.iter().enumerate() {
                let end = piece.thread + piece.len;
                let index = if piece.first >= piece.thread {
                    format!("thread + {}u", piece.first - piece.thread)
                } else {
                    format!("thread - {}u", piece.thread - piece.first)
                };
                let call = self.call(&piece.population.to_string(), &format!("{round}u, {index}"));
                let otherwise = if i == 0 { "    " } else { " else " };
                calls += &match (piece.thread, end == layout.workgroup) {
                    (0, true) => format!("    {call}"),
                    (0, false) => format!("{otherwise}if thread < {end}u {{ {call} }}"),
                    (first, true) => format!("{otherwise}if thread >= {first}u {{ {call} }}"),
                    (first, false) => format!("{otherwise}if thread >= {first}u && thread < {end}u {{ {call} }}"),
                };
            }
            calls += "\n";
        }
        text + &self.of_thread(&calls)
    }

    fn in_loops(&self) -> String {
        let each = format!(
            "    for (var k = 0u; k < incoming_count_of(pop); k++) {{ let proj = incoming_of(pop, k); {} }}\n",
            self.each
        );
        let walk = format!(
            "    for (var pop = 0u; pop < POPULATIONS; pop++) {{\n        for (var index = thread; index < size_of(pop); \
             index += WORKGROUP) {{ {} }}\n    }}\n",
            self.call("any", "pop, 0u, index")
        );
        self.of_neuron("any", "pop: u32, ", "", &each) + &self.of_thread(&walk)
    }

    fn of_neuron(&self, suffix: &str, parameter: &str, constants: &str, each: &str) -> String {
        let Pass { name, before, after, .. } = self;
        let further = self.further(": u32");
        format!(
            "fn {name}_{suffix}({parameter}slot: u32, index: u32{further}) {{\n{constants}    {before}\n{each}    {after}\n}}\n\n"
        )
    }

    fn of_thread(&self, calls: &str) -> String {
        format!("fn {}_neurons(thread: u32{}) {{\n{calls}}}\n\n", self.name, self.further(": u32"))
    }

    fn call(&self, suffix: &str, arguments: &str) -> String {
        format!("{}_{suffix}({arguments}{});", self.name, self.further(""))
    }

    fn further(&self, kind: &str) -> String {
        self.parameters.iter().map(|name| format!(", {name}{kind}")).collect()
    }
}

/// `Neuron` with `load` and `store`; of `markov` also the states of projections and populations with theirs.
pub fn states(shape: &NetworkShape, layout: &WorkgroupLayout) -> String {
    let kicks = NeuronState::INCOMING.iter().map(|f| Field { kind: "array<u32, KICKS>", ..f.field });
    let fields: Vec<Field> = NeuronState::OWN.iter().map(|f| f.field).chain(kicks).collect();
    let rows: Vec<(usize, Row)> = state::rows(shape).enumerate().collect();
    let each = |statement: fn(&str, &str) -> String| -> String {
        let moved = |&(at, row): &(usize, Row)| {
            let (name, used) = (row.field.field.name, row.field.used);
            let Some(k) = row.incoming else {
                return format!("    if {used} {{ {} }}\n", statement(name, &format!("at + {at}u * NEURONS")));
            };
            if layout.is_resident() {
                let statement = statement(&format!("{name}[{k}]"), &format!("at + {at}u * NEURONS"));
                return format!("    if {used} && kick_count_of(pop) > {k}u {{ {statement} }}\n");
            }
            if k > 0 {
                return String::new();
            }
            let statement = statement(&format!("{name}[k]"), &format!("at + ({at}u + k) * NEURONS"));
            format!("    if {used} {{ for (var k = 0u; k < kick_count_of(pop); k++) {{ {statement} }} }}\n")
        };
        rows.iter().map(moved).collect()
    };
    let at = "    let at = here.state + first_neuron_of(pop) + index;\n";
    let mut text = fields::wgsl("Neuron", &fields);
    text += &format!(
        "fn load(pop: u32, index: u32) -> Neuron {{\n    var n: Neuron;\n{at}{}    return n;\n}}\n\n",
        each(|field, at| format!("n.{field} = state[{at}];"))
    );
    text += &format!(
        "fn store(pop: u32, index: u32, n: Neuron) {{\n{at}{}}}\n\n",
        each(|field, at| format!("state[{at}] = n.{field};"))
    );
    if shape.model != Model::Snn {
        let (projections, populations) = state::member_words(shape);
        text += &ProjectionState::wgsl();
        text += &moves("projection", "ProjectionState", ProjectionState::FIELDS, projections);
        text += &PopulationState::wgsl();
        text += &moves("population", "PopulationState", PopulationState::FIELDS, populations);
    }
    text
}

/// `load_WHAT` and `store_WHAT` of structs that lie behind each other from word `first` of a member's state on.
fn moves(what: &str, name: &str, fields: &[Field], first: usize) -> String {
    let at = format!("    let at = here.state + {first}u + index * {}u;\n", fields.len());
    let loads: Vec<String> = (0..fields.len()).map(|i| format!("state[at + {i}u]")).collect();
    let stores = fields.iter().enumerate().map(|(i, f)| format!("    state[at + {i}u] = s.{};\n", f.name));
    format!(
        "fn load_{what}(index: u32) -> {name} {{\n{at}    return {name}({});\n}}\n\n\
         fn store_{what}(index: u32, s: {name}) {{\n{at}{}}}\n\n",
        loads.join(", "),
        stores.collect::<String>()
    )
}
