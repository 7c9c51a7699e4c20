//! What loops and comprehensions bind: the items of lists, ranges, `enumerate`, `zip`.

use super::Inference;
use super::env::Env;
use super::eval::Scope;
use super::model::{Fact, Problem};
use crate::ast::{Clause, Expr, ExprKind, Keyword};
use crate::desugar::typed::present::Said;
use crate::diagnostic::Code;
use crate::ranges::{IntRange, LONGEST, Range};
use crate::ty::Ty;

impl Inference<'_> {
    /// The call of a builtin that an expression is.
    fn builtin_call<'e>(
        &self,
        scope: &Scope<'_>,
        e: &'e Expr,
    ) -> Option<(&'e str, &'e [Expr], &'e [Keyword])> {
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
        let own = scope.names.names.contains_key(&func.id)
            || self.functions.contains_key(name)
            || self.model.imported.contains_key(name);
        (!own).then_some((name, args, keywords))
    }

    /// Binds a loop's target to the items of `iter`, whose own fact is `items`.
    pub(super) fn bind_items(
        &mut self,
        scope: &mut Scope<'_>,
        target: &Expr,
        iter: &Expr,
        items: &Fact,
        env: &mut Env,
    ) {
        let targets = match &target.kind {
            ExprKind::Tuple(targets) | ExprKind::List(targets) => targets.as_slice(),
            _ => &[],
        };
        match (self.builtin_call(scope, iter), targets) {
            (Some(("enumerate", [xs, rest @ ..], keywords)), [index, item]) => {
                let start = rest.first().or(keywords.first().map(|k| &k.value));
                let first = start.map_or(Some(0), |s| scope.fact(s.id).range.int().lo);
                let fact = scope.fact(xs.id);
                let last = match (&fact.ty, first) {
                    (Ty::List { len: Some(len), .. }, Some(first)) => first + *len as i128 - 1,
                    (Ty::Tuple(tys), Some(first)) => first + tys.len() as i128 - 1,
                    (_, first) => first.unwrap_or(0) + LONGEST,
                };
                let range = match first {
                    Some(first) => IntRange::new(first, last.max(first)),
                    None => IntRange::ALL,
                };
                self.assign(scope, index, None, &Fact::int(range), env);
                self.bind_items(scope, item, xs, &fact, env);
            }
            (Some(("zip", lists, [])), targets)
                if lists.len() == targets.len() && !items.ty.is_unusable() =>
            {
                for (target, list) in targets.iter().zip(lists) {
                    let fact = scope.fact(list.id);
                    self.bind_items(scope, target, list, &fact, env);
                }
            }
            (Some(("reversed" | "iter", [xs], [])), _) if !items.ty.is_unusable() => {
                let fact = scope.fact(xs.id);
                self.bind_items(scope, target, xs, &fact, env);
            }
            _ => {
                self.look_at_order(scope, iter);
                let mut items = items.clone();
                self.take_run(scope, iter, &mut items);
                let elem = self.element(iter, &items, scope);
                if let (Some(version), true) = (
                    scope.names.names.get(&target.id).cloned(),
                    elem.ty.is_shared(),
                ) {
                    // Of `(left, right)` each is one whole.
                    let wholes: Vec<_> = match &iter.kind {
                        ExprKind::Tuple(items) | ExprKind::List(items) => items
                            .iter()
                            .filter_map(|item| self.holder_of(scope, item))
                            .collect(),
                        _ => self.holder_of(scope, iter).into_iter().collect(),
                    };
                    scope.parts.insert(version, wholes);
                }
                // Of `for key, value in d.items()` the value.
                if let Ty::Tuple(tys) = &elem.ty
                    && let Some(whole) = self.holder_of(scope, iter)
                {
                    for (target, ty) in targets.iter().zip(tys) {
                        if let Some(version) = scope.names.names.get(&target.id)
                            && ty.is_shared()
                        {
                            scope.parts.insert(version.clone(), vec![whole.clone()]);
                        }
                    }
                }
                self.assign(scope, target, None, &elem, env);
            }
        }
    }

    /// Evaluates the clauses of a comprehension, and gives what holds for its element.
    pub(super) fn clauses(
        &mut self,
        scope: &mut Scope<'_>,
        clauses: &[Clause],
        env: &mut Env,
    ) -> Env {
        let mut inside = env.clone();
        for (i, clause) in clauses.iter().enumerate() {
            // The first source is evaluated in any case.
            let items = if i == 0 {
                let items = self.eval(scope, &clause.iter, env);
                inside = env.clone();
                items
            } else {
                self.eval(scope, &clause.iter, &mut inside)
            };
            match self.orderless_elements(&items.ty) {
                Some(elem) => {
                    let elem = Fact::of(elem);
                    self.assign(scope, &clause.target, None, &elem, &mut inside);
                }
                None => self.bind_items(scope, &clause.target, &clause.iter, &items, &mut inside),
            }
            for test in &clause.ifs {
                inside = self.condition(scope, test, inside).0;
            }
        }
        inside
    }

    /// What a `for` over `items` binds.
    pub(super) fn element(&mut self, iter: &Expr, items: &Fact, scope: &Scope<'_>) -> Fact {
        self.needed(iter, items, Said::LOOP);
        match self.model.as_tuple(&items.ty.narrowed()) {
            Ty::Range => Fact {
                ty: Ty::Int,
                range: items.range,
                unbound: false,
            },
            Ty::List { elem, store, .. } => {
                let range = match (&iter.kind, &store) {
                    (ExprKind::List(list), _) => list
                        .iter()
                        .map(|e| scope.fact(e.id))
                        .reduce(|a, b| a.join(&b))
                        .map_or(Range::Any, |f| f.range),
                    (_, Some(store)) => crate::value::stored_range(store),
                    (_, None) => Fact::of((*elem).clone()).range,
                };
                Fact {
                    ty: *elem,
                    range,
                    unbound: false,
                }
            }
            Ty::Tuple(tys) => {
                let elem = tys.iter().fold(Ty::Unknown, |a, b| a.join(b));
                let range = match &iter.kind {
                    ExprKind::Tuple(list) | ExprKind::List(list) => list
                        .iter()
                        .map(|e| scope.fact(e.id))
                        .reduce(|a, b| a.join(&b))
                        .map_or(Range::Any, |f| f.range),
                    _ => Fact::of(elem.clone()).range,
                };
                let fact = Fact {
                    ty: elem,
                    range,
                    unbound: false,
                };
                let told = self.telling.fact(iter.id, fact.clone());
                if self.recording && told.ty != fact.ty {
                    self.model.runs_told.insert(iter.id);
                }
                told
            }
            Ty::Deque { elem, .. } => Fact::of(*elem),
            Ty::Dict { .. } | Ty::Record(_) => match items.ty.narrowed().in_order() {
                Ty::Dict { key, .. } => Fact::of(*key),
                other => Fact::of(other),
            },
            Ty::Str | Ty::Enum(_) => Fact::of(Ty::Str),
            Ty::Unknown | Ty::Conflict(_) => Fact::of(items.ty.clone()),
            other => {
                self.run_through(iter, items);
                let what = format!("a loop over {}", other.describe());
                self.problem(
                    iter.id,
                    iter.span,
                    Problem::new(Code::PartlyHandled, format!("{what} is not translated")),
                );
                self.no_fact(&what)
            }
        }
    }
}
