//! Functions whose calls may be remembered or made again: nobody can tell.
//!
//! Enters: a function. Leaves: whether it gives the same for the same arguments and does
//! nothing else. This module must not know types.

use crate::ast::{self, Expr, ExprKind, Function, Stmt, StmtKind};
use crate::desugar::callables::full_name;
use crate::desugar::names::Names;
use std::collections::BTreeMap;

/// How often a function calls itself, where calling it twice with the same arguments gives the
/// same and does nothing else.
pub(super) fn pure_calls(function: &Function, imports: &BTreeMap<String, String>) -> Option<usize> {
    struct Look<'f> {
        own: &'f str,
        names: Names,
        imports: &'f BTreeMap<String, String>,
        calls: usize,
        fine: bool,
    }
    const KNOWN: [&str; 12] = [
        "abs", "min", "max", "range", "len", "int", "float", "round", "bool", "divmod", "sum",
        "pow",
    ];
    impl<'ast> ast::visit::Visitor<'ast> for Look<'_> {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            match &stmt.kind {
                StmtKind::Global(_) | StmtKind::Nonlocal(_) => self.fine = false,
                StmtKind::Assign { targets, .. } => {
                    self.fine &= targets.iter().all(|t| {
                        !matches!(
                            t.kind,
                            ExprKind::Attribute { .. } | ExprKind::Subscript { .. }
                        )
                    });
                }
                _ => {}
            }
            ast::visit::walk_stmt(self, stmt);
        }
        fn visit_expr(&mut self, e: &'ast Expr) {
            match &e.kind {
                ExprKind::Call { func, .. } => {
                    let name = full_name(func, self.imports);
                    self.calls += usize::from(name == self.own);
                    self.fine &= name == self.own
                        || KNOWN.contains(&name.as_str())
                        || name.starts_with("math.");
                }
                // What an object holds may be another time.
                ExprKind::Attribute { value, .. } => {
                    self.fine &= !matches!(&value.kind, ExprKind::Name(n) if self.names.binds(n));
                }
                ExprKind::Name(name) => {
                    let constant = name.chars().all(|c| !c.is_lowercase());
                    self.fine &= constant
                        || self.names.binds(name)
                        || name == self.own
                        || KNOWN.contains(&name.as_str())
                        || self.imports.contains_key(name);
                }
                _ => {}
            }
            ast::visit::walk_expr(self, e);
        }
    }
    let mut look = Look {
        own: &function.name.name,
        names: Names::of(function),
        imports,
        calls: 0,
        fine: true,
    };
    ast::visit::Visitor::visit_block(&mut look, &function.body);
    look.fine.then_some(look.calls)
}
