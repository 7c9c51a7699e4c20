//! `zip(…)` of lists of which one is what a function of the file returns.
//!
//! Enters: the lists, and how each is run through. Leaves: one run through all of them, where
//! what a function returns has a name of its own, because the function may look at the other
//! lists. This module must not know how a target is bound.

use super::{Form, Items, zipped};
use crate::ast::visit::{self, Visitor};
use crate::ast::{ComprehensionKind, Expr as PyExpr, ExprKind, Function, Stmt, StmtKind as PyKind};
use crate::ir::{Expr, StmtKind};
use crate::lower::function::FnLower;

impl<'a> FnLower<'_, 'a> {
    /// What is run through beside a loop's body or another list: a generator computes its
    /// elements in turn with those, so it cannot be filled into a list before.
    pub(in crate::lower) fn in_turn(
        &mut self,
        list: &'a PyExpr,
        items: impl FnOnce(&mut Self) -> Result<Items, Expr>,
    ) -> Result<Items, Expr> {
        let before = self.out.len();
        let items = items(self)?;
        let generator = matches!(
            list.kind,
            ExprKind::Comprehension {
                kind: ComprehensionKind::Generator,
                ..
            }
        );
        let fills = |stmt: &crate::ir::Stmt| matches!(stmt.kind, StmtKind::For { .. });
        let filled = match items.form.expr() {
            Expr::Block(block) => block.stmts.iter().any(fills),
            _ => self.out.iter().skip(before).any(fills),
        };
        match generator && filled {
            true => Err(self.partly(
                list,
                "a generator whose elements may raise or change something, each in its turn,",
            )),
            false => Ok(items),
        }
    }

    /// Runs through lists at once.
    pub(in crate::lower) fn zip_of(
        &mut self,
        lists: &'a [PyExpr],
        mut all: Vec<Items>,
    ) -> Result<Items, Expr> {
        let acts = |items: &Items| self.calls_own(items.form.expr());
        let Some(last) = all.iter().rposition(acts).filter(|last| *last > 0) else {
            return Ok(zipped(all));
        };
        let changes = all
            .iter()
            .any(|items| self.calls_to_change(items.form.expr()));
        if !changes && !all.iter().any(|items| items.form.is_changed()) {
            return Ok(zipped(all));
        }
        for (list, items) in lists.iter().zip(&mut all).take(last + 1) {
            if items.form.expr().is_place() || items.form.is_changed() {
                if changes && self.may_be_replaced(list) {
                    return Err(self.partly(list, "a list that a call beside it may replace"));
                }
                continue;
            }
            let in_turn = crate::lower::lazy::is_chain(items.form.expr())
                && !matches!(&list.kind, ExprKind::Comprehension { kind, .. }
                    if *kind == ComprehensionKind::List);
            if in_turn && self.calls_to_change(items.form.expr()) {
                return Err(self.partly(list, "what changes something, element by element,"));
            }
            let fixed = matches!(items.form, Form::Place(_, true));
            if fixed || self.conditional > 0 {
                return Err(self.partly(list, "what a function returns, beside this list,"));
            }
            let name = self.free_name("items");
            let form = std::mem::replace(&mut items.form, Form::Place(Expr::atom(&name), false));
            let init = match form {
                Form::Iter(e) => e.method("collect::<Vec<_>>", vec![]),
                Form::Array(e) | Form::Place(e, _) | Form::Mut(e) => e,
            };
            let moved = !matches!(items.shape, super::Shape::One { by_ref: true, .. });
            let each = matches!(&items.shape, super::Shape::One { rty, .. } if !rty.is_ref());
            if moved && each {
                items.form = Form::Array(Expr::atom(&name));
            }
            self.emit(
                list.span,
                StmtKind::Let {
                    name,
                    mutable: false,
                    ty: None,
                    init: Some(init),
                },
            );
        }
        Ok(zipped(all))
    }

    /// Whether a list may be replaced by another one once its object is made.
    fn may_be_replaced(&self, list: &PyExpr) -> bool {
        let (name, attribute) = match &list.kind {
            ExprKind::Attribute { attr, .. } => (attr.name.as_str(), true),
            ExprKind::Name(name) if !self.model.globals.contains(name) => return false,
            ExprKind::Name(name) => (name.as_str(), false),
            _ => return true,
        };
        let mut assigned = Assigned {
            name,
            attribute,
            within: Vec::new(),
            found: false,
        };
        assigned.visit_block(&self.lw.input.module.body);
        assigned.found
    }
}

impl Form {
    /// What is run through.
    fn expr(&self) -> &Expr {
        match self {
            Form::Place(e, _) | Form::Array(e) | Form::Iter(e) | Form::Mut(e) => e,
        }
    }

    /// Whether the elements are lent to be changed.
    pub(super) fn is_changed(&self) -> bool {
        match self {
            Form::Mut(_) => true,
            Form::Iter(Expr::Method(_, name, _)) => name == "iter_mut",
            Form::Place(..) | Form::Array(_) | Form::Iter(_) => false,
        }
    }
}

/// Assignments of a name, by functions that are no `__init__`.
struct Assigned<'n> {
    name: &'n str,
    attribute: bool,
    within: Vec<bool>,
    found: bool,
}

impl Assigned<'_> {
    fn target(&mut self, target: &PyExpr) {
        self.found |= match &target.kind {
            ExprKind::Attribute { attr, .. } => self.attribute && attr.name == self.name,
            ExprKind::Name(name) => !self.attribute && name == self.name,
            _ => false,
        };
        visit::children(target).iter().for_each(|t| self.target(t));
    }
}

impl<'ast> Visitor<'ast> for Assigned<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        if let PyKind::Function(Function { name, .. }) = &stmt.kind {
            self.within.push(name.name != "__init__");
            visit::walk_stmt(self, stmt);
            self.within.pop();
            return;
        }
        if self.within.last() == Some(&true) {
            stmt.targets().iter().for_each(|t| self.target(t));
        }
        visit::walk_stmt(self, stmt);
    }
}
