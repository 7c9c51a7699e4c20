//! `type(self).__name__`: the name of the class whose method it stands in.
//!
//! Enters: the module, with what classes inherit written out, so that each class has methods
//! of its own. Leaves: the same module with the names as literals. This module must not know
//! types.

use super::names::Names;
use crate::ast::{self, Expr, ExprKind, MethodKind, Module, StmtKind};

/// Rewrites the methods of the module.
pub(super) fn class_names(module: &mut Module) {
    for stmt in &mut module.body.stmts {
        let StmtKind::Class(class) = &mut stmt.kind else {
            continue;
        };
        let name = class.name.name.clone();
        for inner in &mut class.body.stmts {
            let StmtKind::Function(function) = &mut inner.kind else {
                continue;
            };
            let Ok(kind) = function.method_kind() else {
                continue;
            };
            let Some(this) = function.params.list.first().map(|p| p.name.name.clone()) else {
                continue;
            };
            let by_class = kind == MethodKind::Class;
            if kind == MethodKind::Static || Names::of(function).bound.get(&this) != Some(&1) {
                continue;
            }
            ast::rewrite::block(&mut function.body, &mut |e| {
                if let ExprKind::Attribute { value, attr } = &e.kind
                    && matches!(attr.name.as_str(), "__name__" | "__qualname__")
                    && is_class_of(value, &this, by_class)
                {
                    e.kind = ExprKind::Str(name.clone());
                }
            });
        }
    }
}

/// `type(self)`, `self.__class__`, and `cls` in a class method.
fn is_class_of(e: &Expr, this: &str, by_class: bool) -> bool {
    let is_this = |e: &Expr| matches!(&e.kind, ExprKind::Name(n) if n == this);
    match &e.kind {
        ExprKind::Name(_) => by_class && is_this(e),
        ExprKind::Attribute { value, attr } => {
            !by_class && attr.name == "__class__" && is_this(value)
        }
        ExprKind::Call { func, args, .. } => {
            !by_class
                && matches!(&func.kind, ExprKind::Name(n) if n == "type")
                && matches!(args.as_slice(), [one] if is_this(one))
        }
        _ => false,
    }
}
