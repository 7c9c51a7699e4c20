//! Deques of a class whose limit is not the same for all its instances.
//!
//! Enters: the module. Leaves: the same, where `self.buf = deque(maxlen=n)` is
//! `self.___buf_maxlen = n; self.buf = deque(maxlen=self.___buf_maxlen)`: the limit lies beside
//! the deque, in an attribute that no Python names and nobody else sets. A limit that every
//! instance is given alike stays where it is. This module must not know types.

use super::build::Build;
use crate::ast::visit::{self, Visitor};
use crate::ast::{
    self, BinaryOp, Expr, ExprKind, Function, Keyword, Module, Stmt, StmtKind, kept_limit,
};
use std::collections::{BTreeMap, BTreeSet};

/// Rewrites the module.
pub(super) fn windows(module: &mut Module, next_id: &mut u32) {
    let mut seen = Seen::default();
    seen.visit_block(&module.body);
    if seen.windows.is_empty() {
        return;
    }
    for stmt in &mut module.body.stmts {
        let StmtKind::Class(class) = &mut stmt.kind else {
            continue;
        };
        let calls = seen.calls.get(&class.name.name);
        let init = class.body.stmts.iter().find_map(|s| match &s.kind {
            StmtKind::Function(f) if f.name.name == "__init__" => Some(f.clone()),
            _ => None,
        });
        for inner in &mut class.body.stmts {
            if let StmtKind::Function(function) = &mut inner.kind
                && let Some(this) = function.params.list.first().map(|p| p.name.name.clone())
            {
                let context = Context {
                    seen: &seen,
                    calls: calls.map_or(&[], Vec::as_slice),
                    init: init.as_ref(),
                    this: &this,
                };
                context.block(&mut function.body, next_id);
            }
        }
    }
}

/// The arguments of a call, each with its keyword.
type Given = Vec<(Option<String>, Expr)>;

/// What the module does with attributes and classes.
#[derive(Default)]
struct Seen {
    /// Attributes that are set to a deque with a limit.
    windows: BTreeSet<String>,
    /// Attributes that are set to something else.
    others: BTreeSet<String>,
    /// All attributes, without leading underscores.
    names: BTreeSet<String>,
    /// The calls of each name.
    calls: BTreeMap<String, Vec<Given>>,
}

impl Seen {
    fn target(&mut self, target: &Expr, value: Option<&Expr>) {
        match &target.kind {
            ExprKind::Attribute { attr, .. } => {
                let set = match value.and_then(limit_of) {
                    Some(_) => &mut self.windows,
                    None => &mut self.others,
                };
                set.insert(attr.name.clone());
            }
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|item| self.target(item, None));
            }
            ExprKind::Starred(inner) => self.target(inner, None),
            _ => {}
        }
    }
}

impl<'ast> Visitor<'ast> for Seen {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                let value = (targets.len() == 1).then_some(value);
                targets.iter().for_each(|t| self.target(t, value));
            }
            StmtKind::AnnAssign { target, value, .. } => self.target(target, value.as_ref()),
            StmtKind::AugAssign { target, .. } | StmtKind::For { target, .. } => {
                self.target(target, None);
            }
            _ => {}
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Attribute { attr, .. } => {
                let plain = attr.name.trim_start_matches('_');
                self.names.insert(plain.to_string());
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } => {
                if let ExprKind::Name(name) = &func.kind {
                    let keywords = keywords.iter().map(|k| {
                        let name = k.name.as_ref().map(|n| n.name.clone());
                        (name.or_else(|| Some("**".into())), k.value.clone())
                    });
                    let args = args.iter().map(|a| (None, a.clone()));
                    let calls = self.calls.entry(name.clone()).or_default();
                    calls.push(args.chain(keywords).collect());
                }
            }
            _ => {}
        }
        visit::walk_expr(self, e);
    }
}

/// The limit of a deque that an expression makes.
fn limit_of(e: &Expr) -> Option<&Expr> {
    let ExprKind::Call {
        func,
        args,
        keywords,
    } = &e.kind
    else {
        return None;
    };
    if !super::build::is_named(func, "collections", "deque") {
        return None;
    }
    let named = |k: &&Keyword| k.name.as_ref().is_some_and(|n| n.name == "maxlen");
    let keyword = keywords.iter().find(named).map(|k| &k.value);
    keyword.or(args.get(1))
}

struct Context<'c> {
    seen: &'c Seen,
    calls: &'c [Given],
    init: Option<&'c Function>,
    this: &'c str,
}

impl Context<'_> {
    fn block(&self, block: &mut ast::Block, next_id: &mut u32) {
        for mut stmt in std::mem::take(&mut block.stmts) {
            if let Some(mut limit) = self.kept(&mut stmt, next_id) {
                limit.comments = std::mem::take(&mut stmt.comments);
                limit.blank_before = std::mem::replace(&mut stmt.blank_before, false);
                block.stmts.push(limit);
            }
            for inner in ast::blocks_mut(&mut stmt) {
                self.block(inner, next_id);
            }
            block.stmts.push(stmt);
        }
    }

    /// `self.___buf_maxlen = n`, where the deque is to ask that.
    fn kept(&self, stmt: &mut Stmt, next_id: &mut u32) -> Option<Stmt> {
        let span = stmt.span;
        let (target, value) = match &mut stmt.kind {
            StmtKind::Assign { targets, value } => match targets.as_slice() {
                [target] => (target, value),
                _ => return None,
            },
            StmtKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } => (&*target, value),
            _ => return None,
        };
        let attr = match &target.kind {
            ExprKind::Attribute { value, attr } if self.is_this(value) => attr.name.clone(),
            _ => return None,
        };
        let limit = limit_of(value)?.clone();
        let hidden = kept_limit(&attr);
        if self.seen.others.contains(&attr)
            || self.seen.names.contains(hidden.trim_start_matches('_'))
            || !is_plain(&limit)
            || self.is_one(&limit)
        {
            return None;
        }
        let mut build = Build { next_id, span };
        let place = build.of(self.this, &hidden);
        let set = build.assign(place, limit.clone());
        let ExprKind::Call { args, keywords, .. } = &mut value.kind else {
            return None;
        };
        if let Some(Expr {
            kind:
                ExprKind::Binary {
                    op: BinaryOp::Mul,
                    right,
                    ..
                },
            ..
        }) = args.first_mut()
            && super::enumerated::same(right, &limit)
        {
            **right = build.of(self.this, &hidden);
        }
        let asked = build.of(self.this, &hidden);
        let named = |k: &&mut Keyword| k.name.as_ref().is_some_and(|n| n.name == "maxlen");
        match keywords.iter_mut().find(named) {
            Some(keyword) => keyword.value = asked,
            None => *args.get_mut(1)? = asked,
        }
        Some(set)
    }

    fn is_this(&self, e: &Expr) -> bool {
        matches!(&e.kind, ExprKind::Name(name) if name == self.this)
    }

    /// Whether a limit is the same for every instance, as far as the calls of the class show.
    fn is_one(&self, limit: &Expr) -> bool {
        match &limit.kind {
            ExprKind::Int(_) | ExprKind::None => true,
            ExprKind::Name(name) => match self.parameter(name) {
                Some((place, default)) => self.is_given_alike(name, place, default),
                // A constant of the module.
                None => name.chars().all(|c| !c.is_lowercase()),
            },
            ExprKind::Attribute { value, attr } if self.is_this(value) => {
                let mut sources = self.init.into_iter().flat_map(|f| &f.body.stmts);
                let source = sources.find_map(|s| match &s.kind {
                    StmtKind::Assign { targets, value } => match targets.as_slice() {
                        [
                            Expr {
                                kind: ExprKind::Attribute { attr: set, .. },
                                ..
                            },
                        ] if set.name == attr.name => Some(value),
                        _ => None,
                    },
                    _ => None,
                });
                source.is_some_and(|s| {
                    !matches!(s.kind, ExprKind::Attribute { .. }) && self.is_one(s)
                })
            }
            _ => false,
        }
    }

    /// The place of a parameter of the constructor, and its default.
    fn parameter(&self, name: &str) -> Option<(usize, Option<&Expr>)> {
        let params = self.init?.params.list.iter().enumerate().skip(1);
        let mut found = params.filter(|(_, p)| p.name.name == name);
        found.next().map(|(i, p)| (i - 1, p.default.as_ref()))
    }

    fn is_given_alike(&self, name: &str, place: usize, default: Option<&Expr>) -> bool {
        let mut given = self.calls.iter().map(|call| {
            let keyword = call.iter().find(|(k, _)| k.as_deref() == Some(name));
            let position = call.iter().filter(|(k, _)| k.is_none()).nth(place);
            keyword.or(position).map(|(_, e)| e).or(default)
        });
        let Some(Some(first)) = given.next() else {
            return true;
        };
        let constant = match &first.kind {
            ExprKind::Int(_) => true,
            ExprKind::Name(name) => name.chars().all(|c| !c.is_lowercase()),
            _ => false,
        };
        constant && given.all(|e| e.is_some_and(|e| super::enumerated::same(e, first)))
    }
}

/// Whether an expression may be evaluated before what stands to its left.
fn is_plain(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Name(_) | ExprKind::Int(_) | ExprKind::None => true,
        ExprKind::Attribute { value, .. } => is_plain(value),
        ExprKind::Binary { left, right, .. } => is_plain(left) && is_plain(right),
        ExprKind::Call {
            func,
            args,
            keywords,
        } => {
            matches!(&func.kind, ExprKind::Name(n) if matches!(n.as_str(), "int" | "max" | "min"))
                && keywords.is_empty()
                && args.iter().all(is_plain)
        }
        _ => false,
    }
}
