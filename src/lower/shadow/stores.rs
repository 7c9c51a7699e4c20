//! The variable of a shadow: opened with its field's value, stored where the call succeeds.

use super::{FnLower, Shadow};
use crate::ast::{self, NodeId, Stmt as PyStmt};
use crate::ir::{Expr, RTy, Stmt, StmtKind};
use crate::project::RustTy;
use crate::ranges::Range;
use crate::ty::Ty;
use crate::value::{Fact, Val};

impl FnLower<'_, '_> {
    /// The wide Rust type of a shadow's variable.
    pub(in crate::lower) fn shadow_type(&self, shadow: &Shadow) -> RTy {
        let Some(field) = self.lw.field_type(self, &shadow.path) else {
            return RTy::Tov;
        };
        wide(&field)
    }

    /// Opens a shadow with the current value of its field.
    pub(in crate::lower) fn open_shadow(&mut self, shadow: &Shadow) {
        let ty = self.shadow_type(shadow);
        let Some((place, rty)) = self.path_place(&shadow.path, false) else {
            return;
        };
        let fact = Fact::of(
            self.lw
                .field_type(self, &shadow.path)
                .map_or(Ty::Tov, |t| Ty::of_rust(&t, self.lw.input.types)),
        );
        let range = self
            .lw
            .field_type(self, &shadow.path)
            .map_or(Range::Any, |t| crate::value::stored_range(&t));
        let val = Val {
            range,
            ..Val::new(place, rty, &fact)
        };
        let expr = self.widen(val, &ty);
        self.shadows.mark_open(shadow);
        self.out.push(Stmt::new(StmtKind::Let {
            name: shadow.name.clone(),
            mutable: true,
            ty: None,
            init: Some(expr),
        }));
    }

    /// The statements that store a deferred shadow.
    pub(in crate::lower) fn store_shadow(
        &mut self,
        shadow: &Shadow,
        at: Option<NodeId>,
    ) -> Vec<Stmt> {
        let start = at.and_then(|id| self.return_starts(id)).unwrap_or(u32::MAX);
        if !self.shadows.written_before(shadow, start) {
            return Vec::new();
        }
        let outer = std::mem::take(&mut self.out);
        if let Some((place, rty)) = self.path_place(&shadow.path, true) {
            let ty = self.shadow_type(shadow);
            let range = self
                .model
                .exits
                .get(&at)
                .and_then(|ranges| ranges.get(&shadow.path).copied());
            let fact = self
                .lw
                .field_type(self, &shadow.path)
                .map_or(Ty::Tov, |t| Ty::of_rust(&t, self.lw.input.types));
            let mut val = Val::new(Expr::atom(shadow.name.clone()), ty, &Fact::of(fact));
            if let Some(range) = range {
                val.range = range;
            }
            let name = shadow.path.segs.last().map_or(String::new(), |s| match s {
                crate::infer::Seg::Attr(name) => name.clone(),
                crate::infer::Seg::Index(i) => i.to_string(),
            });
            let value = self
                .coerce(val, &rty, self.function.name.span, &name)
                .unwrap_or_else(|hole| hole);
            self.out.push(Stmt::new(StmtKind::Assign {
                place,
                op: None,
                value,
            }));
        }
        std::mem::replace(&mut self.out, outer)
    }

    pub(in crate::lower) fn return_starts(&self, id: NodeId) -> Option<u32> {
        struct Find(NodeId, Option<u32>);
        impl<'ast> ast::visit::Visitor<'ast> for Find {
            fn visit_stmt(&mut self, stmt: &'ast PyStmt) {
                if stmt.id == self.0 {
                    self.1 = Some(stmt.span.start);
                }
                ast::visit::walk_stmt(self, stmt);
            }
        }
        let mut find = Find(id, None);
        ast::visit::Visitor::visit_block(&mut find, &self.function.body);
        find.1
    }
}

/// The type in which Python's value of a field is kept.
pub(in crate::lower) fn wide(field: &RustTy) -> RTy {
    match field {
        RustTy::Float(_) => RTy::F64,
        RustTy::Int(int) if matches!(int.bits(), 128) || (!int.is_signed() && int.bits() == 64) => {
            RTy::I128
        }
        RustTy::Int(_) => RTy::I64,
        RustTy::CuTime | RustTy::CuDuration => RTy::I128,
        RustTy::Option(inner) => RTy::Option(Box::new(wide(inner))),
        RustTy::Boxed(inner) => wide(inner),
        RustTy::Bool
        | RustTy::Char
        | RustTy::String
        | RustTy::Unit
        | RustTy::Array(..)
        | RustTy::Vec(_)
        | RustTy::ArrayVec(..)
        | RustTy::Tuple(_)
        | RustTy::Map { .. }
        | RustTy::Named(_)
        | RustTy::Opaque(_) => crate::lower::types::rty_of(field),
    }
}
