//! What of a call's roll-back its Rust needs.
//!
//! Enters: the Rust of `process`. Leaves: whether anything can fail after the state, or an
//! output's `tov`, was written.

use crate::infer::{FnId, Role};
use crate::ir::{Block, Expr, Function, Stmt, StmtKind};
use crate::lower::{Lowerer, Rollback};
use crate::ty::last_segment;
use std::collections::BTreeMap;

/// What of the rollback the Rust of `process` needs: whether something can fail after the
/// state, or an output's `tov`, was written. `setters` are the functions that set a `tov`.
pub(in crate::lower) fn needed_rollback(
    function: &Function,
    current: Rollback,
    setters: &BTreeMap<String, bool>,
) -> Rollback {
    let mut flow = Flow {
        state: false,
        tov: false,
        called_tov: false,
        needed: current,
        setters,
    };
    flow.block(&function.body);
    flow.needed
}

impl Lowerer<'_> {
    /// The functions that set a `tov`, themselves or through others, by their names; and
    /// whether they can fail after that.
    pub(in crate::lower) fn tov_setters(&self) -> BTreeMap<String, bool> {
        let mut setters = BTreeMap::new();
        loop {
            let known = setters.len();
            for (id, function) in &self.lowered {
                if self.is_entry(*id) || !sets_tov(&function.body, &setters) {
                    continue;
                }
                let needed = needed_rollback(function, Rollback::default(), &setters);
                let late = needed.tov || needed.lost_tov;
                setters.insert(function.name.clone(), late);
            }
            if setters.len() == known {
                return setters;
            }
        }
    }

    fn is_entry(&self, id: FnId) -> bool {
        let function = self.input.model.functions.get(id.0);
        function.is_some_and(|f| f.role != Role::Helper)
    }
}

/// Whether a block sets a `tov`, or calls what does.
fn sets_tov(block: &Block, setters: &BTreeMap<String, bool>) -> bool {
    fn in_expr(e: &Expr, setters: &BTreeMap<String, bool>) -> bool {
        if called(e).is_some_and(|name| setters.contains_key(name)) {
            return true;
        }
        let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
        e.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
        exprs.into_iter().any(|e| in_expr(e, setters))
            || blocks.into_iter().any(|b| sets_tov(b, setters))
    }
    block.value.as_ref().is_some_and(|v| in_expr(v, setters))
        || block.stmts.iter().any(|stmt| {
            let own = match &stmt.kind {
                StmtKind::Assign { place, .. } => is_tov(place),
                _ => false,
            };
            let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
            stmt.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
            own || exprs.into_iter().any(|e| in_expr(e, setters))
                || blocks.into_iter().any(|b| sets_tov(b, setters))
        })
}

fn is_tov(place: &Expr) -> bool {
    matches!(place, Expr::Field(_, name) if name == "tov")
}

/// The last part of the name of the function or method that an expression calls.
fn called(e: &Expr) -> Option<&str> {
    match e {
        Expr::Call(name, _) => Some(last_segment(name)),
        Expr::Method(_, name, _) => Some(name),
        _ => None,
    }
}

#[derive(Clone, Copy)]
struct Flow<'s> {
    state: bool,
    tov: bool,
    /// A function that was called has set a `tov`.
    called_tov: bool,
    needed: Rollback,
    setters: &'s BTreeMap<String, bool>,
}

impl Flow<'_> {
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
                        _ if is_tov(place) => self.tov = true,
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
                        self.called_tov |= branch.called_tov;
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
                // What fails within a function has set no `tov`, or waits itself.
                let before = self.called_tov;
                self.expr(inner);
                let after = std::mem::replace(&mut self.called_tov, before);
                self.fails();
                self.called_tov = after;
            }
            Expr::Call(_, args) => {
                args.iter().for_each(|a| self.expr(a));
                self.call_sets_tov(e);
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
                self.call_sets_tov(e);
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
                after.called_tov |= branch.called_tov;
            }
        }
        *self = after;
    }

    fn call_sets_tov(&mut self, call: &Expr) {
        self.called_tov |= called(call).is_some_and(|name| self.setters.contains_key(name));
    }

    fn fails(&mut self) {
        self.needed.state |= self.state;
        self.needed.tov |= self.tov;
        self.needed.lost_tov |= self.called_tov;
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
