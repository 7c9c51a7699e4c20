//! The rules that CPython's compiler adds to its grammar.
//!
//! Enters: a tree. Leaves: a `SyntaxError` for each statement or expression that stands
//! where Python does not allow it: `return` outside of a function, `break` outside of a
//! loop, targets that nothing can be assigned to. This module must not know the text.

mod target;

use crate::ast::visit::{Visitor, walk_block, walk_expr, walk_pattern, walk_stmt};
use crate::ast::{
    Block, ComprehensionKind, Expr, ExprKind, Function, Param, ParamKind, Params, Pattern,
    PatternKind, Stmt, StmtKind,
};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// Everything in the module that CPython would refuse.
pub(super) fn check(module: &crate::ast::Module) -> Vec<Diagnostic> {
    let mut checker = Checker {
        scope: Scope::Module,
        in_loop: false,
        found: Vec::new(),
    };
    checker.visit_block(&module.body);
    checker.found
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    Module,
    Class,
    Function { is_async: bool },
    Lambda,
}

struct Checker {
    scope: Scope,
    in_loop: bool,
    found: Vec<Diagnostic>,
}

impl Checker {
    fn refuse(&mut self, span: Span, message: impl Into<String>) {
        self.found
            .push(Diagnostic::new(Code::SyntaxError, span, message));
    }

    fn within(&mut self, scope: Scope, in_loop: bool, body: impl FnOnce(&mut Self)) {
        let outer = (self.scope, self.in_loop);
        (self.scope, self.in_loop) = (scope, in_loop);
        body(self);
        (self.scope, self.in_loop) = outer;
    }

    fn loop_body(&mut self, body: &Block) {
        let scope = self.scope;
        self.within(scope, true, |c| c.visit_block(body));
    }

    fn params(&mut self, params: &Params) {
        for param in &params.list {
            self.visit_param(param);
        }
    }

    fn function(&mut self, function: &Function) {
        for decorator in &function.decorators {
            self.visit_expr(decorator);
        }
        self.params(&function.params);
        if let Some(returns) = &function.returns {
            self.visit_expr(returns);
        }
        for stmt in &function.body.stmts {
            if let StmtKind::Global(names) | StmtKind::Nonlocal(names) = &stmt.kind {
                for param in &function.params.list {
                    if names.contains(&param.name.name) {
                        let message = format!("`{}` is a parameter and global", param.name.name);
                        self.refuse(stmt.span, message);
                    }
                }
            }
        }
        let is_async = function.is_async;
        self.within(Scope::Function { is_async }, false, |c| {
            c.visit_block(&function.body);
        });
    }

    fn needs_async(&mut self, span: Span, what: &str) {
        match self.scope {
            Scope::Function { is_async: true } => {}
            Scope::Function { is_async: false } | Scope::Lambda => {
                self.refuse(span, format!("{what} outside async function"));
            }
            Scope::Module | Scope::Class => {
                self.refuse(span, format!("{what} outside function"));
            }
        }
    }

    /// Items of a display, a call or an index, where `*x` may stand.
    fn items<'a>(&mut self, items: impl IntoIterator<Item = &'a Expr>) {
        for item in items {
            match &item.kind {
                ExprKind::Starred(value) => self.visit_expr(value),
                _ => self.visit_expr(item),
            }
        }
    }

    fn fstring_pattern(&mut self, value: &Expr) {
        if let ExprKind::FString(_) = value.kind {
            let message = "a pattern may only be a literal or a dotted name";
            self.refuse(value.span, message);
        }
    }
}

impl<'ast> Visitor<'ast> for Checker {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        self.targets(stmt);
        match &stmt.kind {
            StmtKind::Function(function) => return self.function(function),
            StmtKind::Class(class) => {
                self.items(&class.decorators);
                self.items(&class.bases);
                self.items(class.keywords.iter().map(|k| &k.value));
                return self.within(Scope::Class, false, |c| walk_block(c, &class.body));
            }
            StmtKind::Return(_) => {
                if !matches!(self.scope, Scope::Function { .. }) {
                    self.refuse(stmt.span, "`return` outside function");
                }
            }
            StmtKind::Break if !self.in_loop => self.refuse(stmt.span, "`break` outside loop"),
            StmtKind::Continue if !self.in_loop => {
                self.refuse(stmt.span, "`continue` not properly in loop");
            }
            StmtKind::While { test, body, orelse } => {
                self.visit_expr(test);
                self.loop_body(body);
                return self.visit_block(orelse);
            }
            StmtKind::For {
                target,
                iter,
                body,
                orelse,
                is_async,
            } => {
                if *is_async {
                    self.needs_async(stmt.span, "`async for`");
                }
                self.items([target]);
                self.visit_expr(iter);
                self.loop_body(body);
                return self.visit_block(orelse);
            }
            StmtKind::With { is_async: true, .. } => self.needs_async(stmt.span, "`async with`"),
            StmtKind::Try { handlers, .. } => {
                let before_last = handlers.len().saturating_sub(1);
                for handler in handlers.iter().take(before_last) {
                    if handler.types.is_none() {
                        self.refuse(handler.span, "a bare `except:` must be last");
                    }
                }
            }
            StmtKind::Nonlocal(_) if self.scope == Scope::Module => {
                self.refuse(stmt.span, "`nonlocal` is not allowed at module level");
            }
            StmtKind::ImportFrom { names, .. } => {
                if self.scope != Scope::Module && names.iter().any(|n| n.name.name == "*") {
                    self.refuse(stmt.span, "`import *` is only allowed at module level");
                }
            }
            StmtKind::Delete(_)
            | StmtKind::Assign { .. }
            | StmtKind::AugAssign { .. }
            | StmtKind::AnnAssign { .. }
            | StmtKind::If { .. }
            | StmtKind::With { .. }
            | StmtKind::Raise { .. }
            | StmtKind::Assert { .. }
            | StmtKind::Import(_)
            | StmtKind::Global(_)
            | StmtKind::Nonlocal(_)
            | StmtKind::Expr(_)
            | StmtKind::Pass
            | StmtKind::Break
            | StmtKind::Continue
            | StmtKind::Match { .. }
            | StmtKind::Unsupported(_) => {}
        }
        walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'ast Expr) {
        match &expr.kind {
            ExprKind::Starred(value) => {
                self.refuse(expr.span, "a starred expression cannot stand here");
                return self.visit_expr(value);
            }
            ExprKind::Tuple(items) | ExprKind::List(items) | ExprKind::Set(items) => {
                return self.items(items);
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } => {
                self.visit_expr(func);
                self.items(args);
                return self.items(keywords.iter().map(|k| &k.value));
            }
            ExprKind::Lambda { params, body } => {
                self.params(params);
                return self.within(Scope::Lambda, false, |c| c.visit_expr(body));
            }
            ExprKind::Comprehension { kind, clauses, .. } => {
                for clause in clauses {
                    self.assignable(&clause.target);
                }
                if *kind == ComprehensionKind::Generator {
                    // With `await` in it, it is an asynchronous generator, anywhere.
                    let scope = Scope::Function { is_async: true };
                    return self.within(scope, false, |c| walk_expr(c, expr));
                }
            }
            ExprKind::Yield(_) | ExprKind::YieldFrom(_) => match self.scope {
                Scope::Module | Scope::Class => {
                    self.refuse(expr.span, "`yield` outside function");
                }
                Scope::Function { .. } | Scope::Lambda => {}
            },
            ExprKind::Await(_) => self.needs_async(expr.span, "`await`"),
            ExprKind::None
            | ExprKind::Bool(_)
            | ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Imaginary(_)
            | ExprKind::Str(_)
            | ExprKind::Bytes(_)
            | ExprKind::Ellipsis
            | ExprKind::FString(_)
            | ExprKind::Name(_)
            | ExprKind::Attribute { .. }
            | ExprKind::Subscript { .. }
            | ExprKind::Slice { .. }
            | ExprKind::Unary { .. }
            | ExprKind::Binary { .. }
            | ExprKind::Logical { .. }
            | ExprKind::Compare { .. }
            | ExprKind::Conditional { .. }
            | ExprKind::Dict(_)
            | ExprKind::Named { .. }
            | ExprKind::Unsupported(_) => {}
        }
        walk_expr(self, expr);
    }

    fn visit_pattern(&mut self, pattern: &'ast Pattern) {
        match &pattern.kind {
            PatternKind::Value(value) => self.fstring_pattern(value),
            PatternKind::Mapping { items, rest: _ } => {
                for (key, _) in items {
                    self.fstring_pattern(key);
                }
            }
            PatternKind::Sequence(patterns) => {
                let stars = patterns
                    .iter()
                    .filter(|p| matches!(p.kind, PatternKind::Star(_)));
                if let Some(second) = stars.clone().nth(1) {
                    self.refuse(second.span, "multiple starred patterns in a sequence");
                }
                for pattern in patterns {
                    if !matches!(pattern.kind, PatternKind::Star(_)) {
                        self.visit_pattern(pattern);
                    }
                }
                return;
            }
            PatternKind::Star(_) => {
                self.refuse(pattern.span, "a starred pattern cannot stand here");
            }
            PatternKind::Singleton(_)
            | PatternKind::Class { .. }
            | PatternKind::As { .. }
            | PatternKind::Or(_) => {}
        }
        walk_pattern(self, pattern);
    }

    fn visit_param(&mut self, param: &'ast Param) {
        if let Some(annotation) = &param.annotation {
            if param.kind == ParamKind::VarArgs {
                self.items([annotation]);
            } else {
                self.visit_expr(annotation);
            }
        }
        if let Some(default) = &param.default {
            self.visit_expr(default);
        }
    }
}
