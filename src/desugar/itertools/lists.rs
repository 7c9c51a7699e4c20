//! What functions of `itertools` give, as lists.
//!
//! Enters: a call whose values are all taken at once. Leaves: a display, a comprehension, a
//! slice, or the call of a function that makes a list. This module must not know loops.

use super::super::keywords::is_literal;
use super::Work;
use crate::ast::visit::{self, Visitor};
use crate::ast::{Expr, ExprKind, Keyword, ParamKind};
use crate::source::Span;
use num_traits::ToPrimitive;

/// Whether evaluating an expression again and again is the same: a name, an attribute of one,
/// a literal, a `range` of such.
pub(super) fn is_steady(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Name(_) => true,
        ExprKind::Attribute { value, .. } => is_steady(value),
        ExprKind::List(items) | ExprKind::Tuple(items) => items.iter().all(is_literal),
        ExprKind::Call {
            func,
            args,
            keywords,
        } => {
            let plain = matches!(&func.kind, ExprKind::Name(n) if n == "range" || n == "len");
            plain && keywords.is_empty() && args.iter().all(is_steady)
        }
        ExprKind::Binary { left, right, .. } => is_steady(left) && is_steady(right),
        _ => is_literal(e),
    }
}

/// Whether an expression makes a list.
pub(super) fn is_sequence(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Call { func, .. } => {
            matches!(&func.kind, ExprKind::Name(n) if matches!(n.as_str(), "list" | "sorted"))
        }
        ExprKind::List(_) | ExprKind::Comprehension { .. } => true,
        _ => false,
    }
}

/// Whether an expression is a `range`.
pub(super) fn is_range(e: &Expr) -> bool {
    matches!(&e.kind, ExprKind::Call { func, .. }
        if matches!(&func.kind, ExprKind::Name(n) if n == "range"))
}

/// The value of a keyword.
fn by_name<'k>(keywords: &'k [Keyword], name: &str) -> Option<&'k Expr> {
    let is = |k: &&Keyword| k.name.as_ref().is_some_and(|n| n.name == name);
    keywords.iter().find(is).map(|k| &k.value)
}

/// An int that is not negative.
fn natural(e: &Expr) -> bool {
    matches!(&e.kind, ExprKind::Int(n) if n.to_i64().is_some_and(|n| n >= 0))
}

impl Work<'_> {
    /// The list that a call gives; `runs`: a loop runs through it, so that it may be a `zip`.
    pub(super) fn list_of(&mut self, e: &Expr, runs: bool) -> Option<Expr> {
        let (name, args, keywords) = self.call(e)?;
        let (mut args, keywords) = (args.to_vec(), keywords.to_vec());
        let at = e.span;
        if args.iter().any(|a| matches!(a.kind, ExprKind::Starred(_)))
            || keywords.iter().any(|k| k.name.is_none())
        {
            return match (name.as_str(), args.as_slice(), keywords.as_slice()) {
                ("chain", [one], []) => match &one.kind {
                    ExprKind::Starred(lists) => self.flat(lists, at),
                    _ => None,
                },
                _ => None,
            };
        }
        args.iter_mut().for_each(|a| self.items(a, false));
        match (name.as_str(), args.as_slice()) {
            ("chain", [_, ..]) if keywords.is_empty() => {
                let mut list = self.written("[]", &[], at)?;
                if let ExprKind::List(items) = &mut list.kind {
                    for arg in args {
                        let mut star = self.written("0", &[], at)?;
                        star.kind = ExprKind::Starred(Box::new(arg));
                        items.push(star);
                    }
                }
                Some(list)
            }
            ("chain.from_iterable", [lists]) if keywords.is_empty() => self.flat(lists, at),
            ("islice", _) if keywords.is_empty() => self.slice(&args, at),
            ("pairwise", [items]) if keywords.is_empty() => match is_steady(items) {
                true => {
                    let holes = [("___xs", items)];
                    let text = match runs {
                        true => "zip(___xs, ___xs[1:])",
                        false => "list(zip(___xs, ___xs[1:]))",
                    };
                    self.written(text, &holes, at)
                }
                false => {
                    let items = self.as_list(items)?;
                    self.library("adjacent", &[&items], at)
                }
            },
            ("combinations" | "permutations" | "product", _) => {
                let (element, clauses) = self.nested(&name, &args, &keywords, at)?;
                let mut list = self.written("[0 for x in ()]", &[], at)?;
                if let ExprKind::Comprehension {
                    element: own,
                    clauses: all,
                    ..
                } = &mut list.kind
                {
                    **own = element;
                    *all = clauses;
                }
                Some(list)
            }
            ("accumulate", [items]) => match keywords.as_slice() {
                [] => self.library("accumulated", &[items], at),
                [one] if by_name(&keywords, "initial").is_some() => {
                    self.library("accumulated_from", &[items, &one.value], at)
                }
                [one] if by_name(&keywords, "func").is_some() => {
                    self.library("accumulated_by", &[items, &one.value], at)
                }
                _ => None,
            },
            ("accumulate", [items, step]) if keywords.is_empty() => {
                self.library("accumulated_by", &[items, step], at)
            }
            ("zip_longest", [first, second]) => self.longest(first, second, &keywords, at),
            ("takewhile", [holds, items]) if keywords.is_empty() => {
                self.library("taken_while", &[holds, items], at)
            }
            ("dropwhile", [holds, items]) if keywords.is_empty() => {
                self.library("dropped_while", &[holds, items], at)
            }
            ("filterfalse", [holds, items]) if keywords.is_empty() => {
                self.without(holds, items, at)
            }
            ("starmap", [function, items]) if keywords.is_empty() => {
                self.applied(function, items, at)
            }
            ("compress", [items, chosen]) if keywords.is_empty() => {
                let holes = [("___xs", items), ("___ok", chosen)];
                let text = "[item for item, chosen in zip(___xs, ___ok) if chosen]";
                self.written(text, &holes, at)
            }
            ("repeat", [item, times]) if keywords.is_empty() => {
                let holes = [("___x", item), ("___n", times)];
                self.written("[___x] * ___n", &holes, at)
            }
            ("repeat", [item]) => {
                let times = by_name(&keywords, "times")?;
                let holes = [("___x", item), ("___n", times)];
                self.written("[___x] * ___n", &holes, at)
            }
            _ => None,
        }
    }

    /// A list of what is run through.
    pub(super) fn as_list(&mut self, items: &Expr) -> Option<Expr> {
        match is_sequence(items) {
            true => Some(items.clone()),
            false => self.written("list(___xs)", &[("___xs", items)], items.span),
        }
    }

    /// The call of a function of the library; what it runs through is a sequence.
    fn library(&mut self, name: &str, args: &[&Expr], at: Span) -> Option<Expr> {
        let called = self.wanted(name, at);
        let mut call = self.written(&format!("{called}()"), &[], at)?;
        for arg in args {
            let arg = match is_range(arg) {
                true => self.written("list(___xs)", &[("___xs", arg)], at)?,
                false => (*arg).clone(),
            };
            if let ExprKind::Call { args: given, .. } = &mut call.kind {
                given.push(arg);
            }
        }
        Some(call)
    }

    /// The runs of `groupby`, where each is taken at once, before the next one.
    pub(super) fn groups(&mut self, target: &Expr, iter: &mut Expr, look: &dyn Fn(&mut Uses)) {
        let Some(("groupby", args, keywords)) = self
            .call(iter)
            .as_ref()
            .map(|(name, args, keywords)| (name.as_str(), *args, *keywords))
        else {
            return;
        };
        let ExprKind::Tuple(names) = &target.kind else {
            return;
        };
        let [_, group] = names.as_slice() else {
            return;
        };
        let ExprKind::Name(group) = &group.kind else {
            return;
        };
        let mut uses = Uses {
            name: group,
            all: 0,
            taken: 0,
        };
        look(&mut uses);
        if uses.all != uses.taken || uses.all > 1 {
            return;
        }
        let at = iter.span;
        let (args, keywords) = (args.to_vec(), keywords.to_vec());
        let made = match (args.as_slice(), keywords.as_slice()) {
            ([items], []) => self.library("grouped", &[items], at),
            ([items, key], []) => self.by_key(items, key, at),
            ([items], [key]) if by_name(&keywords, "key").is_some() => {
                self.by_key(items, &key.value, at)
            }
            _ => None,
        };
        if let Some(made) = made {
            *iter = made;
        }
    }

    /// `groupby(items, key)`, of pairs of a key and an item.
    fn by_key(&mut self, items: &Expr, key: &Expr, at: Span) -> Option<Expr> {
        let pairs = match &key.kind {
            ExprKind::Lambda { params, body } => {
                let [param] = params.list.as_slice() else {
                    return None;
                };
                let name = param.name.name.clone();
                let holes = [("___xs", items), ("___k", &**body)];
                let text = format!("[(___k, {name}) for {name} in ___xs]");
                self.as_it_stands(&text, &holes, at)?
            }
            ExprKind::Name(_) | ExprKind::Attribute { .. } => {
                let holes = [("___xs", items), ("___k", key)];
                self.written("[(___k(item), item) for item in ___xs]", &holes, at)?
            }
            _ => return None,
        };
        self.library("grouped_by", &[&pairs], at)
    }

    /// `[item for items in lists for item in items]`
    fn flat(&mut self, lists: &Expr, at: Span) -> Option<Expr> {
        let holes = [("___xs", lists)];
        self.written("[item for items in ___xs for item in items]", &holes, at)
    }

    /// A slice of a list, with Python's error below zero.
    fn slice(&mut self, args: &[Expr], at: Span) -> Option<Expr> {
        let [items, bounds @ ..] = args else {
            return None;
        };
        let known = |e: &Expr| natural(e) || matches!(e.kind, ExprKind::None);
        let list = self.as_list(items)?;
        let list = ("___xs", &list);
        let none = |e: &Expr| matches!(e.kind, ExprKind::None);
        match bounds {
            [stop] if known(stop) => self.written("___xs[:___b]", &[list, ("___b", stop)], at),
            [stop] => self.library("first_items", &[list.1, stop], at),
            [start, stop] if none(stop) && natural(start) => {
                self.written("___xs[___a:]", &[list, ("___a", start)], at)
            }
            [start, stop] if known(start) && known(stop) => {
                let holes = [list, ("___a", start), ("___b", stop)];
                self.written("___xs[___a:___b]", &holes, at)
            }
            [start, stop] if none(stop) => self.library("items_from", &[list.1, start], at),
            [start, stop] => self.library("items_between", &[list.1, start, stop], at),
            [start, stop, step] if known(start) && known(stop) && natural(step) => {
                let holes = [list, ("___a", start), ("___b", stop), ("___c", step)];
                match none(stop) {
                    true => self.written("___xs[___a::___c]", &holes, at),
                    false => self.written("___xs[___a:___b:___c]", &holes, at),
                }
            }
            _ => None,
        }
    }

    /// Two lists beside each other, the shorter one filled up.
    fn longest(
        &mut self,
        first: &Expr,
        second: &Expr,
        keywords: &[Keyword],
        at: Span,
    ) -> Option<Expr> {
        let fill = match keywords {
            [] => self.written("None", &[], at)?,
            [_] => by_name(keywords, "fillvalue")?.clone(),
            _ => return None,
        };
        if !is_steady(first) || !is_steady(second) || !is_steady(&fill) {
            return None;
        }
        let holes = [("___xs", first), ("___ys", second), ("___f", &fill)];
        let text = "[(___xs[i] if i < len(___xs) else ___f, ___ys[i] if i < len(___ys) else ___f) \
                    for i in range(max(len(___xs), len(___ys)))]";
        self.written(text, &holes, at)
    }

    /// `[x for x in xs if not holds(x)]`
    fn without(&mut self, holds: &Expr, items: &Expr, at: Span) -> Option<Expr> {
        match &holds.kind {
            ExprKind::Lambda { params, body } => {
                let [param] = params.list.as_slice() else {
                    return None;
                };
                let name = param.name.name.clone();
                let holes = [("___xs", items), ("___ok", &**body)];
                let text = format!("[{name} for {name} in ___xs if not (___ok)]");
                self.as_it_stands(&text, &holes, at)
            }
            ExprKind::None => self.written(
                "[item for item in ___xs if not item]",
                &[("___xs", items)],
                at,
            ),
            ExprKind::Name(_) | ExprKind::Attribute { .. } => {
                let holes = [("___xs", items), ("___ok", holds)];
                self.written("[item for item in ___xs if not ___ok(item)]", &holes, at)
            }
            _ => None,
        }
    }

    /// `[f(*x) for x in xs]`
    fn applied(&mut self, function: &Expr, items: &Expr, at: Span) -> Option<Expr> {
        match &function.kind {
            ExprKind::Lambda { params, body } => {
                let plain = params
                    .list
                    .iter()
                    .all(|p| p.kind == ParamKind::Normal && p.default.is_none());
                let names: Vec<&str> = params.list.iter().map(|p| p.name.name.as_str()).collect();
                if !plain || names.is_empty() {
                    return None;
                }
                let holes = [("___xs", items), ("___y", &**body)];
                let text = format!("[___y for {}, in ___xs]", names.join(", "));
                self.as_it_stands(&text, &holes, at)
            }
            ExprKind::Name(_) | ExprKind::Attribute { .. } => {
                let holes = [("___xs", items), ("___f", function)];
                self.written("[___f(*item) for item in ___xs]", &holes, at)
            }
            _ => None,
        }
    }

    /// A piece whose own names are the user's: those of a lambda that is written in its place,
    /// where what it runs over names none of them.
    fn as_it_stands(
        &mut self,
        text: &str,
        holes: &super::written::Holes<'_>,
        at: Span,
    ) -> Option<Expr> {
        super::written::as_named(text, holes, at, self.next_id)
    }
}

/// How often a run of `groupby` is named, and taken at once.
pub(super) struct Uses<'n> {
    name: &'n str,
    all: usize,
    taken: usize,
}

impl<'ast> Visitor<'ast> for Uses<'_> {
    fn visit_expr(&mut self, e: &'ast Expr) {
        let is_it = |e: &Expr| matches!(&e.kind, ExprKind::Name(n) if n == self.name);
        match &e.kind {
            ExprKind::Name(_) if is_it(e) => self.all += 1,
            ExprKind::Call { func, args, .. } => {
                let takes =
                    matches!(&func.kind, ExprKind::Name(n) if super::TAKERS.contains(&n.as_str()));
                if takes && args.iter().any(is_it) {
                    self.taken += 1;
                }
            }
            // Each of its own is taken in turn.
            ExprKind::Comprehension { clauses, .. }
                if clauses.first().is_some_and(|c| is_it(&c.iter)) =>
            {
                self.taken += 1;
            }
            _ => {}
        }
        visit::walk_expr(self, e);
    }
}
