//! Objects that are made anew in their place: `self.__init__()`, `filter.__init__(gain=2)`.
//!
//! Enters: the module. Leaves: the same module, where such a call calls a method like any other,
//! and each class has its `__init__` as this method too. What `__init__` does not set stays as it
//! is. This module must not know types.

use super::build::method;
use super::copies;
use crate::ast::visit::{self, Visitor};
use crate::ast::{self, Class, Expr, ExprKind, Module, Param, Stmt, StmtKind};
use std::collections::BTreeSet;

const INIT: &str = "__init__";

/// Rewrites the module.
pub(super) fn made_again(module: &mut Module, next_id: &mut u32) {
    let classes: BTreeSet<String> = module
        .body
        .stmts
        .iter()
        .filter_map(|stmt| match &stmt.kind {
            StmtKind::Class(class) => Some(class.name.name.clone()),
            _ => None,
        })
        .collect();
    let mut found = Found {
        classes: &classes,
        again: false,
        names: BTreeSet::new(),
    };
    found.visit_block(&module.body);
    if !found.again {
        return;
    }
    let mut name = "reinit".to_owned();
    while found.names.contains(&name) {
        name.push('_');
    }
    let shared = |class: &Class| {
        let init = method(&class.body, INIT);
        init.is_some_and(|init| init.params.list.iter().any(is_shared))
    };
    let mut kinds = module.body.stmts.iter().filter_map(own_class);
    if kinds.any(shared) {
        // The default would be one object for both.
        return;
    }
    ast::rewrite::block(&mut module.body, &mut |e| {
        if let Some(attr) = again(e, &classes) {
            attr.clone_from(&name);
        }
    });
    for stmt in &mut module.body.stmts {
        let StmtKind::Class(class) = &mut stmt.kind else {
            continue;
        };
        let is_init = |s: &&Stmt| matches!(&s.kind, StmtKind::Function(f) if f.name.name == INIT);
        let Some(mut copy) = class.body.stmts.iter().find(is_init).cloned() else {
            continue;
        };
        copies::stmt(&mut copy, next_id);
        copy.blank_before = true;
        copy.comments.clear();
        ast::rewrite::stmt(&mut copy, &mut |e| {
            // That of the class above is the method of this name, too.
            if let ExprKind::Call { func, .. } = &mut e.kind
                && let ExprKind::Attribute { attr, .. } = &mut func.kind
                && attr.name == INIT
            {
                attr.name.clone_from(&name);
            }
        });
        if let StmtKind::Function(function) = &mut copy.kind {
            function.name.name.clone_from(&name);
            function.doc = None;
        }
        class.generated.push(name.clone());
        class.body.stmts.push(copy);
    }
}

fn own_class(stmt: &Stmt) -> Option<&Class> {
    match &stmt.kind {
        StmtKind::Class(class) => Some(class),
        _ => None,
    }
}

/// Whether a parameter's default is an object that calls could change.
fn is_shared(param: &Param) -> bool {
    param.default.as_ref().is_some_and(|default| {
        matches!(
            default.kind,
            ExprKind::List(_) | ExprKind::Dict(_) | ExprKind::Set(_) | ExprKind::Call { .. }
        )
    })
}

/// The name that is called, where a call makes an object anew.
fn again<'e>(e: &'e mut Expr, classes: &BTreeSet<String>) -> Option<&'e mut String> {
    let ExprKind::Call { func, args, .. } = &mut e.kind else {
        return None;
    };
    // `Thread.__init__(self)` of a class that is another module's.
    let elsewhere = matches!(args.first().map(|a| &a.kind), Some(ExprKind::Name(n)) if n == "self");
    let ExprKind::Attribute { value, attr } = &mut func.kind else {
        return None;
    };
    let above = match &value.kind {
        ExprKind::Name(name) => classes.contains(name),
        ExprKind::Call { func, .. } => {
            matches!(&func.kind, ExprKind::Name(name) if name == "super")
        }
        _ => false,
    };
    (attr.name == INIT && !above && !elsewhere).then_some(&mut attr.name)
}

struct Found<'c> {
    classes: &'c BTreeSet<String>,
    again: bool,
    names: BTreeSet<String>,
}

impl<'ast> Visitor<'ast> for Found<'_> {
    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Call { .. } => self.again |= again(&mut e.clone(), self.classes).is_some(),
            ExprKind::Attribute { attr, .. } => {
                self.names.insert(attr.name.clone());
            }
            _ => {}
        }
        visit::walk_expr(self, e);
    }

    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        if let StmtKind::Function(function) = &stmt.kind {
            self.names.insert(function.name.name.clone());
        }
        visit::walk_stmt(self, stmt);
    }
}
