//! `*` in calls and displays: how many items it stands for.
//!
//! Enters: a call or a display with `*`, in the last round. Leaves: notes in the model of how
//! many items each `*` gives, or of lists that are put together, which
//! [`crate::desugar::typed`] writes out. This module must not know how it is written out.

use super::Inference;
use super::env::Env;
use super::eval::Scope;
use super::model::{Fact, Problem};
use crate::ast::{ComprehensionKind, Expr, ExprKind, Keyword, MethodKind, Param, ParamKind};
use crate::catalog::{self, Arg};
use crate::desugar::typed::{EXACTLY, Sugar, acts};
use crate::desugar::{COLUMNS, PARTS};
use crate::diagnostic::Code;
use crate::ranges::IntRange;
use crate::ty::{Missing, Ty};
use num_traits::ToPrimitive;

impl Inference<'_> {
    /// `f(a, *xs)`
    pub(super) fn starred_call(
        &mut self,
        scope: &mut Scope<'_>,
        e: &Expr,
        func: &Expr,
        args: &[Expr],
        keywords: &[Keyword],
        env: &mut Env,
    ) -> Fact {
        if let ExprKind::Attribute { value, .. } = &func.kind {
            let _ = self.eval(scope, value, env);
        }
        let mut open = None;
        for (i, arg) in args.iter().enumerate() {
            let earlier = args.get(..i).unwrap_or_default();
            let fact = self.starred_item(scope, arg, earlier, env);
            open = open.or(fact);
        }
        for keyword in keywords {
            let fact = self.eval(scope, &keyword.value, env);
            if keyword.name.is_none() {
                self.given_by_name(&keyword.value, &fact);
            }
        }
        let named = keywords.iter().all(|k| k.name.is_some());
        if let (Some(rows), Some(count)) = (&open, self.columns.get(&e.id).copied())
            && let Some(fact) = self.columns_of(e, rows, count)
        {
            return fact;
        }
        if let (Some(fact), true) = (&open, named) {
            self.given_to_builtin(scope, e, func, (args, keywords), fact);
            self.given_to_own(scope, func, (args, keywords), fact);
        }
        let message = match open {
            Some(fact) if named => format!(
                "`*` of {} in this call is not translated: how many arguments it gives is not known",
                fact.ty.describe()
            ),
            _ => "`*` or `**` in a call is not translated yet".to_string(),
        };
        let problem = Problem::new(Code::UnsupportedSyntax, message);
        self.problem(e.id, e.span, problem);
        self.no_fact("`*` in a call")
    }

    /// `zip(*rows)`, whose columns may be lists: nobody can tell.
    fn columns_of(&mut self, e: &Expr, rows: &Fact, count: Option<usize>) -> Option<Fact> {
        let name = match count {
            None => COLUMNS,
            Some(_) => PARTS,
        };
        let known = catalog::lookup(name)?;
        let mut args = vec![Arg::of(rows.clone())];
        if let Some(count) = count {
            let count = IntRange::exactly(count as i128);
            args.push(Arg::of(Fact::int(count)));
        }
        let fact = known.infer(&args).ok()?;
        self.note(e, Sugar::Columns(count));
        let message = "`zip(*…)` is not translated here";
        let problem = Problem::new(Code::PartlyHandled, message);
        self.problem(e.id, e.span, problem);
        Some(fact)
    }

    /// `f(**d)` of a dict whose keys are known: its entries by name.
    fn given_by_name(&mut self, value: &Expr, fact: &Fact) {
        if let Ty::Record(fields) = &fact.ty
            && !fields.is_partial()
            && value.is_place()
        {
            let keys = fields.iter().map(|(key, _)| key.clone()).collect();
            self.note(value, Sugar::ByName(keys));
        }
    }

    /// `max(*xs)`: as `max(xs)`, where each element is no list of its own.
    fn given_to_builtin(
        &mut self,
        scope: &Scope<'_>,
        e: &Expr,
        func: &Expr,
        (args, keywords): (&[Expr], &[Keyword]),
        of: &Fact,
    ) {
        let ExprKind::Name(name) = &func.kind else {
            return;
        };
        let (Ty::List { elem, .. }, true) = (&of.ty, self.is_free(scope, func)) else {
            return;
        };
        let starred = |a: &Expr| matches!(a.kind, ExprKind::Starred(_));
        let last = args.iter().position(starred).map(|at| at + 1) == Some(args.len());
        let keyed = |k: &Keyword| k.name.as_ref().is_some_and(|n| n.name == "key");
        match name.as_str() {
            "min" | "max" if last && elem.is_number() && keywords.iter().all(keyed) => {
                self.note(e, Sugar::Gathered);
            }
            _ => {}
        }
    }

    /// `exactly(xs, 2)` of what has another length, or one that is known.
    pub(super) fn asked_exactly(&mut self, scope: &Scope<'_>, e: &Expr, full: &str, args: &[Expr]) {
        let (EXACTLY, [of, count]) = (full, args) else {
            return;
        };
        let fact = scope.fact(of.id);
        let len = match self.model.as_tuple(&fact.ty.narrowed()) {
            Ty::Tuple(items) => Some(items.len()),
            Ty::List { len, .. } => len,
            Ty::Instance(_) => return self.run_through(of, &fact),
            _ => None,
        };
        let wanted = scope.fact(count.id).range.int().constant();
        if len.is_some() && wanted == len.map(|len| len as i128) {
            self.note(e, Sugar::Known);
        }
    }

    /// `Place(*line.split())`, where the class takes three and the list may be of any length.
    fn given_to_own(
        &mut self,
        scope: &Scope<'_>,
        func: &Expr,
        (args, keywords): (&[Expr], &[Keyword]),
        of: &Fact,
    ) {
        let Ty::List {
            elem, len: None, ..
        } = &of.ty
        else {
            return;
        };
        let starred = |a: &&Expr| matches!(a.kind, ExprKind::Starred(_));
        let mut stars = args.iter().filter(starred);
        let (Some(star), None) = (stars.next(), stars.next()) else {
            return;
        };
        let others = args.iter().filter(|a| !starred(a));
        let mut others = others.chain(keywords.iter().map(|k| &k.value));
        let still = match &func.kind {
            ExprKind::Attribute { value, .. } => !acts(value),
            _ => true,
        };
        // Python asks for the length once all has been computed.
        if !still || elem.is_shared() || elem.is_unusable() || others.any(acts) {
            return;
        }
        let Some(params) = self.params_of(scope, func) else {
            return;
        };
        let by_name = |p: &&Param| {
            let named = |k: &Keyword| k.name.as_ref().is_some_and(|n| n.name == p.name.name);
            !keywords.iter().any(named)
        };
        let open: Vec<&Param> = params.iter().filter(by_name).collect();
        let one = |p: &&Param| {
            matches!(p.kind, ParamKind::Normal | ParamKind::PositionalOnly) && p.default.is_none()
        };
        if open.iter().all(one)
            && let Some(count) = open.len().checked_sub(args.len() - 1)
            && count > 0
        {
            self.note(star, Sugar::ExactStar(count));
        }
    }

    /// What a function or class of the file takes.
    fn params_of(&self, scope: &Scope<'_>, func: &Expr) -> Option<&[Param]> {
        let own = |class: &str| {
            let (function, kind) = self.classes.get(class)?.find("__init__")?;
            (kind == MethodKind::Method).then_some(function.params.list.get(1..)?)
        };
        match &func.kind {
            ExprKind::Name(name) if !scope.names.names.contains_key(&func.id) => {
                match self.functions.get(name) {
                    Some(function) => Some(&function.params.list),
                    None => own(name),
                }
            }
            ExprKind::Name(_) => match scope.fact(func.id).ty {
                Ty::Class(class) => own(&class),
                _ => None,
            },
            ExprKind::Attribute { value, attr } => {
                let class = match scope.fact(value.id).ty {
                    Ty::Instance(class) | Ty::Class(class) => class,
                    _ => return None,
                };
                let (function, kind) = self.classes.get(&class)?.find(&attr.name)?;
                match kind {
                    MethodKind::Method | MethodKind::Class => function.params.list.get(1..),
                    MethodKind::Static => Some(&function.params.list),
                    MethodKind::Property | MethodKind::Setter => None,
                }
            }
            _ => None,
        }
    }

    /// Evaluates an argument or item, and notes what a `*` gives; what it is of where that is
    /// no certain number.
    fn starred_item(
        &mut self,
        scope: &mut Scope<'_>,
        item: &Expr,
        earlier: &[Expr],
        env: &mut Env,
    ) -> Option<Fact> {
        let ExprKind::Starred(inner) = &item.kind else {
            let _ = self.eval(scope, item, env);
            return None;
        };
        let fact = self.eval(scope, inner, env);
        self.row(inner, &fact, false);
        if matches!(fact.ty, Ty::Instance(_)) {
            self.run_through(inner, &fact);
        }
        let display = matches!(inner.kind, ExprKind::Tuple(_) | ExprKind::List(_));
        let made = matches!(inner.kind, ExprKind::Comprehension { .. });
        let known = self.count_of(scope, inner, &fact).or_else(|| {
            let count = self.length_of(scope, inner).filter(|_| made);
            count.map(|count| (0, count))
        });
        // What is computed is kept in a name, for which nothing before it may be computed later.
        let still = earlier.iter().all(|e| !acts(e));
        match known {
            Some((from, count)) if display || still || !acts(inner) || inner.is_place() => {
                self.note(item, Sugar::Spread(from, count));
                self.found_again(scope, inner);
                None
            }
            _ => Some(fact),
        }
    }

    /// Notes that looking up an item anew gives the same: `angles[leg]`.
    fn found_again(&mut self, scope: &Scope<'_>, e: &Expr) {
        // `self.__iter__()`, written for `*self`.
        if let ExprKind::Call { func, args, .. } = &e.kind
            && let ExprKind::Attribute { value, attr } = &func.kind
            && attr.name == "__iter__"
            && args.is_empty()
            && value.is_path()
            && self.recording
            && self.gives_plainly(&scope.fact(value.id))
        {
            self.model.sugar.entry(e.id).or_insert(Sugar::Again);
        }
        let ExprKind::Subscript { value, index } = &e.kind else {
            return;
        };
        let plain = match scope.fact(value.id).ty {
            Ty::Dict { missing, .. } => missing == Missing::Raises,
            Ty::List { .. } | Ty::Tuple(_) => true,
            _ => false,
        };
        if plain && value.is_path() && index.is_path() && self.recording {
            self.model.sugar.entry(e.id).or_insert(Sugar::Again);
        }
    }

    /// The first item of a list of any length that a `*` gives to so many parameters: Python
    /// asks for its length when it calls.
    pub(super) fn exactly(&mut self, e: &Expr, index: &Expr, base: &Fact, count: usize) {
        let first = matches!(&index.kind, ExprKind::Binary { left, .. } if matches!(&left.kind, ExprKind::Int(i) if i.to_u8() == Some(0)));
        if let (
            true,
            Ty::List {
                elem, len: None, ..
            },
        ) = (first, &base.ty)
            && !elem.is_shared()
            && !elem.is_unusable()
        {
            self.note(e, Sugar::Exactly(count));
        }
    }

    /// The items that a value always has: the first, and how many; those of `xs[1:3]` in `xs`.
    fn count_of(&self, scope: &Scope<'_>, e: &Expr, fact: &Fact) -> Option<(usize, usize)> {
        let count = |fact: &Fact| match self.model.as_tuple(&fact.ty) {
            Ty::Tuple(items) => Some(items.len()),
            Ty::List { len, .. } => len,
            _ => None,
        };
        if let ExprKind::Comprehension {
            kind: ComprehensionKind::List | ComprehensionKind::Generator,
            clauses,
            ..
        } = &e.kind
            && let [clause] = clauses.as_slice()
            && clause.ifs.is_empty()
        {
            // As many as it runs through.
            return count(&scope.fact(clause.iter.id)).map(|count| (0, count));
        }
        let ExprKind::Subscript { value, index } = &e.kind else {
            return count(fact).map(|count| (0, count));
        };
        let ExprKind::Slice { lower, upper, step } = &index.kind else {
            return count(fact).map(|count| (0, count));
        };
        let all = count(&scope.fact(value.id))?;
        let bound = |bound: &Option<Box<Expr>>, default: usize| match bound {
            None => Some(default),
            Some(e) => {
                let at = scope.fact(e.id).range.int();
                let at = (at.lo? == at.hi?).then_some(at.lo)??;
                let from_end = if at < 0 { all as i128 } else { 0 };
                usize::try_from((at + from_end).clamp(0, all as i128)).ok()
            }
        };
        let from = bound(lower, 0)?;
        let to = bound(upper, all)?;
        step.is_none().then_some((from, to.saturating_sub(from)))
    }

    /// `[*xs, x]`, `(*p, z)`
    pub(super) fn starred_display(
        &mut self,
        scope: &mut Scope<'_>,
        e: &Expr,
        items: &[Expr],
        env: &mut Env,
    ) -> Fact {
        let mut open = None;
        for (i, item) in items.iter().enumerate() {
            let earlier = items.get(..i).unwrap_or_default();
            let fact = self.starred_item(scope, item, earlier, env);
            open = open.or(fact);
        }
        let Some(first_open) = open else {
            return self.unsupported(e, "`*` unpacking");
        };
        let mut lists = Vec::new();
        for item in items {
            if let ExprKind::Starred(inner) = &item.kind {
                let list = match scope.fact(inner.id).ty {
                    Ty::List { .. } => true,
                    Ty::Tuple(_) | Ty::Deque { .. } | Ty::Range => false,
                    _ => {
                        let what = format!("`*` of {}", first_open.ty.describe());
                        return self.unsupported(e, &what);
                    }
                };
                lists.push(list);
            }
        }
        // The first list is copied before what stands behind it is computed.
        let starred = |i: &Expr| matches!(i.kind, ExprKind::Starred(_));
        let first = items.iter().position(starred).unwrap_or(0);
        let still = items.iter().skip(first + 1).all(|item| match &item.kind {
            ExprKind::Starred(inner) => !acts(inner),
            _ => !acts(item) || self.is_pure(scope, item),
        });
        if matches!(e.kind, ExprKind::List(_)) && still {
            self.note(e, Sugar::Concat(lists));
        }
        self.unsupported(e, "`*` unpacking")
    }
}
