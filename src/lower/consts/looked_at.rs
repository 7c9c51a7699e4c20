//! Tables whose values are only looked at: a list that comes out of one is copied, indexed
//! or run through, and never gets a name by which it could be changed.
//!
//! Enters: the name of a table. Leaves: whether all its uses are such. This module must not
//! know types.

use crate::ast::visit::{Visitor, walk_expr, walk_stmt};
use crate::ast::{Expr, ExprKind, Module, Stmt, StmtKind};
use std::collections::BTreeSet;

/// Builtins that make something new of what they run through, or only look at it.
const LOOKING: [&str; 13] = [
    "all",
    "any",
    "dict",
    "enumerate",
    "frozenset",
    "len",
    "list",
    "max",
    "min",
    "set",
    "sorted",
    "sum",
    "tuple",
];

/// Whether nobody keeps a value of a table.
pub(super) fn is_only_looked_at<'m>(module: &'m Module, table: &'m str) -> bool {
    let functions = module
        .body
        .stmts
        .iter()
        .filter_map(|stmt| match &stmt.kind {
            StmtKind::Function(function) => Some(function.name.name.as_str()),
            _ => None,
        });
    let mut uses = Uses {
        table,
        own: functions.collect(),
        all: 0,
        looks: 0,
    };
    uses.visit_block(&module.body);
    // One is where it is bound.
    uses.all == uses.looks + 1
}

struct Uses<'t> {
    table: &'t str,
    /// The functions of the file.
    own: BTreeSet<&'t str>,
    all: usize,
    looks: usize,
}

impl Uses<'_> {
    fn is_table(&self, e: &Expr) -> bool {
        matches!(&e.kind, ExprKind::Name(name) if name == self.table)
    }

    /// Whether an expression is a value of the table, with nothing else in it.
    fn is_value(&self, e: &Expr) -> bool {
        match &e.kind {
            ExprKind::Subscript { value, .. } => self.is_table(value),
            ExprKind::Call { func, .. } => match &func.kind {
                ExprKind::Attribute { value, attr } => attr.name == "get" && self.is_table(value),
                _ => false,
            },
            _ => false,
        }
    }

    fn look(&mut self, e: &Expr) {
        self.looks += usize::from(self.is_value(e));
    }
}

impl<'ast> Visitor<'ast> for Uses<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        if let StmtKind::For { iter, .. } = &stmt.kind {
            self.look(iter);
        }
        walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        self.all += usize::from(self.is_table(e));
        match &e.kind {
            ExprKind::Call { func, args, .. } => {
                if let (ExprKind::Name(name), [of, ..]) = (&func.kind, args.as_slice())
                    && LOOKING.contains(&name.as_str())
                    && !self.own.contains(name.as_str())
                {
                    self.look(of);
                    self.looks += usize::from(name == "len" && self.is_table(of));
                }
            }
            ExprKind::Subscript { value, .. } => self.look(value),
            ExprKind::Comprehension { clauses, .. } => {
                clauses.iter().for_each(|clause| self.look(&clause.iter));
            }
            ExprKind::Compare { rest, .. } => {
                let table = rest.iter().filter(|e| self.is_table(e)).count();
                self.looks += table;
                rest.iter().for_each(|e| self.look(e));
            }
            _ => {}
        }
        walk_expr(self, e);
    }
}
