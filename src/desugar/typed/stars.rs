//! `*` in calls and displays, written out.
//!
//! Enters: an expression, and how many items each `*` in it gives. Leaves: `f(p[0], p[1])`
//! for `f(*p)`, `xs + [x]` for `[*xs, x]`. This module must not know how that was found out.

use super::super::build::Build;
use super::super::columns::{COLUMNS, PARTS, lists_of_columns};
use super::{AT_LEAST, EXACTLY, Sugar, Work, acts, copies, free};
use crate::ast::{BinaryOp, Clause, ComprehensionKind, Expr, ExprKind, Ident, Keyword};

impl Work<'_, '_> {
    /// The items of each `*` whose number is known.
    pub(super) fn stars(&mut self, e: &mut Expr) {
        self.exact(e);
        self.by_name(e);
        self.columns(e);
        if let Some(Sugar::Gathered) = self.found.get(&e.id) {
            self.gathered(e);
            return;
        }
        if let Some(Sugar::Concat(lists)) = self.found.get(&e.id) {
            let lists = lists.clone();
            self.concatenated(e, &lists);
            return;
        }
        let items = match &mut e.kind {
            ExprKind::Call { args, .. } => args,
            ExprKind::List(items) | ExprKind::Tuple(items) => items,
            _ => return,
        };
        if !items.iter().any(|i| matches!(i.kind, ExprKind::Starred(_))) {
            return;
        }
        let mut out = Vec::new();
        for item in std::mem::take(items) {
            match (item.kind, self.found.get(&item.id)) {
                (ExprKind::Starred(inner), Some(Sugar::Spread(from, count))) => {
                    let of = match inner.kind {
                        // What of it is taken is known.
                        ExprKind::Subscript { value, index }
                            if matches!(index.kind, ExprKind::Slice { .. }) =>
                        {
                            *value
                        }
                        kind => Expr { kind, ..*inner },
                    };
                    self.spread(of, *from, *count, &mut out);
                }
                (ExprKind::Starred(inner), Some(Sugar::ExactStar(count))) => {
                    let mut of = *inner;
                    // Python runs through all of it before it calls.
                    if let ExprKind::Comprehension { kind, .. } = &mut of.kind
                        && *kind == ComprehensionKind::Generator
                    {
                        *kind = ComprehensionKind::List;
                    }
                    let mut build = self.build(&of);
                    let exactly = build.name(EXACTLY);
                    let wanted = build.expr(ExprKind::Int((*count).into()));
                    let list = build.call(exactly, vec![of, wanted]);
                    self.spread(list, 0, *count, &mut out);
                }
                (kind, _) => out.push(Expr { kind, ..item }),
            }
        }
        *items = out;
    }

    /// `f((items := exactly(xs, 2))[0], items[1])` for `f(*xs)`, where `f` takes two and `xs` is
    /// a list of any length.
    fn exact(&mut self, e: &mut Expr) {
        let ExprKind::Call {
            func,
            args,
            keywords,
        } = &mut e.kind
        else {
            return;
        };
        let first = args.iter().enumerate().find_map(|(at, arg)| {
            let Some(Sugar::Exactly(count)) = self.found.get(&arg.id) else {
                return None;
            };
            Some((at, *count))
        });
        let Some((at, count)) = first else { return };
        // Python asks for the length once all has been computed.
        let given = args.iter().enumerate();
        let others = given.filter(|(i, _)| *i < at || *i >= at + count);
        let still = match &func.kind {
            ExprKind::Attribute { value, .. } => !acts(value),
            _ => true,
        };
        let quiet = others
            .map(|(_, a)| a)
            .chain(keywords.iter().map(|k| &k.value));
        if !still || !quiet.into_iter().all(|e| !acts(e)) {
            return;
        }
        let Some(of) = args.get(at).and_then(|arg| match &arg.kind {
            ExprKind::Subscript { value, .. } => Some((**value).clone()),
            _ => None,
        }) else {
            return;
        };
        let mut build = self.build(&of);
        let exactly = build.name(EXACTLY);
        let wanted = build.expr(ExprKind::Int(count.into()));
        let list = build.call(exactly, vec![of, wanted]);
        let mut items = Vec::new();
        self.spread(list, 0, count, &mut items);
        args.splice(at..(at + count).min(args.len()), items);
    }

    /// `columns(rows)` for `zip(*rows)`, and for `[list(c) for c in zip(*rows)]`.
    fn columns(&mut self, e: &mut Expr) {
        if let ExprKind::Comprehension {
            kind: ComprehensionKind::List,
            element,
            clauses,
            ..
        } = &e.kind
            && let Some(all) = lists_of_columns(element, clauses)
            && (is_call_of(all, COLUMNS) || self.found.contains_key(&all.id))
        {
            // They are lists of their own already.
            *e = all.clone();
        }
        let Some(Sugar::Columns(count)) = self.found.get(&e.id) else {
            return;
        };
        let ExprKind::Call { args, .. } = &mut e.kind else {
            return;
        };
        let Some(ExprKind::Starred(rows)) = args.pop().map(|a| a.kind) else {
            return;
        };
        let mut build = self.build(&rows);
        let mut given = vec![(*rows).clone()];
        let name = match count {
            None => COLUMNS,
            Some(count) => {
                given.push(build.expr(ExprKind::Int((*count).into())));
                PARTS
            }
        };
        let func = build.name(name);
        e.kind = build.call(func, given).kind;
    }

    /// `f(kp=d["kp"])` for `f(**d)`.
    fn by_name(&mut self, e: &mut Expr) {
        let ExprKind::Call { keywords, .. } = &mut e.kind else {
            return;
        };
        for keyword in std::mem::take(keywords) {
            let keys = match (&keyword.name, self.found.get(&keyword.value.id)) {
                (None, Some(Sugar::ByName(keys))) => keys,
                _ => {
                    keywords.push(keyword);
                    continue;
                }
            };
            for key in keys {
                let dict = Box::new(self.copy(&keyword.value));
                let span = keyword.value.span;
                let mut build = self.build(&keyword.value);
                let index = Box::new(build.expr(ExprKind::Str(key.clone())));
                keywords.push(Keyword {
                    name: Some(Ident {
                        span,
                        name: key.clone(),
                    }),
                    value: build.expr(ExprKind::Subscript { value: dict, index }),
                });
            }
        }
    }

    /// `max(at_least(xs, 2))` for `max(*xs)`, `max([a, *at_least(xs, 1)])` for `max(a, *xs)`:
    /// one number alone is no list to Python.
    fn gathered(&mut self, e: &mut Expr) {
        let ExprKind::Call { args, .. } = &mut e.kind else {
            return;
        };
        let before = args.len().saturating_sub(1);
        let Some((ExprKind::Starred(of), span)) = args.pop().map(|a| (a.kind, a.span)) else {
            return;
        };
        let of = match acts(&of) {
            true => {
                let target = Ident {
                    span,
                    name: free("items", &mut self.names),
                };
                self.build(&of.clone())
                    .expr(ExprKind::Named { target, value: of })
            }
            false => *of,
        };
        let mut build = self.build(&of);
        let list = match 2usize.saturating_sub(before) {
            0 => of,
            least => {
                let func = build.name(AT_LEAST);
                let least = build.expr(ExprKind::Int(least.into()));
                build.call(func, vec![of, least])
            }
        };
        let mut items = std::mem::take(args);
        let all = if items.is_empty() {
            list
        } else {
            items.push(build.expr(ExprKind::Starred(Box::new(list))));
            build.expr(ExprKind::List(items))
        };
        *args = vec![all];
    }

    /// `p[0], p[1]`, where what is computed gets a name: `(p := f())[0], p[1]`.
    fn spread(&mut self, inner: Expr, from: usize, count: usize, out: &mut Vec<Expr>) {
        if let ExprKind::Tuple(items) | ExprKind::List(items) = inner.kind {
            out.extend(items.into_iter().skip(from).take(count));
            return;
        }
        // `a + (x, y)` is the items of `a`, and then `x` and `y`.
        if let (0, false) = (from, self.found.contains_key(&inner.id))
            && let Some((left, right)) = joined(&inner)
            && let Some(before) = count.checked_sub(right.len())
        {
            self.spread(left, 0, before, out);
            out.extend(right);
            return;
        }
        let again = matches!(self.found.get(&inner.id), Some(Sugar::Again));
        if again || !acts(&inner) || inner.is_place() {
            out.extend((from..from + count).map(|i| self.item_at(inner.clone(), i)));
            return;
        }
        // What is computed item by item is a tuple to take the items of.
        let inner = match inner.kind {
            ExprKind::Comprehension {
                kind: ComprehensionKind::Generator,
                ..
            } => {
                let mut build = self.build(&inner);
                let tuple = build.name("tuple");
                build.call(tuple, vec![inner])
            }
            _ => inner,
        };
        let name = free("items", &mut self.names);
        self.kept.insert(name.clone());
        let named = self.build(&inner).name(&name);
        let target = Ident {
            span: inner.span,
            name: name.clone(),
        };
        let mut first = Some(self.build(&inner).expr(ExprKind::Named {
            target,
            value: Box::new(inner.clone()),
        }));
        for i in from..from + count {
            let of = first.take().unwrap_or_else(|| named.clone());
            out.push(self.item_at(of, i));
        }
    }

    /// `f(items[0], items[1]) for x in xs for items in [g(x)]`, for an element `f((items :=
    /// g(x))[0], items[1])`: what is kept in a name is kept for each element.
    pub(super) fn kept_in_turn(&mut self, e: &mut Expr) {
        let ExprKind::Comprehension {
            element,
            value,
            clauses,
            ..
        } = &mut e.kind
        else {
            return;
        };
        // `… for p in [f(…)]`: such a source is an element, too.
        for at in (1..clauses.len()).rev() {
            let Some(Expr {
                kind: ExprKind::List(one),
                ..
            }) = clauses.get_mut(at).map(|c| &mut c.iter)
            else {
                continue;
            };
            if let [one] = one.as_mut_slice()
                && let Some(clause) = self.taken_out(one)
            {
                clauses.insert(at, clause);
            }
        }
        let made = match value {
            Some(value) if !acts(element) => value,
            Some(_) => return,
            None => element,
        };
        if let Some(clause) = self.taken_out(made) {
            clauses.push(clause);
        }
    }

    /// `for items in [g(x)]`, for `f((items := g(x))[0], items[1])`, which becomes `f(items[0],
    /// items[1])`.
    fn taken_out(&mut self, made: &mut Expr) -> Option<Clause> {
        let ExprKind::Call { func, args, .. } = &mut made.kind else {
            return None;
        };
        if matches!(&func.kind, ExprKind::Attribute { value, .. } if acts(value)) {
            return None;
        }
        // Nothing before it may do anything.
        let first = args.iter_mut().find(|a| acts(a))?;
        let ExprKind::Subscript { value: base, .. } = &mut first.kind else {
            return None;
        };
        let ExprKind::Named { target, value } = &base.kind else {
            return None;
        };
        if !self.kept.contains(&target.name) {
            return None;
        }
        let (name, value) = (target.name.clone(), (**value).clone());
        let mut build = self.build(&value);
        let place = build.name(&name);
        **base = build.name(&name);
        let alone = build.expr(ExprKind::List(vec![value]));
        Some(Clause {
            target: place,
            iter: alone,
            ifs: Vec::new(),
            is_async: false,
        })
    }

    /// `of[i]`
    pub(super) fn item_at(&mut self, mut of: Expr, i: usize) -> Expr {
        copies::expr(&mut of, self.next_id);
        let mut build = self.build(&of);
        let index = Box::new(build.expr(ExprKind::Int(i.into())));
        let value = Box::new(of);
        build.expr(ExprKind::Subscript { value, index })
    }

    /// `xs + [x]` for `[*xs, x]`.
    fn concatenated(&mut self, e: &mut Expr, lists: &[bool]) {
        let ExprKind::List(items) = &mut e.kind else {
            return;
        };
        let mut lists = lists.iter();
        let mut parts: Vec<Expr> = Vec::new();
        let mut own = Vec::new();
        let span = e.span;
        let mut build = Build {
            next_id: self.next_id,
            span,
        };
        let alone = items.len() == 1;
        for item in std::mem::take(items) {
            let ExprKind::Starred(inner) = item.kind else {
                own.push(item);
                continue;
            };
            if !own.is_empty() {
                parts.push(build.expr(ExprKind::List(std::mem::take(&mut own))));
            }
            let list = lists.next().is_some_and(|list| *list) && !alone;
            parts.push(match list {
                true => *inner,
                false => {
                    let list = build.name("list");
                    build.call(list, vec![*inner])
                }
            });
        }
        if !own.is_empty() {
            parts.push(build.expr(ExprKind::List(own)));
        }
        let sum = parts.into_iter().reduce(|left, right| {
            build.expr(ExprKind::Binary {
                left: Box::new(left),
                op: BinaryOp::Add,
                right: Box::new(right),
            })
        });
        if let Some(sum) = sum {
            e.kind = sum.kind;
        }
    }
}

/// Whether it is a call of a builtin of that name.
fn is_call_of(e: &Expr, name: &str) -> bool {
    matches!(&e.kind, ExprKind::Call { func, .. } if matches!(&func.kind, ExprKind::Name(n) if n == name))
}

/// What `a + (x, y)` adds, and the items that stand in it.
fn joined(e: &Expr) -> Option<(Expr, Vec<Expr>)> {
    let ExprKind::Binary {
        left,
        op: BinaryOp::Add,
        right,
    } = &e.kind
    else {
        return None;
    };
    match &right.kind {
        ExprKind::Tuple(items) if !items.iter().any(is_starred) => {
            Some(((**left).clone(), items.clone()))
        }
        _ => None,
    }
}

fn is_starred(e: &Expr) -> bool {
    matches!(e.kind, ExprKind::Starred(_))
}
