//! `f(**config)` of a dict whose keys the file says, `f(*point)` of a sequence where `f`
//! takes a certain number.
//!
//! Enters: the module. Leaves: the same module, where the entries are given by name
//! (`kp=config["kp"]`) and the items by place. What cannot be rewritten stays, and is
//! refused later. This module must not know types.

mod shape;

use self::shape::Shapes;
use super::build::Build;
use super::keywords::signature::{Signatures, Within};
use super::names::Names;
use crate::ast::{
    self, Block, Expr, ExprKind, Function, Ident, Keyword, MethodKind, Module, Param, ParamKind,
    Stmt, StmtKind,
};
use std::collections::BTreeSet;

/// Rewrites the calls of the module.
pub(super) fn spread(module: &mut Module, next_id: &mut u32) {
    if !Stars::any(&module.body) {
        return;
    }
    let shapes = Shapes::of_module(module);
    let known = Signatures::of(module);
    let mut calls = Calls {
        shapes,
        known,
        within: Within::default(),
        next_id,
    };
    for stmt in &mut module.body.stmts {
        match &mut stmt.kind {
            StmtKind::Function(function) => calls.function(function),
            StmtKind::Class(class) => {
                let name = class.name.name.clone();
                for inner in &mut class.body.stmts {
                    if let StmtKind::Function(method) = &mut inner.kind {
                        let this = method.params.list.first();
                        let is_class = matches!(method.method_kind(), Ok(MethodKind::Class));
                        calls.within = Within {
                            is_class,
                            class: Some(name.clone()),
                            this: this.map(|p| p.name.name.clone()),
                        };
                        calls.function(method);
                        calls.within = Within::default();
                    }
                }
            }
            _ => {
                ast::rewrite::stmt(stmt, &mut |e| calls.call(e));
            }
        }
    }
}

/// Whether a call has a `*` or `**`.
struct Stars(bool);

impl Stars {
    fn any(block: &Block) -> bool {
        let mut stars = Stars(false);
        ast::visit::Visitor::visit_block(&mut stars, block);
        stars.0
    }
}

impl<'ast> ast::visit::Visitor<'ast> for Stars {
    fn visit_expr(&mut self, e: &'ast Expr) {
        if let ExprKind::Call { args, keywords, .. } = &e.kind {
            self.0 |= args.iter().any(|a| matches!(a.kind, ExprKind::Starred(_)))
                || keywords.iter().any(|k| k.name.is_none());
        }
        ast::visit::walk_expr(self, e);
    }
}

struct Calls<'n> {
    shapes: Shapes,
    known: Signatures,
    within: Within,
    next_id: &'n mut u32,
}

impl Calls<'_> {
    fn function(&mut self, function: &mut Function) {
        let before = self.shapes.enter(function);
        let names = Names::of(function);
        let mut taken: BTreeSet<String> = names.bound.into_keys().chain(names.read).collect();
        self.block(&mut function.body, &mut taken);
        self.shapes.leave(before);
    }

    fn block(&mut self, block: &mut Block, taken: &mut BTreeSet<String>) {
        let mut out = Vec::new();
        for mut stmt in std::mem::take(&mut block.stmts) {
            for inner in ast::branches_mut(&mut stmt) {
                self.block(inner, taken);
            }
            if let StmtKind::Function(inner) = &mut stmt.kind {
                self.function(inner);
            } else {
                out.extend(self.unpacked(&mut stmt, taken));
                // The blocks within are done.
                let within = ast::branches_mut(&mut stmt);
                let done: Vec<Block> = within.into_iter().map(std::mem::take).collect();
                ast::rewrite::stmt(&mut stmt, &mut |e| self.call(e));
                for (place, block) in ast::branches_mut(&mut stmt).into_iter().zip(done) {
                    *place = block;
                }
            }
            out.push(stmt);
        }
        block.stmts = out;
    }

    /// The entries and items of one call.
    fn call(&mut self, e: &mut Expr) {
        let ExprKind::Call {
            func,
            args,
            keywords,
        } = &mut e.kind
        else {
            return;
        };
        if keywords.iter().any(|k| k.name.is_none()) {
            self.entries(keywords);
        }
        let open = keywords.iter().any(|k| k.name.is_none());
        let (params, skip) = match self.known.called(func, args, &self.within) {
            Some(found) if !open => found,
            _ => return,
        };
        // `p[0], p[1]` for `*p`, where `p` is a plain name.
        let paths = |a: &Expr| !matches!(&a.kind, ExprKind::Starred(p) if !p.is_place());
        let Some(count) = fills(args, keywords, &params, skip) else {
            return;
        };
        if !args.iter().all(paths) {
            return;
        }
        let mut out = Vec::new();
        for arg in std::mem::take(args) {
            let ExprKind::Starred(inner) = arg.kind else {
                out.push(arg);
                continue;
            };
            let mut build = Build {
                next_id: self.next_id,
                span: inner.span,
            };
            out.extend((0..count).map(|i| build.item_of(&inner, i, count)));
        }
        *args = out;
    }

    /// `kp=config["kp"]` for `**config`.
    fn entries(&mut self, keywords: &mut Vec<Keyword>) {
        let mut out = Vec::new();
        for keyword in std::mem::take(keywords) {
            if keyword.name.is_some() {
                out.push(keyword);
                continue;
            }
            let given = literal_entries(&keyword.value);
            if let Some(entries) = given {
                out.extend(entries.into_iter().map(|(name, value)| Keyword {
                    name: Some(Ident {
                        span: value.span,
                        name,
                    }),
                    value,
                }));
                continue;
            }
            let Some(keys) = self.shapes.keys(&keyword.value, &self.within).cloned() else {
                out.push(keyword);
                continue;
            };
            for (key, _) in &keys.0 {
                let mut value = keyword.value.clone();
                super::copies::expr(&mut value, self.next_id);
                let mut build = Build {
                    next_id: self.next_id,
                    span: keyword.value.span,
                };
                let index = Box::new(build.expr(ExprKind::Str(key.clone())));
                let value = build.expr(ExprKind::Subscript {
                    value: Box::new(value),
                    index,
                });
                out.push(Keyword {
                    name: Some(Ident {
                        span: keyword.value.span,
                        name: key.clone(),
                    }),
                    value,
                });
            }
        }
        *keywords = out;
    }

    /// `x, y = pose(s)` before `f(*pose(s))`.
    fn unpacked(&mut self, stmt: &mut Stmt, taken: &mut BTreeSet<String>) -> Option<Stmt> {
        let span = stmt.span;
        let value = match &mut stmt.kind {
            StmtKind::Assign { value, .. }
            | StmtKind::Return(Some(value))
            | StmtKind::Expr(value)
            | StmtKind::AnnAssign {
                value: Some(value), ..
            } => value,
            _ => return None,
        };
        let ExprKind::Call {
            func,
            args,
            keywords,
        } = &mut value.kind
        else {
            return None;
        };
        let (params, skip) = self.known.called(func, args, &self.within)?;
        let count = fills(args, keywords, &params, skip)?;
        let mut stars = args.iter().enumerate().filter_map(|(at, a)| match &a.kind {
            ExprKind::Starred(inner) => Some((at, inner)),
            _ => None,
        });
        let (Some((at, inner)), None) = (stars.next(), stars.next()) else {
            return None;
        };
        // What stands before it is computed before it.
        let still = |e: &Expr| e.is_place() || super::keywords::is_literal(e);
        // Of a list that is made here, Python counts the items as arguments.
        let made = match &inner.kind {
            ExprKind::Call { .. } => true,
            ExprKind::Subscript { index, .. } => !matches!(index.kind, ExprKind::Slice { .. }),
            _ => false,
        };
        if !made || count == 0 || !args.iter().take(at).all(still) {
            return None;
        }
        let inner = (**inner).clone();
        let mut names = Vec::new();
        for param in params.iter().skip(at.saturating_sub(skip)).take(count) {
            let mut name = param.name.name.clone();
            while !taken.insert(name.clone()) {
                name = format!("{name}_value");
            }
            names.push(name);
        }
        let mut build = Build {
            next_id: self.next_id,
            span: inner.span,
        };
        let items: Vec<Expr> = names.iter().map(|n| build.name(n)).collect();
        let target = build.expr(ExprKind::Tuple(items));
        let given: Vec<Expr> = names.iter().map(|n| build.name(n)).collect();
        args.splice(at..=at, given);
        // Of another number of items the call would fail, not the assignment.
        let wanted = build.expr(ExprKind::Int(count.into()));
        let exactly = build.name(super::typed::EXACTLY);
        let all = build.call(exactly, vec![inner, wanted]);
        let mut assign = build.assign(target, all);
        assign.span = span;
        assign.blank_before = std::mem::take(&mut stmt.blank_before);
        assign.comments = std::mem::take(&mut stmt.comments);
        Some(assign)
    }
}

/// How many parameters each `*` of a call has to fill, where that is one number.
fn fills(args: &[Expr], keywords: &[Keyword], params: &[Param], skip: usize) -> Option<usize> {
    let stars = args
        .iter()
        .filter(|a| matches!(a.kind, ExprKind::Starred(_)))
        .count();
    let named = |p: &&Param| {
        let named = |k: &Keyword| k.name.as_ref().is_some_and(|n| n.name == p.name.name);
        !keywords.iter().any(named)
    };
    let places = params
        .iter()
        .filter(|p| matches!(p.kind, ParamKind::Normal | ParamKind::PositionalOnly))
        .filter(named);
    let open = |p: &Param| {
        p.kind == ParamKind::VarArgs || (p.kind != ParamKind::KeywordOnly && p.default.is_some())
    };
    if stars == 0 || params.iter().filter(named).any(open) {
        return None;
    }
    let given = (args.len() - stars).checked_sub(skip)?;
    let count = places.count().checked_sub(given)?;
    (count % stars == 0).then_some(count / stars)
}

/// The entries of a dict that stands in the call.
fn literal_entries(value: &Expr) -> Option<Vec<(String, Expr)>> {
    match &value.kind {
        ExprKind::Dict(items) => items
            .iter()
            .map(|(key, value)| match key.as_ref().map(|k| &k.kind) {
                Some(ExprKind::Str(name)) => Some((name.clone(), value.clone())),
                _ => None,
            })
            .collect(),
        ExprKind::Call {
            func,
            args,
            keywords,
        } if args.is_empty() && matches!(&func.kind, ExprKind::Name(n) if n == "dict") => keywords
            .iter()
            .map(|k| Some((k.name.as_ref()?.name.clone(), k.value.clone())))
            .collect(),
        _ => None,
    }
}
