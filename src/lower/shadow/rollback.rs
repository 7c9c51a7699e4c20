//! What of a call's roll-back its Rust needs.
//!
//! Enters: the Rust of `process`. Leaves: whether anything can fail after the state, or an
//! output's `tov`, was written.

use crate::ir::{Block, Expr, Function, Stmt, StmtKind};
use crate::lower::Rollback;

/// What of the rollback the Rust of `process` needs: whether something can fail after the
/// state, or an output's `tov`, was written.
pub(in crate::lower) fn needed_rollback(function: &Function, current: Rollback) -> Rollback {
    let mut flow = Flow {
        state: false,
        tov: false,
        needed: current,
    };
    flow.block(&function.body);
    flow.needed
}

#[derive(Clone, Copy)]
struct Flow {
    state: bool,
    tov: bool,
    needed: Rollback,
}

impl Flow {
    fn block(&mut self, block: &Block) {
        for stmt in &block.stmts {
            self.stmt(stmt);
        }
        if let Some(value) = &block.value {
            self.expr(value);
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        if stmt.is_error() {
            self.fails();
        }
        match &stmt.kind {
            StmtKind::Assign { place, value, .. } => {
                self.expr(value);
                self.expr(place);
                for place in crate::ir::uses::places(place) {
                    match root(place) {
                        Some("state") => self.state = true,
                        _ if matches!(place, Expr::Field(_, name) if name == "tov") => {
                            self.tov = true;
                        }
                        _ => {}
                    }
                }
            }
            StmtKind::While { body, cond, .. } => {
                for _ in 0..2 {
                    self.expr(cond);
                    self.block(body);
                }
            }
            StmtKind::Loop { body, .. } | StmtKind::For { body, .. } => {
                if let StmtKind::For { iter, .. } = &stmt.kind {
                    self.expr(iter);
                }
                self.block(body);
                self.block(body);
            }
            StmtKind::LetPattern {
                init, otherwise, ..
            } => {
                self.expr(init);
                if let Some(otherwise) = otherwise {
                    let mut branch = *self;
                    branch.block(otherwise);
                    self.needed = branch.needed;
                    if !ends_call(otherwise) {
                        self.state |= branch.state;
                        self.tov |= branch.tov;
                    }
                }
            }
            _ => {
                let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
                stmt.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
                exprs.into_iter().for_each(|e| self.expr(e));
                blocks.into_iter().for_each(|b| self.block(b));
            }
        }
    }

    fn expr(&mut self, e: &Expr) {
        match e {
            Expr::If {
                cond,
                then,
                otherwise,
            } => {
                self.expr(cond);
                self.branches(&[Some(then), otherwise.as_ref()]);
            }
            Expr::Match { subject, arms } => {
                self.expr(subject);
                let bodies: Vec<Option<&Block>> = arms.iter().map(|a| Some(&a.body)).collect();
                self.branches(&bodies);
            }
            Expr::Try(inner) => {
                self.expr(inner);
                self.fails();
            }
            Expr::Call(_, args) => {
                args.iter().for_each(|a| self.expr(a));
                // A helper that gets the state by `&mut` may write to it, and then fail.
                self.state |= args.iter().any(|a| match a {
                    Expr::Atom(name) => name == "state",
                    Expr::RefMut(place) => root(place) == Some("state"),
                    _ => false,
                });
            }
            Expr::Method(receiver, name, args) => {
                self.expr(receiver);
                args.iter().for_each(|a| self.expr(a));
                self.state |= root(receiver) == Some("state")
                    && matches!(
                        name.as_str(),
                        "sort"
                            | "sort_by"
                            | "sort_by_key"
                            | "reverse"
                            | "swap"
                            | "drain"
                            | "extend"
                            | "push"
                            | "clear"
                            | "remove"
                            | "insert"
                            | "pop"
                            | "truncate"
                            | "get_or_insert"
                    );
            }
            _ => {
                let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
                e.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
                exprs.into_iter().for_each(|e| self.expr(e));
                blocks.into_iter().for_each(|b| self.block(b));
            }
        }
    }

    fn branches(&mut self, blocks: &[Option<&Block>]) {
        let before = *self;
        let mut after = before;
        for block in blocks.iter().flatten() {
            let mut branch = Flow {
                needed: after.needed,
                ..before
            };
            branch.block(block);
            after.needed = branch.needed;
            // What `break` and `continue` lead to runs after what the branch has written.
            if !ends_call(block) {
                after.state |= branch.state;
                after.tov |= branch.tov;
            }
        }
        *self = after;
    }

    fn fails(&mut self) {
        self.needed.state |= self.state;
        self.needed.tov |= self.tov;
    }
}

/// Whether a block always returns.
fn ends_call(block: &Block) -> bool {
    block.stmts.iter().any(|stmt| match &stmt.kind {
        StmtKind::Return(_) => true,
        StmtKind::Expr(Expr::If {
            then,
            otherwise: Some(otherwise),
            ..
        }) => ends_call(then) && ends_call(otherwise),
        StmtKind::Expr(Expr::Match { arms, .. }) => {
            !arms.is_empty() && arms.iter().all(|arm| ends_call(&arm.body))
        }
        _ => false,
    })
}

/// The variable at the root of a place.
fn root(place: &Expr) -> Option<&str> {
    match place {
        Expr::Atom(name) => Some(name),
        Expr::Field(base, _) | Expr::Index(base, _) | Expr::Deref(base) => root(base),
        Expr::Method(base, _, _) => root(base),
        _ => None,
    }
}
