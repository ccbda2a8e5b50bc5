//! What operators and functions of WGSL do with words.

use wgpu::naga::{AtomicFunction, BinaryOperator, MathFunction, ScalarKind, UnaryOperator};

pub type One = fn(u32) -> u32;
pub type Two = fn(u32, u32) -> u32;
pub type Three = fn(u32, u32, u32) -> u32;

macro_rules! reals {
    (|$($a:ident),+| $value:expr) => {
        |$($a: u32),+| {
            $(let $a = f32::from_bits($a);)+
            f32::to_bits($value)
        }
    };
}
macro_rules! signed {
    (|$($a:ident),+| $value:expr) => {
        |$($a: u32),+| {
            $(let $a = $a as i32;)+
            let value: i32 = $value;
            value as u32
        }
    };
}
macro_rules! compared {
    ($operator:tt, $kind:expr) => {
        match $kind {
            ScalarKind::Float => |a: u32, b: u32| u32::from(f32::from_bits(a) $operator f32::from_bits(b)),
            ScalarKind::Sint => |a: u32, b: u32| u32::from((a as i32) $operator (b as i32)),
            _ => |a: u32, b: u32| u32::from(a $operator b),
        }
    };
}

pub fn unary(op: UnaryOperator, kind: ScalarKind) -> One {
    match (op, kind) {
        (UnaryOperator::Negate, ScalarKind::Float) => |a| a ^ 0x8000_0000,
        (UnaryOperator::Negate, _) => |a| a.wrapping_neg(),
        (UnaryOperator::LogicalNot, _) => |a| a ^ 1,
        (UnaryOperator::BitwiseNot, _) => |a| !a,
    }
}

pub fn binary(op: BinaryOperator, kind: ScalarKind) -> Two {
    use BinaryOperator as Op;
    use ScalarKind::{Float, Sint};
    match (op, kind) {
        (Op::Add, Float) => reals!(|a, b| a + b),
        (Op::Subtract, Float) => reals!(|a, b| a - b),
        (Op::Multiply, Float) => reals!(|a, b| a * b),
        (Op::Divide, Float) => reals!(|a, b| a / b),
        (Op::Modulo, Float) => reals!(|a, b| a % b),
        (Op::Add, _) => |a, b| a.wrapping_add(b),
        (Op::Subtract, _) => |a, b| a.wrapping_sub(b),
        (Op::Multiply, _) => |a, b| a.wrapping_mul(b),
        (Op::Divide, Sint) => signed!(|a, b| if b == 0 { a } else { a.wrapping_div(b) }),
        (Op::Divide, _) => |a, b| a.checked_div(b).unwrap_or(a),
        (Op::Modulo, Sint) => signed!(|a, b| if b == 0 { 0 } else { a.wrapping_rem(b) }),
        (Op::Modulo, _) => |a, b| a.checked_rem(b).unwrap_or(0),
        (Op::Equal, _) => compared!(==, kind),
        (Op::NotEqual, _) => compared!(!=, kind),
        (Op::Less, _) => compared!(<, kind),
        (Op::LessEqual, _) => compared!(<=, kind),
        (Op::Greater, _) => compared!(>, kind),
        (Op::GreaterEqual, _) => compared!(>=, kind),
        (Op::And | Op::LogicalAnd, _) => |a, b| a & b,
        (Op::InclusiveOr | Op::LogicalOr, _) => |a, b| a | b,
        (Op::ExclusiveOr, _) => |a, b| a ^ b,
        (Op::ShiftLeft, _) => |a, b| a.wrapping_shl(b),
        (Op::ShiftRight, Sint) => |a, b| (a as i32).wrapping_shr(b) as u32,
        (Op::ShiftRight, _) => |a, b| a.wrapping_shr(b),
    }
}

/// The same of 64 bits.
pub fn wide(op: BinaryOperator) -> fn(u64, u64) -> u64 {
    match op {
        BinaryOperator::Add => |a, b| a.wrapping_add(b),
        BinaryOperator::Multiply => |a, b| a.wrapping_mul(b),
        BinaryOperator::ShiftRight => |a, b| a.wrapping_shr(b as u32),
        other => panic!("{other:?} of 64 bits is not known here"),
    }
}

/// Conversions by value.
pub fn conversion(from: ScalarKind, to: ScalarKind) -> One {
    use ScalarKind::{Bool, Float, Sint, Uint};
    match (from, to) {
        (Float, Uint) => |a| f32::from_bits(a) as u32,
        (Float, Sint) => |a| f32::from_bits(a) as i32 as u32,
        (Float, Bool) => |a| u32::from(f32::from_bits(a) != 0.0),
        (Uint | Bool, Float) => |a| (a as f32).to_bits(),
        (Sint, Float) => |a| (a as i32 as f32).to_bits(),
        (_, Bool) => |a| u32::from(a != 0),
        _ => |a| a,
    }
}

pub fn atomic(op: AtomicFunction, kind: ScalarKind) -> Two {
    match (op, kind) {
        (AtomicFunction::Add, _) => |a, b| a.wrapping_add(b),
        (AtomicFunction::Subtract, _) => |a, b| a.wrapping_sub(b),
        (AtomicFunction::And, _) => |a, b| a & b,
        (AtomicFunction::InclusiveOr, _) => |a, b| a | b,
        (AtomicFunction::ExclusiveOr, _) => |a, b| a ^ b,
        (AtomicFunction::Min, ScalarKind::Sint) => signed!(|a, b| a.min(b)),
        (AtomicFunction::Max, ScalarKind::Sint) => signed!(|a, b| a.max(b)),
        (AtomicFunction::Min, _) => |a, b| a.min(b),
        (AtomicFunction::Max, _) => |a, b| a.max(b),
        (AtomicFunction::Exchange { compare: None }, _) => |_, b| b,
        (other, _) => panic!("{other:?} is not known here"),
    }
}

/// Functions by the number of their arguments.
pub enum Function {
    One(One),
    Two(Two),
    Three(Three),
}

pub fn function(function: MathFunction, kind: ScalarKind) -> Function {
    use Function::{One, Three, Two};
    use MathFunction as F;
    use ScalarKind::{Float, Sint};
    match (function, kind) {
        (F::Abs, Float) => One(|a| a & 0x7fff_ffff),
        (F::Abs, Sint) => One(signed!(|a| a.wrapping_abs())),
        (F::Floor, _) => One(reals!(|a| a.floor())),
        (F::Ceil, _) => One(reals!(|a| a.ceil())),
        (F::Round, _) => One(reals!(|a| a.round_ties_even())),
        (F::Trunc, _) => One(reals!(|a| a.trunc())),
        (F::Exp, _) => One(reals!(|a| a.exp())),
        (F::Log, _) => One(reals!(|a| a.ln())),
        (F::Sqrt, _) => One(reals!(|a| a.sqrt())),
        (F::CountOneBits, _) => One(|a| a.count_ones()),
        (F::CountLeadingZeros, _) => One(|a| a.leading_zeros()),
        (F::CountTrailingZeros, _) => One(|a| a.trailing_zeros()),
        (F::FirstTrailingBit, _) => One(|a| if a == 0 { u32::MAX } else { a.trailing_zeros() }),
        (F::ReverseBits, _) => One(|a| a.reverse_bits()),
        (F::Min, Float) => Two(reals!(|a, b| a.min(b))),
        (F::Max, Float) => Two(reals!(|a, b| a.max(b))),
        (F::Min, Sint) => Two(signed!(|a, b| a.min(b))),
        (F::Max, Sint) => Two(signed!(|a, b| a.max(b))),
        (F::Min, _) => Two(|a, b| a.min(b)),
        (F::Max, _) => Two(|a, b| a.max(b)),
        (F::Pow, _) => Two(reals!(|a, b| a.powf(b))),
        (F::Clamp, Float) => Three(reals!(|a, b, c| a.max(b).min(c))),
        (F::Clamp, Sint) => Three(signed!(|a, b, c| a.max(b).min(c))),
        (F::Clamp, _) => Three(|a, b, c| a.max(b).min(c)),
        (F::Fma, _) => Three(reals!(|a, b, c| a.mul_add(b, c))),
        (F::ExtractBits, ScalarKind::Uint) => Three(|a, first, count| {
            let (first, count) = (first.min(32), count.min(32 - first.min(32)));
            ((u64::from(a) >> first) & ((1 << count) - 1)) as u32
        }),
        (F::ExtractBits, Sint) => Three(|a, first, count| {
            let (first, count) = (first.min(32), count.min(32 - first.min(32)));
            if count == 0 { 0 } else { ((a << (32 - first - count)) as i32 >> (32 - count)) as u32 }
        }),
        (other, kind) => panic!("{other:?} of {kind:?} is not known here"),
    }
}
