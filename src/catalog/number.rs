//! Builtins and methods of single numbers: `pow(a, b, m)`, `n.bit_length()`.

use super::builtins::{float_receiver, receiver};
use super::{Arg, Call, Helper, Known, Site, Special, lowered, positional};
use crate::ir::{BinOp, Expr};
use crate::project::IntTy;
use crate::ranges::IntRange;
use crate::ty::Ty;
use crate::value::{Fact, Val};

fn infer_pow(args: &[Arg]) -> Result<Fact, String> {
    let [base, exponent, modulus] = positional(args, "pow")?;
    let ints = [&base, &exponent, &modulus]
        .iter()
        .all(|f| matches!(f.ty, Ty::Int | Ty::Bool));
    if !ints || base.ty == Ty::Bool || modulus.ty == Ty::Bool || exponent.ty == Ty::Bool {
        return Err("`pow()` with three arguments that are no ints is not translated".into());
    }
    if exponent.range.int().lo.is_none_or(|lo| lo < 0) {
        return Err("`pow()` with an exponent that may be negative is not translated".into());
    }
    Ok(Fact::int(
        IntRange::ALL
            .modulo(modulus.range.int())
            .meet(IntRange::I64),
    ))
}

fn lower_pow(call: Call, site: &mut Site) -> Result<Val, String> {
    let range = call.fact.range.int();
    let [base, exponent, modulus] = lowered(call)?;
    let wide = site.error("an int leaves 64 bits");
    let args = [&base, &exponent, &modulus].map(|v| v.to_int_checked(IntTy::I64, &wide));
    let error = site.error("ValueError: pow() 3rd argument cannot be 0");
    let expr = Expr::call(site.helper(Helper::ModPow), args.to_vec()).ok_or(&error);
    Ok(Val::int(expr, IntTy::I64, range))
}

/// The receiver as a signed integer, and how many bits that has.
fn signed(call: Call, site: &mut Site) -> Result<(Expr, i128), String> {
    let [x] = lowered(call)?;
    let int = x.natural_int();
    let error = site.error("an int leaves 64 bits");
    let expr = receiver(x.to_int_checked(int, &error), int);
    Ok((expr.method("unsigned_abs", vec![]), i128::from(int.bits())))
}

fn bit_length(call: Call, site: &mut Site) -> Result<Val, String> {
    let (size, bits) = signed(call, site)?;
    let zeros = size.method("leading_zeros", vec![]);
    Ok(Val::int(
        Expr::atom(bits.to_string()).binary(BinOp::Sub, zeros),
        IntTy::U32,
        IntRange::new(0, bits),
    ))
}

pub(super) const ALL: &[Known] = &[
    Known {
        name: "divmod",
        doc: "`divmod(a, b)` where it is unpacked, or of names and literals",
        infer: |_| {
            Err("`divmod()` of computed values in this place is not translated: unpack it, `q, r = divmod(a, b)`".into())
        },
        lower: |_, _| Err("`divmod()` in this place is not translated".into()),
        special: Special::NONE,
    },
    Known {
        name: "pow",
        doc: "`pow(a, b)`, and `pow(a, b, m)` of ints where `b` is not negative",
        infer: infer_pow,
        lower: lower_pow,
        special: Special::NONE,
    },
    Known {
        name: "<int>.bit_length",
        doc: "`n.bit_length()`",
        infer: |args| {
            positional::<1>(args, "bit_length")?;
            Ok(Fact::int(IntRange::new(0, 128)))
        },
        lower: bit_length,
        special: Special::NONE,
    },
    Known {
        name: "<int>.bit_count",
        doc: "`n.bit_count()`",
        infer: |args| {
            positional::<1>(args, "bit_count")?;
            Ok(Fact::int(IntRange::new(0, 128)))
        },
        lower: |call, site| {
            let (size, bits) = signed(call, site)?;
            let ones = size.method("count_ones", vec![]);
            Ok(Val::int(ones, IntTy::U32, IntRange::new(0, bits)))
        },
        special: Special::NONE,
    },
    Known {
        name: "<float>.is_integer",
        doc: "`x.is_integer()`",
        infer: |args| {
            positional::<1>(args, "is_integer")?;
            Ok(Fact::of(Ty::Bool))
        },
        lower: |call, _| {
            let [x] = lowered(call)?;
            let fract = float_receiver(x.to_f64()).method("fract", vec![]);
            Ok(Val::bool(fract.binary(BinOp::Eq, Expr::atom("0.0"))))
        },
        special: Special::NONE,
    },
];
