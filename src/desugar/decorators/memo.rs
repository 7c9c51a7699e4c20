//! `@functools.lru_cache` and `@cache`: a dict of what a function gave before.
//!
//! Enters: a function with such a decorator. Leaves: the dict, the function without it, and one
//! that asks the dict first. A cache of so many entries and no more is one where nobody can
//! tell: of a function that gives the same for the same arguments. This module must not know
//! types.

use crate::ast::{Block, CompareOp, Expr, ExprKind, ParamKind, Stmt, StmtKind};
use crate::desugar::build::Build;
use crate::desugar::callables::full_name;
use crate::desugar::copies;
use crate::desugar::names::free;
use std::collections::{BTreeMap, BTreeSet};

/// What a decorator says of a cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cache {
    /// It keeps all.
    Unbounded,
    /// It forgets the oldest.
    Bounded,
}

impl Cache {
    /// The cache that a decorator is.
    pub(super) fn of(decorator: &Expr, imports: &BTreeMap<String, String>) -> Option<Cache> {
        let is = |e: &Expr, name: &str| full_name(e, imports) == name;
        let lru = "functools.lru_cache";
        match &decorator.kind {
            ExprKind::Call {
                func,
                args,
                keywords,
            } if is(func, lru) => {
                let size = args.first().or_else(|| {
                    let named = |k: &&crate::ast::Keyword| {
                        k.name.as_ref().is_some_and(|n| n.name == "maxsize")
                    };
                    keywords.iter().find(named).map(|k| &k.value)
                });
                Some(match size.map(|s| &s.kind) {
                    Some(ExprKind::None) => Cache::Unbounded,
                    _ => Cache::Bounded,
                })
            }
            _ if is(decorator, lru) => Some(Cache::Bounded),
            _ if is(decorator, "functools.cache") => Some(Cache::Unbounded),
            _ => None,
        }
    }
}

/// A function with its cache, written out.
pub(super) fn remembered(
    stmt: &Stmt,
    pure: bool,
    imports: &BTreeMap<String, String>,
    taken: &mut BTreeSet<String>,
    next_id: &mut u32,
) -> Option<Vec<Stmt>> {
    let function = stmt.function()?;
    let [decorator] = function.decorators.as_slice() else {
        return None;
    };
    let cache = Cache::of(decorator, imports)?;
    let params = &function.params.list;
    let plain = params
        .iter()
        .all(|p| p.kind != ParamKind::VarArgs && p.kind != ParamKind::KwArgs);
    if (cache == Cache::Bounded && !pure) || params.is_empty() || !plain {
        return None;
    }
    let own = &function.name.name;
    let dict = free(&format!("{own}_cache"), taken);
    let inner = free(&format!("{own}_uncached"), taken);
    let mut build = Build {
        next_id,
        span: function.name.span,
    };
    let target = build.name(&dict);
    let empty = build.expr(ExprKind::Dict(Vec::new()));
    let mut kept = build.assign(target, empty);
    kept.blank_before = true;
    let mut below = function.clone();
    below.decorators.clear();
    below.name.name.clone_from(&inner);
    let mut above = function.clone();
    above.decorators.clear();
    above.doc = None;
    copies::function(&mut above, build.next_id);
    let names: Vec<String> = params.iter().map(|p| p.name.name.clone()).collect();
    let key = |build: &mut Build<'_>| {
        let mut keys: Vec<Expr> = names.iter().map(|n| build.name(n)).collect();
        match keys.len() {
            1 => keys.pop().unwrap_or_else(|| build.expr(ExprKind::None)),
            _ => build.expr(ExprKind::Tuple(keys)),
        }
    };
    let entry = |build: &mut Build<'_>| {
        let value = Box::new(build.name(&dict));
        let index = Box::new(key(build));
        build.expr(ExprKind::Subscript { value, index })
    };
    let func = build.name(&inner);
    let args = names.iter().map(|n| build.name(n)).collect();
    let call = build.call(func, args);
    let target = entry(&mut build);
    let fill = build.assign(target, call);
    let (asked, all) = (key(&mut build), build.name(&dict));
    let test = build.compare(asked, CompareOp::NotIn, all);
    let block = |stmts| Block {
        stmts,
        trailing: Vec::new(),
    };
    let ask = build.stmt(StmtKind::If {
        test,
        body: block(vec![fill]),
        orelse: block(Vec::new()),
    });
    let found = entry(&mut build);
    let back = build.stmt(StmtKind::Return(Some(found)));
    above.body = block(vec![ask, back]);
    let mut outer = build.stmt(StmtKind::Function(above));
    outer.blank_before = true;
    let mut own = stmt.clone();
    own.kind = StmtKind::Function(below);
    Some(vec![kept, own, outer])
}
