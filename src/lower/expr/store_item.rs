//! `base[index] = value`.

use crate::ast::{Expr as PyExpr, ExprKind, written};
use crate::diagnostic::Code;
use crate::infer::{Path, Problem};
use crate::ir::{Expr, RTy};
use crate::lower::elements::Change;
use crate::lower::function::FnLower;
use crate::source::Span;
use crate::ty::Ty;
use crate::value::Val;

impl<'a> FnLower<'_, 'a> {
    /// Whether the function reads a list whose items it writes.
    fn reads_items(&self, path: &Path) -> bool {
        struct Reads<'f, 'l, 'a> {
            lower: &'f FnLower<'l, 'a>,
            path: &'f Path,
            found: bool,
            written: Vec<crate::ast::NodeId>,
        }
        impl<'ast> crate::ast::visit::Visitor<'ast> for Reads<'_, '_, '_> {
            fn visit_stmt(&mut self, stmt: &'ast crate::ast::Stmt) {
                if let crate::ast::StmtKind::Assign { targets, .. } = &stmt.kind {
                    self.written.extend(targets.iter().flat_map(written));
                }
                crate::ast::visit::walk_stmt(self, stmt);
            }
            fn visit_expr(&mut self, e: &'ast PyExpr) {
                self.found |= !self.written.contains(&e.id)
                    && self.lower.path_of(e).as_ref() == Some(self.path);
                crate::ast::visit::walk_expr(self, e);
            }
        }
        let mut reads = Reads {
            lower: self,
            path,
            found: false,
            written: Vec::new(),
        };
        crate::ast::visit::Visitor::visit_block(&mut reads, &self.function.body);
        reads.found
    }

    /// `base[index] = value`
    pub(in crate::lower) fn store_item(
        &mut self,
        base: &'a PyExpr,
        index: &'a PyExpr,
        val: Val,
        at: Span,
    ) -> Result<(), Expr> {
        if self.lw.input.model.problems.contains_key(&base.id) {
            return Err(self.hole(base));
        }
        if let (Ty::Record(_), ExprKind::Str(key)) = (self.fact(base.id).ty.narrowed(), &index.kind)
        {
            return self.store_entry(base, key, val, at);
        }
        if matches!(
            self.fact(base.id).ty.narrowed(),
            Ty::Dict { .. } | Ty::Deque { .. }
        ) {
            return self.store_collection_item(base, index, val, at);
        }
        if let Some(path) = self.path_of(base).filter(|p| self.is_output_path(p))
            && let Some((_, list_ty)) = self.path_place(&path, true)
            && matches!(list_ty.peel(), RTy::Vec(elem) | RTy::Array(elem, _) if **elem == RTy::F32)
            && self.reads_items(&path)
        {
            let problem = Problem::new(Code::PartlyHandled, format!("`{}` is written and read in one call: its elements are f32, which rounds what Python keeps", self.path_text(&path)))
                .with_help("keep the values in a list of your own, and assign it at the end");
            return Err(Expr::Hole(self.lw.hole_text(self.current_span(), &problem)));
        }
        let val = match self.fact(base.id).ty.is_octets() {
            true => self.as_byte(val),
            false => val,
        };
        // Python has the value before it looks at the place.
        let ordered = self.may_act(index) || self.may_act(base) || self.calls_own(&val.expr);
        let val = match (ordered, val.expr.can_fail() || self.calls_own(&val.expr)) {
            (true, true) => self.hoist(val, "value", at),
            _ if self.is_looked_into(base) && !val.expr.is_simple() => {
                if self.conditional > 0 {
                    return Err(self.partly(base, "writing to an item of this"));
                }
                self.hoist(val, "value", at)
            }
            _ => val,
        };
        let (place, elem) = self.item_to_write(base, index, at, Change::Assigned)?;
        let value = self.coerce(val, &elem, at, "an element")?;
        self.emit_assign(at, place, value);
        Ok(())
    }

    /// Whether evaluating an expression does something that can be seen.
    fn may_act(&self, e: &PyExpr) -> bool {
        struct Calls(bool);
        impl<'ast> crate::ast::visit::Visitor<'ast> for Calls {
            fn visit_expr(&mut self, e: &'ast PyExpr) {
                self.0 |= matches!(e.kind, ExprKind::Call { .. });
                crate::ast::visit::walk_expr(self, e);
            }
        }
        let mut calls = Calls(false);
        crate::ast::visit::Visitor::visit_expr(&mut calls, e);
        calls.0
    }
}
