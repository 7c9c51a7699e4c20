//! Dicts that take in the entries of others: `{**a, "k": v}`, `dict(a)`, `a | b`, `d.update(a)`.
//!
//! Enters: dicts, constant tables among them. Leaves: a new map, or entries that are put into
//! one. The values hold no objects: those would have two owners. This module must not know
//! how the sum is written in Python.

use crate::ast::{Expr as PyExpr, ExprKind};
use crate::catalog::dict;
use crate::ir::{Block, Expr, RTy, Stmt, StmtKind};
use crate::lower::function::FnLower;
use crate::source::Span;
use crate::ty::Ty;
use crate::value::{Fact, Val};

/// An entry, or without a key a dict that is spread.
pub(in crate::lower) type Part<'a> = (Option<&'a PyExpr>, &'a PyExpr);

/// What a dict that is spread gives.
enum Source {
    /// A map of its own, and whether its entries are in Python's order.
    Map(Expr, bool),
    /// Its entries.
    Entries(Vec<Expr>),
}

impl<'a> FnLower<'_, 'a> {
    /// A new map of the entries of others.
    pub(in crate::lower) fn spread_map(
        &mut self,
        e: &'a PyExpr,
        parts: &[Part<'a>],
        to: &RTy,
    ) -> Result<Val, Expr> {
        let RTy::Map {
            key: key_ty,
            value: value_ty,
            ordered,
        } = to
        else {
            return Err(self.hole(e));
        };
        let fact = self.fact(e.id);
        let made = |entries: Vec<Expr>| match (entries.is_empty(), ordered) {
            (true, true) => Expr::call("Vec::new", vec![]),
            (true, false) => Expr::call("BTreeMap::new", vec![]),
            (false, true) => Expr::Macro("vec".into(), entries),
            (false, false) => Expr::call("BTreeMap::from", vec![Expr::Array(entries)]),
        };
        let mut stmts: Vec<Stmt> = Vec::new();
        let mut map: Option<Expr> = None;
        let name = self.free_name("merged");
        for (key, value) in &flattened(parts) {
            let before = self.out.len();
            let source = match key {
                Some(key) => {
                    let key = self.key(key, key_ty)?;
                    let val = self.expr_as(value, value_ty)?;
                    let val = self.coerce(val, value_ty, value.span, "a value")?;
                    Source::Entries(vec![Expr::Tuple(vec![key, val])])
                }
                None => self.spread_source(value, key_ty, value_ty, *ordered)?,
            };
            if self.out.len() != before && map.is_some() {
                return Err(self.partly(value, "what is computed among dicts that are spread"));
            }
            if map.is_none() {
                map = Some(match source {
                    Source::Map(own, true) if !ordered => {
                        own.method("into_iter", vec![]).method("collect", vec![])
                    }
                    Source::Map(own, _) => own,
                    Source::Entries(entries) => made(entries),
                });
                continue;
            }
            let put = self.put_in(Expr::atom(name.clone()), to, source);
            stmts.extend(put.into_iter().map(Stmt::new));
        }
        let map = map.unwrap_or_else(|| made(Vec::new()));
        if stmts.is_empty() {
            return Ok(Val::new(map, to.clone(), &fact));
        }
        let first = Stmt::new(StmtKind::Let {
            name: name.clone(),
            mutable: true,
            ty: Some(to.clone()),
            init: Some(map),
        });
        stmts.insert(0, first);
        let value = Some(Box::new(Expr::atom(name)));
        let block = Expr::Block(Block { stmts, value });
        Ok(Val::new(block, to.clone(), &fact))
    }

    /// A dict with literal keys that takes in the entries of others.
    pub(in crate::lower) fn spread_record(
        &mut self,
        e: &'a PyExpr,
        parts: &[Part<'a>],
        to: &RTy,
    ) -> Result<Val, Expr> {
        let (Some(class), Ty::Record(wanted)) = (self.lw.class_of(to), self.fact(e.id).ty) else {
            return Err(self.hole(e));
        };
        self.lw.use_records(to);
        let parts = &flattened(parts);
        let mut fields: Vec<(String, Expr)> = Vec::new();
        for (name, _) in &wanted {
            let Some(rty) = self.lw.class_field(&class, name) else {
                return Err(self.hole(e));
            };
            let mut last = None;
            for (key, value) in parts {
                // Which of two entries counts is known when it runs.
                let mut either = false;
                let gives = match (key.map(|k| &k.kind), self.fact(value.id).ty.narrowed()) {
                    (Some(ExprKind::Str(key)), _) => key == name,
                    (None, Ty::Record(own)) => {
                        either = last.is_some() && own.may_lack(name);
                        own.entry(name).is_some()
                    }
                    _ => return Err(self.hole(e)),
                };
                if gives && either {
                    return Err(self.partly(e, "`**` of a dict that may lack keys"));
                }
                if gives {
                    last = Some((key.is_some(), *value));
                }
            }
            let Some((own, value)) = last else {
                return Err(self.hole(e));
            };
            let val = match own {
                true => self.expr_as(value, &rty)?,
                false => self.field_of_record(e, value, name)?,
            };
            let expr = self.coerce(val, &rty, value.span, name)?;
            fields.push((crate::lower::records::field(name), expr));
        }
        // What is given and not taken is evaluated all the same.
        let given = parts.iter().filter(|(key, _)| key.is_some()).count();
        let taken = wanted.iter().filter(|(name, _)| {
            let mut keys = parts.iter().filter_map(|(key, _)| key.map(|k| &k.kind));
            keys.any(|k| matches!(k, ExprKind::Str(key) if key == name))
        });
        if taken.count() != given {
            return Err(self.partly(e, "a dict that gives a key twice"));
        }
        self.lw.missing_entries(&class, &mut fields);
        let literal = Expr::Struct {
            name: self.lw.class_name(&class),
            fields,
            base: None,
        };
        Ok(Val::new(literal, to.clone(), &self.fact(e.id)))
    }

    /// The entry of a dict with literal keys that is spread.
    fn field_of_record(
        &mut self,
        e: &'a PyExpr,
        record: &'a PyExpr,
        name: &str,
    ) -> Result<Val, Expr> {
        let Ty::Record(own) = self.fact(record.id).ty.narrowed() else {
            return Err(self.hole(e));
        };
        let found = own.entry(name).filter(|ty| !ty.is_shared());
        let Some(ty) = found.cloned() else {
            return Err(self.partly(e, "a copy of a dict whose values are objects"));
        };
        let ty = match own.may_lack(name) {
            true => ty.optional(),
            false => ty,
        };
        if let (ExprKind::Name(table), true) = (&record.kind, self.is_table(record)) {
            return self
                .constant(e, &format!("{table}[{name}]"))
                .map(|val| Val { ty, ..val });
        }
        let (base, rty) = self.place(record, false)?;
        let Some(class) = self.lw.class_of(&rty).filter(|_| base.is_simple()) else {
            return Err(self.partly(e, "`**` of a computed dict"));
        };
        let Some(held) = self.lw.class_field(&class, name) else {
            return Err(self.hole(e));
        };
        let place = base.field(crate::lower::records::field(name));
        let place = match self.lw.is_copy(&held) {
            true => place,
            false => place.method("clone", vec![]),
        };
        Ok(Val::new(place, held, &Fact::of(ty)))
    }

    /// What a dict gives whose entries go into another.
    fn spread_source(
        &mut self,
        e: &'a PyExpr,
        key_ty: &RTy,
        value_ty: &RTy,
        ordered: bool,
    ) -> Result<Source, Expr> {
        let ty = self.fact(e.id).ty.narrowed();
        let Ty::Dict { key, value, .. } = ty.as_dict() else {
            return Err(self.partly(e, "`**` of this"));
        };
        if value.is_shared() {
            return Err(self.partly(e, "a copy of a dict whose values are objects"));
        }
        if let (ExprKind::Name(name), true) = (&e.kind, self.is_table(e)) {
            let (pairs, held_key, held) = self.table_pairs(e, name)?;
            let mut entries = Vec::new();
            for (k, v) in pairs {
                let k = Val::new(k, held_key.clone(), &Fact::of((*key).clone()));
                let k = dict::key_owned(&k, key_ty).map_err(|why| self.partly(e, &why))?;
                let v = Val::new(v, held.clone(), &Fact::of((*value).clone()));
                let v = self.coerce(v, value_ty, e.span, "a value")?;
                entries.push(Expr::Tuple(vec![k, v]));
            }
            return Ok(Source::Entries(entries));
        }
        if let Ty::Record(fields) = &ty {
            if fields.is_partial() {
                return Err(self.partly(e, "`**` of a dict that may lack keys"));
            }
            let (base, rty) = self.place(e, false)?;
            let Some(class) = self.lw.class_of(&rty) else {
                return Err(self.partly(e, "`**` of this"));
            };
            if !base.is_simple() {
                return Err(self.partly(e, "`**` of a computed dict"));
            }
            let mut entries = Vec::new();
            for (name, ty) in fields {
                let Some(held) = self.lw.class_field(&class, name) else {
                    return Err(self.hole(e));
                };
                let place = base.clone().field(crate::lower::records::field(name));
                let v = Val::new(place, held, &Fact::of(ty.clone()));
                let v = self.coerce(v, value_ty, e.span, "a value")?;
                let k = Expr::Atom(format!("{name:?}")).method("to_string", vec![]);
                entries.push(Expr::Tuple(vec![k, v]));
            }
            return Ok(Source::Entries(entries));
        }
        let wanted = RTy::Map {
            key: Box::new(key_ty.clone()),
            value: Box::new(value_ty.clone()),
            ordered,
        };
        let val = self.expr_as(e, &wanted)?;
        let RTy::Map {
            key: k,
            value: v,
            ordered: own,
        } = val.rty.peel().clone()
        else {
            return Err(self.partly(e, "`**` of this"));
        };
        if *k != *key_ty || *v != *value_ty || (ordered && !own) {
            return Err(self.partly(e, "`**` of a dict of other types"));
        }
        let is_place = self.path_of(e).is_some() || val.rty.is_ref();
        Ok(match is_place {
            true if own => Source::Map(val.expr.method("to_vec", vec![]), own),
            true => Source::Map(val.expr.method("clone", vec![]), own),
            false => Source::Map(val.expr, own),
        })
    }

    /// Puts entries into a map.
    fn put_in(&mut self, map: Expr, rty: &RTy, source: Source) -> Vec<StmtKind> {
        let ordered = dict::is_ordered(rty);
        let mut site = self.site();
        let mut out = Vec::new();
        match source {
            Source::Entries(entries) => {
                for entry in entries {
                    if let Expr::Tuple(parts) = entry
                        && let Ok([key, value]) = <[Expr; 2]>::try_from(parts)
                    {
                        let put = dict::insert(map.clone(), rty, key, value, &mut site);
                        out.push(StmtKind::Expr(put));
                    }
                }
            }
            Source::Map(entries, _) if !ordered => {
                out.push(StmtKind::Expr(map.method("extend", vec![entries])));
            }
            Source::Map(entries, _) => {
                let (key, value) = (Expr::atom("key"), Expr::atom("value"));
                let put = dict::insert(map, rty, key, value, &mut site);
                out.push(StmtKind::For {
                    label: None,
                    pattern: "(key, value)".into(),
                    names: vec!["key".into(), "value".into()],
                    iter: entries,
                    body: Block::of(vec![Stmt::new(StmtKind::Expr(put))]),
                });
            }
        }
        self.absorb(site, self.current_span());
        out
    }

    /// `d.update(other)`, where `other` is no display.
    pub(super) fn update_by(
        &mut self,
        base: &'a PyExpr,
        other: &'a PyExpr,
        at: Span,
    ) -> Result<(), Expr> {
        let (_, rty) = self.place_type(base)?;
        let RTy::Map {
            key,
            value,
            ordered,
        } = rty.peel().clone()
        else {
            return Err(self.partly(base, "`update()` of this"));
        };
        let source = self.spread_source(other, &key, &value, ordered)?;
        let source = match source {
            Source::Map(own, order) => Source::Map(self.settled(own, base, "entries", at), order),
            Source::Entries(entries) => Source::Entries(entries),
        };
        let (map, rty) = self.place(base, true)?;
        if !map.is_simple() {
            return Err(self.partly(base, "`update()` of what has no name"));
        }
        for kind in self.put_in(map, &rty, source) {
            self.emit(at, kind);
        }
        self.forget_base(base);
        Ok(())
    }
}

/// The parts, with the entries of displays that are spread among them.
fn flattened<'a>(parts: &[Part<'a>]) -> Vec<Part<'a>> {
    let mut out = Vec::new();
    for (key, value) in parts {
        match (key, &value.kind) {
            (None, ExprKind::Dict(items)) => {
                let inner: Vec<Part<'a>> = items.iter().map(|(k, v)| (k.as_ref(), v)).collect();
                out.extend(flattened(&inner));
            }
            _ => out.push((*key, value)),
        }
    }
    out
}
