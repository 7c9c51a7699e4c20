//! Copies of classes for the kinds of values that their instances hold.
//!
//! Enters: the module and a class of it. Leaves: the places that make its instances, where
//! nothing else is done with the class; the module with copies of the class, each of which
//! some of those places make. This module must not know types.

use super::copies;
use super::keywords::is_literal;
use crate::ast::{self, Class, Expr, ExprKind, Module, NodeId, Stmt, StmtKind};
use std::collections::BTreeSet;

/// The calls that make instances of a class; nothing where a copy would be another class to
/// anyone.
pub fn sites(module: &Module, class: &Class) -> Option<Vec<NodeId>> {
    let plain = class.bases.is_empty()
        && class.ancestors.is_empty()
        && class.variants.is_empty()
        && class.abstracts.is_empty()
        && class.keywords.is_empty()
        && class.decorators.is_empty()
        && class.made.is_none()
        && !class.name.name.contains(ast::OF_FAMILY);
    let still = class.body.stmts.iter().all(|s| match &s.kind {
        StmtKind::Function(_) | StmtKind::Pass => true,
        StmtKind::Assign { value, .. } => is_literal(value),
        StmtKind::AnnAssign { value, .. } => value.as_ref().is_none_or(is_literal),
        _ => false,
    });
    if !plain || !still {
        return None;
    }
    let mut uses = Uses {
        class: &class.name.name,
        within: false,
        sites: Vec::new(),
        others: false,
    };
    ast::visit::Visitor::visit_block(&mut uses, &module.body);
    (!uses.others).then_some(uses.sites)
}

struct Uses<'c> {
    class: &'c str,
    /// Within the class itself.
    within: bool,
    sites: Vec<NodeId>,
    others: bool,
}

impl<'ast> ast::visit::Visitor<'ast> for Uses<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        let own = matches!(&stmt.kind, StmtKind::Class(c) if c.name.name == self.class);
        let before = self.within;
        self.within |= own;
        match &stmt.kind {
            StmtKind::AnnAssign {
                target,
                annotation,
                value: Some(value),
            } if self.is_site(value) => {
                let named = matches!(&annotation.kind, ExprKind::Name(n) if n == self.class);
                self.others |= self.within && named;
                if !named {
                    self.visit_expr(annotation);
                }
                self.visit_expr(target);
                self.visit_expr(value);
            }
            _ => ast::visit::walk_stmt(self, stmt),
        }
        self.within = before;
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Call { args, keywords, .. } if self.is_site(e) => {
                if !self.within {
                    self.sites.push(e.id);
                }
                let given = keywords.iter().map(|k| &k.value);
                args.iter().chain(given).for_each(|a| self.visit_expr(a));
            }
            ExprKind::Name(name) => self.others |= name == self.class,
            ExprKind::Attribute { attr, .. } if attr.name == "__class__" => self.others = true,
            _ => ast::visit::walk_expr(self, e),
        }
    }
}

impl Uses<'_> {
    fn is_site(&self, e: &Expr) -> bool {
        matches!(&e.kind, ExprKind::Call { func, .. } if matches!(&func.kind, ExprKind::Name(n) if n == self.class))
    }
}

/// Copies a class under each name for the instances that those places make; gives what the
/// copies are called.
pub fn copied(
    module: &mut Module,
    class: &str,
    wanted: &[(String, BTreeSet<NodeId>)],
) -> Vec<String> {
    let mut next_id = module.node_count;
    let mut taken = super::callables::module_bound(module);
    let place = module
        .body
        .stmts
        .iter()
        .position(|s| matches!(&s.kind, StmtKind::Class(c) if c.name.name == class));
    let mut names = Vec::new();
    let Some(place) = place else { return names };
    let mut copies = Vec::new();
    for (name, sites) in wanted {
        let mut name = name.clone();
        while !taken.insert(name.clone()) {
            name.push('_');
        }
        ast::rewrite::block(&mut module.body, &mut |e| {
            if sites.contains(&e.id) {
                renamed(e, class, &name);
            }
        });
        annotated(&mut module.body, sites, &name);
        if let Some(stmt) = module.body.stmts.get(place) {
            copies.extend(copy(stmt, class, &name, &mut next_id));
        }
        names.push(name);
    }
    module.body.stmts.splice(place + 1..place + 1, copies);
    module.node_count = next_id;
    names
}

/// Calls the copy.
fn renamed(e: &mut Expr, class: &str, name: &str) {
    if let ExprKind::Call { func, .. } = &mut e.kind
        && let ExprKind::Name(n) = &mut func.kind
        && n == class
    {
        *n = name.to_string();
    }
}

/// `ring: Copy = Copy(4)` for `ring: Ring = Copy(4)`.
fn annotated(block: &mut ast::Block, sites: &BTreeSet<NodeId>, name: &str) {
    for stmt in &mut block.stmts {
        if let StmtKind::AnnAssign {
            annotation,
            value: Some(value),
            ..
        } = &mut stmt.kind
            && sites.contains(&value.id)
            && let ExprKind::Name(annotation) = &mut annotation.kind
        {
            *annotation = name.to_string();
        }
        for inner in ast::blocks_mut(stmt) {
            annotated(inner, sites, name);
        }
    }
}

/// A copy that makes instances of its own where the class makes its own.
fn copy(stmt: &Stmt, class: &str, name: &str, next_id: &mut u32) -> Option<Stmt> {
    let StmtKind::Class(original) = &stmt.kind else {
        return None;
    };
    let mut copy = original.clone();
    copies::block(&mut copy.body, next_id);
    copy.name.name = name.to_string();
    ast::rewrite::block(&mut copy.body, &mut |e| renamed(e, class, name));
    let id = NodeId(*next_id);
    *next_id += 1;
    Some(Stmt {
        id,
        blank_before: true,
        kind: StmtKind::Class(copy),
        ..stmt.clone()
    })
}
