//! What functions raise, and the error type of a file that tells it apart across calls.
//!
//! A function returns `CuResult` as long as no handler has to know which exception left
//! it. One whose exceptions go to several handlers, or to one that reads the message,
//! returns `Result<_, Raised>`.

use super::kinds::{self, Kinds};
use super::sites::Callees;
use super::text::{error_text, literal, without_place};
use crate::catalog::exceptions;
use crate::catalog::helpers::Helper;
use crate::ir::failure::{Failure, is_limit};
use crate::ir::{Arm, Block, Expr, StmtKind};
use crate::project::Form;
use std::collections::{BTreeMap, BTreeSet};

/// What leaves a function as an error.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Raises {
    /// The exceptions of Python, and whether the message of each is known.
    pub(crate) classes: BTreeMap<String, bool>,
    /// Whether it also fails where Python would go on.
    pub(crate) limit: bool,
    /// Exceptions of which one operation raises this or that.
    pub(crate) several: BTreeSet<Vec<String>>,
    /// Why it is not known what it raises.
    pub(crate) unknown: Option<String>,
    /// Whether it returns nothing.
    pub(crate) unit: bool,
}

impl Raises {
    fn join(&mut self, other: &Raises) {
        for (class, known) in &other.classes {
            *self.classes.entry(class.clone()).or_insert(true) &= known;
        }
        self.limit |= other.limit;
        self.several.extend(other.several.iter().cloned());
        if self.unknown.is_none() {
            self.unknown.clone_from(&other.unknown);
        }
    }

    /// As [`Raises::join`], of functions that the Rust may not tell apart by name.
    pub(crate) fn merge(&mut self, other: &Raises) {
        self.join(other);
        self.unit &= other.unit;
    }
}

/// What leaves a function with that body.
pub(crate) fn raises(body: &Block, callees: &Callees<'_>, unit: bool) -> Raises {
    let mut found = Raises {
        unit,
        ..Raises::default()
    };
    block(body, callees, &[], &mut found);
    found
}

fn block(body: &Block, callees: &Callees<'_>, caught: &[String], found: &mut Raises) {
    for stmt in &body.stmts {
        if let StmtKind::Return(Some(Expr::Call(name, args))) = &stmt.kind
            && name == "Err"
        {
            match args.first().and_then(error_text) {
                Some((what, computed)) => {
                    text(&what, false, callees, found);
                    if let Some(message) = &computed {
                        expr_children(message, callees, caught, found);
                    }
                }
                None => again(args.first(), caught, found),
            }
            continue;
        }
        let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
        stmt.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
        exprs
            .into_iter()
            .for_each(|e| expr(e, callees, caught, found));
        blocks
            .into_iter()
            .for_each(|b| block(b, callees, caught, found));
    }
    if let Some(value) = &body.value {
        expr(value, callees, caught, found);
    }
}

/// The exceptions that an arm binds.
fn caught_by(arm: &Arm, raises: &Raises) -> Vec<String> {
    let classes = raises.classes.keys().cloned();
    classes
        .filter(|class| arm.pattern.contains(&format!("Raised::{class}(")))
        .collect()
}

/// `return Err(error)`, where `error` is what an arm bound, or that made anew.
fn again(error: Option<&Expr>, caught: &[String], found: &mut Raises) {
    let error = match error {
        Some(Expr::Method(inner, name, _)) if name == "into" => Some(&**inner),
        other => other,
    };
    let one = match error {
        Some(Expr::Call(name, _)) => name.strip_prefix("Raised::").map(str::to_string),
        _ => None,
    };
    let classes = match (one, error) {
        (Some(class), _) => vec![class],
        (None, Some(Expr::Atom(name))) if name == "error" && !caught.is_empty() => caught.to_vec(),
        _ => return unknown(found),
    };
    for class in classes {
        found.classes.entry(class).or_insert(true);
    }
}

fn unknown(found: &mut Raises) {
    found.unknown = Some("raises an exception that is not known here".into());
}

fn text(what: &str, said: bool, callees: &Callees<'_>, found: &mut Raises) {
    let known = |class: &String| exceptions::is_builtin(class) || callees.own.contains_key(class);
    match Failure::of(what) {
        Some(failure) if failure.classes.iter().all(known) => {
            if failure.classes.len() > 1 {
                found.several.insert(failure.classes.clone());
            }
            for class in failure.classes {
                let said = said || failure.message.is_some() || callees.told(what).is_some();
                *found.classes.entry(class).or_insert(true) &= said;
            }
        }
        _ if is_limit(what) => found.limit = true,
        _ => {
            let what = what.split_once(": ").map_or(what, |(_, what)| what);
            found.unknown = Some(format!("fails with \"{what}\", which names no exception"));
        }
    }
}

fn expr(e: &Expr, callees: &Callees<'_>, caught: &[String], found: &mut Raises) {
    match e {
        Expr::Try(inner) => match &**inner {
            Expr::Method(option, name, args) if name == "ok_or" => {
                match args.first().and_then(literal) {
                    Some(what) => match told_apart(option, &what) {
                        Some((kinds, _)) => {
                            for class in kinds.classes {
                                found.classes.entry(class.to_string()).or_insert(true);
                            }
                            found.limit |= kinds.limit;
                        }
                        None => {
                            let said = Failure::of(&what)
                                .is_some_and(|failure| kinds::has_message(option, &failure));
                            text(&what, said, callees, found);
                        }
                    },
                    None => unknown(found),
                }
            }
            Expr::Method(_, name, _) if name == "map_err" || name == "store" => {
                found.limit = true;
            }
            call => match callees.called(call).and_then(|n| callees.raises.get(n)) {
                Some(raises) => found.join(raises),
                None => unknown(found),
            },
        },
        // The outcome of a call, told apart by a handler.
        Expr::Match { subject, arms } => {
            if let Some(raises) = callees.called(subject).and_then(|n| callees.raises.get(n)) {
                let mut left = raises.clone();
                let around = caught;
                let caught = |class: &str| {
                    arms.iter().any(|a| {
                        a.pattern.starts_with("Err(_")
                            || a.pattern.contains(&format!("Raised::{class}("))
                    })
                };
                left.classes.retain(|class, _| !caught(class));
                let through = arms.iter().any(|a| a.pattern == "Err(error)");
                found.several.extend(left.several.iter().cloned());
                if through {
                    found.join(&left);
                }
                expr_children(subject, callees, around, found);
                for arm in arms.iter().filter(|a| a.pattern != "Err(error)") {
                    block(&arm.body, callees, &caught_by(arm, raises), found);
                }
                return;
            }
        }
        _ => {}
    }
    expr_children(e, callees, caught, found);
}

fn expr_children(e: &Expr, callees: &Callees<'_>, caught: &[String], found: &mut Raises) {
    let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
    e.for_each_child(&mut |c| exprs.push(c), &mut |b| blocks.push(b));
    exprs
        .into_iter()
        .for_each(|c| expr(c, callees, caught, found));
    blocks
        .into_iter()
        .for_each(|b| block(b, callees, caught, found));
}

/// Makes the exceptions of a body values of `Raised`.
pub(crate) fn make_typed(body: &mut Block, callees: &Callees<'_>) {
    Classes { callees }.block(body);
}

/// Drops what exceptions keep in a function whose exceptions are texts.
pub(crate) fn drop_kept(body: &mut Block) {
    fn in_expr(e: &mut Expr) {
        e.for_each_child_mut(&mut in_expr, &mut drop_kept);
    }
    for stmt in &mut body.stmts {
        if let StmtKind::Return(Some(Expr::Call(name, args))) = &mut stmt.kind
            && name == "Err"
        {
            args.truncate(1);
        }
        stmt.for_each_child_mut(&mut in_expr, &mut drop_kept);
    }
    if let Some(value) = &mut body.value {
        in_expr(value);
    }
}

struct Classes<'t, 'c> {
    callees: &'t Callees<'c>,
}

impl Classes<'_, '_> {
    fn block(&mut self, body: &mut Block) {
        for stmt in &mut body.stmts {
            if let StmtKind::Return(Some(Expr::Call(name, args))) = &mut stmt.kind
                && name == "Err"
            {
                let kept = args.split_off(args.len().min(1));
                if let Some(error) = args.first_mut() {
                    self.error(error, kept);
                }
                continue;
            }
            let this = std::cell::RefCell::new(&mut *self);
            stmt.for_each_child_mut(&mut |e| this.borrow_mut().expr(e), &mut |b| {
                this.borrow_mut().block(b)
            });
        }
        if let Some(value) = &mut body.value {
            self.expr(value);
        }
    }

    /// `"place: Class: message".into()`
    fn error(&mut self, error: &mut Expr, kept: Vec<Expr>) {
        let Some((text, computed)) = error_text(error) else {
            return;
        };
        let Some(failure) = self.failure(&text) else {
            return;
        };
        let message = match computed {
            Some(Expr::Macro(name, args)) => {
                let mut args = without_place(&args);
                args.iter_mut().for_each(|arg| self.expr(arg));
                match args.as_slice() {
                    // A text that somebody made before.
                    [Expr::Atom(text), Expr::Atom(value)] if text == "\"{}\"" => {
                        Expr::atom(value).method("to_string", vec![])
                    }
                    [Expr::Atom(text), Expr::Call(repr, _)]
                        if text == "\"{}\"" && repr == Helper::StrRepr.name() =>
                    {
                        args.swap_remove(1)
                    }
                    _ => Expr::Macro(name, args),
                }
            }
            _ => match self.callees.told(&text) {
                Some(message) if failure.message.is_none() => message.clone(),
                _ => text_of(&failure, &text).method("into", vec![]),
            },
        };
        *error = variant(&failure, message);
        if let Expr::Call(_, args) = error {
            args.extend(kept);
        }
    }

    fn failure(&self, text: &str) -> Option<Failure> {
        let known = |c: &String| exceptions::is_builtin(c) || self.callees.own.contains_key(c);
        Failure::of(text).filter(|f| f.classes.iter().all(known))
    }

    fn expr(&mut self, e: &mut Expr) {
        if let Expr::Try(inner) = e
            && let Expr::Method(option, name, args) = &mut **inner
            && name == "ok_or"
            && let Some(text) = args.first().and_then(literal)
            && let Some(failure) = self.failure(&text)
        {
            if let Some((kinds, at)) = told_apart(option, &text)
                && let Some(call) = kinds::told_apart(option, kinds, &at)
            {
                **inner = call;
                let this = std::cell::RefCell::new(&mut *self);
                e.for_each_child_mut(&mut |c| this.borrow_mut().expr(c), &mut |b| {
                    this.borrow_mut().block(b)
                });
                return;
            }
            let operand = kinds::taken_out(option, &failure, "operand");
            let told = self.callees.told(&text).cloned();
            let message = kinds::message(option, &failure)
                .or(told.filter(|_| failure.message.is_none()))
                .unwrap_or_else(|| text_of(&failure, &text).method("into", vec![]));
            *name = "ok_or_else".into();
            *args = vec![Expr::Closure(
                String::new(),
                Box::new(variant(&failure, message)),
            )];
            if let Some(operand) = operand {
                **inner = Expr::Block(Block {
                    stmts: vec![operand],
                    value: Some(inner.clone()),
                });
            }
        }
        let this = std::cell::RefCell::new(&mut *self);
        e.for_each_child_mut(&mut |c| this.borrow_mut().expr(c), &mut |b| {
            this.borrow_mut().block(b)
        });
    }
}

/// What an operation raises where its operand tells, and where it stands.
fn told_apart(option: &Expr, text: &str) -> Option<(&'static Kinds, String)> {
    let failure = Failure::of(text)?;
    Some((kinds::of(option, &failure)?, failure.at))
}

/// The message of a failure as a literal; where Python's is not known, what we say.
fn text_of(failure: &Failure, text: &str) -> Expr {
    let message = failure.message.clone().unwrap_or_else(|| {
        text.split_once(" (")
            .map_or(text, |(_, note)| note.trim_end_matches(')'))
            .to_string()
    });
    Expr::Atom(format!("{message:?}"))
}

fn variant(failure: &Failure, message: Expr) -> Expr {
    let class = failure.classes.first().cloned().unwrap_or_default();
    let at = Expr::Atom(format!("{:?}", failure.at));
    Expr::call(format!("Raised::{class}"), vec![at, message])
}

/// The variant for what is no exception of Python.
pub(crate) const OTHER: &str = "NotPython";

/// The Rust of the error type.
pub(crate) fn item(
    variants: &BTreeSet<String>,
    kept: &dyn Fn(&str) -> Vec<String>,
    form: Form,
    bodies: &str,
) -> String {
    let (visible, error) = match form {
        Form::Task => ("", "CuError"),
        Form::Library => ("pub ", "String"),
        Form::Program => ("", "String"),
    };
    let classes = || variants.iter().filter(|v| *v != OTHER);
    let other = variants.contains(OTHER);
    let variants: String = classes()
        .map(|c| {
            let mut parts = vec!["&'static str".to_string(), "String".to_string()];
            parts.extend(kept(c));
            format!("    {c}({}),\n", parts.join(", "))
        })
        .collect();
    // What is a `String` already needs no conversion.
    let into = if error == "String" { "" } else { ".into()" };
    let arms: String = classes()
        .map(|c| {
            let rest = if kept(c).is_empty() { "" } else { ", .." };
            format!("            Raised::{c}(at, message{rest}) => format!(\"{{at}}: {c}: {{message}}\"){into},\n")
        })
        .collect();
    let head = "/// What is raised in Python: where, and what it says.";
    let (variant, arm, from) = match other {
        true => (
            format!("    /// No exception of Python.\n    {OTHER}({error}),\n"),
            "            Raised::NotPython(error) => error,\n",
            format!(
                "\nimpl From<{error}> for Raised {{\n    fn from(error: {error}) -> Self {{\n        Raised::NotPython(error)\n    }}\n}}\n\nimpl From<&str> for Raised {{\n    fn from(text: &str) -> Self {{\n        Raised::NotPython(text.into())\n    }}\n}}\n"
            ),
        ),
        false => (String::new(), "", String::new()),
    };
    // The names are Python's.
    let names: Vec<&str> = variants
        .lines()
        .filter_map(|l| l.split('(').next())
        .collect();
    let allowed = match !other && names.len() > 2 && names.iter().all(|n| n.ends_with("Error")) {
        true => "#[allow(clippy::enum_variant_names)]\n",
        false => "",
    };
    format!(
        "{head}\n{allowed}#[derive(Debug)]\n{visible}enum Raised {{\n{variants}{variant}}}\n\nimpl From<Raised> for {error} {{\n    fn from(raised: Raised) -> Self {{\n        match raised {{\n{arms}{arm}        }}\n    }}\n}}\n{from}{}",
        kinds::items(bodies)
    )
}
