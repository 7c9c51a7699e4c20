//! What a `for` or a comprehension runs over, and how its targets take what comes.

use super::function::FnLower;
use crate::ast::{self, Expr as PyExpr, ExprKind, Keyword};
use crate::infer::scope::BlockRef;
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
}

impl Form {
    /// As `for` takes it.
    pub(super) fn in_for(self) -> Expr {
        match self {
            Form::Place(e, true) | Form::Array(e) | Form::Iter(e) => e,
            Form::Place(e, false) => Expr::Ref(Box::new(e)),
        }
    }

    /// As an iterator, for methods.
    pub(super) fn chain(self) -> Expr {
        match self {
            Form::Place(e, _) => e.method("iter", vec![]),
            Form::Array(e) => e.method("into_iter", vec![]),
            Form::Iter(e) => e,
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

/// What a loop takes of a dict's entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Key,
    Value,
    Both,
}

/// What the targets of a loop bind.
#[derive(Debug, Default)]
pub(super) struct Binding<'a> {
    /// The names in the pattern.
    pub(super) names: Vec<String>,
    /// The targets that are stored to at the start of each turn.
    pub(super) later: Vec<(&'a PyExpr, Val)>,
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
                return self.enumerated(iter, xs, start, body);
            }
            Some(("zip", [first, others @ ..], [])) => {
                let first = self.items_of(first, body)?;
                let mut chain = first.form.chain();
                let mut shapes = vec![first.shape];
                for other in others {
                    let next = self.items_of(other, body)?;
                    // `zip` takes what can be iterated over.
                    let lent = match next.form {
                        Form::Place(e, true) => e,
                        Form::Place(e, false) => Expr::Ref(Box::new(e)),
                        Form::Array(e) | Form::Iter(e) => e,
                    };
                    chain = chain.method("zip", vec![lent]);
                    shapes.push(next.shape);
                }
                return Ok(Items {
                    form: Form::Iter(chain),
                    shape: Shape::Pairs(shapes),
                });
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
            Ty::Tuple(_) => self.tuple_items(iter),
            Ty::List { .. } if self.table_view_of(iter).is_some() => {
                let list = self.expr(iter)?;
                self.table_items(list)
            }
            Ty::List { .. } | Ty::Deque { .. } => match self.view_of(iter) {
                Some((dict, part)) => self.entries(dict, part, body),
                None => self.list_items(iter, body),
            },
            Ty::Record(_) | Ty::Dict { .. } if self.is_table(iter) => {
                let list = self.table_view(iter, iter, "keys")?;
                self.table_items(list)
            }
            Ty::Dict { .. } => self.entries(iter, Part::Key, body),
            Ty::Str | Ty::Enum(_) => self.characters(iter, body),
            _ => Err(self.hole(iter)),
        }
    }

    fn enumerated(
        &mut self,
        iter: &'a PyExpr,
        xs: &'a PyExpr,
        start: Option<&'a PyExpr>,
        body: Option<&'a ast::Block>,
    ) -> Result<Items, Expr> {
        let items = self.items_of(xs, body)?;
        let first = match start {
            None => Some(0),
            Some(start) => self.fact(start.id).range.int().constant(),
        };
        let (chain, index, fact) = match first {
            Some(0) => (
                items.form.chain().method("enumerate", vec![]),
                RTy::USIZE,
                Fact::int(IntRange::new(0, i64::MAX as i128)),
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
                        hi: Some(i64::MAX as i128),
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
        let mut list = self.expr(iter)?;
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
            && let Some(path) = self.path_of(value)
            && !is_changed(&path)
        {
            list.expr = list.expr.lent();
            list.rty = RTy::Ref(Box::new(list.rty));
        }
        if let Some(path) = self.path_of(iter)
            && is_changed(&path)
        {
            return Err(self.partly(iter, "a loop over a list that its body changes"));
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
        if let Expr::Block(_) = &list.expr {
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

    /// The values of a tuple.
    fn tuple_items(&mut self, iter: &'a PyExpr) -> Result<Items, Expr> {
        if !matches!(iter.kind, ExprKind::Tuple(_)) {
            // A constant tuple of one type is an array.
            let val = self.expr(iter)?;
            if let (RTy::Array(elem, _), Ty::Tuple(tys)) = (val.rty.peel().clone(), val.ty.clone())
            {
                let fact = Fact::of(tys.iter().fold(Ty::Unknown, |a, b| a.join(b)));
                let by_ref = self.lw.is_copy(&elem);
                let rty = if by_ref { *elem } else { RTy::Ref(elem) };
                return Ok(Items {
                    form: Form::Place(val.expr, val.rty.is_ref()),
                    shape: Shape::One { rty, fact, by_ref },
                });
            }
            // A tuple in a variable: its values one after the other.
            if let (RTy::Tuple(tys), true, Ty::Tuple(facts)) =
                (val.rty.peel().clone(), val.expr.is_simple(), val.ty.clone())
            {
                let fact = facts
                    .iter()
                    .map(|t| Fact::of(t.clone()))
                    .reduce(|a, b| a.join(&b))
                    .unwrap_or_else(Fact::unknown);
                if let Some(ty) = self.lw.natural(&fact).filter(|t| self.lw.is_copy(t)) {
                    let mut exprs = Vec::new();
                    for ((i, rty), ty_i) in tys.iter().enumerate().zip(&facts) {
                        let part = Val::new(
                            val.expr.clone().field(i.to_string()),
                            rty.clone(),
                            &Fact::of(ty_i.clone()),
                        );
                        exprs.push(self.coerce(part, &ty, iter.span, "an element")?);
                    }
                    return Ok(Items {
                        form: Form::Array(Expr::Array(exprs)),
                        shape: Shape::One {
                            rty: ty,
                            fact,
                            by_ref: false,
                        },
                    });
                }
            }
        }
        let (ExprKind::Tuple(items), Ty::Tuple(tys)) = (&iter.kind, self.fact(iter.id).ty) else {
            return Err(self.partly(iter, "a loop over a tuple"));
        };
        let elem = tys.iter().fold(Ty::Unknown, |a, b| a.join(b));
        let fact = items
            .iter()
            .map(|i| self.fact(i.id))
            .reduce(|a, b| a.join(&b))
            .unwrap_or_else(|| Fact::of(elem));
        let Some(ty) = self.lw.natural(&fact) else {
            return Err(self.partly(iter, "a loop over values of these types"));
        };
        let ty = if ty == RTy::String { RTy::Str } else { ty };
        let mut exprs = Vec::new();
        for item in items {
            let val = self.expr_as(item, &ty)?;
            exprs.push(self.coerce(val, &ty, item.span, "an element")?);
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

    /// The pattern that binds a target to what comes; `of` is the loop's body, nothing in a
    /// comprehension, whose variables are its own.
    pub(super) fn bind_items(
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
            (_, Shape::Pairs(_)) => Err(self.partly(
                target,
                "the tuples of `zip()` or `enumerate()` as one value",
            )),
            (ExprKind::Tuple(items) | ExprKind::List(items), Shape::One { rty, fact, by_ref }) => {
                let lent = *by_ref || rty.is_ref();
                let (tys, open, close) = match rty.peel() {
                    RTy::Tuple(tys) => (tys.clone(), "(", ")"),
                    RTy::Array(elem, len) => (vec![(**elem).clone(); *len], "[", "]"),
                    _ => (Vec::new(), "", ""),
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
                        Ty::Tuple(facts) => facts
                            .get(i)
                            .map_or_else(Fact::unknown, |t| Fact::of(t.clone())),
                        Ty::List { elem, .. } => Fact::of(*elem),
                        _ => Fact::unknown(),
                    };
                    let moved = lent && !self.lw.is_copy(&ty);
                    let rty = if moved { RTy::Ref(Box::new(ty)) } else { ty };
                    let nested = matches!(item.kind, ExprKind::Tuple(_) | ExprKind::List(_));
                    if moved && nested {
                        return Err(self.partly(item, "this target of a loop"));
                    }
                    let part = Shape::One {
                        rty,
                        fact,
                        by_ref: false,
                    };
                    let pattern = self.bind_items(item, &part, of, binding)?;
                    let plain = !pattern.starts_with('_');
                    patterns.push(if moved && plain {
                        format!("ref {pattern}")
                    } else {
                        pattern
                    });
                }
                let borrow = if lent { "&" } else { "" };
                Ok(format!("{borrow}{open}{}{close}", patterns.join(", ")))
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
                    return Ok(format!("{borrow}{name}"));
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
                let borrow = if *by_ref { "&" } else { "" };
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
            ExprKind::Name(name) => format!("next_{}", super::vars::rust_ident(name)),
            ExprKind::Attribute { attr, .. } => format!("next_{}", attr.name),
            _ => "item".to_string(),
        };
        let mut name = base.clone();
        let mut n = 1;
        while binding.names.contains(&name) {
            n += 1;
            name = format!("{base}_{n}");
        }
        binding.names.push(name.clone());
        binding
            .later
            .push((target, Val::new(Expr::atom(name.clone()), rty, &fact)));
        format!("{}{name}", if by_ref { "&" } else { "" })
    }
}
