//! What runs through a table of classes, written out for each of them.
//!
//! Enters: loops and comprehensions. Leaves: their bodies once for each class, displays. A loop
//! that is left early stays, and one whose variable is read behind it. This module must not know
//! types.

use super::Tables;
use crate::ast::visit::{self, Visitor};
use crate::ast::{self, Block, ComprehensionKind, Expr, ExprKind, Module, Stmt, StmtKind};
use crate::desugar::build::Build;
use crate::desugar::copies;
use crate::desugar::names::Names;
use std::collections::BTreeSet;

/// The names of parameters and local variables: of one that hides a table nothing is known.
pub(super) struct Shadow(BTreeSet<String>);

impl Shadow {
    pub(super) fn of(module: &Module) -> Shadow {
        struct Local(BTreeSet<String>);
        impl<'ast> Visitor<'ast> for Local {
            fn visit_stmt(&mut self, stmt: &'ast Stmt) {
                if let StmtKind::Function(f) = &stmt.kind {
                    let names = Names::of(f);
                    self.0.extend(names.bound.into_keys());
                }
                visit::walk_stmt(self, stmt);
            }
        }
        let mut local = Local(BTreeSet::new());
        local.visit_block(&module.body);
        Shadow(local.0)
    }

    /// Whether a table that is named in an expression may be another thing there.
    pub(super) fn hides(&self, e: &Expr) -> bool {
        let named = |e: &Expr| matches!(&e.kind, ExprKind::Name(n) if self.0.contains(n));
        match &e.kind {
            ExprKind::Subscript { value, .. } => named(value),
            ExprKind::Call { func, args, .. } => {
                args.iter().any(named)
                    || matches!(&func.kind, ExprKind::Subscript { value, .. } if named(value))
            }
            ExprKind::Compare { rest, .. } => rest.iter().any(named),
            _ => false,
        }
    }
}

/// Writes out the loops of a module.
pub(super) fn loops(tables: &Tables, body: &mut Block, next_id: &mut u32) {
    let before = body.clone();
    in_block(tables, body, next_id);
    // What reads a variable behind its loop reads the last class.
    let mut left = Left {
        names: BTreeSet::new(),
    };
    left.visit_block(body);
    if !bound_by_loops(tables, &before, next_id).is_disjoint(&left.names) {
        // One of the names is another variable elsewhere, or is read behind its loop: as far as
        // each function is by itself that is told.
        *body = before;
        for stmt in &mut body.stmts {
            by_function(tables, stmt, next_id);
        }
    }
}

/// As [`loops`], of each function by itself.
fn by_function(tables: &Tables, stmt: &mut Stmt, next_id: &mut u32) {
    match &mut stmt.kind {
        StmtKind::Function(function) => {
            let before = function.body.clone();
            let names = bound_by_loops(tables, &before, next_id);
            in_block(tables, &mut function.body, next_id);
            let mut left = Left {
                names: BTreeSet::new(),
            };
            left.visit_block(&function.body);
            if !names.is_disjoint(&left.names) {
                function.body = before;
            }
        }
        StmtKind::Class(class) => {
            for inner in &mut class.body.stmts {
                by_function(tables, inner, next_id);
            }
        }
        _ => {}
    }
}

/// The names that are read.
struct Left {
    names: BTreeSet<String>,
}

impl<'ast> Visitor<'ast> for Left {
    fn visit_expr(&mut self, e: &'ast Expr) {
        if let ExprKind::Name(name) = &e.kind {
            self.names.insert(name.clone());
        }
        // A comprehension's names are its own.
        visit::walk_expr(self, e);
    }
}

/// The variables of the loops that are written out.
fn bound_by_loops(tables: &Tables, body: &Block, next_id: &mut u32) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for stmt in &body.stmts {
        if let StmtKind::For { target, iter, .. } = &stmt.kind {
            let mut build = Build {
                next_id,
                span: stmt.span,
            };
            if tables.through(iter, &mut build).is_some() {
                let mut targets = Vec::new();
                ast::leaves(target, &mut targets);
                for target in targets {
                    if let ExprKind::Name(name) = &target.kind {
                        out.insert(name.clone());
                    }
                }
            }
        }
        if !matches!(stmt.kind, StmtKind::Function(_) | StmtKind::Class(_)) {
            for inner in ast::branches(stmt) {
                out.extend(bound_by_loops(tables, inner, next_id));
            }
        }
    }
    out
}

fn in_block(tables: &Tables, block: &mut Block, next_id: &mut u32) {
    let mut out = Vec::new();
    for mut stmt in std::mem::take(&mut block.stmts) {
        for inner in ast::blocks_mut(&mut stmt) {
            in_block(tables, inner, next_id);
        }
        match written_out(tables, &stmt, next_id) {
            Some(stmts) => out.extend(stmts),
            None => out.push(stmt),
        }
    }
    block.stmts = out;
}

/// `for cls in TABLE: body` as its body for each.
fn written_out(tables: &Tables, stmt: &Stmt, next_id: &mut u32) -> Option<Vec<Stmt>> {
    let StmtKind::For {
        target,
        iter,
        body,
        orelse,
        is_async: false,
    } = &stmt.kind
    else {
        return None;
    };
    let mut build = Build {
        next_id,
        span: stmt.span,
    };
    let items = tables.through(iter, &mut build)?;
    // Of texts alone a loop is what it is.
    if !items.iter().any(|item| tables.holds_class(item)) || !orelse.stmts.is_empty() {
        return None;
    }
    let mut names = Names::default();
    body.stmts.iter().for_each(|s| names.stmt(s));
    let mut targets = Vec::new();
    ast::leaves(target, &mut targets);
    let rebound = targets
        .iter()
        .any(|t| matches!(&t.kind, ExprKind::Name(n) if names.bound.contains_key(n)));
    if rebound || leaves_early(body) {
        return None;
    }
    let mut out = Vec::new();
    for item in &items {
        let given = bound(target, item)?;
        let mut copy = body.clone();
        copies::block(&mut copy, build.next_id);
        ast::rewrite::block(&mut copy, &mut |e| put(tables, e, &given, build.next_id));
        out.extend(copy.stmts);
    }
    if let Some(first) = out.first_mut() {
        let mut comments = stmt.comments.clone();
        comments.append(&mut first.comments);
        first.comments = comments;
        first.blank_before |= stmt.blank_before;
    }
    Some(out)
}

/// Whether a body goes on with its loop, or leaves it.
fn leaves_early(body: &Block) -> bool {
    body.stmts.iter().any(|stmt| match &stmt.kind {
        StmtKind::Break | StmtKind::Continue => true,
        StmtKind::For { orelse, .. } | StmtKind::While { orelse, .. } => leaves_early(orelse),
        StmtKind::Function(_) | StmtKind::Class(_) => false,
        _ => ast::branches(stmt).into_iter().any(leaves_early),
    })
}

/// What the names of a target are.
fn bound(target: &Expr, item: &Expr) -> Option<Vec<(String, Expr)>> {
    match (&target.kind, &item.kind) {
        (ExprKind::Name(name), _) => Some(vec![(name.clone(), item.clone())]),
        (
            ExprKind::Tuple(targets) | ExprKind::List(targets),
            ExprKind::Tuple(items) | ExprKind::List(items),
        ) if targets.len() == items.len() => {
            let mut out = Vec::new();
            for (target, item) in targets.iter().zip(items) {
                out.extend(bound(target, item)?);
            }
            Some(out)
        }
        _ => None,
    }
}

/// Puts what a name is in its place.
fn put(tables: &Tables, e: &mut Expr, given: &[(String, Expr)], next_id: &mut u32) {
    if let ExprKind::Name(name) = &e.kind
        && let Some((_, item)) = given.iter().find(|(n, _)| n == name)
    {
        let span = e.span;
        let mut build = Build { next_id, span };
        let mut item = build.again(item);
        item.span = span;
        *e = item;
        return;
    }
    if let ExprKind::Attribute { value, .. } = &mut e.kind
        && matches!(&value.kind, ExprKind::Name(n) if given.iter().any(|(name, _)| name == n))
    {
        put(tables, value, given, next_id);
        *e = tables.literal(e);
    }
}

/// `{c.name: c() for c in TABLE}` as a display.
pub(super) fn comprehension(tables: &Tables, e: &mut Expr, next_id: &mut u32) {
    let span = e.span;
    if let ExprKind::Call { func, args, .. } = &mut e.kind
        && matches!(&func.kind, ExprKind::Name(n)
            if matches!(n.as_str(), "list" | "tuple" | "set" | "dict" | "sum" | "sorted" | "max" | "min"))
        && let [of] = args.as_mut_slice()
        && let Some(items) = written(tables, of, true, next_id)
    {
        let mut build = Build { next_id, span };
        *of = build.expr(items);
        return;
    }
    if let Some(kind) = written(tables, e, false, next_id) {
        e.kind = kind;
    }
}

fn written(tables: &Tables, e: &Expr, generator: bool, next_id: &mut u32) -> Option<ExprKind> {
    let ExprKind::Comprehension {
        kind,
        element,
        value,
        clauses,
    } = &e.kind
    else {
        return None;
    };
    let [clause] = clauses.as_slice() else {
        return None;
    };
    if clause.is_async
        || !clause.ifs.is_empty()
        || (*kind == ComprehensionKind::Generator) != generator
    {
        return None;
    }
    let mut build = Build {
        next_id,
        span: e.span,
    };
    let items = tables.through(&clause.iter, &mut build)?;
    if !items.iter().any(|item| tables.holds_class(item)) {
        return None;
    }
    let mut targets = Vec::new();
    ast::leaves(&clause.target, &mut targets);
    let mut names = Names::default();
    names.expr(element);
    value.iter().for_each(|v| names.expr(v));
    let binds = |e: &Expr| {
        matches!(
            e.kind,
            ExprKind::Lambda { .. } | ExprKind::Comprehension { .. }
        )
    };
    let nested = |e: &Expr| binds(e) || ast::visit::children(e).into_iter().any(binds);
    if nested(element) || value.as_ref().is_some_and(|v| nested(v)) || !names.bound.is_empty() {
        return None;
    }
    let mut each = |of: &Expr, item: &Expr| {
        let given = bound(&clause.target, item)?;
        let mut copy = build.again(of);
        ast::rewrite::expr(&mut copy, &mut |e| put(tables, e, &given, build.next_id));
        Some(copy)
    };
    Some(match (kind, value) {
        (ComprehensionKind::Dict, Some(value)) => {
            let mut entries = Vec::new();
            for item in &items {
                entries.push((Some(each(element, item)?), each(value, item)?));
            }
            ExprKind::Dict(entries)
        }
        (ComprehensionKind::Set, None) => {
            let items: Option<Vec<Expr>> = items.iter().map(|i| each(element, i)).collect();
            ExprKind::Set(items?)
        }
        _ => {
            let items: Option<Vec<Expr>> = items.iter().map(|i| each(element, i)).collect();
            ExprKind::List(items?)
        }
    })
}
