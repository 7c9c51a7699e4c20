//! Fields that are written: unknown ones, those named like a method, those of inputs.

use super::Look;
use super::shapes::{Func, Root, Shape};
use super::walk::{each_expr, each_stmt};
use crate::ast::{Expr, ExprKind, Stmt, StmtKind};
use crate::diagnostic::Code;
use crate::project::{FieldDef, RustTy};
use crate::source::Span;
use crate::ty::is_dict_method;
use crate::ty::{Side, last_segment};

/// What changes a list or a dict.
pub(super) const CHANGES: [&str; 14] = [
    "append",
    "extend",
    "insert",
    "pop",
    "remove",
    "clear",
    "sort",
    "reverse",
    "update",
    "popitem",
    "setdefault",
    "add",
    "discard",
    "appendleft",
];

/// Looks at every target, `del` and changing call of what runs.
pub(super) fn look(look: &mut Look<'_>) {
    let mut found = Vec::new();
    for f in look.functions.reached() {
        each_stmt(&f.ast.body, &mut |stmt| {
            for target in targets(stmt) {
                target_of(look, f, target, &mut found);
            }
        });
        each_expr(&f.ast.body, &mut |e| {
            let ExprKind::Call { func, args, .. } = &e.kind else {
                return;
            };
            let ExprKind::Attribute { value, attr } = &func.kind else {
                return;
            };
            let Some(Shape::Value { ty, root, .. }) = look.functions.shape(f, value) else {
                return;
            };
            let in_struct = look.functions.fields(&ty).is_some();
            // A field may have such a name.
            if !CHANGES.contains(&attr.name.as_str())
                || look.functions.field(&ty, &attr.name).is_some() && !in_struct
            {
                return;
            }
            if matches!(root, Root::Input(_)) && (in_struct || is_collection(&ty)) {
                input(e.span, &mut found);
            }
            if in_struct && matches!(attr.name.as_str(), "pop" | "popitem" | "clear") {
                let name = args.first().map(|a| &a.kind);
                let what = match name {
                    Some(ExprKind::Str(name)) => format!("`{name}`"),
                    _ => "a field".to_owned(),
                };
                taken_away(look, &ty, root, &what, e.span, &mut found);
            }
        });
    }
    for (code, span, message, help) in found {
        look.say(code, span, message, help.as_deref());
    }
}

type Found = Vec<(Code, Span, String, Option<String>)>;

/// What a statement assigns or deletes, with whether it deletes it.
fn targets(stmt: &Stmt) -> Vec<(&Expr, bool)> {
    let mut found = Vec::new();
    match &stmt.kind {
        StmtKind::Assign { targets, .. } => targets.iter().for_each(|t| flat(t, false, &mut found)),
        StmtKind::AugAssign { target, .. }
        | StmtKind::AnnAssign {
            target,
            value: Some(_),
            ..
        }
        | StmtKind::For { target, .. } => {
            flat(target, false, &mut found);
        }
        StmtKind::Delete(targets) => targets.iter().for_each(|t| flat(t, true, &mut found)),
        _ => {}
    }
    found
}

fn flat<'a>(target: &'a Expr, deletes: bool, into: &mut Vec<(&'a Expr, bool)>) {
    match &target.kind {
        ExprKind::Tuple(items) | ExprKind::List(items) => {
            items.iter().for_each(|t| flat(t, deletes, into))
        }
        ExprKind::Starred(inner) => flat(inner, deletes, into),
        _ => into.push((target, deletes)),
    }
}

/// The container of a target and the name of the field that is written, where it is one.
pub(super) fn field_target(target: &Expr) -> Option<(&Expr, &str)> {
    match &target.kind {
        ExprKind::Attribute { value, attr } => Some((value, &attr.name)),
        ExprKind::Subscript { value, index } => match &index.kind {
            ExprKind::Str(name) => Some((value, name)),
            _ => None,
        },
        _ => None,
    }
}

fn is_collection(ty: &RustTy) -> bool {
    matches!(
        ty,
        RustTy::Vec(_) | RustTy::Array(..) | RustTy::Map { .. } | RustTy::Tuple(_)
    )
}

fn target_of<'a>(
    look: &Look<'a>,
    f: &Func<'a>,
    (target, deletes): (&Expr, bool),
    found: &mut Found,
) {
    let container = match &target.kind {
        ExprKind::Attribute { value, .. } | ExprKind::Subscript { value, .. } => value,
        _ => return,
    };
    let shape = look.functions.shape(f, container);
    match shape {
        Some(
            Shape::Value {
                root: Root::Input(_),
                ..
            }
            | Shape::Message(Side::Input, _)
            | Shape::Metadata(Side::Input),
        ) => {
            input(target.span, found);
        }
        Some(Shape::Metadata(Side::Output))
            if field_target(target).is_some_and(|(_, name)| name == "process_time") =>
        {
            process_time(target.span, found);
        }
        _ => {}
    }
    let Some(Shape::Value { ty, root, .. }) = shape else {
        return;
    };
    let Some((_, name)) = field_target(target) else {
        return;
    };
    let Some(fields) = look.functions.fields(&ty) else {
        return;
    };
    let by_attribute = matches!(target.kind, ExprKind::Attribute { .. });
    match look.functions.field(&ty, name) {
        Some(_) if deletes => taken_away(look, &ty, root, &format!("`{name}`"), target.span, found),
        Some(_) if is_dict_method(name) && by_attribute => method_named(name, target.span, found),
        Some(_) => {}
        None if deletes || matches!(root, Root::Input(_)) => {}
        None => {
            let what = match root {
                Root::State => "it is gone in the next call",
                Root::Input(_) | Root::Output(_) => "PyTask drops this write",
            };
            let message = format!("`{}` has no field `{name}`: {what}", spelled(&ty));
            found.push((
                Code::UnknownFieldWritten,
                target.span,
                message,
                Some(has(fields)),
            ));
        }
    }
}

/// The name of a struct.
pub(super) fn spelled(ty: &RustTy) -> &str {
    match ty {
        RustTy::Named(key) => last_segment(key),
        _ => "it",
    }
}

/// The fields of a struct, in words.
pub(super) fn has(fields: &[FieldDef]) -> String {
    let names: Vec<&str> = fields
        .iter()
        .filter(|f| !f.skipped)
        .map(|f| f.python_name.as_str())
        .collect();
    format!("it has {}", names.join(", "))
}

/// A field named like a method of dicts.
pub(super) fn method_named(name: &str, span: Span, found: &mut Found) {
    let message = format!(
        "`{name}` is a method of the dict that this is: reading `.{name}` gives the method, writing it sets the field"
    );
    let help =
        format!("read it as `[\"{name}\"]`, or rename the field: `#[serde(rename = \"…\")]`");
    found.push((Code::MethodNamedField, span, message, Some(help)));
}

fn input(span: Span, found: &mut Found) {
    let message = "an input is changed: only the rest of this call sees it".to_owned();
    found.push((Code::MutatedInput, span, message, None));
}

fn process_time(span: Span, found: &mut Found) {
    let message =
        "`process_time` is what Copper measures: this overwrites it in the log".to_owned();
    found.push((Code::ProcessTime, span, message, None));
}

fn taken_away(look: &Look<'_>, ty: &RustTy, root: Root, what: &str, span: Span, found: &mut Found) {
    let optional = |f: &FieldDef| f.has_default || matches!(f.ty, RustTy::Option(_));
    let needed = look
        .functions
        .fields(ty)
        .is_some_and(|fields| !fields.iter().all(optional));
    if needed && !matches!(root, Root::Input(_)) {
        let message = format!(
            "{what} of `{}` is taken away: PyTask refuses what is left, and the call fails",
            spelled(ty)
        );
        found.push((Code::RefusedValue, span, message, None));
    }
}
