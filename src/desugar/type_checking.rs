//! `if TYPE_CHECKING:`, which no interpreter runs.
//!
//! Enters: the module. Leaves: the same without such branches at its top level: what stands
//! in their `else` stays. This module must not know what is imported there.

use crate::ast::{Expr, ExprKind, Module, StmtKind};

/// The constant's name.
const NAME: &str = "TYPE_CHECKING";

/// Drops what only type checkers read.
pub fn type_checking(module: &mut Module) {
    let mut names = Names::default();
    let stmts = std::mem::take(&mut module.body.stmts);
    for stmt in stmts {
        names.see(&stmt.kind);
        match stmt.kind {
            StmtKind::If { test, orelse, .. } if names.are_guard(&test) => {
                module.body.stmts.extend(orelse.stmts);
            }
            _ => module.body.stmts.push(stmt),
        }
    }
}

/// What stands for `typing` and for its constant.
#[derive(Default)]
struct Names {
    modules: Vec<String>,
    constants: Vec<String>,
}

impl Names {
    fn see(&mut self, stmt: &StmtKind) {
        let is_typing = |name: &str| matches!(name, "typing" | "typing_extensions");
        match stmt {
            StmtKind::Import(names) => {
                for name in names.iter().filter(|name| is_typing(&name.name.name)) {
                    let bound = name.alias.as_ref().unwrap_or(&name.name);
                    self.modules.push(bound.name.clone());
                }
            }
            StmtKind::ImportFrom {
                module: Some(from),
                level: 0,
                names,
            } if is_typing(from) => {
                for name in names.iter().filter(|name| name.name.name == NAME) {
                    let bound = name.alias.as_ref().unwrap_or(&name.name);
                    self.constants.push(bound.name.clone());
                }
            }
            _ => {}
        }
    }

    /// `TYPE_CHECKING`, `typing.TYPE_CHECKING`
    fn are_guard(&self, test: &Expr) -> bool {
        match &test.kind {
            ExprKind::Name(name) => self.constants.contains(name),
            ExprKind::Attribute { value, attr } => {
                attr.name == NAME
                    && matches!(&value.kind, ExprKind::Name(name) if self.modules.contains(name))
            }
            _ => false,
        }
    }
}
