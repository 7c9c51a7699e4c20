//! `output.payload = …`.
//!
//! Enters: an assignment to the payload of an output as a whole. Leaves: a call of
//! `set_payload` or `clear_payload`. This module must not know how the value is converted.

use crate::ast::{Expr as PyExpr, ExprKind};
use crate::diagnostic::Code;
use crate::infer::{Path, Problem};
use crate::ir::{Expr, RTy, StmtKind};
use crate::lower::function::FnLower;
use crate::source::Span;
use crate::ty::{Side, Ty};

impl<'a> FnLower<'_, 'a> {
    /// Whether a target is the payload of an output as a whole.
    pub(in crate::lower) fn is_whole_payload(&self, target: &PyExpr) -> bool {
        match &target.kind {
            ExprKind::Attribute { value, attr } => {
                attr.name == "payload"
                    && matches!(
                        self.fact(value.id).ty,
                        Ty::Message {
                            side: Side::Output,
                            ..
                        }
                    )
            }
            _ => false,
        }
    }

    /// `output.payload = …`
    pub(in crate::lower) fn store_payload(
        &mut self,
        target: &'a PyExpr,
        value: &'a PyExpr,
        at: Span,
    ) -> Result<(), Expr> {
        let ExprKind::Attribute { value: base, .. } = &target.kind else {
            return Err(self.hole(target));
        };
        let Some(path) = self.path_of(base) else {
            return Err(self.hole(target));
        };
        let Some(RTy::Msg(payload)) = self.path_type(&path) else {
            return Err(self.hole(target));
        };
        if matches!(value.kind, ExprKind::None) {
            self.release(&path);
            self.message_call(&path, "clear_payload", vec![], at)?;
            return Ok(());
        }
        if let Some(hole) = self.aliased(target, value, at) {
            return Err(hole);
        }
        let val = self.expr_as(value, &payload)?;
        self.release(&path);
        if let RTy::Option(inner) = &val.rty
            && matches!(inner.peel(), RTy::Named(_))
        {
            // A payload that may be absent: so is then the output's.
            let same = inner.peel() == &*payload;
            if same && val.expr.is_pure_read() {
                let Some((message, _)) = self.path_place(&path, true) else {
                    return Err(self.hole(target));
                };
                let cloned = if inner.is_ref() {
                    val.expr.method("cloned", vec![])
                } else {
                    val.expr.method("clone", vec![])
                };
                let place = Expr::Deref(Box::new(message.method("payload_mut", vec![])));
                self.emit(
                    at,
                    StmtKind::Assign {
                        place,
                        op: None,
                        value: cloned,
                    },
                );
                return Ok(());
            }
        }
        let expr = self.coerce(val, &payload, at, "payload")?;
        self.message_call(&path, "set_payload", vec![expr], at)
    }

    fn message_call(
        &mut self,
        path: &Path,
        method: &str,
        args: Vec<Expr>,
        at: Span,
    ) -> Result<(), Expr> {
        let payload = path.attr("payload");
        self.forget_path(&payload);
        let Some((message, _)) = self.path_place(path, true) else {
            let problem = Problem::new(
                Code::PartlyHandled,
                "writing this payload is not translated yet",
            );
            return Err(Expr::Hole(self.lw.hole_text(self.current_span(), &problem)));
        };
        self.emit(at, StmtKind::Expr(message.method(method, args)));
        Ok(())
    }
}

impl Expr {
    /// Whether it only reads: a method without arguments on a place.
    fn is_pure_read(&self) -> bool {
        match self {
            Expr::Method(receiver, _, args) => args.is_empty() && receiver.is_simple(),
            other => other.is_simple(),
        }
    }
}
