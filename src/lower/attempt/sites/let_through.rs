//! A call whose outcome an inner `try` told apart: what that one lets through.
//!
//! Enters: the `match` that the inner `try` made of the call. Leaves: the same, where each
//! exception that it lets through goes to its handler of this `try`, behind what the inner
//! one's `finally` does.

use super::ways::raise_again;
use super::{Caught, Goal, Message, Rewrite, Said, Way};
use crate::ir::{Arm, Block, Expr, Stmt, StmtKind};
use std::collections::BTreeMap;

impl Rewrite<'_> {
    /// Rewrites the last arm, `Err(error) => return Err(error)`; how many arms stand for it.
    pub(super) fn outcome(&mut self, subject: &Expr, arms: &mut Vec<Arm>) -> usize {
        let Some(callee) = self.callees.called(subject).map(str::to_string) else {
            return 0;
        };
        let lets_through = arms.last().is_some_and(|a| {
            a.pattern == "Err(error)" && a.body.stmts.last().is_some_and(is_error)
        });
        let Some(raises) = self.callees.raises.get(&callee).cloned() else {
            return 0;
        };
        if !lets_through {
            return 0;
        }
        let named = |arms: &[Arm], class: &str| {
            arms.iter()
                .any(|a| a.pattern.contains(&format!("Raised::{class}(")))
        };
        let left = raises.classes.keys().filter(|c| !named(arms, c));
        let mut goals: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for class in left {
            if let Goal::Handler(handler) = self.goal(class) {
                goals.entry(handler).or_default().push(class.clone());
            }
        }
        if goals.is_empty() {
            return 0;
        }
        if self.parts_one_operation(&raises) {
            self.refuse("a call whose exceptions are caught by this `try` and by one within it");
            return 0;
        }
        let Some(mut rest) = arms.pop() else { return 0 };
        let leave = rest.body.stmts.pop();
        let before = self.stmts(std::mem::take(&mut rest.body.stmts));
        let reads = goals
            .keys()
            .any(|h| self.handlers.get(*h).is_some_and(Caught::reads_it));
        let through = raises
            .classes
            .keys()
            .any(|c| self.goal(c) == Goal::Through && !named(arms, c));
        let after = |block: Block| {
            let mut stmts = before.clone();
            stmts.extend(block.stmts);
            Block { stmts, ..block }
        };
        let one = goals.keys().next().copied().filter(|_| goals.len() == 1);
        if let (Some(handler), false, false) = (one, reads, through || raises.limit) {
            self.at_site(handler, false, true);
            let said = Said {
                text: None,
                message: Message::Bound,
                kept: Vec::new(),
                class: None,
                typed: self.callees.typed.contains(&callee),
            };
            let again = self.handlers.get(handler).is_some_and(|h| h.again);
            let block = self.way(handler, &said);
            let pattern = if again { "Err(error)" } else { "Err(_)" };
            arms.push(Arm::of(pattern, after(block)));
            return 1;
        }
        if !self.callees.typed.contains(&callee) {
            self.wants_typed.insert(callee);
        }
        let count = arms.len();
        for (handler, classes) in self.one_by_one(goals.into_iter().collect()) {
            self.at_site(handler, false, true);
            let said = Said::bound(classes.first());
            let pattern = self.bound_pattern(handler, Some(&classes));
            let block = self.way(handler, &said);
            arms.push(Arm::of(pattern, after(block)));
        }
        let all = self.callees.variants.iter().all(|class| named(arms, class));
        if through || raises.limit || !all {
            rest.body.stmts = before;
            rest.body.stmts.extend(leave);
            arms.push(rest);
        }
        arms.len() - count
    }

    /// `return Err(error)` of what is no text: an exception that an inner handler raises
    /// again.
    pub(super) fn raised_again(&mut self, error: &Expr) -> Option<Vec<Stmt>> {
        let caught = self.handlers.first().filter(|h| h.classes.is_none())?;
        // `finally` does what it does, and the exception goes on.
        if caught.reads_it() || !caught.again || matches!(caught.way, Way::To(_)) {
            return None;
        }
        let mut block = caught.body.clone();
        raise_again(&mut block, std::slice::from_ref(error));
        self.at_site(0, false, true);
        Some(block.stmts)
    }
}

fn is_error(stmt: &Stmt) -> bool {
    matches!(&stmt.kind, StmtKind::Return(Some(Expr::Call(name, _))) if name == "Err")
}
