//! Arithmetic: Python's results, in the plainest Rust that an interval allows.

use super::function::FnLower;
use crate::ast::{BinaryOp, Expr as PyExpr, ExprKind};
use crate::catalog::{Helper, telling};
use crate::diagnostic::Code;
use crate::ir::{BinOp, Expr, RTy};
use crate::project::IntTy;
use crate::ranges::IntRange;
use crate::ty::Ty;
use crate::value::{Fact, Val, int_type_range, int_val, natural_int};

impl FnLower<'_, '_> {
    /// `a op b`; `hint` is the field that an int result goes to.
    pub(super) fn arithmetic(
        &mut self,
        e: &PyExpr,
        op: BinaryOp,
        a: Val,
        b: Val,
        fact: &Fact,
        hint: Option<&(IntTy, String)>,
    ) -> Result<Val, Expr> {
        let (a, b) = (self.decayed(a), self.decayed(b));
        let (a, b) = (self.present(a), self.present(b));
        let number = |v: &Val| v.ty.is_number() || v.ty == Ty::Bool;
        if fact.ty == Ty::Str && op == BinaryOp::Add {
            let (a, b) = (self.as_text(e, a)?, self.as_text(e, b)?);
            return Ok(Val::new(joined(a.expr, b.expr), RTy::String, fact));
        }
        if fact.ty == Ty::Str && op == BinaryOp::Mul {
            return self.repeated(e, a, b);
        }
        if !number(&a) || !number(&b) {
            return Err(self.hole(e));
        }
        let bits = match op {
            BinaryOp::BitAnd => Some(BinOp::BitAnd),
            BinaryOp::BitOr => Some(BinOp::BitOr),
            BinaryOp::BitXor => Some(BinOp::BitXor),
            _ => None,
        };
        if let (Some(bits), RTy::Bool, RTy::Bool) = (bits, &a.rty, &b.rty) {
            return Ok(Val::bool(a.expr.binary(bits, b.expr)));
        }
        if matches!(op, BinaryOp::Div | BinaryOp::FloorDiv | BinaryOp::Mod) && is_zero(&b) {
            let message = "this divides by zero: a ZeroDivisionError whenever it is reached";
            self.lw.report(Code::AlwaysRaises, e.span, message, None);
        }
        if a.rty == RTy::Number || b.rty == RTy::Number {
            return self.telling_arithmetic(e, op, a, b, fact, hint);
        }
        if a.ty.is_float() || b.ty.is_float() {
            return self.float_arithmetic(e, op, a, b, fact);
        }
        self.int_arithmetic(e, op, int_operand(a), int_operand(b), fact, hint)
    }

    /// Where an operand tells whether it is an int.
    fn telling_arithmetic(
        &mut self,
        e: &PyExpr,
        op: BinaryOp,
        a: Val,
        b: Val,
        fact: &Fact,
        hint: Option<&(IntTy, String)>,
    ) -> Result<Val, Expr> {
        let mut site = self.site();
        if fact.ty == Ty::Int {
            let error = format!("TypeError: `{}` of a float", op.symbol());
            let (a, b) = (
                telling::int(&a, &error, &mut site),
                telling::int(&b, &error, &mut site),
            );
            self.absorb(site, e.span);
            return self.int_arithmetic(e, op, int_operand(a), int_operand(b), fact, hint);
        }
        let result = telling::arithmetic(op, &a, &b, fact, &mut site);
        self.absorb(site, e.span);
        result.map_err(|why| self.partly(e, &why))
    }

    fn float_arithmetic(
        &mut self,
        e: &PyExpr,
        op: BinaryOp,
        a: Val,
        b: Val,
        fact: &Fact,
    ) -> Result<Val, Expr> {
        let divisor = b.range.float();
        let signless = fact.ty == Ty::Number && fact.range.float().int_zero;
        let plain = |op: BinOp| a.to_f64().binary(op, b.to_f64());
        let expr = match op {
            BinaryOp::Add => added(&a, &b),
            BinaryOp::Sub => subtracted(&a, &b),
            // A zero is always an int's, which has no sign.
            BinaryOp::Mul if signless => plain(BinOp::Mul).binary(BinOp::Add, Expr::atom("0.0")),
            BinaryOp::Mul => plain(BinOp::Mul),
            BinaryOp::Div if divisor.is_nonzero() => plain(BinOp::Div),
            BinaryOp::Div => self.checked(
                Helper::TrueDiv,
                &a,
                &b,
                "ZeroDivisionError: float division by zero",
            ),
            BinaryOp::FloorDiv => self.checked(
                Helper::FloatFloorDiv,
                &a,
                &b,
                "ZeroDivisionError: float floor division by zero",
            ),
            BinaryOp::Mod if divisor.lo > 0.0 && !divisor.nan => {
                let dividend = a.range.float();
                match dividend.lo >= 0.0 && !dividend.minus_zero {
                    true => plain(BinOp::Rem),
                    // Python's zero has the divisor's sign, Rust's the dividend's.
                    false => crate::catalog::float_receiver(a.to_f64())
                        .method("rem_euclid", vec![b.to_f64()])
                        .binary(BinOp::Add, Expr::atom("0.0")),
                }
            }
            BinaryOp::Mod => self.checked(
                Helper::FloatModulo,
                &a,
                &b,
                "ZeroDivisionError: float modulo",
            ),
            BinaryOp::Pow => self.float_pow(&a, &b),
            BinaryOp::MatMul
            | BinaryOp::Shl
            | BinaryOp::Shr
            | BinaryOp::BitAnd
            | BinaryOp::BitOr
            | BinaryOp::BitXor => {
                return Err(self.hole(e));
            }
        };
        Ok(Val::new(expr, RTy::F64, fact))
    }

    fn checked(&mut self, helper: Helper, a: &Val, b: &Val, what: &str) -> Expr {
        let error = self.error(what);
        Expr::call(self.helper(helper), vec![a.to_f64(), b.to_f64()]).ok_or(&error)
    }

    fn float_pow(&mut self, a: &Val, b: &Val) -> Expr {
        let (base, exponent) = (a.range.float(), b.range.float());
        let constant = (exponent.lo == exponent.hi && !exponent.nan).then_some(exponent.lo);
        let fits = constant.is_some_and(|n| {
            n >= 0.0 && base.magnitude().powf(n) < f64::MAX && (n.fract() == 0.0 || base.lo >= 0.0)
        });
        // The square of what an f32 holds is exact in an f64, however it is computed.
        if a.rty == RTy::F32 && constant == Some(2.0) {
            return a.to_f64().method("powi", vec![Expr::atom("2")]);
        }
        let pow = self.helper(Helper::Pow);
        if fits {
            return Expr::call(pow, vec![a.to_f64(), b.to_f64()]);
        }
        let whole = constant.is_some_and(|n| n.fract() == 0.0);
        let error = self.error(if whole || base.lo >= 0.0 {
            "ZeroDivisionError or OverflowError (`**`: zero to a negative power, or out of range)"
        } else {
            "`**`: zero to a negative power, a complex result, or out of range"
        });
        Expr::call(
            self.helper(Helper::Math2),
            vec![a.to_f64(), b.to_f64(), Expr::atom(pow)],
        )
        .ok_or(&error)
    }

    fn int_arithmetic(
        &mut self,
        e: &PyExpr,
        op: BinaryOp,
        a: Val,
        b: Val,
        fact: &Fact,
        hint: Option<&(IntTy, String)>,
    ) -> Result<Val, Expr> {
        let (ra, rb) = (a.range.int(), b.range.int());
        // `len(xs) - 1` of an array is a number; what the Python writes as a sum stays one.
        let number = |part: &PyExpr| matches!(part.kind, ExprKind::Int(_));
        let spelt = matches!(&e.kind, ExprKind::Binary { left, right, .. }
            if number(left) && number(right));
        if a.literal
            && b.literal
            && !spelt
            && matches!(op, BinaryOp::Add | BinaryOp::Sub)
            && let Some(value) = fact.range.int().constant()
        {
            return Ok(int_val(value));
        }
        match op {
            BinaryOp::Add => {
                Ok(self.int_operation(e, (BinOp::Add, "checked_add"), a, b, ra.add(rb), hint))
            }
            BinaryOp::Sub => {
                Ok(self.int_operation(e, (BinOp::Sub, "checked_sub"), a, b, ra.sub(rb), hint))
            }
            BinaryOp::Mul => {
                Ok(self.int_operation(e, (BinOp::Mul, "checked_mul"), a, b, ra.mul(rb), hint))
            }
            BinaryOp::Div => {
                if ra.within(IntRange::DOUBLES) && rb.within(IntRange::DOUBLES) {
                    let nonzero = !rb.contains(0);
                    let expr = if nonzero {
                        a.to_f64().binary(BinOp::Div, b.to_f64())
                    } else {
                        self.checked(
                            Helper::TrueDiv,
                            &a,
                            &b,
                            "ZeroDivisionError: division by zero",
                        )
                    };
                    return Ok(Val::new(expr, RTy::F64, fact));
                }
                // Only the way into a double rounds: a power of two divides exactly.
                if rb
                    .constant()
                    .is_some_and(|b| b > 0 && b.count_ones() == 1 && b <= 1 << 126)
                {
                    let expr = a.to_f64().binary(BinOp::Div, b.to_f64());
                    return Ok(Val::new(expr, RTy::F64, fact));
                }
                let (helper, int) = match natural_int(ra.join(rb)) {
                    IntTy::I128 => (Helper::WideTrueDiv, IntTy::I128),
                    _ => (Helper::IntTrueDiv, IntTy::I64),
                };
                let error = self.error("ZeroDivisionError: division by zero");
                let wide = self.error("an int leaves 64 bits");
                let args = vec![a.to_int_checked(int, &wide), b.to_int_checked(int, &wide)];
                let expr = Expr::call(self.helper(helper), args).ok_or(&error);
                Ok(Val::new(expr, RTy::F64, fact))
            }
            BinaryOp::FloorDiv | BinaryOp::Mod => Ok(self.floor_operation(op, a, b)),
            BinaryOp::Pow if fact.ty.is_float() => {
                Ok(Val::new(self.float_pow(&a, &b), RTy::F64, fact))
            }
            BinaryOp::Pow => {
                let exponent = rb.constant().and_then(|n| u32::try_from(n).ok());
                let result = fact.range.int();
                let int = natural_int(result.join(ra));
                if let (None, Some(int), Some(n)) = (
                    exponent,
                    result.within(IntRange::I64).then_some(IntTy::I64),
                    b.to_int(IntTy::U32),
                ) && result.lo.is_some()
                    && let Some(base) = a.to_int(int)
                {
                    let power = typed_literal(base, int).method("pow", vec![n]);
                    return Ok(Val::int(power, int, result));
                }
                if let (Some(n), true) = (exponent, result.within(int_type_range(int))) {
                    let wide = self.error("an int leaves 64 bits");
                    let base = a.to_int_checked(int, &wide);
                    let base = typed_literal(base, int);
                    return Ok(Val::int(
                        base.method("pow", vec![Expr::atom(n.to_string())]),
                        int,
                        result,
                    ));
                }
                self.may_leave(e, IntTy::I64);
                Ok(self.helper_int(Helper::IntPow, &a, &b, "`**` leaves 64 bits", result))
            }
            BinaryOp::Shl => {
                let result = ra.shl(rb);
                let register = self.register(&a);
                let int = register
                    .filter(|int| result.join(ra).within(int_type_range(*int)))
                    .unwrap_or_else(|| natural_int(result.join(ra)));
                let plain = rb.within(IntRange::new(0, i128::from(int_bits(int)) - 1))
                    && result.within(int_type_range(int));
                if plain && let (Some(x), Some(n)) = (a.to_int(int), b.to_int(IntTy::U32)) {
                    return Ok(Val::int(
                        typed_literal(x, int).binary(BinOp::Shl, n),
                        int,
                        result,
                    ));
                }
                self.may_leave(e, IntTy::I64);
                Ok(self.helper_int(
                    Helper::ShiftLeft,
                    &a,
                    &b,
                    if rb.lo.is_some_and(|lo| lo >= 0) {
                        "`<<` leaves 64 bits"
                    } else {
                        "ValueError (`<<` leaves 64 bits, or a negative shift)"
                    },
                    result,
                ))
            }
            BinaryOp::Shr => {
                let result = ra.shr(rb);
                let register = self.register(&a);
                let int = register.unwrap_or_else(|| natural_int(ra));
                let plain = rb.within(IntRange::new(0, i128::from(int_bits(int)) - 1));
                if plain && let (Some(x), Some(n)) = (a.to_int(int), b.to_int(IntTy::U32)) {
                    return Ok(Val::int(
                        typed_literal(x, int).binary(BinOp::Shr, n),
                        int,
                        result,
                    ));
                }
                Ok(self.helper_int(
                    Helper::ShiftRight,
                    &a,
                    &b,
                    "ValueError: negative shift count",
                    result,
                ))
            }
            BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor => {
                let bin = match op {
                    BinaryOp::BitAnd => BinOp::BitAnd,
                    BinaryOp::BitOr => BinOp::BitOr,
                    _ => BinOp::BitXor,
                };
                let result = if op == BinaryOp::BitAnd {
                    ra.bit_and(rb)
                } else {
                    ra.bit_or(rb)
                };
                let fits = |int: &IntTy| {
                    let held = result.within(int_type_range(*int));
                    held && a.to_int(*int).is_some() && b.to_int(*int).is_some()
                };
                let register = self.register_of_step(e.id, &a, &b).filter(fits);
                let int = register.unwrap_or_else(|| self.common(&a, &b, result));
                let error = self.error("an int leaves 64 bits");
                let expr = a
                    .to_int_checked(int, &error)
                    .binary(bin, b.to_int_checked(int, &error));
                Ok(Val::int(expr, int, result.meet(int_type_range(int))))
            }
            BinaryOp::MatMul => Err(self.hole(e)),
        }
    }

    /// Tells that CPython goes on where the Rust gives up.
    fn may_leave(&mut self, e: &PyExpr, int: IntTy) {
        let text = self.lw.input.source.slice(e.span);
        let what = match text.lines().count() {
            1 => format!("`{text}`"),
            _ => "this".to_string(),
        };
        let bits = int.bits();
        self.lw.report(
            Code::WideInt,
            e.span,
            &format!("{what} may leave {bits} bits: an error in the Rust, where Python goes on"),
            Some("keep it small: a mask (`& 0xFFFFFFFF`), a modulus, or `min(…)`"),
        );
    }

    fn helper_int(&mut self, helper: Helper, a: &Val, b: &Val, what: &str, range: IntRange) -> Val {
        let wide = self.error("an int leaves 64 bits");
        let args = vec![
            a.to_int_checked(IntTy::I64, &wide),
            b.to_int_checked(IntTy::I64, &wide),
        ];
        let error = self.error(what);
        Val::int(
            Expr::call(self.helper(helper), args).ok_or(&error),
            IntTy::I64,
            range.meet(IntRange::I64),
        )
    }

    /// `+`, `-`, `*`: in the type of the operands where the result fits it, in a wider one
    /// where that does, else checked.
    fn int_operation(
        &mut self,
        e: &PyExpr,
        (op, checked): (BinOp, &str),
        a: Val,
        b: Val,
        result: IntRange,
        hint: Option<&(IntTy, String)>,
    ) -> Val {
        let own = own_type(&a, &b);
        if let Some(int) = own
            && result.within(int_type_range(int))
            && let (Some(x), Some(y)) = (a.to_int(int), b.to_int(int))
        {
            return Val {
                literal: a.literal && b.literal,
                ..Val::int(x.binary(op, y), int, result)
            };
        }
        // Towards a field: what leaves the field's type is Python's error.
        if let Some((int, name)) = hint
            && own == Some(*int)
            && !result.within(int_type_range(*int))
            && let (Some(x), Some(y)) = (a.to_int(*int), b.to_int(*int))
        {
            let error = self.error(&format!("`{name}` leaves {}", int.name()));
            let expr = typed_literal(x, *int)
                .method(checked, vec![y])
                .ok_or(&error);
            return Val::int(expr, *int, result.meet(int_type_range(*int)));
        }
        let to_64_bits = hint.is_some_and(|(int, _)| int.bits() <= 64);
        let operands = a.range.int().join(b.range.int());
        let mut int = natural_int(result.join(operands));
        if to_64_bits && operands.within(IntRange::I64) {
            int = IntTy::I64;
        } else if natural_int(operands) == IntTy::I128 {
            int = IntTy::I128;
        }
        let error = self.error("an int leaves 64 bits");
        let (x, y) = (a.to_int_checked(int, &error), b.to_int_checked(int, &error));
        if result.within(int_type_range(int)) {
            return Val::int(x.binary(op, y), int, result);
        }
        // What `+=` adds up; steps of 32 bits take long to leave 64.
        let steps = IntRange::new(-(1 << 32), 1 << 32);
        let grows = !matches!(e.kind, ExprKind::Binary { .. }) && !b.range.int().within(steps);
        if hint.is_none() && (op == BinOp::Mul || grows) {
            self.may_leave(e, int);
        }
        let error = match hint {
            Some((to, name)) => self.error(&format!("`{name}` leaves {}", to.name())),
            None => error,
        };
        Val::int(
            typed_literal(x, int).method(checked, vec![y]).ok_or(&error),
            int,
            result.meet(int_type_range(int)),
        )
    }

    /// `//` and `%` on ints.
    fn floor_operation(&mut self, op: BinaryOp, a: Val, b: Val) -> Val {
        let (ra, rb) = (a.range.int(), b.range.int());
        let floor = op == BinaryOp::FloorDiv;
        let result = if floor {
            ra.floor_div(rb)
        } else {
            ra.modulo(rb)
        };
        if rb.lo.is_some_and(|lo| lo > 0) {
            let non_negative = ra.lo.is_some_and(|lo| lo >= 0);
            let int = self.common(&a, &b, result);
            let error = self.error("an int leaves 64 bits");
            let (x, y) = (a.to_int_checked(int, &error), b.to_int_checked(int, &error));
            let expr = match (floor, non_negative) {
                (true, true) => x.binary(BinOp::Div, y),
                (false, true) => x.binary(BinOp::Rem, y),
                (true, false) => typed_literal(x, int).method("div_euclid", vec![y]),
                (false, false) => typed_literal(x, int).method("rem_euclid", vec![y]),
            };
            return Val::int(expr, int, result.meet(int_type_range(int)));
        }
        if natural_int(ra.join(rb)) == IntTy::I128 {
            let helper = if floor {
                Helper::WideFloorDiv
            } else {
                Helper::WideModulo
            };
            let wide = self.error("an int leaves 128 bits");
            let args = [&a, &b].map(|v| v.to_int_checked(IntTy::I128, &wide));
            let error = self.error("ZeroDivisionError: integer division or modulo by zero");
            let expr = Expr::call(self.helper(helper), args.to_vec()).ok_or(&error);
            return Val::int(expr, IntTy::I128, result.meet(int_type_range(IntTy::I128)));
        }
        let helper = if floor {
            Helper::FloorDiv
        } else {
            Helper::Modulo
        };
        let what = if floor {
            "ZeroDivisionError: integer division or modulo by zero"
        } else {
            "ZeroDivisionError: integer modulo by zero"
        };
        self.helper_int(helper, &a, &b, what, result)
    }

    /// The type in which two ints meet.
    pub(super) fn common(&self, a: &Val, b: &Val, result: IntRange) -> IntTy {
        if let Some(int) = own_type(a, b)
            && result.within(int_type_range(int))
            && a.to_int(int).is_some()
            && b.to_int(int).is_some()
        {
            return int;
        }
        natural_int(a.range.int().join(b.range.int()).join(result))
    }
}

/// The Rust type that both operands have, or that one has and the other, a literal or a
/// constant, can take.
pub(super) fn own_type(a: &Val, b: &Val) -> Option<IntTy> {
    let flexible = |v: &Val| v.literal || matches!(v.expr, Expr::ConstInt { .. });
    match (&a.rty, &b.rty) {
        (RTy::Int(x), RTy::Int(y)) if x == y && !flexible(a) && !flexible(b) => Some(*x),
        (RTy::Int(x), RTy::Int(_)) if !flexible(a) && flexible(b) && b.to_int(*x).is_some() => {
            Some(*x)
        }
        (RTy::Int(_), RTy::Int(y)) if flexible(a) && !flexible(b) && a.to_int(*y).is_some() => {
            Some(*y)
        }
        _ => None,
    }
}

/// Two texts as one `format!`.
fn joined(a: Expr, b: Expr) -> Expr {
    let mut format = String::new();
    let mut args = Vec::new();
    for part in [a, b] {
        match part {
            Expr::Macro(name, mut parts)
                if name == "format"
                    && matches!(parts.first(), Some(Expr::Atom(text)) if !text.contains('$')) =>
            {
                if let Expr::Atom(text) = parts.remove(0) {
                    let inner = text.strip_prefix('"').and_then(|t| t.strip_suffix('"'));
                    format.push_str(inner.unwrap_or(&text));
                }
                args.extend(parts);
            }
            Expr::Atom(text) if text.starts_with('"') && !text.contains("\\u") => {
                let inner = text.strip_prefix('"').and_then(|t| t.strip_suffix('"'));
                format.push_str(&inner.unwrap_or(&text).replace('{', "{{").replace('}', "}}"));
            }
            other => {
                format.push_str("{}");
                args.push(other);
            }
        }
    }
    let mut all = vec![Expr::Atom(format!("\"{format}\""))];
    all.extend(args);
    Expr::Macro("format".into(), all)
}

/// A bool in arithmetic is 0 or 1.
fn int_operand(v: Val) -> Val {
    if v.ty == Ty::Bool && v.rty == RTy::Bool {
        return Val::int(
            Expr::call("i64::from", vec![v.expr]),
            IntTy::I64,
            IntRange::new(0, 1),
        );
    }
    v
}

fn int_bits(int: IntTy) -> u32 {
    int.bits() - u32::from(int.is_signed())
}

/// A literal needs its type before a method is called on it.
fn typed_literal(e: Expr, int: IntTy) -> Expr {
    match e {
        Expr::Atom(text) if text.starts_with(|c: char| c.is_ascii_digit()) => {
            Expr::Atom(format!("{text}_{}", int.name()))
        }
        Expr::NegLit(text) => Expr::NegLit(format!("{text}_{}", int.name())),
        other => other,
    }
}

/// Whether a number is zero, whatever happens.
fn is_zero(val: &Val) -> bool {
    match val.ty {
        Ty::Int => val.range.int().constant() == Some(0),
        Ty::Float => {
            let range = val.range.float();
            range.lo == 0.0 && range.hi == 0.0 && !range.nan
        }
        _ => false,
    }
}

/// `a + b` of floats.
fn added(a: &Val, b: &Val) -> Expr {
    let (x, y) = (a.to_f64(), b.to_f64());
    let x = any_zero(x, !b.range.float().minus_zero);
    let y = any_zero(y, !a.range.float().minus_zero);
    x.binary(BinOp::Add, y)
}

/// `a - b` of floats.
fn subtracted(a: &Val, b: &Val) -> Expr {
    let (x, y) = (a.to_f64(), b.to_f64());
    let x = any_zero(x, b.range.float().is_nonzero());
    let y = any_zero(y, !a.range.float().minus_zero);
    x.binary(BinOp::Sub, y)
}

/// An operand without the `+ 0.0` that only makes a zero positive, where the sum is the same.
pub(super) fn any_zero(operand: Expr, same: bool) -> Expr {
    match operand {
        Expr::Binary(BinOp::Add, inner, zero) if same && *zero == Expr::atom("0.0") => *inner,
        other => other,
    }
}
