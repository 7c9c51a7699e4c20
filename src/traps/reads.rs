//! What is read and is not what it looks like.

use super::Look;
use super::fields::method_named;
use super::shapes::{Func, Root, Shape};
use super::values::Kind;
use super::walk::{each_expr, each_stmt};
use crate::ast::{CompareOp, Expr, ExprKind, StmtKind, UnaryOp};
use crate::diagnostic::Code;
use crate::project::{FloatTy, RustTy};
use crate::source::Span;
use crate::ty::Side;
use crate::ty::is_dict_method;
use std::collections::BTreeSet;

type Found = Vec<(Code, Span, String, Option<String>)>;

/// Looks at every expression of what runs.
pub(super) fn look(look: &mut Look<'_>) {
    let mut found = Vec::new();
    let written = written_fields(look);
    for f in look.functions.reached() {
        let mut called: BTreeSet<Span> = BTreeSet::new();
        let mut stored: BTreeSet<Span> = BTreeSet::new();
        each_expr(&f.ast.body, &mut |e| {
            if let ExprKind::Call { func, .. } = &e.kind {
                called.insert(func.span);
            }
        });
        each_stmt(&f.ast.body, &mut |stmt| match &stmt.kind {
            StmtKind::Assign { targets, .. } => stored.extend(targets.iter().map(|t| t.span)),
            StmtKind::AnnAssign { target, .. } => {
                stored.insert(target.span);
            }
            StmtKind::For { iter, .. } => order(look, f, iter, &mut found),
            _ => {}
        });
        each_expr(&f.ast.body, &mut |e| match &e.kind {
            ExprKind::Attribute { value, attr } if !stored.contains(&e.span) => {
                attribute(
                    look,
                    f,
                    value,
                    &attr.name,
                    e.span,
                    called.contains(&e.span),
                    &mut found,
                );
            }
            ExprKind::Compare { left, ops, rest } => {
                if let ([op], [right]) = (ops.as_slice(), rest.as_slice()) {
                    compare(look, f, left, *op, right, e.span, &written, &mut found);
                }
            }
            ExprKind::Unary {
                op: UnaryOp::Not,
                operand,
            } => never_none(look, f, operand, e.span, &mut found),
            ExprKind::Comprehension { clauses, .. } => {
                clauses
                    .iter()
                    .for_each(|clause| order(look, f, &clause.iter, &mut found));
            }
            _ => {}
        });
        if look.in_process_mode() {
            each_expr(&f.ast.body, &mut |e| {
                if matches!(e.kind, ExprKind::Attribute { .. })
                    && let Some(Shape::Value {
                        ty: RustTy::Char, ..
                    }) = look.functions.shape(f, e)
                {
                    let message =
                        "a `char` is an int in process mode, a text in embedded mode".to_owned();
                    found.push((Code::CharByMode, e.span, message, None));
                }
            });
        }
    }
    for (code, span, message, help) in found {
        look.say(code, span, message, help.as_deref());
    }
}

/// The fields that the script writes, in any struct.
fn written_fields<'a>(look: &Look<'a>) -> BTreeSet<&'a str> {
    let mut names = BTreeSet::new();
    for f in look.functions.reached() {
        each_stmt(&f.ast.body, &mut |stmt| {
            for target in stmt.targets() {
                if let Some((_, name)) = super::fields::field_target(target) {
                    names.insert(name);
                }
            }
        });
    }
    names
}

fn attribute<'a>(
    look: &Look<'a>,
    f: &Func<'a>,
    value: &'a Expr,
    name: &str,
    span: Span,
    is_called: bool,
    found: &mut Found,
) {
    match look.functions.shape(f, value) {
        Some(Shape::Value { ty, .. })
            if is_dict_method(name) && !is_called && look.functions.field(&ty, name).is_some() =>
        {
            method_named(name, span, found);
        }
        Some(Shape::Messages(side)) if matches!(name, "payload" | "tov" | "metadata") => {
            let (what, count) = match side {
                Side::Input => ("input", look.binding.inputs.len()),
                Side::Output => ("output", look.binding.outputs.len()),
            };
            let message = format!(
                "the task has {count} {what}s: Python gets a list of messages, which has no `.{name}`"
            );
            let help = match count {
                0 => None,
                _ => Some(format!("`{what}[0].{name}`")),
            };
            found.push((Code::MessagesAreAList, span, message, help));
        }
        Some(Shape::Metadata(Side::Output)) if name == "process_time" => {
            let message =
                "the `process_time` of an output is not measured yet: its times are 2**64 - 1"
                    .to_owned();
            found.push((Code::ProcessTime, span, message, None));
        }
        _ => {}
    }
}

#[allow(clippy::too_many_arguments)]
fn compare<'a>(
    look: &Look<'a>,
    f: &Func<'a>,
    left: &'a Expr,
    op: CompareOp,
    right: &'a Expr,
    span: Span,
    written: &BTreeSet<&str>,
    found: &mut Found,
) {
    if matches!(
        op,
        CompareOp::Is | CompareOp::IsNot | CompareOp::Eq | CompareOp::NotEq
    ) && matches!(right.kind, ExprKind::None)
    {
        never_none(look, f, left, span, found);
    }
    if !matches!(op, CompareOp::Eq | CompareOp::NotEq) {
        return;
    }
    for (field, literal) in [(left, right), (right, left)] {
        let Some(Shape::Value {
            ty: RustTy::Float(FloatTy::F32),
            root,
            ..
        }) = look.functions.shape(f, field)
        else {
            continue;
        };
        // A field of the state that the call has written is a float of 64 bits until its end.
        let name = super::fields::field_target(field).map_or("", |(_, name)| name);
        let kept = match root {
            Root::Input(_) => true,
            Root::State | Root::Output(_) => !written.contains(name),
        };
        if let Some(Kind::Float(x)) = look.kind(f, literal)
            && kept
            && x.is_finite()
            && f64::from(x as f32) != x
        {
            let message = format!(
                "an f32 is never equal to {x}: it is {} here at best",
                f64::from(x as f32)
            );
            let help = "compare with a tolerance: `abs(a - b) < 1e-6`".to_owned();
            found.push((Code::NeverEqual, span, message, Some(help)));
        }
    }
}

/// Reading the payload of an output makes one.
fn never_none<'a>(look: &Look<'a>, f: &Func<'a>, e: &'a Expr, span: Span, found: &mut Found) {
    if let Some(Shape::Value {
        root: Root::Output(_),
        whole: true,
        ..
    }) = look.functions.shape(f, e)
    {
        let message =
            "the payload of an output is never None: reading it makes a default one".to_owned();
        found.push((Code::NeverEqual, span, message, None));
    }
}

/// The order of a map.
fn order<'a>(look: &Look<'a>, f: &Func<'a>, iter: &'a Expr, found: &mut Found) {
    let map = match &iter.kind {
        ExprKind::Call { func, args, .. } if args.is_empty() => match &func.kind {
            ExprKind::Attribute { value, attr }
                if matches!(attr.name.as_str(), "items" | "keys" | "values") =>
            {
                value
            }
            _ => return,
        },
        _ => iter,
    };
    let Some(Shape::Value {
        ty: RustTy::Map { sorted, .. },
        ..
    }) = look.functions.shape(f, map)
    else {
        return;
    };
    let message = match sorted {
        true => "the keys of a `BTreeMap` come sorted in the next call, not as they were put in",
        false => "the keys of a `HashMap` come in another order in each call",
    };
    found.push((
        Code::MapOrder,
        iter.span,
        message.to_owned(),
        Some("`for key in sorted(…)`".to_owned()),
    ));
}
