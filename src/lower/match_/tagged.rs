//! `case "Hold"`, `case {"GoTo": {"x": x}}`: the variants of an enum with data.
//!
//! Enters: the place of such a value, and the patterns that ask for its variant. Leaves:
//! patterns of Rust, with names for the data that the case reads. This module must not know
//! how a `match` is written.

use super::Needs;
use super::pat::{Data, Pat};
use crate::ast::{Case, Expr as PyExpr, ExprKind, Pattern, PatternKind};
use crate::infer::Path;
use crate::infer::scope::BlockRef;
use crate::ir::{Expr, RTy};
use crate::lower::function::FnLower;
use crate::lower::tagged::DataPattern;
use crate::lower::types::rty_of;
use crate::project::{FieldDef, RustTy, Variant, VariantKind};
use crate::ty::Ty;
use crate::value::{Fact, Val, stored_range};

impl<'a> FnLower<'_, 'a> {
    /// A place that holds an enum with data.
    pub(super) fn tagged_subject(&mut self, subject: &'a PyExpr) -> Option<Result<Val, Expr>> {
        self.tagged(subject)?;
        let fact = self.fact(subject.id);
        let place = self.tagged_place(subject);
        Some(place.map(|(place, rty)| Val::new(place, rty, &fact)))
    }

    /// The Rust pattern of a case of an enum with data; nothing where it is one of another
    /// kind.
    pub(super) fn tagged_pattern(
        &mut self,
        pattern: &'a Pattern,
        val: &Val,
        of: BlockRef,
        needs: &mut Needs,
    ) -> Option<Result<Pat, Expr>> {
        let Ty::Tagged(key) = val.ty.narrowed() else {
            return None;
        };
        let types = self.lw.input.types;
        let def = types.enum_def(&key)?;
        let optional = matches!(val.rty, RTy::Option(_));
        let wrap = |pat: Pat| match pat {
            Pat::Never => Pat::Never,
            pat if optional => Pat::Some(Box::new(pat)),
            pat => pat,
        };
        let all = |this: &mut Self, text: bool| {
            let variants = def.variants.iter();
            let variants = variants.filter(|v| (v.kind == VariantKind::Unit) == text);
            let parts = variants.map(|v| this.unread_pattern(&key, v)).collect();
            super::pat::either(parts)
        };
        Some(match &pattern.kind {
            PatternKind::Value(e) => match &e.kind {
                ExprKind::Str(text) => {
                    let unit = |v: &&Variant| v.kind == VariantKind::Unit;
                    let mut units = def.variants.iter().filter(unit);
                    Ok(match units.find(|v| v.python_name == *text) {
                        Some(variant) => wrap(self.unread_pattern(&key, variant)),
                        None => Pat::Never,
                    })
                }
                _ => return None,
            },
            PatternKind::Class { class, .. } => match &class.kind {
                ExprKind::Name(name) if name == "str" => Ok(wrap(all(self, true))),
                ExprKind::Name(name) if name == "dict" => Ok(wrap(all(self, false))),
                _ => return None,
            },
            PatternKind::Mapping { items, .. } => match items.as_slice() {
                [] => Ok(wrap(all(self, false))),
                [(name, sub)] => {
                    let ExprKind::Str(text) = &name.kind else {
                        return Some(Err(self.no_pattern(pattern)));
                    };
                    let held = |v: &&Variant| v.kind != VariantKind::Unit;
                    let mut held = def.variants.iter().filter(held);
                    match held.find(|v| v.python_name == *text) {
                        Some(variant) => self.data_case(&key, variant, sub, of, needs).map(wrap),
                        None => Ok(Pat::Never),
                    }
                }
                _ => Ok(Pat::Never),
            },
            PatternKind::Sequence(_) => Ok(Pat::Never),
            PatternKind::Singleton(_)
            | PatternKind::Or(_)
            | PatternKind::As { .. }
            | PatternKind::Star(_) => return None,
        })
    }

    /// What a case that only asks for one variant reads of its data; `held` is the variable
    /// that stands for that data.
    pub(super) fn case_data(
        &mut self,
        subject: &'a PyExpr,
        case: &'a Case,
        held: Option<(Path, Variant, String)>,
    ) -> Option<DataPattern> {
        let (path, variant, key) = match held {
            Some(held) => held,
            None => {
                let (key, _) = self.tagged(subject)?;
                let PatternKind::Mapping { items, .. } = &case.pattern.kind else {
                    return None;
                };
                let [(name, sub)] = items.as_slice() else {
                    return None;
                };
                let (ExprKind::Str(text), true) = (&name.kind, is_wild(sub)) else {
                    return None;
                };
                let def = self.lw.input.types.enum_def(&key)?;
                let variant = def.variants.iter().find(|v| v.python_name == *text)?;
                (self.path_of(subject)?.attr(text), variant.clone(), key)
            }
        };
        let guard: Vec<&PyExpr> = case.guard.iter().collect();
        let leaves = self.leaves_read(&path, &case.body.stmts, &guard);
        self.data_pattern(&key, &variant, &path, &leaves)
    }

    fn unread_pattern(&mut self, key: &str, variant: &Variant) -> Pat {
        let path = format!("{}::{}", self.lw.use_type(key), variant.name);
        match &variant.kind {
            VariantKind::Unit => Pat::Lit(path),
            VariantKind::Newtype(_) => Pat::Data(path, Data::Items(vec![Pat::Any(None)])),
            VariantKind::Tuple(types) => {
                Pat::Data(path, Data::Items(vec![Pat::Any(None); types.len()]))
            }
            VariantKind::Record(_) => Pat::Data(
                path,
                Data::Fields {
                    asked: Vec::new(),
                    all: false,
                },
            ),
        }
    }

    /// `{"Name": sub}`
    fn data_case(
        &mut self,
        key: &str,
        variant: &Variant,
        sub: &'a Pattern,
        of: BlockRef,
        needs: &mut Needs,
    ) -> Result<Pat, Expr> {
        let path = format!("{}::{}", self.lw.use_type(key), variant.name);
        if is_wild(sub) {
            return Ok(self.unread_pattern(key, variant));
        }
        match (&sub.kind, &variant.kind) {
            (_, VariantKind::Newtype(held)) => {
                let inner = self.leaf(sub, held, of, needs)?;
                Ok(Pat::Data(path, Data::Items(vec![inner])))
            }
            (PatternKind::Mapping { items, .. }, VariantKind::Record(fields)) => {
                let mut asked = Vec::new();
                for (name, sub) in items {
                    let ExprKind::Str(text) = &name.kind else {
                        return Err(self.no_pattern(sub));
                    };
                    let named = |f: &&FieldDef| f.python_name == *text && f.wrapper.is_none();
                    let Some(field) = fields.iter().find(named) else {
                        return Err(self.no_pattern(sub));
                    };
                    let pat = self.leaf(sub, &field.ty, of, needs)?;
                    asked.push((field.name.clone(), pat));
                }
                let read = asked.iter().filter(|(_, pat)| *pat != Pat::Any(None));
                let all = read.count() == fields.len();
                Ok(Pat::Data(path, Data::Fields { asked, all }))
            }
            (PatternKind::Sequence(items), VariantKind::Tuple(types)) => {
                let mut parts = Vec::new();
                for (sub, ty) in items.iter().zip(types) {
                    parts.push(self.leaf(sub, ty, of, needs)?);
                }
                Ok(Pat::Data(path, Data::Items(parts)))
            }
            // `case {"GoTo": target}`: what of it is read is named.
            (PatternKind::As { pattern: None, .. }, _) => {
                let Some(version) = self.scope.names.get(&sub.id).cloned() else {
                    return Err(self.no_pattern(sub));
                };
                let plain = self.scope.vars.get(&version);
                if plain.is_none_or(|info| info.home != of || info.bindings > 1) {
                    return Err(self.no_pattern(sub));
                }
                needs.data = Some((Path::root(version), variant.clone(), key.to_string()));
                Ok(self.unread_pattern(key, variant))
            }
            _ => Err(self.no_pattern(sub)),
        }
    }

    /// The pattern of one field of the data.
    fn leaf(
        &mut self,
        sub: &'a Pattern,
        ty: &RustTy,
        of: BlockRef,
        needs: &mut Needs,
    ) -> Result<Pat, Expr> {
        let rty = rty_of(ty);
        let fact = Fact {
            range: stored_range(ty),
            ..Fact::of(Ty::of_rust(ty, self.lw.input.types))
        };
        if let PatternKind::As {
            pattern: None,
            name: Some(_),
        } = &sub.kind
            && let Some(version) = self.scope.names.get(&sub.id).cloned()
        {
            let info = self.scope.vars.get(&version);
            let own = info.is_some_and(|i| i.home == of && i.bindings == 1)
                && !self.unbound.contains(&version);
            let captured = info.is_some_and(|i| self.scope.captured.contains(&i.name));
            if !own || captured {
                return Err(self.no_pattern(sub));
            }
            let read = info.is_some_and(|i| i.reads > 0);
            self.declared.insert(version.clone());
            let name = self.var_name(&version);
            let copied = self.lw.is_copy(&rty);
            let held = match copied {
                true => rty,
                false => RTy::Ref(Box::new(rty)),
            };
            self.var_types.insert(version, held);
            return Ok(Pat::Any(read.then(|| match copied {
                true => name,
                false => format!("ref {name}"),
            })));
        }
        if matches!(&sub.kind, PatternKind::As { pattern: None, .. }) {
            return Ok(Pat::Any(None));
        }
        let name = self.free_name("data");
        let copied = self.lw.is_copy(&rty);
        let (held, bound) = match copied {
            true => (rty, name.clone()),
            false => (RTy::Ref(Box::new(rty)), format!("ref {name}")),
        };
        let val = Val::declared(Expr::atom(name), held, &fact);
        let before = (needs.tests.len(), needs.later.len());
        let pat = self.arm_pattern(sub, &val, of, needs)?;
        if needs.later.len() > before.1 {
            return Err(self.no_pattern(sub));
        }
        Ok(match pat {
            Pat::Any(None) if needs.tests.len() > before.0 => Pat::Any(Some(bound)),
            pat if needs.tests.len() == before.0 => pat,
            _ => return Err(self.no_pattern(sub)),
        })
    }
}

/// `_`
fn is_wild(pattern: &Pattern) -> bool {
    let PatternKind::As { pattern, name } = &pattern.kind else {
        return false;
    };
    pattern.is_none() && name.is_none()
}
