//! Code at the level of the module that does more than build up one variable.
//!
//! Enters: the module of a task, its [`initial`](super::initial) values done. Leaves: the same,
//! where
//!
//! ```text
//! for servo in servos:          def set_up():
//!     servo.to(0.25)                for servo in servos:
//! assert len(TABLE) == 16               servo.to(0.25)
//!                                   assert len(TABLE) == 16
//!
//!                               <set up> = set_up()
//! ```
//!
//! A name that only this code binds and mentions is the function's own; one that it gives its
//! first value, and that no function mentions which it may call, is returned. This module must
//! not know types.

use super::build::Build;
use super::initial::{Mentions, binds_first, changes_an_object};
use super::is_main_guard;
use super::names::Names;
use crate::ast::visit::Visitor;
use crate::ast::{ExprKind, Module, Stmt, StmtKind};
use std::collections::{BTreeMap, BTreeSet};

/// What the value of the code is assigned to; no Python variable has such a name.
pub const SET_UP: &str = "<set up>";

/// Puts the code into functions; whether there was any.
pub fn set_up(module: &mut Module) -> bool {
    let mut bound = BTreeSet::new();
    let loose: Vec<bool> = module
        .body
        .stmts
        .iter()
        .map(|stmt| is_loose(stmt, &mut bound))
        .collect();
    if !loose.contains(&true) {
        return false;
    }
    let mut taken = Mentions::default();
    taken.visit_block(&module.body);
    let mut taken = taken.all;
    let mut next_id = module.node_count;
    let stmts = std::mem::take(&mut module.body.stmts);
    let shared = shared(&stmts, &loose);
    let called = Called::of(&stmts);
    let mut bound = BTreeSet::new();
    let mut body = Vec::new();
    let mut done = |body: &mut Vec<Stmt>, out: &mut Vec<Stmt>, bound: &mut BTreeSet<String>| {
        if body.is_empty() {
            return;
        }
        let run = Run {
            body: std::mem::take(body),
            bound,
            shared: &shared,
            called: &called,
        };
        let made = run.function(&name(&mut taken), &mut next_id);
        bound.extend(made.iter().flat_map(super::callables::top_bound));
        out.extend(made);
    };
    for (stmt, is_loose) in stmts.into_iter().zip(loose) {
        if is_loose {
            body.push(stmt);
            continue;
        }
        // Code does not mind whether it runs behind a definition.
        if !is_definition(&stmt) {
            done(&mut body, &mut module.body.stmts, &mut bound);
        }
        bound.extend(super::callables::top_bound(&stmt));
        module.body.stmts.push(stmt);
    }
    done(&mut body, &mut module.body.stmts, &mut bound);
    module.node_count = next_id;
    true
}

/// Whether a statement is neither a definition nor the first value of names; `bound`: those
/// that have one.
fn is_loose(stmt: &Stmt, bound: &mut BTreeSet<String>) -> bool {
    match &stmt.kind {
        StmtKind::Assign { targets, .. } => {
            targets.iter().any(changes_an_object) || !binds_anew(stmt, bound)
        }
        StmtKind::AnnAssign {
            target,
            value: Some(_),
            ..
        } => changes_an_object(target) || !binds_anew(stmt, bound),
        StmtKind::If { test, .. } => !is_main_guard(test),
        StmtKind::Expr(e) => matches!(e.kind, ExprKind::Call { .. }),
        StmtKind::For { .. }
        | StmtKind::While { .. }
        | StmtKind::With { .. }
        | StmtKind::Try { .. }
        | StmtKind::Assert { .. }
        | StmtKind::AugAssign { .. } => true,
        _ => false,
    }
}

/// Whether nothing is computed where a statement stands.
fn is_definition(stmt: &Stmt) -> bool {
    match &stmt.kind {
        StmtKind::Function(function) => {
            let defaults = function.params.list.iter().any(|p| p.default.is_some());
            function.decorators.is_empty() && !defaults
        }
        StmtKind::Import(_) | StmtKind::ImportFrom { .. } | StmtKind::Pass => true,
        StmtKind::Expr(e) => matches!(e.kind, ExprKind::Str(_)),
        _ => false,
    }
}

/// `set_up`, `set_up_2`: a name that is not taken.
fn name(taken: &mut BTreeSet<String>) -> String {
    let mut name = String::from("set_up");
    let mut count = 1;
    while !taken.insert(name.clone()) {
        count += 1;
        name = format!("set_up_{count}");
    }
    name
}

fn binds_anew(stmt: &Stmt, bound: &mut BTreeSet<String>) -> bool {
    let anew = super::callables::top_bound(stmt);
    anew.into_iter().all(|name| bound.insert(name))
}

/// The names that are mentioned beside the loose code, or by more than one run of it.
fn shared(stmts: &[Stmt], loose: &[bool]) -> BTreeSet<String> {
    let mut shared = Mentions::default();
    let mut before = BTreeSet::new();
    let mut run = BTreeSet::new();
    for (stmt, loose) in stmts.iter().zip(loose) {
        if !loose {
            if !is_definition(stmt) {
                before.append(&mut run);
            }
            shared.visit_stmt(stmt);
            continue;
        }
        let mut own = Mentions::default();
        own.visit_stmt(stmt);
        // The variable of a loop is another one each time.
        own.free.retain(|name| !binds_first(stmt, name));
        let again = own.free.intersection(&before).cloned();
        shared.free.extend(again);
        run.append(&mut own.free);
    }
    shared.free
}

/// The names that each function and class of the module mentions.
struct Called(BTreeMap<String, BTreeSet<String>>);

impl Called {
    fn of(stmts: &[Stmt]) -> Called {
        let mut called = Called(BTreeMap::new());
        for stmt in stmts {
            let name = match &stmt.kind {
                StmtKind::Function(function) => &function.name.name,
                StmtKind::Class(class) => &class.name.name,
                _ => continue,
            };
            let mut mentions = Mentions::default();
            mentions.visit_stmt(stmt);
            called
                .0
                .entry(name.clone())
                .or_default()
                .extend(mentions.free);
        }
        called
    }

    /// What may be mentioned where some statements are executed, beside themselves. An object
    /// may be of any class.
    fn by(&self, stmts: &[Stmt]) -> BTreeSet<&String> {
        let mut mentions = Mentions::default();
        stmts.iter().for_each(|stmt| mentions.visit_stmt(stmt));
        let mut open: Vec<&String> = self
            .0
            .keys()
            .filter(|name| mentions.free.contains(*name))
            .collect();
        let mut seen: BTreeSet<&String> = open.iter().copied().collect();
        let mut found = BTreeSet::new();
        while let Some(names) = open.pop().and_then(|name| self.0.get(name)) {
            found.extend(names);
            open.extend(
                names
                    .iter()
                    .filter(|name| seen.insert(name))
                    .filter(|name| self.0.contains_key(*name)),
            );
        }
        found
    }
}

/// Statements that follow each other.
struct Run<'r> {
    body: Vec<Stmt>,
    /// The names that have a value before.
    bound: &'r BTreeSet<String>,
    /// The names that others mention.
    shared: &'r BTreeSet<String>,
    called: &'r Called,
}

impl Run<'_> {
    /// The function, and its call.
    fn function(self, name: &str, next_id: &mut u32) -> Vec<Stmt> {
        let Run {
            mut body,
            bound,
            shared,
            called,
        } = self;
        let mut names = Names::default();
        body.iter().for_each(|stmt| names.stmt(stmt));
        let others = called.by(&body);
        let (returned, globals): (Vec<String>, Vec<String>) = names
            .bound
            .into_keys()
            .filter(|name| shared.contains(name))
            .partition(|name| !bound.contains(name) && !others.contains(name));
        let span = body.first().map_or_else(Default::default, |stmt| stmt.span);
        let mut comments = Vec::new();
        let mut blank_before = false;
        if let Some(first) = body.first_mut() {
            comments = std::mem::take(&mut first.comments);
            blank_before = std::mem::take(&mut first.blank_before);
        }
        let mut build = Build { next_id, span };
        if !globals.is_empty() {
            body.insert(0, build.stmt(StmtKind::Global(globals)));
        }
        let mut all = |names: &[String]| {
            let mut names: Vec<_> = names.iter().map(|name| build.name(name)).collect();
            match names.len() {
                0 | 1 => names.pop(),
                _ => Some(build.expr(ExprKind::Tuple(names))),
            }
        };
        let (value, target) = (all(&returned), all(&returned));
        if let Some(value) = value {
            body.push(build.stmt(StmtKind::Return(Some(value))));
        }
        let mut function = build.function(name, Vec::new(), body);
        function.comments = comments;
        function.blank_before = blank_before;
        let func = build.name(name);
        let call = build.call(func, Vec::new());
        let target = target.unwrap_or_else(|| build.name(SET_UP));
        vec![function, build.assign(target, call)]
    }
}
