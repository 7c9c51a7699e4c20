//! Dicts with a fixed set of literal keys, as structs.

mod partial;

use super::Lowerer;
use super::function::FnLower;
use crate::ast::{Expr as PyExpr, ExprKind, Keyword};
use crate::ir::{self, Expr, RTy};
use crate::ty::Ty;
use crate::value::{Val, field_name};

/// The field that a dict's key is.
pub(super) fn field(key: &str) -> String {
    super::vars::rust_ident(&field_name(key))
}

impl Lowerer<'_> {
    /// The struct that a dict with literal keys is.
    pub(super) fn record_type(&self, ty: &Ty) -> Option<RTy> {
        let (_, name) = self.input.model.records.iter().find(|(r, _)| r == ty)?;
        Some(self.class_type(name))
    }

    /// Puts None for the entries that a dict of that kind may lack, in the order of the struct.
    pub(super) fn missing_entries(&self, class: &str, fields: &mut Vec<(String, Expr)>) {
        let found = self.input.model.records.iter().find(|(_, n)| n == class);
        let Some((Ty::Record(entries), _)) = found else {
            return;
        };
        if !entries.is_partial() {
            return;
        }
        for (key, _) in entries {
            let name = field(key);
            let kept = self.class_field(class, key).is_some();
            if kept && entries.may_lack(key) && fields.iter().all(|(known, _)| *known != name) {
                fields.push((name, Expr::atom("None")));
            }
        }
    }

    /// Whether a class stands for a dict with literal keys.
    pub(super) fn is_record(&self, class: &str) -> bool {
        self.input.model.records.iter().any(|(_, n)| n == class)
    }

    /// The structs of the dicts with literal keys that the Rust uses.
    pub(super) fn build_records(&mut self) {
        for (_, name) in &self.input.model.records {
            if !self.used_classes.contains(name) {
                continue;
            }
            let Some(model) = self.input.model.classes.get(name) else {
                continue;
            };
            let fields: Vec<(String, RTy)> = model
                .fields
                .iter()
                .filter_map(|(key, fact)| Some((field(key), self.natural(fact)?)))
                .collect();
            for (_, ty) in &fields {
                self.use_types(ty);
            }
            let attributes = self.class_attributes(name, false);
            self.task.classes.push(ir::Class {
                attributes,
                name: self.class_name(name),
                fields,
                ..ir::Class::default()
            });
        }
    }

    /// Notes the class, or the dict with literal keys, that a type names.
    pub(super) fn use_records(&mut self, ty: &RTy) {
        if let Some(class) = self.class_of(ty) {
            self.used_classes.insert(class);
        }
    }
}

impl<'a> FnLower<'_, 'a> {
    /// `{"kp": 1.0, "ki": 0.1}` as the struct that it is.
    pub(super) fn record_literal(
        &mut self,
        e: &'a PyExpr,
        items: &[(&str, &'a PyExpr)],
        to: &RTy,
    ) -> Result<Val, Expr> {
        let Some(class) = self.lw.class_of(to) else {
            return Err(self.hole(e));
        };
        let Some(model) = self.lw.input.model.classes.get(&class) else {
            return Err(self.hole(e));
        };
        self.lw.use_records(to);
        let mut fields: Vec<(String, Expr)> = Vec::new();
        for (key, value) in items {
            let Some(ty) = self.lw.class_field(&class, key) else {
                return Err(self.hole(e));
            };
            let val = self.expr_as(value, &ty)?;
            let expr = self.coerce(val, &ty, value.span, key)?;
            let name = field(key);
            match fields.iter_mut().find(|(n, _)| *n == name) {
                Some(slot) => slot.1 = expr,
                None => fields.push((name, expr)),
            }
        }
        let all = model.fields.len();
        self.lw.missing_entries(&class, &mut fields);
        if fields.len() != all {
            return Err(self.partly(e, "a dict without some of its keys"));
        }
        let name = self.lw.class_name(&class);
        let literal = Expr::Struct {
            name,
            fields,
            base: None,
        };
        Ok(Val::new(literal, to.clone(), &self.fact(e.id)))
    }

    /// Whether an expression names a constant table of the module.
    pub(super) fn is_table(&self, e: &PyExpr) -> bool {
        match &e.kind {
            ExprKind::Name(name) => {
                !self.scope.names.contains_key(&e.id)
                    && self.lw.input.model.consts.contains_key(name)
                    && !self.lw.input.model.variables.contains_key(name)
            }
            _ => false,
        }
    }

    /// A constant table as a value: the constant where it is one, else a new one.
    pub(super) fn table_value(&mut self, e: &'a PyExpr, name: &str, to: &RTy) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        if self.looked_at == 0 && fact.ty.holds_any(&self.lw.input.model.changed) {
            return Err(self.partly(
                e,
                "a table of the module that may be changed through another name",
            ));
        }
        if let RTy::Named(_) = to
            && let Ok(val) = self.constant(e, name)
            && val.rty == *to
        {
            return Ok(val);
        }
        let Some(value) = self.lw.const_value(name) else {
            return Err(self.hole(e));
        };
        self.lw.use_types(to);
        let expr = super::function::module_value(self.lw, value, to);
        Ok(Val::new(expr, to.clone(), &fact))
    }

    /// `d["key"] = value`
    pub(super) fn store_entry(
        &mut self,
        base: &'a PyExpr,
        key: &str,
        val: Val,
        at: crate::source::Span,
    ) -> Result<(), Expr> {
        let (_, rty) = self.place_type(base)?;
        let Some(class) = self.lw.class_of(&rty) else {
            return Err(self.partly(base, "writing to an item of this"));
        };
        let Some(ty) = self.lw.class_field(&class, key) else {
            return Err(self.partly(base, "writing to an item of this"));
        };
        let value = self.coerce(val, &ty, at, key)?;
        // A slot that is looked up is borrowed while it is written.
        let value = match self.path_of(base) {
            Some(_) => value,
            None => self.settled(value, base, "value", at),
        };
        let (place, _) = self.place(base, true)?;
        self.emit_assign(at, place.field(field(key)), value);
        self.forget_base(base);
        Ok(())
    }

    /// The keys and values of a dict display or `dict(key=value)`, if all keys are literal.
    pub(super) fn literal_items(&self, e: &'a PyExpr) -> Option<Vec<(&'a str, &'a PyExpr)>> {
        match &e.kind {
            ExprKind::Dict(items) => items
                .iter()
                .map(|(key, value)| match key.as_ref().map(|k| &k.kind) {
                    Some(ExprKind::Str(text)) => Some((text.as_str(), value)),
                    _ => None,
                })
                .collect(),
            ExprKind::Call {
                func,
                args,
                keywords,
            } if args.is_empty() && matches!(&func.kind, ExprKind::Name(n) if n == "dict") => {
                keywords
                    .iter()
                    .map(|Keyword { name, value, .. }| Some((name.as_ref()?.name.as_str(), value)))
                    .collect()
            }
            _ => None,
        }
    }
}
