//! Constructors of dicts and sets, as displays and comprehensions.
//!
//! Enters: an expression. Leaves: `{}` for `dict()`, `{"a": 1}` for `dict(a=1)`, `{k: v for k, v in zip(a, b)}`
//! for `dict(zip(a, b))`, `{f(x) for x in xs}` for `set(f(x) for x in xs)`. This module must
//! not know types.

use super::Desugar;
use super::build::Build;
use crate::ast::{Clause, ComprehensionKind, Expr, ExprKind, Keyword};
use crate::source::Span;

/// Methods that change a set by another.
const SET_CHANGES: [&str; 3] = [
    "difference_update",
    "intersection_update",
    "symmetric_difference_update",
];

impl Desugar {
    /// The display or comprehension that a call makes.
    pub(super) fn container_of_call(&mut self, expr: &Expr) -> Option<ExprKind> {
        let ExprKind::Call {
            func,
            args,
            keywords,
        } = &expr.kind
        else {
            return None;
        };
        let ordered = match &func.kind {
            ExprKind::Name(name) => self.imports.get(name).cloned(),
            ExprKind::Attribute { value, attr } => match &value.kind {
                ExprKind::Name(module) => {
                    let module = self.imports.get(module);
                    module.map(|module| format!("{module}.{}", attr.name))
                }
                _ => None,
            },
            _ => None,
        };
        if ordered.as_deref() == Some("collections.OrderedDict") {
            return self.dict_of(expr.span, args, keywords);
        }
        match &func.kind {
            ExprKind::Name(name) if name == "dict" && !self.shadowed.contains("dict") => {
                if args.is_empty() && keywords.is_empty() {
                    return Some(ExprKind::Dict(Vec::new()));
                }
                self.dict_of(expr.span, args, keywords)
            }
            ExprKind::Name(name)
                if matches!(name.as_str(), "set" | "frozenset")
                    && !self.shadowed.contains(name.as_str())
                    && keywords.is_empty() =>
            {
                match args.as_slice() {
                    [] if name == "frozenset" => {
                        let func = self.node(func.span, ExprKind::Name("set".into()));
                        Some(ExprKind::Call {
                            func: Box::new(func),
                            args: Vec::new(),
                            keywords: Vec::new(),
                        })
                    }
                    [only] => match &only.kind {
                        ExprKind::List(items) | ExprKind::Tuple(items) | ExprKind::Set(items)
                            if !items.is_empty() =>
                        {
                            Some(ExprKind::Set(items.clone()))
                        }
                        ExprKind::Comprehension {
                            kind: ComprehensionKind::List | ComprehensionKind::Generator,
                            element,
                            value: None,
                            clauses,
                        } => Some(ExprKind::Comprehension {
                            kind: ComprehensionKind::Set,
                            element: element.clone(),
                            value: None,
                            clauses: clauses.clone(),
                        }),
                        ExprKind::Starred(_) => None,
                        // `{item for item in xs}`
                        _ => {
                            let name = ExprKind::Name(self.free("item"));
                            let target = self.node(only.span, name.clone());
                            Some(ExprKind::Comprehension {
                                kind: ComprehensionKind::Set,
                                element: Box::new(self.node(only.span, name)),
                                value: None,
                                clauses: vec![Clause {
                                    target,
                                    iter: only.clone(),
                                    ifs: Vec::new(),
                                    is_async: false,
                                }],
                            })
                        }
                    },
                    _ => None,
                }
            }
            ExprKind::Attribute { value, attr } => match (&value.kind, attr.name.as_str()) {
                (ExprKind::Name(name), "fromkeys")
                    if name == "dict" && !self.shadowed.contains("dict") && keywords.is_empty() =>
                {
                    self.keyed_by(expr.span, args)
                }
                (_, "update") if args.is_empty() && !keywords.is_empty() => {
                    let display = keywords_display(self, keywords)?;
                    let entries = self.node(expr.span, display);
                    Some(ExprKind::Call {
                        func: func.clone(),
                        args: vec![entries],
                        keywords: Vec::new(),
                    })
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// `a.difference_update(set(b))` for `a.difference_update(b)`, and its kin.
    pub(super) fn set_changed(&mut self, call: &Expr) -> Option<ExprKind> {
        let ExprKind::Call {
            func,
            args,
            keywords,
        } = &call.kind
        else {
            return None;
        };
        let (ExprKind::Attribute { attr, .. }, [other], []) =
            (&func.kind, args.as_slice(), keywords.as_slice())
        else {
            return None;
        };
        let known = SET_CHANGES.contains(&attr.name.as_str())
            && !self.shadowed.contains("set")
            && !self.shadowed.contains(attr.name.as_str());
        let is_set = matches!(
            other.kind,
            ExprKind::Set(_)
                | ExprKind::Comprehension {
                    kind: ComprehensionKind::Set,
                    ..
                }
        );
        if !known || is_set {
            return None;
        }
        let set = self.node(func.span, ExprKind::Name("set".into()));
        let made = ExprKind::Call {
            func: Box::new(set),
            args: vec![other.clone()],
            keywords: Vec::new(),
        };
        let mut made = self.node(other.span, made);
        made.kind = self.container_of_call(&made)?;
        Some(ExprKind::Call {
            func: func.clone(),
            args: vec![made],
            keywords: Vec::new(),
        })
    }

    fn dict_of(&mut self, span: Span, args: &[Expr], keywords: &[Keyword]) -> Option<ExprKind> {
        let [source] = args else {
            return args
                .is_empty()
                .then(|| keywords_display(self, keywords))
                .flatten();
        };
        if !keywords.is_empty() {
            let place = matches!(
                source.kind,
                ExprKind::Name(_) | ExprKind::Attribute { .. } | ExprKind::Subscript { .. }
            );
            let Some(ExprKind::Dict(named)) = keywords_display(self, keywords).filter(|_| place)
            else {
                return None;
            };
            let spread = std::iter::once((None, source.clone()));
            return Some(ExprKind::Dict(spread.chain(named).collect()));
        }
        let pair = |e: &Expr| match &e.kind {
            ExprKind::Tuple(items) | ExprKind::List(items) => match items.as_slice() {
                [key, value] => Some((key.clone(), value.clone())),
                _ => None,
            },
            _ => None,
        };
        match &source.kind {
            ExprKind::List(items) | ExprKind::Tuple(items) => {
                let pairs: Option<Vec<_>> = items.iter().map(pair).collect();
                let entries = pairs?.into_iter().map(|(k, v)| (Some(k), v));
                Some(ExprKind::Dict(entries.collect()))
            }
            ExprKind::Comprehension {
                kind: ComprehensionKind::List | ComprehensionKind::Generator,
                element,
                value: None,
                clauses,
            } => {
                let (key, value) = pair(element)?;
                Some(ExprKind::Comprehension {
                    kind: ComprehensionKind::Dict,
                    element: Box::new(key),
                    value: Some(Box::new(value)),
                    clauses: clauses.clone(),
                })
            }
            ExprKind::Call { func, args, .. }
                if args.len() == 2
                    && matches!(&func.kind, ExprKind::Name(name) if name == "zip") =>
            {
                let names = [self.free("key"), self.free("value")];
                let [key, value] = names.map(ExprKind::Name);
                let target = ExprKind::Tuple(vec![
                    self.node(span, key.clone()),
                    self.node(span, value.clone()),
                ]);
                let target = self.node(span, target);
                let (key, value) = (self.node(span, key), self.node(span, value));
                Some(comprehension(key, value, target, source.clone()))
            }
            ExprKind::Name(_) | ExprKind::Attribute { .. } | ExprKind::Subscript { .. } => {
                Some(ExprKind::Dict(vec![(None, source.clone())]))
            }
            _ => None,
        }
    }

    /// `dict.fromkeys(xs, value)`, where the value is no object that all would share.
    fn keyed_by(&mut self, span: Span, args: &[Expr]) -> Option<ExprKind> {
        let (keys, value) = match args {
            [keys] => (keys, self.node(span, ExprKind::None)),
            [keys, value] => (keys, value.clone()),
            _ => return None,
        };
        let plain = matches!(
            value.kind,
            ExprKind::None
                | ExprKind::Bool(_)
                | ExprKind::Int(_)
                | ExprKind::Float(_)
                | ExprKind::Str(_)
        );
        if !plain {
            return None;
        }
        let name = ExprKind::Name(self.free("key"));
        let (target, key) = (self.node(span, name.clone()), self.node(span, name));
        Some(comprehension(key, value, target, keys.clone()))
    }
}

/// `{key: value for target in iter}`
fn comprehension(key: Expr, value: Expr, target: Expr, iter: Expr) -> ExprKind {
    ExprKind::Comprehension {
        kind: ComprehensionKind::Dict,
        element: Box::new(key),
        value: Some(Box::new(value)),
        clauses: vec![Clause {
            target,
            iter,
            ifs: Vec::new(),
            is_async: false,
        }],
    }
}

/// `{"a": 1}` for `a=1`
fn keywords_display(desugar: &mut Desugar, keywords: &[Keyword]) -> Option<ExprKind> {
    if let [Keyword { name: None, value }] = keywords {
        return Some(ExprKind::Dict(vec![(None, value.clone())]));
    }
    let mut build = Build {
        next_id: &mut desugar.next_id,
        span: keywords
            .first()
            .map_or_else(Span::default, |k| k.value.span),
    };
    build.entries(keywords)
}
