//! `from math import *`: the names of `math` that the module reads. Imports over other names.
//!
//! Enters: the module. Leaves: the same, where the one star import is
//! `from math import asin, pi`, with the names that are read somewhere and that the module
//! does not bind itself. A star import of another module stays, and so does one beside
//! others: nobody knows what such a module binds. An import of a name that the module has
//! bound to something else above is refused. This module must not know types.

use super::callables::top_bound;
use super::names::Names;
use crate::ast::visit::{self, Visitor};
use crate::ast::{Alias, Expr, ExprKind, Ident, Module, Stmt, StmtKind};
use std::collections::BTreeSet;

/// The public names of `math`, those of newer Pythons among them.
const MATH: [&str; 62] = [
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cbrt",
    "ceil",
    "comb",
    "copysign",
    "cos",
    "cosh",
    "degrees",
    "dist",
    "e",
    "erf",
    "erfc",
    "exp",
    "exp2",
    "expm1",
    "fabs",
    "factorial",
    "floor",
    "fma",
    "fmod",
    "frexp",
    "fsum",
    "gamma",
    "gcd",
    "hypot",
    "inf",
    "isclose",
    "isfinite",
    "isinf",
    "isnan",
    "isqrt",
    "lcm",
    "ldexp",
    "lgamma",
    "log",
    "log10",
    "log1p",
    "log2",
    "modf",
    "nan",
    "nextafter",
    "perm",
    "pi",
    "pow",
    "prod",
    "radians",
    "remainder",
    "sin",
    "sinh",
    "sqrt",
    "sumprod",
    "tan",
    "tanh",
    "tau",
    "trunc",
    "ulp",
];

/// Rewrites the star import of the module.
pub(super) fn star_imports(module: &mut Module) {
    star_of_math(module);
    over_others(module);
}

/// Refuses imports of names that are something else before.
fn over_others(module: &mut Module) {
    let mut own: BTreeSet<String> = BTreeSet::new();
    for stmt in &mut module.body.stmts {
        match &stmt.kind {
            StmtKind::Import(names) | StmtKind::ImportFrom { names, .. } => {
                let over = names.iter().any(|alias| {
                    let bound = &alias.alias.as_ref().unwrap_or(&alias.name).name;
                    let first = bound.split('.').next().unwrap_or(bound);
                    own.contains(first) || first == "*" && !own.is_empty()
                });
                if over {
                    let what = "an import of a name that is something else before";
                    stmt.kind = StmtKind::Unsupported(what.to_string());
                }
            }
            StmtKind::Assign { .. }
            | StmtKind::AnnAssign { value: Some(_), .. }
            | StmtKind::Function(_)
            | StmtKind::Class(_) => own.extend(top_bound(stmt)),
            _ => {}
        }
    }
}

fn star_of_math(module: &mut Module) {
    let Some(at) = module.body.stmts.iter().position(is_of_math) else {
        return;
    };
    let mut stars = Stars::default();
    stars.visit_block(&module.body);
    if stars.count != 1 {
        return;
    }
    let mut names = Vec::new();
    for name in MATH {
        if stars.globals.contains(name) {
            return;
        }
        match wanted(&module.body.stmts, at, name) {
            Some(true) => names.push(name),
            Some(false) => {}
            None => return,
        }
    }
    let Some(stmt) = module.body.stmts.get_mut(at) else {
        return;
    };
    let span = stmt.span;
    if names.is_empty() {
        stmt.kind = StmtKind::Pass;
    } else if let StmtKind::ImportFrom { names: list, .. } = &mut stmt.kind {
        let alias = |name: &str| Alias {
            name: Ident {
                span,
                name: name.to_string(),
            },
            alias: None,
        };
        *list = names.into_iter().map(alias).collect();
    }
}

fn is_of_math(stmt: &Stmt) -> bool {
    matches!(&stmt.kind, StmtKind::ImportFrom { module: Some(from), level: 0, names }
        if from == "math" && matches!(names.as_slice(), [one] if one.name.name == "*"))
}

/// Whether the module reads the name as that of the import at `at`; nothing where it may be
/// that and another.
fn wanted(stmts: &[Stmt], at: usize, name: &str) -> Option<bool> {
    let reads = |stmt: &Stmt| {
        let mut read = Read::default();
        read.visit_stmt(stmt);
        read.0.contains(name)
    };
    let Some(bound) = (stmts.iter()).position(|stmt| top_bound(stmt).iter().any(|n| n == name))
    else {
        return Some(stmts.iter().any(reads));
    };
    if !stmts.iter().any(reads) {
        return Some(false);
    }
    // What the module binds below the import, and reads only then, is its own.
    let (before, stmt) = (stmts.get(..bound)?, stmts.get(bound)?);
    let surely = match &stmt.kind {
        StmtKind::Function(function) => function.decorators.is_empty(),
        StmtKind::Assign { .. } | StmtKind::AnnAssign { value: Some(_), .. } => !reads(stmt),
        StmtKind::Import(_) | StmtKind::ImportFrom { .. } => true,
        _ => false,
    };
    (surely && bound > at && !before.iter().any(reads)).then_some(false)
}

/// How many star imports there are, and what is `global`.
#[derive(Default)]
struct Stars {
    count: usize,
    globals: BTreeSet<String>,
}

impl<'ast> Visitor<'ast> for Stars {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::ImportFrom { names, .. } => {
                self.count += names.iter().filter(|a| a.name.name == "*").count();
            }
            StmtKind::Global(names) => self.globals.extend(names.iter().cloned()),
            _ => {}
        }
        visit::walk_stmt(self, stmt);
    }
}

/// The names that are read, but for the variables of functions.
#[derive(Default)]
struct Read(BTreeSet<String>);

impl<'ast> Visitor<'ast> for Read {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Function(function) => {
                let mut inner = Read::default();
                visit::walk_stmt(&mut inner, stmt);
                let own = Names::of(function);
                let outer: BTreeSet<String> = (inner.0.into_iter())
                    .filter(|name| !own.binds(name))
                    .collect();
                self.0.extend(outer);
                // Defaults and decorators see the names around.
                let defaults = (function.params.list.iter()).filter_map(|p| p.default.as_ref());
                defaults
                    .chain(&function.decorators)
                    .for_each(|e| self.visit_expr(e));
            }
            StmtKind::Assign { targets, value } => {
                self.visit_expr(value);
                targets.iter().for_each(|target| self.target(target));
            }
            StmtKind::AnnAssign { target, value, .. } => {
                value.iter().for_each(|value| self.visit_expr(value));
                self.target(target);
            }
            _ => visit::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        if let ExprKind::Name(name) = &e.kind {
            self.0.insert(name.clone());
        }
        visit::walk_expr(self, e);
    }
}

impl<'ast> Read {
    /// The parts of a target that are read: what is bound is not.
    fn target(&mut self, target: &'ast Expr) {
        match &target.kind {
            ExprKind::Name(_) => {}
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|item| self.target(item));
            }
            ExprKind::Starred(inner) => self.target(inner),
            _ => self.visit_expr(target),
        }
    }
}
