//! `for x in self.items` whose body may change what it runs over: one element after the
//! other by its index, as Python does it.
//!
//! Enters: the list, of `self` or a variable, and the body. Leaves: what the loop takes in each
//! turn. Only lists whose elements are copied, or texts, and which nothing replaces by another list. This
//! module must not know how a loop is written otherwise.

use super::function::FnLower;
use super::iterate::{Form, Items, Shape};
use crate::ast::{self, Expr as PyExpr, ExprKind, StmtKind as PyKind};
use crate::infer::{Path, Seg};
use crate::ir::{Block, Expr, RTy, Stmt, StmtKind};
use crate::ty::Ty;
use crate::value::Fact;

/// A loop that counts its turns.
pub(super) struct Stepped {
    /// The list.
    place: Expr,
    /// The variable that counts.
    index: String,
    /// Whether an element is cloned where it is taken.
    cloned: bool,
}

impl<'a> FnLower<'_, 'a> {
    /// The elements of a list of `self`, or of a variable, that the body may change.
    pub(super) fn stepped(
        &mut self,
        iter: &'a PyExpr,
        body: &'a ast::Block,
    ) -> Option<(Items, Stepped)> {
        let path = self.path_of(iter)?;
        let mut changed = Vec::new();
        super::narrow::changed_paths(self, body, &mut changed);
        let is_changed = changed
            .iter()
            .any(|c| c.starts_with(&path) || path.starts_with(c));
        let is_replaced = match (path.segs.as_slice(), &iter.kind) {
            ([Seg::Attr(name)], _) if self.is_self(&path.root) => self.is_replaced(name),
            ([], ExprKind::Name(name)) if path.global_name().is_none() => {
                let mut binds = Binds::of(name, true);
                ast::visit::Visitor::visit_block(&mut binds, body);
                binds.found
            }
            _ => return None,
        };
        if !is_changed || is_replaced {
            return None;
        }
        let Ty::List { elem: ty, .. } = self.fact(iter.id).ty else {
            return None;
        };
        let (place, rty) = self.path_place(&path, false)?;
        let (RTy::Vec(elem) | RTy::Array(elem, _)) = rty.peel() else {
            return None;
        };
        let cloned = !self.lw.is_copy(elem);
        if cloned && !self.is_of_texts(elem) {
            return None;
        }
        let index = self.index_name(&path);
        let shape = Shape::One {
            rty: (**elem).clone(),
            fact: Fact::of(*ty),
            by_ref: !cloned,
        };
        let form = Form::Place(place.clone(), rty.is_ref());
        let stepped = Stepped {
            place,
            index,
            cloned,
        };
        Some((Items { form, shape }, stepped))
    }

    /// Whether a type is a text, or a tuple of texts and of what is copied.
    fn is_of_texts(&self, rty: &RTy) -> bool {
        match rty {
            RTy::String => true,
            RTy::Tuple(items) => items
                .iter()
                .all(|i| self.lw.is_copy(i) || self.is_of_texts(i)),
            _ => false,
        }
    }

    /// Whether an attribute of that name is bound anywhere but in constructors.
    fn is_replaced(&self, name: &str) -> bool {
        let mut binds = Binds::of(name, false);
        binds.found = self.function.name.name == "__init__";
        ast::visit::Visitor::visit_block(&mut binds, &self.lw.input.module.body);
        binds.found
    }

    fn index_name(&self, path: &Path) -> String {
        let mut name = format!("{}_index", self.element_name(path));
        while self.model.vars.keys().any(|v| self.var_name(v) == name) {
            name.push('_');
        }
        name
    }

    /// The loop, and the counter before it.
    pub(super) fn stepped_loop(
        &mut self,
        stepped: Stepped,
        pattern: &str,
        mut body: Block,
    ) -> StmtKind {
        let Stepped {
            place,
            index,
            cloned,
        } = stepped;
        self.emit(
            self.current_span(),
            StmtKind::Let {
                name: index.clone(),
                mutable: true,
                ty: None,
                init: Some(Expr::atom("0")),
            },
        );
        let next = StmtKind::Assign {
            place: Expr::atom(index.clone()),
            op: Some(crate::ir::BinOp::Add),
            value: Expr::atom("1"),
        };
        body.stmts.insert(0, Stmt::new(next));
        let element = place.method("get", vec![Expr::atom(index)]);
        let element = match cloned {
            true => element.method("cloned", vec![]),
            false => element,
        };
        StmtKind::While {
            label: None,
            cond: Expr::Let(format!("Some({pattern})"), Box::new(element)),
            body,
        }
    }
}

/// Looks for what binds an attribute of that name outside of constructors, or a variable.
struct Binds<'n> {
    name: &'n str,
    is_variable: bool,
    found: bool,
}

impl<'n> Binds<'n> {
    fn of(name: &'n str, is_variable: bool) -> Self {
        Self {
            name,
            is_variable,
            found: false,
        }
    }

    fn target(&mut self, target: &PyExpr) {
        match &target.kind {
            ExprKind::Attribute { attr, .. } => {
                self.found |= !self.is_variable && attr.name == self.name;
            }
            ExprKind::Name(name) => self.found |= self.is_variable && name == self.name,
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|i| self.target(i));
            }
            ExprKind::Starred(inner) => self.target(inner),
            _ => {}
        }
    }
}

impl<'ast> ast::visit::Visitor<'ast> for Binds<'_> {
    fn visit_stmt(&mut self, stmt: &'ast ast::Stmt) {
        match &stmt.kind {
            PyKind::Function(f) if f.name.name == "__init__" => return,
            PyKind::Assign { targets, .. } | PyKind::Delete(targets) => {
                targets.iter().for_each(|t| self.target(t));
            }
            PyKind::AugAssign { target, .. }
            | PyKind::AnnAssign { target, .. }
            | PyKind::For { target, .. } => self.target(target),
            PyKind::With { items, .. } => {
                items
                    .iter()
                    .filter_map(|(_, t)| t.as_ref())
                    .for_each(|t| self.target(t));
            }
            _ => {}
        }
        ast::visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast PyExpr) {
        if let ExprKind::Named { target, .. } = &e.kind {
            self.found |= self.is_variable && target.name == self.name;
        }
        ast::visit::walk_expr(self, e);
    }
}
