//! `type(self).__name__`: the name of the class whose method it stands in.
//!
//! Enters: the module, with what classes inherit written out, so that each class has methods
//! of its own. Leaves: the same module with the names as literals; where the name is asked of
//! another instance, each class has a property that gives it. This module must not know
//! types.

use super::build::{Build, method};
use super::names::Names;
use crate::ast::{self, Class, Expr, ExprKind, MethodKind, Module, ParamKind, StmtKind};

/// The property that gives the name of an object's class.
pub const PROPERTY: &str = "class_name";

/// Rewrites the methods of the module.
pub(super) fn class_names(module: &mut Module, next_id: &mut u32) {
    of_methods(module);
    of_others(module, next_id);
}

/// `x.class_name` for `type(x).__name__`.
fn of_others(module: &mut Module, next_id: &mut u32) {
    let taken = |s: &ast::Stmt| matches!(&s.kind, StmtKind::Class(c) if method(&c.body, PROPERTY).is_some());
    if module.body.stmts.iter().any(taken) {
        return;
    }
    let mut asked = false;
    ast::rewrite::block(&mut module.body, &mut |e| {
        let ExprKind::Attribute { value, attr } = &mut e.kind else {
            return;
        };
        if !matches!(attr.name.as_str(), "__name__" | "__qualname__") {
            return;
        }
        let of = match &value.kind {
            ExprKind::Call { func, args, .. } if matches!(&func.kind, ExprKind::Name(n) if n == "type") => {
                match args.as_slice() {
                    [one] => one.clone(),
                    _ => return,
                }
            }
            ExprKind::Attribute { value, attr } if attr.name == "__class__" => (**value).clone(),
            _ => return,
        };
        **value = of;
        attr.name = PROPERTY.to_string();
        asked = true;
    });
    if !asked {
        return;
    }
    for stmt in &mut module.body.stmts {
        if let StmtKind::Class(class) = &mut stmt.kind
            && is_plain(class)
        {
            let mut build = Build {
                next_id,
                span: class.name.span,
            };
            let own = build.param("self", ParamKind::Normal, None);
            let name = build.expr(ExprKind::Str(class.name.name.clone()));
            let body = build.stmt(StmtKind::Return(Some(name)));
            let mut made = build.function(PROPERTY, vec![own], vec![body]);
            if let StmtKind::Function(function) = &mut made.kind {
                function.decorators.push(build.name("property"));
            }
            class.generated.push(PROPERTY.to_string());
            class.body.stmts.push(made);
        }
    }
}

/// Whether a class has instances like any other: its bases are in the file.
fn is_plain(class: &Class) -> bool {
    class.bases.iter().all(|base| match &base.kind {
        ExprKind::Name(name) => {
            matches!(name.as_str(), "object" | "ABC") || class.ancestors.contains(name)
        }
        ExprKind::Attribute { attr, .. } => attr.name == "ABC",
        _ => false,
    })
}

fn of_methods(module: &mut Module) {
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
