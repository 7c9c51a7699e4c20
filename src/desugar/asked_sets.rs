//! Constant sets and tuples that are only asked what is in them: lists.
//!
//! Enters: the module. Leaves: the same module, where `STOPPED = {Mode.IDLE, Mode.FAULT}` of
//! the module or of a class is a list if all that is done with it is `mode in STOPPED`: what
//! that gives does not depend on the kind of collection, and Rust has lists as constants.
//! `STOPPED | {Mode.OFF}` is written out. This module must not know types.

use super::callables::module_bound;
use super::copies;
use crate::ast::visit::{self, Visitor};
use crate::ast::{BinaryOp, Block, CompareOp, Expr, ExprKind, Module, Stmt, StmtKind, UnaryOp};
use std::collections::{BTreeMap, BTreeSet};

/// Rewrites the module.
pub(super) fn asked_sets(module: &mut Module, next_id: &mut u32) {
    let mut uses = Uses::default();
    uses.visit_block(&module.body);
    let mut work = Work {
        uses,
        bound: module_bound(module),
        sets: BTreeMap::new(),
        next_id,
    };
    work.block(&mut module.body, false);
    for stmt in &mut module.body.stmts {
        if let StmtKind::Class(class) = &mut stmt.kind {
            work.block(&mut class.body, true);
        }
    }
}

/// How often names and attributes stand in the module, and how often as `… in NAME`.
#[derive(Default)]
struct Uses {
    names: BTreeMap<String, Count>,
    attributes: BTreeMap<String, Count>,
    /// How many classes bind a name in their bodies.
    classes: BTreeMap<String, usize>,
    globals: BTreeSet<String>,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
struct Count {
    all: usize,
    asked: usize,
}

impl Uses {
    fn count(&mut self, e: &Expr) -> Option<&mut Count> {
        match &e.kind {
            ExprKind::Name(name) => Some(self.names.entry(name.clone()).or_default()),
            ExprKind::Attribute { attr, .. } => {
                Some(self.attributes.entry(attr.name.clone()).or_default())
            }
            _ => None,
        }
    }

    /// Whether all that is done with a name, but where it is bound and where it is written
    /// out, is to ask it.
    fn only_asked(&self, name: &str, of_class: bool, written_out: usize) -> bool {
        let named = self.names.get(name).copied().unwrap_or_default();
        let attribute = self.attributes.get(name).copied().unwrap_or_default();
        let asked = match of_class {
            true => named.asked == 0 && attribute.asked > 0 && attribute.all == attribute.asked,
            false => named.asked > 0,
        };
        asked
            && named.all == 1 + named.asked + written_out
            && (!of_class || self.classes.get(name) == Some(&1))
            && !self.globals.contains(name)
    }
}

impl<'ast> Visitor<'ast> for Uses {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Global(names) => self.globals.extend(names.iter().cloned()),
            StmtKind::Class(class) => {
                for target in class.body.stmts.iter().flat_map(Stmt::targets) {
                    if let ExprKind::Name(name) = &target.kind {
                        *self.classes.entry(name.clone()).or_default() += 1;
                    }
                }
            }
            _ => {}
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        if let Some(count) = self.count(e) {
            count.all += 1;
        }
        if let ExprKind::Compare { ops, rest, .. } = &e.kind {
            for (op, asked) in ops.iter().zip(rest) {
                if matches!(op, CompareOp::In | CompareOp::NotIn)
                    && let Some(count) = self.count(asked)
                {
                    count.asked += 1;
                }
            }
        }
        visit::walk_expr(self, e);
    }
}

struct Work<'n> {
    uses: Uses,
    /// The names that the module binds.
    bound: BTreeSet<String>,
    /// What is in the constant sets so far, and how often each was written out.
    sets: BTreeMap<String, (Vec<Expr>, usize)>,
    next_id: &'n mut u32,
}

impl Work<'_> {
    fn block(&mut self, block: &mut Block, of_class: bool) {
        let mut found = Vec::new();
        for (i, stmt) in block.stmts.iter_mut().enumerate() {
            let StmtKind::Assign { targets, value } = &mut stmt.kind else {
                continue;
            };
            let [target] = targets.as_slice() else {
                continue;
            };
            let ExprKind::Name(name) = &target.kind else {
                continue;
            };
            let is_tuple = matches!(value.kind, ExprKind::Tuple(_));
            let mut used = Vec::new();
            let items = match &value.kind {
                ExprKind::Tuple(items) => Some(items.clone()),
                _ => self.elements(value, &mut used),
            };
            let Some(items) = items.filter(|items| is_alike(items)) else {
                continue;
            };
            for used in used {
                if let Some((_, written_out)) = self.sets.get_mut(&used) {
                    *written_out += 1;
                }
            }
            found.push((i, name.clone(), is_tuple));
            if !is_tuple {
                if !matches!(value.kind, ExprKind::Set(_)) {
                    value.kind = ExprKind::Set(self.copied(&items));
                }
                self.sets.insert(name.clone(), (items, 0));
            }
        }
        for (i, name, is_tuple) in found {
            let written_out = match is_tuple {
                true => 0,
                false => self.sets.get(&name).map_or(0, |(_, n)| *n),
            };
            if self.uses.only_asked(&name, of_class, written_out)
                && let Some(stmt) = block.stmts.get_mut(i)
                && let StmtKind::Assign { value, .. } = &mut stmt.kind
                && let ExprKind::Set(items) | ExprKind::Tuple(items) = &mut value.kind
            {
                value.kind = ExprKind::List(std::mem::take(items));
            }
        }
    }

    fn copied(&mut self, items: &[Expr]) -> Vec<Expr> {
        let mut items = items.to_vec();
        items
            .iter_mut()
            .for_each(|item| copies::expr(item, self.next_id));
        items
    }

    /// What is in a set of constants, and the names of those that it is made of.
    fn elements(&self, e: &Expr, used: &mut Vec<String>) -> Option<Vec<Expr>> {
        match &e.kind {
            ExprKind::Set(items) => Some(items.clone()),
            ExprKind::Name(name) => {
                used.push(name.clone());
                self.sets.get(name).map(|(items, _)| items.clone())
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } => match (&func.kind, args.as_slice()) {
                (ExprKind::Name(name), [arg])
                    if keywords.is_empty()
                        && matches!(name.as_str(), "set" | "frozenset")
                        && !self.bound.contains(name) =>
                {
                    match &arg.kind {
                        ExprKind::Set(items) | ExprKind::List(items) | ExprKind::Tuple(items) => {
                            Some(items.clone())
                        }
                        _ => None,
                    }
                }
                _ => None,
            },
            ExprKind::Binary { left, op, right } => {
                let left = self.elements(left, used)?;
                let right = self.elements(right, used)?;
                let within = |item: &Expr, items: &[Expr]| items.iter().any(|i| same(i, item));
                match op {
                    BinaryOp::BitOr => {
                        let mut all = left;
                        for item in right {
                            if !within(&item, &all) {
                                all.push(item);
                            }
                        }
                        Some(all)
                    }
                    BinaryOp::BitAnd => {
                        Some(left.into_iter().filter(|i| within(i, &right)).collect())
                    }
                    BinaryOp::Sub => {
                        Some(left.into_iter().filter(|i| !within(i, &right)).collect())
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

/// Whether all are constants of one kind: ints, texts, members of one enum.
fn is_alike(items: &[Expr]) -> bool {
    #[derive(PartialEq)]
    enum Kind<'e> {
        Int,
        Str,
        Of(&'e str),
    }
    fn kind(e: &Expr) -> Option<Kind<'_>> {
        match &e.kind {
            ExprKind::Int(_) => Some(Kind::Int),
            ExprKind::Unary {
                op: UnaryOp::Neg,
                operand,
            } => kind(operand).filter(|k| *k == Kind::Int),
            ExprKind::Str(_) => Some(Kind::Str),
            ExprKind::Attribute { value, .. } => match &value.kind {
                ExprKind::Name(name) => Some(Kind::Of(name)),
                _ => None,
            },
            _ => None,
        }
    }
    let first = items.first().and_then(kind);
    first.is_some() && items.iter().all(|item| kind(item) == first)
}

/// Whether two constants are written alike.
fn same(a: &Expr, b: &Expr) -> bool {
    match (&a.kind, &b.kind) {
        (ExprKind::Int(a), ExprKind::Int(b)) => a == b,
        (ExprKind::Str(a), ExprKind::Str(b)) => a == b,
        (ExprKind::Unary { operand: a, .. }, ExprKind::Unary { operand: b, .. }) => same(a, b),
        _ => a.same_path(b),
    }
}
