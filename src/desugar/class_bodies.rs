//! What stands in the bodies of classes beside methods and single attributes.
//!
//! Enters: the module. Leaves: the same, where `OPEN, SHUT = "open", "shut"` is an attribute a
//! statement, where a class within a class is one of the module, and where a class that is a
//! `dict` and says nothing of its own is `dict`; `dict(gain=1.0)` is a display. This module must
//! not know types.

use super::build::Build;
use crate::ast::visit::{self, Visitor};
use crate::ast::{self, Block, Class, Expr, ExprKind, Module, Stmt, StmtKind};
use std::collections::BTreeSet;

/// Rewrites the module.
pub(super) fn class_bodies(module: &mut Module, next_id: &mut u32) {
    let mut shadowed = super::Shadowed::default();
    Visitor::visit_block(&mut shadowed, &module.body);
    for stmt in &mut module.body.stmts {
        each_class(stmt, &mut |class| {
            split(&mut class.body, next_id);
            if !shadowed.0.contains("dict") {
                tables(&mut class.body, next_id);
            }
        });
    }
    super::nested_classes::nested_classes(module);
    plain_dicts(module);
}

/// Calls it on a class and those within it.
pub(super) fn each_class(stmt: &mut Stmt, f: &mut dyn FnMut(&mut Class)) {
    if let StmtKind::Class(class) = &mut stmt.kind {
        for inner in &mut class.body.stmts {
            each_class(inner, f);
        }
        f(class);
    }
}

/// An assignment for each name, where there are several.
fn split(body: &mut Block, next_id: &mut u32) {
    for stmt in std::mem::take(&mut body.stmts) {
        let pairs = match &stmt.kind {
            StmtKind::Assign { targets, value } => single(targets, value, next_id),
            _ => None,
        };
        let Some(pairs) = pairs else {
            body.stmts.push(stmt);
            continue;
        };
        for (i, (name, value)) in pairs.into_iter().enumerate() {
            let mut build = Build {
                next_id,
                span: name.span,
            };
            let mut one = build.assign(name, value);
            if i == 0 {
                one.blank_before = stmt.blank_before;
                one.comments.clone_from(&stmt.comments);
                one.line_comment.clone_from(&stmt.line_comment);
            }
            body.stmts.push(one);
        }
    }
}

/// `{"gain": 1.0}` for `dict(gain=1.0)`, so that it is a table as such.
fn tables(body: &mut Block, next_id: &mut u32) {
    for stmt in &mut body.stmts {
        let (StmtKind::Assign { value, .. }
        | StmtKind::AnnAssign {
            value: Some(value), ..
        }) = &mut stmt.kind
        else {
            continue;
        };
        let ExprKind::Call {
            func,
            args,
            keywords,
        } = &value.kind
        else {
            continue;
        };
        if !matches!(&func.kind, ExprKind::Name(name) if name == "dict")
            || !args.is_empty()
            || keywords.is_empty()
        {
            continue;
        }
        let mut build = Build {
            next_id,
            span: value.span,
        };
        if let Some(display) = build.entries(keywords) {
            value.kind = display;
        }
    }
}

/// The names of an assignment to several, each with its value.
fn single(targets: &[Expr], value: &Expr, next_id: &mut u32) -> Option<Vec<(Expr, Expr)>> {
    let is_name = |e: &Expr| matches!(e.kind, ExprKind::Name(_));
    let literal = |e: &Expr| {
        matches!(
            e.kind,
            ExprKind::None
                | ExprKind::Bool(_)
                | ExprKind::Int(_)
                | ExprKind::Float(_)
                | ExprKind::Str(_)
        )
    };
    match targets {
        [target] => {
            let ExprKind::Tuple(names) = &target.kind else {
                return None;
            };
            if !names.iter().all(is_name) {
                return None;
            }
            let values = values(value, names.len(), next_id)?;
            Some(names.iter().cloned().zip(values).collect())
        }
        several if several.len() > 1 && several.iter().all(is_name) && literal(value) => {
            let copy = |name: &Expr| {
                let mut value = value.clone();
                super::copies::expr(&mut value, next_id);
                (name.clone(), value)
            };
            Some(several.iter().map(copy).collect())
        }
        _ => None,
    }
}

/// The items of a tuple or list, or of `range(3)`.
fn values(value: &Expr, count: usize, next_id: &mut u32) -> Option<Vec<Expr>> {
    match &value.kind {
        ExprKind::Tuple(items) | ExprKind::List(items) => {
            let starred = items.iter().any(|i| matches!(i.kind, ExprKind::Starred(_)));
            (items.len() == count && !starred).then(|| items.clone())
        }
        ExprKind::Call {
            func,
            args,
            keywords,
        } if keywords.is_empty() => {
            let range = matches!(&func.kind, ExprKind::Name(name) if name == "range");
            let [
                Expr {
                    kind: ExprKind::Int(n),
                    ..
                },
            ] = args.as_slice()
            else {
                return None;
            };
            let mut build = Build {
                next_id,
                span: value.span,
            };
            (range && *n == count.into()).then(|| {
                (0..count)
                    .map(|i| build.expr(ExprKind::Int(i.into())))
                    .collect()
            })
        }
        _ => None,
    }
}

/// `dict` for `class Blackboard(dict): pass`, where nobody asks for the class itself.
fn plain_dicts(module: &mut Module) {
    let mut dicts: BTreeSet<String> = BTreeSet::new();
    for stmt in &module.body.stmts {
        if let StmtKind::Class(class) = &stmt.kind
            && let [base] = class.bases.as_slice()
            && matches!(&base.kind, ExprKind::Name(name) if name == "dict")
            && class.decorators.is_empty()
            && class.keywords.is_empty()
            && class.body.stmts.iter().all(says_nothing)
        {
            dicts.insert(class.name.name.clone());
        }
    }
    if dicts.is_empty() {
        return;
    }
    // Only what is called is made; anything else may tell the class from `dict`.
    let mut asked = Asked {
        dicts: &dicts,
        other: BTreeSet::new(),
    };
    asked.visit_block(&module.body);
    let other = asked.other;
    dicts.retain(|name| !other.contains(name));
    module.body.stmts.retain(
        |stmt| !matches!(&stmt.kind, StmtKind::Class(class) if dicts.contains(&class.name.name)),
    );
    ast::rewrite::block(&mut module.body, &mut |e| {
        if let ExprKind::Name(name) = &mut e.kind
            && dicts.contains(name)
        {
            *name = "dict".to_string();
        }
    });
}

fn says_nothing(stmt: &Stmt) -> bool {
    match &stmt.kind {
        StmtKind::Pass => true,
        StmtKind::Expr(e) => matches!(e.kind, ExprKind::Str(_) | ExprKind::Ellipsis),
        _ => false,
    }
}

/// Classes that are used in another way than to make instances.
struct Asked<'d> {
    dicts: &'d BTreeSet<String>,
    other: BTreeSet<String>,
}

impl<'ast> Visitor<'ast> for Asked<'_> {
    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Name(name) if self.dicts.contains(name) => {
                self.other.insert(name.clone());
            }
            ExprKind::Name(name) if name == "type" => self.other.extend(self.dicts.clone()),
            ExprKind::Call {
                func,
                args,
                keywords,
            } if matches!(&func.kind, ExprKind::Name(name) if self.dicts.contains(name)) => {
                args.iter().for_each(|arg| self.visit_expr(arg));
                keywords.iter().for_each(|k| self.visit_expr(&k.value));
            }
            // The text of a dict shows no class, its attributes are none.
            ExprKind::Attribute { attr, .. } if attr.name == "__class__" => {
                self.other.extend(self.dicts.clone());
            }
            _ => visit::walk_expr(self, e),
        }
    }
}
