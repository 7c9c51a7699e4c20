//! Python's builtin functions.
//!
//! Enters: a name. Leaves: its entry, and whether it is a builtin of Python at all. This
//! module must not know where it is called.

mod numbers;
mod sequences;

use super::{Arg, Call, Known, Site, Special};
use crate::ir::{Expr, RTy};
use crate::project::IntTy;
use crate::ranges::IntRange;
use crate::ty::Ty;
use crate::value::{Fact, Val, natural_int};

/// The names of Python's builtins, known to us or not.
pub(super) const PYTHON: [&str; 70] = [
    "abs",
    "aiter",
    "all",
    "anext",
    "any",
    "ascii",
    "bin",
    "bool",
    "breakpoint",
    "bytearray",
    "bytes",
    "callable",
    "chr",
    "classmethod",
    "compile",
    "complex",
    "delattr",
    "dict",
    "dir",
    "divmod",
    "enumerate",
    "eval",
    "exec",
    "filter",
    "float",
    "format",
    "frozenset",
    "getattr",
    "globals",
    "hasattr",
    "hash",
    "help",
    "hex",
    "id",
    "input",
    "int",
    "isinstance",
    "issubclass",
    "iter",
    "len",
    "list",
    "locals",
    "map",
    "max",
    "memoryview",
    "min",
    "next",
    "object",
    "oct",
    "open",
    "ord",
    "pow",
    "print",
    "property",
    "range",
    "repr",
    "reversed",
    "round",
    "set",
    "setattr",
    "slice",
    "sorted",
    "staticmethod",
    "str",
    "sum",
    "super",
    "tuple",
    "type",
    "vars",
    "zip",
];

fn as_int(fact: &Fact) -> IntRange {
    if fact.ty == Ty::Bool {
        IntRange::new(0, 1)
    } else {
        fact.range.int()
    }
}

fn is_int(ty: &Ty) -> bool {
    matches!(ty, Ty::Int | Ty::Bool)
}

/// A float literal needs its type before a method is called on it.
pub(crate) fn float_receiver(e: Expr) -> Expr {
    match e {
        Expr::Atom(text) if text.starts_with(|c: char| c.is_ascii_digit()) => {
            Expr::Atom(format!("{text}_f64"))
        }
        Expr::NegLit(text) => Expr::NegLit(format!("{text}_f64")),
        // A literal in one branch is enough.
        Expr::If {
            cond,
            then,
            otherwise: Some(mut otherwise),
        } => {
            let value = otherwise.value.take();
            otherwise.value = value.map(|value| Box::new(float_receiver(*value)));
            Expr::If {
                cond,
                then,
                otherwise: Some(otherwise),
            }
        }
        other => other,
    }
}

/// An int literal needs its type before a method is called on it.
pub(crate) fn receiver(e: Expr, int: IntTy) -> Expr {
    match e {
        Expr::Atom(text) if text.starts_with(|c: char| c.is_ascii_digit()) => {
            Expr::Atom(format!("{text}_{}", int.name()))
        }
        Expr::NegLit(text) => Expr::NegLit(format!("{text}_{}", int.name())),
        other => other,
    }
}

/// The type in which two ints meet: that of both, if it is one, else the natural one.
pub(super) fn common_int(a: &Val, b: &Val) -> IntTy {
    match (&a.rty, &b.rty) {
        (RTy::Int(x), RTy::Int(y)) if x == y && !a.literal && !b.literal => *x,
        (RTy::Int(x), _) if !a.literal && b.to_int(*x).is_some() && (b.literal || is_const(b)) => {
            *x
        }
        (_, RTy::Int(y)) if !b.literal && a.to_int(*y).is_some() && (a.literal || is_const(a)) => {
            *y
        }
        _ => natural_int(a.range.int().join(b.range.int())),
    }
}

fn is_const(v: &Val) -> bool {
    matches!(v.expr, Expr::ConstInt { .. })
}

fn refuse(_: &[Arg]) -> Result<Fact, String> {
    Err("this form of the call is not translated".into())
}

fn only_in_loops(_: Call, _: &mut Site) -> Result<Val, String> {
    Err("this is translated in a `for` only".into())
}

pub(super) const ALL: &[Known] = &[
    Known {
        name: "enumerate",
        doc: "`enumerate(xs[, start])` in a `for` or a comprehension; a constant start",
        infer: sequences::infer_enumerate,
        lower: only_in_loops,
        special: Special::NONE,
    },
    Known {
        name: "zip",
        doc: "`zip(xs, ys, …)` in a `for` or a comprehension",
        infer: sequences::infer_zip,
        lower: only_in_loops,
        special: Special::NONE,
    },
    Known {
        name: "reversed",
        doc: "`reversed(xs)` in a `for` or a comprehension",
        infer: sequences::infer_reversed,
        lower: only_in_loops,
        special: Special::NONE,
    },
    Known {
        name: "sorted",
        doc: "`sorted(xs[, key=…][, reverse=…])`: stable, NaN as CPython; a key that cannot raise",
        infer: refuse,
        lower: |_, _| Err("this form of `sorted()` is not translated".into()),
        special: Special::NONE,
    },
    Known {
        name: "next",
        doc: "`next((… for …)[, default])`",
        infer: sequences::infer_next,
        lower: |_, _| Err("`next()` of anything but a generator is not translated".into()),
        special: Special::NONE,
    },
    Known {
        name: "any",
        doc: "`any(…)`: by the truth of what is run through",
        infer: sequences::infer_quantifier,
        lower: |call, site| sequences::lower_quantifier(call, site, "any"),
        special: Special::NONE,
    },
    Known {
        name: "all",
        doc: "`all(…)`: by the truth of what is run through",
        infer: sequences::infer_quantifier,
        lower: |call, site| sequences::lower_quantifier(call, site, "all"),
        special: Special::NONE,
    },
    Known {
        name: "abs",
        doc: "`abs(x)` of numbers",
        infer: numbers::infer_abs,
        lower: numbers::lower_abs,
        special: Special::SIGNLESS,
    },
    Known {
        name: "round",
        doc: "`round(x)`, `round(x, n)`: ties to even; `n` not negative, or a constant from -18",
        infer: numbers::infer_round,
        lower: numbers::lower_round,
        special: Special::NONE,
    },
    Known {
        name: "len",
        doc: "`len(x)` of lists, tuples, dicts, sets, deques and strings",
        infer: sequences::infer_len,
        lower: sequences::lower_len,
        special: Special::NONE,
    },
    Known {
        name: "int",
        doc: "`int(x)` of numbers, `int(text[, base])`; at most 64 bits",
        infer: numbers::infer_int,
        lower: numbers::lower_int,
        special: Special::SIGNLESS,
    },
    Known {
        name: "float",
        doc: "`float(x)` of numbers and texts",
        infer: numbers::infer_float,
        lower: numbers::lower_float,
        special: Special::SIGNLESS,
    },
    Known {
        name: "bool",
        doc: "`bool(x)`",
        infer: numbers::infer_bool,
        lower: numbers::lower_bool,
        special: Special {
            condition: true,
            ..Special::NONE
        },
    },
    Known {
        name: "range",
        doc: "`range(stop)`, `range(start, stop[, step])`; a step whose sign is known",
        infer: sequences::infer_range,
        lower: sequences::lower_range,
        special: Special::NONE,
    },
];
