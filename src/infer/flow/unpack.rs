//! Targets that take a value apart.

use crate::ast::{ComprehensionKind, Expr, ExprKind};
use crate::desugar::typed::Sugar;
use crate::desugar::typed::present::Said;
use crate::diagnostic::Code;
use crate::infer::Inference;
use crate::infer::env::{Env, Path, Seg};
use crate::infer::eval::Scope;
use crate::infer::model::{Fact, Problem};
use crate::infer::order::is_orderless;
use crate::ty::{Side, Ty};

/// The most items that are written out one by one.
const MOST_ITEMS: usize = 12;

impl<'a> Inference<'a> {
    pub(super) fn unpack(
        &mut self,
        scope: &mut Scope<'_>,
        target: &Expr,
        items: &[Expr],
        value: Option<&Expr>,
        fact: &Fact,
        env: &mut Env,
    ) {
        let star = items
            .iter()
            .position(|item| matches!(item.kind, ExprKind::Starred(_)));
        let fixed = items.len() - usize::from(star.is_some());
        let fits = |len: usize| {
            if star.is_some() {
                len >= fixed
            } else {
                len == fixed
            }
        };
        let mut fact = fact.clone();
        if let (Some(value), None) = (value, star) {
            self.take_unpacked(scope, value, &mut fact, items.len());
        }
        let fact = &fact;
        let wrong = |this: &mut Self, len: usize| {
            let message = format!("{len} values are unpacked into {} names", items.len());
            this.problem(
                target.id,
                target.span,
                Problem::new(Code::TypeMismatch, message),
            );
        };
        if let Some(value) = value.filter(|_| star.is_some()) {
            self.rest_of(scope, target, items, value, fact);
        }
        match &self.model.as_tuple(&fact.ty) {
            Ty::Messages { side, payloads } => {
                if star.is_some() || !fits(payloads.len()) {
                    return wrong(self, payloads.len());
                }
                let base = value.and_then(|v| self.path_of(scope, v));
                for (i, (item, payload)) in items.iter().zip(payloads).enumerate() {
                    let fact = Fact::of(Ty::Message {
                        side: *side,
                        payload: Box::new(payload.clone()),
                    });
                    let path = base.as_ref().map(|b| b.then(Seg::Index(i)));
                    self.bind_alias(scope, item, path, &fact, env);
                }
            }
            Ty::Tuple(tys) => {
                if !fits(tys.len()) {
                    return wrong(self, tys.len());
                }
                let values: Vec<Option<&Expr>> = match value.map(|v| &v.kind) {
                    Some(ExprKind::Tuple(values)) => values.iter().map(Some).collect(),
                    _ => vec![None; tys.len()],
                };
                // Variables alone: what else is written here may be what a value names.
                let plain = items
                    .iter()
                    .all(|item| matches!(item.kind, ExprKind::Name(_)));
                let named = values.clone();
                let facts: Vec<Fact> = tys
                    .iter()
                    .zip(values)
                    .map(|(ty, value)| {
                        value.map_or_else(|| Fact::of(ty.clone()), |v| scope.fact(v.id))
                    })
                    .collect();
                let facts = match value.and_then(crate::infer::packed::unpacked) {
                    Some(known) if known.len() == tys.len() => known,
                    _ => facts,
                };
                let many = tys.len() - fixed;
                let mut facts = facts.into_iter();
                for (i, item) in items.iter().enumerate() {
                    if let ExprKind::Starred(target) = &item.kind {
                        let rest = facts.by_ref().take(many).reduce(|a, b| a.join(&b));
                        let elem = rest.map_or(Ty::Unknown, |f| f.ty);
                        self.assign(scope, target, None, &Fact::of(Ty::list(elem)), env);
                        continue;
                    }
                    let fact = facts.next().unwrap_or_else(Fact::unknown);
                    let named = named.get(i).copied().flatten().filter(|_| plain);
                    self.assign(scope, item, named, &fact, env);
                }
                if let Some(value) = value.filter(|_| star.is_none())
                    && !tys.iter().all(is_orderless)
                {
                    let known = items.iter().zip(tys).map(|(item, ty)| {
                        let version = scope.names.names.get(&item.id);
                        version.map_or_else(|| ty.clone(), |v| self.known_var(scope, v))
                    });
                    let to = Ty::Tuple(known.collect());
                    self.keeps_order(scope, value, &to);
                }
            }
            Ty::List {
                elem, store, len, ..
            } => {
                if let Some(len) = len.filter(|len| !fits(*len)) {
                    return wrong(self, len);
                }
                let range = store.as_ref().map_or_else(
                    || Fact::of((**elem).clone()).range,
                    crate::value::stored_range,
                );
                for item in items {
                    if let ExprKind::Starred(target) = &item.kind {
                        let rest = Fact::of(Ty::list((**elem).clone()));
                        self.assign(scope, target, None, &rest, env);
                        continue;
                    }
                    let fact = Fact {
                        ty: (**elem).clone(),
                        range,
                        unbound: false,
                    };
                    self.assign(scope, item, None, &fact, env);
                }
            }
            // A list that Rust holds as a tuple, as it comes in a loop.
            Ty::Struct(key)
                if value.is_none()
                    && star.is_none()
                    && let Some(fields) = self.types.row_items(key) =>
            {
                let facts: Vec<Fact> = fields
                    .iter()
                    .map(|field| Fact::stored(&field.ty, self.types))
                    .collect();
                if !fits(facts.len()) {
                    return wrong(self, facts.len());
                }
                for (item, fact) in items.iter().zip(&facts) {
                    self.assign(scope, item, None, fact, env);
                }
            }
            Ty::Unknown | Ty::Conflict(_) => {
                for item in items {
                    let item = match &item.kind {
                        ExprKind::Starred(target) => target,
                        _ => item,
                    };
                    self.assign(scope, item, None, &Fact::of(fact.ty.clone()), env);
                }
            }
            other => {
                if matches!(other, Ty::Option(_)) {
                    self.note(target, Sugar::Present(Said::UNPACKED));
                }
                if let Some(value) = value {
                    if matches!(other, Ty::Deque { .. }) {
                        self.note(value, Sugar::Listed);
                    }
                    self.run_through(value, fact);
                    self.row(value, fact, false);
                }
                let message = format!("unpacking {} is not translated", other.describe());
                self.problem(
                    target.id,
                    target.span,
                    Problem::new(Code::PartlyHandled, message),
                );
            }
        }
    }

    /// `first, *rest = xs` of what always has the same number of items, which are no objects:
    /// `rest` is a list of some of them.
    fn rest_of(
        &mut self,
        scope: &Scope<'_>,
        target: &Expr,
        items: &[Expr],
        value: &Expr,
        fact: &Fact,
    ) {
        let (count, plain) = match &fact.ty {
            Ty::Tuple(tys) => (tys.len(), !tys.iter().any(Ty::is_shared)),
            Ty::List {
                elem,
                len: Some(len),
                ..
            } => (*len, !elem.is_shared()),
            _ => return,
        };
        let displayed = matches!(value.kind, ExprKind::Tuple(_) | ExprKind::List(_));
        let fits = items.len() <= count && count <= MOST_ITEMS;
        if plain && fits && !displayed && !self.asks_property(scope, value) {
            self.note(target, Sugar::Rest(count));
        }
    }

    /// Whether reading a place calls a method of the file.
    fn asks_property(&self, scope: &Scope<'_>, e: &Expr) -> bool {
        match &e.kind {
            ExprKind::Attribute { value, attr } => {
                let class = match scope.fact(value.id).ty.narrowed() {
                    Ty::Instance(class) => self.classes.get(&class),
                    _ => None,
                };
                class.is_some_and(|class| class.find(&attr.name).is_some())
                    || self.asks_property(scope, value)
            }
            ExprKind::Subscript { value, .. } => {
                let own = matches!(scope.fact(value.id).ty.narrowed(), Ty::Instance(_));
                own || self.asks_property(scope, value)
            }
            _ => false,
        }
    }

    /// `[m.payload for m in inputs]`: the path of each element.
    pub(super) fn message_comprehension(
        &mut self,
        scope: &mut Scope<'_>,
        value: &Expr,
        env: &mut Env,
    ) -> Option<Vec<(Path, Fact)>> {
        let ExprKind::Comprehension {
            kind: ComprehensionKind::List | ComprehensionKind::Generator,
            element,
            clauses,
            ..
        } = &value.kind
        else {
            return None;
        };
        let [clause] = clauses.as_slice() else {
            return None;
        };
        let (ExprKind::Attribute { value: base, attr }, true) =
            (&element.kind, clause.ifs.is_empty())
        else {
            return None;
        };
        let (ExprKind::Name(bound), ExprKind::Name(item)) = (&clause.target.kind, &base.kind)
        else {
            return None;
        };
        if bound != item {
            return None;
        }
        let messages = self.eval(scope, &clause.iter, env);
        let (Ty::Messages { side, payloads }, Some(path)) =
            (&messages.ty, self.path_of(scope, &clause.iter))
        else {
            return None;
        };
        let facts = payloads.iter().enumerate().map(|(i, payload)| {
            let ty = match (attr.name.as_str(), side) {
                ("payload", Side::Input) => payload.clone().optional(),
                ("payload", Side::Output) => payload.clone(),
                ("tov", _) => Ty::Tov,
                _ => Ty::Conflict(format!("`.{}` of a message", attr.name)),
            };
            (path.then(Seg::Index(i)).attr(&attr.name), Fact::of(ty))
        });
        let facts: Vec<(Path, Fact)> = facts.collect();
        scope.record(
            value.id,
            Fact::of(Ty::Tuple(facts.iter().map(|(_, f)| f.ty.clone()).collect())),
        );
        Some(facts)
    }

    pub(super) fn bind_message_paths(
        &mut self,
        scope: &mut Scope<'_>,
        targets: &[Expr],
        paths: &[(Path, Fact)],
        env: &mut Env,
    ) {
        for target in targets {
            match &target.kind {
                ExprKind::Tuple(items) | ExprKind::List(items) if items.len() == paths.len() => {
                    for (item, (path, fact)) in items.iter().zip(paths) {
                        self.bind_alias(scope, item, Some(path.clone()), fact, env);
                    }
                }
                _ => self.problem(
                    target.id,
                    target.span,
                    Problem::new(
                        Code::PartlyHandled,
                        "a list of messages as a value is not translated",
                    )
                    .with_help("unpack it: `a, b = [m.payload for m in inputs]`"),
                ),
            }
        }
    }
}
