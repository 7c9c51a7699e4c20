//! `if isinstance(x, Cruise): … x.speed …` as `match x: case Cruise() as cruise: …`.
//!
//! Enters: the module, and the classes of families. Leaves: the same module. A test whose
//! body does not use what it tests, or binds it anew, stays. This module must not know types.

use super::super::closures::statement;
use super::super::inherit::{name_at, snake};
use super::super::names::Names;
use crate::ast::{
    self, Block, BoolOp, Case, Expr, ExprKind, Function, Module, NodeId, Pattern, PatternKind,
    Stmt, StmtKind,
};
use std::collections::{BTreeMap, BTreeSet};

/// Rewrites the functions of the module.
pub(super) fn narrow(module: &mut Module, variants: &BTreeMap<String, String>, next_id: &mut u32) {
    for stmt in &mut module.body.stmts {
        match &mut stmt.kind {
            StmtKind::Function(function) => in_function(function, variants, next_id),
            StmtKind::Class(class) => {
                for inner in &mut class.body.stmts {
                    if let StmtKind::Function(function) = &mut inner.kind {
                        in_function(function, variants, next_id);
                    }
                }
            }
            _ => {}
        }
    }
}

fn in_function(function: &mut Function, variants: &BTreeMap<String, String>, next_id: &mut u32) {
    let mut taken: BTreeSet<String> = Names::of(function).bound.into_keys().collect();
    taken.extend(Names::of(function).read);
    in_block(&mut function.body, variants, &mut taken, next_id);
}

fn in_block(
    block: &mut Block,
    variants: &BTreeMap<String, String>,
    taken: &mut BTreeSet<String>,
    next_id: &mut u32,
) {
    for stmt in &mut block.stmts {
        if let Some(kind) = as_match(stmt, variants, taken, next_id) {
            stmt.kind = kind;
        }
        for inner in ast::branches_mut(stmt) {
            in_block(inner, variants, taken, next_id);
        }
    }
}

/// The value and the class of `isinstance(x, C)`, with what else is asked.
fn test_of<'e>(
    test: &'e Expr,
    variants: &BTreeMap<String, String>,
) -> Option<(&'e Expr, String, Vec<Expr>)> {
    let (first, rest) = match &test.kind {
        ExprKind::Logical {
            op: BoolOp::And,
            values,
        } => (values.first()?, values.get(1..)?.to_vec()),
        _ => (test, Vec::new()),
    };
    let ExprKind::Call { func, args, .. } = &first.kind else {
        return None;
    };
    let (ExprKind::Name(name), [value, class]) = (&func.kind, args.as_slice()) else {
        return None;
    };
    let ExprKind::Name(class) = &class.kind else {
        return None;
    };
    (name == "isinstance" && variants.contains_key(class) && dotted(value).is_some())
        .then(|| (value, class.clone(), rest))
}

/// `self.state` as text.
fn dotted(e: &Expr) -> Option<String> {
    match &e.kind {
        ExprKind::Name(name) => Some(name.clone()),
        ExprKind::Attribute { value, attr } => Some(format!("{}.{}", dotted(value)?, attr.name)),
        _ => None,
    }
}

fn as_match(
    stmt: &Stmt,
    variants: &BTreeMap<String, String>,
    taken: &mut BTreeSet<String>,
    next_id: &mut u32,
) -> Option<StmtKind> {
    let StmtKind::If { test, .. } = &stmt.kind else {
        return None;
    };
    let (value, _, _) = test_of(test, variants)?;
    let path = dotted(value)?;
    let subject = value.clone();
    let mut cases = Vec::new();
    let mut used = false;
    let mut current = stmt.clone();
    let mut last: Option<Block> = None;
    loop {
        let StmtKind::If { test, body, orelse } = current.kind else {
            return None;
        };
        let found = test_of(&test, variants).filter(|(v, _, _)| dotted(v).as_ref() == Some(&path));
        let Some((_, class, rest)) = found else {
            // Another test: what is left is its own statement.
            let kind = StmtKind::If { test, body, orelse };
            last = Some(Block {
                stmts: vec![Stmt {
                    kind,
                    ..stmt_like(stmt, next_id)
                }],
                trailing: Vec::new(),
            });
            break;
        };
        let span = test.span;
        if binds(&body, &path) {
            return None;
        }
        let mut body = body;
        let mut guard = match rest.len() {
            0 => None,
            1 => rest.into_iter().next(),
            _ => Some(Expr {
                id: NodeId::next(next_id),
                span,
                kind: ExprKind::Logical {
                    op: BoolOp::And,
                    values: rest,
                },
            }),
        };
        let mut name = snake(&class);
        while taken.contains(&name) {
            name.push('_');
        }
        let mut uses = 0;
        let mut replace = |e: &mut Expr| {
            if dotted(e).as_ref() == Some(&path) {
                e.kind = ExprKind::Name(name.clone());
                uses += 1;
            }
        };
        ast::rewrite::block(&mut body, &mut replace);
        if let Some(guard) = &mut guard {
            let before = guard.clone();
            ast::rewrite::expr(guard, &mut replace);
            // A guard looks at the value before it is bound.
            if dotted(&before).is_some() || guard_uses(&before, &path) {
                return None;
            }
        }
        used |= uses > 0;
        let of = name_at(span, &class, next_id);
        let class = Pattern {
            id: NodeId::next(next_id),
            span,
            kind: PatternKind::Class {
                class: of,
                positional: Vec::new(),
                keywords: Vec::new(),
            },
        };
        let pattern = match uses {
            0 => class,
            _ => {
                taken.insert(name.clone());
                Pattern {
                    id: NodeId::next(next_id),
                    span,
                    kind: PatternKind::As {
                        pattern: Some(Box::new(class)),
                        name: Some(name),
                    },
                }
            }
        };
        cases.push(Case {
            span,
            pattern,
            guard,
            body,
        });
        match orelse.stmts.as_slice() {
            [] => break,
            [one] if matches!(one.kind, StmtKind::If { .. }) => current = one.clone(),
            _ => {
                last = Some(orelse);
                break;
            }
        }
    }
    if !used {
        return None;
    }
    if let Some(body) = last {
        cases.push(Case {
            span: stmt.span,
            pattern: Pattern {
                id: NodeId::next(next_id),
                span: stmt.span,
                kind: PatternKind::As {
                    pattern: None,
                    name: None,
                },
            },
            guard: None,
            body,
        });
    }
    Some(StmtKind::Match { subject, cases })
}

fn guard_uses(guard: &Expr, path: &str) -> bool {
    struct Find<'p>(&'p str, bool);
    impl<'ast> ast::visit::Visitor<'ast> for Find<'_> {
        fn visit_expr(&mut self, e: &'ast Expr) {
            self.1 |= dotted(e).as_deref() == Some(self.0);
            ast::visit::walk_expr(self, e);
        }
    }
    let mut find = Find(path, false);
    ast::visit::Visitor::visit_expr(&mut find, guard);
    find.1
}

fn stmt_like(stmt: &Stmt, next_id: &mut u32) -> Stmt {
    statement(StmtKind::Pass, stmt.span, next_id)
}

/// Whether a block gives a path, or what it starts from, another value.
fn binds(block: &Block, path: &str) -> bool {
    struct Binds<'p>(&'p str, bool);
    impl Binds<'_> {
        fn target(&mut self, target: &Expr) {
            match &target.kind {
                ExprKind::Tuple(items) | ExprKind::List(items) => {
                    items.iter().for_each(|i| self.target(i));
                }
                _ => {
                    if let Some(own) = dotted(target) {
                        self.1 |= own == self.0 || self.0.starts_with(&format!("{own}."));
                    }
                }
            }
        }
    }
    impl<'ast> ast::visit::Visitor<'ast> for Binds<'_> {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            match &stmt.kind {
                StmtKind::Assign { targets, .. } | StmtKind::Delete(targets) => {
                    targets.iter().for_each(|t| self.target(t));
                }
                StmtKind::AugAssign { target, .. }
                | StmtKind::AnnAssign { target, .. }
                | StmtKind::For { target, .. } => self.target(target),
                _ => {}
            }
            ast::visit::walk_stmt(self, stmt);
        }
    }
    let mut found = Binds(path, false);
    ast::visit::Visitor::visit_block(&mut found, block);
    found.1
}
