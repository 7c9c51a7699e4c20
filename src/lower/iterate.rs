//! What a `for` or a comprehension runs over, and how its targets take what comes.

pub(super) mod bind;
mod changing;
pub(super) mod present;
mod sets;
mod tuples;
mod zips;

use super::function::FnLower;
use crate::ast::{self, Expr as PyExpr, ExprKind, Keyword};
use crate::ir::{Expr, RTy};
use crate::ranges::IntRange;
use crate::ty::Ty;
use crate::value::{Fact, Val};

/// What a loop runs over.
#[derive(Debug, Clone)]
pub(super) struct Items {
    pub(super) form: Form,
    pub(super) shape: Shape,
}

impl Items {
    /// What an iterator gives, one value after the other.
    pub(super) fn each(iter: Expr, rty: RTy, fact: Fact) -> Items {
        Items {
            form: Form::Iter(iter),
            shape: Shape::One {
                rty,
                fact,
                by_ref: false,
            },
        }
    }
}

/// How the source of items is written.
#[derive(Debug, Clone)]
pub(super) enum Form {
    /// A list, an array or a slice; whether it is a reference already.
    Place(Expr, bool),
    /// `[a, b]`, whose items are taken by value.
    Array(Expr),
    /// An iterator.
    Iter(Expr),
    /// A list, whose elements are changed.
    Mut(Expr),
}

impl Form {
    /// What is looked at: what is lent to be changed stays lent.
    pub(super) fn seen(place: Expr, rty: &RTy) -> Form {
        match rty {
            RTy::RefMut(_) => Form::Place(Expr::Deref(Box::new(place)), false),
            rty => Form::Place(place, rty.is_ref()),
        }
    }

    /// As `for` takes it.
    pub(super) fn in_for(self) -> Expr {
        match self {
            Form::Place(e, true) | Form::Array(e) | Form::Iter(e) => e,
            Form::Place(e, false) => Expr::Ref(Box::new(e)),
            Form::Mut(e) => Expr::RefMut(Box::new(e)),
        }
    }

    /// As an iterator, for methods.
    pub(super) fn chain(self) -> Expr {
        match self {
            Form::Place(Expr::Deref(e), _) => e.method("iter", vec![]),
            Form::Place(e, _) => e.method("iter", vec![]),
            Form::Array(e) => e.method("into_iter", vec![]),
            Form::Iter(e) => e,
            Form::Mut(e) => e.method("iter_mut", vec![]),
        }
    }
}

/// What comes out of a source.
#[derive(Debug, Clone)]
pub(super) enum Shape {
    /// One value.
    One {
        rty: RTy,
        fact: Fact,
        /// It comes as a reference to what is copied.
        by_ref: bool,
    },
    /// The entry of a dict, of which only the key or the value counts.
    Entry {
        part: Part,
        rty: RTy,
        fact: Fact,
        /// It comes as a reference to what is copied.
        by_ref: bool,
    },
    /// Several, in Rust as pairs of pairs where there are more than two: `((a, b), c)`.
    Pairs(Vec<Shape>),
}

impl Shape {
    /// Whether a pattern `&…` may take it from behind a reference.
    pub(super) fn is_copied(&self, is_copy: &dyn Fn(&RTy) -> bool) -> bool {
        match self {
            Shape::One { rty, by_ref, .. } => *by_ref || is_copy(rty),
            Shape::Entry { .. } => true,
            Shape::Pairs(parts) => parts.iter().all(|part| part.is_copied(is_copy)),
        }
    }
}

/// What a loop takes of a dict's entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Key,
    Value,
    Both,
}

impl<'a> FnLower<'_, 'a> {
    /// The call of a builtin that an expression is.
    pub(super) fn builtin_call(
        &self,
        e: &'a PyExpr,
    ) -> Option<(&'a str, &'a [PyExpr], &'a [Keyword])> {
        let ExprKind::Call {
            func,
            args,
            keywords,
        } = &e.kind
        else {
            return None;
        };
        let ExprKind::Name(name) = &func.kind else {
            return None;
        };
        let own = self.scope.names.contains_key(&func.id)
            || self.model.calls.contains_key(&e.id)
            || self.lw.functions.contains_key(name)
            || self.lw.input.model.imported.contains_key(name);
        (!own).then_some((name.as_str(), args.as_slice(), keywords.as_slice()))
    }

    /// The items of an expression; `body` is what runs for each of them.
    pub(super) fn items_of(
        &mut self,
        iter: &'a PyExpr,
        body: Option<&'a ast::Block>,
    ) -> Result<Items, Expr> {
        if self.lw.input.model.problems.contains_key(&iter.id) {
            return Err(self.hole(iter));
        }
        match self.builtin_call(iter) {
            Some(("enumerate", [xs, rest @ ..], keywords)) => {
                let start = rest.first().or(keywords.first().map(|k| &k.value));
                let items = self.items_of(xs, body)?;
                return self.enumerated(iter, items, start);
            }
            Some(("zip", lists @ [_, ..], [])) => {
                let mut all = Vec::new();
                for list in lists {
                    all.push(self.in_turn(list, |this| this.items_of(list, body))?);
                }
                return self.zip_of(lists, all);
            }
            Some(("reversed", [xs], [])) => {
                let items = self.items_of(xs, body)?;
                return Ok(Items {
                    form: Form::Iter(items.form.chain().method("rev", vec![])),
                    shape: items.shape,
                });
            }
            Some(("iter", [xs], [])) => return self.items_of(xs, body),
            _ => {}
        }
        match self.fact(iter.id).ty.narrowed() {
            Ty::Range => {
                let range = self.expr(iter)?;
                Ok(Items {
                    form: Form::Iter(range.expr),
                    shape: Shape::One {
                        rty: range.rty,
                        fact: Fact {
                            ty: Ty::Int,
                            range: range.range,
                            unbound: false,
                        },
                        by_ref: false,
                    },
                })
            }
            Ty::Tuple(_) | Ty::Instance(_) => self.tuple_items(iter),
            Ty::List { .. } if self.table_view_of(iter).is_some() => {
                let list = self.expr(iter)?;
                self.table_items(list)
            }
            Ty::List { elem, .. }
                if *elem == Ty::Position && self.every_position(iter).is_some() =>
            {
                let list = self.every_position(iter).ok_or_else(|| self.hole(iter))?;
                let list = self.expr(list)?;
                let each = crate::catalog::position::each(&list);
                Ok(Items::each(each, RTy::USIZE, Fact::of(Ty::Position)))
            }
            Ty::List { .. } if let Some(chained) = self.one_by_one(iter, body) => Ok(chained),
            Ty::List { .. } | Ty::Deque { .. } => match self.view_of(iter) {
                Some((dict, part)) => self.entries(dict, part, body),
                None => self.list_items(iter, body),
            },
            Ty::Record(_) | Ty::Dict { .. } if self.is_table(iter) => {
                let list = self.table_view(iter, iter, "keys")?;
                self.table_items(list)
            }
            Ty::Dict { .. } => self.entries(iter, Part::Key, body),
            Ty::Set(_) => self.set_items(iter),
            Ty::Str | Ty::Enum(_) => self.characters(iter, body),
            _ => Err(self.hole(iter)),
        }
    }

    /// The list of whose objects an expression gives the positions.
    fn every_position(&self, e: &'a PyExpr) -> Option<&'a PyExpr> {
        let ExprKind::Call { func, .. } = &e.kind else {
            return None;
        };
        match &func.kind {
            ExprKind::Attribute { value, attr } if attr.name == crate::catalog::position::EACH => {
                Some(value)
            }
            _ => None,
        }
    }

    /// Pairs as tuples, parts of entries by themselves, where they are only values.
    pub(super) fn single(&self, items: Items) -> Items {
        match &items.shape {
            Shape::One { .. } => items,
            Shape::Entry {
                part,
                rty,
                fact,
                by_ref,
            } => {
                let (name, pattern) = match part {
                    Part::Key => ("key", "(key, _)"),
                    Part::Value | Part::Both => ("value", "(_, value)"),
                };
                let borrow = if *by_ref { "&" } else { "" };
                let closure =
                    Expr::Closure(format!("{borrow}{pattern}"), Box::new(Expr::atom(name)));
                let shape = Shape::One {
                    rty: rty.clone(),
                    fact: fact.clone(),
                    by_ref: false,
                };
                Items {
                    form: Form::Iter(items.form.chain().method("map", vec![closure])),
                    shape,
                }
            }
            Shape::Pairs(parts) => {
                let mut pattern: Option<String> = None;
                let (mut values, mut tys, mut facts) = (Vec::new(), Vec::new(), Vec::new());
                for (i, part) in parts.iter().enumerate() {
                    let Shape::One { rty, fact, by_ref } = part else {
                        return items;
                    };
                    let name = ["a", "b", "c", "d"].get(i).copied().unwrap_or("e");
                    let value = Expr::atom(name);
                    let (value, rty) = match rty {
                        RTy::Ref(inner) if self.lw.is_copy(inner) || **inner == RTy::String => {
                            (value.method("clone", vec![]), (**inner).clone())
                        }
                        // A counter is an int as any other.
                        RTy::Int(crate::project::IntTy::Usize) => (value.cast(RTy::I64), RTy::I64),
                        RTy::Str => (value, RTy::Str),
                        rty if self.lw.is_copy(rty) && !rty.is_ref() => (value, rty.clone()),
                        _ => return items,
                    };
                    if i > 4 {
                        return items;
                    }
                    let own = format!("{}{name}", if *by_ref { "&" } else { "" });
                    pattern = Some(match pattern {
                        None => own,
                        Some(before) => format!("({before}, {own})"),
                    });
                    values.push(value);
                    tys.push(rty);
                    facts.push(fact.ty.clone());
                }
                let closure = Expr::Closure(
                    pattern.unwrap_or_else(|| "_".into()),
                    Box::new(Expr::Tuple(values)),
                );
                let shape = Shape::One {
                    rty: RTy::Tuple(tys),
                    fact: Fact::of(Ty::Tuple(facts)),
                    by_ref: false,
                };
                Items {
                    form: Form::Iter(items.form.chain().method("map", vec![closure])),
                    shape,
                }
            }
        }
    }

    /// The value of `zip(…)` and kin where it is run through at once: a list.
    pub(super) fn collected(&mut self, e: &'a PyExpr) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        let items = self.items_of(e, None)?;
        let items = self.single(items);
        let Shape::One { rty, by_ref, .. } = items.shape else {
            return Err(self.partly(e, "these pairs in this place"));
        };
        let chain = items.form.chain();
        let chain = match (by_ref, rty.is_ref()) {
            _ if rty == RTy::Str => chain,
            (true, _) => chain.method("copied", vec![]),
            (false, true) => chain.method("cloned", vec![]),
            (false, false) => chain,
        };
        let rty = RTy::Vec(Box::new(rty.peel().clone()));
        Ok(Val::new(chain.method("collect", vec![]), rty, &fact))
    }

    fn enumerated(
        &mut self,
        iter: &'a PyExpr,
        items: Items,
        start: Option<&'a PyExpr>,
    ) -> Result<Items, Expr> {
        let first = match start {
            None => Some(0),
            Some(start) => self.fact(start.id).range.int().constant(),
        };
        let (chain, index, fact) = match first {
            Some(0) => (
                items.form.chain().method("enumerate", vec![]),
                RTy::USIZE,
                Fact::int(crate::ranges::LENGTHS),
            ),
            Some(first) => {
                let from = Expr::Range {
                    low: Some(Box::new(match crate::value::int_literal(first) {
                        Expr::Atom(text) => Expr::Atom(format!("{text}_i64")),
                        other => other,
                    })),
                    high: None,
                    inclusive: false,
                };
                (
                    from.method("zip", vec![items.form.in_for()]),
                    RTy::I64,
                    Fact::int(IntRange {
                        lo: Some(first),
                        hi: Some(first + crate::ranges::LONGEST),
                    }),
                )
            }
            None => {
                return Err(self.partly(iter, "`enumerate()` with a start that is not constant"));
            }
        };
        let index = Shape::One {
            rty: index,
            fact,
            by_ref: false,
        };
        Ok(Items {
            form: Form::Iter(chain),
            shape: Shape::Pairs(vec![index, items.shape]),
        })
    }

    /// The items of `[*xs, *ys]`, of lists that stay as they are, one list after the other.
    fn one_by_one(&mut self, iter: &'a PyExpr, body: Option<&'a ast::Block>) -> Option<Items> {
        let ExprKind::List(lists) = &iter.kind else {
            return None;
        };
        let starred = lists.iter().map(|list| match &list.kind {
            ExprKind::Starred(inner) => Some(&**inner),
            _ => None,
        });
        let lists: Vec<&PyExpr> = starred.collect::<Option<_>>()?;
        let mut changed = Vec::new();
        if let Some(body) = body {
            super::narrow::changed_paths(self, body, &mut changed);
        }
        let stays = |list: &&PyExpr| {
            let lists = matches!(self.fact(list.id).ty, Ty::List { .. });
            let path = self.path_of(list);
            lists && path.is_some() && !self.reads_any(list, &changed)
        };
        if lists.len() < 2 || !lists.iter().all(stays) {
            return None;
        }
        let mut all: Option<Items> = None;
        for list in lists {
            let Ok(items) = self.items_of(list, body) else {
                return None;
            };
            all = Some(match all {
                None => items,
                Some(before) => match (&before.shape, &items.shape) {
                    (
                        Shape::One { rty, by_ref, fact },
                        Shape::One {
                            rty: next,
                            by_ref: also,
                            fact: other,
                        },
                    ) if rty == next && by_ref == also => Items {
                        shape: Shape::One {
                            rty: rty.clone(),
                            by_ref: *by_ref,
                            fact: fact.join(other),
                        },
                        form: Form::Iter(
                            before
                                .form
                                .chain()
                                .method("chain", vec![items.form.in_for()]),
                        ),
                    },
                    _ => return None,
                },
            });
        }
        all
    }

    fn list_items(
        &mut self,
        iter: &'a PyExpr,
        body: Option<&'a ast::Block>,
    ) -> Result<Items, Expr> {
        if let (ExprKind::List(items), Ty::List { elem, .. }) = (&iter.kind, self.fact(iter.id).ty)
            && *elem == Ty::Str
            && !items.is_empty()
        {
            let mut texts = Vec::new();
            for item in items {
                let val = self.expr_as(item, &RTy::Str)?;
                texts.push(self.coerce(val, &RTy::Str, item.span, "an element")?);
            }
            if texts.iter().any(|text| !matches!(text, Expr::Ref(_))) {
                // An array has one type: `&String` is no `&str` in it.
                for text in &mut texts {
                    if let Expr::Ref(inner) = text {
                        *text = inner.clone().method("as_str", vec![]);
                    }
                }
            }
            return Ok(Items {
                form: Form::Array(Expr::Array(texts)),
                shape: Shape::One {
                    rty: RTy::Str,
                    fact: Fact::of(Ty::Str),
                    by_ref: false,
                },
            });
        }
        let made = match body {
            Some(_) => self.item_looked_at(iter)?,
            None => None,
        };
        let mut list = match made {
            Some(item) => item,
            None => self.expr(iter)?,
        };
        let mut changed = Vec::new();
        if let Some(body) = body {
            super::narrow::changed_paths(self, body, &mut changed);
        }
        let is_changed = |path: &crate::infer::Path| {
            changed
                .iter()
                .any(|c| c.starts_with(path) || path.starts_with(c))
        };
        // A part of a list need not be copied where the loop leaves the list alone.
        if let ExprKind::Subscript { value, index } = &iter.kind
            && matches!(index.kind, ExprKind::Slice { .. })
            && let Some(path) = self.path_of(self.copied_list(value))
            && !is_changed(&path)
        {
            list.expr = match list.expr.lent() {
                // All of what is lent to be changed.
                Expr::Ref(inner)
                    if matches!(*inner, Expr::Atom(_)) && self.is_lent_global(&path) =>
                {
                    Expr::Ref(Box::new(Expr::Deref(inner)))
                }
                lent => lent,
            };
            list.rty = RTy::Ref(Box::new(list.rty));
        }
        if let Some(path) = self.path_of(iter)
            && is_changed(&path)
        {
            self.lw.looped.insert(iter.id);
            return Err(self.partly(iter, "a loop over a list that its body changes"));
        }
        // What a lookup gives lies in what is looked up in.
        let within = match &iter.kind {
            ExprKind::Call { func, .. } => match &func.kind {
                ExprKind::Attribute { value, .. } if list.rty.is_ref() => Some(value),
                _ => None,
            },
            ExprKind::Subscript { value, index } => {
                let part = matches!(index.kind, ExprKind::Slice { .. });
                (!part).then_some(value)
            }
            _ => None,
        };
        if let Some(value) = within
            && self.path_of(value).is_some_and(|path| is_changed(&path))
        {
            self.lw.looped.insert(iter.id);
            return Err(self.partly(iter, "a loop over a list that its body may change"));
        }
        let elem = match list.rty.peel() {
            RTy::Array(elem, _) | RTy::Vec(elem) | RTy::Slice(elem) | RTy::Deque(elem) => {
                (**elem).clone()
            }
            _ => return Err(self.hole(iter)),
        };
        let fact = match self.fact(iter.id).ty.narrowed() {
            Ty::Deque { elem, .. } => Fact::of(*elem),
            Ty::List { elem, store, .. } => {
                let range = store.as_ref().map_or_else(
                    || Fact::of((*elem).clone()).range,
                    crate::value::stored_range,
                );
                Fact {
                    ty: *elem,
                    range,
                    unbound: false,
                }
            }
            _ => Fact::unknown(),
        };
        if let Some(pieces) = super::strings::pieces(&list.expr)
            && !self.reads_any(iter, &changed)
        {
            // The parts of a text need not be copied to be looked at.
            return Ok(Items::each(pieces.clone(), RTy::Str, fact));
        }
        // A comprehension that reads nothing that the body changes is only run through.
        if let Expr::Method(inner, name, _) = &list.expr
            && name == "collect"
            && !self.reads_any(iter, &changed)
        {
            return Ok(Items {
                form: Form::Iter((**inner).clone()),
                shape: Shape::One {
                    rty: elem,
                    fact,
                    by_ref: false,
                },
            });
        }
        // What the body changes is read before the first turn.
        if let Expr::Method(inner, name, _) = &list.expr
            && name == "collect"
        {
            list.expr = inner.clone().method("collect::<Vec<_>>", vec![]);
        }
        let taken = self.lw.input.model.taken.contains(&iter.id) && !list.rty.is_ref();
        if is_made(&list.expr) || taken {
            return Ok(Items {
                form: Form::Array(list.expr),
                shape: Shape::One {
                    rty: elem,
                    fact,
                    by_ref: false,
                },
            });
        }
        let by_ref = self.lw.is_copy(&elem);
        let rty = if by_ref {
            elem
        } else {
            RTy::Ref(Box::new(elem))
        };
        Ok(Items {
            form: match list.expr {
                Expr::Ref(inner) => Form::Place(*inner, false),
                held @ Expr::Deref(_) => Form::Place(held, false),
                other if self.path_of(iter).is_some_and(|p| self.is_lent_global(&p)) => {
                    Form::Place(Expr::Deref(Box::new(other)), false)
                }
                // What is lent to be changed is only looked at here.
                other
                    if matches!(list.rty, RTy::RefMut(_))
                        || matches!(&other, Expr::Method(_, name, _) if name == "or_default") =>
                {
                    Form::Place(Expr::Deref(Box::new(other)), false)
                }
                other => Form::Place(other, list.rty.is_ref()),
            },
            shape: Shape::One { rty, fact, by_ref },
        })
    }

    /// Whether an expression reads anything at or below one of the paths.
    fn reads_any(&self, e: &PyExpr, paths: &[crate::infer::Path]) -> bool {
        struct Reads<'f, 'l, 'a>(&'f FnLower<'l, 'a>, &'f [crate::infer::Path], bool);
        impl<'ast> ast::visit::Visitor<'ast> for Reads<'_, '_, '_> {
            fn visit_expr(&mut self, e: &'ast PyExpr) {
                self.2 |= self.0.path_of(e).is_some_and(|path| {
                    self.1
                        .iter()
                        .any(|c| c.starts_with(&path) || path.starts_with(c))
                });
                ast::visit::walk_expr(self, e);
            }
        }
        let mut reads = Reads(self, paths, false);
        ast::visit::Visitor::visit_expr(&mut reads, e);
        reads.2
    }
}

/// `zip(a, b, …)`
fn zipped(all: Vec<Items>) -> Items {
    let mut shapes = Vec::new();
    let mut chain: Option<Expr> = None;
    for items in all {
        shapes.push(items.shape);
        chain = Some(match chain {
            None => items.form.chain(),
            // `zip` takes what can be iterated over.
            Some(chain) => chain.method("zip", vec![items.form.in_for()]),
        });
    }
    Items {
        form: Form::Iter(chain.unwrap_or_else(|| Expr::call("std::iter::empty", vec![]))),
        shape: Shape::Pairs(shapes),
    }
}

/// Whether an expression makes a list that nobody else has.
fn is_made(e: &Expr) -> bool {
    matches!(e, Expr::Block(_))
        || matches!(e, Expr::Method(_, name, _) if name == "collect::<Vec<_>>")
}
