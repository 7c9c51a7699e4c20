//! Exceptions that a variable or an attribute keeps, for what they say: `last = e`.
//!
//! Enters: the module. Leaves: the same, where such a variable keeps the text, `last = str(e)`,
//! as long as nothing else is asked of it than its text and whether there is one. Any other
//! stays as it is, and is refused later. This module must not know types.

use super::build::Build;
use super::names::Names;
use crate::ast::visit::{self, Visitor};
use crate::ast::{
    self, Block, CompareOp, Conversion, Expr, ExprKind, FStringPart, Function, Module, Stmt,
    StmtKind, UnaryOp,
};
use std::collections::BTreeSet;

/// What keeps an exception.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Keeper {
    /// A local variable.
    Name(String),
    /// An attribute, of whatever object.
    Attr(String),
}

impl Keeper {
    fn of(e: &Expr) -> Option<Keeper> {
        match &e.kind {
            ExprKind::Name(name) => Some(Keeper::Name(name.clone())),
            ExprKind::Attribute { attr, .. } => Some(Keeper::Attr(attr.name.clone())),
            _ => None,
        }
    }

    fn is(&self, e: &Expr) -> bool {
        match (self, &e.kind) {
            (Keeper::Name(name), ExprKind::Name(n)) => name == n,
            (Keeper::Attr(name), ExprKind::Attribute { attr, .. }) => attr.name == *name,
            _ => false,
        }
    }
}

/// Rewrites the module.
pub(super) fn stored_exceptions(module: &mut Module, next_id: &mut u32) {
    let kept = keepers(&module.body);
    let attrs = kept.iter().filter(|k| matches!(k, Keeper::Attr(_)));
    for keeper in attrs.cloned().collect::<Vec<Keeper>>() {
        if is_text(&keeper, &module.body) {
            store_text(&mut module.body, &keeper, None, next_id);
        }
    }
    functions(&mut module.body, next_id);
}

fn functions(block: &mut Block, next_id: &mut u32) {
    for stmt in &mut block.stmts {
        if let StmtKind::Function(function) = &mut stmt.kind {
            of_function(function, next_id);
        }
        for inner in ast::blocks_mut(stmt) {
            functions(inner, next_id);
        }
    }
}

fn of_function(function: &mut Function, next_id: &mut u32) {
    let kept = keepers(&function.body);
    let names = Names::of(function);
    for keeper in kept {
        let Keeper::Name(name) = &keeper else {
            continue;
        };
        let assigned = assignments(&keeper, &function.body);
        // A name that something else binds as well is none.
        if names.refuses || names.bound.get(name) != Some(&assigned) {
            continue;
        }
        if is_text(&keeper, &function.body) {
            store_text(&mut function.body, &keeper, None, next_id);
        }
    }
}

/// The exception that a handler around a statement binds, and does not bind anew.
fn caught(handler: &ast::Handler) -> Option<&str> {
    let name = &handler.name.as_ref()?.name;
    let mut bound = Names::default();
    handler.body.stmts.iter().for_each(|s| bound.stmt(s));
    (!bound.bound.contains_key(name)).then_some(name.as_str())
}

/// Calls `f` on each statement, with the exception that is caught there.
fn each(block: &Block, f: &mut dyn FnMut(&Stmt, Option<&str>)) {
    struct Each<'f, 'a> {
        f: &'f mut dyn FnMut(&Stmt, Option<&str>),
        error: Option<&'a str>,
    }
    impl<'a> Visitor<'a> for Each<'_, 'a> {
        fn visit_stmt(&mut self, stmt: &'a Stmt) {
            (self.f)(stmt, self.error);
            let StmtKind::Try {
                body,
                handlers,
                orelse,
                finalbody,
            } = &stmt.kind
            else {
                return visit::walk_stmt(self, stmt);
            };
            for handler in handlers {
                let around = self.error;
                self.error = caught(handler).or(around);
                self.visit_block(&handler.body);
                self.error = around;
            }
            for inner in [body, orelse, finalbody] {
                self.visit_block(inner);
            }
        }
        fn visit_expr(&mut self, _: &'a Expr) {}
    }
    Each { f, error: None }.visit_block(block);
}

fn is_name(e: &Expr, name: Option<&str>) -> bool {
    matches!((&e.kind, name), (ExprKind::Name(n), Some(name)) if n == name)
}

/// What is given an exception.
fn keepers(block: &Block) -> BTreeSet<Keeper> {
    let mut out = BTreeSet::new();
    each(block, &mut |stmt, error| {
        if let Some((target, value)) = stmt.assigned()
            && is_name(value, error)
        {
            out.extend(Keeper::of(target));
        }
    });
    out
}

/// How often it is given an exception or None.
fn assignments(keeper: &Keeper, block: &Block) -> usize {
    let mut count = 0;
    each(block, &mut |stmt, error| {
        if let Some((target, value)) = stmt.assigned()
            && keeper.is(target)
        {
            let kept = is_name(value, error) || matches!(value.kind, ExprKind::None);
            count += usize::from(kept);
        }
    });
    count
}

/// Whether all that is asked of it is its text, and whether there is one.
fn is_text(keeper: &Keeper, block: &Block) -> bool {
    struct Uses<'k> {
        keeper: &'k Keeper,
        all: usize,
        known: usize,
    }
    impl Uses<'_> {
        fn known(&mut self, e: &Expr) {
            self.known += usize::from(self.keeper.is(e));
        }
        /// `if last`, `if not last`
        fn test(&mut self, e: &Expr) {
            match &e.kind {
                ExprKind::Unary {
                    op: UnaryOp::Not,
                    operand,
                } => self.known(operand),
                _ => self.known(e),
            }
        }
    }
    impl<'ast> Visitor<'ast> for Uses<'_> {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            match &stmt.kind {
                StmtKind::If { test, .. } | StmtKind::While { test, .. } => self.test(test),
                StmtKind::Raise {
                    cause: Some(cause), ..
                } => self.known(cause),
                _ => {}
            }
            visit::walk_stmt(self, stmt);
        }
        fn visit_expr(&mut self, e: &'ast Expr) {
            self.all += usize::from(self.keeper.is(e));
            match &e.kind {
                ExprKind::Compare { left, ops, rest } => {
                    if let ([CompareOp::Is | CompareOp::IsNot], [none]) =
                        (ops.as_slice(), rest.as_slice())
                        && matches!(none.kind, ExprKind::None)
                    {
                        self.known(left);
                    }
                }
                ExprKind::Conditional { test, .. } => self.test(test),
                ExprKind::Call { func, args, .. } if matches!(&func.kind, ExprKind::Name(n) if n == "str" || n == "print") =>
                {
                    args.iter().for_each(|arg| self.known(arg));
                }
                ExprKind::FString(parts) => {
                    for part in parts {
                        if let FStringPart::Value {
                            value,
                            conversion: None | Some(Conversion::Str),
                            spec,
                        } = part
                            && spec.is_empty()
                        {
                            self.known(value);
                        }
                    }
                }
                _ => {}
            }
            visit::walk_expr(self, e);
        }
    }
    let mut uses = Uses {
        keeper,
        all: 0,
        known: 0,
    };
    uses.visit_block(block);
    uses.all == uses.known + assignments(keeper, block)
}

/// Keeps the text of the exception in its place.
fn store_text(block: &mut Block, keeper: &Keeper, error: Option<&str>, next_id: &mut u32) {
    for stmt in &mut block.stmts {
        let kept = stmt.assigned().is_some_and(|(target, _)| keeper.is(target));
        match &mut stmt.kind {
            StmtKind::Assign { value, .. } if kept => text_of(value, error, next_id),
            StmtKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } if kept => {
                text_of(value, error, next_id);
                stmt.kind = StmtKind::Assign {
                    targets: vec![target.clone()],
                    value: value.clone(),
                };
            }
            StmtKind::If { test, .. } | StmtKind::While { test, .. } => {
                asked(test, keeper, next_id);
            }
            StmtKind::Raise { cause, .. } if cause.as_ref().is_some_and(|c| keeper.is(c)) => {
                *cause = None;
            }
            StmtKind::Try {
                body,
                handlers,
                orelse,
                finalbody,
            } => {
                for handler in handlers {
                    let name = caught(handler).map(str::to_string);
                    store_text(
                        &mut handler.body,
                        keeper,
                        name.as_deref().or(error),
                        next_id,
                    );
                }
                for inner in [body, orelse, finalbody] {
                    store_text(inner, keeper, error, next_id);
                }
                continue;
            }
            _ => {}
        }
        ast::rewrite::roots(stmt, &mut |e| {
            ast::rewrite::expr(e, &mut |e| {
                if let ExprKind::Conditional { test, .. } = &mut e.kind {
                    asked(test, keeper, next_id);
                }
            });
        });
        for inner in ast::blocks_mut(stmt) {
            store_text(inner, keeper, error, next_id);
        }
    }
}

/// `str(e)` for `e`
fn text_of(value: &mut Expr, error: Option<&str>, next_id: &mut u32) {
    if is_name(value, error) {
        let mut build = Build {
            next_id,
            span: value.span,
        };
        let func = build.name("str");
        *value = build.call(func, vec![value.clone()]);
    }
}

/// An exception is true whatever it says.
fn asked(test: &mut Expr, keeper: &Keeper, next_id: &mut u32) {
    let (op, of) = match &test.kind {
        ExprKind::Unary {
            op: UnaryOp::Not,
            operand,
        } if keeper.is(operand) => (CompareOp::Is, (**operand).clone()),
        _ if keeper.is(test) => (CompareOp::IsNot, test.clone()),
        _ => return,
    };
    let mut build = Build {
        next_id,
        span: test.span,
    };
    let none = build.expr(ExprKind::None);
    *test = build.expr(ExprKind::Compare {
        left: Box::new(of),
        ops: vec![op],
        rest: vec![none],
    });
}
