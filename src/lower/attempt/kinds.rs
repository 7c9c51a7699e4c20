//! Operations that raise one of several exceptions: which one, their operand tells.
//!
//! Enters: an operation that gives an `Option`, and the text that it fails with. Leaves: what
//! it can raise, each with its message, and the function of the generated file that makes the
//! error of the operand. This module must not know who catches it.

use crate::catalog::Helper;
use crate::ir::failure::Failure;
use crate::ir::{Block, Expr, Stmt, StmtKind};

/// How what an operation raises is told from its operand.
pub(super) struct Kinds {
    /// The function that makes the error, where the error type is the file's own.
    pub(super) why: &'static str,
    /// The exceptions, with their messages.
    pub(super) classes: &'static [&'static str],
    /// Whether it also fails where Python goes on.
    pub(super) limit: bool,
    /// What the operand is called.
    operand: &'static str,
}

/// The operations of which that is known.
const KNOWN: &[(&str, Kinds, &str)] = &[
    (
        "float_to_int",
        Kinds {
            why: "why_no_int",
            classes: &["ValueError", "OverflowError"],
            limit: true,
            operand: "whole",
        },
        "/// Why a float has no int.
fn why_no_int(at: &'static str, x: f64) -> Raised {
    if x.is_nan() {
        Raised::ValueError(at, \"cannot convert float NaN to integer\".into())
    } else if x.is_infinite() {
        Raised::OverflowError(at, \"cannot convert float infinity to integer\".into())
    } else {
        Raised::NotPython(format!(\"{at}: an int leaves 64 bits\").into())
    }
}
",
    ),
    (
        "math2",
        Kinds {
            why: "why_no_power",
            classes: &["ZeroDivisionError", "OverflowError"],
            limit: false,
            operand: "base",
        },
        "/// Why a power of a number is no float.
fn why_no_power(at: &'static str, base: f64) -> Raised {
    if base == 0.0 {
        let message = \"0.0 cannot be raised to a negative power\";
        Raised::ZeroDivisionError(at, message.into())
    } else {
        let message = \"(34, 'Numerical result out of range')\";
        Raised::OverflowError(at, message.into())
    }
}
",
    ),
];

/// What an operation raises, where its operand tells.
pub(super) fn of(option: &Expr, failure: &Failure) -> Option<&'static Kinds> {
    let Expr::Call(helper, _) = option else {
        return None;
    };
    let (_, kinds, _) = KNOWN.iter().find(|(name, ..)| name == helper)?;
    let all = failure.classes.len() == kinds.classes.len();
    let named = |class: &String| kinds.classes.contains(&class.as_str());
    (all && failure.message.is_none() && failure.classes.iter().all(named)).then_some(kinds)
}

/// `helper(x).ok_or_else(|| why(at, x))`
pub(super) fn told_apart(option: &Expr, kinds: &Kinds, at: &str) -> Option<Expr> {
    let Expr::Call(helper, args) = option else {
        return None;
    };
    let mut args = args.clone();
    let mut stmts = Vec::new();
    let tested = args.first_mut()?;
    if !tested.is_simple() {
        let name = kinds.operand.to_string();
        stmts.push(Stmt::new(StmtKind::Let {
            name: name.clone(),
            mutable: false,
            ty: None,
            init: Some(std::mem::replace(tested, Expr::atom(name))),
        }));
    }
    let tested = tested.clone();
    let at = Expr::Atom(format!("{at:?}"));
    let why = Expr::call(kinds.why, vec![at, tested]);
    let call = Expr::call(helper.clone(), args).method(
        "ok_or_else",
        vec![Expr::Closure(String::new(), Box::new(why))],
    );
    Some(match stmts.is_empty() {
        true => call,
        false => Expr::Block(Block {
            stmts,
            value: Some(Box::new(call)),
        }),
    })
}

/// The operand that the message of a failure shows, where Python's message does.
pub(super) fn shown<'e>(option: &'e mut Expr, failure: &Failure) -> Option<&'e mut Expr> {
    if failure.message.is_some() {
        return None;
    }
    let [class] = failure.classes.as_slice() else {
        return None;
    };
    let by_key = class == "KeyError";
    match option {
        Expr::Call(helper, args) => match helper.as_str() {
            "parse_int" | "parse_float" => args.first_mut(),
            _ if by_key => args.last_mut(),
            _ => None,
        },
        Expr::Method(inner, name, args) if by_key => match name.as_str() {
            "get" | "get_mut" | "remove" | "take" => args.last_mut(),
            "copied" | "cloned" => shown(inner, failure),
            _ => None,
        },
        _ => None,
    }
}

/// The message of a failure that shows its operand.
pub(super) fn message(option: &Expr, failure: &Failure) -> Option<Expr> {
    let mut option = option.clone();
    let note = failure.note.clone()?;
    let operand = shown(&mut option, failure)?.clone();
    let plain = match &operand {
        Expr::Ref(inner) => (**inner).clone(),
        _ => operand.clone(),
    };
    if !plain.is_simple() {
        return None;
    }
    let text = Expr::call(Helper::StrRepr.name(), vec![operand]);
    match note.as_str() {
        "no such key, an int" => Some(plain.method("to_string", vec![])),
        "no such key, a str" => Some(text),
        _ if failure.classes == ["ValueError"] => {
            // `int()` shows 200 characters of it, `float()` all.
            let shown = match note.starts_with("invalid literal for int()") {
                true => format!("{note}: {{:.200}}"),
                false => format!("{note}: {{}}"),
            };
            let format = Expr::Atom(format!("{shown:?}"));
            Some(Expr::Macro("format".into(), vec![format, text]))
        }
        _ => None,
    }
}

/// Takes the operand that a message shows out of its operation, where it is not cheap to
/// write twice: the name that it gets.
pub(super) fn taken_out(option: &mut Expr, failure: &Failure, name: &str) -> Option<Stmt> {
    let operand = shown(option, failure)?;
    let cheap = match &*operand {
        Expr::Ref(inner) => inner.is_simple(),
        other => other.is_simple(),
    };
    if cheap {
        return None;
    }
    Some(Stmt::new(StmtKind::Let {
        name: name.to_string(),
        mutable: false,
        ty: None,
        init: Some(std::mem::replace(operand, Expr::atom(name))),
    }))
}

/// Whether the message of a failure can be made of its operand.
pub(super) fn has_message(option: &Expr, failure: &Failure) -> bool {
    let mut option = option.clone();
    let _ = taken_out(&mut option, failure, "x");
    message(&option, failure).is_some()
}

/// The functions that a file's text calls.
pub(super) fn items(text: &str) -> String {
    let used = KNOWN
        .iter()
        .filter(|(_, kinds, _)| text.contains(&format!("{}(", kinds.why)));
    used.map(|(_, _, item)| format!("\n{item}")).collect()
}
