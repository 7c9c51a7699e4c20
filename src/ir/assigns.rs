//! How often a variable is assigned on one path.
//!
//! Enters: statements and a name. Leaves: whether some path assigns it twice, which needs a
//! `mut`. This module must not know Python.

use super::expr::Expr;
use super::uses::places;
use super::{Stmt, StmtKind};
use std::collections::BTreeMap;

/// Whether a path through `stmts` may assign `name` twice: more than once in a row, or in a loop.
pub(super) fn assigned_twice(stmts: &[Stmt], name: &str) -> bool {
    most_assigns(stmts, name) > 1
}

fn most_assigns(stmts: &[Stmt], name: &str) -> usize {
    let paths = assigns_on_paths(stmts, name);
    let jumps = paths.jumps.values().copied().max().unwrap_or(0);
    paths.end.unwrap_or(0).max(paths.gone).max(jumps)
}

/// The most assignments on the paths through some statements.
#[derive(Default)]
struct Assigns {
    /// To their end, if a path gets there.
    end: Option<usize>,
    /// To each label that is left by `break`.
    jumps: BTreeMap<String, usize>,
    /// Out of the function, or to another turn of a loop.
    gone: usize,
}

impl Assigns {
    fn straight(count: usize) -> Assigns {
        Assigns {
            end: Some(count),
            ..Assigns::default()
        }
    }

    /// Either way, after `before` assignments.
    fn add(&mut self, other: Assigns, before: usize) {
        self.end = self.end.max(other.end.map(|n| n + before));
        self.gone = self.gone.max(other.gone + before);
        for (label, count) in other.jumps {
            let slot = self.jumps.entry(label).or_default();
            *slot = (*slot).max(count + before);
        }
    }
}

fn assigns_on_paths(stmts: &[Stmt], name: &str) -> Assigns {
    let mut all = Assigns::default();
    let mut count = 0;
    for stmt in stmts {
        let mut paths = match &stmt.kind {
            StmtKind::Assign { place, .. }
                if places(place)
                    .iter()
                    .any(|p| matches!(p, Expr::Atom(text) if text == name)) =>
            {
                Assigns::straight(1)
            }
            StmtKind::Let {
                init: Some(value), ..
            }
            | StmtKind::Assign { value, .. }
            | StmtKind::Expr(value) => assigns_in_expr(value, name),
            StmtKind::LetPattern {
                otherwise: Some(otherwise),
                ..
            } => {
                let mut paths = Assigns::straight(0);
                paths.add(assigns_on_paths(&otherwise.stmts, name), 0);
                paths
            }
            StmtKind::While { body, .. }
            | StmtKind::Loop { body, .. }
            | StmtKind::For { body, .. } => {
                let once = most_assigns(&body.stmts, name).min(1);
                let mut paths = assigns_on_paths(&body.stmts, name);
                paths.end = Some(2 * once);
                paths
            }
            StmtKind::Block { label, body } => {
                let mut paths = assigns_on_paths(&body.stmts, name);
                let broken = label.as_ref().and_then(|l| paths.jumps.remove(l));
                paths.end = paths.end.max(broken);
                paths
            }
            StmtKind::Break(Some(label)) => Assigns {
                jumps: BTreeMap::from([(label.clone(), 0)]),
                ..Assigns::default()
            },
            StmtKind::Return(_) | StmtKind::Break(None) | StmtKind::Continue(_) => {
                Assigns::default()
            }
            StmtKind::Let { init: None, .. }
            | StmtKind::LetPattern { .. }
            | StmtKind::Comment(_)
            | StmtKind::LineComment(_)
            | StmtKind::Blank => Assigns::straight(0),
        };
        let end = paths.end.take();
        all.add(paths, count);
        match end {
            Some(more) => count += more,
            None => {
                all.gone = all.gone.max(count);
                return all;
            }
        }
    }
    all.end = Some(count);
    all
}

fn assigns_in_expr(e: &Expr, name: &str) -> Assigns {
    let mut all = Assigns::default();
    match e {
        Expr::If {
            then, otherwise, ..
        } => {
            all.add(assigns_on_paths(&then.stmts, name), 0);
            match otherwise {
                Some(otherwise) => all.add(assigns_on_paths(&otherwise.stmts, name), 0),
                None => all.add(Assigns::straight(0), 0),
            }
        }
        Expr::Match { arms, .. } => arms
            .iter()
            .for_each(|a| all.add(assigns_on_paths(&a.body.stmts, name), 0)),
        Expr::Block(body) => all = assigns_on_paths(&body.stmts, name),
        _ => all = Assigns::straight(0),
    }
    all
}
