//! Passes over the neurons of a member as text, and the structs that they move.
//!
//! No driver unrolls the loops that reach it, and what is indexed by a loop's variable is kept in memory. So the rounds of a
//! thread, their populations and the projections onto them are written out, one call after the other, unless they are too many.

use super::workgroup::{Piece, WorkgroupLayout};
use crate::network::fields::{self, Field};
use crate::network::shape::{Model, NetworkShape, PopulationShape};
use crate::network::state::{self, NeuronState, PopulationState, ProjectionState, Row};

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
    each: "words = birth_words(pop, k, slot, index, step, words); receive(pop, k, proj, index, step, turn, words, &n);",
    after: "keep(pop, slot, index, n);",
};

const SAMPLE: Pass = Pass {
    name: "sample",
    parameters: &[],
    before: "var n = fetch(pop, slot, index); sample_voltage(pop, &n);",
    each: "sample_kicks(k, proj, index, &n);",
    after: "",
};

/// Between memory and registers, at the ends of a dispatch.
const GATHER: Pass =
    Pass { name: "gather", parameters: &[], before: "resident[slot] = load(pop, index);", each: "", after: "" };
const SCATTER: Pass =
    Pass { name: "scatter", parameters: &[], before: "store(pop, index, resident[slot]);", each: "", after: "" };

/// Every pass: `NAME_neurons` does all neurons of a thread.
pub fn passes(shape: &NetworkShape, layout: &WorkgroupLayout) -> String {
    let each = [UPDATE, RECEIVE, SAMPLE].iter().map(|pass| {
        if layout.written_out { pass.written_out(shape) + &pass.calls(shape, layout) } else { pass.in_loops() }
    });
    let ends = [GATHER, SCATTER].iter().map(|pass| {
        if layout.is_resident() { pass.written_out(shape) + &pass.calls(shape, layout) } else { pass.of_thread("") }
    });
    each.chain(ends).collect()
}

impl Pass {
    /// `NAME_P` for each population P.
    fn written_out(&self, shape: &NetworkShape) -> String {
        let of_population = |(pop, population): (usize, &PopulationShape)| {
            let projections = population.incoming.iter().enumerate().filter(|_| !self.each.is_empty());
            let each =
                projections.map(|(k, proj)| format!("    {{ const k = {k}u; const proj = {proj}u; {} }}\n", self.each));
            self.of_neuron(&pop.to_string(), "", &format!("    const pop = {pop}u;\n"), &each.collect::<String>())
        };
        shape.populations.iter().enumerate().map(of_population).collect()
    }

    /// `NAME_P` for each neuron of a thread: those of its rounds, or in loops.
    fn calls(&self, shape: &NetworkShape, layout: &WorkgroupLayout) -> String {
        let mut calls = String::new();
        if !layout.is_resident() {
            for (pop, population) in shape.populations.iter().enumerate() {
                calls +=
                    &self.strided("    ", &format!("{}u", population.size), &self.call(&pop.to_string(), "0u, index"));
            }
        }
        for round in 0..layout.rounds() {
            let pieces = layout.pieces.iter().filter(|piece| piece.round == round);
            for (i, piece) in pieces.enumerate() {
                let call = self.call(&piece.population.to_string(), &format!("{round}u, {}", piece.index()));
                let otherwise = if i == 0 { "    " } else { " else " };
                calls += &match (piece.thread, piece.thread + piece.len) {
                    (0, end) if end == layout.workgroup => format!("    {call}"),
                    (0, end) => format!("{otherwise}if thread < {end}u {{ {call} }}"),
                    (first, end) if end == layout.workgroup => format!("{otherwise}if thread >= {first}u {{ {call} }}"),
                    (first, end) => format!("{otherwise}if thread >= {first}u && thread < {end}u {{ {call} }}"),
                };
            }
            calls += "\n";
        }
        self.of_thread(&calls)
    }

    /// `NAME_any` for a population that only a running kernel knows.
    fn in_loops(&self) -> String {
        let each = format!(
            "    for (var k = 0u; k < incoming_count_of(pop); k++) {{ let proj = incoming_of(pop, k); {} }}\n",
            self.each
        );
        let inner = self.strided("        ", "size_of(pop)", &self.call("any", "pop, 0u, index"));
        let walk = format!("    for (var pop = 0u; pop < POPULATIONS; pop++) {{\n{inner}    }}\n");
        self.of_neuron("any", "pop: u32, ", "", &each) + &self.of_thread(&walk)
    }

    fn strided(&self, indent: &str, size: &str, call: &str) -> String {
        format!("{indent}for (var index = thread; index < {size}; index += WORKGROUP) {{ {call} }}\n")
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

impl Piece {
    /// Index of a thread's neuron within the population.
    fn index(&self) -> String {
        match self.first.checked_sub(self.thread) {
            Some(0) => "thread".to_string(),
            Some(ahead) => format!("thread + {ahead}u"),
            None => format!("thread - {}u", self.thread - self.first),
        }
    }
}

/// `Neuron` with `load` and `store`; of `markov` also the states of projections and populations with theirs.
pub fn states(shape: &NetworkShape, layout: &WorkgroupLayout) -> String {
    let kept = NeuronState::INCOMING.iter().zip(state::incoming_words(shape));
    // An array is never empty, and the white closure's statements about kicks that nobody keeps name one.
    let kept = kept.enumerate().filter(|(index, (_, words))| *index == 0 || *words > 0 || shape.has_rise());
    let kicks = kept.map(|(_, (f, _))| Field { kind: "array<u32, KICKS>", ..f.field });
    let fields: Vec<Field> = NeuronState::OWN.iter().map(|f| f.field).chain(kicks).collect();
    let rows: Vec<(usize, Row)> = state::rows(shape).enumerate().collect();
    let each = |statement: fn(&str, &str) -> String| -> String {
        let moved = |&(at, row): &(usize, Row)| {
            let (name, used) = (row.field.field.name, row.field.used);
            let Some(k) = row.incoming else {
                return format!("    if {used} {{ {} }}\n", statement(name, &format!("at + {at}u * NEURONS")));
            };
            if layout.written_out {
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
        let [projections, populations, _] = state::member_words(shape);
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
