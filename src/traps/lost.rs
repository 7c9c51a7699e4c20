//! Changes that do not reach the message or the state: PyTask copies a plain list where it is
//! assigned, and does not notice every change of an empty payload.

use super::Look;
use super::fields::{CHANGES, field_target};
use super::shapes::{Func, Root, Shape};
use super::values::Kind;
use super::walk::{each_expr, each_stmt, root_name};
use crate::ast::{Block, Expr, ExprKind, Stmt, StmtKind, branches};
use crate::diagnostic::Code;
use crate::project::RustTy;
use crate::source::Span;
use crate::ty::Side;
use std::collections::BTreeSet;

type Found = Vec<(Code, Span, String, Option<String>)>;

/// Looks at lists and dicts that are changed.
pub(super) fn look(look: &mut Look<'_>) {
    let mut found = Vec::new();
    let seen = seen_writes(look);
    for f in look.functions.reached() {
        unseen(look, f, &seen, &mut found);
        copied(look, f, &mut found);
    }
    for (code, span, message, help) in found {
        look.say(code, span, message, help.as_deref());
    }
}

/// The outputs that some write is noticed of.
fn seen_writes(look: &Look<'_>) -> BTreeSet<usize> {
    let mut seen = BTreeSet::new();
    for f in look.functions.reached() {
        each_stmt(&f.ast.body, &mut |stmt| {
            for target in stmt.targets() {
                if let ExprKind::Attribute { value, .. } | ExprKind::Subscript { value, .. } =
                    &target.kind
                    && let Some(
                        Shape::Value {
                            root: Root::Output(i),
                            ..
                        }
                        | Shape::Message(Side::Output, i),
                    ) = look.functions.shape(f, value)
                {
                    seen.insert(i);
                }
            }
        });
        each_expr(&f.ast.body, &mut |e| {
            let ExprKind::Call { func, args, .. } = &e.kind else {
                return;
            };
            if let ExprKind::Attribute { value, attr } = &func.kind
                && !matches!(attr.name.as_str(), "sort" | "reverse")
                && let Some(Shape::Value {
                    root: Root::Output(i),
                    ..
                }) = look.functions.shape(f, value)
            {
                seen.insert(i);
            }
            // What a function does with it that is not of this file.
            for arg in args {
                if let Some(
                    Shape::Value {
                        root: Root::Output(i),
                        ..
                    }
                    | Shape::Message(Side::Output, i),
                ) = look.functions.shape(f, arg)
                {
                    seen.insert(i);
                }
            }
        });
    }
    seen
}

fn unseen(look: &Look<'_>, f: &Func<'_>, seen: &BTreeSet<usize>, found: &mut Found) {
    let mut lost = |what: &str, span: Span| {
        let message = format!("{what} goes unnoticed: while the payload is empty it stays absent");
        let help = "assign it: `output.payload.points = points`".to_owned();
        found.push((Code::LostWrite, span, message, Some(help)));
    };
    let unseen_list = |e: &Expr| match look.functions.shape(f, e) {
        Some(Shape::Value {
            ty: RustTy::Vec(_) | RustTy::Array(..) | RustTy::Map { .. },
            root: Root::Output(i),
            ..
        }) => !seen.contains(&i),
        _ => false,
    };
    each_expr(&f.ast.body, &mut |e| {
        if let ExprKind::Call { func, .. } = &e.kind
            && let ExprKind::Attribute { value, attr } = &func.kind
            && matches!(attr.name.as_str(), "sort" | "reverse")
            && unseen_list(value)
        {
            lost(&format!("`.{}()`", attr.name), e.span);
        }
    });
    each_stmt(&f.ast.body, &mut |stmt| {
        if let StmtKind::AugAssign { target, op, .. } = &stmt.kind
            && matches!(target.kind, ExprKind::Name(_))
            && unseen_list(target)
        {
            lost(
                &format!("`{}=` through another name", op.symbol()),
                stmt.span,
            );
        }
    });
}

/// Where a statement stands: the blocks around it.
#[derive(Clone)]
struct Place {
    order: usize,
    /// Of each block around it: its statement, which of its blocks, whether control leaves
    /// at its end.
    around: Vec<(usize, usize, bool)>,
}

/// What happens to lists of the script's own.
enum Event<'a> {
    /// `target = name`: PyTask copies.
    Copied {
        name: &'a str,
        target: String,
        span: Span,
    },
    Changed {
        name: &'a str,
        span: Span,
    },
    Bound {
        name: &'a str,
    },
}

/// A list that was assigned, and is changed afterwards.
fn copied<'a>(look: &Look<'a>, f: &Func<'a>, found: &mut Found) {
    let mut events = Vec::new();
    let mut order = 0;
    gather(look, f, &f.ast.body, &mut order, &[], &mut events);
    for (at, event) in &events {
        let Event::Copied { name, target, span } = event else {
            continue;
        };
        let after = |place: &Place| follows(at, place);
        let change = events.iter().find_map(|(place, event)| match event {
            Event::Changed { name: n, span } if n == name && after(place) => Some((place, *span)),
            _ => None,
        });
        let Some((changed_at, changed)) = change else {
            continue;
        };
        let undone = events.iter().any(|(place, event)| match event {
            Event::Bound { name: n } => {
                n == name && at.order < place.order && place.order < changed_at.order
            }
            Event::Copied { target: t, .. } => t == target && place.order > changed_at.order,
            Event::Changed { .. } => false,
        });
        if !undone && changed != *span {
            let message =
                format!("`{target}` was given a copy of `{name}`: this change does not reach it");
            let help = format!("change it before it is assigned, or change `{target}`");
            found.push((Code::LostWrite, changed, message, Some(help)));
        }
    }
}

fn follows(first: &Place, second: &Place) -> bool {
    if second.order <= first.order {
        return false;
    }
    let mut common = 0;
    for (a, b) in first.around.iter().zip(&second.around) {
        if (a.0, a.1) == (b.0, b.1) {
            common += 1;
        } else if a.0 == b.0 {
            return false;
        } else {
            break;
        }
    }
    !first
        .around
        .iter()
        .skip(common)
        .any(|(_, _, leaves)| *leaves)
}

fn gather<'a>(
    look: &Look<'a>,
    f: &Func<'a>,
    block: &'a Block,
    order: &mut usize,
    around: &[(usize, usize, bool)],
    events: &mut Vec<(Place, Event<'a>)>,
) {
    for stmt in &block.stmts {
        *order += 1;
        let own = *order;
        let place = Place {
            order: own,
            around: around.to_vec(),
        };
        let mut push = |event| events.push((place.clone(), event));
        statement(look, f, stmt, &mut push);
        for (arm, inner) in branches(stmt).into_iter().enumerate() {
            let leaves = inner.stmts.last().is_some_and(|last| {
                matches!(
                    last.kind,
                    StmtKind::Return(_)
                        | StmtKind::Raise { .. }
                        | StmtKind::Continue
                        | StmtKind::Break
                )
            });
            let mut deeper = around.to_vec();
            deeper.push((own, arm, leaves));
            gather(look, f, inner, order, &deeper, events);
        }
    }
}

fn statement<'a>(look: &Look<'a>, f: &Func<'a>, stmt: &'a Stmt, push: &mut dyn FnMut(Event<'a>)) {
    match &stmt.kind {
        StmtKind::Assign { targets, value } => {
            for target in targets {
                if let Some(target) = kept(look, f, target) {
                    if let Some(name) = own_list(look, f, value) {
                        push(Event::Copied {
                            name,
                            target,
                            span: stmt.span,
                        });
                    } else {
                        push(Event::Copied {
                            name: "",
                            target,
                            span: stmt.span,
                        });
                    }
                }
                change_or_bind(target, push);
            }
        }
        StmtKind::AugAssign { target, .. } => match &target.kind {
            ExprKind::Name(name) => push(Event::Changed {
                name,
                span: stmt.span,
            }),
            _ => change_or_bind(target, push),
        },
        StmtKind::For { target, .. } => change_or_bind(target, push),
        StmtKind::Delete(targets) => targets.iter().for_each(|t| change_or_bind(t, push)),
        StmtKind::Expr(Expr {
            kind: ExprKind::Call { func, args, .. },
            ..
        }) => {
            let ExprKind::Attribute { value, attr } = &func.kind else {
                return;
            };
            if !CHANGES.contains(&attr.name.as_str()) {
                return;
            }
            if let Some(target) = kept_value(look, f, value) {
                for arg in args {
                    if let Some(name) = own_list(look, f, arg) {
                        push(Event::Copied {
                            name,
                            target: format!("{target}[…]"),
                            span: stmt.span,
                        });
                    }
                }
            } else if let Some(name) = plain_root(value) {
                push(Event::Changed {
                    name,
                    span: stmt.span,
                });
            }
        }
        _ => {}
    }
}

/// A name, or an item of what it names; attributes are of another object.
fn plain_root(e: &Expr) -> Option<&str> {
    match &e.kind {
        ExprKind::Name(name) => Some(name),
        ExprKind::Subscript { value, .. } => plain_root(value),
        _ => None,
    }
}

fn change_or_bind<'a>(target: &'a Expr, push: &mut dyn FnMut(Event<'a>)) {
    match &target.kind {
        ExprKind::Name(name) => push(Event::Bound { name }),
        ExprKind::Subscript { value, .. } => {
            if let Some(name) = plain_root(value) {
                push(Event::Changed {
                    name,
                    span: target.span,
                });
            }
        }
        ExprKind::Tuple(items) | ExprKind::List(items) => {
            items.iter().for_each(|t| change_or_bind(t, push))
        }
        _ => {}
    }
}

/// A field of a message or of the state, as it is written.
fn kept(look: &Look<'_>, f: &Func<'_>, target: &Expr) -> Option<String> {
    let (container, name) = match (&target.kind, field_target(target)) {
        (_, Some(field)) => field,
        (ExprKind::Subscript { value, .. }, None) => (&**value, "…"),
        _ => return None,
    };
    match look.functions.shape(f, container)? {
        Shape::Value {
            root: Root::Output(_) | Root::State,
            ..
        }
        | Shape::Message(Side::Output, _) => Some(format!(
            "{}.{name}",
            super::walk::dotted(container).or_else(|| root_name(container).map(str::to_owned))?
        )),
        _ => None,
    }
}

fn kept_value(look: &Look<'_>, f: &Func<'_>, e: &Expr) -> Option<String> {
    match look.functions.shape(f, e)? {
        Shape::Value {
            root: Root::Output(_) | Root::State,
            ..
        } => super::walk::dotted(e),
        _ => None,
    }
}

/// The name of a plain list or dict.
fn own_list<'a>(look: &Look<'a>, f: &Func<'a>, value: &'a Expr) -> Option<&'a str> {
    let ExprKind::Name(name) = &value.kind else {
        return None;
    };
    match look.kind(f, value)? {
        Kind::Own => Some(name),
        _ => None,
    }
}
