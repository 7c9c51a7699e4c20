//! Comparisons: which object it is.

use super::*;

impl Rewrite<'_, '_> {
    pub(super) fn compare(&mut self, e: &mut Expr) -> Done {
        let ExprKind::Compare { left, ops, rest } = &mut e.kind else {
            return Ok(());
        };
        let ([op], [right]) = (ops.as_mut_slice(), rest.as_mut_slice()) else {
            let parts = rest.iter().chain([&**left]);
            if parts.into_iter().any(|part| self.mentions(part)) {
                return Err(Lost);
            }
            self.value(left)?;
            return rest.iter_mut().try_for_each(|part| self.value(part));
        };
        if !self.mentions(left) && !self.mentions(right) {
            self.value(left)?;
            return self.value(right);
        }
        let none = |e: &Expr| matches!(e.kind, ExprKind::None);
        let is_key = matches!(op, CompareOp::In | CompareOp::NotIn)
            && matches!(self.ty(right).narrowed(), Ty::Dict { .. });
        if is_key {
            self.key(left)?;
            return self.object(right);
        }
        let own = |e: &Expr| none(e) || self.only(e);
        if !own(left) || !own(right) {
            return Err(Lost);
        }
        match op {
            CompareOp::Is | CompareOp::IsNot => {
                self.value(left)?;
                self.value(right)?;
                if !none(left) && !none(right) {
                    *op = match op {
                        CompareOp::Is => CompareOp::Eq,
                        _ => CompareOp::NotEq,
                    };
                }
                Ok(())
            }
            CompareOp::Eq | CompareOp::NotEq if !self.known.equates(self.class) => {
                self.value(left)?;
                self.value(right)
            }
            CompareOp::In | CompareOp::NotIn if !self.known.equates(self.class) => {
                self.value(left)?;
                self.object(right)
            }
            _ => {
                self.shown(left)?;
                self.shown(right)
            }
        }
    }
}
