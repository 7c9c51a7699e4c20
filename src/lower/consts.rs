//! Module-level constants.
//!
//! Enters: a name of the module that is bound once, to a value that can be computed. Leaves:
//! its Rust type and its name in Rust. This module must not know how the value is written:
//! that is `written`.

mod entries;
mod looked_at;
mod settle;
mod written;

pub(super) use settle::{attributes, settle};

use super::Lowerer;
use super::function::FnLower;
use crate::ast::{Expr as PyExpr, ExprKind, Module, StmtKind as PyKind};
use crate::infer::fold::{Folded, Names, fold};
use crate::ir::{Expr, RTy};
use crate::project::IntTy;
use crate::ranges::IntRange;
use crate::ty::Ty;
use crate::value::{Fact, Val, natural_int};
use std::collections::BTreeMap;

impl<'a> FnLower<'_, 'a> {
    /// Reads a constant of the module, or of an imported one.
    pub(super) fn constant(&mut self, e: &PyExpr, name: &str) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        if let Some(full) = self.lw.input.model.imported.get(name)
            && let Some(path) = crate::catalog::constant_path(full)
        {
            return Ok(Val::f64(Expr::atom(path), fact.range.float()));
        }
        let table = name.split('[').next().unwrap_or(name);
        if !self.lw.input.model.consts.contains_key(table) {
            return Err(self.hole(e));
        }
        let Some(rty) = self.lw.const_type(name) else {
            return Err(self.formless(e, table, &format!("the constant `{name}`")));
        };
        if self.lw.entry_clashes(name) {
            return Err(self.partly(
                e,
                &format!("the entry `{name}`, whose name is another's too,"),
            ));
        }
        self.lw.consts_used.insert(name.to_string());
        self.lw.use_types(&rty);
        self.lw.use_class(&rty, 0);
        let rust = self.lw.const_ident(name);
        Ok(match &rty {
            RTy::Int(int) => Val {
                rty: rty.clone(),
                ..Val::int(
                    Expr::ConstInt {
                        name: rust,
                        want: rty.clone(),
                    },
                    *int,
                    fact.range.int(),
                )
            },
            _ => Val::new(Expr::atom(rust), rty, &fact),
        })
    }
}

impl FnLower<'_, '_> {
    /// A hole where a constant of the module would stand that Rust cannot have as one.
    pub(super) fn formless(&mut self, e: &PyExpr, name: &str, what: &str) -> Expr {
        self.lw.formless.insert(name.to_string());
        self.partly(e, what)
    }
}

impl Lowerer<'_> {
    /// The name of a constant of the module in Rust.
    fn const_ident(&self, name: &str) -> String {
        let mut rust = distinct(name, self.assigned.keys().copied());
        // A function of that name is spelled as Rust does only when all of it is there.
        while rust != name
            && (self.functions.contains_key(&rust) || self.assigned.contains_key(rust.as_str()))
        {
            rust.push('_');
        }
        rust
    }
}

impl Lowerer<'_> {
    /// The number that the constant of that name in Rust is.
    pub(super) fn number_constant(&self, ident: &str) -> Option<f64> {
        let mut consts = self.input.model.consts.keys();
        let name = consts.find(|name| self.const_ident(name) == ident)?;
        match self.value(self.const_value(name)?)? {
            Folded::Int(int) => Some(int as f64),
            Folded::Float(float) => Some(float),
            _ => None,
        }
    }

    /// Whether a constant of the module has that name in Rust.
    pub(super) fn is_const_ident(&self, name: &str) -> bool {
        let consts = &self.input.model.consts;
        consts.contains_key(name) && self.const_ident(name) == name
    }
}

/// The name of a constant among `all` of its kind: `limit` beside a `LIMIT` is `LIMIT_`.
pub(super) fn distinct<'n>(name: &str, all: impl Iterator<Item = &'n str>) -> String {
    let rust = rust_const(name);
    if name == rust {
        return rust;
    }
    let first = |other: &&str| (*other == rust || *other < name) && rust_const(other) == rust;
    let before = all.filter(first).filter(|other| *other != name).count();
    format!("{rust}{}", "_".repeat(before))
}

/// How Rust writes the name of a constant.
fn rust_const(name: &str) -> String {
    let letters: String = name
        .trim_end_matches(']')
        .replace("][", "_")
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { '_' })
        .collect();
    match letters.chars().any(char::is_lowercase) {
        true => crate::ir::spelling::snake_case(&letters).to_uppercase(),
        false => letters,
    }
}

impl<'a> Lowerer<'a> {
    /// The expression that a constant is assigned; `TABLE[key]` is an entry of a dict.
    pub(super) fn const_value(&self, name: &str) -> Option<&'a PyExpr> {
        if let Some((table, key)) = name.strip_suffix(']').and_then(|n| n.rsplit_once('[')) {
            let ExprKind::Dict(items) = &self.const_value(table)?.kind else {
                return None;
            };
            // Of a key that is given twice the last one counts.
            return items
                .iter()
                .rev()
                .find_map(|(k, v)| match k.as_ref().map(|k| &k.kind) {
                    Some(ExprKind::Str(text)) if text == key => Some(v),
                    _ => None,
                });
        }
        self.assigned.get(name).copied()
    }

    /// The Rust type of a constant; none where it has no constant value.
    fn const_type(&self, name: &str) -> Option<RTy> {
        let value = self.const_value(name)?;
        match self.input.model.consts.get(name) {
            Some(constant) => self.type_of_constant(value, &constant.fact),
            None => self.type_of_constant(value, &self.input.model.module.fact(value.id)),
        }
    }

    /// The Rust type and value of a constant expression.
    pub(super) fn constant_of(&self, value: &PyExpr, fact: &Fact) -> Option<(RTy, Expr)> {
        let ty = self.type_of_constant(value, fact)?;
        let (expr, _) = self.const_expr(value, &ty)?;
        Some((ty, expr))
    }

    fn type_of_constant(&self, value: &PyExpr, fact: &Fact) -> Option<RTy> {
        let ty = self.plain_type(value, fact)?;
        if holds_none_alone(&ty) {
            return None;
        }
        match fact.ty.any(&|ty| *ty == Ty::IntOrFloat) {
            true => telling(ty, &fact.ty),
            false => Some(ty),
        }
    }

    /// The type of an item: None is one of whatever the others are.
    fn item_type(&self, item: &PyExpr) -> Option<RTy> {
        match &item.kind {
            ExprKind::None => Some(RTy::Option(Box::new(RTy::Never))),
            _ => self.plain_type(item, &self.input.model.module.fact(item.id)),
        }
    }

    fn plain_type(&self, value: &PyExpr, fact: &Fact) -> Option<RTy> {
        match &fact.ty {
            Ty::IntOrFloat => self.value(value).map(|_| RTy::Number),
            Ty::Int => {
                self.value(value)?;
                Some(RTy::Int(natural_int(fact.range.int())))
            }
            Ty::Float => self.value(value).map(|_| RTy::F64),
            Ty::Bool => self.value(value).map(|_| RTy::Bool),
            Ty::Str => self.const_text(value).map(|_| RTy::Str),
            octets if octets.is_octets() => match &value.kind {
                ExprKind::Bytes(bytes) => Some(super::octets::literal_type(bytes)),
                _ => None,
            },
            Ty::List { .. } => {
                let items = match &value.kind {
                    ExprKind::List(items) | ExprKind::Tuple(items) => items,
                    _ => return type_of_value(&self.value(value)?),
                };
                if let Ty::List { elem, .. } = &fact.ty
                    && let Ty::Record(_) = **elem
                {
                    let elem = self.record_type(elem)?;
                    let constant = items.iter().all(|i| self.const_expr(i, &elem).is_some());
                    return constant.then(|| RTy::Array(Box::new(elem), items.len()));
                }
                let tys: Option<Vec<RTy>> = items
                    .iter()
                    .map(
                        |i| match fact.ty.any(&|ty| matches!(ty, Ty::Option(_) | Ty::None)) {
                            true => self.item_type(i),
                            false => self.type_of_constant(i, &self.input.model.module.fact(i.id)),
                        },
                    )
                    .collect();
                let elem = one_type(tys?)?;
                Some(RTy::Array(Box::new(elem), items.len()))
            }
            Ty::Tuple(_) => {
                let ExprKind::Tuple(items) = &value.kind else {
                    return type_of_value(&self.value(value)?);
                };
                let tys: Option<Vec<RTy>> = items
                    .iter()
                    .map(
                        |i| match fact.ty.any(&|ty| matches!(ty, Ty::Option(_) | Ty::None)) {
                            true => self.item_type(i),
                            false => self.type_of_constant(i, &self.input.model.module.fact(i.id)),
                        },
                    )
                    .collect();
                let tys = tys?;
                let alike = tys.iter().all(|t| matches!(t, RTy::Int(_) | RTy::Float(_)))
                    || tys.iter().all(|t| *t == RTy::Str);
                // The rows of a table.
                let rows = tys
                    .windows(2)
                    .all(|pair| matches!(pair, [a @ RTy::Tuple(_), b] if alike_rows(a, b)));
                let bytes = tys.iter().all(is_bytes);
                let alike = alike && items.len() > 2 || (rows || bytes) && items.len() > 1;
                match one_type(tys.clone()).filter(|_| alike) {
                    Some(elem) => Some(RTy::Array(Box::new(elem), items.len())),
                    None => Some(RTy::Tuple(tys)),
                }
            }
            Ty::Member(class) => {
                matches!(value.kind, ExprKind::Attribute { .. }).then(|| self.class_type(class))
            }
            Ty::Instance(class) => {
                let ty = self.class_type(class);
                self.const_expr(value, &ty).is_some().then_some(ty)
            }
            Ty::Record(_) => {
                let ty = self.record_type(&fact.ty)?;
                self.const_expr(value, &ty).is_some().then_some(ty)
            }
            _ => None,
        }
    }

    /// The value of a constant expression, computed as Python does.
    fn value(&self, e: &PyExpr) -> Option<Folded> {
        fold(e, self)
    }
}

/// Whether two rows of a table have the same kinds of values: no ints where the other has
/// floats.
fn alike_rows(a: &RTy, b: &RTy) -> bool {
    match (a, b) {
        (RTy::Tuple(a), RTy::Tuple(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike_rows(a, b))
        }
        (RTy::Int(_), RTy::Int(_)) => true,
        (a, b) => a == b,
    }
}

/// The type of a constant with numbers that tell whether they are ints.
fn telling(rty: RTy, ty: &Ty) -> Option<RTy> {
    Some(match (rty, ty) {
        (RTy::Int(_) | RTy::Float(_), Ty::IntOrFloat) => RTy::Number,
        (RTy::Array(elem, len), Ty::List { elem: ty, .. }) => {
            RTy::Array(Box::new(telling(*elem, ty)?), len)
        }
        (RTy::Array(elem, len), Ty::Tuple(items)) => {
            let first = telling((*elem).clone(), items.first()?)?;
            let alike = items.iter().all(|ty| Some(ty) == items.first());
            return alike.then(|| RTy::Array(Box::new(first), len));
        }
        (RTy::Tuple(tys), Ty::Tuple(items)) => {
            let tys = tys.into_iter().zip(items);
            RTy::Tuple(
                tys.map(|(rty, ty)| telling(rty, ty))
                    .collect::<Option<_>>()?,
            )
        }
        (rty, _) => rty,
    })
}

/// Whether nothing says what a None of it would be, were it something.
fn holds_none_alone(ty: &RTy) -> bool {
    match ty {
        RTy::Option(inner) => **inner == RTy::Never || holds_none_alone(inner),
        RTy::Array(elem, _) => holds_none_alone(elem),
        RTy::Tuple(items) => items.iter().any(holds_none_alone),
        _ => false,
    }
}

/// Whether it is a `&[u8]`, or a `&[u8; 2]`.
fn is_bytes(ty: &RTy) -> bool {
    match ty {
        RTy::Ref(held) => match &**held {
            RTy::Array(elem, _) | RTy::Slice(elem) => **elem == RTy::Int(IntTy::U8),
            _ => false,
        },
        _ => false,
    }
}

/// The type that all of them are; ints among floats become floats.
fn one_type(tys: Vec<RTy>) -> Option<RTy> {
    let mut tys = tys.into_iter();
    let first = tys.next()?;
    tys.try_fold(first, |a, b| match (&a, &b) {
        _ if a == b => Some(a),
        (RTy::Int(_), RTy::Float(_)) | (RTy::Float(_), RTy::Int(_)) => Some(RTy::F64),
        (RTy::Int(_), RTy::Int(_)) => Some(RTy::I64),
        // Bytes of several lengths.
        _ if is_bytes(&a) && is_bytes(&b) => {
            let byte = RTy::Int(IntTy::U8);
            Some(RTy::Ref(Box::new(RTy::Slice(Box::new(byte)))))
        }
        (RTy::Option(x), RTy::Option(y)) => match (&**x, &**y) {
            (RTy::Never, _) => Some(b),
            (_, RTy::Never) => Some(a),
            (x, y) => one_type(vec![x.clone(), y.clone()]).map(|ty| RTy::Option(Box::new(ty))),
        },
        (RTy::Option(x), y) | (y, RTy::Option(x)) => {
            let ty = match **x {
                RTy::Never => Some(y.clone()),
                _ => one_type(vec![(**x).clone(), y.clone()]),
            };
            ty.map(|ty| RTy::Option(Box::new(ty)))
        }
        (RTy::Tuple(x), RTy::Tuple(y)) if x.len() == y.len() => {
            let items: Option<Vec<RTy>> = x
                .iter()
                .zip(y)
                .map(|(x, y)| one_type(vec![x.clone(), y.clone()]))
                .collect();
            items.map(RTy::Tuple)
        }
        _ => None,
    })
}

/// What the names of the module are assigned first.
pub(super) fn assigned(module: &Module) -> BTreeMap<&str, &PyExpr> {
    let mut all = BTreeMap::new();
    for stmt in &module.body.stmts {
        match &stmt.kind {
            PyKind::Assign { targets, value } => {
                targets.iter().for_each(|t| assign(t, value, &mut all));
            }
            PyKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } => assign(target, value, &mut all),
            _ => {}
        }
    }
    all
}

fn assign<'a>(target: &'a PyExpr, value: &'a PyExpr, all: &mut BTreeMap<&'a str, &'a PyExpr>) {
    match (&target.kind, &value.kind) {
        (ExprKind::Name(name), _) => {
            all.entry(name).or_insert(value);
        }
        (ExprKind::Tuple(targets), ExprKind::Tuple(values)) if targets.len() == values.len() => {
            let pairs = targets.iter().zip(values);
            pairs.for_each(|(target, value)| assign(target, value, all));
        }
        _ => {}
    }
}

impl Names for Lowerer<'_> {
    fn value(&self, name: &str) -> Option<Folded> {
        self.input.model.consts.get(name)?.value.clone()
    }

    fn full_name(&self, callee: &PyExpr) -> Option<String> {
        let model = &self.input.model;
        model.full_name(callee, |name| {
            self.functions.contains_key(name) || model.classes.contains_key(name)
        })
    }
}

/// The Rust type of a constant's value.
fn type_of_value(value: &Folded) -> Option<RTy> {
    Some(match value {
        Folded::Bool(_) => RTy::Bool,
        Folded::Int(value) => RTy::Int(natural_int(IntRange::exactly(*value))),
        Folded::Float(_) => RTy::F64,
        Folded::Str(_) => RTy::Str,
        Folded::Tuple(items) => {
            let tys: Option<Vec<RTy>> = items.iter().map(type_of_value).collect();
            let tys = tys?;
            let numbers = tys.iter().all(|t| matches!(t, RTy::Int(_) | RTy::Float(_)));
            match one_type(tys.clone()).filter(|_| numbers && items.len() > 2) {
                Some(elem) => RTy::Array(Box::new(elem), items.len()),
                None => RTy::Tuple(tys),
            }
        }
        Folded::List(items) => {
            let tys: Option<Vec<RTy>> = items.iter().map(type_of_value).collect();
            RTy::Array(Box::new(one_type(tys?)?), items.len())
        }
    })
}
