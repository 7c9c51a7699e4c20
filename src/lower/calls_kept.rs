//! That no call is lost, and none is made twice: a guard behind the lowering of each statement.
//!
//! Enters: a statement and what it became. Leaves: a hole where a function of the file that
//! does more than give a value is called less often in the Rust than in the Python: what is
//! known of a value (its length, that it is None) does not replace computing it. This module
//! must not know how a statement is lowered.

use super::function::FnLower;
use crate::ast::visit::{self, Visitor};
use crate::ast::{Expr as PyExpr, ExprKind, Stmt as PyStmt, StmtKind};
use crate::infer::FnId;
use crate::ir::{Expr, Stmt};
use crate::ty::Ty;
use std::collections::BTreeMap;

/// Methods of Rust's own that stand in generated code: a class may have one of that name.
const OF_RUST: [&str; 44] = [
    "abs", "add", "all", "any", "as_ref", "chain", "clamp", "clear", "contains", "copied", "count",
    "entry", "extend", "filter", "find", "first", "fold", "get", "get_mut", "index", "insert",
    "iter", "join", "last", "len", "map", "max", "min", "new", "next", "pop", "position", "push",
    "remove", "replace", "rev", "reverse", "round", "skip", "sort", "split", "sum", "take", "zip",
];

impl<'a> FnLower<'_, 'a> {
    /// Refuses a statement some of whose calls the statements from `before` on do not make.
    pub(super) fn calls_kept(&mut self, stmt: &'a PyStmt, before: usize) -> Result<(), Expr> {
        if self.constructor.is_some() {
            return Ok(());
        }
        let mut asked = Asked {
            this: self,
            calls: BTreeMap::new(),
            many: false,
        };
        let simple = match &stmt.kind {
            StmtKind::If { test, .. } | StmtKind::While { test, .. } => {
                asked.visit_expr(test);
                false
            }
            StmtKind::For { iter, .. } => {
                asked.visit_expr(iter);
                false
            }
            StmtKind::Expr(_)
            | StmtKind::Assign { .. }
            | StmtKind::AnnAssign { .. }
            | StmtKind::AugAssign { .. }
            | StmtKind::Return(_)
            | StmtKind::Raise { .. }
            | StmtKind::Assert { .. } => {
                asked.visit_stmt(stmt);
                true
            }
            _ => return Ok(()),
        };
        if asked.calls.is_empty() {
            return Ok(());
        }
        let mut made = BTreeMap::new();
        for stmt in self.out.iter().skip(before) {
            in_stmt(stmt, &mut made);
        }
        let (calls, many) = (asked.calls, asked.many);
        for (name, (wanted, e)) in calls {
            let Made { called, named } = made.get(&name).copied().unwrap_or_default();
            if called + named < wanted {
                return Err(self.partly(e, "a call for its effect, in this place,"));
            }
            let own = !OF_RUST.contains(&name.as_str());
            if simple && !many && own && called > wanted {
                return Err(self.partly(e, "a call whose value is used twice, in this place,"));
            }
        }
        Ok(())
    }

    /// Whether calling a function does more than give a value.
    fn does_more(&self, id: FnId) -> bool {
        let Some(model) = self.lw.input.model.functions.get(id.0) else {
            return false;
        };
        let changes = if model.python_name.ends_with(".__init__") {
            model.mutated.iter().any(|param| *param > 0)
        } else if model.python_name.contains(".__") {
            return false;
        } else {
            !model.mutated.is_empty() || model.ret.ty == Ty::None
        };
        changes || !model.globals_changed.is_empty() || self.lw.is_fallible(id)
    }
}

/// How often a statement calls each function that does more than give a value, by its name in
/// the Rust.
struct Asked<'f, 'l, 'a> {
    this: &'f FnLower<'l, 'a>,
    calls: BTreeMap<String, (usize, &'a PyExpr)>,
    /// Some of it may be written out more than once.
    many: bool,
}

impl<'a> Visitor<'a> for Asked<'_, '_, 'a> {
    fn visit_expr(&mut self, e: &'a PyExpr) {
        match &e.kind {
            // Its body stands elsewhere.
            ExprKind::Lambda { .. } => return,
            ExprKind::Comprehension { .. } | ExprKind::Starred(_) => self.many = true,
            _ => {}
        }
        let callee = self.this.model.calls.get(&e.id).copied();
        if let Some(id) = callee.filter(|id| self.this.does_more(*id)) {
            let name = self.this.lw.function_name(id);
            self.calls.entry(name).or_insert((0, e)).0 += 1;
        }
        visit::walk_expr(self, e);
    }
}

/// How often the Rust calls a function, and names it otherwise: to hand it on, perhaps.
#[derive(Default, Clone, Copy)]
struct Made {
    called: usize,
    named: usize,
}

fn in_stmt(stmt: &Stmt, made: &mut BTreeMap<String, Made>) {
    stmt.for_each_child(&mut |e| in_expr(e, &mut *made), &mut |_| {});
    stmt.for_each_child(&mut |_| {}, &mut |block| {
        block.stmts.iter().for_each(|s| in_stmt(s, &mut *made));
        block.value.iter().for_each(|e| in_expr(e, &mut *made));
    });
}

fn in_expr(e: &Expr, made: &mut BTreeMap<String, Made>) {
    if let Expr::Call(name, _) | Expr::Method(_, name, _) = e {
        let name = name.rsplit("::").next().unwrap_or(name);
        made.entry(name.to_string()).or_default().called += 1;
    }
    if let Expr::Atom(name) = e {
        made.entry(name.clone()).or_default().named += 1;
    }
    let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
    e.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
    exprs.into_iter().for_each(|e| in_expr(e, made));
    for block in blocks {
        block.stmts.iter().for_each(|s| in_stmt(s, made));
        block.value.iter().for_each(|e| in_expr(e, made));
    }
}
