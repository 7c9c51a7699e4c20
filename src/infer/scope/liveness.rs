//! Where a variable is read for the last time.
//!
//! Enters: a function and its names. Leaves: the reads after which, on every path, nobody
//! asks for the variable's value again before it gets a new one, and those of what a loop runs
//! over where that is so once the loop has begun. This module must not know types.

use super::{FnScope, blocks};
use crate::ast::visit::{self, Visitor};
use crate::ast::{self, Block, Clause, Expr, ExprKind, NodeId, Stmt, StmtKind};
use std::collections::BTreeSet;

/// The last reads of variables.
#[derive(Debug)]
pub struct LastReads {
    /// After which the variable is dead.
    pub last: BTreeSet<NodeId>,
    /// Of what a loop runs over, where nothing but the loop itself needs it any more.
    pub run_out: BTreeSet<NodeId>,
}

/// The reads of variables of a function after which the variable is dead.
pub fn last_reads(function: &ast::Function, scope: &FnScope) -> LastReads {
    let mut liveness = Liveness {
        scope,
        live: BTreeSet::new(),
        on_error: Vec::new(),
        loops: Vec::new(),
        last: BTreeSet::new(),
        run_out: BTreeSet::new(),
    };
    liveness.block(&function.body);
    LastReads {
        last: liveness.last,
        run_out: liveness.run_out,
    }
}

type Live = BTreeSet<String>;

/// What is live where a loop is left, and where its next turn begins.
struct Exits {
    at_break: Live,
    at_continue: Live,
}

/// Goes backwards through a function.
struct Liveness<'s> {
    scope: &'s FnScope,
    /// The versions that are live after what is looked at.
    live: Live,
    /// What the handlers around need, wherever the error comes from.
    on_error: Vec<Live>,
    loops: Vec<Exits>,
    last: BTreeSet<NodeId>,
    run_out: BTreeSet<NodeId>,
}

/// The names in what a loop runs over whose elements it gets: of `enumerate(xs)` it is `xs`.
pub fn run_over<'e>(iter: &'e Expr, out: &mut Vec<&'e Expr>) {
    match &iter.kind {
        ExprKind::Name(_) => out.push(iter),
        ExprKind::Call { func, args, .. } if matches!(func.kind, ExprKind::Name(_)) => {
            args.iter().for_each(|arg| run_over(arg, out));
        }
        _ => {}
    }
}

impl Liveness<'_> {
    fn block(&mut self, block: &Block) {
        block.stmts.iter().rev().for_each(|stmt| self.stmt(stmt));
    }

    /// A block after which `after` is live; leaves what is live before it.
    fn from(&mut self, block: &Block, after: Live) -> Live {
        self.live = after;
        self.block(block);
        std::mem::take(&mut self.live)
    }

    /// What an error that leaves the statement asks for.
    fn handlers(&self) -> Live {
        self.on_error.iter().flatten().cloned().collect()
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                targets.iter().rev().for_each(|t| self.target(t));
                self.expr(value);
            }
            StmtKind::AugAssign { target, value, .. } => {
                self.bound(target);
                self.expr(value);
                self.expr(target);
            }
            StmtKind::AnnAssign { target, value, .. } => {
                if let Some(value) = value {
                    self.target(target);
                    self.expr(value);
                }
            }
            StmtKind::If { test, body, orelse } => {
                let after = std::mem::take(&mut self.live);
                let mut live = self.from(orelse, after.clone());
                live.extend(self.from(body, after));
                self.live = live;
                self.expr(test);
            }
            StmtKind::While { test, body, orelse } => {
                let after = std::mem::take(&mut self.live);
                let done = self.from(orelse, after.clone());
                self.turns(after, &done, body, |this| this.expr(test), |_| {});
            }
            StmtKind::For {
                target,
                iter,
                body,
                orelse,
                ..
            } => {
                let after = std::mem::take(&mut self.live);
                let done = self.from(orelse, after.clone());
                // The target is bound where there is a next element only.
                self.turns(after, &done, body, |_| {}, |this| this.target(target));
                // What is run over stays in use for all turns.
                self.run(iter);
            }
            StmtKind::With { items, body, .. } => {
                self.block(body);
                for (context, name) in items.iter().rev() {
                    name.iter().for_each(|name| self.reads_of(name));
                    self.kept(context);
                }
            }
            StmtKind::Return(value) => {
                self.live = self.handlers();
                value.iter().for_each(|value| self.expr(value));
            }
            StmtKind::Raise { exc, cause } => {
                self.live = self.handlers();
                let parts = [cause, exc].into_iter().flatten();
                parts.for_each(|part| self.expr(part));
            }
            StmtKind::Break => {
                self.live = self.handlers();
                let exits = self.loops.last();
                self.live
                    .extend(exits.iter().flat_map(|e| e.at_break.iter().cloned()));
            }
            StmtKind::Continue => {
                self.live = self.handlers();
                let exits = self.loops.last();
                self.live
                    .extend(exits.iter().flat_map(|e| e.at_continue.iter().cloned()));
            }
            StmtKind::Try {
                body,
                handlers,
                orelse,
                finalbody,
            } => {
                let after = std::mem::take(&mut self.live);
                let done = self.from(finalbody, after);
                self.on_error.push(done.clone());
                let mut caught = done.clone();
                for handler in handlers {
                    caught.extend(self.from(&handler.body, done.clone()));
                    handler.types.iter().for_each(|types| self.reads_of(types));
                }
                let otherwise = self.from(orelse, done);
                self.on_error.push(caught.clone());
                self.live = self.from(body, otherwise);
                self.on_error.pop();
                self.on_error.pop();
                self.live.extend(caught);
            }
            StmtKind::Match { subject, cases } => {
                let after = std::mem::take(&mut self.live);
                let mut live = after.clone();
                for case in cases {
                    self.live = self.from(&case.body, after.clone());
                    case.guard.iter().for_each(|guard| self.expr(guard));
                    live.append(&mut self.live);
                }
                self.live = live;
                // A pattern may look at any part of it, and name it.
                self.kept(subject);
            }
            // What it mentions is captured.
            StmtKind::Function(_) | StmtKind::Class(_) => {}
            StmtKind::Delete(targets) => targets.iter().for_each(|t| self.reads_of(t)),
            StmtKind::Assert { test, message } => {
                message.iter().for_each(|message| self.expr(message));
                self.expr(test);
            }
            StmtKind::Expr(e) => self.expr(e),
            StmtKind::Import(_)
            | StmtKind::ImportFrom { .. }
            | StmtKind::Global(_)
            | StmtKind::Nonlocal(_)
            | StmtKind::Pass
            | StmtKind::Unsupported(_) => {
                debug_assert!(blocks::child_blocks(stmt).is_empty());
            }
        }
    }

    /// A loop, left with `done` live where it ends by itself and `after` where it is broken
    /// off; `head` runs before each turn and before the end, `bind` before each turn.
    fn turns(
        &mut self,
        after: Live,
        done: &Live,
        body: &Block,
        head: impl Fn(&mut Self),
        bind: impl Fn(&mut Self),
    ) {
        let mut next = done.clone();
        loop {
            self.live = next.clone();
            head(self);
            let begin = self.live.clone();
            self.loops.push(Exits {
                at_break: after.clone(),
                at_continue: begin.clone(),
            });
            self.live = self.from(body, begin.clone());
            bind(self);
            let turn = std::mem::take(&mut self.live);
            self.loops.pop();
            if turn.is_subset(&next) {
                self.live = begin;
                return;
            }
            next.extend(turn);
        }
    }

    /// Assigns to a target: names get a new value, all else is read.
    fn target(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().rev().for_each(|item| self.target(item));
            }
            ExprKind::Starred(inner) => self.target(inner),
            ExprKind::Name(_) => self.bound(target),
            _ => self.reads_of(target),
        }
    }

    fn bound(&mut self, name: &Expr) {
        if let Some(version) = self.scope.names.get(&name.id) {
            self.live.remove(version);
        }
    }

    /// An expression whose value somebody still looks at afterwards: none of its reads is
    /// the last.
    fn kept(&mut self, e: &Expr) {
        self.reads_of(e);
        self.expr(e);
    }

    /// What a loop or a comprehension runs over, before its first turn.
    fn run(&mut self, iter: &Expr) {
        let mut names = Vec::new();
        run_over(iter, &mut names);
        for name in names {
            if let Some(version) = self.scope.names.get(&name.id) {
                let mut live = self.on_error.iter().chain([&self.live]);
                let once = self.times(iter, version) == 1;
                match once && !live.any(|live| live.contains(version)) {
                    true => self.run_out.insert(name.id),
                    false => self.run_out.remove(&name.id),
                };
            }
        }
        self.kept(iter);
    }

    /// Everything that an expression names is live.
    fn reads_of(&mut self, e: &Expr) {
        struct Names<'n>(&'n FnScope, &'n mut Live);
        impl<'ast> Visitor<'ast> for Names<'_> {
            fn visit_expr(&mut self, e: &'ast Expr) {
                self.1.extend(self.0.names.get(&e.id).cloned());
                visit::walk_expr(self, e);
            }
        }
        Names(self.scope, &mut self.live).visit_expr(e);
    }

    /// Whether each turn of a comprehension names again what it runs over.
    fn names_any(&self, clause: &Clause, element: &Expr, value: Option<&Expr>) -> bool {
        let mut names = Vec::new();
        run_over(&clause.iter, &mut names);
        let versions = names
            .iter()
            .filter_map(|name| self.scope.names.get(&name.id));
        let parts: Vec<&Expr> = clause.ifs.iter().chain([element]).chain(value).collect();
        let named = |version: &String| parts.iter().any(|part| self.times(part, version) > 0);
        versions.into_iter().any(named)
    }

    /// How often an expression names a variable.
    fn times(&self, e: &Expr, version: &str) -> usize {
        let own = usize::from(self.scope.names.get(&e.id).is_some_and(|v| v == version));
        let parts = visit::children(e);
        own + parts
            .iter()
            .map(|part| self.times(part, version))
            .sum::<usize>()
    }

    fn clauses(&mut self, clauses: &[Clause]) {
        for clause in clauses {
            self.reads_of(&clause.target);
            self.reads_of(&clause.iter);
            clause.ifs.iter().for_each(|test| self.reads_of(test));
        }
    }

    /// An expression, backwards through its evaluation.
    fn expr(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::Name(_) => {
                let Some(version) = self.scope.names.get(&e.id) else {
                    return;
                };
                let needed = self.live.contains(version)
                    || self.on_error.iter().any(|live| live.contains(version));
                if needed {
                    self.last.remove(&e.id);
                } else {
                    self.last.insert(e.id);
                    self.live.insert(version.clone());
                }
            }
            ExprKind::Named { value, .. } => self.expr(value),
            ExprKind::Conditional { test, body, orelse } => {
                let after = self.live.clone();
                self.expr(orelse);
                let other = std::mem::replace(&mut self.live, after);
                self.expr(body);
                self.live.extend(other);
                self.expr(test);
            }
            ExprKind::Logical { values, .. } => {
                let after = self.live.clone();
                for value in values.iter().rev() {
                    // Any but the first may not be asked for.
                    self.live.extend(after.iter().cloned());
                    self.expr(value);
                }
            }
            // Run through again and again.
            ExprKind::Comprehension {
                element,
                value,
                clauses,
                ..
            } => {
                let before = self.live.clone();
                self.reads_of(element);
                value.iter().for_each(|value| self.reads_of(value));
                self.clauses(clauses);
                // But what the last clause binds is another value each turn.
                if let Some(clause) = clauses.last() {
                    self.target(&clause.target);
                }
                value.iter().for_each(|value| self.expr(value));
                self.expr(element);
                if let Some((first, _)) = clauses.split_first() {
                    let turn = std::mem::replace(&mut self.live, before);
                    if clauses.len() == 1 && !self.names_any(first, element, value.as_deref()) {
                        self.run(&first.iter);
                    }
                    self.live.extend(turn);
                }
                for clause in clauses {
                    self.reads_of(&clause.iter);
                    self.expr(&clause.iter);
                    clause.ifs.iter().for_each(|test| self.expr(test));
                }
            }
            ExprKind::Lambda { body, .. } => {
                self.reads_of(body);
                self.expr(body);
            }
            _ => visit::children(e)
                .into_iter()
                .rev()
                .for_each(|part| self.expr(part)),
        }
    }
}
