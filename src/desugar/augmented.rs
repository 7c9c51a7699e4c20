//! Targets of `+=` that call something: `xs[self.turn()] += 1`.
//!
//! Enters: the module. Leaves: the same module, where what such a target calls has a name of
//! its own, because it is called once, though the place is read and written. This module must
//! not know types.

use super::build::Build;
use super::names::free;
use super::statements::rewritten;
use crate::ast::visit::{self, Visitor};
use crate::ast::{Expr, ExprKind, Function, Module, Stmt, StmtKind};
use std::collections::BTreeSet;

/// Names what the targets of augmented assignments call.
pub(super) fn augmented(module: &mut Module, next_id: &mut u32) {
    let mut own = Own::default();
    own.visit_block(&module.body);
    let mut taken = super::callables::module_bound(module);
    rewritten(&mut module.body, &mut taken, &mut |mut stmt, out, taken| {
        if let StmtKind::AugAssign { target, .. } = &mut stmt.kind {
            let mut hoist = Hoist {
                own: &own,
                taken,
                next_id,
                out,
            };
            hoist.target(target);
        }
        out.push(stmt);
    });
}

/// The names of the functions and methods of the file.
#[derive(Default)]
struct Own(BTreeSet<String>);

impl<'ast> Visitor<'ast> for Own {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        if let StmtKind::Function(Function { name, .. }) = &stmt.kind {
            self.0.insert(name.name.clone());
        }
        visit::walk_stmt(self, stmt);
    }
}

impl Own {
    /// Whether evaluating an expression may do more than give its value.
    fn acts(&self, e: &Expr) -> bool {
        let here = match &e.kind {
            ExprKind::Named { .. } => true,
            ExprKind::Call { func, .. } => match &func.kind {
                ExprKind::Name(name) => name == "next" || self.0.contains(name),
                ExprKind::Attribute { attr, .. } => {
                    attr.name.starts_with("pop") || self.0.contains(&attr.name)
                }
                _ => true,
            },
            _ => false,
        };
        here || visit::children(e).iter().any(|part| self.acts(part))
    }
}

struct Hoist<'h> {
    own: &'h Own,
    taken: &'h mut BTreeSet<String>,
    next_id: &'h mut u32,
    out: &'h mut Vec<Stmt>,
}

impl Hoist<'_> {
    /// The parts of a target that act, in the order in which Python computes them.
    fn target(&mut self, target: &mut Expr) {
        match &mut target.kind {
            ExprKind::Attribute { value, .. } => self.base(value),
            ExprKind::Subscript { value, index } => {
                self.base(value);
                if self.own.acts(index) {
                    self.name(index, "index");
                }
            }
            _ => {}
        }
    }

    fn base(&mut self, value: &mut Expr) {
        match value.kind {
            ExprKind::Call { .. } if self.own.acts(value) => self.name(value, "target"),
            _ => self.target(value),
        }
    }

    fn name(&mut self, e: &mut Expr, name: &str) {
        let name = free(name, self.taken);
        let mut build = Build {
            next_id: self.next_id,
            span: e.span,
        };
        let target = build.name(&name);
        let value = std::mem::replace(e, build.name(&name));
        let bound = build.stmt(StmtKind::Assign {
            targets: vec![target],
            value,
        });
        self.out.push(bound);
    }
}
