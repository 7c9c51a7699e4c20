//! What Python makes of dataclasses and named tuples beside the constructor.
//!
//! Enters: `replace`, `asdict`, `astuple`, or a named tuple in the place of a tuple. Leaves:
//! a struct literal, a tuple of the fields. This module must not know how a class is written.

use super::function::FnLower;
use super::iterate::{Form, Items, Shape};
use crate::ast::{Expr as PyExpr, ExprKind, Keyword};
use crate::infer::made::Copying;
use crate::ir::{Expr, RTy};
use crate::ty::Ty;
use crate::value::{Fact, Val};

impl<'a> FnLower<'_, 'a> {
    /// `replace(x, …)`, `asdict(x)`, `astuple(x)`.
    pub(super) fn copying_call(
        &mut self,
        e: &'a PyExpr,
        how: Copying,
        of: &'a PyExpr,
        keywords: &'a [Keyword],
    ) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        if matches!(how, Copying::Shallow | Copying::Deep) {
            return self.duplicate(e, of, &fact);
        }
        let base = self.expr(of)?;
        let base = if base.expr.is_simple() {
            base
        } else if self.conditional > 0 {
            return Err(self.partly(e, "a copy of a computed object in this place"));
        } else {
            self.hoist(base, "original", e.span)
        };
        if matches!(base.rty, RTy::Option(_)) {
            return Err(self.partly(e, "a copy of what may be None"));
        }
        match how {
            Copying::Replace => self.replaced(e, &base, keywords, &fact),
            Copying::Dict => {
                let expr = self.as_record(e, &base, &fact.ty)?;
                let Some(ty) = self.lw.natural(&fact) else {
                    return Err(self.hole(e));
                };
                Ok(Val::new(expr, ty, &fact))
            }
            Copying::Tuple | Copying::Shallow | Copying::Deep => self.as_tuple(e, &base),
        }
    }

    /// `copy.copy(x)`, `copy.deepcopy(x)`: a value of its own.
    fn duplicate(&mut self, e: &'a PyExpr, of: &'a PyExpr, fact: &Fact) -> Result<Val, Expr> {
        let refused = self.lw.input.model.problems.contains_key(&e.id);
        let Some(to) = self.lw.natural(fact).filter(|_| !refused) else {
            return Err(self.hole(e));
        };
        self.looked_at += 1;
        let base = self.expr_as(of, &to);
        self.looked_at -= 1;
        let base = base?;
        let flat = matches!(&fact.ty, Ty::List { elem, .. } if !elem.is_shared());
        if let (true, Some(list)) = (flat && base.rty != to, crate::catalog::lookup("list")) {
            let call = crate::catalog::Call {
                args: vec![base],
                keywords: Vec::new(),
                fact: fact.clone(),
            };
            let mut site = self.site();
            let made = (list.lower)(call, &mut site);
            self.absorb(site, e.span);
            return made.map_err(|why| self.partly(e, why.trim_end_matches(" is not translated")));
        }
        let copied = self.lw.is_copy(&to);
        let expr = match &base.rty {
            rty if *rty == to && (copied || !base.expr.is_place()) => base.expr,
            RTy::Ref(held) | RTy::RefMut(held) if **held == to && copied => {
                Expr::Deref(Box::new(base.expr))
            }
            RTy::Ref(held) | RTy::RefMut(held) if **held == to => base.expr.method("clone", vec![]),
            rty if *rty == to => base.expr.method("clone", vec![]),
            RTy::Ref(held) => match (&**held, &to) {
                (RTy::Slice(from), RTy::Vec(elem)) if from == elem => {
                    base.expr.method("to_vec", vec![])
                }
                _ => return Err(self.partly(e, "this copy")),
            },
            _ => return Err(self.partly(e, "this copy")),
        };
        Ok(Val::new(expr, to, fact))
    }

    fn replaced(
        &mut self,
        e: &'a PyExpr,
        base: &Val,
        keywords: &'a [Keyword],
        fact: &Fact,
    ) -> Result<Val, Expr> {
        let (Ty::Instance(class), Some(own)) =
            (&fact.ty, self.lw.input.model.made_fields(&fact.ty))
        else {
            return Err(self.hole(e));
        };
        let mut fields = Vec::new();
        for keyword in keywords {
            let name = keyword.name.as_ref().map_or("", |n| n.name.as_str());
            let Some(ty) = self.lw.class_field(class, name) else {
                return Err(self.hole(e));
            };
            let before = self.out.len();
            let earlier: Vec<Expr> = fields
                .iter()
                .map(|(_, e): &(String, Expr)| e.clone())
                .collect();
            let val = self.expr_as(&keyword.value, &ty)?;
            let value = self.coerce(val, &ty, keyword.value.span, name)?;
            self.in_order(&keyword.value, before, &earlier)?;
            fields.push((self.lw.attribute_ident(class, name), value));
        }
        let rest: Vec<&(String, Fact)> = own
            .iter()
            .filter(|(name, _)| {
                let given = |k: &Keyword| k.name.as_ref().is_some_and(|n| n.name == *name);
                !keywords.iter().any(given)
            })
            .collect();
        let copied = rest.iter().all(|(_, fact)| {
            let ty = self.lw.natural(fact);
            ty.is_some_and(|ty| self.lw.is_copy(&ty))
        });
        let held = match base.rty.is_ref() {
            true => Expr::Deref(Box::new(base.expr.clone())),
            false => base.expr.clone(),
        };
        let base = (!rest.is_empty()).then(|| {
            Box::new(match copied {
                true => held,
                false => base.expr.clone().method("clone", vec![]),
            })
        });
        self.lw.used_classes.insert(class.clone());
        Ok(Val::new(
            Expr::Struct {
                name: self.class_path(class),
                fields,
                base,
            },
            self.lw.class_type(class),
            fact,
        ))
    }

    /// The fields of an instance, each with its value.
    fn fields_of(&mut self, base: &Val) -> Option<Vec<(String, Val)>> {
        let ty = base.ty.narrowed();
        let Ty::Instance(class) = &ty else {
            return None;
        };
        let mut out = Vec::new();
        for (name, fact) in self.lw.input.model.made_fields(&ty)? {
            let rty = self.lw.class_field(class, &name)?;
            let field = self.lw.attribute_ident(class, &name);
            out.push((name, Val::new(base.expr.clone().field(field), rty, &fact)));
        }
        Some(out)
    }

    fn as_record(&mut self, e: &'a PyExpr, base: &Val, ty: &Ty) -> Result<Expr, Expr> {
        let (Ty::Record(entries), Some(fields)) = (ty, self.fields_of(base)) else {
            return Err(self.hole(e));
        };
        let Some(record) = self.lw.record_type(ty) else {
            return Err(self.hole(e));
        };
        let Some(class) = self.lw.class_of(&record) else {
            return Err(self.hole(e));
        };
        self.lw.used_classes.insert(class.clone());
        let mut out = Vec::new();
        for ((key, entry), (_, val)) in entries.iter().zip(fields) {
            let Some(to) = self.lw.class_field(&class, key) else {
                return Err(self.hole(e));
            };
            let value = match (entry, &val.ty) {
                (Ty::Record(_), Ty::Instance(_)) => self.as_record(e, &val, entry)?,
                _ => self.coerce(val, &to, e.span, key)?,
            };
            out.push((super::records::field(key), value));
        }
        Ok(Expr::Struct {
            name: self.lw.class_name(&class),
            fields: out,
            base: None,
        })
    }

    /// An instance as the tuple of its fields; instances among them as well for `astuple`.
    pub(super) fn as_tuple(&mut self, e: &PyExpr, base: &Val) -> Result<Val, Expr> {
        let Some(fields) = self.fields_of(base) else {
            return Err(self.hole(e));
        };
        let (mut exprs, mut tys, mut facts) = (Vec::new(), Vec::new(), Vec::new());
        for (name, val) in fields {
            let is_made = self.lw.input.model.made_fields(&val.ty).is_some();
            let val = match is_made {
                true => self.as_tuple(e, &val)?,
                false => val,
            };
            facts.push(val.ty.clone());
            tys.push(val.rty.clone());
            let rty = val.rty.clone();
            exprs.push(self.coerce(val, &rty, e.span, &name)?);
        }
        let fact = Fact::of(Ty::Tuple(facts));
        Ok(Val::new(Expr::Tuple(exprs), RTy::Tuple(tys), &fact))
    }

    /// A named tuple as the tuple that it is, where it is looked at field by field.
    pub(super) fn point(&mut self, e: &'a PyExpr, val: Val) -> Result<Val, Expr> {
        if self.lw.input.model.tuple_fields(&val.ty).is_none() {
            return Ok(val);
        }
        let val = match val.expr.is_place() && !val.expr.can_fail() {
            true => val,
            false if self.conditional > 0 || self.changes_within(e) => {
                return Err(self.partly(e, "a point that is computed, in this place,"));
            }
            false => self.hoist(val, "point", e.span),
        };
        self.as_tuple(e, &val)
    }

    /// `p[0]` of a named tuple.
    pub(super) fn tuple_item(
        &mut self,
        e: &'a PyExpr,
        value: &'a PyExpr,
        index: &'a PyExpr,
    ) -> Option<Result<Val, Expr>> {
        let ty = self.fact(value.id).ty;
        self.lw.input.model.tuple_fields(&ty)?;
        if let Some(path) = self.path_of(e) {
            return Some(self.read_path(e, &path));
        }
        let place = self.fact(index.id).range.int().constant()?;
        let (name, fact) = self.lw.input.model.tuple_field(&ty, place)?;
        let Ty::Instance(class) = &ty else {
            return None;
        };
        let rty = self.lw.class_field(class, &name)?;
        let field = self.lw.attribute_ident(class, &name);
        Some(
            self.expr(value)
                .map(|base| Val::new(base.expr.field(field), rty, &fact)),
        )
    }

    /// The types and the names of a named tuple's fields in Rust.
    pub(super) fn tuple_pattern(&self, rty: &RTy) -> Option<Vec<(String, RTy, Fact)>> {
        let class = self.lw.class_of(rty)?;
        let fields = self
            .lw
            .input
            .model
            .tuple_fields(&Ty::Instance(class.clone()))?;
        fields
            .into_iter()
            .map(|(name, fact)| {
                let ident = self.lw.attribute_ident(&class, &name);
                Some((ident, self.lw.class_field(&class, &name)?, fact))
            })
            .collect()
    }

    /// The function that copies an instance, and what it copies.
    pub(super) fn copying(
        &self,
        func: &'a PyExpr,
        args: &'a [PyExpr],
    ) -> Option<(Copying, &'a PyExpr)> {
        if let (ExprKind::Attribute { value, attr }, []) = (&func.kind, args) {
            let ty = self.fact(value.id).ty;
            let how = Copying::of_method(&attr.name)?;
            return self
                .lw
                .input
                .model
                .tuple_fields(&ty)
                .map(|_| (how, &**value));
        }
        let own = |name: &str| self.lw.functions.contains_key(name);
        let full = self.lw.input.model.full_name(func, own)?;
        match args {
            [of] => Some((Copying::of(&full)?, of)),
            _ => None,
        }
    }

    /// The builtin that a call names; nothing where it is none.
    pub(super) fn builtin_name(&self, func: &'a PyExpr) -> &'a str {
        match &func.kind {
            ExprKind::Name(name) if !self.lw.functions.contains_key(name) => name,
            _ => "",
        }
    }

    /// The fields of a named tuple one after the other.
    pub(super) fn field_items(&mut self, iter: &'a PyExpr, val: &Val) -> Result<Items, Expr> {
        let fields = match val.expr.is_simple() {
            true => self.fields_of(val),
            false => None,
        };
        let Some(fields) = fields else {
            return Err(self.partly(iter, "a loop over this named tuple"));
        };
        let fact = fields
            .iter()
            .map(|(_, v)| Fact::of(v.ty.clone()))
            .reduce(|a, b| a.join(&b))
            .unwrap_or_else(Fact::unknown);
        let Some(ty) = self.lw.natural(&fact).filter(|t| self.lw.is_copy(t)) else {
            return Err(self.partly(iter, "a loop over values of these types"));
        };
        let mut exprs = Vec::new();
        for (_, part) in fields {
            exprs.push(self.coerce(part, &ty, iter.span, "an element")?);
        }
        Ok(Items {
            form: Form::Array(Expr::Array(exprs)),
            shape: Shape::One {
                rty: ty,
                fact,
                by_ref: false,
            },
        })
    }
}
