//! An entry point and what it calls as flat code.

use super::body::Body;
use super::code::{Code, Op, Word};
use super::layout::{Layout, element, words};
use std::collections::HashMap;
use wgpu::naga::valid::ModuleInfo;
use wgpu::naga::{AddressSpace, Binding, Expression, Handle, Literal, Module, Span, Type};

/// What is known of functions that are compiled.
#[derive(Clone, Copy)]
pub struct Compiled {
    pub start: u32,
    /// Words of its result, with which its frame begins, and of its frame and those of what it calls.
    pub result: u32,
    pub depth: u32,
}

pub struct Compiler<'a> {
    pub module: &'a Module,
    pub layout: &'a Layout,
    pub ops: Vec<Op>,
    pub sites: Vec<(String, Span)>,
    /// In the order of the module, in which none calls a later one.
    pub functions: Vec<Compiled>,
    /// Where private variables lie, by global variable.
    pub privates: Vec<Word>,
    fixed: Vec<u32>,
    constants: HashMap<u32, Word>,
}

/// Of a module whose buffers have these lengths in words, by binding.
pub fn compile(source: &str, module: Module, info: &ModuleInfo, entry: &str, lengths: &[u32]) -> Code {
    let layout = Layout::new(&module, lengths);
    let mut compiler = Compiler {
        module: &module,
        layout: &layout,
        ops: vec![],
        sites: vec![],
        functions: vec![],
        privates: vec![],
        fixed: vec![],
        constants: HashMap::new(),
    };
    compiler.place_privates();
    for (handle, function) in module.functions.iter() {
        let name = function.name.clone().unwrap_or_default();
        let compiled = Body::new(&mut compiler, function, &info[handle], name).compile();
        compiler.functions.push(compiled);
    }
    let index = module.entry_points.iter().position(|point| point.name == entry).expect("the entry point");
    let point = &module.entry_points[index];
    let compiled = Body::new(&mut compiler, &point.function, info.get_entry_point(index), entry.into()).compile();
    let mut at = 0;
    let arguments = point.function.arguments.iter().map(|argument| {
        let Some(Binding::BuiltIn(builtin)) = argument.binding else { panic!("{argument:?}") };
        let first = at;
        at += words(&module.types[argument.ty].inner);
        (builtin, Word(first))
    });
    let arguments = arguments.collect();
    let Compiler { ops, sites, fixed, .. } = compiler;
    Code {
        ops,
        sites,
        start: compiled.start,
        arguments,
        fixed,
        frames: compiled.depth,
        workgroup: point.workgroup_size[0],
        layout,
        source: source.into(),
        module,
    }
}

impl Compiler<'_> {
    fn place_privates(&mut self) {
        let module = self.module;
        for (_, variable) in module.global_variables.iter() {
            let is_private = variable.space == AddressSpace::Private;
            let count = if is_private { words(&module.types[variable.ty].inner) } else { 0 };
            self.privates.push(Word::fixed(self.fixed.len() as u32));
            assert!(variable.init.is_none(), "private variables begin at zero here");
            self.fixed.resize(self.fixed.len() + count as usize, 0);
        }
    }

    /// The word that holds a constant.
    pub fn constant(&mut self, value: u32) -> Word {
        let fixed = &mut self.fixed;
        *self.constants.entry(value).or_insert_with(|| {
            fixed.push(value);
            Word::fixed(fixed.len() as u32 - 1)
        })
    }

    /// Its value, of a word that holds one.
    pub fn constant_of(&self, word: Word) -> Option<u32> {
        self.constants.iter().find(|(_, of)| **of == word).map(|(value, _)| *value)
    }

    pub fn zeros(&mut self, ty: Handle<Type>) -> Vec<Word> {
        let count = words(&self.module.types[ty].inner);
        vec![self.constant(0); count as usize]
    }

    pub fn literal(&mut self, literal: Literal) -> Vec<Word> {
        let one = match literal {
            Literal::U32(value) => value,
            Literal::I32(value) => value as u32,
            Literal::F32(value) => value.to_bits(),
            Literal::Bool(value) => value.into(),
            Literal::U64(value) => return vec![self.constant(value as u32), self.constant((value >> 32) as u32)],
            other => panic!("{other:?} is not known here"),
        };
        vec![self.constant(one)]
    }

    /// A value of parts: of a vector one behind the other, else each in its place.
    pub fn composed(&mut self, ty: Handle<Type>, parts: &[Vec<Word>]) -> Vec<Word> {
        use wgpu::naga::TypeInner::Vector;
        let inner = &self.module.types[ty].inner;
        if let Vector { .. } = inner {
            return parts.concat();
        }
        let mut all = self.zeros(ty);
        for (index, part) in (0..).zip(parts) {
            let at = element(inner, index).0 as usize;
            all[at..at + part.len()].copy_from_slice(part);
        }
        all
    }

    /// A constant of the module.
    pub fn global(&mut self, handle: Handle<Expression>) -> Vec<Word> {
        match &self.module.global_expressions[handle] {
            Expression::Literal(literal) => self.literal(*literal),
            Expression::Constant(constant) => self.global(self.module.constants[*constant].init),
            Expression::ZeroValue(ty) => self.zeros(*ty),
            Expression::Splat { size, value } => vec![self.global(*value)[0]; *size as usize],
            Expression::Compose { ty, components } => {
                let parts: Vec<_> = components.iter().map(|&part| self.global(part)).collect();
                self.composed(*ty, &parts)
            }
            other => panic!("{other:?} is no constant here"),
        }
    }
}
