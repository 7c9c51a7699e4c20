//! What runs exactly once, while the module is loaded.
//!
//! Enters: a call. Leaves: the statement of the module that it runs in, where it runs there
//! once and always, and what its arguments are there. This module must not know what is made.

use super::known::Known;
use crate::ast::visit::{self, Visitor};
use crate::ast::{Block, Expr, ExprKind, NodeId, Stmt, StmtKind};
use crate::infer::{Bound, bind_arguments};
use std::collections::BTreeMap;

/// How deep constructors within constructors are followed.
const DEPTH: usize = 8;

/// Where a call runs once.
pub(super) struct Once {
    /// The statement of the module.
    pub(super) stmt: usize,
    /// Its own arguments, as the module would write them; none where one needs more than
    /// constants.
    pub(super) args: Option<Arguments>,
}

/// The arguments by place, and those by name.
pub(super) type Arguments = (Vec<Expr>, Vec<(String, Expr)>);

/// Where the call `site` in that function runs, if that is once.
pub(super) fn once(known: &Known<'_>, key: Option<&str>, site: &Expr) -> Option<Once> {
    let ExprKind::Call { args, keywords, .. } = &site.kind else {
        return None;
    };
    let (stmt, bindings) = chain(known, key, site.id, DEPTH)?;
    let plain = |e: &Expr| constant(known, e, &bindings, key.is_none());
    let args = args.iter().map(plain).collect::<Option<Vec<_>>>();
    let keywords = keywords
        .iter()
        .map(|k| Some((k.name.as_ref()?.name.clone(), plain(&k.value)?)))
        .collect::<Option<Vec<_>>>();
    Some(Once {
        stmt,
        args: args.zip(keywords),
    })
}

/// Where a collection that a constructor displays is made, if that is once: the statement of
/// the module.
pub(super) fn collection(known: &Known<'_>, constructor: &str, value: &Expr) -> Option<usize> {
    let display = match &value.kind {
        ExprKind::List(_) | ExprKind::Dict(_) => true,
        _ => is_empty(value),
    };
    let (stmt, _) = chain(known, Some(constructor), value.id, DEPTH).filter(|_| display)?;
    Some(stmt)
}

/// Whether an expression makes a collection that holds nothing.
pub(super) fn is_empty(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::List(items) => items.is_empty(),
        ExprKind::Dict(items) => items.is_empty(),
        ExprKind::Call {
            func,
            args,
            keywords,
        } => {
            let plain = |name: &str| matches!(name, "list" | "dict" | "set" | "deque");
            keywords.is_empty()
                && args.is_empty()
                && matches!(&func.kind, ExprKind::Name(name) if plain(name))
        }
        _ => false,
    }
}

/// What the parameters of a function are, in the one call of it.
type Bindings = BTreeMap<String, Expr>;

fn chain(
    known: &Known<'_>,
    key: Option<&str>,
    call: NodeId,
    depth: usize,
) -> Option<(usize, Bindings)> {
    let Some(key) = key else {
        let stmts = known.module.body.stmts.iter();
        let at = stmts
            .enumerate()
            .find_map(|(i, s)| always(s, call).map(|_| i))?;
        return Some((at, Bindings::new()));
    };
    let depth = depth.checked_sub(1)?;
    let function = known.functions.get(key)?.function;
    let body = function.body.stmts.iter();
    // What leaves before it would leave it out.
    let mut before = body.take_while(|s| always(s, call).is_none());
    if before.any(leaves) {
        return None;
    }
    function.body.stmts.iter().find_map(|s| always(s, call))?;
    let calls = known.calls_of(key);
    let mut calls = calls.into_iter();
    let ((outer, one), None) = (calls.next()?, calls.next()) else {
        return None;
    };
    let (stmt, outside) = chain(known, outer, one, depth)?;
    let within = match outer {
        Some(outer) => known.functions.get(outer).map(|o| &o.function.body),
        None => Some(&known.module.body),
    };
    let ExprKind::Call { args, keywords, .. } = &find(within?, one)?.kind else {
        return None;
    };
    let skip = usize::from(key.contains('.'));
    let mut bindings = Bindings::new();
    if let Ok(bound) = bind_arguments(function, skip, args, keywords) {
        let rebound = |name: &str| {
            let scope = crate::infer::scope::resolve(function);
            scope.vars.values().filter(|v| v.name == name).count() != 1
                || scope
                    .vars
                    .values()
                    .any(|v| v.name == name && v.bindings > 1)
        };
        for (slot, param) in bound
            .into_iter()
            .zip(function.params.list.iter().skip(skip))
        {
            let (Bound::Given(e) | Bound::Default(e)) = slot;
            let name = &param.name.name;
            if let (Some(e), false) = (constant(known, e, &outside, outer.is_none()), rebound(name))
            {
                bindings.insert(name.clone(), e);
            }
        }
    }
    Some((stmt, bindings))
}

/// An expression of constants, with the parameters in it replaced.
fn constant(known: &Known<'_>, e: &Expr, bindings: &Bindings, level: bool) -> Option<Expr> {
    let mut made = e.clone();
    match &mut made.kind {
        ExprKind::None
        | ExprKind::Bool(_)
        | ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Str(_) => {}
        ExprKind::Name(name) => {
            if let Some(bound) = bindings.get(name) {
                return Some(bound.clone());
            }
            if !known.model.consts.contains_key(name) || (!level && shadowed(known, name)) {
                return None;
            }
        }
        ExprKind::Unary { operand, .. } => **operand = constant(known, operand, bindings, level)?,
        ExprKind::Binary { left, right, .. } => {
            **left = constant(known, left, bindings, level)?;
            **right = constant(known, right, bindings, level)?;
        }
        ExprKind::Tuple(items) | ExprKind::List(items) => {
            for item in items {
                *item = constant(known, item, bindings, level)?;
            }
        }
        _ => return None,
    }
    Some(made)
}

/// Whether any function has a variable of the name of a constant.
fn shadowed(known: &Known<'_>, name: &str) -> bool {
    let mut all = known.functions.values();
    all.any(|own| super::known::binds(own.function, name))
}

/// The call, where the statement runs it once and always.
fn always(stmt: &Stmt, call: NodeId) -> Option<()> {
    struct Search(NodeId, bool);
    impl<'ast> Visitor<'ast> for Search {
        fn visit_block(&mut self, _: &'ast Block) {}
        fn visit_expr(&mut self, e: &'ast Expr) {
            self.1 |= e.id == self.0;
            match &e.kind {
                ExprKind::Comprehension { .. }
                | ExprKind::Lambda { .. }
                | ExprKind::Conditional { .. }
                | ExprKind::Logical { .. } => {}
                _ => visit::walk_expr(self, e),
            }
        }
    }
    let plain = matches!(
        stmt.kind,
        StmtKind::Assign { .. }
            | StmtKind::AnnAssign { .. }
            | StmtKind::Expr(_)
            | StmtKind::Return(_)
    );
    let mut search = Search(call, false);
    search.visit_stmt(stmt);
    (plain && search.1).then_some(())
}

/// Whether a statement may leave its function.
fn leaves(stmt: &Stmt) -> bool {
    struct Search(bool);
    impl<'ast> Visitor<'ast> for Search {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            self.0 |= matches!(stmt.kind, StmtKind::Return(_));
            visit::walk_stmt(self, stmt);
        }
    }
    let mut search = Search(false);
    search.visit_stmt(stmt);
    search.0
}

fn find(block: &Block, id: NodeId) -> Option<&Expr> {
    struct Search<'m>(NodeId, Option<&'m Expr>);
    impl<'m> Visitor<'m> for Search<'m> {
        fn visit_expr(&mut self, e: &'m Expr) {
            if e.id == self.0 {
                self.1 = Some(e);
            }
            visit::walk_expr(self, e);
        }
    }
    let mut search = Search(id, None);
    search.visit_block(block);
    search.1
}
