//! Tests whose outcome types tell: the branch that runs takes the place of the choice.
//!
//! Enters: the module and its [`Model`]. Leaves: the module without what never runs, and the
//! tests that were settled, with their outcome. This module must not know why an outcome is
//! what it is.

use crate::ast::{self, Block, BoolOp, Expr, ExprKind, Module, NodeId, Stmt, StmtKind, UnaryOp};
use crate::infer::Model;
use crate::infer::type_tests::type_test;
use crate::source::Span;
use crate::ty::Ty;
use std::collections::{BTreeMap, BTreeSet};

/// What became of the tests of a module.
#[derive(Default)]
pub(super) struct Settled {
    /// Whether anything was left out.
    pub(super) any: bool,
    /// The tests for None that were settled, with their outcome.
    pub(super) tests: Vec<(Span, bool)>,
}

/// Rewrites the module.
pub(super) fn settle(module: &mut Module, model: &Model) -> Settled {
    let outcomes: BTreeMap<NodeId, bool> = model
        .given
        .iter()
        .filter_map(|(id, outcome)| Some((*id, (*outcome)?)))
        .collect();
    if outcomes.is_empty() {
        return Settled::default();
    }
    let mut work = Work {
        outcomes,
        changing: changing(module, model),
        model,
        settled: Vec::new(),
        any: false,
    };
    work.block(&mut module.body);
    Settled {
        any: work.any,
        tests: work.settled,
    }
}

/// The attributes that are assigned None at one place and something else at another, whatever
/// inference made of the objects: what it could not follow may be assigned all the same.
fn changing(module: &Module, model: &Model) -> BTreeSet<String> {
    struct Assigned<'m> {
        model: &'m Model,
        none: BTreeSet<String>,
        other: BTreeSet<String>,
    }
    impl Assigned<'_> {
        fn is_none(&self, value: &Expr) -> bool {
            let functions = self.model.functions.iter().chain([&self.model.module]);
            let facts: Vec<&Ty> = functions
                .filter_map(|f| f.facts.get(&value.id))
                .map(|fact| &fact.ty)
                .collect();
            let none = matches!(value.kind, ExprKind::None);
            none || !facts.is_empty() && facts.iter().all(|ty| **ty == Ty::None)
        }

        fn assigned(&mut self, target: &Expr, value: Option<&Expr>) {
            match (&target.kind, value.map(|v| &v.kind)) {
                (ExprKind::Attribute { attr, .. }, _) => {
                    let none = value.is_some_and(|v| self.is_none(v));
                    let set = if none {
                        &mut self.none
                    } else {
                        &mut self.other
                    };
                    set.insert(attr.name.clone());
                }
                (ExprKind::Tuple(targets), Some(ExprKind::Tuple(values)))
                    if targets.len() == values.len() =>
                {
                    for (target, value) in targets.iter().zip(values) {
                        self.assigned(target, Some(value));
                    }
                }
                (ExprKind::Tuple(targets) | ExprKind::List(targets), _) => {
                    targets.iter().for_each(|t| self.assigned(t, None));
                }
                _ => {}
            }
        }
    }
    impl<'ast> ast::visit::Visitor<'ast> for Assigned<'_> {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            let value = match &stmt.kind {
                StmtKind::Assign { value, .. } => Some(value),
                StmtKind::AnnAssign { value, .. } => value.as_ref(),
                _ => None,
            };
            stmt.targets().iter().for_each(|t| self.assigned(t, value));
            ast::visit::walk_stmt(self, stmt);
        }
    }
    let mut assigned = Assigned {
        model,
        none: BTreeSet::new(),
        other: BTreeSet::new(),
    };
    ast::visit::Visitor::visit_block(&mut assigned, &module.body);
    &assigned.none & &assigned.other
}

struct Work<'m> {
    outcomes: BTreeMap<NodeId, bool>,
    /// Attributes that are assigned None and something else, of whichever object.
    changing: BTreeSet<String>,
    model: &'m Model,
    settled: Vec<(Span, bool)>,
    /// Whether anything was left out.
    any: bool,
}

impl Work<'_> {
    fn block(&mut self, block: &mut Block) {
        let before = std::mem::take(&mut block.stmts);
        let mut space = false;
        let mut rest = before.into_iter().peekable();
        while let Some(mut stmt) = rest.next() {
            stmt.blank_before |= std::mem::take(&mut space);
            let Some(mut taken) = self.stmt(&mut stmt) else {
                block.stmts.push(stmt);
                continue;
            };
            let leaves = taken.leaves();
            match taken.stmts.first_mut() {
                Some(first) => {
                    first.blank_before = stmt.blank_before;
                    first.comments.splice(0..0, stmt.comments);
                    block.stmts.append(&mut taken.stmts);
                }
                None if block.stmts.is_empty() && rest.peek().is_none() => {
                    stmt.kind = StmtKind::Pass;
                    stmt.comments.clear();
                    stmt.line_comment = None;
                    block.stmts.push(stmt);
                }
                None => space = stmt.blank_before,
            }
            if leaves {
                // What stood behind it ran where the test went the other way.
                break;
            }
        }
    }

    /// Settles the tests of a statement: what takes its place, where that is a part of it.
    fn stmt(&mut self, stmt: &mut Stmt) -> Option<Block> {
        match &mut stmt.kind {
            StmtKind::If { test, body, orelse } => {
                if let Some(holds) = self.test(test) {
                    let mut taken = std::mem::take(if holds { body } else { orelse });
                    self.block(&mut taken);
                    return Some(taken);
                }
                self.block(body);
                self.block(orelse);
                None
            }
            StmtKind::While { test, body, orelse } => {
                if self.test(test) == Some(false) {
                    let mut taken = std::mem::take(orelse);
                    self.block(&mut taken);
                    return Some(taken);
                }
                self.block(body);
                self.block(orelse);
                None
            }
            StmtKind::Assert { test, message } => {
                if let Some(message) = message {
                    self.value(message);
                }
                (self.test(test) == Some(true)).then(Block::default)
            }
            StmtKind::Function(_)
            | StmtKind::Class(_)
            | StmtKind::Return(_)
            | StmtKind::Delete(_)
            | StmtKind::Assign { .. }
            | StmtKind::AugAssign { .. }
            | StmtKind::AnnAssign { .. }
            | StmtKind::For { .. }
            | StmtKind::With { .. }
            | StmtKind::Raise { .. }
            | StmtKind::Try { .. }
            | StmtKind::Import(_)
            | StmtKind::ImportFrom { .. }
            | StmtKind::Global(_)
            | StmtKind::Nonlocal(_)
            | StmtKind::Expr(_)
            | StmtKind::Pass
            | StmtKind::Break
            | StmtKind::Continue
            | StmtKind::Match { .. }
            | StmtKind::Unsupported(_) => {
                let within = ast::blocks_mut(stmt);
                let held: Vec<Block> = within.into_iter().map(std::mem::take).collect();
                ast::rewrite::roots(stmt, &mut |e| self.value(e));
                for (place, mut block) in ast::blocks_mut(stmt).into_iter().zip(held) {
                    self.block(&mut block);
                    *place = block;
                }
                None
            }
        }
    }

    /// An expression whose value counts.
    fn value(&mut self, e: &mut Expr) {
        match &mut e.kind {
            ExprKind::Conditional { test, body, orelse } => {
                let outcome = self.test(test);
                match outcome {
                    Some(true) => {
                        self.value(body);
                        *e = (**body).clone();
                    }
                    Some(false) => {
                        self.value(orelse);
                        *e = (**orelse).clone();
                    }
                    None => {
                        self.value(body);
                        self.value(orelse);
                    }
                }
            }
            ExprKind::Logical { op, values } => {
                let stop = *op == BoolOp::Or;
                let mut kept: Vec<Expr> = Vec::new();
                let count = values.len();
                for (i, mut value) in std::mem::take(values).into_iter().enumerate() {
                    self.value(&mut value);
                    let truth = self.truth(&value);
                    if truth.is_some() && truth != Some(stop) && i + 1 < count {
                        self.note(&value, stop);
                        continue;
                    }
                    kept.push(value);
                    if truth == Some(stop) {
                        break;
                    }
                }
                *values = kept;
                one_operand(e);
            }
            ExprKind::Comprehension {
                element,
                value,
                clauses,
                ..
            } => {
                for clause in clauses {
                    self.value(&mut clause.iter);
                    clause.ifs.retain_mut(|test| self.test(test) != Some(true));
                }
                self.value(element);
                if let Some(value) = value {
                    self.value(value);
                }
            }
            _ => ast::rewrite::children(e, &mut |child| self.value(child)),
        }
        if let (ExprKind::Compare { .. }, Some(holds)) = (&e.kind, self.truth(e)) {
            e.kind = ExprKind::Bool(holds);
        }
        if let ExprKind::Unary {
            op: UnaryOp::Not,
            operand,
        } = &e.kind
            && let Some(holds) = self.truth(operand)
        {
            e.kind = ExprKind::Bool(!holds);
        }
    }

    /// An expression of which only the truth counts; its outcome where that is known.
    fn test(&mut self, e: &mut Expr) -> Option<bool> {
        match &mut e.kind {
            ExprKind::Unary {
                op: UnaryOp::Not,
                operand,
            } => self.test(operand).map(|holds| !holds),
            ExprKind::Logical { op, values } => {
                let stop = *op == BoolOp::Or;
                let mut kept: Vec<Expr> = Vec::new();
                let mut decided = None;
                for mut value in std::mem::take(values) {
                    match self.test(&mut value) {
                        Some(holds) if holds != stop => {}
                        Some(_) => {
                            decided = Some(value);
                            break;
                        }
                        None => kept.push(value),
                    }
                }
                let outcome = match &decided {
                    Some(_) if kept.iter().all(|e| self.is_quiet(e)) => Some(stop),
                    None if kept.is_empty() => Some(!stop),
                    Some(_) | None => None,
                };
                kept.extend(decided);
                *values = kept;
                if outcome.is_none() {
                    one_operand(e);
                }
                outcome
            }
            _ => {
                let outcome = self.truth(e);
                if let Some(holds) = outcome {
                    self.note(e, holds);
                } else {
                    self.value(e);
                }
                outcome
            }
        }
    }

    fn note(&mut self, e: &Expr, holds: bool) {
        if self.outcomes.contains_key(&e.id) {
            self.any = true;
            // What a value's type is asked for says itself what it is about.
            if type_test(e).is_none() {
                self.settled.push((e.span, holds));
            }
        }
    }

    /// Whether an expression is true, where that is settled.
    fn truth(&self, e: &Expr) -> Option<bool> {
        let asked = match &e.kind {
            ExprKind::Compare { left, rest, .. } => rest.iter().chain([&**left]).collect(),
            _ => vec![type_test(e).map_or(e, |test| test.value)],
        };
        let changes = |e: &&Expr| {
            matches!(&e.kind, ExprKind::Attribute { attr, .. }
            if self.changing.contains(&attr.name))
        };
        if asked.iter().any(changes) {
            return None;
        }
        match &e.kind {
            ExprKind::Bool(value) => Some(*value),
            ExprKind::None => Some(false),
            _ => self.outcomes.get(&e.id).copied(),
        }
    }

    /// Whether evaluating it does nothing else, and never raises.
    fn is_quiet(&self, e: &Expr) -> bool {
        match &e.kind {
            ExprKind::Name(_) => self.is_plain(e),
            ExprKind::Attribute { value, .. } => self.is_plain(e) && self.is_quiet(value),
            ExprKind::Compare { left, rest, .. } => {
                self.is_quiet(left) && rest.iter().all(|e| self.is_quiet(e))
            }
            ExprKind::Logical { values, .. } => values.iter().all(|e| self.is_quiet(e)),
            ExprKind::Unary {
                op: UnaryOp::Not,
                operand,
            } => self.is_quiet(operand),
            ExprKind::Bool(_) | ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Str(_) => true,
            ExprKind::Call { .. } => type_test(e).is_some_and(|test| self.is_quiet(test.value)),
            _ => false,
        }
    }

    /// Whether it is a number, a text or an object wherever it is reached.
    fn is_plain(&self, e: &Expr) -> bool {
        let plain = |ty: &Ty| {
            matches!(
                ty,
                Ty::Bool
                    | Ty::Int
                    | Ty::Float
                    | Ty::Number
                    | Ty::Str
                    | Ty::Instance(_)
                    | Ty::Struct(_)
            )
        };
        let functions = &self.model.functions;
        let mut facts = functions
            .iter()
            .filter_map(|f| f.facts.get(&e.id))
            .peekable();
        facts.peek().is_some() && facts.all(|fact| plain(&fact.ty) && !fact.unbound)
    }
}

/// `a` for an `and` of `a` alone.
fn one_operand(e: &mut Expr) {
    if let ExprKind::Logical { values, .. } = &mut e.kind
        && values.len() == 1
        && let Some(one) = values.pop()
    {
        *e = one;
    }
}
