//! Operators on numbers whose value tells whether they are ints or floats.

use crate::ast::{BinaryOp, Expr};
use crate::infer::Inference;
use crate::infer::model::Fact;
use crate::ranges::{FloatRange, IntRange, Range};
use crate::ty::Ty;

impl Inference<'_> {
    /// The fact of `a op b`, where one of the operands tells.
    pub(super) fn telling_binary(&mut self, e: &Expr, op: BinaryOp, a: &Fact, b: &Fact) -> Fact {
        if [a, b].iter().any(|f| f.ty.narrowed() == Ty::Number) {
            let what = format!(
                "`{}` of a number that tells whether it is an int and one that does not",
                op.symbol()
            );
            self.shows_ints(e, &what);
        }
        let float = [a, b].iter().any(|f| f.ty.narrowed() == Ty::Float);
        let (ra, rb) = (a.range.float(), b.range.float());
        let ints = a.int_part().zip(b.int_part());
        let result = |range: FloatRange, op: fn(IntRange, IntRange) -> IntRange| match float {
            true => Fact::float(FloatRange {
                loose: false,
                ..range
            }),
            false => Fact {
                range: Range::Float(FloatRange {
                    ints: ints.map(|(a, b)| op(a, b)),
                    int_zero: false,
                    loose: false,
                    ..range
                }),
                ..Fact::of(Ty::IntOrFloat)
            },
        };
        let any = FloatRange::ALL;
        match op {
            BinaryOp::Add => result(ra.add(rb), IntRange::add),
            BinaryOp::Sub => result(ra.sub(rb), IntRange::sub),
            BinaryOp::Mul => result(ra.mul(rb), IntRange::mul),
            BinaryOp::Div => Fact::float(ra.div(rb)),
            BinaryOp::FloorDiv => result(any, IntRange::floor_div),
            BinaryOp::Mod => result(any, IntRange::modulo),
            BinaryOp::Pow => result(any, |_, _| IntRange::ALL),
            BinaryOp::Shl
            | BinaryOp::Shr
            | BinaryOp::BitAnd
            | BinaryOp::BitOr
            | BinaryOp::BitXor
                if !float =>
            {
                let (a, b) = (self.as_int(a), self.as_int(b));
                self.binary(e, op, &a, &b)
            }
            BinaryOp::Shl
            | BinaryOp::Shr
            | BinaryOp::BitAnd
            | BinaryOp::BitOr
            | BinaryOp::BitXor
            | BinaryOp::MatMul => {
                let what = format!("`{}` on floats", op.symbol());
                self.mismatch(e, &what)
            }
        }
    }

    /// What a number that tells is where Python takes ints alone.
    pub(super) fn as_int(&self, fact: &Fact) -> Fact {
        match (fact.ty.narrowed(), fact.int_part()) {
            (Ty::IntOrFloat, Some(ints)) => Fact::int(ints.meet(IntRange::I64)),
            _ => fact.clone(),
        }
    }
}
