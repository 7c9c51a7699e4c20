//! Where a function reads and writes its narrow fields, and which of them wait.
//!
//! Enters: the function under construction. Leaves: every read and write of a path, and
//! whether a path's value is stored only where the call succeeds.

use super::FnLower;
use crate::ast::{self, Expr as PyExpr, ExprKind, NodeId, Stmt as PyStmt, StmtKind as PyKind};
use crate::infer::Path;
use crate::project::{FloatTy, RustTy};
use crate::ranges::Range;
use crate::ty::{Side, Ty};
use crate::value::int_type_range;
use std::collections::BTreeSet;

/// One read or write of a path.
pub(super) struct Access {
    pub(super) text: String,
    pub(super) path: Path,
    pub(super) node: NodeId,
    pub(super) start: u32,
    pub(super) top: NodeId,
    pub(super) write: Option<Write>,
    /// The spans of the blocks around it that always end the call.
    pub(super) returning: Vec<(u32, u32)>,
}

pub(super) struct Write {
    in_loop: bool,
    /// In an assignment of the body itself, not of a block in it.
    at_top: bool,
    /// `+=` of what is not negative.
    grows: bool,
}

/// The text and path of a narrow field that `e` reads or writes.
pub(super) fn text_of(this: &FnLower<'_, '_>, e: &PyExpr) -> Option<(String, Path)> {
    let ExprKind::Attribute { value, attr } = &e.kind else {
        return None;
    };
    let base = this.fact(value.id).ty.narrowed();
    if !matches!(base, Ty::Struct(_) | Ty::Message { .. }) {
        return None;
    }
    let path = this.path_of(e)?;
    let relevant = match &base {
        Ty::Struct(key) => {
            let rooted = this.is_state_path(&path) || this.is_output_path(&path);
            let field = this.lw.field(key, &attr.name)?;
            rooted && is_narrow(&field.ty)
        }
        Ty::Message {
            side: Side::Output, ..
        } => attr.name == "tov" && this.lw.rollback.of(this.model.role).tov,
        _ => false,
    };
    relevant.then(|| (path.to_string(), path))
}

fn is_narrow(ty: &RustTy) -> bool {
    match ty {
        RustTy::Float(FloatTy::F32) | RustTy::Int(_) | RustTy::CuTime | RustTy::CuDuration => true,
        RustTy::Option(inner) | RustTy::Boxed(inner) => is_narrow(inner),
        RustTy::Float(FloatTy::F64)
        | RustTy::Bool
        | RustTy::Char
        | RustTy::String
        | RustTy::Unit
        | RustTy::Array(..)
        | RustTy::Vec(_)
        | RustTy::ArrayVec(..)
        | RustTy::Tuple(_)
        | RustTy::Map { .. }
        | RustTy::Named(_)
        | RustTy::Opaque(_) => false,
    }
}

/// Whether a field holds a float that it rounds, or none.
pub(super) fn is_optional_float(ty: &RustTy) -> bool {
    matches!(ty, RustTy::Option(inner) if matches!(**inner, RustTy::Float(FloatTy::F32)))
}

pub(super) fn collect(this: &FnLower<'_, '_>) -> Vec<Access> {
    struct Collector<'f, 'l, 'a> {
        this: &'f FnLower<'l, 'a>,
        found: Vec<Access>,
        top: Option<NodeId>,
        depth: usize,
        loops: usize,
        tries: usize,
        returning: Vec<(u32, u32)>,
    }
    impl Collector<'_, '_, '_> {
        fn access(&mut self, e: &PyExpr, write: Option<Write>) {
            if let (Some((text, path)), Some(top)) = (text_of(self.this, e), self.top) {
                self.found.push(Access {
                    text,
                    path,
                    node: e.id,
                    start: e.span.start,
                    top,
                    write,
                    returning: self.returning.clone(),
                });
            }
        }
        fn target(&mut self, target: &PyExpr, grows: bool) {
            match &target.kind {
                ExprKind::Tuple(items) | ExprKind::List(items) => {
                    items.iter().for_each(|t| self.target(t, false))
                }
                _ => self.access(
                    target,
                    Some(Write {
                        in_loop: self.loops > 0,
                        at_top: self.depth == 1 && self.loops == 0,
                        grows,
                    }),
                ),
            }
        }
    }
    impl<'ast> ast::visit::Visitor<'ast> for Collector<'_, '_, '_> {
        fn visit_stmt(&mut self, stmt: &'ast PyStmt) {
            if self.depth == 0 {
                self.top = Some(stmt.id);
            }
            self.depth += 1;
            match &stmt.kind {
                PyKind::Assign { targets, .. } => {
                    targets.iter().for_each(|t| self.target(t, false))
                }
                PyKind::AnnAssign { target, .. } => self.target(target, false),
                PyKind::AugAssign { target, op, value } => {
                    let step = self.this.fact(value.id);
                    let grows = *op == ast::BinaryOp::Add
                        && step.ty == Ty::Int
                        && step.range.int().lo.is_some_and(|lo| lo >= 0);
                    self.target(target, grows);
                }
                PyKind::For { target, .. } => self.target(target, false),
                _ => {}
            }
            let is_loop = matches!(stmt.kind, PyKind::While { .. } | PyKind::For { .. });
            let is_try = matches!(stmt.kind, PyKind::Try { .. });
            self.loops += usize::from(is_loop);
            self.tries += usize::from(is_try);
            ast::visit::walk_stmt(self, stmt);
            self.loops -= usize::from(is_loop);
            self.tries -= usize::from(is_try);
            self.depth -= 1;
        }
        fn visit_block(&mut self, block: &'ast ast::Block) {
            let span = match (block.stmts.first(), block.stmts.last()) {
                (Some(first), Some(last))
                    if self.depth > 0 && self.tries == 0 && block.ends_call() =>
                {
                    Some((first.span.start, last.span.end))
                }
                _ => None,
            };
            self.returning.extend(span);
            ast::visit::walk_block(self, block);
            if span.is_some() {
                self.returning.pop();
            }
        }
        fn visit_expr(&mut self, e: &'ast PyExpr) {
            self.access(e, None);
            ast::visit::walk_expr(self, e);
        }
    }
    let mut collector = Collector {
        this,
        found: Vec::new(),
        top: None,
        depth: 0,
        loops: 0,
        tries: 0,
        returning: Vec::new(),
    };
    ast::visit::Visitor::visit_block(&mut collector, &this.function.body);
    // A target is visited as an expression too: that is no read.
    let written: BTreeSet<NodeId> = collector
        .found
        .iter()
        .filter(|a| a.write.is_some())
        .map(|a| a.node)
        .collect();
    collector
        .found
        .retain(|a| a.write.is_some() || !written.contains(&a.node));
    collector.found
}

/// Whether a write may be out of the field's range without being the last: then Python
/// may bring it back before anyone checks.
pub(super) fn is_deferred(this: &FnLower<'_, '_>, path: &Path, accesses: &[&Access]) -> bool {
    if path
        .segs
        .last()
        .is_some_and(|seg| *seg == crate::infer::Seg::Attr("tov".into()))
    {
        return true;
    }
    if this.is_output_path(path) && !starts_with_a_write(accesses) {
        // A variable stored at the end would publish what was never written.
        return false;
    }
    let Some(RustTy::Int(int)) = this.lw.field_type(this, path) else {
        return false;
    };
    let whole = int_type_range(int);
    let writes: Vec<(&Access, &Write)> = accesses
        .iter()
        .filter_map(|a| a.write.as_ref().map(|w| (*a, w)))
        .collect();
    let unproven = |access: &Access| match this.fact(access.node).range {
        Range::Int(range) => !range.within(whole),
        Range::Float(_) | Range::Any => false,
    };
    writes.iter().any(|(access, write)| {
        if !unproven(access) {
            return false;
        }
        // A write in a block that ends the call is not followed by those outside of it.
        let reached = |other: &Access| {
            access
                .returning
                .iter()
                .all(|(start, end)| (*start..*end).contains(&other.start))
        };
        let mut later = writes
            .iter()
            .filter(|(other, _)| reached(other))
            .filter(|(other, _)| {
                other.start > access.start
                    || (write.in_loop && other.node == access.node)
                    || (write.in_loop && other.start < access.start)
            });
        !later.all(|(_, other)| other.grows && write.grows)
    })
}

/// Whether the first access is a write that every call gets to, unless it returns earlier.
fn starts_with_a_write(accesses: &[&Access]) -> bool {
    accesses
        .iter()
        .min_by_key(|a| a.start)
        .and_then(|first| first.write.as_ref())
        .is_some_and(|write| write.at_top)
}
