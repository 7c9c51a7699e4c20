//! What `typing` says of classes, and no program sees.
//!
//! Enters: the module. Leaves: the same, where `class Ring(Generic[T])` has no such base,
//! `Ring[float](8)` is `Ring(8)`, and a `TypedDict` is the dict that its objects are. A class
//! whose type parameters somebody asks for stays. This module must not know types.

use super::callables::{full_name, imports, times_bound};
use crate::ast::visit::{self, Visitor};
use crate::ast::{self, Class, Expr, ExprKind, Module, Param, Stmt, StmtKind};
use std::collections::{BTreeMap, BTreeSet};

/// Rewrites the module.
pub(super) fn typing_bases(module: &mut Module) {
    let imports = imports(module);
    let bound = times_bound(module);
    let once = |name: &String| bound.get(name) == Some(&1);
    let mut generic: BTreeSet<String> = BTreeSet::new();
    let mut records: BTreeSet<String> = BTreeSet::new();
    for stmt in &mut module.body.stmts {
        let StmtKind::Class(class) = &mut stmt.kind else {
            continue;
        };
        let name = class.name.name.clone();
        if once(&name) && is_record(class, &records, &imports) {
            records.insert(name);
        } else if without_parameters(class, &generic, &imports) {
            generic.insert(name);
        }
    }
    if !generic.is_empty() {
        ast::rewrite::block(&mut module.body, &mut |e| {
            if let ExprKind::Call { func, .. } = &mut e.kind {
                plain(func, &generic);
            }
        });
    }
    if !records.is_empty() {
        as_dicts(module, records);
    }
}

/// Takes what says the type parameters from the bases of a class; whether it had any.
fn without_parameters(
    class: &mut Class,
    generic: &BTreeSet<String>,
    imports: &BTreeMap<String, String>,
) -> bool {
    let named = |e: &Expr, wanted: &str| is_typing(&full_name(e, imports), wanted);
    let mut found = false;
    let mut bases = Vec::new();
    for mut base in std::mem::take(&mut class.bases) {
        let of = match &base.kind {
            ExprKind::Subscript { value, .. } => Some((**value).clone()),
            _ => None,
        };
        if let Some(of) = of {
            if named(&of, "Generic") {
                found = true;
                continue;
            }
            let own = matches!(&of.kind, ExprKind::Name(name) if generic.contains(name));
            if own || named(&of, "Protocol") {
                found = true;
                base = of;
            }
        } else if let ExprKind::Name(name) = &base.kind {
            found |= generic.contains(name);
        }
        bases.push(base);
    }
    class.bases = bases;
    found
}

fn is_typing(name: &str, wanted: &str) -> bool {
    let (from, name) = name.rsplit_once('.').unwrap_or_default();
    matches!(from, "typing" | "typing_extensions") && name == wanted
}

/// `Ring` for `Ring[float]`
fn plain(func: &mut Expr, generic: &BTreeSet<String>) {
    if let ExprKind::Subscript { value, .. } = &func.kind
        && matches!(&value.kind, ExprKind::Name(name) if generic.contains(name))
    {
        *func = (**value).clone();
    }
}

/// Whether a class only says which keys dicts have.
fn is_record(
    class: &Class,
    records: &BTreeSet<String>,
    imports: &BTreeMap<String, String>,
) -> bool {
    let base = |e: &Expr| {
        is_typing(&full_name(e, imports), "TypedDict")
            || matches!(&e.kind, ExprKind::Name(name) if records.contains(name))
    };
    let total = |k: &ast::Keyword| k.name.as_ref().is_some_and(|n| n.name == "total");
    !class.bases.is_empty()
        && class.bases.iter().all(base)
        && class.decorators.is_empty()
        && class.keywords.iter().all(total)
        && class.body.stmts.iter().all(|s| match &s.kind {
            StmtKind::AnnAssign { value: None, .. } | StmtKind::Pass => true,
            StmtKind::Expr(e) => matches!(e.kind, ExprKind::Str(_) | ExprKind::Ellipsis),
            _ => false,
        })
}

/// `dict` for the records, where nobody asks them for more than to make one.
fn as_dicts(module: &mut Module, mut records: BTreeSet<String>) {
    let mut asked = Asked {
        records: &records,
        other: BTreeSet::new(),
    };
    for stmt in &module.body.stmts {
        if !matches!(&stmt.kind, StmtKind::Class(class) if records.contains(&class.name.name)) {
            asked.visit_stmt(stmt);
        }
    }
    let other = asked.other;
    if !other.is_empty() {
        // One may be the base of another.
        records.clear();
    }
    module.body.stmts.retain(
        |stmt| !matches!(&stmt.kind, StmtKind::Class(class) if records.contains(&class.name.name)),
    );
    let mut as_dict = |e: &mut Expr| {
        if let ExprKind::Name(name) = &mut e.kind
            && records.contains(name)
        {
            *name = "dict".to_string();
        }
    };
    ast::rewrite::block(&mut module.body, &mut as_dict);
    annotations(&mut module.body.stmts, &mut as_dict);
}

/// Calls it on every part of every annotation.
fn annotations(stmts: &mut [Stmt], f: &mut dyn FnMut(&mut Expr)) {
    for stmt in stmts {
        match &mut stmt.kind {
            StmtKind::AnnAssign { annotation, .. } => within(annotation, f),
            StmtKind::Function(function) => {
                let params = function.params.list.iter_mut();
                params
                    .filter_map(|p| p.annotation.as_mut())
                    .chain(function.returns.as_mut())
                    .for_each(|e| within(e, f));
            }
            _ => {}
        }
        for block in ast::blocks_mut(stmt) {
            annotations(&mut block.stmts, f);
        }
    }
}

fn within(e: &mut Expr, f: &mut dyn FnMut(&mut Expr)) {
    f(e);
    ast::rewrite::children(e, &mut |part| within(part, f));
}

/// Records that stand anywhere but in annotations, or to make one.
struct Asked<'d> {
    records: &'d BTreeSet<String>,
    other: BTreeSet<String>,
}

impl<'ast> Visitor<'ast> for Asked<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::AnnAssign { target, value, .. } => {
                self.visit_expr(target);
                value.iter().for_each(|value| self.visit_expr(value));
            }
            StmtKind::Function(function) => {
                function
                    .params
                    .list
                    .iter()
                    .for_each(|p| self.visit_param(p));
                function.decorators.iter().for_each(|d| self.visit_expr(d));
                self.visit_block(&function.body);
            }
            _ => visit::walk_stmt(self, stmt),
        }
    }

    fn visit_param(&mut self, param: &'ast Param) {
        param.default.iter().for_each(|e| self.visit_expr(e));
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Name(name) if self.records.contains(name) => {
                self.other.insert(name.clone());
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } if matches!(&func.kind, ExprKind::Name(name) if self.records.contains(name)) => {
                args.iter().for_each(|arg| self.visit_expr(arg));
                keywords.iter().for_each(|k| self.visit_expr(&k.value));
            }
            _ => visit::walk_expr(self, e),
        }
    }
}
