//! `map`, `filter` and key functions, as comprehensions and lambdas.
//!
//! Enters: an expression. Leaves: `(f(x) for x in xs)` for `map(f, xs)`, `(x for x in xs if
//! f(x))` for `filter(f, xs)`, `key=lambda item: f(item)` for `key=f`, a sum for the length of
//! what is only counted. This module must not
//! know types.

use super::Desugar;
use crate::ast::{
    Clause, ComprehensionKind, Expr, ExprKind, Ident, NodeId, Param, ParamKind, Params,
};
use crate::source::Span;

/// The dict whose keys something gives: `d` of `sorted(d)`, `list(d.keys())`.
fn keyed(source: &Expr) -> &Expr {
    let ExprKind::Call { func, args, .. } = &source.kind else {
        return source;
    };
    match (&func.kind, args.as_slice()) {
        (ExprKind::Name(name), [of])
            if matches!(name.as_str(), "sorted" | "list" | "tuple" | "reversed") =>
        {
            keyed(of)
        }
        (ExprKind::Attribute { value, attr }, []) if attr.name == "keys" => value,
        _ => source,
    }
}

impl Desugar {
    /// A name that the module does not have.
    pub(super) fn free(&self, name: &str) -> String {
        let mut name = name.to_string();
        while self.names.contains(&name) {
            name.push('_');
        }
        name
    }

    /// `sorted(xs)` for `sorted(list(xs))`, and its kin: what takes all of its argument first
    /// needs no list of it.
    pub(super) fn taken_in_whole(&self, expr: &mut Expr) {
        let ExprKind::Call { func, args, .. } = &mut expr.kind else {
            return;
        };
        let takes_all = |name: &str| {
            matches!(name, "sorted" | "list" | "tuple" | "set" | "frozenset")
                && !self.shadowed.contains(name)
        };
        let (true, [of]) = (
            matches!(&func.kind, ExprKind::Name(name) if takes_all(name)),
            args.as_mut_slice(),
        ) else {
            return;
        };
        let copied = ["list", "tuple"]
            .iter()
            .find_map(|name| match self.call_of(name, of) {
                Some([items]) => Some(items.clone()),
                _ => None,
            });
        if let Some(items) = copied
            && !matches!(items.kind, ExprKind::Starred(_))
        {
            *of = items;
        }
    }

    /// `map(f, xs, …)` and `filter(f, xs)` as generators.
    pub(super) fn generator_of_call(&mut self, expr: &Expr) -> Option<ExprKind> {
        let span = expr.span;
        let (is_map, function, lists) = if let Some([function, lists @ ..]) =
            self.call_of("map", expr)
            && !lists.is_empty()
        {
            (true, function.clone(), lists.to_vec())
        } else if let Some([function, list]) = self.call_of("filter", expr) {
            (false, function.clone(), vec![list.clone()])
        } else {
            return None;
        };
        // What is called is evaluated once: a name or a lambda.
        let mut targets = Vec::new();
        let mut applied = match &function.kind {
            ExprKind::Lambda { params, body } if params.list.len() == lists.len() => {
                if params
                    .list
                    .iter()
                    .any(|p| p.kind != ParamKind::Normal || p.default.is_some())
                {
                    return None;
                }
                for param in &params.list {
                    targets
                        .push(self.node(param.name.span, ExprKind::Name(param.name.name.clone())));
                }
                (**body).clone()
            }
            ExprKind::Name(_) | ExprKind::Attribute { .. } => {
                let mut args = Vec::new();
                for i in 0..lists.len() {
                    let name = self.free(if i == 0 { "item" } else { "other" });
                    let name = if i > 1 { format!("{name}_{i}") } else { name };
                    targets.push(self.node(span, ExprKind::Name(name.clone())));
                    args.push(self.node(span, ExprKind::Name(name)));
                }
                self.node(
                    function.span,
                    ExprKind::Call {
                        func: Box::new(function.clone()),
                        args,
                        keywords: Vec::new(),
                    },
                )
            }
            ExprKind::None if !is_map => {
                let name = self.free("item");
                targets.push(self.node(span, ExprKind::Name(name.clone())));
                self.node(span, ExprKind::Name(name))
            }
            _ => return None,
        };
        let (target, iter) = if lists.len() == 1 {
            (targets.pop()?, lists.into_iter().next()?)
        } else {
            let zip = self.node(span, ExprKind::Name("zip".into()));
            let target = self.node(span, ExprKind::Tuple(targets));
            let iter = self.node(
                span,
                ExprKind::Call {
                    func: Box::new(zip),
                    args: lists,
                    keywords: Vec::new(),
                },
            );
            (target, iter)
        };
        let mut ifs = Vec::new();
        if !is_map {
            let ExprKind::Name(name) = &target.kind else {
                return None;
            };
            let element = self.node(span, ExprKind::Name(name.clone()));
            ifs.push(std::mem::replace(&mut applied, element));
        }
        Some(ExprKind::Comprehension {
            kind: ComprehensionKind::Generator,
            element: Box::new(applied),
            value: None,
            clauses: vec![Clause {
                target,
                iter,
                ifs,
                is_async: false,
            }],
        })
    }

    /// `sum(1 for x in xs if p(x))` for `len([x for x in xs if p(x)])`: nobody keeps the list.
    pub(super) fn count_of_call(&mut self, expr: &Expr) -> Option<ExprKind> {
        let [list] = self.call_of("len", expr)? else {
            return None;
        };
        let ExprKind::Comprehension {
            kind: ComprehensionKind::List,
            element,
            value: None,
            clauses,
        } = &list.kind
        else {
            return None;
        };
        let [clause] = clauses.as_slice() else {
            return None;
        };
        let name = |e: &Expr| match &e.kind {
            ExprKind::Name(name) => Some(name.clone()),
            _ => None,
        };
        let itself = name(element)? == name(&clause.target)?;
        if !itself || clause.ifs.is_empty() || self.shadowed.contains("sum") {
            return None;
        }
        let (clauses, span) = (clauses.clone(), expr.span);
        let one = self.node(element.span, ExprKind::Int(1.into()));
        let counted = self.node(
            list.span,
            ExprKind::Comprehension {
                kind: ComprehensionKind::Generator,
                element: Box::new(one),
                value: None,
                clauses,
            },
        );
        Some(ExprKind::Call {
            func: Box::new(self.node(span, ExprKind::Name("sum".into()))),
            args: vec![counted],
            keywords: Vec::new(),
        })
    }

    /// `text[k:].startswith("x")` for `text.startswith("x", k)`, of what is not empty.
    pub(super) fn bounded_test(&mut self, expr: &Expr) -> Option<ExprKind> {
        let ExprKind::Call {
            func,
            args,
            keywords,
        } = &expr.kind
        else {
            return None;
        };
        let ExprKind::Attribute { value, attr } = &func.kind else {
            return None;
        };
        let (part, lower, upper) = match args.as_slice() {
            [part, lower] => (part, lower, None),
            [part, lower, upper] => (part, lower, Some(upper)),
            _ => return None,
        };
        let filled = matches!(&part.kind, ExprKind::Str(text) if !text.is_empty());
        let tests = matches!(attr.name.as_str(), "startswith" | "endswith");
        if !tests || !filled || !keywords.is_empty() {
            return None;
        }
        let slice = ExprKind::Slice {
            lower: Some(Box::new(lower.clone())),
            upper: upper.map(|e| Box::new(e.clone())),
            step: None,
        };
        let index = Box::new(self.node(expr.span, slice));
        let value = value.clone();
        let value = Box::new(self.node(expr.span, ExprKind::Subscript { value, index }));
        let attr = attr.clone();
        let func = Box::new(self.node(func.span, ExprKind::Attribute { value, attr }));
        Some(ExprKind::Call {
            func,
            args: vec![part.clone()],
            keywords: Vec::new(),
        })
    }

    /// `{"a": 1}` for `dict(a=1)`; `[(a, b) for a, b in zip(x, y)]` for `list(zip(x, y))`.
    pub(super) fn literal_of_call(&mut self, expr: &Expr) -> Option<ExprKind> {
        let span = expr.span;
        let [paired] = self.call_of("list", expr)? else {
            return None;
        };
        let names = match (
            self.call_of("zip", paired),
            self.call_of("enumerate", paired),
        ) {
            (Some(lists), _) => ["first", "second", "third"].get(..lists.len())?,
            (_, Some([_])) => &["index", "item"],
            _ => return None,
        };
        let names: Vec<String> = names.iter().map(|name| self.free(name)).collect();
        let mut tuple = || {
            let items = names
                .iter()
                .map(|n| self.node(span, ExprKind::Name(n.clone())));
            let items = items.collect();
            self.node(span, ExprKind::Tuple(items))
        };
        let (target, element) = (tuple(), tuple());
        (names.len() > 1).then(|| ExprKind::Comprehension {
            kind: ComprehensionKind::List,
            element: Box::new(element),
            value: None,
            clauses: vec![Clause {
                target,
                iter: paired.clone(),
                ifs: Vec::new(),
                is_async: false,
            }],
        })
    }

    /// `key=lambda item: f(item)` for `key=f`; no key for `key=None`.
    pub(super) fn key_of_call(&mut self, expr: &mut Expr) {
        let ExprKind::Call {
            func,
            args,
            keywords,
        } = &mut expr.kind
        else {
            return;
        };
        let source = match (args.as_slice(), &func.kind) {
            ([source], _) => Some(source.clone()),
            ([], ExprKind::Attribute { value, .. }) => Some((**value).clone()),
            _ => None,
        };
        let takes_key = match &func.kind {
            ExprKind::Name(name) => matches!(name.as_str(), "sorted" | "min" | "max"),
            ExprKind::Attribute { attr, .. } => attr.name == "sort",
            _ => false,
        };
        if !takes_key {
            return;
        }
        keywords.retain(|k| {
            let is_key = k.name.as_ref().is_some_and(|n| n.name == "key");
            !(is_key && matches!(k.value.kind, ExprKind::None))
        });
        let mut keywords = std::mem::take(keywords);
        for keyword in &mut keywords {
            let is_key = keyword.name.as_ref().is_some_and(|n| n.name == "key");
            if is_key && let Some(lambda) = self.key_of_operator(&keyword.value, source.as_ref()) {
                keyword.value = lambda;
            } else if is_key
                && matches!(
                    keyword.value.kind,
                    ExprKind::Name(_) | ExprKind::Attribute { .. }
                )
            {
                let span = keyword.value.span;
                let name = self.free("item");
                let arg = self.node(span, ExprKind::Name(name.clone()));
                let called = self.node(
                    span,
                    ExprKind::Call {
                        func: Box::new(keyword.value.clone()),
                        args: vec![arg],
                        keywords: Vec::new(),
                    },
                );
                keyword.value = self.lambda(span, name, called);
            }
        }
        if let ExprKind::Call { keywords: slot, .. } = &mut expr.kind {
            *slot = keywords;
        }
    }

    /// `lambda item: d[item]` for `d.get` of the keys of `d`, `lambda item: item[1]` for
    /// `itemgetter(1)`, `lambda item: item.name` for `attrgetter("name")`.
    fn key_of_operator(&mut self, key: &Expr, source: Option<&Expr>) -> Option<Expr> {
        let span = key.span;
        let name = self.free("item");
        let item = |this: &mut Self| this.node(span, ExprKind::Name(name.clone()));
        let body = match &key.kind {
            ExprKind::Attribute { value, attr }
                if matches!(attr.name.as_str(), "get" | "__getitem__")
                    && (attr.name == "__getitem__"
                        || source.is_some_and(|s| super::enumerated::same(keyed(s), value))) =>
            {
                let index = Box::new(item(self));
                let value = value.clone();
                self.node(span, ExprKind::Subscript { value, index })
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } if keywords.is_empty() && !args.is_empty() => {
                let name = match &func.kind {
                    ExprKind::Name(name) => name.as_str(),
                    ExprKind::Attribute { value, attr } if matches!(&value.kind, ExprKind::Name(n) if n == "operator") => {
                        attr.name.as_str()
                    }
                    _ => return None,
                };
                let mut parts = Vec::new();
                for arg in args {
                    let value = Box::new(item(self));
                    let part = match (name, &arg.kind) {
                        ("itemgetter", ExprKind::Int(_) | ExprKind::Str(_)) => {
                            ExprKind::Subscript {
                                value,
                                index: Box::new(arg.clone()),
                            }
                        }
                        ("attrgetter", ExprKind::Str(text)) if !text.contains('.') => {
                            ExprKind::Attribute {
                                value,
                                attr: Ident {
                                    span,
                                    name: text.clone(),
                                },
                            }
                        }
                        _ => return None,
                    };
                    parts.push(self.node(span, part));
                }
                match parts.len() {
                    1 => parts.pop()?,
                    _ => self.node(span, ExprKind::Tuple(parts)),
                }
            }
            _ => return None,
        };
        Some(self.lambda(span, name, body))
    }

    /// `lambda name: body`
    fn lambda(&mut self, span: Span, name: String, body: Expr) -> Expr {
        let id = NodeId(self.next_id);
        self.next_id += 1;
        let param = Param {
            id,
            name: Ident { span, name },
            kind: ParamKind::Normal,
            annotation: None,
            default: None,
        };
        let kind = ExprKind::Lambda {
            params: Box::new(Params { list: vec![param] }),
            body: Box::new(body),
        };
        self.node(span, kind)
    }
}
