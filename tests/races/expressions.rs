//! Expressions of a function.

use super::body::{Body, Pointer, Value};
use super::code::{Limit, Op, Word};
use super::layout::{element, words};
use super::numbers::{self, Function};
use wgpu::naga::{
    AddressSpace, ArraySize, BinaryOperator, Expression, Handle, RelationalFunction, Scalar, ScalarKind, TypeInner,
};

impl Body<'_, '_> {
    /// Computes an expression where it is due.
    pub fn emit(&mut self, handle: Handle<Expression>) {
        let statement = std::mem::replace(&mut self.span, self.function.expressions.get_span(handle));
        let value = self.value(handle);
        self.values.insert(handle, value);
        self.span = statement;
    }

    fn known(&mut self, handle: Handle<Expression>) -> Value {
        match self.values.get(&handle) {
            Some(value) => value.clone(),
            // What is due nowhere is the same everywhere: constants, arguments, variables.
            None => self.value(handle),
        }
    }

    pub fn words(&mut self, handle: Handle<Expression>) -> Vec<Word> {
        match self.known(handle) {
            Value::Words(words) => words,
            Value::Pointer(_) => panic!("a pointer is no value"),
        }
    }

    pub fn word(&mut self, handle: Handle<Expression>) -> Word {
        self.words(handle)[0]
    }

    pub fn pointer(&mut self, handle: Handle<Expression>) -> Pointer {
        match self.known(handle) {
            Value::Pointer(pointer) => pointer,
            // An argument.
            Value::Words(words) => {
                let space = self.inner(handle).pointer_space().expect("a pointer");
                let shared = !matches!(space, AddressSpace::Function | AddressSpace::Private);
                Pointer { shared, base: Some(words[0]), at: 0 }
            }
        }
    }

    /// As an argument: pointers are words too.
    pub fn passed(&mut self, handle: Handle<Expression>) -> Vec<Word> {
        let Value::Pointer(pointer) = self.known(handle) else { return self.words(handle) };
        match pointer {
            Pointer { shared: false, base: None, at } => vec![self.address(Word(at))],
            Pointer { base, at, .. } => {
                let at = self.compiler.constant(at);
                vec![base.map_or(at, |base| self.two(|a, b| a + b, base, at))]
            }
        }
    }

    fn inner(&self, handle: Handle<Expression>) -> &TypeInner {
        self.info[handle].ty.inner_with(&self.compiler.module.types)
    }

    fn scalar(&self, handle: Handle<Expression>) -> Scalar {
        self.inner(handle).scalar().unwrap_or(Scalar { kind: ScalarKind::Uint, width: 4 })
    }

    fn address(&mut self, of: Word) -> Word {
        let to = self.place(1);
        self.push(Op::Address { to, of });
        to
    }

    fn one(&mut self, f: numbers::One, a: Word) -> Word {
        let to = self.place(1);
        self.push(Op::One { f, to, a });
        to
    }

    fn two(&mut self, f: numbers::Two, a: Word, b: Word) -> Word {
        let to = self.place(1);
        self.push(Op::Two { f, to, a, b });
        to
    }

    fn three(&mut self, f: numbers::Three, a: Word, b: Word, c: Word) -> Word {
        let to = self.place(1);
        self.push(Op::Three { f, to, a, b, c });
        to
    }

    fn value(&mut self, handle: Handle<Expression>) -> Value {
        let function = self.function;
        Value::Words(match &function.expressions[handle] {
            Expression::Literal(literal) => self.compiler.literal(*literal),
            Expression::Constant(constant) => {
                let init = self.compiler.module.constants[*constant].init;
                self.compiler.global(init)
            }
            Expression::ZeroValue(ty) => self.compiler.zeros(*ty),
            Expression::Compose { ty, components } => {
                let parts: Vec<_> = components.iter().map(|&part| self.words(part)).collect();
                self.compiler.composed(*ty, &parts)
            }
            Expression::Splat { size, value } => vec![self.word(*value); *size as usize],
            Expression::Swizzle { size, vector, pattern } => {
                let vector = self.words(*vector);
                pattern[..*size as usize].iter().map(|&component| vector[component as usize]).collect()
            }
            Expression::FunctionArgument(index) => self.arguments[*index as usize].clone(),
            Expression::GlobalVariable(variable) => {
                let shared = self.compiler.module.global_variables[*variable].space != AddressSpace::Private;
                let first = self.compiler.layout.regions[variable.index()].first;
                let at = if shared { first } else { self.compiler.privates[variable.index()].0 };
                return Value::Pointer(Pointer { shared, base: None, at });
            }
            Expression::LocalVariable(variable) => {
                return Value::Pointer(Pointer { shared: false, base: None, at: self.locals[variable].0 });
            }
            Expression::AccessIndex { base, index } => return self.part(*base, *index),
            Expression::Access { base, index } => return self.indexed(*base, *index),
            Expression::Load { pointer } => self.load(*pointer),
            Expression::Unary { op, expr } => {
                let f = numbers::unary(*op, self.scalar(*expr).kind);
                self.words(*expr).into_iter().map(|a| self.one(f, a)).collect()
            }
            Expression::Binary { op, left, right } => self.binary(*op, *left, *right),
            Expression::Select { condition, accept, reject } => {
                let (condition, a, b) = (self.words(*condition), self.words(*accept), self.words(*reject));
                let each = (0..a.len()).map(|i| {
                    self.three(|c, a, b| if c == 0 { b } else { a }, condition[i % condition.len()], a[i], b[i])
                });
                each.collect()
            }
            Expression::Relational { fun, argument } => {
                let all = self.words(*argument);
                let f: numbers::Two = match fun {
                    RelationalFunction::All => |a, b| a & b,
                    RelationalFunction::Any => |a, b| a | b,
                    other => panic!("{other:?} is not known here"),
                };
                vec![all.into_iter().reduce(|a, b| self.two(f, a, b)).expect("a vector")]
            }
            Expression::Math { fun, arg, arg1, arg2, .. } => {
                let first = self.words(*arg);
                let further = [arg1, arg2].map(|arg| arg.map_or(vec![], |arg| self.words(arg)));
                let kind = self.scalar(*arg).kind;
                let of = |i: usize, arg: &[Word]| arg[i % arg.len()];
                let each = (0..first.len()).map(|i| match numbers::function(*fun, kind) {
                    Function::One(f) => self.one(f, first[i]),
                    Function::Two(f) => self.two(f, first[i], of(i, &further[0])),
                    Function::Three(f) => self.three(f, first[i], of(i, &further[0]), of(i, &further[1])),
                });
                each.collect()
            }
            Expression::As { expr, kind, convert } => {
                let (value, from) = (self.words(*expr), self.scalar(*expr));
                match (convert, from.width) {
                    (None, _) => value,
                    (Some(8), 4) => vec![value[0], self.compiler.constant(0)],
                    (Some(4), 8) => vec![value[0]],
                    _ => value.into_iter().map(|a| self.one(numbers::conversion(from.kind, *kind), a)).collect(),
                }
            }
            other => panic!("{other:?} is not known here"),
        })
    }

    fn binary(&mut self, op: BinaryOperator, left: Handle<Expression>, right: Handle<Expression>) -> Vec<Word> {
        use BinaryOperator::{Divide, Modulo, ShiftLeft, ShiftRight};
        let Scalar { kind, width } = self.scalar(left);
        let (a, b) = (self.words(left), self.words(right));
        if width == 8 {
            let b = [b[0], *b.get(1).unwrap_or(&self.compiler.constant(0))];
            let to = self.place(2);
            self.push(Op::Wide { f: numbers::wide(op), to, a: [a[0], a[1]], b });
            return vec![to, to.plus(1)];
        }
        let limit = match op {
            ShiftLeft | ShiftRight => Some(Limit::Shift),
            Divide | Modulo if kind != ScalarKind::Float => Some(Limit::Divisor),
            _ => None,
        };
        let each = (0..a.len().max(b.len())).map(|i| {
            let (a, b) = (a[i % a.len()], b[i % b.len()]);
            if let Some(limit) = limit {
                self.within(limit, b);
            }
            self.two(numbers::binary(op, kind), a, b)
        });
        each.collect()
    }

    /// The type whose part is accessed, and whether by a pointer to it.
    fn composite(&self, base: Handle<Expression>) -> (TypeInner, bool) {
        let ty = self.inner(base);
        match ty.pointer_base_type() {
            Some(resolved) => (resolved.inner_with(&self.compiler.module.types).clone(), true),
            None => (ty.clone(), false),
        }
    }

    /// A part that is known when the kernel is composed.
    fn part(&mut self, base: Handle<Expression>, index: u32) -> Value {
        let module = self.compiler.module;
        let (inner, of_pointer) = self.composite(base);
        let (at, member) = element(&inner, index);
        let count = member.map_or(1, |member| words(&module.types[member].inner));
        if of_pointer {
            let pointer = self.pointer(base);
            return Value::Pointer(Pointer { at: pointer.at + at, ..pointer });
        }
        Value::Words(self.words(base)[at as usize..(at + count) as usize].to_vec())
    }

    /// One that only a run knows.
    fn indexed(&mut self, base: Handle<Expression>, index: Handle<Expression>) -> Value {
        let (inner, of_pointer) = self.composite(base);
        let (count, stride) = match inner {
            TypeInner::Array { size: ArraySize::Constant(count), stride, .. } => (count.get(), stride / 4),
            TypeInner::Array { size: ArraySize::Dynamic, stride, .. } => {
                let Expression::GlobalVariable(variable) = self.function.expressions[base] else {
                    panic!("buffers are arrays here")
                };
                (self.compiler.layout.regions[variable.index()].words / (stride / 4), stride / 4)
            }
            TypeInner::Vector { size, .. } => (size as u32, 1),
            ref other => panic!("{other:?} has no elements"),
        };
        let index = self.word(index);
        let pointer = if of_pointer {
            self.pointer(base)
        } else {
            let value = self.words(base);
            let first = self.place(value.len() as u32);
            self.copy(first, &value);
            Pointer { shared: false, base: None, at: first.0 }
        };
        let (base, at) = match pointer {
            Pointer { base: Some(base), at, .. } => (base, at),
            Pointer { shared: true, at, .. } => (self.compiler.constant(0), at),
            Pointer { at, .. } => (self.address(Word(at)), 0),
        };
        let to = self.place(1);
        self.push(Op::Index { to, base, index, stride, count });
        if of_pointer {
            return Value::Pointer(Pointer { shared: pointer.shared, base: Some(to), at });
        }
        let value = self.place(stride);
        self.push(Op::Load { to: value, from: super::code::Place { base: to, first: at }, words: stride });
        Value::Words((0..stride).map(|i| value.plus(i)).collect())
    }
}
