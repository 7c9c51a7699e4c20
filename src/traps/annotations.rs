//! Dataclasses whose annotations are texts.
//!
//! `dataclasses` looks a text up in the module that `sys.modules` has for the class, to tell a
//! `ClassVar`; PyTask's module is not there (CPython 3.11, `dataclasses._is_type`).

use super::Look;
use super::walk::each_stmt;
use crate::ast::{Expr, ExprKind, Module, Stmt, StmtKind};
use crate::desugar::is_dataclass;
use crate::diagnostic::Code;
use crate::source::Span;

/// Looks at the dataclasses of the script.
pub(super) fn look(look: &mut Look<'_>) {
    let all = are_texts(look.module);
    let mut found: Vec<Span> = Vec::new();
    each_stmt(&look.module.body, &mut |stmt| {
        if let StmtKind::Class(class) = &stmt.kind
            && is_dataclass(class)
        {
            let mut fields = class.body.stmts.iter().filter_map(annotation);
            found.extend(fields.find(|e| is_looked_up(e, all)).map(|e| e.span));
        }
    });
    let help = match all {
        true => "leave out `from __future__ import annotations`, which makes texts of them all",
        false => "write the type as it is, without quotes",
    };
    for span in found {
        let message = "a dataclass with this annotation as a text cannot be made in PyTask's \
                       module: PyTask does not start";
        look.say(Code::TaskForm, span, message, Some(help));
    }
}

/// Whether `from __future__ import annotations` makes all annotations texts.
fn are_texts(module: &Module) -> bool {
    module.body.stmts.iter().any(|stmt| match &stmt.kind {
        StmtKind::ImportFrom {
            module: Some(module),
            names,
            ..
        } => module == "__future__" && names.iter().any(|n| n.name.name == "annotations"),
        _ => false,
    })
}

/// The annotation of a field.
fn annotation(stmt: &Stmt) -> Option<&Expr> {
    match &stmt.kind {
        StmtKind::AnnAssign {
            target, annotation, ..
        } if matches!(target.kind, ExprKind::Name(_)) => Some(annotation),
        _ => None,
    }
}

/// Whether the text of an annotation begins with a name without a module before it.
fn is_looked_up(annotation: &Expr, is_text: bool) -> bool {
    match (&annotation.kind, is_text) {
        (ExprKind::Name(_) | ExprKind::None, true) => true,
        (ExprKind::Subscript { value, .. }, true) => is_looked_up(value, true),
        (ExprKind::Binary { left, .. }, true) => is_looked_up(left, true),
        (ExprKind::Str(text), false) => {
            let text = text.trim_start();
            let rest = text.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
            rest.len() < text.len() && !rest.trim_start().starts_with('.')
        }
        _ => false,
    }
}
