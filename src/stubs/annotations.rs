//! What the annotations of `process`, `start` and `stop` say of the app's types.
//!
//! Enters: the module and the app's types. Leaves: the types that they name, and where they
//! name others than the node has. Annotations of any other kind say nothing.

use super::names::names;
use crate::ast::{Expr, ExprKind, Function, Module, StmtKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::parse::parse;
use crate::project::{Binding, FloatTy, IntTy, RustTy, TypeTable};
use crate::source::SourceFile;
use crate::ty::last_segment;

/// The inputs, the state and the outputs of a task.
pub type TaskTypes = (Vec<RustTy>, RustTy, Vec<RustTy>);

/// What an annotation is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Annotation {
    Ctx,
    /// `Msg[A]`, `tuple[Msg[A], Msg[B]]`
    Inputs(Vec<String>),
    /// `Out[A]`, `tuple[Out[A], Out[B]]`
    Outputs(Vec<String>),
    /// A name.
    Plain(String),
    Other,
}

/// The types that the annotations of `process` name, where they name all of them.
pub fn annotated(module: &Module, types: &TypeTable) -> Option<TaskTypes> {
    let process = function(module, "process")?;
    let of = |i: usize| {
        let param = process.params.list.get(i)?;
        Some(annotation(param.annotation.as_ref()?))
    };
    let all = |names: &[String]| -> Option<Vec<RustTy>> {
        names.iter().map(|name| named(types, name)).collect()
    };
    match (of(1)?, of(2)?, of(3)?) {
        (Annotation::Inputs(inputs), Annotation::Plain(state), Annotation::Outputs(outputs)) => {
            Some((all(&inputs)?, named(types, &state)?, all(&outputs)?))
        }
        _ => None,
    }
}

/// Where annotations name other types than the node has.
pub fn mismatches(module: &Module, types: &TypeTable, binding: &Binding) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let names = names(types);
    let spell = |ty: &RustTy| match ty {
        RustTy::Named(key) => names.get(key).cloned().unwrap_or_else(|| key.clone()),
        other => match plain(other) {
            Some(name) => name.to_owned(),
            None => types.spell(other),
        },
    };
    let fits = |name: &str, ty: &RustTy| match ty {
        RustTy::Named(key) => {
            names.get(key).is_some_and(|own| own == name) || last_segment(key) == name
        }
        other => plain(other).is_none_or(|own| own == name),
    };
    let side = |wrapper: &str, tys: &[RustTy]| {
        let all: Vec<String> = tys
            .iter()
            .map(|ty| format!("{wrapper}[{}]", spell(ty)))
            .collect();
        match all.as_slice() {
            [one] => one.clone(),
            [] => "tuple[()]".to_owned(),
            all => format!("tuple[{}]", all.join(", ")),
        }
    };
    let agree = |given: &[String], tys: &[RustTy]| {
        given.len() == tys.len() && given.iter().zip(tys).all(|(name, ty)| fits(name, ty))
    };
    for (name, state) in [("process", 2), ("start", 1), ("stop", 1)] {
        let Some(f) = function(module, name) else {
            continue;
        };
        for (i, param) in f.params.list.iter().enumerate() {
            let Some(written) = &param.annotation else {
                continue;
            };
            let expected = match (i, name) {
                (0, _) => "Ctx".to_owned(),
                (i, _) if i == state => spell(&binding.state),
                (1, "process") => side("Msg", &binding.inputs),
                (3, "process") => side("Out", &binding.outputs),
                _ => continue,
            };
            let right = match (annotation(written), i) {
                (Annotation::Other, _) | (Annotation::Ctx, 0) => true,
                // A type of the user's own says nothing of the app's.
                (Annotation::Plain(name), i) if i == state => {
                    fits(&name, &binding.state) || !is_known(types, &name)
                }
                (Annotation::Plain(name), _) => !is_known(types, &name),
                (Annotation::Inputs(given), 1) if name == "process" => {
                    agree(&given, &binding.inputs)
                }
                (Annotation::Outputs(given), 3) => agree(&given, &binding.outputs),
                (Annotation::Ctx | Annotation::Inputs(_) | Annotation::Outputs(_), _) => false,
            };
            if !right {
                let message = format!("`{}` is a `{expected}` in this app", param.name.name);
                let help = "`migrate stubs` writes the types, with the signature of each task";
                found.push(
                    Diagnostic::new(Code::AnnotationMismatch, written.span, message)
                        .with_help(help),
                );
            }
        }
    }
    found
}

fn function<'a>(module: &'a Module, name: &str) -> Option<&'a Function> {
    module
        .body
        .stmts
        .iter()
        .rev()
        .find_map(|stmt| match &stmt.kind {
            StmtKind::Function(f) if f.name.name == name => Some(f),
            _ => None,
        })
}

fn annotation(e: &Expr) -> Annotation {
    match &e.kind {
        // Quoted: what stands between the quotes.
        ExprKind::Str(text) => {
            let source = SourceFile::new("annotation", "annotation", format!("({text})\n"));
            match parse(&source)
                .module
                .body
                .stmts
                .first()
                .map(|stmt| &stmt.kind)
            {
                Some(StmtKind::Expr(inner)) if !matches!(inner.kind, ExprKind::Str(_)) => {
                    annotation(inner)
                }
                _ => Annotation::Other,
            }
        }
        ExprKind::None => Annotation::Plain("None".into()),
        ExprKind::Name(_) | ExprKind::Attribute { .. } => match last_name(e) {
            Some("Ctx") => Annotation::Ctx,
            Some(name) => Annotation::Plain(name.to_owned()),
            None => Annotation::Other,
        },
        ExprKind::Subscript { value, index } => {
            match last_name(value) {
                Some("Msg") => last_name(index)
                    .map_or(Annotation::Other, |n| Annotation::Inputs(vec![n.into()])),
                Some("Out") => last_name(index)
                    .map_or(Annotation::Other, |n| Annotation::Outputs(vec![n.into()])),
                Some("tuple" | "Tuple") => several(index),
                _ => Annotation::Other,
            }
        }
        _ => Annotation::Other,
    }
}

/// `Msg[A], Msg[B]`
fn several(index: &Expr) -> Annotation {
    let ExprKind::Tuple(items) = &index.kind else {
        return Annotation::Other;
    };
    let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
    for item in items {
        match annotation(item) {
            Annotation::Inputs(mut names) => inputs.append(&mut names),
            Annotation::Outputs(mut names) => outputs.append(&mut names),
            Annotation::Ctx | Annotation::Plain(_) | Annotation::Other => return Annotation::Other,
        }
    }
    match (inputs.len(), outputs.len()) {
        (n, 0) if n == items.len() && n > 0 => Annotation::Inputs(inputs),
        (0, n) if n == items.len() && n > 0 => Annotation::Outputs(outputs),
        _ => Annotation::Other,
    }
}

/// `A` of `A` and of `stubs.A`, quoted or not.
fn last_name(e: &Expr) -> Option<&str> {
    match &e.kind {
        ExprKind::Name(name) => Some(name),
        ExprKind::Attribute { attr, .. } => Some(&attr.name),
        ExprKind::Str(text) => Some(text.rsplit('.').next().unwrap_or(text)),
        ExprKind::None => Some("None"),
        _ => None,
    }
}

/// Whether a name is that of a type of the stubs.
fn is_known(types: &TypeTable, name: &str) -> bool {
    matches!(name, "Msg" | "Out")
        || names(types).values().any(|own| own == name)
        || types.defs.keys().any(|key| last_segment(key) == name)
}

/// What Python calls a type that has no name of its own.
fn plain(ty: &RustTy) -> Option<&'static str> {
    match ty {
        RustTy::Bool => Some("bool"),
        RustTy::Int(_) | RustTy::CuTime | RustTy::CuDuration => Some("int"),
        RustTy::Float(_) => Some("float"),
        RustTy::String => Some("str"),
        RustTy::Unit => Some("None"),
        RustTy::Boxed(inner) => plain(inner),
        RustTy::Char
        | RustTy::Option(_)
        | RustTy::Array(..)
        | RustTy::Vec(_)
        | RustTy::ArrayVec(..)
        | RustTy::Tuple(_)
        | RustTy::Map { .. }
        | RustTy::Named(_)
        | RustTy::Opaque(_) => None,
    }
}

/// The type of the app that a name stands for.
fn named(types: &TypeTable, name: &str) -> Option<RustTy> {
    let by_stub = names(types).into_iter().find(|(_, own)| own == name);
    if let Some((key, _)) = by_stub {
        return Some(RustTy::Named(key));
    }
    Some(match name {
        "bool" => RustTy::Bool,
        "int" => RustTy::Int(IntTy::I64),
        "float" => RustTy::Float(FloatTy::F64),
        "str" => RustTy::String,
        "None" => RustTy::Unit,
        _ => return None,
    })
}
