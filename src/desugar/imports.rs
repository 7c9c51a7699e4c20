//! Imports within functions, at the top of the module.
//!
//! Enters: the module. Leaves: the same, where `import math` in a function stands at the top:
//! where the name is bound by nothing else, and read only below the import. This module must
//! not know what is imported.

use crate::ast::visit::{self, Visitor};
use crate::ast::{Alias, Block, Expr, ExprKind, Function, Module, Param, Stmt, StmtKind};
use std::collections::{BTreeMap, BTreeSet};

/// Moves the imports of functions.
pub(super) fn imports(module: &mut Module) {
    let mut names = Bound::default();
    names.visit_block(&module.body);
    let mut found = BTreeMap::new();
    for stmt in &module.body.stmts {
        collect(stmt, &mut found);
    }
    let own: BTreeMap<String, String> = module
        .body
        .stmts
        .iter()
        .flat_map(|stmt| imported(stmt).into_iter().map(|name| (name, meaning(stmt))))
        .collect();
    let differs = |name: &String, texts: &BTreeSet<String>| {
        own.get(name).is_some_and(|text| !texts.contains(text))
    };
    let mut refused: BTreeSet<&String> = found
        .iter()
        .filter(|(name, texts)| names.0.contains(*name) || differs(name, texts) || texts.len() != 1)
        .map(|(name, _)| name)
        .collect();
    // Whoever reads such a name has imported it.
    let mut reads = Reads {
        names: &found,
        inside: own.keys().cloned().collect(),
        refused: BTreeSet::new(),
    };
    reads.visit_block(&module.body);
    refused.extend(found.keys().filter(|n| reads.refused.contains(*n)));
    let refused: BTreeSet<String> = refused.into_iter().cloned().collect();
    let mut moved: Vec<Stmt> = Vec::new();
    for stmt in &mut module.body.stmts {
        take(stmt, &refused, &mut moved);
    }
    let mut seen: BTreeSet<String> = own.into_keys().collect();
    moved.retain(|stmt| imported(stmt).into_iter().any(|name| seen.insert(name)));
    module.body.stmts.splice(0..0, moved);
}

/// The names that an import binds.
fn imported(stmt: &Stmt) -> Vec<String> {
    let bound = |alias: &Alias| match &alias.alias {
        Some(alias) => alias.name.clone(),
        None => {
            let full = &alias.name.name;
            full.split('.').next().unwrap_or(full).to_string()
        }
    };
    match &stmt.kind {
        StmtKind::Import(names) => names.iter().map(bound).collect(),
        StmtKind::ImportFrom {
            module: Some(_),
            level: 0,
            names,
        } => names.iter().map(bound).collect(),
        _ => Vec::new(),
    }
}

/// What an import says, without its place.
fn meaning(stmt: &Stmt) -> String {
    let names = |list: &[Alias]| -> Vec<String> {
        list.iter()
            .map(|a| format!("{} {:?}", a.name.name, a.alias.as_ref().map(|n| &n.name)))
            .collect()
    };
    match &stmt.kind {
        StmtKind::Import(list) => format!("{:?}", names(list)),
        StmtKind::ImportFrom {
            module,
            names: list,
            ..
        } => {
            format!("{:?} {:?}", module, names(list))
        }
        _ => String::new(),
    }
}

/// The functions that a statement of the module defines, methods too.
fn functions(stmt: &Stmt) -> Vec<&Function> {
    match &stmt.kind {
        StmtKind::Function(function) => vec![function],
        StmtKind::Class(class) => class.body.stmts.iter().flat_map(functions).collect(),
        _ => Vec::new(),
    }
}

/// The imports directly in the bodies of functions, by the names that they bind.
fn collect(stmt: &Stmt, found: &mut BTreeMap<String, BTreeSet<String>>) {
    for function in functions(stmt) {
        for inner in &function.body.stmts {
            for name in imported(inner) {
                found.entry(name).or_default().insert(meaning(inner));
            }
        }
    }
}

/// Takes the imports out of functions, but for those with a refused name.
fn take(stmt: &mut Stmt, refused: &BTreeSet<String>, moved: &mut Vec<Stmt>) {
    let body: &mut Block = match &mut stmt.kind {
        StmtKind::Function(function) => &mut function.body,
        StmtKind::Class(class) => {
            for inner in &mut class.body.stmts {
                take(inner, refused, moved);
            }
            return;
        }
        _ => return,
    };
    let mut comments = Vec::new();
    let mut kept = Vec::new();
    let mut last = None;
    for mut inner in std::mem::take(&mut body.stmts) {
        let names = imported(&inner);
        if !names.is_empty() && !names.iter().any(|name| refused.contains(name)) {
            comments.append(&mut inner.comments);
            last = Some(inner.clone());
            moved.push(inner);
            continue;
        }
        if !comments.is_empty() {
            comments.append(&mut inner.comments);
            inner.comments = std::mem::take(&mut comments);
        }
        kept.push(inner);
    }
    // A body is never empty.
    if let (true, Some(mut only)) = (kept.is_empty(), last) {
        only.kind = StmtKind::Pass;
        kept.push(only);
    }
    body.stmts = kept;
}

/// Every name that the module binds in another way.
#[derive(Default)]
struct Bound(BTreeSet<String>);

impl<'ast> Visitor<'ast> for Bound {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, .. } => targets.iter().for_each(|t| self.target(t)),
            StmtKind::AugAssign { target, .. }
            | StmtKind::AnnAssign { target, .. }
            | StmtKind::For { target, .. } => self.target(target),
            StmtKind::With { items, .. } => {
                items
                    .iter()
                    .filter_map(|(_, t)| t.as_ref())
                    .for_each(|t| self.target(t));
            }
            StmtKind::Try { handlers, .. } => {
                let names = handlers.iter().filter_map(|h| h.name.as_ref());
                self.0.extend(names.map(|n| n.name.clone()));
            }
            StmtKind::Function(function) => {
                self.0.insert(function.name.name.clone());
            }
            StmtKind::Class(class) => {
                self.0.insert(class.name.name.clone());
            }
            _ => {}
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Named { target, .. } => {
                self.0.insert(target.name.clone());
            }
            ExprKind::Comprehension { clauses, .. } => {
                clauses.iter().for_each(|c| self.target(&c.target));
            }
            _ => {}
        }
        visit::walk_expr(self, e);
    }

    fn visit_param(&mut self, param: &'ast Param) {
        self.0.insert(param.name.name.clone());
        visit::walk_param(self, param);
    }
}

impl Bound {
    fn target(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Name(name) => {
                self.0.insert(name.clone());
            }
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|item| self.target(item));
            }
            ExprKind::Starred(inner) => self.target(inner),
            _ => {}
        }
    }
}

/// Finds names that are read where no import stands above.
struct Reads<'n> {
    names: &'n BTreeMap<String, BTreeSet<String>>,
    /// The names that the function around the place has imported so far.
    inside: BTreeSet<String>,
    refused: BTreeSet<String>,
}

impl<'ast> Visitor<'ast> for Reads<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        self.inside.extend(imported(stmt));
        if let StmtKind::Function(_) = &stmt.kind {
            let outer = self.inside.clone();
            visit::walk_stmt(self, stmt);
            self.inside = outer;
            return;
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        if let ExprKind::Name(name) = &e.kind
            && self.names.contains_key(name)
            && !self.inside.contains(name)
        {
            self.refused.insert(name.clone());
        }
        visit::walk_expr(self, e);
    }
}
