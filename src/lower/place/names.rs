//! Names for what lies at a path, so that it is asked once.
//!
//! Enters: a path that is used again. Leaves: a `let` and its name, until what lies there may
//! have changed. This module must not know what is done with it.

use crate::ast::{Expr as PyExpr, Stmt as PyStmt};
use crate::infer::scope::plain_name;
use crate::infer::{Path, Seg};
use crate::ir::{Expr, RTy, StmtKind};
use crate::lower::function::{Bound, FnLower};
use crate::lower::place::split;
use crate::lower::types::rty_of;
use crate::lower::vars::{rust_ident, snake_case};
use crate::project::RustTy;
use crate::ty::{Side, last_segment};

impl<'a> FnLower<'_, 'a> {
    /// The payload of an output, to be written to: named where it is used again before the
    /// message is used in another way.
    pub(super) fn output_payload(
        &mut self,
        path: &Path,
        message: &str,
        payload: &RustTy,
    ) -> (Expr, RTy) {
        let rty = RTy::RefMut(Box::new(rty_of(payload)));
        let slot = Expr::atom(message)
            .method("payload_mut", vec![])
            .method("get_or_insert_default", vec![]);
        if self.conditional > 0 || self.raises_first || !self.used_again(path) {
            return (slot, rty);
        }
        self.named_output(path, message, payload)
    }

    fn named_output(&mut self, path: &Path, message: &str, payload: &RustTy) -> (Expr, RTy) {
        let rty = RTy::RefMut(Box::new(rty_of(payload)));
        let slot = Expr::atom(message)
            .method("payload_mut", vec![])
            .method("get_or_insert_default", vec![]);
        let name = self.bound_name(path);
        let span = self.current_span();
        self.emit(
            span,
            StmtKind::Let {
                name: name.clone(),
                mutable: false,
                ty: None,
                init: Some(slot),
            },
        );
        self.bounds.push(Bound {
            path: path.clone(),
            expr: Expr::atom(name.clone()),
            rty: rty.clone(),
            borrows: true,
        });
        (Expr::atom(name), rty)
    }

    /// A path as the Python writes it, with the shortest name it has.
    pub(in crate::lower) fn path_text(&self, path: &Path) -> String {
        let mut best = path.to_string();
        for (version, var) in &self.model.vars {
            if let Some(alias) = var.alias.as_ref().filter(|alias| path.starts_with(alias)) {
                let rest = Path::new(
                    version,
                    path.segs.iter().skip(alias.segs.len()).cloned().collect(),
                );
                let text = rest.to_string();
                if text.len() < best.len() {
                    best = text;
                }
            }
        }
        best
    }

    /// Names an output's payload before a statement that both reads and writes it.
    pub(in crate::lower) fn bind_output(&mut self, target: &PyExpr, value: Option<&PyExpr>) {
        let Some(path) = self.path_of(target).filter(|p| self.is_output_path(p)) else {
            return;
        };
        let Some(depth) = path
            .segs
            .iter()
            .position(|s| *s == Seg::Attr("payload".into()))
        else {
            return;
        };
        if path.segs.len() <= depth + 1 || self.conditional > 0 {
            return;
        }
        // Where a handler may catch what is raised first, nothing is published before.
        if self.tries > 0 && value.is_some_and(|v| self.may_raise(v)) {
            return;
        }
        let payload = Path::new(
            &path.root,
            path.segs.iter().take(depth + 1).cloned().collect(),
        );
        if self.bounds.iter().any(|b| b.path == payload)
            || value.is_some_and(|v| !self.mentions_path(v, &payload))
        {
            return;
        }
        let message = Path::new(
            &payload.root,
            payload.segs.iter().take(depth).cloned().collect(),
        );
        if let (Some(name), Some((_, ty))) = (
            self.messages.get(&message).cloned(),
            self.message_at(&message),
        ) {
            let _ = self.named_output(&payload, &name, &ty);
        }
    }

    /// Whether an expression mentions what lies at or below a path.
    fn mentions_path(&self, e: &PyExpr, path: &Path) -> bool {
        struct Find<'f, 'l, 'a>(&'f FnLower<'l, 'a>, &'f Path, bool);
        impl<'ast> crate::ast::visit::Visitor<'ast> for Find<'_, '_, '_> {
            fn visit_expr(&mut self, e: &'ast PyExpr) {
                self.2 |= self.0.path_of(e).is_some_and(|p| p.starts_with(self.1));
                crate::ast::visit::walk_expr(self, e);
            }
        }
        let mut find = Find(self, path, false);
        crate::ast::visit::Visitor::visit_expr(&mut find, e);
        find.2
    }

    /// A name for what lies at a path: what the Python calls it, else its type or field.
    pub(in crate::lower) fn bound_name(&self, path: &Path) -> String {
        if path.segs.is_empty() && path.global_name().is_none() {
            return self.var_name(&path.root);
        }
        let alias = self
            .model
            .vars
            .iter()
            .find(|(_, v)| v.alias.as_ref() == Some(path))
            .map(|(version, _)| version.clone());
        let taken = |name: &str| self.is_taken(path, name);
        let mut candidates: Vec<String> = alias.iter().map(|v| rust_ident(plain_name(v))).collect();
        if let Some((last, parent)) = split(path) {
            let message = self.messages.get(&parent).cloned();
            match (message, last) {
                (Some(message), _) => {
                    if let Some((side, RustTy::Named(key))) = self.message_at(&parent) {
                        let tys = if side == Side::Input {
                            &self.lw.input.binding.inputs
                        } else {
                            &self.lw.input.binding.outputs
                        };
                        let unique = tys
                            .iter()
                            .filter(|t| **t == RustTy::Named(key.clone()))
                            .count()
                            <= 1;
                        if unique {
                            candidates.push(snake_case(last_segment(&key)));
                        }
                    }
                    candidates.push(format!("{message}_payload"));
                }
                // A place of a tuple, by what the tuple is.
                (None, Seg::Attr(name)) if name.starts_with(|c: char| c.is_ascii_digit()) => {
                    let of = match parent.segs.last() {
                        Some(Seg::Attr(of)) => snake_case(of),
                        _ => "item".to_string(),
                    };
                    candidates.push(format!("{of}_{name}"));
                }
                (None, Seg::Attr(name)) => {
                    candidates.push(rust_ident(&snake_case(name.trim_start_matches('_'))))
                }
                (None, Seg::Index(i)) => candidates.push(format!("item_{i}")),
            }
        }
        let mut fallback = candidates.last().cloned().unwrap_or_else(|| "value".into());
        if let Some(free) = candidates.into_iter().find(|name| !taken(name)) {
            return free;
        }
        // Two fields of one name: told apart by where they lie.
        let owner = match path.segs.iter().rev().nth(1) {
            Some(Seg::Attr(name)) if name != "payload" => snake_case(name),
            _ => plain_name(&path.root).trim_start_matches('@').to_string(),
        };
        fallback = format!("{owner}_{fallback}");
        while taken(&fallback) {
            fallback.push('_');
        }
        fallback
    }

    /// The same for statements in which the name stands: where they bind the variable itself
    /// again, what it holds now needs another name.
    pub(in crate::lower) fn bound_name_in(&self, path: &Path, stmts: &'a [PyStmt]) -> String {
        self.bound_name_from(path, stmts, 0)
    }

    pub(super) fn bound_name_from(&self, path: &Path, stmts: &'a [PyStmt], from: u32) -> String {
        let name = self.bound_name(path);
        let variable = path.segs.is_empty() && path.global_name().is_none();
        if !variable || !self.replaces_from(path, stmts, from) {
            return name;
        }
        let mut other = format!("{name}_value");
        while self.is_taken(path, &other) {
            other.push('_');
        }
        other
    }

    fn is_taken(&self, path: &Path, name: &str) -> bool {
        self.bounds
            .iter()
            .any(|b| b.path != *path && b.expr == Expr::atom(name))
            || self.shadows.is_name(name)
            || matches!(name, "ctx" | "input" | "output" | "state" | "self")
            || self.messages.values().any(|m| m == name)
            || self.model.vars.iter().any(|(v, var)| {
                rust_ident(plain_name(v)) == name && var.alias.as_ref() != Some(path)
            })
    }

    /// Forgets every name for what lies at or below a path, which was changed, and for what
    /// it is a part of: that was lent or copied as it was.
    pub(in crate::lower) fn forget_path(&mut self, path: &Path) {
        let mut bounds = std::mem::take(&mut self.bounds);
        // A `&mut` to what a variable or an attribute of `self` holds sees the change.
        let held = |b: &Bound| match b.path.segs.as_slice() {
            [] => true,
            [_] => self.is_self(&b.path.root),
            _ => false,
        };
        let sees = |b: &Bound| b.borrows && b.path == *path && held(b);
        let part = |b: &Bound| !b.borrows && path.starts_with(&b.path);
        bounds.retain(|b| sees(b) || !(b.path.starts_with(path) || part(b)));
        self.bounds = bounds;
    }

    /// Forgets every name that stands for a variable.
    pub(in crate::lower) fn forget_root(&mut self, version: &str) {
        self.bounds.retain(|b| b.path.root != version);
    }

    /// Forgets the mutable borrows of a message, which is used in another way.
    pub(in crate::lower) fn release(&mut self, message: &Path) {
        self.bounds
            .retain(|b| !(b.borrows && b.path.starts_with(message)));
    }
}
