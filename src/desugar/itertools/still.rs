//! Which code leaves a container alone.
//!
//! Enters: the module. Leaves: whether a piece of code may change the containers that an
//! expression names, in functions that it calls too. This module must not know what runs
//! through them.

use crate::ast::visit::{self, Visitor};
use crate::ast::{Block, Expr, ExprKind, Function, Module, Stmt, StmtKind};
use std::collections::{BTreeMap, BTreeSet};

/// Methods that change nothing.
const LOOKS: [&str; 9] = [
    "get", "keys", "values", "items", "index", "count", "copy", "format", "join",
];

/// Builtins that change nothing that they are given.
const LOOKING: [&str; 20] = [
    "abs",
    "all",
    "any",
    "enumerate",
    "float",
    "int",
    "isinstance",
    "iter",
    "len",
    "list",
    "max",
    "min",
    "print",
    "range",
    "reversed",
    "sorted",
    "str",
    "sum",
    "tuple",
    "zip",
];

/// What code does, by the last names of the containers.
#[derive(Default, Clone)]
struct Does {
    /// The containers that may get other items, or be others.
    changes: BTreeSet<String>,
    /// The functions and methods that are called.
    calls: BTreeSet<String>,
    /// The names that are handed to functions.
    hands: BTreeSet<String>,
}

/// What the functions of a module do.
pub(super) struct Still {
    functions: BTreeMap<String, Does>,
}

impl Still {
    pub(super) fn of(module: &Module) -> Still {
        let mut functions: BTreeMap<String, Does> = BTreeMap::new();
        let mut add = |function: &Function| {
            let mut does = Does::default();
            does.visit_block(&function.body);
            let own = functions.entry(function.name.name.clone()).or_default();
            own.changes.extend(does.changes);
            own.calls.extend(does.calls);
            own.hands.extend(does.hands);
        };
        for stmt in &module.body.stmts {
            match &stmt.kind {
                StmtKind::Function(function) => add(function),
                StmtKind::Class(class) => class.body.functions().for_each(&mut add),
                _ => {}
            }
        }
        Still { functions }
    }

    /// Whether an expression leaves alone what the other names.
    pub(super) fn leaves(&self, e: &Expr, named: &Expr) -> bool {
        let mut does = Does::default();
        does.visit_expr(e);
        self.apart(does, named)
    }

    /// Whether a block leaves alone what the expression names.
    pub(super) fn block_leaves(&self, block: &Block, named: &Expr) -> bool {
        let mut does = Does::default();
        does.visit_block(block);
        self.apart(does, named)
    }

    /// Whether no function of the module changes what the expression names.
    pub(super) fn nobody_changes(&self, named: &Expr) -> bool {
        let mut sources = Sources::default();
        sources.visit_expr(named);
        let mut all = self.functions.values();
        all.all(|does| does.changes.is_disjoint(&sources.0) && does.hands.is_disjoint(&sources.0))
    }

    fn apart(&self, mut does: Does, named: &Expr) -> bool {
        let mut sources = Sources::default();
        sources.visit_expr(named);
        let own = does.calls.iter().any(|c| self.functions.contains_key(c));
        if own && does.hands.iter().any(|name| sources.0.contains(name)) {
            return false;
        }
        let mut seen = BTreeSet::new();
        while let Some(call) = does.calls.pop_first() {
            if let (true, Some(more)) = (seen.insert(call.clone()), self.functions.get(&call)) {
                does.changes.extend(more.changes.iter().cloned());
                does.calls.extend(more.calls.iter().cloned());
            }
        }
        does.changes.is_disjoint(&sources.0)
    }
}

/// The last name of a path: a variable's, an attribute's as `.name`.
fn tail(e: &Expr) -> Option<String> {
    match &e.kind {
        ExprKind::Name(name) => Some(name.clone()),
        ExprKind::Attribute { attr, .. } => Some(format!(".{}", attr.name)),
        ExprKind::Subscript { value, .. } => tail(value),
        _ => None,
    }
}

impl Does {
    fn target(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|i| self.target(i));
            }
            ExprKind::Starred(inner) => self.target(inner),
            _ => self.changes.extend(tail(target)),
        }
    }
}

impl<'ast> Visitor<'ast> for Does {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, .. } | StmtKind::Delete(targets) => {
                targets.iter().for_each(|t| self.target(t));
            }
            StmtKind::AugAssign { target, .. }
            | StmtKind::AnnAssign { target, .. }
            | StmtKind::For { target, .. } => self.target(target),
            _ => {}
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        if let ExprKind::Call {
            func,
            args,
            keywords,
        } = &e.kind
        {
            match &func.kind {
                ExprKind::Attribute { value, attr } => {
                    self.calls.insert(attr.name.clone());
                    if !LOOKS.contains(&attr.name.as_str()) {
                        self.changes.extend(tail(value));
                    }
                }
                ExprKind::Name(name) => {
                    self.calls.insert(name.clone());
                }
                _ => {}
            }
            let given = args.iter().chain(keywords.iter().map(|k| &k.value));
            let looks = matches!(&func.kind, ExprKind::Name(n) if LOOKING.contains(&n.as_str()));
            let given = given.filter(|_| !looks);
            self.hands.extend(given.filter_map(tail));
        }
        visit::walk_expr(self, e);
    }
}

/// The names by which an expression reaches containers.
#[derive(Default)]
struct Sources(BTreeSet<String>);

impl<'ast> Visitor<'ast> for Sources {
    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            // Whose attribute it is, is not run through.
            ExprKind::Attribute { value, attr } => {
                self.0.insert(format!(".{}", attr.name));
                if !matches!(value.kind, ExprKind::Name(_)) {
                    self.visit_expr(value);
                }
            }
            ExprKind::Name(name) => {
                self.0.insert(name.clone());
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } => {
                if let ExprKind::Attribute { value, .. } = &func.kind {
                    self.visit_expr(value);
                }
                args.iter().for_each(|a| self.visit_expr(a));
                keywords.iter().for_each(|k| self.visit_expr(&k.value));
            }
            _ => visit::walk_expr(self, e),
        }
    }
}
