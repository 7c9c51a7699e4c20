//! What `str()` and `repr()` give for dicts and deques.
//!
//! Enters: a lowered container. Leaves: its text in parts, or in words why it has none. This
//! module must not know how what lies in it is printed.

use super::parts::Text;
use super::printed::Style;
use crate::ir::{Expr, RTy};
use crate::lower::function::FnLower;
use crate::ty::{Maxlen, Missing, Ty};
use crate::value::{Fact, Val};

impl<'a> FnLower<'_, 'a> {
    /// `{'a': 1, 'b': 2}`, in the order of the entries.
    pub(super) fn printed_dict(&mut self, val: Val, key: &Ty, value: &Ty) -> Result<Text, String> {
        let refuse = format!("the text of {}", val.ty.describe());
        if val.ty.missing() != Missing::Raises {
            return Err(refuse);
        }
        let RTy::Map {
            key: k,
            value: v,
            ordered,
        } = val.rty.peel().clone()
        else {
            return Err(refuse);
        };
        // What a call puts into a map, Python finds at the end.
        if !ordered && !matches!(field_of(&val.expr), Some(name) if self.is_never_written(name)) {
            return Err(refuse);
        }
        let (copy_key, copy_value) = (self.lw.is_copy(&k), self.lw.is_copy(&v));
        // What is run through once need not be collected first.
        let run = match &val.expr {
            Expr::Method(inner, name, _) if name == "collect" => Some((**inner).clone()),
            _ => None,
        };
        let owned = run.is_some();
        let part = |name: &str, rty: RTy, copied: bool, ty: &Ty| {
            let rty = if copied || owned {
                rty
            } else {
                RTy::Ref(Box::new(rty))
            };
            Val::new(Expr::atom(name), rty, &Fact::of(ty.clone()))
        };
        let pattern = match (copy_key, copy_value) {
            _ if owned => "(k, v)",
            // A tree gives its keys and values one by one.
            (true, true) if !ordered => "(&k, &v)",
            (true, false) if !ordered => "(&k, v)",
            (false, true) if !ordered => "(k, &v)",
            (true, true) => "&(k, v)",
            (true, false) => "&(k, ref v)",
            (false, true) => "&(ref k, v)",
            (false, false) => "(k, v)",
        };
        self.conditional += 1;
        let key = self.printed(part("k", *k, copy_key, key), Style::Repr);
        let value = self.printed(part("v", *v, copy_value, value), Style::Repr);
        self.conditional -= 1;
        let mut entry = key?;
        entry.push_literal(": ");
        entry.push(value?);
        if entry.can_fail() {
            return Err(refuse);
        }
        let entries = run
            .unwrap_or_else(|| val.expr.looked_at().method("iter", vec![]))
            .method(
                "map",
                vec![Expr::Closure(pattern.into(), Box::new(entry.into_string()))],
            )
            .method("collect::<Vec<_>>", vec![])
            .method("join", vec![Expr::atom("\", \"")]);
        let mut out = Text::literal("{");
        out.push(Text::value(entries, RTy::String));
        out.push_literal("}");
        Ok(out)
    }

    /// A dict whose keys are all known: field by field.
    pub(super) fn printed_record(
        &mut self,
        val: Val,
        fields: &[(String, Ty)],
    ) -> Result<Text, String> {
        let refuse = format!("the text of {} in this place", val.ty.describe());
        let place = val.expr.looked_at();
        let class = self.lw.class_of(&val.rty).ok_or_else(|| refuse.clone())?;
        if !place.is_place() {
            return Err(refuse);
        }
        let mut out = Text::literal("{");
        for (i, (name, ty)) in fields.iter().enumerate() {
            let rty = self
                .lw
                .class_field(&class, name)
                .ok_or_else(|| refuse.clone())?;
            if i > 0 {
                out.push_literal(", ");
            }
            let key = Val::new(
                Expr::Atom(format!("{name:?}")),
                RTy::Str,
                &Fact::of(Ty::Str),
            );
            if name.contains(['\'', '\\']) || name.chars().any(|c| !(' '..='~').contains(&c)) {
                out.push(self.printed(key, Style::Repr)?);
            } else {
                out.push_literal(&format!("'{name}'"));
            }
            out.push_literal(": ");
            let field = place.clone().field(crate::lower::records::field(name));
            let part = Val::new(field, rty, &Fact::of(ty.clone()));
            out.push(self.printed(part, Style::Repr)?);
        }
        out.push_literal("}");
        Ok(out)
    }

    /// `deque([1, 2])`, `deque([1, 2], maxlen=3)`
    pub(super) fn printed_deque(
        &mut self,
        val: Val,
        elem: &Ty,
        maxlen: &Maxlen,
    ) -> Result<Text, String> {
        let close = match maxlen {
            Maxlen::Unknown | Maxlen::Unbounded => "])".to_string(),
            Maxlen::Fixed(n, _) => format!("], maxlen={n})"),
            Maxlen::Kept(_) => return Err("the text of this deque is not translated".into()),
        };
        self.printed_items(val, elem, ("deque([", &close))
    }
}

/// The field that a place is.
fn field_of(place: &Expr) -> Option<&str> {
    match place {
        Expr::Field(_, name) => Some(name),
        Expr::Ref(inner) | Expr::Deref(inner) => field_of(inner),
        _ => None,
    }
}
