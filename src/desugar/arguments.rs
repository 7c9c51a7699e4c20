//! `*args` in definitions and calls.
//!
//! Enters: the module. Leaves: the same module, in which a function of any number of
//! arguments takes a list. This module must not know types.

use crate::ast::{
    self, Block, Expr, ExprKind, Function, Ident, Module, NodeId, ParamKind, StmtKind,
};
use std::collections::{BTreeMap, BTreeSet};

/// Every call of each function: how many arguments by place, and which by name. A function
/// that is used in another way has no entry.
pub(super) fn calls_of(
    block: &Block,
    functions: &BTreeMap<String, Function>,
) -> BTreeMap<String, Vec<(usize, BTreeSet<String>)>> {
    struct Calls {
        found: BTreeMap<String, Vec<(usize, BTreeSet<String>)>>,
    }
    impl<'ast> ast::visit::Visitor<'ast> for Calls {
        fn visit_expr(&mut self, e: &'ast Expr) {
            match &e.kind {
                ExprKind::Call {
                    func,
                    args,
                    keywords,
                } if matches!(func.kind, ExprKind::Name(_)) => {
                    let ExprKind::Name(name) = &func.kind else {
                        return;
                    };
                    let open = args.iter().any(|a| matches!(a.kind, ExprKind::Starred(_)))
                        || keywords.iter().any(|k| k.name.is_none());
                    if open {
                        self.found.remove(name);
                    } else if let Some(calls) = self.found.get_mut(name) {
                        let names = keywords
                            .iter()
                            .filter_map(|k| Some(k.name.as_ref()?.name.clone()));
                        calls.push((args.len(), names.collect()));
                    }
                    for arg in args.iter().chain(keywords.iter().map(|k| &k.value)) {
                        self.visit_expr(arg);
                    }
                }
                ExprKind::Attribute { value, .. } if matches!(value.kind, ExprKind::Name(_)) => {}
                ExprKind::Name(name) => {
                    self.found.remove(name);
                }
                _ => ast::visit::walk_expr(self, e),
            }
        }
    }
    let mut calls = Calls {
        found: functions.keys().map(|n| (n.clone(), Vec::new())).collect(),
    };
    ast::visit::Visitor::visit_block(&mut calls, block);
    calls.found
}

/// `*args` as a list, made by each call.
pub(super) fn any_number(
    module: &mut Module,
    functions: &BTreeMap<String, Function>,
    next_id: &mut u32,
) {
    // Only functions all of whose uses are calls.
    let calls = calls_of(&module.body, functions);
    let mut packed: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for stmt in &mut module.body.stmts {
        let StmtKind::Function(function) = &mut stmt.kind else {
            continue;
        };
        let name = function.name.name.clone();
        let place = function
            .params
            .list
            .iter()
            .position(|p| p.kind == ParamKind::VarArgs);
        let kwargs = function
            .params
            .list
            .iter()
            .any(|p| p.kind == ParamKind::KwArgs);
        if let (Some(place), true, false) = (place, calls.contains_key(&name), kwargs)
            && let Some(param) = function.params.list.get_mut(place)
        {
            param.kind = ParamKind::KeywordOnly;
            packed.insert(name, (place, param.name.name.clone()));
        }
    }
    if packed.is_empty() {
        return;
    }
    ast::rewrite::block(&mut module.body, &mut |e| {
        let span = e.span;
        let ExprKind::Call {
            func,
            args,
            keywords,
        } = &mut e.kind
        else {
            return;
        };
        let ExprKind::Name(name) = &func.kind else {
            return;
        };
        let Some((place, param)) = packed.get(name) else {
            return;
        };
        let rest = args.split_off((*place).min(args.len()));
        let at = rest.first().map_or(span, |first| first.span);
        let id = NodeId(*next_id);
        *next_id += 1;
        keywords.insert(
            0,
            ast::Keyword {
                name: Some(Ident {
                    span: at,
                    name: param.clone(),
                }),
                value: Expr {
                    id,
                    span: at,
                    kind: ExprKind::List(rest),
                },
            },
        );
    });
}

/// `f(a, b)` for `f(*(a, b))`.
pub(super) fn spread(module: &mut Module) {
    ast::rewrite::block(&mut module.body, &mut |e| {
        if let ExprKind::Call { args, .. } = &mut e.kind {
            let starred = |a: &Expr| matches!(&a.kind, ExprKind::Starred(inner) if matches!(inner.kind, ExprKind::Tuple(_) | ExprKind::List(_)));
            if !args.iter().any(starred) {
                return;
            }
            let mut out = Vec::new();
            for arg in std::mem::take(args) {
                match arg.kind {
                    ExprKind::Starred(inner)
                        if matches!(inner.kind, ExprKind::Tuple(_) | ExprKind::List(_)) =>
                    {
                        if let ExprKind::Tuple(items) | ExprKind::List(items) = inner.kind {
                            out.extend(items);
                        }
                    }
                    _ => out.push(arg),
                }
            }
            *args = out;
        }
    });
}
