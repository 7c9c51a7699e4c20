//! Parameters that are brought in form where a function begins:
//! `if R is None: R = self.R`, `elif isinstance(R, float): R = [[R]]`.
//!
//! Enters: the module. Leaves: the same module, where what such a chain of tests makes of a
//! parameter is a variable of its own, so that it may have another type. This module must not
//! know types.

use super::build::Build;
use super::names::{self, Names};
use crate::ast::visit::{self, Visitor};
use crate::ast::{Block, Expr, ExprKind, Function, Module, Stmt, StmtKind, rewrite};

/// Rewrites the functions of the module: whether there was one to rewrite.
pub fn brought_in_form(module: &mut Module) -> bool {
    let before = module.node_count;
    let next_id = &mut module.node_count;
    for stmt in &mut module.body.stmts {
        match &mut stmt.kind {
            StmtKind::Function(function) => in_function(function, next_id),
            StmtKind::Class(class) => {
                for inner in &mut class.body.stmts {
                    if let StmtKind::Function(method) = &mut inner.kind {
                        in_function(method, next_id);
                    }
                }
            }
            _ => {}
        }
    }
    module.node_count != before
}

fn in_function(function: &mut Function, next_id: &mut u32) {
    let params: Vec<String> = function
        .params
        .list
        .iter()
        .map(|p| p.name.name.clone())
        .collect();
    for param in params {
        let Some(at) = chain(&function.body, &param) else {
            continue;
        };
        let mut taken = Names::of(function).all();
        let name = names::free(&format!("{param}_in_form"), &mut taken);
        for (i, stmt) in function.body.stmts.iter_mut().enumerate().skip(at) {
            match i == at {
                true => formed(stmt, &param, &name, next_id),
                false => rewrite::stmt(stmt, &mut |e| match &mut e.kind {
                    ExprKind::Name(n) if *n == param => n.clone_from(&name),
                    _ => {}
                }),
            }
        }
    }
}

/// Where the chain of tests stands that brings a parameter in form.
fn chain(body: &Block, param: &str) -> Option<usize> {
    let mut stmts = body.stmts.iter();
    let at = stmts.position(|stmt| assigns(stmt, param))?;
    let stmt = body.stmts.get(at)?;
    let fits = matches!(stmt.kind, StmtKind::If { .. }) && tests_class(stmt, param);
    let captured = body.stmts.iter().any(|stmt| captures(stmt, param));
    (fits && !captured && is_chain(stmt, param)).then_some(at)
}

/// Whether each branch gives the parameter its form with its last statement, leaves it as it
/// is, or leaves the function.
fn is_chain(stmt: &Stmt, param: &str) -> bool {
    let StmtKind::If { body, orelse, .. } = &stmt.kind else {
        return false;
    };
    let elif = match orelse.stmts.as_slice() {
        [
            only @ Stmt {
                kind: StmtKind::If { .. },
                ..
            },
        ] => is_chain(only, param),
        _ => is_branch(orelse, param),
    };
    elif && is_branch(body, param)
}

fn is_branch(block: &Block, param: &str) -> bool {
    match block.stmts.split_last() {
        Some((last, before)) => {
            let plain = target(last).is_some_and(|name| name == param) || !assigns(last, param);
            plain && !before.iter().any(|stmt| assigns(stmt, param))
        }
        None => true,
    }
}

/// The one name that a statement gives a value.
fn target(stmt: &Stmt) -> Option<&str> {
    match &stmt.kind {
        StmtKind::Assign { targets, .. } => match targets.as_slice() {
            [
                Expr {
                    kind: ExprKind::Name(name),
                    ..
                },
            ] => Some(name),
            _ => None,
        },
        _ => None,
    }
}

fn assigns(stmt: &Stmt, param: &str) -> bool {
    struct Assigns<'p>(&'p str, bool);
    impl<'ast> Visitor<'ast> for Assigns<'_> {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            for target in stmt.targets() {
                let mut leaves = Vec::new();
                crate::ast::leaves(target, &mut leaves);
                self.1 |= leaves
                    .iter()
                    .any(|leaf| matches!(&leaf.kind, ExprKind::Name(name) if name == self.0));
            }
            visit::walk_stmt(self, stmt);
        }

        fn visit_expr(&mut self, e: &'ast Expr) {
            self.1 |= matches!(&e.kind, ExprKind::Named { target, .. } if target.name == self.0);
            visit::walk_expr(self, e);
        }
    }
    let mut assigns = Assigns(param, false);
    assigns.visit_stmt(stmt);
    assigns.1
}

/// Whether a test of the chain asks which class the parameter is of.
fn tests_class(stmt: &Stmt, param: &str) -> bool {
    let StmtKind::If { test, orelse, .. } = &stmt.kind else {
        return false;
    };
    asks(test, param) || matches!(orelse.stmts.as_slice(), [only] if tests_class(only, param))
}

fn asks(e: &Expr, param: &str) -> bool {
    let own = match &e.kind {
        ExprKind::Call { func, args, .. } => {
            matches!(&func.kind, ExprKind::Name(name) if name == "isinstance")
                && matches!(args.first(), Some(Expr { kind: ExprKind::Name(name), .. }) if name == param)
        }
        _ => false,
    };
    own || visit::children(e).into_iter().any(|part| asks(part, param))
}

/// Whether a function within a statement names the parameter.
fn captures(stmt: &Stmt, param: &str) -> bool {
    struct Captures<'p>(&'p str, u32, bool);
    impl<'ast> Visitor<'ast> for Captures<'_> {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            let inner = u32::from(matches!(
                stmt.kind,
                StmtKind::Function(_) | StmtKind::Class(_)
            ));
            self.1 += inner;
            visit::walk_stmt(self, stmt);
            self.1 -= inner;
        }

        fn visit_expr(&mut self, e: &'ast Expr) {
            let inner = u32::from(matches!(e.kind, ExprKind::Lambda { .. }));
            self.1 += inner;
            self.2 |= self.1 > 0 && matches!(&e.kind, ExprKind::Name(name) if name == self.0);
            visit::walk_expr(self, e);
            self.1 -= inner;
        }
    }
    let mut captures = Captures(param, 0, false);
    captures.visit_stmt(stmt);
    captures.2
}

/// The chain, where each branch sets the new variable.
fn formed(stmt: &mut Stmt, param: &str, name: &str, next_id: &mut u32) {
    let span = stmt.span;
    let StmtKind::If { body, orelse, .. } = &mut stmt.kind else {
        return;
    };
    set_in(body, param, name, span, next_id);
    match orelse.stmts.as_mut_slice() {
        [
            only @ Stmt {
                kind: StmtKind::If { .. },
                ..
            },
        ] => formed(only, param, name, next_id),
        _ => set_in(orelse, param, name, span, next_id),
    }
}

fn set_in(
    block: &mut Block,
    param: &str,
    name: &str,
    span: crate::source::Span,
    next_id: &mut u32,
) {
    let leaves = |stmt: &Stmt| {
        matches!(
            stmt.kind,
            StmtKind::Return(_) | StmtKind::Raise { .. } | StmtKind::Break | StmtKind::Continue
        )
    };
    match block.stmts.last_mut() {
        Some(last) if target(last) == Some(param) => {
            if let StmtKind::Assign { targets, .. } = &mut last.kind
                && let Some(target) = targets.first_mut()
            {
                *target = Build { next_id, span }.name(name);
            }
        }
        Some(last) if leaves(last) => {}
        _ => {
            let mut build = Build { next_id, span };
            let (target, value) = (build.name(name), build.name(param));
            let kept = build.assign(target, value);
            block.stmts.push(kept);
        }
    }
}
