//! Lists that go to a Rust tuple, or to a `CuArrayVec`.
//!
//! Enters: a list or tuple of Python, and the type of its place. Leaves: the tuple, field by
//! field as PyTask converts it, or the vector, with an error where it holds too few. This
//! module must not know the place.

use crate::ast::Expr as PyExpr;
use crate::diagnostic::Code;
use crate::infer::Problem;
use crate::ir::{Block, Expr, RTy, StmtKind};
use crate::lower::function::FnLower;
use crate::lower::types::rty_of;
use crate::project::{RustTy, is_tuple_key};
use crate::source::Span;
use crate::ty::Ty;
use crate::value::{Fact, Val};

impl<'a> FnLower<'_, 'a> {
    /// `[a, b]` as the tuple that it becomes.
    pub(super) fn row_literal(
        &mut self,
        e: &'a PyExpr,
        items: &'a [PyExpr],
        key: &str,
    ) -> Result<Val, Expr> {
        let types: Vec<RustTy> = self.row_types(key);
        if types.len() != items.len() {
            return Err(self.row_misfit(e.span, items.len(), types.len()));
        }
        let mut values: Vec<Expr> = Vec::new();
        for (item, ty) in items.iter().zip(&types) {
            let rty = rty_of(ty);
            let before = self.out.len();
            let val = self.expr_as(item, &rty)?;
            self.in_order(item, before, &values)?;
            let val = self.int_for_float(val, &rty, "an element");
            let outer = std::mem::replace(&mut self.copied_by_pytask, true);
            let value = self.coerce(val, &rty, item.span, "an element");
            self.copied_by_pytask = outer;
            values.push(value?);
        }
        let row = self.row(key, values);
        Ok(Val::new(row, RTy::Named(key.to_string()), &self.fact(e.id)))
    }

    fn row_types(&self, key: &str) -> Vec<RustTy> {
        let fields = self.lw.fields(key).iter();
        fields.map(|field| field.ty.clone()).collect()
    }

    fn row_misfit(&mut self, at: Span, given: usize, wanted: usize) -> Expr {
        let message = format!("{given} values for {wanted}: PyTask fails the cycle");
        let problem = Problem::new(Code::TypeMismatch, message);
        Expr::Hole(self.lw.hole_text(at, &problem))
    }

    /// The tuple, or the tuple struct, of these values.
    fn row(&mut self, key: &str, values: Vec<Expr>) -> Expr {
        match is_tuple_key(key) {
            true => Expr::Tuple(values),
            false => Expr::call(self.written_name(key), values),
        }
    }

    /// A tuple of Python as a Rust tuple of other types.
    pub(super) fn as_row(
        &mut self,
        val: Val,
        key: &str,
        at: Span,
        name: &str,
    ) -> Result<Expr, Expr> {
        let to = RTy::Named(key.to_string());
        if matches!(&val.rty, RTy::Ref(held) | RTy::RefMut(held) if **held == to) {
            return self.as_named(val, key, at, name);
        }
        let types = self.row_types(key);
        // A tuple of the wide state, field by field.
        if let (RTy::Named(own), Ty::Struct(_)) = (val.rty.peel(), &val.ty)
            && self.lw.input.types.is_row(own)
            && val.expr.is_place()
        {
            let from = self.row_types(own);
            if from.len() != types.len() {
                return Err(self.row_misfit(at, from.len(), types.len()));
            }
            let mut values = Vec::new();
            for ((i, from), ty) in from.iter().enumerate().zip(&types) {
                let fact = Fact::of(Ty::of_rust(from, self.lw.input.types));
                let part = val.expr.clone().field(i.to_string());
                let part = Val::new(part, rty_of(from), &fact);
                values.push(self.coerce(part, &rty_of(ty), at, name)?);
            }
            return Ok(self.row(key, values));
        }
        let (held, facts): (Vec<RTy>, Vec<Ty>) = match (&val.rty, &val.ty) {
            (RTy::Tuple(held), Ty::Tuple(facts)) => (held.clone(), facts.clone()),
            (RTy::Array(elem, len), Ty::List { elem: fact, .. }) => {
                (vec![(**elem).clone(); *len], vec![(**fact).clone(); *len])
            }
            _ => return Err(self.misfit(&val, &to, at, name)),
        };
        if held.len() != types.len() {
            return Err(self.row_misfit(at, held.len(), types.len()));
        }
        let names: Vec<String> = (0..types.len()).map(|i| format!("item_{i}")).collect();
        let parts: Vec<Expr> = match &val.expr {
            Expr::Tuple(items) | Expr::Array(items) => items.clone(),
            _ => names.iter().map(Expr::atom).collect(),
        };
        let mut values = Vec::new();
        for (((part, rty), fact), ty) in parts.into_iter().zip(held).zip(facts).zip(&types) {
            let part = Val::new(part, rty, &Fact::of(fact));
            let to = rty_of(ty);
            let part = self.int_for_float(part, &to, name);
            values.push(self.coerce(part, &to, at, name)?);
        }
        let row = self.row(key, values);
        if matches!(val.expr, Expr::Tuple(_) | Expr::Array(_)) {
            return Ok(row);
        }
        let pattern = match val.rty {
            RTy::Tuple(_) => format!("({})", names.join(", ")),
            _ => format!("[{}]", names.join(", ")),
        };
        Ok(Expr::Block(Block {
            stmts: vec![crate::ir::Stmt::new(StmtKind::LetPattern {
                pattern,
                names,
                init: val.expr,
                otherwise: None,
            })],
            value: Some(Box::new(row)),
        }))
    }

    /// A `CuArrayVec` that is taken over as it is.
    pub(super) fn same_array_vec(&mut self, e: &'a PyExpr, to: &RTy) -> Option<Val> {
        let path = self.path_of(e)?;
        let input = self.is_input_path(&path);
        if !input || self.path_type(&path).as_ref() != Some(to) {
            return None;
        }
        let (place, _) = self.path_place(&path, false)?;
        let Expr::Method(held, _, _) = place else {
            return None;
        };
        let Expr::Field(whole, _) = *held else {
            return None;
        };
        let copy = whole.method("clone", vec![]);
        Some(Val::new(copy, to.clone(), &self.fact(e.id)))
    }

    /// `[a, b]` as a `CuArrayVec`.
    pub(super) fn array_vec_literal(
        &mut self,
        e: &'a PyExpr,
        items: &'a [PyExpr],
        elem: &RTy,
        len: usize,
    ) -> Result<Val, Expr> {
        let to = RTy::ArrayVec(Box::new(elem.clone()), len);
        if items.len() > len {
            return Err(self.row_misfit(e.span, items.len(), len));
        }
        let items = self.items_as(items, elem)?;
        let made = match items.is_empty() {
            true => Expr::call("CuArrayVec::default", vec![]),
            false => {
                let items = Expr::Array(items).method("into_iter", vec![]);
                Expr::call("CuArrayVec", vec![items.method("collect", vec![])])
            }
        };
        Ok(Val::new(made, to, &self.fact(e.id)))
    }

    /// A list as a `CuArrayVec`, which PyTask refuses where it is too long.
    pub(super) fn as_array_vec(
        &mut self,
        val: Val,
        elem: &RTy,
        len: usize,
        at: Span,
        name: &str,
    ) -> Result<Expr, Expr> {
        let to = RTy::ArrayVec(Box::new(elem.clone()), len);
        if matches!(&val.rty, RTy::Ref(held) if **held == to) {
            return Ok(val.expr.method("clone", vec![]));
        }
        if let RTy::Array(_, count) = &val.rty
            && *count <= len
        {
            let array = RTy::Array(Box::new(elem.clone()), *count);
            let items = self.coerce(val, &array, at, name)?;
            let items = items.method("into_iter", vec![]).method("collect", vec![]);
            return Ok(Expr::call("CuArrayVec", vec![items]));
        }
        let lent = match &val.rty {
            RTy::Ref(held) => matches!(&**held, RTy::Slice(own) if **own == *elem),
            _ => false,
        };
        let slice = match lent {
            true => val.expr,
            false => {
                let list = RTy::Vec(Box::new(elem.clone()));
                let same = val.rty == list;
                let list = match same {
                    true => val.expr,
                    false => self.coerce(val, &list, at, name)?,
                };
                let list = match list {
                    Expr::Method(iter, name, args) if name == "collect" => {
                        iter.method("collect::<Vec<_>>", args)
                    }
                    other => other,
                };
                list.method("as_slice", vec![])
            }
        };
        let at = self.lw.input.source.at(at);
        let error = Expr::Atom(format!(
            "{:?}",
            format!("{at}: `{name}` holds {len} values at most")
        ));
        let error = Expr::Closure("_".into(), Box::new(error));
        let items = slice
            .method("try_into", vec![])
            .method("map_err", vec![error])
            .try_();
        Ok(Expr::call("CuArrayVec", vec![items]))
    }
}
