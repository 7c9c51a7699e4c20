//! Whether a function only looks at what a parameter holds.
//!
//! Enters: a function and the name of one of its parameters. Leaves: whether each use of it
//! can only be told its contents: nobody changes it, keeps it or asks which object it is. By
//! form alone: this module must not know types.

use crate::ast::visit::{self, Visitor};
use crate::ast::{CompareOp, Expr, ExprKind, Function, Stmt, StmtKind};

/// Builtins that look at a container and keep nothing of it.
const LOOKING: [&str; 13] = [
    "all",
    "any",
    "dict",
    "enumerate",
    "len",
    "list",
    "max",
    "min",
    "set",
    "sorted",
    "sum",
    "tuple",
    "zip",
];

/// Methods that do.
const ASKING: [&str; 5] = ["count", "get", "index", "items", "keys"];

/// Whether the body of a function only reads what a parameter holds.
pub(crate) fn only_read(function: &Function, name: &str) -> bool {
    let mut uses = Uses {
        name,
        all: 0,
        reading: 0,
    };
    uses.visit_block(&function.body);
    uses.all == uses.reading
}

fn asks_identity(op: &CompareOp) -> bool {
    matches!(op, CompareOp::Is | CompareOp::IsNot)
}

struct Uses<'n> {
    name: &'n str,
    all: usize,
    reading: usize,
}

impl Uses<'_> {
    /// Whether a target lies in what the parameter holds.
    fn stored(&self, target: &Expr) -> bool {
        match &target.kind {
            ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().any(|t| self.stored(t)),
            ExprKind::Subscript { value, .. } | ExprKind::Attribute { value, .. } => {
                matches!(&value.kind, ExprKind::Name(name) if name == self.name)
                    || self.stored(value)
            }
            _ => false,
        }
    }

    fn reads(&mut self, e: &Expr) {
        if matches!(&e.kind, ExprKind::Name(name) if name == self.name) {
            self.reading += 1;
        }
    }
}

impl<'ast> Visitor<'ast> for Uses<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::For { iter, .. } => self.reads(iter),
            StmtKind::If { test, .. } | StmtKind::While { test, .. } => self.reads(test),
            StmtKind::Assign { targets, .. } | StmtKind::Delete(targets) => {
                // `xs[0] = 1` is no look at it.
                self.all += targets.iter().filter(|t| self.stored(t)).count();
            }
            StmtKind::AugAssign { target, .. } if self.stored(target) => self.all += 1,
            _ => {}
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Name(name) if name == self.name => self.all += 1,
            ExprKind::Subscript { value, .. } => self.reads(value),
            ExprKind::Compare { left, ops, rest } if !ops.iter().any(asks_identity) => {
                self.reads(left);
                rest.iter().for_each(|e| self.reads(e));
            }
            ExprKind::Comprehension { clauses, .. } => {
                clauses.iter().for_each(|clause| self.reads(&clause.iter));
            }
            ExprKind::Call { func, args, .. } => match &func.kind {
                ExprKind::Name(name) if LOOKING.contains(&name.as_str()) => {
                    args.iter().for_each(|arg| self.reads(arg));
                }
                ExprKind::Attribute { value, attr } if ASKING.contains(&attr.name.as_str()) => {
                    self.reads(value);
                }
                _ => {}
            },
            _ => {}
        }
        visit::walk_expr(self, e);
    }
}
