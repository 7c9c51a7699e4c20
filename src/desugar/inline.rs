//! A function's body in place of its call.
//!
//! Enters: a function that is called for its effect, and the call. Leaves: its statements
//! with the arguments in them and its names kept apart from the caller's, or nothing where
//! that would change what they mean. This module must not know types.

use super::inherit::{argument_of, name_at};
use crate::ast::{self, Expr, ExprKind, Function, Keyword, NodeId, ParamKind, Stmt, StmtKind};
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// The call, in the function around it.
pub(super) struct Site<'s> {
    /// The caller; its body is what follows the call.
    pub(super) function: &'s Function,
    /// The caller's statements before the call.
    pub(super) before: &'s [Stmt],
    /// The call.
    pub(super) stmt: &'s Stmt,
    /// What the caller calls the instance.
    pub(super) this: &'s str,
    /// The arguments by place, but for the instance.
    pub(super) args: &'s [Expr],
    /// The arguments by name.
    pub(super) keywords: &'s [Keyword],
}

/// Names in a piece of the tree.
#[derive(Default)]
struct Names {
    all: BTreeSet<String>,
    bound: BTreeSet<String>,
    /// A `return`, a nested function: what cannot be put elsewhere.
    leaves: bool,
}

impl Names {
    fn bind(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Name(name) => {
                self.bound.insert(name.clone());
            }
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|i| self.bind(i));
            }
            ExprKind::Starred(inner) => self.bind(inner),
            _ => {}
        }
    }
}

impl<'ast> ast::visit::Visitor<'ast> for Names {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, .. } => targets.iter().for_each(|t| self.bind(t)),
            StmtKind::AugAssign { target, .. }
            | StmtKind::AnnAssign { target, .. }
            | StmtKind::For { target, .. } => self.bind(target),
            StmtKind::With { items, .. } => {
                items
                    .iter()
                    .filter_map(|(_, t)| t.as_ref())
                    .for_each(|t| self.bind(t));
            }
            StmtKind::Return(_)
            | StmtKind::Function(_)
            | StmtKind::Class(_)
            | StmtKind::Import(_)
            | StmtKind::ImportFrom { .. }
            | StmtKind::Global(_)
            | StmtKind::Nonlocal(_)
            | StmtKind::Try { .. }
            | StmtKind::Match { .. }
            | StmtKind::Delete(_)
            | StmtKind::Unsupported(_) => self.leaves = true,
            StmtKind::If { .. }
            | StmtKind::While { .. }
            | StmtKind::Raise { .. }
            | StmtKind::Assert { .. }
            | StmtKind::Expr(_)
            | StmtKind::Pass
            | StmtKind::Break
            | StmtKind::Continue => {}
        }
        ast::visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Name(name) => {
                self.all.insert(name.clone());
            }
            ExprKind::Named { target, .. } => {
                self.bound.insert(target.name.clone());
            }
            ExprKind::Comprehension { clauses, .. } => {
                clauses.iter().for_each(|c| self.bind(&c.target));
            }
            ExprKind::Lambda { .. } | ExprKind::Yield(_) | ExprKind::YieldFrom(_) => {
                self.leaves = true;
            }
            _ => {}
        }
        ast::visit::walk_expr(self, e);
    }
}

fn names_of<'s>(stmts: impl IntoIterator<Item = &'s Stmt>) -> Names {
    let mut names = Names::default();
    for stmt in stmts {
        ast::visit::Visitor::visit_stmt(&mut names, stmt);
    }
    names
}

/// Whether a value is the same wherever it stands.
fn is_plain(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::None
        | ExprKind::Bool(_)
        | ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Str(_)
        | ExprKind::Name(_) => true,
        ExprKind::Unary { operand, .. } => {
            is_plain(operand) && !matches!(operand.kind, ExprKind::Name(_))
        }
        ExprKind::Tuple(items) => items.iter().all(super::keywords::is_literal),
        _ => false,
    }
}

/// The statements of `callee` for the call at `site`.
pub(super) fn body(callee: &Function, site: &Site<'_>, next_id: &mut u32) -> Option<Vec<Stmt>> {
    let mut params = callee.params.list.iter();
    let own = params.next()?.name.name.clone();
    let params: Vec<&ast::Param> = params.collect();
    let starred = site
        .args
        .iter()
        .any(|a| matches!(a.kind, ExprKind::Starred(_)))
        || site.keywords.iter().any(|k| k.name.is_none());
    let variadic = params
        .iter()
        .any(|p| matches!(p.kind, ParamKind::VarArgs | ParamKind::KwArgs));
    let known = |name: &str| params.iter().any(|p| p.name.name == name);
    let unknown = site
        .keywords
        .iter()
        .any(|k| k.name.as_ref().is_none_or(|n| !known(&n.name)));
    if starred || variadic || unknown || site.args.len() > params.len() {
        return None;
    }
    let inner = names_of(&callee.body.stmts);
    let mut outer = names_of(
        site.before
            .iter()
            .chain([site.stmt])
            .chain(&site.function.body.stmts),
    );
    for param in &site.function.params.list {
        outer.bound.insert(param.name.name.clone());
    }
    outer.all.extend(outer.bound.iter().cloned());
    let is_param = |name: &String| *name == own || params.iter().any(|p| p.name.name == *name);
    // A name of the module must not meet a variable of the caller.
    let captured = inner
        .all
        .iter()
        .any(|n| !is_param(n) && !inner.bound.contains(n) && outer.bound.contains(n));
    if inner.leaves || inner.bound.contains(&own) || captured {
        return None;
    }
    let mut taken: BTreeSet<String> = outer.all.union(&inner.all).cloned().collect();
    let mut fresh = |name: &str| {
        let mut unique = format!("base_{name}");
        while !taken.insert(unique.clone()) {
            unique.push('_');
        }
        unique
    };
    let mut replaced: BTreeMap<String, (ExprKind, Option<Span>)> = BTreeMap::new();
    replaced.insert(own.clone(), (ExprKind::Name(site.this.to_string()), None));
    let mut held: Vec<(u32, String, Expr)> = Vec::new();
    for (place, param) in params.iter().enumerate() {
        let name = &param.name.name;
        let arg = argument_of(param, place, site.args, site.keywords)?;
        let is_default = param.default.as_ref().is_some_and(|d| d.id == arg.id);
        let local = matches!(&arg.kind, ExprKind::Name(n) if outer.bound.contains(n));
        if is_default && (!is_plain(arg) || local) {
            return None;
        }
        if is_plain(arg) && !inner.bound.contains(name) {
            // A literal is written as it stands in the call.
            let span = (!matches!(arg.kind, ExprKind::Name(_))).then_some(arg.span);
            replaced.insert(name.clone(), (arg.kind.clone(), span));
        } else {
            let variable = if outer.all.contains(name) {
                fresh(name)
            } else {
                name.clone()
            };
            replaced.insert(name.clone(), (ExprKind::Name(variable.clone()), None));
            held.push((arg.span.start, variable, arg.clone()));
        }
    }
    for name in &inner.bound {
        if !is_param(name) && outer.all.contains(name) {
            replaced.insert(name.clone(), (ExprKind::Name(fresh(name)), None));
        }
    }
    // Arguments are evaluated in the order of the call.
    held.sort_by_key(|(start, ..)| *start);
    let mut out: Vec<Stmt> = held
        .into_iter()
        .map(|(_, name, value)| Stmt {
            id: NodeId(0),
            span: site.stmt.span,
            blank_before: false,
            comments: Vec::new(),
            line_comment: None,
            kind: StmtKind::Assign {
                targets: vec![name_at(value.span, &name, next_id)],
                value,
            },
        })
        .collect();
    for stmt in &callee.body.stmts {
        let mut stmt = stmt.clone();
        ast::rewrite::stmt(&mut stmt, &mut |e| match &mut e.kind {
            ExprKind::Name(name) => {
                if let Some((kind, span)) = replaced.get(name) {
                    e.kind = kind.clone();
                    e.span = span.unwrap_or(e.span);
                }
            }
            ExprKind::Named { target, .. } => {
                if let Some((ExprKind::Name(name), _)) = replaced.get(&target.name) {
                    target.name = name.clone();
                }
            }
            _ => {}
        });
        out.push(stmt);
    }
    for stmt in &mut out {
        super::copies::stmt(stmt, next_id);
    }
    Some(out)
}
