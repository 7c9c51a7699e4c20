//! The class that a function is which makes functions.
//!
//! Enters: a function. Leaves: the statements of its class, where it ends in returning what
//! it defines, and nothing in it keeps its variables from being attributes. This module must
//! not know who calls it.

use super::super::build::Build;
use super::super::names::Names;
use super::names_of;
use crate::ast::{
    self, Block, Docstring, Expr, ExprKind, Function, ParamKind, PatternKind, Stmt, StmtKind,
};
use crate::source::Span;
use std::collections::BTreeSet;

/// What the instance is called in its methods.
const OWN: &str = "self";

/// A function as a class.
#[derive(Debug)]
pub(super) struct Made {
    /// What stands in the class.
    pub(super) stmts: Vec<Stmt>,
    pub(super) doc: Option<Docstring>,
    pub(super) span: Span,
    /// The methods that are returned as a tuple; none where the one is `__call__`.
    pub(super) returned: Vec<String>,
}

/// The class that a function is; nothing where it is none.
pub(super) fn made(function: &Function, next_id: &mut u32) -> Option<Made> {
    let (last, before) = function.body.stmts.split_last()?;
    let StmtKind::Return(Some(value)) = &last.kind else {
        return None;
    };
    let plain = |k: ParamKind| !matches!(k, ParamKind::VarArgs | ParamKind::KwArgs);
    if !function.decorators.is_empty()
        || function.is_async
        || !function.params.list.iter().all(|p| plain(p.kind))
    {
        return None;
    }
    let (nested, setup): (Vec<&Stmt>, Vec<&Stmt>) = before
        .iter()
        .partition(|s| matches!(s.kind, StmtKind::Function(_)));
    let mut nested: Vec<Stmt> = nested.into_iter().cloned().collect();
    let mut called = None;
    let returned = match &value.kind {
        ExprKind::Name(name) => {
            called = Some(name.clone());
            Vec::new()
        }
        ExprKind::Lambda { params, body } => {
            let mut build = Build {
                next_id,
                span: value.span,
            };
            let back = build.stmt(StmtKind::Return(Some((**body).clone())));
            let stmt = build.function("__call__", params.list.clone(), vec![back]);
            nested.push(stmt);
            called = Some("__call__".to_string());
            Vec::new()
        }
        ExprKind::Tuple(_) => names_of(value)?,
        _ => return None,
    };
    let own = |name: &String| {
        let is = |s: &&Stmt| matches!(&s.kind, StmtKind::Function(f) if f.name.name == *name);
        nested.iter().filter(is).count() == 1
    };
    if !called.iter().chain(&returned).all(own) || setup.iter().any(|s| !is_setup(s)) {
        return None;
    }
    let all = Names::of(function);
    let functions: BTreeSet<String> = names(&nested);
    let mut captured = BTreeSet::new();
    let mut odd = Odd::default();
    for stmt in &setup {
        ast::visit::Visitor::visit_stmt(&mut odd, stmt);
    }
    for stmt in &nested {
        let StmtKind::Function(inner) = &stmt.kind else {
            continue;
        };
        let inside = Names::of(inner);
        let free: BTreeSet<&String> = inside
            .read
            .iter()
            .chain(&inside.nonlocals)
            .filter(|n| !inside.binds(n))
            .collect();
        let kept = |n: &&&String| all.binds(n) || functions.contains(**n);
        captured.extend(free.iter().filter(kept).map(|n| (*n).clone()));
        for stmt in &inner.body.stmts {
            ast::visit::Visitor::visit_stmt(&mut odd, stmt);
        }
        let defaults = inner.params.list.iter().filter_map(|p| p.default.as_ref());
        let mut given = Names::default();
        defaults.for_each(|d| given.expr(d));
        if inside.refuses
            || !inner.decorators.is_empty()
            || inner.is_async
            || inside.read.contains(OWN)
            || !inner.params.list.iter().all(|p| plain(p.kind))
            || given.read.iter().any(|n| all.binds(n))
        {
            return None;
        }
    }
    let helpers: BTreeSet<String> = captured.intersection(&functions).cloned().collect();
    captured.retain(|n| !functions.contains(n));
    let before_all = setup.iter().any(|s| {
        let mut names = Names::default();
        names.stmt(s);
        !names.read.is_disjoint(&functions)
    });
    if captured.is_empty()
        || before_all
        || all.bound.contains_key(OWN)
        || all.refuses
        || !captured.is_disjoint(&odd.names)
        || odd.names.contains(OWN)
        || called.as_ref().is_some_and(|c| helpers.contains(c))
        || !only_called(&nested, &helpers)
    {
        return None;
    }
    Some(Made {
        stmts: class_body(
            function,
            &setup,
            nested,
            &captured,
            called.as_ref(),
            next_id,
        ),
        doc: function.doc.clone(),
        span: function.name.span,
        returned,
    })
}

/// The names of the functions among some statements.
fn names(stmts: &[Stmt]) -> BTreeSet<String> {
    let functions = stmts.iter().filter_map(Stmt::function);
    functions.map(|f| f.name.name.clone()).collect()
}

/// The constructor and the methods.
fn class_body(
    function: &Function,
    setup: &[&Stmt],
    nested: Vec<Stmt>,
    captured: &BTreeSet<String>,
    called: Option<&String>,
    next_id: &mut u32,
) -> Vec<Stmt> {
    let functions: BTreeSet<String> = names(&nested);
    let mut build = Build {
        next_id,
        span: function.name.span,
    };
    let mut params = vec![build.param(OWN, ParamKind::Normal, None)];
    params.extend(function.params.list.iter().cloned());
    let mut body = Vec::new();
    for param in &function.params.list {
        let name = &param.name.name;
        if captured.contains(name) {
            build.span = param.name.span;
            let (target, value) = (build.of(OWN, name), build.name(name));
            body.push(build.assign(target, value));
        }
    }
    build.span = function.name.span;
    let mut rest = Block {
        stmts: setup.iter().map(|s| (*s).clone()).collect(),
        trailing: Vec::new(),
    };
    attributes(&mut rest, captured, &functions, build.next_id);
    body.extend(rest.stmts);
    let mut stmts = vec![build.function("__init__", params, body)];
    for mut stmt in nested {
        if let StmtKind::Function(method) = &mut stmt.kind {
            let inside = Names::of(method);
            let own: BTreeSet<String> = captured
                .iter()
                .filter(|n| !inside.binds(n))
                .cloned()
                .collect();
            attributes(&mut method.body, &own, &functions, next_id);
            without_nonlocal(&mut method.body);
            let mut build = Build {
                next_id,
                span: method.name.span,
            };
            let this = build.param(OWN, ParamKind::Normal, None);
            method.params.list.insert(0, this);
            if called == Some(&method.name.name) {
                method.name.name = "__call__".to_string();
            }
        }
        stmts.push(stmt);
    }
    stmts
}

/// `self.y` for what is captured, `self.f(…)` for the functions beside.
fn attributes(
    block: &mut Block,
    captured: &BTreeSet<String>,
    functions: &BTreeSet<String>,
    next_id: &mut u32,
) {
    ast::rewrite::block(block, &mut |e| {
        if let ExprKind::Name(name) = &e.kind
            && (captured.contains(name) || functions.contains(name))
        {
            let name = name.clone();
            let mut build = Build {
                next_id,
                span: e.span,
            };
            e.kind = build.of(OWN, &name).kind;
        }
    });
}

fn without_nonlocal(block: &mut Block) {
    for stmt in &mut block.stmts {
        if let StmtKind::Nonlocal(_) = stmt.kind {
            stmt.kind = StmtKind::Pass;
        }
        for inner in ast::branches_mut(stmt) {
            without_nonlocal(inner);
        }
    }
    if block.stmts.len() > 1 {
        block
            .stmts
            .retain(|s| !matches!(s.kind, StmtKind::Pass) || !s.comments.is_empty());
    }
}

/// Whether a statement may stand in a constructor.
fn is_setup(stmt: &Stmt) -> bool {
    let plain = matches!(
        stmt.kind,
        StmtKind::Assign { .. }
            | StmtKind::AugAssign { .. }
            | StmtKind::AnnAssign { .. }
            | StmtKind::Expr(_)
            | StmtKind::If { .. }
            | StmtKind::For { .. }
            | StmtKind::While { .. }
            | StmtKind::Raise { .. }
            | StmtKind::Assert { .. }
            | StmtKind::Pass
            | StmtKind::Break
            | StmtKind::Continue
    );
    plain
        && ast::branches(stmt)
            .iter()
            .all(|b| b.stmts.iter().all(is_setup))
}

/// Whether functions are used in others in no way but by calling them.
fn only_called(nested: &[Stmt], helpers: &BTreeSet<String>) -> bool {
    struct Values<'h>(&'h BTreeSet<String>, bool);
    impl<'ast> ast::visit::Visitor<'ast> for Values<'_> {
        fn visit_expr(&mut self, e: &'ast Expr) {
            match &e.kind {
                ExprKind::Call {
                    func,
                    args,
                    keywords,
                } if matches!(func.kind, ExprKind::Name(_)) => {
                    let given = keywords.iter().map(|k| &k.value);
                    args.iter().chain(given).for_each(|a| self.visit_expr(a));
                }
                ExprKind::Name(name) => self.1 |= self.0.contains(name),
                _ => ast::visit::walk_expr(self, e),
            }
        }
    }
    let mut values = Values(helpers, false);
    for stmt in nested {
        ast::visit::Visitor::visit_stmt(&mut values, stmt);
    }
    !values.1
}

/// The names that are bound in ways in which no attribute is.
#[derive(Default)]
struct Odd {
    names: BTreeSet<String>,
}

impl Odd {
    fn target(&mut self, e: &Expr) {
        let mut names = Names::default();
        names.target(e);
        self.names.extend(names.bound.into_keys());
    }
}

impl<'ast> ast::visit::Visitor<'ast> for Odd {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::For { target, .. } => self.target(target),
            StmtKind::With { items, .. } => items
                .iter()
                .filter_map(|(_, t)| t.as_ref())
                .for_each(|t| self.target(t)),
            StmtKind::Delete(targets) => targets.iter().for_each(|t| self.target(t)),
            StmtKind::Function(_)
            | StmtKind::Class(_)
            | StmtKind::Import(_)
            | StmtKind::ImportFrom { .. } => {
                let mut names = Names::default();
                names.stmt(stmt);
                self.names.extend(names.bound.into_keys());
                self.names.extend(names.read);
            }
            StmtKind::Try { handlers, .. } => {
                let names = handlers.iter().filter_map(|h| h.name.as_ref());
                self.names.extend(names.map(|n| n.name.clone()));
            }
            _ => {}
        }
        ast::visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Named { target, .. } => {
                self.names.insert(target.name.clone());
            }
            ExprKind::Lambda { params, .. } => {
                let names = params.list.iter().map(|p| p.name.name.clone());
                self.names.extend(names);
            }
            ExprKind::Comprehension { clauses, .. } => {
                clauses.iter().for_each(|c| self.target(&c.target));
            }
            _ => {}
        }
        ast::visit::walk_expr(self, e);
    }

    fn visit_pattern(&mut self, pattern: &'ast ast::Pattern) {
        if let PatternKind::As {
            name: Some(name), ..
        }
        | PatternKind::Star(Some(name)) = &pattern.kind
        {
            self.names.insert(name.clone());
        }
        ast::visit::walk_pattern(self, pattern);
    }
}
