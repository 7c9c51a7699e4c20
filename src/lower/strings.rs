//! What Python's operators do with texts: indices, slices, `in`, `*`, `+=`, loops.
//!
//! Enters: the Python and its lowered operands. Leaves: Rust that counts in characters, as
//! Python does. This module must not know the methods of texts: they are in the catalog.

use super::function::FnLower;
use super::iterate::{Form, Items, Shape};
use crate::ast::{self, Expr as PyExpr, ExprKind};
use crate::catalog::Helper;
use crate::ir::{Expr, RTy, StmtKind};
use crate::project::IntTy;
use crate::source::Span;
use crate::ty::Ty;
use crate::value::{Fact, Val};

impl<'a> FnLower<'_, 'a> {
    /// A value that is a str in Python, as a text.
    pub(super) fn as_text(&mut self, e: &PyExpr, val: Val) -> Result<Val, Expr> {
        let val = self.present(val);
        match val.ty {
            Ty::Enum(_) => {
                let text = self.enum_text(val).map_err(|what| self.partly(e, &what))?;
                Ok(Val::new(text, RTy::Str, &Fact::of(Ty::Str)))
            }
            _ => Ok(val),
        }
    }

    /// A text that Python reads before `later`, which may change it.
    fn read_before(&mut self, e: &PyExpr, val: Val, later: &Expr) -> Result<Val, Expr> {
        let literal = matches!(&val.expr, Expr::Atom(text) if text.starts_with('"'));
        if literal || !self.calls_own(later) {
            return Ok(val);
        }
        if self.conditional > 0 {
            return Err(self.partly(e, "a text beside a call in this place"));
        }
        self.kept(val, "text", e.span)
    }

    /// The texts of a method's call, each read before the calls that come after it.
    pub(super) fn texts_in_order(
        &mut self,
        e: &PyExpr,
        vals: Vec<Val>,
        later: &[(String, Val)],
    ) -> Result<Vec<Val>, Expr> {
        let mut out: Vec<Val> = Vec::new();
        let rest: Vec<Expr> = later.iter().map(|(_, v)| v.expr.clone()).collect();
        for (i, val) in vals.iter().enumerate() {
            let after: Vec<Expr> = vals.iter().skip(i + 1).map(|v| v.expr.clone()).collect();
            let after = Expr::Tuple([after, rest.clone()].concat());
            let val = val.clone();
            out.push(match val.ty.narrowed() {
                Ty::Str => self.read_before(e, val, &after)?,
                _ => val,
            });
        }
        Ok(out)
    }

    /// `text[i]`
    pub(super) fn text_item(
        &mut self,
        e: &'a PyExpr,
        value: &'a PyExpr,
        index: &'a PyExpr,
    ) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        let base = self.expr(value)?;
        let base = self.as_text(value, base)?;
        let at = self.expr(index)?;
        let at = self.decayed(at);
        let base = self.read_before(value, base, &at.expr)?;
        let chars = |base: Val| match base.rty {
            RTy::Char => base.lent_str().method("chars", vec![]),
            _ => base.expr.method("chars", vec![]),
        };
        let error = self.error("IndexError: string index out of range");
        let range = at.range.int();
        let found = match range.constant() {
            Some(0) => chars(base).method("next", vec![]),
            Some(-1) => chars(base).method("next_back", vec![]),
            _ if range.lo.is_some_and(|lo| lo >= 0) => {
                let Some(i) = at.to_int(IntTy::Usize) else {
                    return Err(self.hole(e));
                };
                chars(base).method("nth", vec![i])
            }
            _ => {
                let i = at.to_int_checked(IntTy::I64, &error);
                Expr::call(self.helper(Helper::StrItem), vec![base.lent_str(), i])
            }
        };
        Ok(Val::new(found.ok_or(&error), RTy::Char, &fact))
    }

    /// `text[low:high:step]`
    pub(super) fn text_slice(
        &mut self,
        e: &'a PyExpr,
        value: &'a PyExpr,
        index: &'a PyExpr,
    ) -> Result<Val, Expr> {
        let ExprKind::Slice { lower, upper, step } = &index.kind else {
            return Err(self.hole(e));
        };
        let fact = self.fact(e.id);
        let base = self.expr(value)?;
        let base = self.as_text(value, base)?;
        let low = self.text_bound(e, lower)?;
        let high = self.text_bound(e, upper)?;
        let ends = Expr::Tuple(vec![low.clone(), high.clone()]);
        let base = self.read_before(value, base, &ends)?;
        let step = match step {
            None => None,
            Some(step) => {
                let step = self.expr(step)?;
                (step.range.int().constant() != Some(1)).then_some(step)
            }
        };
        let open = low == Expr::atom("None") && high == Expr::atom("None");
        match step {
            None if open => Ok(base),
            None => {
                let lends = base.rty.is_ref() || base.expr.is_place();
                let part = Expr::call(
                    self.helper(Helper::StrSlice),
                    vec![base.lent_str(), low, high],
                );
                Ok(match lends {
                    true => Val::new(part, RTy::Str, &fact),
                    false => Val::new(part.method("to_string", vec![]), RTy::String, &fact),
                })
            }
            Some(step) if open && step.range.int().constant() == Some(-1) => {
                let text = match base.rty {
                    RTy::Char => base.lent_str(),
                    _ => base.expr,
                };
                let reversed = text
                    .method("chars", vec![])
                    .method("rev", vec![])
                    .method("collect::<String>", vec![]);
                Ok(Val::new(reversed, RTy::String, &fact))
            }
            Some(step) => {
                let error = self.error("ValueError: slice step cannot be zero");
                let step = step.to_int_checked(IntTy::I64, &error);
                let args = vec![base.lent_str(), low, high, step];
                let part = Expr::call(self.helper(Helper::StrStep), args).ok_or(&error);
                Ok(Val::new(part, RTy::String, &fact))
            }
        }
    }

    /// `Some(i)`, or `None` where a bound is left out.
    fn text_bound(&mut self, e: &'a PyExpr, bound: &'a Option<Box<PyExpr>>) -> Result<Expr, Expr> {
        let Some(bound) = bound else {
            return Ok(Expr::atom("None"));
        };
        let val = self.expr(bound)?;
        let val = self.decayed(val);
        if val.ty == Ty::None {
            return Ok(Expr::atom("None"));
        }
        if val.rty == RTy::Option(Box::new(RTy::I64)) {
            return Ok(val.expr);
        }
        if val.ty != Ty::Int {
            return Err(self.partly(e, "a slice with this bound"));
        }
        match val.to_int(IntTy::I64) {
            Some(i) => Ok(Expr::call("Some", vec![i])),
            None => Err(self.partly(e, "a slice with a bound beyond 64 bits")),
        }
    }

    /// `text.split(…)[i]`: one of the parts, which are not collected.
    pub(super) fn text_part(&self, list: &Val, at: &Val, fact: &Fact) -> Option<Val> {
        let parts = pieces(&list.expr)?;
        let error = self.error("IndexError: list index out of range");
        let constant = at.range.int().constant();
        let found = match (from_the_right(parts), constant) {
            (Some(parts), Some(-1)) => Some(unlimited(parts).method("next", vec![])),
            (Some(parts), Some(0)) => Some(parts.clone().method("last", vec![])),
            _ => None,
        };
        // A text split by a separator has one part at least.
        let some = |found: Expr| {
            let found = found.method("unwrap_or_default", vec![]);
            Some(Val::new(found, RTy::Str, fact))
        };
        if let Some(found) = found {
            return some(found);
        }
        let by_separator = matches!(parts, Expr::Method(_, split, _) if split.starts_with("split"));
        let parts = parts.clone();
        let found = match constant {
            Some(0) => unlimited(&parts).method("next", vec![]),
            Some(n) if n > 0 => parts.method("nth", vec![crate::value::int_val(n).expr]),
            Some(-1) if from_both_ends(&parts) => parts.method("next_back", vec![]),
            Some(-1) => parts.method("last", vec![]),
            _ => return None,
        };
        if by_separator && matches!(constant, Some(0 | -1)) {
            return some(found);
        }
        Some(Val::new(found.ok_or(&error), RTy::Str, fact))
    }

    /// `part in text`
    pub(super) fn text_contains(
        &mut self,
        e: &'a PyExpr,
        part: Val,
        text: &'a PyExpr,
    ) -> Result<Expr, Expr> {
        let part = self.as_text(e, part)?;
        let held = self.expr(text)?;
        let held = self.as_text(text, held)?;
        let part = match self.calls_own(&part.expr) {
            true => self.read_before(e, part.clone(), &part.expr)?,
            false => self.read_before(e, part, &held.expr)?,
        };
        let pattern = match (crate::catalog::char_literal(&part.expr), &part.rty) {
            (Some(c), _) => Expr::Atom(c),
            (None, RTy::Char) => part.expr,
            (None, _) => part.lent_str(),
        };
        let text = match held.rty {
            RTy::Char => held.lent_str(),
            _ => held.expr,
        };
        Ok(text.method("contains", vec![pattern]))
    }

    /// `text * count`
    pub(super) fn repeated(&mut self, e: &PyExpr, a: Val, b: Val) -> Result<Val, Expr> {
        let (text, count) = match b.ty {
            Ty::Int => (a, b),
            _ => (b, a),
        };
        let text = self.as_text(e, text)?;
        let text = self.read_before(e, text, &count.expr)?;
        let fact = Fact::of(Ty::Str);
        let range = count.range.int();
        let times = match range.constant() {
            Some(n) => crate::value::int_val(n.max(0)).expr,
            None => match count.to_int(IntTy::Usize) {
                Some(times) => times,
                None => Expr::call("usize::try_from", vec![count.expr])
                    .method("unwrap_or", vec![Expr::atom("0")]),
            },
        };
        let text = match text.rty {
            RTy::Char => text.lent_str(),
            _ => text.expr,
        };
        Ok(Val::new(
            text.method("repeat", vec![times]),
            RTy::String,
            &fact,
        ))
    }

    /// `text += more`, in place; false where it is stored as another value is.
    pub(super) fn text_append(&mut self, target: &'a PyExpr, more: &Val, at: Span) -> bool {
        let Some(path) = self.path_of(target) else {
            return false;
        };
        let Some((place, RTy::String)) = self.path_place(&path, true) else {
            return false;
        };
        if more.ty != Ty::Str || !place.is_place() || mentions(&more.expr, &place) {
            return false;
        }
        self.forget_path(&path);
        self.emit(at, StmtKind::Expr(pushed(place, more)));
        true
    }

    /// `separator.join(items)`
    pub(super) fn text_join(
        &mut self,
        e: &'a PyExpr,
        separator: &'a PyExpr,
        items: &'a PyExpr,
    ) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        let sep = self.expr(separator)?;
        let none = sep.expr == Expr::atom("\"\"");
        let sep = sep.lent_str();
        let found = self.items_of(items, None)?;
        let Shape::One { rty, .. } = found.shape else {
            return Err(self.partly(items, "`join()` of pairs"));
        };
        let text = |e: Expr| Val::new(e, RTy::String, &fact);
        let iter = match found.form {
            Form::Place(list, _) | Form::Array(list) | Form::Mut(list) => {
                let method = if none { "concat" } else { "join" };
                let args = if none { vec![] } else { vec![sep] };
                return Ok(text(list.method(method, args)));
            }
            Form::Iter(iter) => iter,
        };
        if none && matches!(rty.peel(), RTy::Char | RTy::Str | RTy::String) {
            let iter = match &rty {
                RTy::Ref(held) if **held == RTy::String => {
                    iter.method("map", vec![Expr::atom("String::as_str")])
                }
                _ => iter,
            };
            return Ok(text(iter.method("collect::<String>", vec![])));
        }
        let iter = match rty.peel() {
            RTy::Char => iter.method("map", vec![Expr::atom("String::from")]),
            RTy::String if rty.is_ref() => iter.method("map", vec![Expr::atom("String::as_str")]),
            _ => iter,
        };
        let texts = iter.method("collect::<Vec<_>>", vec![]);
        Ok(text(texts.method("join", vec![sep])))
    }

    /// A loop over the characters of a text.
    pub(super) fn characters(
        &mut self,
        iter: &'a PyExpr,
        body: Option<&'a ast::Block>,
    ) -> Result<Items, Expr> {
        let text = self.expr(iter)?;
        let text = self.as_text(iter, text)?;
        let mut changed = Vec::new();
        if let Some(body) = body {
            super::narrow::changed_paths(self, body, &mut changed);
        }
        if let Some(path) = self.path_of(iter)
            && changed
                .iter()
                .any(|c| c.starts_with(&path) || path.starts_with(c))
        {
            return Err(self.partly(iter, "a loop over a text that its body changes"));
        }
        let text = match text.rty {
            RTy::Char => text.lent_str(),
            _ => text.expr,
        };
        let chars = text.method("chars", vec![]);
        Ok(Items::each(chars, RTy::Char, Fact::of(Ty::Str)))
    }
}

/// Whether an iterator over parts can be taken from its end.
fn from_both_ends(parts: &Expr) -> bool {
    match parts {
        Expr::Method(_, name, args) if name == "split" => {
            !matches!(args.as_slice(), [Expr::Atom(text)] if text.starts_with('"'))
        }
        Expr::Method(_, name, _) if name == "rev" => true,
        Expr::Method(inner, name, _) if name == "filter" => from_both_ends(inner),
        _ => false,
    }
}

/// The parts of which the first is asked for: how many more there are makes no difference.
fn unlimited(parts: &Expr) -> Expr {
    match parts {
        Expr::Method(text, split, args) if split == "splitn" || split == "rsplitn" => {
            let (most, separator) = match args.as_slice() {
                [Expr::Atom(most), separator] => (most, separator.clone()),
                _ => return parts.clone(),
            };
            let plain = split.trim_end_matches('n');
            match most.as_str() {
                "0" | "1" => parts.clone(),
                _ => text.as_ref().clone().method(plain, vec![separator]),
            }
        }
        other => other.clone(),
    }
}

/// The parts from the right, where they are collected to be turned around.
fn from_the_right(parts: &Expr) -> Option<&Expr> {
    let mut inner = parts;
    for step in ["rev", "into_iter", "collect::<Vec<_>>"] {
        match inner {
            Expr::Method(list, name, _) if name == step => inner = list,
            _ => return None,
        }
    }
    Some(inner)
}

/// Whether an expression reads a place.
fn mentions(e: &Expr, place: &Expr) -> bool {
    if e == place {
        return true;
    }
    let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
    e.for_each_child(&mut |c| exprs.push(c), &mut |b| blocks.push(b));
    exprs.into_iter().any(|c| mentions(c, place))
        || blocks
            .into_iter()
            .any(|b| !b.stmts.is_empty() || b.value.as_ref().is_some_and(|v| mentions(v, place)))
}

/// The iterator of a list that was to be collected from parts of a text.
pub(super) fn pieces(e: &Expr) -> Option<&Expr> {
    match e {
        Expr::Method(mapped, collect, _) if collect == "collect" => match &**mapped {
            Expr::Method(pieces, map, args)
                if map == "map" && *args == [Expr::atom("str::to_string")] =>
            {
                Some(pieces)
            }
            _ => None,
        },
        _ => None,
    }
}

/// `place.push_str(more)`
pub(super) fn pushed(place: Expr, more: &Val) -> Expr {
    let (method, more) = match (&more.expr, &more.rty) {
        (_, RTy::Char) => ("push", more.expr.clone()),
        (expr, _) if crate::catalog::char_literal(expr).is_some() => {
            let c = crate::catalog::char_literal(expr).unwrap_or_default();
            ("push", Expr::Atom(c))
        }
        _ => ("push_str", more.clone().lent_str()),
    };
    place.method(method, vec![more])
}
