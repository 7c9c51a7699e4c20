//! Patterns of one value: literals and captures.

use super::Needs;
use super::pat::Pat;
use crate::ast::{CompareOp, Expr as PyExpr, Pattern};
use crate::infer::Path;
use crate::infer::scope::BlockRef;
use crate::ir::{Expr, RTy};
use crate::lower::function::{Bound, FnLower};
use crate::ty::Ty;
use crate::value::{Val, int_type_range};

impl<'a> FnLower<'_, 'a> {
    pub(super) fn value_pattern(
        &mut self,
        wanted: &'a PyExpr,
        val: &Val,
        needs: &mut Needs,
    ) -> Result<Pat, Expr> {
        let value = self.expr(wanted)?;
        if let RTy::Option(inner) = &val.rty {
            let held = Val {
                expr: val.expr.clone(),
                rty: (**inner).clone(),
                ty: val.ty.narrowed(),
                ..val.clone()
            };
            if let Some(pat) = self.literal_pattern(&value, &held) {
                return Ok(match pat {
                    Pat::Never => Pat::Never,
                    pat => Pat::Some(Box::new(pat)),
                });
            }
        } else if let Some(pat) = self.literal_pattern(&value, val) {
            return Ok(pat);
        }
        let test = self.comparison(wanted, val.clone(), CompareOp::Eq, value)?;
        needs.tests.push(test);
        Ok(Pat::Any(None))
    }

    /// The pattern of a literal, where Rust has one that compares as Python.
    fn literal_pattern(&mut self, value: &Val, val: &Val) -> Option<Pat> {
        match (&val.ty.narrowed(), &value.ty, &value.expr) {
            (Ty::Int, Ty::Int, Expr::Atom(_) | Expr::NegLit(_)) if value.literal => {
                let RTy::Int(int) = val.rty else { return None };
                let constant = value.range.int().constant()?;
                let fits = crate::ranges::IntRange::exactly(constant).within(int_type_range(int));
                Some(if fits {
                    Pat::Lit(crate::ir::print::expr(&value.expr))
                } else {
                    Pat::Never
                })
            }
            (Ty::Str, Ty::Str, text) if val.rty == RTy::Char => {
                let one = crate::catalog::char_literal(text);
                Some(one.map_or(Pat::Never, Pat::Lit))
            }
            (Ty::Str, Ty::Str, Expr::Atom(text)) if text.starts_with('"') => {
                Some(Pat::Lit(text.clone()))
            }
            (Ty::Enum(key), Ty::Str, Expr::Atom(text)) if text.starts_with('"') => {
                let wanted = text.trim_matches('"');
                let def = self.lw.input.types.enum_def(key)?;
                let variant = def.variants.iter().find(|v| v.python_name == wanted);
                let type_name = self.lw.use_type(key);
                Some(variant.map_or(Pat::Never, |v| Pat::Lit(format!("{type_name}::{}", v.name))))
            }
            (Ty::Member(a), Ty::Member(b), Expr::Atom(path)) if a == b => {
                Some(Pat::Lit(path.clone()))
            }
            _ => None,
        }
    }

    /// `case name`, `case pattern as name`
    pub(super) fn capture(
        &mut self,
        pattern: &'a Pattern,
        sub: Option<Pat>,
        val: &Val,
        of: BlockRef,
        needs: &mut Needs,
    ) -> Result<Pat, Expr> {
        let Some(version) = self.scope.names.get(&pattern.id).cloned() else {
            return Err(self.no_pattern(pattern));
        };
        let fact = self.fact(pattern.id);
        // What the cases before have left out is no None here.
        let narrowed = matches!(val.rty, RTy::Option(_)) && !matches!(fact.ty, Ty::Option(_));
        let held = match (&val.rty, narrowed) {
            (RTy::Option(inner), true) => (**inner).clone(),
            (other, _) => other.clone(),
        };
        let info = self.scope.vars.get(&version);
        let own = info.is_some_and(|i| i.home == of && i.bindings == 1)
            && !self.unbound.contains(&version)
            && !self
                .scope
                .captured
                .contains(&info.map_or_else(String::new, |i| i.name.clone()));
        let plain = sub.is_none();
        if own && plain && self.lw.is_copy(&held) && !matches!(held, RTy::Named(_)) {
            let read = info.is_some_and(|i| i.reads > 0);
            self.declared.insert(version.clone());
            self.var_types.insert(version.clone(), held);
            let name = read.then(|| self.var_name(&version));
            let inner = Pat::Any(name);
            return Ok(if narrowed {
                Pat::Some(Box::new(inner))
            } else {
                inner
            });
        }
        if narrowed {
            return Err(self.no_pattern(pattern));
        }
        if !own && !needs.tests.is_empty() {
            return Err(self.no_pattern(pattern));
        }
        let val = Val {
            ty: fact.ty.clone(),
            ..val.clone()
        };
        self.bounds.push(Bound {
            path: Path::root(version.clone()),
            expr: val.expr.clone(),
            rty: val.rty.clone(),
            borrows: false,
        });
        needs.later.push((version, val));
        Ok(sub.unwrap_or(Pat::Any(None)))
    }
}
