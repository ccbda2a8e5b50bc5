//! Statements of a function.

use super::code::{Limit, Op, Place, Word};
use super::compile::{Compiled, Compiler};
use super::layout::words;
use super::numbers;
use std::collections::HashMap;
use wgpu::naga::valid::FunctionInfo;
use wgpu::naga::{
    Barrier, Block, Expression, Function, Handle, LocalVariable, ScalarKind, Span, Statement, SwitchValue, TypeInner,
};

/// What an expression is.
#[derive(Clone)]
pub enum Value {
    Words(Vec<Word>),
    Pointer(Pointer),
}

/// Into shared memory or the invocation's own: from word `base` + `at` on; without a base into its own from `Word(at)` on.
#[derive(Clone, Copy)]
pub struct Pointer {
    pub shared: bool,
    pub base: Option<Word>,
    pub at: u32,
}

/// Where jumps out of a loop or a switch are, whose targets are not known yet.
#[derive(Default)]
struct Jumps {
    out: Vec<usize>,
    /// Of a loop.
    on: Option<Vec<usize>>,
}

/// A function's frame: result, arguments, local variables, and a word for every value.
pub struct Body<'c, 'a> {
    pub compiler: &'c mut Compiler<'a>,
    pub function: &'a Function,
    pub info: &'a FunctionInfo,
    pub values: HashMap<Handle<Expression>, Value>,
    pub locals: HashMap<Handle<LocalVariable>, Word>,
    pub arguments: Vec<Vec<Word>>,
    pub span: Span,
    name: String,
    result: u32,
    top: u32,
    depth: u32,
    jumps: Vec<Jumps>,
}

impl<'c, 'a> Body<'c, 'a> {
    pub fn new(compiler: &'c mut Compiler<'a>, function: &'a Function, info: &'a FunctionInfo, name: String) -> Self {
        let (values, locals) = (HashMap::new(), HashMap::new());
        let (arguments, jumps, span) = (vec![], vec![], Span::UNDEFINED);
        let (result, top, depth) = (0, 0, 0);
        Body { compiler, function, info, values, locals, arguments, span, name, result, top, depth, jumps }
    }

    pub fn compile(mut self) -> Compiled {
        let module = self.compiler.module;
        let start = self.compiler.ops.len() as u32;
        let size = |ty| words(&module.types[ty].inner);
        self.result = self.function.result.as_ref().map_or(0, |result| size(result.ty));
        self.top = self.result;
        for argument in &self.function.arguments {
            let first = self.place(size(argument.ty));
            self.arguments.push((0..size(argument.ty)).map(|i| first.plus(i)).collect());
        }
        for (handle, local) in self.function.local_variables.iter() {
            let first = self.place(size(local.ty));
            self.locals.insert(handle, first);
            let values = match local.init {
                Some(init) => self.words(init),
                None => self.compiler.zeros(local.ty),
            };
            self.copy(first, &values);
        }
        self.block(&self.function.body);
        self.push(Op::Return);
        Compiled { start, result: self.result, depth: self.depth.max(self.top) }
    }

    pub fn push(&mut self, op: Op) -> usize {
        self.compiler.ops.push(op);
        self.compiler.sites.push((self.name.clone(), self.span));
        self.compiler.ops.len() - 1
    }

    /// Room for a value.
    pub fn place(&mut self, words: u32) -> Word {
        self.top += words;
        Word(self.top - words)
    }

    pub fn copy(&mut self, to: Word, from: &[Word]) {
        for (i, &from) in (0..).zip(from) {
            self.push(Op::Copy { to: to.plus(i), from, words: 1 });
        }
    }

    fn here(&self) -> u32 {
        self.compiler.ops.len() as u32
    }

    /// Makes jumps lead to what comes next.
    fn land(&mut self, jumps: impl IntoIterator<Item = usize>) {
        let here = self.here();
        for jump in jumps {
            match &mut self.compiler.ops[jump] {
                Op::Jump { to } | Op::Unless { to, .. } => *to = here,
                other => panic!("{other:?} is no jump"),
            }
        }
    }

    fn block(&mut self, block: &'a Block) {
        for (statement, &span) in block.span_iter() {
            self.span = span;
            self.statement(statement);
        }
    }

    fn statement(&mut self, statement: &'a Statement) {
        match statement {
            Statement::Emit(range) => range.clone().for_each(|handle| self.emit(handle)),
            Statement::Block(block) => self.block(block),
            Statement::If { condition, accept, reject } => {
                let a = self.word(*condition);
                let unless = self.push(Op::Unless { a, to: 0 });
                self.block(accept);
                let done = self.push(Op::Jump { to: 0 });
                self.land([unless]);
                self.block(reject);
                self.land([done]);
            }
            Statement::Switch { selector, cases } => {
                let selector = self.word(*selector);
                self.jumps.push(Jumps::default());
                let mut fallen = vec![];
                // The default is the last one, as every writer of WGSL has it.
                for (i, case) in cases.iter().enumerate() {
                    let value = match case.value {
                        SwitchValue::U32(value) => Some(value),
                        SwitchValue::I32(value) => Some(value as u32),
                        SwitchValue::Default => None,
                    };
                    assert!(value.is_some() || i + 1 == cases.len(), "the default is the last case here");
                    let other = value.map(|value| {
                        let (a, b, to) = (selector, self.compiler.constant(value), self.place(1));
                        self.push(Op::Two { f: |a, b| u32::from(a == b), to, a, b });
                        self.push(Op::Unless { a: to, to: 0 })
                    });
                    self.land(std::mem::take(&mut fallen));
                    self.block(&case.body);
                    let jump = self.push(Op::Jump { to: 0 });
                    if case.fall_through {
                        fallen.push(jump)
                    } else {
                        self.leave(jump)
                    }
                    self.land(other);
                }
                self.land(fallen);
                let jumps = self.jumps.pop().expect("its own").out;
                self.land(jumps);
            }
            Statement::Loop { body, continuing, break_if } => {
                let start = self.here();
                self.jumps.push(Jumps { out: vec![], on: Some(vec![]) });
                self.block(body);
                let on = self.jumps.last_mut().and_then(|jumps| jumps.on.take()).expect("a loop");
                self.land(on);
                self.block(continuing);
                if let Some(condition) = break_if {
                    let a = self.word(*condition);
                    self.push(Op::Unless { a, to: start });
                } else {
                    self.push(Op::Jump { to: start });
                }
                let jumps = self.jumps.pop().expect("its own").out;
                self.land(jumps);
            }
            Statement::Break => {
                let jump = self.push(Op::Jump { to: 0 });
                self.leave(jump);
            }
            Statement::Continue => {
                let jump = self.push(Op::Jump { to: 0 });
                self.jumps.iter_mut().rev().find_map(|jumps| jumps.on.as_mut()).expect("a loop").push(jump);
            }
            Statement::Return { value } => {
                if let Some(value) = value {
                    let value = self.words(*value);
                    self.copy(Word(0), &value);
                }
                self.push(Op::Return);
            }
            Statement::ControlBarrier(barrier) => self.barrier(*barrier),
            Statement::Store { pointer, value } => {
                let (value, atomic) = (self.words(*value), self.is_atomic(*pointer));
                let to = self.pointer(*pointer);
                self.store(to, &value, atomic);
            }
            Statement::Atomic { pointer, fun, value, result } => {
                let kind = self.pointed(*pointer).scalar_kind().unwrap_or(ScalarKind::Uint);
                let with = self.word(*value);
                let pointer = self.pointer(*pointer);
                let (before, at) = (self.place(1), self.shared(pointer));
                self.push(Op::Atomic { f: numbers::atomic(*fun, kind), before, at, with });
                if let Some(result) = result {
                    self.values.insert(*result, Value::Words(vec![before]));
                }
            }
            Statement::WorkGroupUniformLoad { pointer, result } => {
                self.barrier(Barrier::WORK_GROUP);
                let value = self.load(*pointer);
                self.values.insert(*result, Value::Words(value));
                self.barrier(Barrier::WORK_GROUP);
            }
            Statement::Call { function, arguments, result } => {
                let arguments: Vec<Word> = arguments.iter().flat_map(|&argument| self.passed(argument)).collect();
                let compiled = self.compiler.functions[function.index()];
                let frame = self.top;
                self.copy(Word(frame + compiled.result), &arguments);
                self.push(Op::Call { to: compiled.start, frame });
                self.depth = self.depth.max(frame + compiled.depth);
                if let Some(result) = result {
                    // The result stays where it is: at the end of this frame.
                    let first = self.place(compiled.result);
                    self.values.insert(*result, Value::Words((0..compiled.result).map(|i| first.plus(i)).collect()));
                }
            }
            other => panic!("{other:?} is not known here"),
        }
    }

    fn leave(&mut self, jump: usize) {
        self.jumps.last_mut().expect("a loop or a switch").out.push(jump);
    }

    fn barrier(&mut self, barrier: Barrier) {
        let workgroup = barrier.contains(Barrier::WORK_GROUP);
        self.push(Op::Barrier { workgroup, storage: barrier.contains(Barrier::STORAGE) });
    }

    /// What becomes of shifts of 32 and divisions by zero is not said.
    pub fn within(&mut self, limit: Limit, a: Word) {
        let value = self.compiler.constant_of(a);
        if !value.is_some_and(|value| limit.allows(value)) {
            self.push(Op::Within { limit, a });
        }
    }

    fn store(&mut self, to: Pointer, from: &[Word], atomic: bool) {
        for (i, &from) in (0..).zip(from) {
            let further = Pointer { at: to.at + i, ..to };
            match (to.shared, to.base) {
                (true, _) => {
                    let to = self.shared(further);
                    self.push(Op::Write { to, from, atomic })
                }
                (false, Some(base)) => self.push(Op::Store { to: Place { base, first: further.at }, from }),
                (false, None) => self.push(Op::Copy { to: Word(further.at), from, words: 1 }),
            };
        }
    }

    /// The type that a pointer points to.
    pub fn pointed(&self, pointer: Handle<Expression>) -> &TypeInner {
        let ty = self.info[pointer].ty.inner_with(&self.compiler.module.types);
        match ty {
            TypeInner::Pointer { base, .. } => &self.compiler.module.types[*base].inner,
            other => other,
        }
    }

    fn is_atomic(&self, pointer: Handle<Expression>) -> bool {
        matches!(self.pointed(pointer), TypeInner::Atomic(_))
    }

    pub fn shared(&mut self, pointer: Pointer) -> Place {
        let base = pointer.base.unwrap_or_else(|| self.compiler.constant(0));
        Place { base, first: pointer.at }
    }

    /// What a pointer points to.
    pub fn load(&mut self, pointer: Handle<Expression>) -> Vec<Word> {
        let atomic = self.is_atomic(pointer);
        let ty = self.info[pointer].ty.inner_with(&self.compiler.module.types);
        let base = ty.pointer_base_type().expect("a pointer");
        let count = words(base.inner_with(&self.compiler.module.types));
        let from = self.pointer(pointer);
        let to = self.place(count);
        match (from.shared, from.base) {
            (true, _) => {
                let from = self.shared(from);
                self.push(Op::Read { to, from, words: count, atomic })
            }
            (false, Some(base)) => self.push(Op::Load { to, from: Place { base, first: from.at }, words: count }),
            (false, None) => self.push(Op::Copy { to, from: Word(from.at), words: count }),
        };
        (0..count).map(|i| to.plus(i)).collect()
    }
}
