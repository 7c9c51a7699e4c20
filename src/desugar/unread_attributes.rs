//! Attributes that hold an empty container and that nobody reads: `self.history = []`.
//!
//! Enters: the module. Leaves: the same without the statements that set them, and where those
//! stood: nothing says what such a container would hold. This module must not know types.

use super::statements::rewritten;
use crate::ast::visit::{self, Visitor};
use crate::ast::{Class, Expr, ExprKind, Function, Module, Stmt, StmtKind};
use crate::source::Span;
use std::collections::BTreeSet;

/// Names by which all attributes of an object are reached.
const ALL: [&str; 8] = [
    "__dict__",
    "vars",
    "dir",
    "getattr",
    "setattr",
    "hasattr",
    "asdict",
    "__slots__",
];

/// The object of a method. A message or a state is no such thing: others read those.
const SELF: &str = "self";

/// Leaves the attributes out, and gives the first place and the name of each.
pub fn unread_attributes(module: &mut Module) -> Vec<(Span, String)> {
    let mut uses = Uses::default();
    uses.visit_block(&module.body);
    let misnamed = module.body.stmts.iter().any(|stmt| match &stmt.kind {
        StmtKind::Function(f) => f.params.list.iter().any(|param| param.name.name == SELF),
        _ => false,
    });
    let unread = |name: &String| !uses.other.contains(name);
    let unread: BTreeSet<String> = uses.emptied.into_iter().filter(unread).collect();
    if unread.is_empty() || uses.reaches_all || misnamed {
        return Vec::new();
    }
    let mut found: Vec<(Span, String)> = Vec::new();
    rewritten(
        &mut module.body,
        &mut BTreeSet::new(),
        &mut |mut stmt, out, _| {
            match emptied(&stmt) {
                Some((target, name)) if unread.contains(name) => {
                    if found.iter().all(|(_, other)| other != name) {
                        found.push((target.span, name.to_owned()));
                    }
                    // A block needs a statement.
                    stmt.kind = StmtKind::Pass;
                    out.push(stmt);
                }
                _ => out.push(stmt),
            }
        },
    );
    found
}

/// The attribute that a statement sets to an empty container.
fn emptied(stmt: &Stmt) -> Option<(&Expr, &str)> {
    let (target, value) = stmt.assigned()?;
    let ExprKind::Attribute { value: of, attr } = &target.kind else {
        return None;
    };
    let is_empty = match &value.kind {
        ExprKind::List(items) => items.is_empty(),
        ExprKind::Dict(items) => items.is_empty(),
        ExprKind::Call {
            func,
            args,
            keywords,
        } => {
            let maker = matches!(&func.kind, ExprKind::Name(name)
                if matches!(name.as_str(), "list" | "dict" | "set"));
            maker && args.is_empty() && keywords.is_empty()
        }
        _ => false,
    };
    let own = matches!(&of.kind, ExprKind::Name(name) if name == SELF);
    (is_empty && own).then_some((target, attr.name.as_str()))
}

#[derive(Default)]
struct Uses {
    /// The attributes that are set to an empty container.
    emptied: BTreeSet<String>,
    /// The names that stand for something else, or are read.
    other: BTreeSet<String>,
    reaches_all: bool,
}

impl Uses {
    fn class(&mut self, class: &Class) {
        for stmt in &class.body.stmts {
            match &stmt.kind {
                StmtKind::Function(Function { name, .. }) => {
                    self.other.insert(name.name.clone());
                }
                _ => {
                    let names = stmt.targets().iter().filter_map(|t| match &t.kind {
                        ExprKind::Name(name) => Some(name.clone()),
                        _ => None,
                    });
                    self.other.extend(names);
                }
            }
        }
    }
}

impl<'ast> Visitor<'ast> for Uses {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        if let Some((_, name)) = emptied(stmt) {
            self.emptied.insert(name.to_owned());
            return;
        }
        if let StmtKind::Class(class) = &stmt.kind {
            self.class(class);
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Attribute { attr, .. } => {
                self.reaches_all |= ALL.contains(&attr.name.as_str());
                self.other.insert(attr.name.clone());
            }
            ExprKind::Name(name) => self.reaches_all |= ALL.contains(&name.as_str()),
            _ => {}
        }
        visit::walk_expr(self, e);
    }
}
