//! Which attributes an instance has for sure when its `__init__` has ended.
//!
//! Enters: an `__init__` and the other methods of its class. Leaves: the names of the
//! attributes that are set on every path to its end, the methods that it calls among them.
//! This module must not know types.

use crate::ast::{Block, Expr, ExprKind, Function, Pattern, PatternKind, Stmt, StmtKind};
use std::collections::BTreeSet;

/// How deep methods that call methods are followed.
const MOST_CALLS: usize = 6;

/// The attributes that are set on every path to the end of a method.
pub(super) fn surely_set<'a>(
    init: &'a Function,
    find: &dyn Fn(&str) -> Option<&'a Function>,
) -> BTreeSet<String> {
    let mut paths = Paths {
        own: own_name(init),
        find,
        ends: Vec::new(),
        depth: 0,
    };
    paths.function(init)
}

fn own_name(function: &Function) -> &str {
    let own = function.params.list.first();
    own.map_or("", |p| p.name.name.as_str())
}

type Set = BTreeSet<String>;

struct Paths<'a, 'f> {
    /// What the method calls its instance.
    own: &'a str,
    find: &'f dyn Fn(&str) -> Option<&'a Function>,
    /// What is set at each `return`.
    ends: Vec<Set>,
    depth: usize,
}

impl<'a> Paths<'a, '_> {
    fn function(&mut self, function: &'a Function) -> Set {
        let own = std::mem::replace(&mut self.own, own_name(function));
        let before = std::mem::take(&mut self.ends);
        let last = self.block(&function.body, Set::new());
        let ends = std::mem::replace(&mut self.ends, before);
        self.own = own;
        let all = last.into_iter().chain(ends);
        all.reduce(|a, b| a.intersection(&b).cloned().collect())
            .unwrap_or_default()
    }

    /// What is set behind a block; none where its end is not reached.
    fn block(&mut self, block: &'a Block, mut set: Set) -> Option<Set> {
        for stmt in &block.stmts {
            set = self.stmt(stmt, set)?;
        }
        Some(set)
    }

    fn stmt(&mut self, stmt: &'a Stmt, mut set: Set) -> Option<Set> {
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                self.value(value, &mut set);
                for target in targets {
                    self.target(target, &mut set);
                }
            }
            StmtKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } => {
                self.value(value, &mut set);
                self.target(target, &mut set);
            }
            StmtKind::Expr(value) => self.value(value, &mut set),
            StmtKind::If { body, orelse, .. } => {
                let yes = self.block(body, set.clone());
                let no = self.block(orelse, set);
                return both(yes, no);
            }
            StmtKind::For { body, .. } => {
                let _ = self.block(body, set.clone());
            }
            StmtKind::While { test, body, .. } => {
                let _ = self.block(body, set.clone());
                if matches!(test.kind, ExprKind::Bool(true)) {
                    return Some(set);
                }
            }
            StmtKind::With { body, .. } => {
                let _ = self.block(body, set.clone())?;
            }
            StmtKind::Try {
                body,
                handlers,
                orelse,
                finalbody,
            } => {
                let done = self.block(body, set.clone());
                let mut after = done.and_then(|done| self.block(orelse, done));
                for handler in handlers {
                    let handled = self.block(&handler.body, set.clone());
                    after = both(after, handled);
                }
                return self.block(finalbody, after?);
            }
            StmtKind::Match { cases, .. } => {
                let rest = cases
                    .last()
                    .is_some_and(|c| c.guard.is_none() && is_rest(&c.pattern));
                let mut after = (!rest).then(|| set.clone());
                for case in cases {
                    let matched = self.block(&case.body, set.clone());
                    after = both(after, matched);
                }
                return after;
            }
            StmtKind::Return(_) => {
                self.ends.push(set);
                return None;
            }
            StmtKind::Raise { .. } | StmtKind::Break | StmtKind::Continue => return None,
            StmtKind::AnnAssign { value: None, .. }
            | StmtKind::AugAssign { .. }
            | StmtKind::Function(_)
            | StmtKind::Class(_)
            | StmtKind::Delete(_)
            | StmtKind::Assert { .. }
            | StmtKind::Import(_)
            | StmtKind::ImportFrom { .. }
            | StmtKind::Global(_)
            | StmtKind::Nonlocal(_)
            | StmtKind::Pass
            | StmtKind::Unsupported(_) => {}
        }
        Some(set)
    }

    fn target(&mut self, target: &Expr, set: &mut Set) {
        match &target.kind {
            ExprKind::Attribute { value, attr } => {
                if matches!(&value.kind, ExprKind::Name(n) if n == self.own) {
                    self.called(&format!("{}=", attr.name), set);
                    set.insert(attr.name.clone());
                }
            }
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                for item in items {
                    self.target(item, set);
                }
            }
            ExprKind::Starred(inner) => self.target(inner, set),
            _ => {}
        }
    }

    /// What `self.reset()` sets, where a value is that call.
    fn value(&mut self, value: &Expr, set: &mut Set) {
        let ExprKind::Call { func, .. } = &value.kind else {
            return;
        };
        let ExprKind::Attribute { value, attr } = &func.kind else {
            return;
        };
        if matches!(&value.kind, ExprKind::Name(n) if n == self.own) {
            self.called(&attr.name, set);
        }
    }

    /// What the method of that name sets.
    fn called(&mut self, method: &str, set: &mut Set) {
        if self.depth < MOST_CALLS
            && let Some(function) = (self.find)(method)
        {
            self.depth += 1;
            let more = self.function(function);
            self.depth -= 1;
            set.extend(more);
        }
    }
}

/// Whether a pattern matches whatever comes.
fn is_rest(pattern: &Pattern) -> bool {
    matches!(&pattern.kind, PatternKind::As { pattern: None, .. })
}

/// What is set where two paths meet.
fn both(a: Option<Set>, b: Option<Set>) -> Option<Set> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.intersection(&b).cloned().collect()),
        (found, None) | (None, found) => found,
    }
}
