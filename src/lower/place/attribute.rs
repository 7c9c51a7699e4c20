//! Reading an attribute: `value.name`.
//!
//! Enters: the expression. Leaves: its value in Rust, unwrapped where the flow says that it is
//! not None. This module must not know how a class or an enum is laid out.

use crate::ast::visit::{Visitor, walk_stmt};
use crate::ast::{Expr as PyExpr, ExprKind, Stmt, StmtKind};
use crate::catalog::Told;
use crate::infer::Path;
use crate::ir::{Expr, RTy};
use crate::lower::function::FnLower;
use crate::lower::place::{lent, named_of};
use crate::lower::types::rty_of;
use crate::project::{FloatTy, IntTy, RustTy};
use crate::ranges::IntRange;
use crate::ty::Ty;
use crate::value::{Fact, Val};

impl<'a> FnLower<'_, 'a> {
    /// Reads an attribute.
    pub(in crate::lower) fn attribute(
        &mut self,
        e: &'a PyExpr,
        value: &'a PyExpr,
        name: &str,
    ) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        let bound = self
            .path_of(e)
            .and_then(|path| self.bounds.iter().rev().find(|b| b.path == path).cloned());
        if let Some(bound) = bound {
            return Ok(self.time_as_int(Val::new(bound.expr, bound.rty, &fact)));
        }
        if let Some(shadow) = self.shadows.read(e.id) {
            let ty = self.shadow_type(&shadow);
            let declared = self
                .lw
                .field_type(self, &shadow.path)
                .map_or(Ty::Tov, |t| Ty::of_rust(&t, self.lw.input.types));
            let val = Val::new(
                Expr::atom(shadow.name),
                ty,
                &Fact {
                    ty: declared,
                    ..fact.clone()
                },
            );
            return self.as_narrowed(val, &fact);
        }
        match self.fact(value.id).ty.narrowed() {
            Ty::Instance(_) | Ty::Class(_) | Ty::Member(_) => self.class_read(e, value, name),
            Ty::Module(module) => {
                match crate::catalog::constant_path(&format!("{module}.{name}")) {
                    Some(path) => Ok(Val::f64(Expr::atom(path), fact.range.float())),
                    None => Err(self.hole(e)),
                }
            }
            Ty::Deque {
                maxlen: crate::ty::Maxlen::Fixed(n, constant),
                ..
            } => {
                let mut site = self.site();
                let limit = crate::catalog::limit(n, constant.as_deref(), &mut site);
                self.absorb(site, e.span);
                let limit = Val::int(limit, IntTy::Usize, IntRange::exactly(n as i128));
                Ok(Val {
                    literal: constant.is_none(),
                    ..limit
                })
            }
            Ty::Metadata => self.metadata(e, name),
            Ty::Context => {
                let ctx = self.expr(value)?;
                let (expr, range) = match name {
                    "now_ns" => (
                        ctx.expr.method("now", vec![]).method("as_nanos", vec![]),
                        fact.range,
                    ),
                    "recent_ns" => (
                        ctx.expr.method("recent", vec![]).method("as_nanos", vec![]),
                        fact.range,
                    ),
                    "cl_id" => (ctx.expr.method("cl_id", vec![]), fact.range),
                    "task_id" => {
                        let id = ctx.expr.method("task_id", vec![]);
                        let id = id.method("unwrap_or_default", vec![]);
                        return Ok(Val::new(id, RTy::Str, &fact));
                    }
                    "task_index" => {
                        let index = ctx.expr.method("task_index", vec![]);
                        let index = index.method("unwrap_or_default", vec![]);
                        return Ok(Val::int(index, IntTy::Usize, fact.range.int()));
                    }
                    _ => return Err(self.hole(e)),
                };
                Ok(Val::int(
                    expr,
                    IntTy::U64,
                    range.int().meet(IntRange::non_negative()),
                ))
            }
            _ => {
                if self.rounded_before(e) {
                    let what = "reading a part of what this call wrote as a whole";
                    return Err(self.partly(e, what));
                }
                let place = match self.path_of(e) {
                    Some(path) => self.path_place(&path, false),
                    None => {
                        // A field of something without a stable path: of an element, of a call's result.
                        let base = self.expr(value)?;
                        self.field_of(base, name)
                    }
                };
                let Some((expr, rty)) = place else {
                    return Err(self.hole(e));
                };
                let val = Val::declared(expr, rty, &fact);
                self.as_narrowed(val, &fact)
            }
        }
    }

    /// Whether a field of an output is read after a literal was written to what it is a part
    /// of: Python sees it unrounded until the call ends.
    fn rounded_before(&self, e: &PyExpr) -> bool {
        let Some(path) = self.path_of(e) else {
            return false;
        };
        let wide = self.lw.input.widened.is_some() && self.is_state_path(&path);
        if wide || !(self.is_state_path(&path) || self.is_output_path(&path)) {
            return false;
        }
        let narrow = self.lw.field_type(self, &path);
        if !narrow.is_some_and(|ty| rounds(&ty)) {
            return false;
        }
        let mut written = WrittenWhole {
            this: self,
            path: &path,
            before: e.span.start,
            loops: 0,
            found: false,
        };
        crate::ast::visit::Visitor::visit_block(&mut written, &self.function.body);
        written.found
    }

    /// `base.name` where `base` is a struct.
    pub(in crate::lower) fn field_of(&mut self, base: Val, name: &str) -> Option<(Expr, RTy)> {
        let RTy::Named(key) = named_of(&base.rty)? else {
            return None;
        };
        let field = self.lw.field(&key, name)?;
        let place = base.expr.field(field.place());
        Some(lent(place, rty_of(&field.ty), false))
    }

    /// A value whose type the flow has narrowed from `Option`: unwrapped.
    pub(in crate::lower) fn as_narrowed(&mut self, val: Val, fact: &Fact) -> Result<Val, Expr> {
        let RTy::Option(inner) = val.rty.clone() else {
            return Ok(self.time_as_int(val));
        };
        // Of several kinds, it is asked for the one that is wanted.
        if matches!(fact.ty, Ty::Option(_) | Ty::None) || self.lw.union_at(&inner).is_some() {
            return Ok(val);
        }
        // The flow says that it is not None here.
        let error = self.error("AttributeError (None)");
        self.tell(error.clone(), Told::Unknown);
        let (expr, rty) = match &*inner {
            RTy::String => (
                val.expr
                    .method("as_deref", vec![])
                    .method("unwrap_or_default", vec![]),
                RTy::Str,
            ),
            RTy::Ref(_) | RTy::RefMut(_) => (val.expr.ok_or(&error), (*inner).clone()),
            other if self.lw.is_copy(other) && !other.has_default() => {
                (val.expr.ok_or(&error), other.clone())
            }
            other if self.lw.is_copy(other) => {
                (val.expr.method("unwrap_or_default", vec![]), other.clone())
            }
            other => (
                val.expr.method("as_ref", vec![]).ok_or(&error),
                RTy::Ref(Box::new(other.clone())),
            ),
        };
        let val = Val {
            expr,
            rty,
            ty: fact.ty.clone(),
            range: fact.range,
            literal: false,
            node: None,
        };
        Ok(self.time_as_int(val))
    }

    /// A `CuTime` or `CuDuration` is an int of nanoseconds to Python.
    pub(in crate::lower) fn time_as_int(&self, val: Val) -> Val {
        if !matches!(val.rty, RTy::CuTime | RTy::CuDuration) {
            return val;
        }
        let range = val
            .range
            .int()
            .meet(crate::value::int_type_range(IntTy::U64));
        Val {
            ty: Ty::Int,
            ..Val::int(val.expr.method("as_nanos", vec![]), IntTy::U64, range)
        }
    }
}

/// Whether a field rounds what Python computes.
fn rounds(ty: &RustTy) -> bool {
    match ty {
        RustTy::Float(FloatTy::F32) => true,
        RustTy::Option(inner)
        | RustTy::Array(inner, _)
        | RustTy::Vec(inner)
        | RustTy::ArrayVec(inner, _)
        | RustTy::Boxed(inner) => rounds(inner),
        RustTy::Tuple(items) => items.iter().any(rounds),
        RustTy::Float(FloatTy::F64)
        | RustTy::Bool
        | RustTy::Int(_)
        | RustTy::Char
        | RustTy::String
        | RustTy::Unit
        | RustTy::Map { .. }
        | RustTy::CuTime
        | RustTy::CuDuration
        | RustTy::Named(_)
        | RustTy::Opaque(_) => false,
    }
}

/// Whether what a path is a part of is written as a whole before a place.
struct WrittenWhole<'f, 'l, 'a> {
    this: &'f FnLower<'l, 'a>,
    path: &'f Path,
    before: u32,
    loops: usize,
    found: bool,
}

impl<'ast> Visitor<'ast> for WrittenWhole<'_, '_, '_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        if let StmtKind::Assign { targets, value } = &stmt.kind
            && (stmt.span.start < self.before || self.loops > 0)
            && !matches!(
                value.kind,
                ExprKind::Attribute { .. } | ExprKind::Name(_) | ExprKind::None
            )
        {
            self.found |= targets.iter().any(|target| {
                let path = self.this.path_of(target);
                path.is_some_and(|p| self.path.starts_with(&p) && p != *self.path)
            });
        }
        let is_loop = matches!(stmt.kind, StmtKind::While { .. } | StmtKind::For { .. });
        self.loops += usize::from(is_loop);
        walk_stmt(self, stmt);
        self.loops -= usize::from(is_loop);
    }
}
