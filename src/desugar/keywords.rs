//! `**kwargs` where what it may hold is known.
//!
//! Enters: the module. Leaves: the same module, where `kwargs.get("limit", 10.0)` is the
//! parameter `limit=10.0`, and a function that passes `*args, **kwargs` on takes what the
//! function takes that it calls (`super().__init__(**kwargs)`). What cannot be rewritten
//! stays, and is refused later. This module must not know types.

pub(super) mod signature;

use self::signature::{Signatures, Within};
use super::copies;
use super::inherit::name_at;
use super::names::Names;
use crate::ast::{
    self, Block, Expr, ExprKind, Function, Ident, Keyword, Module, Param, ParamKind, Stmt, StmtKind,
};
use std::collections::{BTreeMap, BTreeSet};

/// How often what is passed on is passed on again.
const MOST_LAYERS: usize = 6;

/// Rewrites the functions of the module.
pub(super) fn keywords(module: &mut Module, next_id: &mut u32) {
    for _ in 0..MOST_LAYERS {
        let known = Signatures::of(module);
        let mut changed = false;
        for stmt in &mut module.body.stmts {
            match &mut stmt.kind {
                StmtKind::Function(function) => {
                    let within = Within::default();
                    changed |= resolve(function, &known, &within, next_id);
                }
                StmtKind::Class(class) => {
                    let name = class.name.name.clone();
                    for inner in &mut class.body.stmts {
                        if let StmtKind::Function(method) = &mut inner.kind {
                            let this = method.params.list.first();
                            let within = Within {
                                class: Some(name.clone()),
                                this: this.map(|p| p.name.name.clone()),
                                is_class: false,
                            };
                            changed |= resolve(method, &known, &within, next_id);
                        }
                    }
                }
                _ => {}
            }
        }
        if !changed {
            break;
        }
    }
}

/// The value of a literal, or of a constant of the module: the same whenever it is computed.
pub(super) fn is_literal(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::None
        | ExprKind::Bool(_)
        | ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Str(_) => true,
        ExprKind::Unary { operand, .. } => is_literal(operand),
        ExprKind::Tuple(items) => items.iter().all(is_literal),
        // A constant of the module is written in capitals.
        ExprKind::Name(name) => name.chars().all(|c| !c.is_lowercase()),
        _ => false,
    }
}

/// A read of one entry of `kwargs`.
struct Read {
    default: Option<Expr>,
    /// `pop`: nobody sees it afterwards.
    taken: bool,
}

/// What a function does with its `*args` and `**kwargs`.
#[derive(Default)]
struct Uses {
    args: Option<String>,
    kwargs: Option<String>,
    reads: BTreeMap<String, Read>,
    /// The calls that pass them on.
    calls: Vec<Expr>,
    others: bool,
}

impl Uses {
    fn of(function: &Function) -> Uses {
        let star = |kind: ParamKind| {
            let mut params = function.params.list.iter();
            let found = params.find(|p| p.kind == kind);
            found.map(|p| p.name.name.clone())
        };
        let mut uses = Uses {
            args: star(ParamKind::VarArgs),
            kwargs: star(ParamKind::KwArgs),
            ..Uses::default()
        };
        ast::visit::Visitor::visit_block(&mut uses, &function.body);
        uses
    }

    fn is_own(&self, e: &Expr) -> bool {
        let own = |n: &String| Some(n) == self.args.as_ref() || Some(n) == self.kwargs.as_ref();
        matches!(&e.kind, ExprKind::Name(n) if own(n))
    }

    /// Whether a call ends in `*args, **kwargs`, as far as the function has them.
    fn passes_on(&self, args: &[Expr], keywords: &[Keyword]) -> bool {
        let star = args
            .iter()
            .any(|a| matches!(&a.kind, ExprKind::Starred(inner) if self.is_own(inner)));
        let double = keywords
            .iter()
            .any(|k| k.name.is_none() && self.is_own(&k.value));
        (star || double) && star == self.args.is_some() && double == self.kwargs.is_some()
    }
}

impl<'ast> ast::visit::Visitor<'ast> for Uses {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        let targets: &[Expr] = match &stmt.kind {
            StmtKind::Assign { targets, .. } | StmtKind::Delete(targets) => targets,
            StmtKind::AugAssign { target, .. } | StmtKind::For { target, .. } => {
                std::slice::from_ref(target)
            }
            _ => &[],
        };
        for target in targets {
            let kwargs = self.kwargs.clone();
            self.others |= read_of(target, kwargs.as_deref()).is_some();
        }
        ast::visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        if let Some((name, read)) = read_of(e, self.kwargs.as_deref()) {
            // Read twice, the second may find another default, or nothing after `pop`.
            self.others |= self.reads.insert(name, read).is_some();
            return;
        }
        if let ExprKind::Call {
            func,
            args,
            keywords,
        } = &e.kind
            && self.passes_on(args, keywords)
        {
            self.calls.push(e.clone());
            self.visit_expr(func);
            let own = |e: &Expr| matches!(&e.kind, ExprKind::Starred(i) if self.is_own(i));
            let rest: Vec<&Expr> = args.iter().filter(|a| !own(a)).collect();
            rest.into_iter().for_each(|a| self.visit_expr(a));
            for keyword in keywords {
                if keyword.name.is_some() || !self.is_own(&keyword.value) {
                    self.visit_expr(&keyword.value);
                }
            }
            return;
        }
        self.others |= self.is_own(e);
        ast::visit::walk_expr(self, e);
    }
}

/// `kwargs.get("x", 1)`, `kwargs.pop("x", 1)`, `kwargs["x"]`.
fn read_of(e: &Expr, own: Option<&str>) -> Option<(String, Read)> {
    let own = own?;
    let is_own = |e: &Expr| matches!(&e.kind, ExprKind::Name(n) if n == own);
    match &e.kind {
        ExprKind::Subscript { value, index } if is_own(value) => {
            let ExprKind::Str(name) = &index.kind else {
                return None;
            };
            let read = Read {
                default: None,
                taken: false,
            };
            Some((name.clone(), read))
        }
        ExprKind::Call {
            func,
            args,
            keywords,
        } if keywords.is_empty() => {
            let ExprKind::Attribute { value, attr } = &func.kind else {
                return None;
            };
            if !is_own(value) || !matches!(attr.name.as_str(), "get" | "pop") {
                return None;
            }
            let (key, default) = match args.as_slice() {
                [key, default] if is_literal(default) => (key, Some(default.clone())),
                [key] if attr.name == "get" => {
                    let none = Expr {
                        kind: ExprKind::None,
                        ..key.clone()
                    };
                    (key, Some(none))
                }
                [key] => (key, None),
                _ => return None,
            };
            let ExprKind::Str(name) = &key.kind else {
                return None;
            };
            let taken = attr.name == "pop";
            Some((name.clone(), Read { default, taken }))
        }
        _ => None,
    }
}

/// Gives a function parameters for what it reads of its `kwargs` and passes on.
fn resolve(
    function: &mut Function,
    known: &Signatures,
    within: &Within,
    next_id: &mut u32,
) -> bool {
    let uses = Uses::of(function);
    let bound = Names::of(function).bound;
    let stars = [&uses.args, &uses.kwargs];
    let once = stars
        .into_iter()
        .flatten()
        .all(|name| bound.get(name) == Some(&1));
    if stars.iter().all(|s| s.is_none()) || uses.others || !once || uses.calls.len() > 1 {
        return false;
    }
    if uses.calls.is_empty() && uses.args.is_some() {
        return false;
    }
    let rest = match uses.calls.first() {
        Some(call) => match rest_of(call, &uses, known, within) {
            Some(rest) => rest,
            None => return false,
        },
        None => Vec::new(),
    };
    let names: Vec<&String> = uses
        .reads
        .keys()
        .chain(rest.iter().map(|p| &p.name.name))
        .collect();
    let distinct: BTreeSet<&String> = names.iter().copied().collect();
    if distinct.len() != names.len() || names.iter().any(|n| bound.contains_key(*n)) {
        return false;
    }
    let list = &mut function.params.list;
    let place = list.iter().position(|p| p.kind == ParamKind::KwArgs);
    let own = place.and_then(|at| list.get(at).cloned());
    let by_place = list.iter().position(|p| p.kind == ParamKind::VarArgs);
    list.retain(|p| !matches!(p.kind, ParamKind::VarArgs | ParamKind::KwArgs));
    // In place of `*args`: behind the parameters that are given by place.
    let at = match by_place {
        Some(at) => at.min(list.len()),
        None => list.len(),
    };
    let passed: Vec<Param> = rest
        .iter()
        .map(|param| fresh(param, uses.args.is_some(), next_id))
        .collect();
    list.splice(at..at, passed);
    if let Some(own) = own {
        for (name, read) in uses.reads {
            list.push(Param {
                name: Ident {
                    name,
                    ..own.name.clone()
                },
                kind: ParamKind::KeywordOnly,
                annotation: None,
                default: read.default,
                ..own.clone()
            });
        }
    }
    let (args, kwargs) = (uses.args, uses.kwargs);
    rewrite(
        &mut function.body,
        (args.as_deref(), kwargs.as_deref()),
        &rest,
        next_id,
    );
    true
}

/// A parameter of the callee as one of the function that passes it on.
fn fresh(param: &Param, by_place: bool, next_id: &mut u32) -> Param {
    let mut param = param.clone();
    copies::param(&mut param, next_id);
    if !by_place {
        param.kind = ParamKind::KeywordOnly;
    }
    param
}

/// What a callee takes beside what a call gives it by itself.
fn rest_of(call: &Expr, uses: &Uses, known: &Signatures, within: &Within) -> Option<Vec<Param>> {
    let ExprKind::Call {
        func,
        args,
        keywords,
    } = &call.kind
    else {
        return None;
    };
    let (params, skip) = known.called(func, args, within)?;
    let plain = |p: &Param| {
        matches!(p.kind, ParamKind::Normal | ParamKind::KeywordOnly)
            && p.default.as_ref().is_none_or(is_literal)
    };
    let starred = |a: &Expr| matches!(a.kind, ExprKind::Starred(_));
    let own_last = args.iter().rev().skip(1).all(|a| !starred(a));
    let open = keywords.iter().filter(|k| k.name.is_none()).count();
    if !params.iter().all(plain) || !own_last || open > usize::from(uses.kwargs.is_some()) {
        return None;
    }
    let places = args
        .iter()
        .filter(|a| !starred(a))
        .count()
        .checked_sub(skip)?;
    let named = |name: &str| {
        let mut names = keywords.iter().filter_map(|k| k.name.as_ref());
        names.any(|n| n.name == name)
    };
    let taken = |name: &str| uses.reads.get(name).is_some_and(|r| r.taken);
    let rest: Vec<Param> = params
        .iter()
        .skip(places)
        .filter(|p| !named(&p.name.name) && !taken(&p.name.name))
        .cloned()
        .collect();
    let by_name = rest.iter().any(|p| p.kind == ParamKind::KeywordOnly);
    (uses.kwargs.is_some() || !by_name).then_some(rest)
}

/// Names in place of the entries that are read, and of what is passed on.
fn rewrite(
    body: &mut Block,
    (args, kwargs): (Option<&str>, Option<&str>),
    rest: &[Param],
    next_id: &mut u32,
) {
    let is = |name: Option<&str>, e: &Expr| matches!(&e.kind, ExprKind::Name(n) if Some(n.as_str()) == name);
    ast::rewrite::block(body, &mut |e| {
        if let Some((name, _)) = read_of(e, kwargs) {
            e.kind = ExprKind::Name(name);
            return;
        }
        let span = e.span;
        let ExprKind::Call {
            args: given,
            keywords,
            ..
        } = &mut e.kind
        else {
            return;
        };
        let before = given.len() + keywords.len();
        given.retain(|a| !matches!(&a.kind, ExprKind::Starred(inner) if is(args, inner)));
        keywords.retain(|k| k.name.is_some() || !is(kwargs, &k.value));
        if given.len() + keywords.len() == before {
            return;
        }
        for param in rest {
            keywords.push(Keyword {
                name: Some(Ident {
                    span,
                    name: param.name.name.clone(),
                }),
                value: name_at(span, &param.name.name, next_id),
            });
        }
    });
}
