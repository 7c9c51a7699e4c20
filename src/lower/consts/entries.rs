//! Constant tables: dicts of the module that nobody changes.
//!
//! Enters: the name of a table. Leaves: its entries as constant expressions of one type, and
//! the names of what they become. This module must not know how a table is asked.

use super::looked_at::is_only_looked_at;
use super::settle::names_in;
use super::{one_type, rust_const, telling};
use crate::ast::{Expr as PyExpr, ExprKind};
use crate::ir::{Expr, RTy};
use crate::lower::Lowerer;
use crate::source::Span;
use crate::ty::Ty;

impl<'a> Lowerer<'a> {
    /// Whether the constant of an entry would have the name of another entry's.
    pub(super) fn entry_clashes(&self, name: &str) -> bool {
        let Some((table, _)) = name.split_once('[') else {
            return false;
        };
        let Some(ExprKind::Dict(items)) = self.const_value(table).map(|v| &v.kind) else {
            return false;
        };
        let mut seen: Vec<(String, &str)> = Vec::new();
        items
            .iter()
            .any(|(key, _)| match key.as_ref().map(|k| &k.kind) {
                Some(ExprKind::Str(text)) => {
                    let rust = rust_const(&format!("{table}[{text}]"));
                    let clash = seen.iter().any(|(r, t)| *r == rust && *t != text.as_str());
                    seen.push((rust, text));
                    clash
                }
                _ => false,
            })
    }

    /// The entries of a constant table as constant expressions, and their one type. Of a key
    /// that is given twice the last value counts.
    pub(in crate::lower) fn table_entries(
        &mut self,
        table: &str,
    ) -> Option<(Vec<(&'a PyExpr, Expr)>, RTy)> {
        let ExprKind::Dict(items) = &self.const_value(table)?.kind else {
            return None;
        };
        let fact = &self.input.model.consts.get(table)?.fact;
        let value_ty = match fact.ty.as_dict() {
            Ty::Dict { value, .. } => *value,
            _ => return None,
        };
        if value_ty.holds_any(&self.input.model.changed)
            && !(matches!(&value_ty, Ty::List { elem, .. } if !elem.is_shared())
                && is_only_looked_at(self.input.module, table))
        {
            return None;
        }
        if let Ty::Instance(class) = &value_ty {
            return self.table_of_instances(items, class);
        }
        let ty = match &value_ty {
            Ty::Record(_) => self.record_type(&value_ty)?,
            _ => {
                let held = items.iter().filter(|(_, v)| !is_none(v) && !is_empty(v));
                let tys: Option<Vec<RTy>> = held
                    .map(|(_, v)| self.type_of_constant(v, &self.input.model.module.fact(v.id)))
                    .collect();
                let tys = tys?;
                let empty = items.iter().any(|(_, v)| is_empty(v));
                match one_type(tys.clone()).filter(|_| !empty) {
                    Some(ty) => ty,
                    None => slice_of(&tys)?,
                }
            }
        };
        let ty = match self.input.model.telling.contains(table) {
            true => telling(ty, &value_ty.telling())?,
            false => ty,
        };
        let optional = items.iter().any(|(_, v)| is_none(v));
        let mut out: Vec<(&'a PyExpr, Expr)> = Vec::new();
        for (key, value) in items {
            let key = key.as_ref()?;
            let expr = match (is_none(value), &ty, &value.kind) {
                (true, ..) => Expr::atom("None"),
                (false, RTy::Ref(slice), ExprKind::List(list)) => {
                    let RTy::Slice(elem) = &**slice else {
                        return None;
                    };
                    let array = RTy::Array(elem.clone(), list.len());
                    Expr::Ref(Box::new(match list.is_empty() {
                        true => Expr::Array(Vec::new()),
                        false => self.const_expr(value, &array)?.0,
                    }))
                }
                (false, ..) => self.const_expr(value, &ty)?.0,
            };
            let expr = match optional && !is_none(value) {
                true => Expr::call("Some", vec![expr]),
                false => expr,
            };
            names_in(value, &mut |n| {
                let number = |c: &crate::infer::Const| c.fact.ty.is_number();
                if self.input.model.consts.get(n).is_some_and(number) {
                    self.consts_used.insert(n.to_string());
                }
            });
            match out.iter_mut().find(|(k, _)| self.is_same_key(k, key)) {
                Some(slot) => slot.1 = expr,
                None => out.push((key, expr)),
            }
        }
        let ty = match optional {
            true => RTy::Option(Box::new(ty)),
            false => ty,
        };
        (!out.is_empty()).then_some((out, ty))
    }

    /// The entries of a table of instances that nobody changes: each is made anew.
    fn table_of_instances(
        &mut self,
        items: &'a [(Option<PyExpr>, PyExpr)],
        class: &str,
    ) -> Option<(Vec<(&'a PyExpr, Expr)>, RTy)> {
        if self.input.model.classes.get(class)?.mutated {
            return None;
        }
        let ty = self.class_type(class);
        let mut out = Vec::new();
        for (key, value) in items {
            let expr = crate::lower::function::module_value(self, value, &ty);
            if expr.can_fail() || matches!(expr, Expr::Hole(_)) {
                return None;
            }
            out.push((key.as_ref()?, expr));
        }
        let apart = out.iter().enumerate().all(|(at, (key, _))| {
            let mut before = out.iter().take(at);
            !before.any(|(other, _)| self.is_same_key(other, key))
        });
        (apart && !out.is_empty()).then_some((out, ty))
    }

    /// Whether two keys of a display are one, by what they are or else by their text.
    fn is_same_key(&self, a: &PyExpr, b: &PyExpr) -> bool {
        match (&a.kind, &b.kind) {
            (ExprKind::Str(a), ExprKind::Str(b)) => a == b,
            (ExprKind::Int(a), ExprKind::Int(b)) => a == b,
            _ => self.input.source.slice(a.span) == self.input.source.slice(b.span),
        }
    }

    /// Where the Python makes a table.
    pub(in crate::lower) fn table_span(&self, table: &str) -> Option<Span> {
        self.const_value(table)
            .map(|value| self.first_line(value.span))
    }

    /// The name of a table's function.
    pub(in crate::lower) fn table_name(&self, table: &str, suffix: &str) -> String {
        let mut name = format!(
            "{}_{suffix}",
            crate::lower::vars::snake_case(&table.to_lowercase())
        );
        let taken = |name: &str| {
            self.functions.contains_key(name)
                || crate::catalog::Helper::ALL.iter().any(|h| h.name() == name)
                || self.input.model.functions.iter().any(|f| {
                    f.vars
                        .keys()
                        .any(|v| crate::infer::scope::plain_name(v) == name)
                })
        };
        while taken(&name) {
            name.push('_');
        }
        name
    }
}

fn is_empty(e: &PyExpr) -> bool {
    matches!(&e.kind, ExprKind::List(items) if items.is_empty())
}

/// Lists of several lengths, of numbers or texts, as what lends them.
fn slice_of(tys: &[RTy]) -> Option<RTy> {
    let elems = tys.iter().map(|ty| match ty {
        RTy::Array(elem, _) => Some((**elem).clone()),
        _ => None,
    });
    let elem = one_type(elems.collect::<Option<Vec<RTy>>>()?)?;
    let plain = matches!(elem, RTy::Int(_) | RTy::Float(_) | RTy::Bool | RTy::Str);
    plain.then(|| RTy::Ref(Box::new(RTy::Slice(Box::new(elem)))))
}

fn is_none(e: &PyExpr) -> bool {
    matches!(e.kind, ExprKind::None)
}
