//! Holes of expressions: why they are not translated.

use crate::ast::{Expr as PyExpr, ExprKind};
use crate::diagnostic::Code;
use crate::infer::Problem;
use crate::ir::Expr;
use crate::lower::function::FnLower;
use crate::source::Span;
use crate::ty::Ty;

impl<'a> FnLower<'_, 'a> {
    /// The hole of an expression: why, as inference found it.
    pub(in crate::lower) fn hole(&mut self, e: &PyExpr) -> Expr {
        let found = self
            .lw
            .input
            .model
            .problems
            .get(&e.id)
            .cloned()
            .or_else(|| self.inner_problem(e));
        let (span, problem) = found.unwrap_or_else(|| {
            let ty = self.fact(e.id).ty;
            let problem = match ty {
                Ty::Unknown => {
                    Problem::new(Code::UnknownType, "nothing is known of this value's type")
                }
                // Where another hole made it unusable, that one says why.
                Ty::Conflict(why) => Problem::new(
                    Code::UnknownType,
                    if self.has_unusable_part(e) {
                        String::new()
                    } else {
                        format!("this is {why}")
                    },
                ),
                other => Problem::new(
                    Code::PartlyHandled,
                    format!("this use of {} is not translated", other.describe()),
                ),
            };
            (e.span, problem)
        });
        // A value that is unusable because of another hole needs no diagnostic of its own.
        if problem.message.is_empty() {
            // No hole stays without an error that says why.
            if self.lw.errors().next().is_none() {
                let message = match self.fact(e.id).ty {
                    Ty::Conflict(why) => format!("this is {why}"),
                    _ => "nothing is known of this value's type".to_string(),
                };
                let problem = Problem::new(Code::UnknownType, message);
                return Expr::Hole(self.lw.hole_text(span, &problem));
            }
            return Expr::Hole(self.lw.hole_note(span, Code::UnknownType));
        }
        Expr::Hole(self.lw.hole_text(span, &problem))
    }

    /// The first problem within an expression.
    fn inner_problem(&self, e: &PyExpr) -> Option<(Span, Problem)> {
        struct First<'f, 'l, 'a>(&'f FnLower<'l, 'a>, Option<(Span, Problem)>);
        impl<'ast> crate::ast::visit::Visitor<'ast> for First<'_, '_, '_> {
            fn visit_expr(&mut self, e: &'ast PyExpr) {
                if self.1.is_none() {
                    self.1 = self.0.lw.input.model.problems.get(&e.id).cloned();
                }
                crate::ast::visit::walk_expr(self, e);
            }
        }
        let mut first = First(self, None);
        crate::ast::visit::Visitor::visit_expr(&mut first, e);
        first.1
    }

    /// Whether a part of an expression is unusable itself.
    fn has_unusable_part(&self, e: &PyExpr) -> bool {
        struct Parts<'f, 'l, 'a>(&'f FnLower<'l, 'a>, crate::ast::NodeId, bool);
        impl<'ast> crate::ast::visit::Visitor<'ast> for Parts<'_, '_, '_> {
            fn visit_expr(&mut self, e: &'ast PyExpr) {
                self.2 |= e.id != self.1 && self.0.fact(e.id).ty.is_unusable();
                crate::ast::visit::walk_expr(self, e);
            }
        }
        let mut parts = Parts(self, e.id, matches!(e.kind, ExprKind::Name(_)));
        crate::ast::visit::Visitor::visit_expr(&mut parts, e);
        parts.2
    }
}
