//! An instance as a value of its family: `Behaviour::Cruise(cruise)`.
//!
//! Enters: a value, and the type of what it goes to. Leaves: the value in its variant. This
//! module must not know the methods of a family.

use super::Lowerer;
use super::function::FnLower;
use crate::ir::{Expr, RTy};
use crate::source::Span;
use crate::value::Val;

impl Lowerer<'_> {
    /// The classes of a family.
    pub(super) fn family_variants(&self, class: &str) -> &[String] {
        let model = self.input.model.classes.get(class);
        model.map_or(&[], |c| c.variants.as_slice())
    }
}

impl FnLower<'_, '_> {
    /// An instance of a class where one of its family is wanted.
    pub(super) fn as_variant(
        &mut self,
        val: &Val,
        to: &RTy,
        at: Span,
        name: &str,
    ) -> Option<Result<Expr, Expr>> {
        let wanted = match to {
            RTy::Named(_) => to,
            RTy::Ref(inner) => inner,
            _ => return None,
        };
        let family = self.lw.class_of(wanted)?;
        let RTy::Named(_) = val.rty.peel() else {
            return None;
        };
        let class = self.lw.class_of(val.rty.peel())?;
        if class == family || !self.lw.family_variants(&family).contains(&class) {
            return None;
        }
        let own = self.lw.class_type(&class);
        let held = match self.coerce(val.clone(), &own, at, name) {
            Ok(held) => held,
            Err(hole) => return Some(Err(hole)),
        };
        self.lw.used_classes.insert(family.clone());
        let wrapped = Expr::call(self.variant_path(&family, &class), vec![held]);
        Some(Ok(match to {
            RTy::Ref(_) => Expr::Ref(Box::new(wrapped)),
            _ => wrapped,
        }))
    }
}
