//! `a if test else b`.

use crate::ast::Expr as PyExpr;
use crate::ir::{Block, Expr, RTy};
use crate::lower::function::FnLower;
use crate::lower::tagged::VariantTest;
use crate::value::Val;

impl<'a> FnLower<'_, 'a> {
    /// `body if test else orelse`, towards type `to` where that is known.
    pub(in crate::lower) fn conditional(
        &mut self,
        e: &'a PyExpr,
        test: &'a PyExpr,
        body: &'a PyExpr,
        orelse: &'a PyExpr,
        to: Option<&RTy>,
    ) -> Result<Val, Expr> {
        if let Some(holds) = self.none_decides(test) {
            let taken = if holds { body } else { orelse };
            return match to {
                Some(ty) => self.expr_as(taken, ty),
                None => self.expr(taken),
            };
        }
        let fact = self.fact(e.id);
        let target = match to {
            Some(ty) => Some(ty.clone()),
            None => self.lw.natural(&fact),
        };
        let Some(target) = target else {
            return Err(self.partly(
                e,
                &format!("a choice between values of {}", fact.ty.describe()),
            ));
        };
        let target = if target == RTy::String && crate::lower::function::is_literal_text(e) {
            RTy::Str
        } else {
            target
        };
        let (written, before) = ((test, body, orelse), self.out.len());
        // `A if x is None else B`: the other way round.
        let (test, body, orelse, turned) = match self.none_test(test) {
            Some(found)
                if found.is_none
                    && self.reads_narrowed_in(&found.path, orelse)
                    && !self.changes_within_any(&found.path, &[orelse]) =>
            {
                (test, orelse, body, true)
            }
            _ => (test, body, orelse, false),
        };
        if let Some(other) = self.data_on_the_other_side(test, body, orelse) {
            return self.chosen_by_variant(e, &other, (orelse, body), target);
        }
        let depth = self.bounds.len();
        let cond = if turned {
            let Some(found) = self.none_test(test) else {
                return Err(self.hole(e));
            };
            let Some((option, rty)) = self.option_at(&found) else {
                return Err(self.hole(e));
            };
            let name = self.bound_name(&found.path);
            self.bind_path(&found.path, &name, rty);
            Expr::Let(format!("{}({name})", found.holder), Box::new(option))
        } else {
            self.chain(test, None, Some(body))?
        };
        self.conditional += 1;
        let then = self
            .expr_as(body, &target)
            .and_then(|v| self.branch(v, &target, body));
        self.bounds.truncate(depth);
        let otherwise = self
            .expr_as(orelse, &target)
            .and_then(|v| self.branch(v, &target, orelse));
        self.conditional -= 1;
        let (then, otherwise) = (then?, otherwise?);
        if let Some(owned) = owned(&target)
            && (is_made(&then) || is_made(&otherwise))
        {
            // What a branch makes ends with the branch: it is not lent from there.
            self.out.truncate(before);
            let (test, body, orelse) = written;
            let val = self.conditional(e, test, body, orelse, Some(&owned))?;
            let lent = match &target {
                RTy::Option(held) => with_collected(val.expr).method(lends(held), vec![]),
                _ => Expr::Ref(Box::new(val.expr)),
            };
            return Ok(Val::new(lent, target, &fact));
        }
        let expr = short_option(&cond, &then, &otherwise).unwrap_or_else(|| Expr::If {
            cond: Box::new(cond),
            then: Block::value(then),
            otherwise: Some(Block::value(otherwise)),
        });
        Ok(Val::new(expr, target, &fact))
    }

    /// The opposite of a test whose data only the `else` reads.
    fn data_on_the_other_side(
        &mut self,
        test: &'a PyExpr,
        body: &'a PyExpr,
        orelse: &'a PyExpr,
    ) -> Option<VariantTest<'a>> {
        let test = self.tag_test(test)?;
        if self.data_of(&test, &[], &[body]).is_some() {
            return None;
        }
        let other = self.opposite(test)?;
        self.data_of(&other, &[], &[orelse])?;
        Some(other)
    }

    /// `if let Request::Cruise(cruise) = request { … } else { … }`
    fn chosen_by_variant(
        &mut self,
        e: &'a PyExpr,
        test: &VariantTest<'a>,
        (body, orelse): (&'a PyExpr, &'a PyExpr),
        target: RTy,
    ) -> Result<Val, Expr> {
        let Some(data) = self.data_of(test, &[], &[body]) else {
            return Err(self.hole(e));
        };
        let (place, _) = self.tagged_place(test.value)?;
        let depth = self.bounds.len();
        self.bind_data(&data);
        self.conditional += 1;
        let then = self
            .expr_as(body, &target)
            .and_then(|v| self.branch(v, &target, body));
        self.bounds.truncate(depth);
        let otherwise = self
            .expr_as(orelse, &target)
            .and_then(|v| self.branch(v, &target, orelse));
        self.conditional -= 1;
        let expr = Expr::If {
            cond: Box::new(Expr::Let(data.pattern, Box::new(place))),
            then: Block::value(then?),
            otherwise: Some(Block::value(otherwise?)),
        };
        Ok(Val::new(expr, target, &self.fact(e.id)))
    }

    pub(super) fn branch(&mut self, val: Val, target: &RTy, e: &PyExpr) -> Result<Expr, Expr> {
        self.coerce(val, target, e.span, "the value")
    }
}

/// The type of what is lent.
fn owned(target: &RTy) -> Option<RTy> {
    match target {
        RTy::Str => Some(RTy::String),
        RTy::Ref(inner) => match &**inner {
            RTy::Slice(elem) => Some(RTy::Vec(elem.clone())),
            other => Some(other.clone()),
        },
        RTy::Option(held) if matches!(**held, RTy::Ref(_)) => {
            owned(held).map(|held| RTy::Option(Box::new(held)))
        }
        _ => None,
    }
}

/// `Some(xs.collect::<Vec<_>>())`: nothing else says what is collected.
fn with_collected(e: Expr) -> Expr {
    let in_block = |mut block: Block| {
        block.value = block.value.map(|value| Box::new(with_collected(*value)));
        block
    };
    match e {
        Expr::Call(some, held) if some == "Some" => {
            Expr::Call(some, held.into_iter().map(Expr::collected).collect())
        }
        Expr::If {
            cond,
            then,
            otherwise,
        } => Expr::If {
            cond,
            then: in_block(then),
            otherwise: otherwise.map(in_block),
        },
        other => other,
    }
}

/// How an option lends what it holds.
fn lends(held: &RTy) -> &'static str {
    match held {
        RTy::Ref(inner) if matches!(**inner, RTy::Slice(_)) => "as_deref",
        _ => "as_ref",
    }
}

/// Whether an expression lends what it makes itself.
fn is_made(e: &Expr) -> bool {
    match e {
        Expr::Ref(of) => !of.is_place() && !matches!(**of, Expr::Array(_)),
        Expr::Call(some, held) if some == "Some" => held.iter().any(is_made),
        _ => false,
    }
}

/// `if let Some(x) = o { x } else { d }` as `o.unwrap_or(d)`, and with a use of `x` as
/// `o.map_or(d, |x| …)`; both evaluate `d` in any case, so it must be simple.
fn short_option(cond: &Expr, then: &Expr, otherwise: &Expr) -> Option<Expr> {
    let Expr::Let(pattern, option) = cond else {
        return None;
    };
    let name = pattern.strip_prefix("Some(")?.strip_suffix(')')?;
    if !otherwise.is_simple() || then.can_fail() || !is_expression(then) {
        return None;
    }
    if matches!(&**option, Expr::Ref(_) | Expr::RefMut(_)) {
        return None;
    }
    if *otherwise == Expr::atom("None") {
        // `map`, where the other branch has nothing.
        let Expr::Call(some, args) = then else {
            return None;
        };
        let ([inner], "Some") = (args.as_slice(), some.as_str()) else {
            return None;
        };
        if *inner == Expr::atom(name) {
            return Some((**option).clone());
        }
        return Some((**option).clone().method(
            "map",
            vec![Expr::Closure(name.to_string(), Box::new(inner.clone()))],
        ));
    }
    if *then == Expr::atom(name) {
        return Some(
            (**option)
                .clone()
                .method("unwrap_or", vec![otherwise.clone()]),
        );
    }
    let closure = Expr::Closure(name.to_string(), Box::new(then.clone()));
    if let Expr::Call(path, args) = then
        && matches!(args.as_slice(), [Expr::Atom(x)] if x == name)
        && path.contains("::")
    {
        return Some(
            (**option)
                .clone()
                .method("map_or", vec![otherwise.clone(), Expr::atom(path.clone())]),
        );
    }
    Some(
        (**option)
            .clone()
            .method("map_or", vec![otherwise.clone(), closure]),
    )
}

/// Whether it reads well in a closure: no blocks inside.
fn is_expression(e: &Expr) -> bool {
    let mut blocks = 0;
    let mut nested = true;
    e.for_each_child(&mut |child| nested &= is_expression(child), &mut |_| {
        blocks += 1
    });
    nested && blocks == 0
}
