//! The targets of loops and comprehensions: the pattern that binds them to what comes.

use super::{Part, Shape};
use crate::ast::{Expr as PyExpr, ExprKind};
use crate::infer::scope::BlockRef;
use crate::ir::{Expr, RTy};
use crate::lower::function::FnLower;
use crate::lower::types::rty_of;
use crate::project::is_tuple_key;
use crate::ty::Ty;
use crate::value::{Fact, Val};

/// What the targets of a loop bind.
#[derive(Debug, Default)]
pub(in crate::lower) struct Binding<'a> {
    /// The names in the pattern.
    pub(in crate::lower) names: Vec<String>,
    /// The targets that are stored to at the start of each turn.
    pub(in crate::lower) later: Vec<(&'a PyExpr, Val)>,
}

impl<'a> FnLower<'_, 'a> {
    /// The pattern that binds a target to what comes; `of` is the loop's body, nothing in a
    /// comprehension, whose variables are its own.
    pub(in crate::lower) fn bind_items(
        &mut self,
        target: &'a PyExpr,
        shape: &Shape,
        of: Option<BlockRef>,
        binding: &mut Binding<'a>,
    ) -> Result<String, Expr> {
        match (&target.kind, shape) {
            (ExprKind::Tuple(items) | ExprKind::List(items), Shape::Pairs(parts))
                if items.len() == parts.len() =>
            {
                let mut patterns = Vec::new();
                for (item, part) in items.iter().zip(parts) {
                    patterns.push(self.bind_items(item, part, of, binding)?);
                }
                Ok(patterns
                    .into_iter()
                    .reduce(|a, b| format!("({a}, {b})"))
                    .unwrap_or_else(|| "()".into()))
            }
            (_, Shape::Pairs(parts)) => self.bind_whole(target, parts, binding),
            (ExprKind::Tuple(items) | ExprKind::List(items), Shape::One { rty, fact, by_ref }) => {
                let lent = *by_ref || rty.is_ref();
                let row = self.row_pattern(rty.peel());
                let (tys, open, close) = match rty.peel() {
                    RTy::Tuple(tys) => (tys.clone(), "(", ")"),
                    RTy::Array(elem, len) => (vec![(**elem).clone(); *len], "[", "]"),
                    _ => match &row {
                        Some((open, fields)) => {
                            let tys = fields.iter().map(|(ty, _)| ty.clone()).collect();
                            (tys, open.as_str(), ")")
                        }
                        None => (Vec::new(), "", ""),
                    },
                };
                if tys.len() != items.len()
                    || items.iter().any(|i| matches!(i.kind, ExprKind::Starred(_)))
                {
                    return Ok(self.bind_later(
                        target,
                        rty.clone(),
                        fact.clone(),
                        *by_ref,
                        binding,
                    ));
                }
                let mut patterns = Vec::new();
                for (i, (item, ty)) in items.iter().zip(tys).enumerate() {
                    let fact = match fact.ty.narrowed() {
                        _ if let Some((_, fields)) = &row => fields
                            .get(i)
                            .map_or_else(Fact::unknown, |(_, fact)| fact.clone()),
                        Ty::Tuple(facts) => facts
                            .get(i)
                            .map_or_else(Fact::unknown, |t| Fact::of(t.clone())),
                        Ty::List { elem, .. } => Fact::of(*elem),
                        _ => Fact::unknown(),
                    };
                    let moved = lent && !self.lw.is_copy(&ty);
                    let rty = if moved { RTy::Ref(Box::new(ty)) } else { ty };
                    let nested = matches!(item.kind, ExprKind::Tuple(_) | ExprKind::List(_));
                    let part = Shape::One {
                        rty,
                        fact,
                        by_ref: false,
                    };
                    let pattern = self.bind_items(item, &part, of, binding)?;
                    if moved && nested {
                        // Its names look at the parts where they lie.
                        let Some(inner) = in_place(&pattern) else {
                            return Err(self.partly(item, "this target of a loop"));
                        };
                        patterns.push(inner);
                        continue;
                    }
                    patterns.push(if moved && pattern != "_" {
                        format!("ref {pattern}")
                    } else {
                        pattern
                    });
                }
                // Where every part is looked at, the pattern looks through the reference.
                let looked_at: Option<Vec<&str>> =
                    patterns.iter().map(|p| p.strip_prefix("ref ")).collect();
                match looked_at.filter(|_| lent) {
                    Some(names) => Ok(format!("{open}{}{close}", names.join(", "))),
                    None => {
                        let borrow = if lent { "&" } else { "" };
                        Ok(format!("{borrow}{open}{}{close}", patterns.join(", ")))
                    }
                }
            }
            // What lies there as floats has been ints and floats.
            (ExprKind::Name(_), Shape::One { rty, fact, .. })
                if *fact.ty.given() == Ty::Number
                    && matches!(rty.peel(), RTy::Float(_))
                    && *self.fact(target.id).ty.given() == Ty::IntOrFloat =>
            {
                Err(self.partly(target, "a loop over ints and floats in this place"))
            }
            (ExprKind::Name(_), Shape::One { rty, fact, by_ref }) => {
                let Some(version) = self.scope.names.get(&target.id).cloned() else {
                    return Ok(self.bind_later(
                        target,
                        rty.clone(),
                        fact.clone(),
                        *by_ref,
                        binding,
                    ));
                };
                let borrow = if *by_ref { "&" } else { "" };
                let info = self.scope.vars.get(&version);
                let own = of.is_none() || info.is_some_and(|i| Some(i.home) == of);
                let once = of.is_none() || info.is_some_and(|i| i.bindings == 1);
                let read = of.is_none() || info.is_some_and(|i| i.reads > 0);
                if own && once && !self.unbound.contains(&version) {
                    // A variable that is bound by the loop alone has the type of the elements.
                    self.var_types.insert(version.clone(), rty.clone());
                    self.declared.insert(version.clone());
                    let name = self.var_name(&version);
                    if matches!(&target.kind, ExprKind::Name(n) if n == "_")
                        && (of.is_none() || !read)
                    {
                        return Ok("_".into());
                    }
                    let name = if read {
                        name
                    } else {
                        format!("_{}", name.trim_start_matches('_'))
                    };
                    binding.names.push(name.clone());
                    let owned = of.is_some() && !rty.is_ref() && !self.lw.is_copy(rty);
                    let changed = owned && self.is_var_changed(&version);
                    let mutable = if changed { "mut " } else { "" };
                    return Ok(format!("{borrow}{mutable}{name}"));
                }
                if own
                    && !self.unbound.contains(&version)
                    && self.var_type(&version).as_ref() == Some(rty)
                {
                    self.declared.insert(version.clone());
                    let name = self.var_name(&version);
                    binding.names.push(name.clone());
                    let pattern = if *by_ref {
                        format!("&(mut {name})")
                    } else {
                        format!("mut {name}")
                    };
                    return Ok(pattern);
                }
                Ok(self.bind_later(target, rty.clone(), fact.clone(), *by_ref, binding))
            }
            (
                _,
                Shape::Entry {
                    part,
                    rty,
                    fact,
                    by_ref,
                },
            ) => {
                let inner = Shape::One {
                    rty: rty.clone(),
                    fact: fact.clone(),
                    by_ref: false,
                };
                let name = self.bind_items(target, &inner, of, binding)?;
                // The entry is looked at with what is in it.
                let (name, looks) = match name.strip_prefix('&') {
                    Some(inner) => (inner.to_string(), true),
                    None => (name, false),
                };
                let borrow = if *by_ref || looks { "&" } else { "" };
                Ok(match part {
                    Part::Key => format!("{borrow}({name}, _)"),
                    Part::Value | Part::Both => format!("{borrow}(_, {name})"),
                })
            }
            (_, Shape::One { rty, fact, by_ref }) => {
                Ok(self.bind_later(target, rty.clone(), fact.clone(), *by_ref, binding))
            }
        }
    }

    /// A tuple of `zip()` or `enumerate()` as one value: put together at the start of each turn.
    fn bind_whole(
        &mut self,
        target: &'a PyExpr,
        parts: &[Shape],
        binding: &mut Binding<'a>,
    ) -> Result<String, Expr> {
        let refused = "the tuples of `zip()` or `enumerate()` as one value";
        let fact = self.fact(target.id);
        let items = match fact.ty.narrowed() {
            Ty::Tuple(items) if items.len() == parts.len() => items,
            _ => return Err(self.partly(target, refused)),
        };
        let mut patterns = Vec::new();
        let mut values = Vec::new();
        let mut tys = Vec::new();
        for (part, ty) in parts.iter().zip(&items) {
            let (Shape::One { rty, fact, by_ref }, Some(own)) =
                (part, self.lw.natural(&Fact::of(ty.clone())))
            else {
                return Err(self.partly(target, refused));
            };
            let name = fresh(format!("item_{}", patterns.len()), &binding.names);
            binding.names.push(name.clone());
            patterns.push(format!("{}{name}", if *by_ref { "&" } else { "" }));
            let part = Val::new(Expr::atom(name), rty.clone(), fact);
            values.push(self.coerce(part, &own, target.span, "an item")?);
            tys.push(own);
        }
        let whole = Val::new(Expr::Tuple(values), RTy::Tuple(tys), &fact);
        binding.later.push((target, whole));
        Ok(patterns
            .into_iter()
            .reduce(|a, b| format!("({a}, {b})"))
            .unwrap_or_else(|| "()".into()))
    }

    /// What a Rust tuple that Python sees as a list is taken apart with: how its pattern
    /// begins, and its fields.
    pub(in crate::lower) fn row_pattern(
        &mut self,
        rty: &RTy,
    ) -> Option<(String, Vec<(RTy, Fact)>)> {
        let RTy::Named(key) = rty else { return None };
        let types = self.lw.input.types;
        let fields = types.row_items(key)?;
        let open = match is_tuple_key(key) {
            true => "(".to_string(),
            false => format!("{}(", self.lw.use_type(key)),
        };
        let fields = fields.iter();
        let fields = fields.map(|f| (rty_of(&f.ty), Fact::stored(&f.ty, types)));
        Some((open, fields.collect()))
    }

    /// A name in the pattern, whose value goes to the target at the start of each turn.
    fn bind_later(
        &mut self,
        target: &'a PyExpr,
        rty: RTy,
        fact: Fact,
        by_ref: bool,
        binding: &mut Binding<'a>,
    ) -> String {
        let base = match &target.kind {
            ExprKind::Name(name) => format!("next_{}", crate::lower::vars::rust_ident(name)),
            ExprKind::Attribute { attr, .. } => format!("next_{}", attr.name),
            _ => "item".to_string(),
        };
        let name = fresh(base, &binding.names);
        binding.names.push(name.clone());
        binding
            .later
            .push((target, Val::new(Expr::atom(name.clone()), rty, &fact)));
        format!("{}{name}", if by_ref { "&" } else { "" })
    }
}

/// A name that is none of those.
fn fresh(base: String, names: &[String]) -> String {
    let mut name = base.clone();
    let mut n = 1;
    while names.contains(&name) {
        n += 1;
        name = format!("{base}_{n}");
    }
    name
}

/// The pattern of a reference as the pattern of what it refers to: `(ref a, ref b)` for
/// `(a, b)`, `(ref a, b)` for `&(ref a, b)`.
fn in_place(pattern: &str) -> Option<String> {
    if let Some(inner) = pattern.strip_prefix('&') {
        return Some(inner.to_string());
    }
    let names = pattern.strip_prefix('(')?.strip_suffix(')')?;
    let named = |name: &str| name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let parts = names.split(", ").map(|name| match name {
        "_" => Some("_".to_string()),
        name => named(name).then(|| format!("ref {name}")),
    });
    let parts: Vec<String> = parts.collect::<Option<_>>()?;
    Some(format!("({})", parts.join(", ")))
}
