//! Python's `math`.
//!
//! CPython calls the C library, and so does Rust's standard library: `sin`, `exp` and kin
//! give the same bits where both link the same libm. Where the optimiser may replace the call
//! (`pow` with a constant), one ULP is possible: those carry a note (MIG0311).

use super::{Arg, Call, Helper, Known, Site, Special, lowered, positional, telling};
use crate::ir::{Expr, RTy};
use crate::project::IntTy;
use crate::ranges::{FloatRange, IntRange};
use crate::ty::Ty;
use crate::value::{Fact, Val, int_type_range};

/// The value of a constant of the module, and its path in Rust.
pub(super) fn constant(name: &str) -> Option<(f64, &'static str)> {
    Some(match name {
        "math.pi" => (std::f64::consts::PI, "std::f64::consts::PI"),
        "math.e" => (std::f64::consts::E, "std::f64::consts::E"),
        "math.tau" => (std::f64::consts::TAU, "std::f64::consts::TAU"),
        "math.inf" => (f64::INFINITY, "f64::INFINITY"),
        "math.nan" => (f64::NAN, "f64::NAN"),
        _ => return None,
    })
}

pub(super) fn number(fact: &Fact, name: &str) -> Result<FloatRange, String> {
    match fact.ty {
        Ty::Int | Ty::Float | Ty::Number | Ty::IntOrFloat => Ok(fact.range.float()),
        Ty::Bool => Ok(FloatRange {
            lo: 0.0,
            hi: 1.0,
            nan: false,
            finite: 1.0,
            minus_zero: false,
            ..FloatRange::ALL
        }),
        ref other => Err(format!(
            "`{name}()` of {} is not translated",
            other.describe()
        )),
    }
}

fn span(lo: f64, hi: f64, nan: bool) -> FloatRange {
    let finite = if lo.is_finite() && hi.is_finite() {
        lo.abs().max(hi.abs())
    } else {
        f64::MAX
    };
    FloatRange {
        lo,
        hi,
        nan,
        finite,
        ..FloatRange::ALL
    }
}

/// A function that is a method of `f64`. `total`: whether it never raises for arguments in
/// the given range.
fn method(
    call: Call,
    site: &mut Site,
    name: &str,
    total: fn(FloatRange) -> bool,
) -> Result<Val, String> {
    let range = call.fact.range.float();
    let [x] = lowered(call)?;
    let expr = if total(x.range.float()) {
        super::float_receiver(x.to_f64()).method(name, vec![])
    } else {
        let error = site.error(raised(name));
        match name {
            // What is asked before the call is asked once for two of one angle.
            "sin" | "cos" | "tan" => {
                let angle = site.helper(Helper::FiniteAngle);
                Expr::call(angle, vec![x.to_f64()])
                    .ok_or(&error)
                    .method(name, vec![])
            }
            _ => {
                let function = Expr::atom(format!("f64::{name}"));
                let helper = site.helper(Helper::Math);
                Expr::call(helper, vec![x.to_f64(), function]).ok_or(&error)
            }
        }
    };
    Ok(Val::f64(expr, range))
}

/// What Python raises where a function has no value.
fn raised(name: &str) -> &'static str {
    match name {
        "exp" | "exp_m1" | "sinh" | "cosh" => "OverflowError: math range error",
        _ => "ValueError: math domain error",
    }
}

fn always(_: FloatRange) -> bool {
    true
}

fn finite(x: FloatRange) -> bool {
    x.is_finite()
}

fn in_unit(x: FloatRange) -> bool {
    x.nan_free_within(-1.0, 1.0)
}

macro_rules! functions {
    ($($python:literal, $rust:literal, $total:expr, $lo:expr, $hi:expr;)*) => {
        &[$(Known {
            name: concat!("math.", $python),
            doc: concat!("`math.", $python, "(x)`: `f64::", $rust, "`"),
            infer: |args| {
                let [x] = positional(args, concat!("math.", $python))?;
                let range = number(&x, concat!("math.", $python))?;
                Ok(Fact::float(span($lo, $hi, range.nan)))
            },
            lower: |call, site| method(call, site, $rust, $total),
            special: Special::NONE,
        },)*]
    };
}

const INF: f64 = f64::INFINITY;
const HALF_PI: f64 = std::f64::consts::FRAC_PI_2;

const UNARY: &[Known] = functions! {
    "sin", "sin", finite, -1.0, 1.0;
    "cos", "cos", finite, -1.0, 1.0;
    "tan", "tan", finite, -INF, INF;
    "asin", "asin", in_unit, -HALF_PI, HALF_PI;
    "acos", "acos", in_unit, 0.0, std::f64::consts::PI;
    "atan", "atan", always, -HALF_PI, HALF_PI;
    "sinh", "sinh", |_| false, -INF, INF;
    "cosh", "cosh", |_| false, 1.0, INF;
    "tanh", "tanh", always, -1.0, 1.0;
    "exp", "exp", |x| x.hi <= 700.0, 0.0, INF;
    "expm1", "exp_m1", |x| x.hi <= 700.0, -1.0, INF;
    "log2", "log2", |x| x.lo > 0.0, -INF, INF;
    "log10", "log10", |x| x.lo > 0.0, -INF, INF;
    "log1p", "ln_1p", |x| x.lo > -1.0, -INF, INF;
};

impl FloatRange {
    /// Whether every value but NaN lies in `lo..=hi`.
    fn nan_free_within(self, lo: f64, hi: f64) -> bool {
        self.lo >= lo && self.hi <= hi
    }
}

fn float_result(args: &[Arg], name: &str, range: FloatRange) -> Result<Fact, String> {
    for arg in args {
        number(&arg.fact, name)?;
    }
    Ok(Fact::float(range))
}

/// A whole number from a float: `floor`, `ceil`, `trunc`, `int`, `round`.
pub(super) fn whole(x: &Val, rounding: &str, what: &str, site: &mut Site) -> Result<Val, String> {
    if matches!(x.ty, Ty::Int | Ty::Bool) {
        return Ok(x.clone());
    }
    if x.rty == RTy::Number {
        let range = telling::whole_range(&x.fact(), whole_range(x.range.float()));
        return Ok(telling::whole(x, rounding, what, range, site));
    }
    if !x.ty.is_float() {
        return Err(format!("`{what}` of {} is not translated", x.ty.describe()));
    }
    let range = whole_range(x.range.float());
    let rounded = super::float_receiver(x.to_f64()).method(rounding, vec![]);
    if !x.range.float().nan && range.within(int_type_range(IntTy::I64)) {
        return Ok(Val::int(
            rounded.cast(crate::ir::RTy::I64),
            IntTy::I64,
            range,
        ));
    }
    let error = site.error(&format!(
        "ValueError or OverflowError ({what}: no 64-bit int)"
    ));
    let helper = site.helper(Helper::FloatToInt);
    let expr = Expr::call(helper, vec![rounded]).ok_or(&error);
    Ok(Val::int(expr, IntTy::I64, range.meet(IntRange::I64)))
}

/// The interval of a float rounded in any direction.
pub(super) fn whole_range(x: FloatRange) -> IntRange {
    let bound = |v: f64| (v.abs() < 1e18).then_some(v as i128);
    IntRange {
        lo: bound(x.lo.floor()),
        hi: bound(x.hi.ceil()),
    }
}

fn whole_fact(args: &[Arg], name: &str) -> Result<Fact, String> {
    let [x] = positional(args, name)?;
    match x.ty {
        Ty::Int => Ok(x),
        Ty::Bool => Ok(Fact::int(IntRange::new(0, 1))),
        Ty::IntOrFloat => Ok(Fact::int(telling::whole_range(
            &x,
            whole_range(x.range.float()),
        ))),
        _ => {
            let range = whole_range(number(&x, name)?);
            // What leaves 64 bits is an error in the Rust.
            Ok(Fact::int(range.meet(IntRange::I64)))
        }
    }
}

fn two(call: Call, site: &mut Site, function: &str, what: &str) -> Result<Val, String> {
    let range = call.fact.range.float();
    let [x, y] = lowered(call)?;
    let error = site.error(what);
    let helper = site.helper(Helper::Math2);
    let expr = Expr::call(helper, vec![x.to_f64(), y.to_f64(), Expr::atom(function)]).ok_or(&error);
    Ok(Val::f64(expr, range))
}

fn test(call: Call, name: &str) -> Result<Val, String> {
    let [x] = lowered(call)?;
    Ok(Val::bool(
        super::float_receiver(x.to_f64()).method(name, vec![]),
    ))
}

fn bool_fact(args: &[Arg], name: &str) -> Result<Fact, String> {
    let [x] = positional(args, name)?;
    number(&x, name)?;
    Ok(Fact::of(Ty::Bool))
}

/// A function for which Rust's own differs from the C library's: a helper stands for it.
fn as_libm(
    call: Call,
    site: &mut Site,
    helper: Helper,
    total: fn(FloatRange) -> bool,
) -> Result<Val, String> {
    let range = call.fact.range.float();
    let [x] = lowered(call)?;
    let name = site.helper(helper);
    let expr = if total(x.range.float()) {
        Expr::call(name, vec![x.to_f64()])
    } else {
        let error = site.error("ValueError: math domain error");
        Expr::call(
            site.helper(Helper::Math),
            vec![x.to_f64(), Expr::atom(name)],
        )
        .ok_or(&error)
    };
    Ok(Val::f64(expr, range))
}

macro_rules! as_libm {
    ($($python:literal, $helper:ident, $total:expr, $lo:expr, $hi:expr;)*) => {
        &[$(Known {
            name: concat!("math.", $python),
            doc: concat!("`math.", $python, "(x)`, as the C library"),
            infer: |args| {
                let [x] = positional(args, concat!("math.", $python))?;
                let range = number(&x, concat!("math.", $python))?;
                Ok(Fact::float(span($lo, $hi, range.nan)))
            },
            lower: |call, site| as_libm(call, site, Helper::$helper, $total),
            special: Special::NONE,
        },)*]
    };
}

const AS_LIBM: &[Known] = as_libm! {
    "asinh", Asinh, always, -INF, INF;
    "acosh", Acosh, |x| !x.nan && x.lo >= 1.0, 0.0, INF;
    "atanh", Atanh, |x| !x.nan && x.lo > -1.0 && x.hi < 1.0, -INF, INF;
};

const OTHERS: &[Known] = &[
    Known {
        name: "math.sqrt",
        doc: "`math.sqrt(x)`: `f64::sqrt`; an error below zero",
        infer: |args| {
            let [x] = positional(args, "math.sqrt")?;
            let range = number(&x, "math.sqrt")?;
            Ok(Fact::float(span(0.0, range.hi.max(0.0).sqrt(), range.nan)))
        },
        lower: |call, site| method(call, site, "sqrt", |x| x.lo >= 0.0),
        special: Special::NONE,
    },
    Known {
        name: "math.fabs",
        doc: "`math.fabs(x)`: `f64::abs`",
        infer: |args| {
            let [x] = positional(args, "math.fabs")?;
            Ok(Fact::float(number(&x, "math.fabs")?.abs()))
        },
        lower: |call, site| method(call, site, "abs", always),
        special: Special::SIGNLESS,
    },
    Known {
        name: "math.radians",
        doc: "`math.radians(x)`: `f64::to_radians`",
        infer: |args| {
            let [x] = positional(args, "math.radians")?;
            let range = number(&x, "math.radians")?;
            Ok(Fact::float(
                range.mul(FloatRange::exactly(std::f64::consts::PI / 180.0)),
            ))
        },
        lower: |call, site| method(call, site, "to_radians", always),
        special: Special::NONE,
    },
    Known {
        name: "math.degrees",
        doc: "`math.degrees(x)`: `f64::to_degrees`",
        infer: |args| {
            let [x] = positional(args, "math.degrees")?;
            let range = number(&x, "math.degrees")?;
            Ok(Fact::float(
                range.mul(FloatRange::exactly(180.0 / std::f64::consts::PI)),
            ))
        },
        lower: |call, site| method(call, site, "to_degrees", always),
        special: Special::NONE,
    },
    Known {
        name: "math.log",
        doc: "`math.log(x)`, `math.log(x, base)`: `f64::ln`, and a quotient of two",
        infer: |args| match args {
            [_] | [_, _] => float_result(args, "math.log", FloatRange::ALL),
            _ => Err("`math.log()` with these arguments is not translated".into()),
        },
        lower: |call, site| {
            if call.args.len() == 1 {
                return method(call, site, "ln", |x| x.lo > 0.0);
            }
            let fact = call.fact.clone();
            let [x, base] = lowered(call)?;
            let one = |v: Val| Call {
                args: vec![v],
                keywords: vec![],
                fact: fact.clone(),
            };
            let numerator = method(one(x), site, "ln", |x| x.lo > 0.0)?;
            let denominator = method(one(base), site, "ln", |x| x.lo > 0.0)?;
            let error = site.error("ZeroDivisionError: float division by zero");
            let helper = site.helper(Helper::TrueDiv);
            Ok(Val::f64(
                Expr::call(helper, vec![numerator.expr, denominator.expr]).ok_or(&error),
                FloatRange::ALL,
            ))
        },
        special: Special::NONE,
    },
    Known {
        name: "math.atan2",
        doc: "`math.atan2(y, x)`: `f64::atan2`",
        infer: |args| {
            let [y, x] = positional(args, "math.atan2")?;
            let nan = number(&y, "math.atan2")?.nan || number(&x, "math.atan2")?.nan;
            Ok(Fact::float(span(
                -std::f64::consts::PI,
                std::f64::consts::PI,
                nan,
            )))
        },
        lower: |call, _| {
            let range = call.fact.range.float();
            let [y, x] = lowered(call)?;
            Ok(Val::f64(
                super::float_receiver(y.to_f64()).method("atan2", vec![x.to_f64()]),
                range,
            ))
        },
        special: Special::NONE,
    },
    Known {
        name: "math.copysign",
        doc: "`math.copysign(x, y)`: `f64::copysign`",
        infer: |args| {
            let [x, y] = positional(args, "math.copysign")?;
            number(&y, "math.copysign")?;
            let size = number(&x, "math.copysign")?.abs();
            Ok(Fact::float(FloatRange {
                lo: -size.hi,
                hi: size.hi,
                minus_zero: true,
                ..size
            }))
        },
        lower: |call, _| {
            let range = call.fact.range.float();
            let [x, y] = lowered(call)?;
            Ok(Val::f64(
                super::float_receiver(x.to_f64()).method("copysign", vec![y.to_f64()]),
                range,
            ))
        },
        special: Special::NONE,
    },
    Known {
        name: "math.pow",
        doc: "`math.pow(x, y)`, with Python's errors",
        infer: |args| {
            positional::<2>(args, "math.pow")?;
            float_result(args, "math.pow", FloatRange::ALL)
        },
        lower: |call, site| {
            let pow = site.helper(Helper::Pow);
            two(call, site, pow, "ValueError or OverflowError (math.pow)")
        },
        special: Special::NONE,
    },
    Known {
        name: "math.fmod",
        doc: "`math.fmod(x, y)`: Rust's `%`, with Python's errors",
        infer: |args| {
            positional::<2>(args, "math.fmod")?;
            float_result(args, "math.fmod", FloatRange::ALL)
        },
        lower: |call, site| two(call, site, "|x, y| x % y", "ValueError: math domain error"),
        special: Special::NONE,
    },
    Known {
        name: "math.floor",
        doc: "`math.floor(x)`: an int of at most 64 bits",
        infer: |args| whole_fact(args, "math.floor"),
        lower: |call, site| {
            let [x] = lowered(call)?;
            whole(&x, "floor", "math.floor", site)
        },
        special: Special::NONE,
    },
    Known {
        name: "math.ceil",
        doc: "`math.ceil(x)`: an int of at most 64 bits",
        infer: |args| whole_fact(args, "math.ceil"),
        lower: |call, site| {
            let [x] = lowered(call)?;
            whole(&x, "ceil", "math.ceil", site)
        },
        special: Special::NONE,
    },
    Known {
        name: "math.trunc",
        doc: "`math.trunc(x)`: an int of at most 64 bits",
        infer: |args| whole_fact(args, "math.trunc"),
        lower: |call, site| {
            let [x] = lowered(call)?;
            whole(&x, "trunc", "math.trunc", site)
        },
        special: Special::NONE,
    },
    Known {
        name: "math.isnan",
        doc: "`math.isnan(x)`: `f64::is_nan`",
        infer: |args| bool_fact(args, "math.isnan"),
        lower: |call, _| test(call, "is_nan"),
        special: Special::NONE,
    },
    Known {
        name: "math.isinf",
        doc: "`math.isinf(x)`: `f64::is_infinite`",
        infer: |args| bool_fact(args, "math.isinf"),
        lower: |call, _| test(call, "is_infinite"),
        special: Special::NONE,
    },
    Known {
        name: "math.isfinite",
        doc: "`math.isfinite(x)`: `f64::is_finite`",
        infer: |args| bool_fact(args, "math.isfinite"),
        lower: |call, _| test(call, "is_finite"),
        special: Special::NONE,
    },
];

/// The whole module, in the order of `docs/support.md`.
pub(super) fn all() -> impl Iterator<Item = &'static Known> {
    UNARY.iter().chain(AS_LIBM).chain(OTHERS)
}
