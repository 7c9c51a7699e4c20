//! That no call is lost, and none is made twice: a guard behind the lowering of each statement.
//!
//! Enters: a statement and what it became. Leaves: a hole where a function of the file that
//! does more than give a value is called less often in the Rust than in the Python: what is
//! known of a value (its length, that it is None) does not replace computing it. This module
//! must not know how a statement is lowered.

use super::function::FnLower;
use crate::ast::visit::{self, Visitor};
use crate::ast::{Expr as PyExpr, ExprKind, NodeId, Stmt as PyStmt, StmtKind};
use crate::infer::FnId;
use crate::ir::{Expr, Stmt, StmtKind as IrKind};
use crate::ty::Ty;
use std::collections::BTreeMap;

/// Methods of Rust's own that stand in generated code: a class may have one of that name.
const OF_RUST: [&str; 44] = [
    "abs", "add", "all", "any", "as_ref", "chain", "clamp", "clear", "contains", "copied", "count",
    "entry", "extend", "filter", "find", "first", "fold", "get", "get_mut", "index", "insert",
    "iter", "join", "last", "len", "map", "max", "min", "new", "next", "pop", "position", "push",
    "remove", "replace", "rev", "reverse", "round", "skip", "sort", "split", "sum", "take", "zip",
];

/// Where an expression stands in another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stands {
    /// Nothing that could tell is computed before it.
    First,
    /// Something is, or it is not computed in every case.
    Behind,
    /// It is not in it, and nothing in it could tell.
    Absent,
}

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

    /// Computes before the statement what is only asked for something that is known without it:
    /// the list of `len(self.load())`. `asked` is the expression that asks; where something
    /// stands before it that could tell, the call is left out, and a hole in the end.
    pub(super) fn called_first(&mut self, asked: NodeId, value: &Expr) {
        let Some(stmt) = self.stmts.last().copied() else {
            return;
        };
        let root = match &stmt.kind {
            StmtKind::If { test, .. } | StmtKind::Assert { test, .. } => test,
            StmtKind::Expr(value)
            | StmtKind::Assign { value, .. }
            | StmtKind::Return(Some(value)) => value,
            _ => return,
        };
        let first = self.conditional == 0 && self.stands(root, asked) == Stands::First;
        if !first || !self.calls_own(value) {
            return;
        }
        let kind = match value {
            Expr::Call(..) | Expr::Method(..) | Expr::Try(_) => IrKind::Expr(value.clone()),
            other => IrKind::LetPattern {
                pattern: "_".into(),
                names: vec![],
                init: other.clone(),
                otherwise: None,
            },
        };
        self.emit(stmt.span, kind);
    }

    /// Where an expression stands in another: first, or behind what nothing can change.
    fn stands(&self, e: &'a PyExpr, asked: NodeId) -> Stands {
        if e.id == asked {
            return Stands::First;
        }
        let in_order = |parts: &mut dyn Iterator<Item = &'a PyExpr>| {
            let found = parts.map(|part| self.stands(part, asked));
            let mut found = found.skip_while(|stands| *stands == Stands::Absent);
            found.next().unwrap_or(Stands::Absent)
        };
        match &e.kind {
            ExprKind::None
            | ExprKind::Bool(_)
            | ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Str(_) => Stands::Absent,
            ExprKind::Name(_) => {
                let scalar = matches!(
                    self.fact(e.id).ty,
                    Ty::Bool | Ty::Int | Ty::Float | Ty::Str | Ty::None
                );
                match scalar && self.scope.names.contains_key(&e.id) {
                    true => Stands::Absent,
                    false => Stands::Behind,
                }
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } => {
                let plain = match &func.kind {
                    ExprKind::Name(_) => true,
                    ExprKind::Attribute { value, .. } => matches!(value.kind, ExprKind::Name(_)),
                    _ => false,
                };
                let values = keywords.iter().map(|k| &k.value);
                match (plain, in_order(&mut args.iter().chain(values))) {
                    (true, Stands::First) => Stands::First,
                    _ => Stands::Behind,
                }
            }
            ExprKind::Compare { left, rest, .. } => {
                in_order(&mut std::iter::once(&**left).chain(rest.first()))
            }
            ExprKind::Binary { left, right, .. } => in_order(&mut [&**left, &**right].into_iter()),
            ExprKind::Unary { operand, .. } => self.stands(operand, asked),
            ExprKind::Logical { values, .. } => in_order(&mut values.first().into_iter()),
            ExprKind::Conditional { test, .. } => self.stands(test, asked),
            ExprKind::Tuple(items) | ExprKind::List(items) => in_order(&mut items.iter()),
            _ => Stands::Behind,
        }
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
