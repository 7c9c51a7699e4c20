//! Of Python's `math`: what is more than one method of `f64`.

use super::builtins::float_receiver;
use super::elements::{any_number, element, elements};
use super::{Arg, Call, Helper, Known, Site, Special, lowered, positional};
use crate::diagnostic::Code;
use crate::ir::{BinOp, Expr, RTy};
use crate::project::IntTy;
use crate::ranges::{FloatRange, IntRange, Range};
use crate::ty::Ty;
use crate::value::{Fact, Val, int_type_range};

fn int(fact: &Fact, name: &str) -> Result<IntRange, String> {
    match fact.ty {
        Ty::Int => Ok(fact.range.int()),
        Ty::Bool => Ok(IntRange::new(0, 1)),
        ref other => Err(format!(
            "`{name}()` of {} is not translated",
            other.describe()
        )),
    }
}

fn float(fact: &Fact, name: &str) -> Result<FloatRange, String> {
    match fact.ty {
        Ty::Int | Ty::Float | Ty::Number | Ty::IntOrFloat => Ok(fact.range.float()),
        ref other => Err(format!(
            "`{name}()` of {} is not translated",
            other.describe()
        )),
    }
}

/// Ints by position, all of which must be ints.
fn ints(args: &[Arg], name: &str) -> Result<(), String> {
    if args.iter().any(|a| a.keyword.is_some()) {
        return Err(format!("`{name}()` by keyword is not translated"));
    }
    args.iter().try_for_each(|a| int(&a.fact, name).map(|_| ()))
}

/// `math.gcd(a, b, …)`, `math.lcm(a, b, …)`.
fn folded(
    call: Call,
    site: &mut Site,
    helper: Helper,
    name: &str,
    none: i128,
) -> Result<Val, String> {
    let range = IntRange::new(0, i64::MAX as i128);
    let wide = site.error("an int leaves 64 bits");
    let error = site.error(&format!("{name} leaves 64 bits"));
    let mut args = call
        .args
        .iter()
        .map(|v| v.to_int_checked(IntTy::I64, &wide));
    let Some(first) = args.next() else {
        return Ok(crate::value::int_val(none));
    };
    let rest: Vec<Expr> = args.collect();
    let helper = site.helper(helper);
    let one = |a: Expr, b: Expr| Expr::call(helper, vec![a, b]).ok_or(&error);
    let expr = if rest.is_empty() {
        one(first, Expr::atom(none.to_string()))
    } else {
        rest.into_iter().fold(first, one)
    };
    Ok(Val::int(expr, IntTy::I64, range))
}

/// A helper of ints that gives an int, where CPython may raise.
fn int_helper(call: Call, site: &mut Site, helper: Helper, what: &str) -> Result<Val, String> {
    let range = call.fact.range.int();
    let wide = site.error("an int leaves 64 bits");
    let args = call
        .args
        .iter()
        .map(|v| v.to_int_checked(IntTy::I64, &wide));
    let args: Vec<Expr> = args.collect();
    let error = site.error(what);
    let expr = Expr::call(site.helper(helper), args).ok_or(&error);
    Ok(Val::int(expr, IntTy::I64, range))
}

fn isqrt(call: Call, site: &mut Site) -> Result<Val, String> {
    let [x] = lowered(call)?;
    let range = x.range.int();
    let int = x.natural_int();
    let wide = site.error("an int leaves 64 bits");
    let fits = range.lo.is_some_and(|lo| lo >= 0);
    let hi = range.hi.map(|hi| hi.max(0).isqrt());
    let result = IntRange { lo: Some(0), hi }.meet(int_type_range(int));
    // An unsigned field has the root in its own type.
    if let (RTy::Int(own), true) = (&x.rty, fits)
        && !x.literal
    {
        return Ok(Val::int(
            x.expr.clone().method("isqrt", vec![]),
            *own,
            result,
        ));
    }
    let operand = super::builtins::receiver(x.to_int_checked(int, &wide), int);
    let expr = if fits {
        operand.method("isqrt", vec![])
    } else {
        let error = site.error("ValueError: isqrt() argument must be nonnegative");
        operand.method("checked_isqrt", vec![]).ok_or(&error)
    };
    Ok(Val::int(expr, int, result))
}

fn factorial_fact(args: &[Arg]) -> Result<Fact, String> {
    let [n] = positional(args, "math.factorial")?;
    let n = int(&n, "math.factorial")?;
    let mut most = Some(1_i128);
    for i in 1..=n.hi.unwrap_or(i128::MAX).clamp(0, 21) {
        most = most.and_then(|m| m.checked_mul(i));
    }
    let hi = if n.hi.is_some_and(|hi| hi <= 20) {
        most
    } else {
        Some(i64::MAX as i128)
    };
    Ok(Fact::int(IntRange { lo: Some(1), hi }))
}

/// The arguments of `math.isclose(a, b, rel_tol=…, abs_tol=…)`.
fn isclose_fact(args: &[Arg]) -> Result<Fact, String> {
    let by_position = args.iter().filter(|a| a.keyword.is_none()).count();
    if by_position != 2 {
        return Err("`math.isclose()` takes two numbers".into());
    }
    for arg in args {
        let range = float(&arg.fact, "math.isclose")?;
        match arg.keyword.as_deref() {
            None => {}
            Some("rel_tol" | "abs_tol") if !range.nan && range.lo >= 0.0 => {}
            Some("rel_tol" | "abs_tol") => {
                return Err(
                    "`math.isclose()` with a tolerance that may be negative is not translated"
                        .into(),
                );
            }
            Some(other) => return Err(format!("`math.isclose(… {other}=…)` is not translated")),
        }
    }
    Ok(Fact::of(Ty::Bool))
}

fn isclose(call: Call, site: &mut Site) -> Result<Val, String> {
    let tolerance = |name: &str, otherwise: &str| {
        let given = call.keywords.iter().find(|(keyword, _)| keyword == name);
        given.map_or_else(|| Expr::atom(otherwise), |(_, val)| val.to_f64())
    };
    let (relative, absolute) = (tolerance("rel_tol", "1e-9"), tolerance("abs_tol", "0.0"));
    let mut args: Vec<Expr> = call.args.iter().map(Val::to_f64).collect();
    args.extend([relative, absolute]);
    Ok(Val::bool(Expr::call(site.helper(Helper::IsClose), args)))
}

/// The elements of a list or tuple of numbers, as `f64`.
fn floats_of(list: &Val, name: &str) -> Result<Expr, String> {
    let refuse = || format!("`{name}()` of {} is not translated", list.ty.describe());
    let elem = match &list.ty {
        Ty::List { elem, .. } | Ty::Deque { elem, .. } => (**elem).clone(),
        Ty::Tuple(items) => items.iter().fold(Ty::Unknown, |a, b| a.join(b)),
        _ => return Err(refuse()),
    };
    let of = elements(list, &any_number(elem)).ok_or_else(refuse)?;
    if of.x.rty == RTy::F64 {
        return Ok(of.copied());
    }
    let closure = Expr::Closure(of.item.into(), Box::new(of.x.to_f64()));
    Ok(of.iter.method("map", vec![closure]))
}

fn prod_fact(args: &[Arg]) -> Result<Fact, String> {
    let [_] = positional(args, "math.prod")?;
    let elem = args.first().and_then(element).map(|f| f.ty);
    match elem {
        Some(Ty::Int) => Ok(Fact::int(IntRange::I64)),
        Some(Ty::Float | Ty::Number) => Ok(Fact::of(Ty::Number)),
        Some(Ty::Unknown) => Ok(Fact::unknown()),
        _ => Err("`math.prod()` of this is not translated".into()),
    }
}

fn prod(call: Call, site: &mut Site) -> Result<Val, String> {
    let fact = call.fact.clone();
    let [list] = lowered(call)?;
    if fact.ty != Ty::Int {
        let times = Expr::atom("product").binary(BinOp::Mul, Expr::atom("x"));
        let closure = Expr::Closure("product, x".into(), Box::new(times));
        let fold = floats_of(&list, "math.prod")?.method("fold", vec![Expr::atom("1.0"), closure]);
        return Ok(Val {
            ty: Ty::Number,
            ..Val::f64(fold, FloatRange::ALL)
        });
    }
    let refuse = || format!("`math.prod()` of {} is not translated", list.ty.describe());
    let of = elements(&list, &any_number(Ty::Int)).ok_or_else(refuse)?;
    let Some(x) = of.x.to_int(IntTy::I64).or_else(|| {
        super::elements::is_narrow(&of.x.rty)
            .then(|| Expr::call("i64::from", vec![Expr::atom("x")]))
    }) else {
        return Err(refuse());
    };
    let times = Expr::atom("product").method("checked_mul", vec![x]);
    let closure = Expr::Closure(format!("product: i64, {}", of.item), Box::new(times));
    let error = site.error("an int leaves 64 bits");
    let expr = of
        .iter
        .method("try_fold", vec![Expr::atom("1_i64"), closure])
        .ok_or(&error);
    Ok(Val::int(expr, IntTy::I64, IntRange::I64))
}

/// A helper that gives a tuple of numbers.
fn pair(call: Call, site: &mut Site, helper: Helper, tys: [RTy; 2]) -> Result<Val, String> {
    let fact = call.fact.clone();
    let [x] = lowered(call)?;
    let expr = Expr::call(site.helper(helper), vec![x.to_f64()]);
    Ok(Val::new(expr, RTy::Tuple(tys.to_vec()), &fact))
}

pub(super) const ALL: &[Known] = &[
    Known {
        name: "math.gcd",
        doc: "`math.gcd(a, b, …)`, at most 64 bits",
        infer: |args| {
            ints(args, "math.gcd")?;
            Ok(Fact::int(IntRange::new(0, i64::MAX as i128)))
        },
        lower: |call, site| folded(call, site, Helper::Gcd, "math.gcd", 0),
        special: Special::NONE,
    },
    Known {
        name: "math.lcm",
        doc: "`math.lcm(a, b, …)`, at most 64 bits",
        infer: |args| {
            ints(args, "math.lcm")?;
            Ok(Fact::int(IntRange::new(0, i64::MAX as i128)))
        },
        lower: |call, site| folded(call, site, Helper::Lcm, "math.lcm", 1),
        special: Special::NONE,
    },
    Known {
        name: "math.isqrt",
        doc: "`math.isqrt(n)`: `isqrt` of Rust's integers",
        infer: |args| {
            let [n] = positional(args, "math.isqrt")?;
            let range = int(&n, "math.isqrt")?;
            Ok(Fact::int(IntRange {
                lo: Some(0),
                hi: range.hi.map(|hi| hi.max(0).isqrt()),
            }))
        },
        lower: isqrt,
        special: Special::NONE,
    },
    Known {
        name: "math.factorial",
        doc: "`math.factorial(n)`, at most 64 bits",
        infer: factorial_fact,
        lower: |call, site| {
            int_helper(
                call,
                site,
                Helper::Factorial,
                "factorial() of a negative number, or beyond 64 bits",
            )
        },
        special: Special::NONE,
    },
    Known {
        name: "math.comb",
        doc: "`math.comb(n, k)`, at most 64 bits",
        infer: |args| {
            positional::<2>(args, "math.comb")?;
            ints(args, "math.comb")?;
            Ok(Fact::int(IntRange::new(0, i64::MAX as i128)))
        },
        lower: |call, site| {
            int_helper(
                call,
                site,
                Helper::Comb,
                "comb() of a negative number, or beyond 64 bits",
            )
        },
        special: Special::NONE,
    },
    Known {
        name: "math.prod",
        doc: "`math.prod(xs)` of numbers",
        infer: prod_fact,
        lower: prod,
        special: Special::NONE,
    },
    Known {
        name: "math.fsum",
        doc: "`math.fsum(xs)`: correctly rounded",
        infer: |args| {
            positional::<1>(args, "math.fsum")?;
            match args.first().and_then(element).map(|f| f.ty) {
                Some(Ty::Int | Ty::Float | Ty::Number | Ty::IntOrFloat) => {
                    Ok(Fact::float(FloatRange::ALL))
                }
                Some(Ty::Unknown) => Ok(Fact::unknown()),
                _ => Err("`math.fsum()` of this is not translated".into()),
            }
        },
        lower: |call, site| {
            let [list] = lowered(call)?;
            let values = match floats_of(&list, "math.fsum")? {
                Expr::Method(array, name, _) if name == "into_iter" => *array,
                iter => iter,
            };
            let error = site.error(
                "ValueError or OverflowError (fsum: infinities of both signs, or out of range)",
            );
            let expr = Expr::call(site.helper(Helper::Fsum), vec![values]).ok_or(&error);
            Ok(Val::f64(expr, FloatRange::ALL))
        },
        special: Special::NONE,
    },
    Known {
        name: "math.isclose",
        doc: "`math.isclose(a, b, rel_tol=…, abs_tol=…)`",
        infer: isclose_fact,
        lower: isclose,
        special: Special::NONE,
    },
    Known {
        name: "math.remainder",
        doc: "`math.remainder(x, y)`, with Python's errors",
        infer: |args| {
            for fact in positional::<2>(args, "math.remainder")? {
                float(&fact, "math.remainder")?;
            }
            Ok(Fact::float(FloatRange::ALL))
        },
        lower: |call, site| {
            let [x, y] = lowered(call)?;
            let (dividend, divisor) = (x.range.float(), y.range.float());
            let helper = site.helper(Helper::IeeeRemainder);
            let args = vec![x.to_f64(), y.to_f64()];
            let expr = if dividend.is_finite() && divisor.is_nonzero() && !divisor.nan {
                Expr::call(helper, args)
            } else {
                let error = site.error("ValueError: math domain error");
                let mut args = args;
                args.push(Expr::atom(helper));
                Expr::call(site.helper(Helper::Math2), args).ok_or(&error)
            };
            Ok(Val::f64(expr, FloatRange::ALL))
        },
        special: Special::NONE,
    },
    Known {
        name: "math.modf",
        doc: "`math.modf(x)`",
        infer: |args| {
            let [x] = positional(args, "math.modf")?;
            float(&x, "math.modf")?;
            Ok(Fact::of(Ty::Tuple(vec![Ty::Float, Ty::Float])))
        },
        lower: |call, site| pair(call, site, Helper::Modf, [RTy::F64, RTy::F64]),
        special: Special::NONE,
    },
    Known {
        name: "math.frexp",
        doc: "`math.frexp(x)`",
        infer: |args| {
            let [x] = positional(args, "math.frexp")?;
            float(&x, "math.frexp")?;
            Ok(Fact::of(Ty::Tuple(vec![Ty::Float, Ty::Int])))
        },
        lower: |call, site| pair(call, site, Helper::Frexp, [RTy::F64, RTy::I64]),
        special: Special::NONE,
    },
    Known {
        name: "math.ldexp",
        doc: "`math.ldexp(x, n)`",
        infer: |args| {
            let [x, n] = positional(args, "math.ldexp")?;
            float(&x, "math.ldexp")?;
            int(&n, "math.ldexp")?;
            Ok(Fact::float(FloatRange::ALL))
        },
        lower: |call, site| {
            let [x, n] = lowered(call)?;
            let wide = site.error("an int leaves 64 bits");
            let error = site.error("OverflowError: math range error");
            let args = vec![x.to_f64(), n.to_int_checked(IntTy::I64, &wide)];
            let expr = Expr::call(site.helper(Helper::Ldexp), args).ok_or(&error);
            Ok(Val::f64(expr, FloatRange::ALL))
        },
        special: Special::NONE,
    },
    Known {
        name: "math.cbrt",
        doc: "`math.cbrt(x)`: `f64::cbrt`, up to three ULPs from glibc's",
        infer: |args| {
            let [x] = positional(args, "math.cbrt")?;
            Ok(Fact {
                range: Range::Float(FloatRange {
                    nan: float(&x, "math.cbrt")?.nan,
                    ..FloatRange::ALL
                }),
                ..Fact::of(Ty::Float)
            })
        },
        lower: |call, site| {
            let [x] = lowered(call)?;
            site.notes.push((
                Code::LibmUlp,
                "`math.cbrt` may differ in the last bit".into(),
            ));
            let range = x.range.float();
            let expr = float_receiver(x.to_f64()).method("cbrt", vec![]);
            Ok(Val::f64(
                expr,
                FloatRange {
                    nan: range.nan,
                    ..FloatRange::ALL
                },
            ))
        },
        special: Special::NONE,
    },
];
