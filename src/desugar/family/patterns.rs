//! `case Start(speed=s, gear=1)` as `case Start() as start if start.gear == 1` and `s =
//! start.speed`.
//!
//! Enters: the module, and the classes of families. Leaves: the same module, where a pattern of
//! such a class asks for the class alone. What stands by place in a pattern is named by
//! `__match_args__`. A pattern that looks deeper stays, and is refused later. This module must
//! not know types.

use super::super::build::Build;
use super::super::inherit::snake;
use super::super::names::{Names, free};
use crate::ast::{
    self, Block, BoolOp, Case, Class, CompareOp, Expr, ExprKind, Function, Module, Pattern,
    PatternKind, Stmt, StmtKind,
};
use std::collections::{BTreeMap, BTreeSet};

/// What a class names its attributes by place with.
const MATCH_ARGS: &str = "__match_args__";

/// Rewrites the patterns of the module.
pub(super) fn patterns(
    module: &mut Module,
    variants: &BTreeMap<String, String>,
    next_id: &mut u32,
) {
    let places: BTreeMap<String, Vec<String>> = module
        .body
        .stmts
        .iter()
        .filter_map(|s| match &s.kind {
            StmtKind::Class(class) => Some((class.name.name.clone(), places_of(class)?)),
            _ => None,
        })
        .collect();
    let mut work = Work {
        variants,
        places,
        next_id,
    };
    for stmt in &mut module.body.stmts {
        work.stmt(stmt);
    }
}

/// Names what stands by place in the patterns of classes that say how: of any class.
pub(in crate::desugar) fn by_name(module: &mut Module) {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for stmt in &module.body.stmts {
        if let StmtKind::Class(class) = &stmt.kind
            && let Some(names) = match_args(class)
        {
            places.insert(class.name.name.clone(), names);
        }
    }
    if places.is_empty() {
        return;
    }
    in_blocks(&mut module.body, &places);
    for stmt in &mut module.body.stmts {
        if let StmtKind::Class(class) = &mut stmt.kind
            && places.contains_key(&class.name.name)
        {
            class.body.stmts.retain(|s| !is_match_args(s));
        }
    }
}

fn in_blocks(block: &mut Block, places: &BTreeMap<String, Vec<String>>) {
    for stmt in &mut block.stmts {
        if let StmtKind::Match { cases, .. } = &mut stmt.kind {
            for case in cases {
                in_pattern(&mut case.pattern, places);
            }
        }
        for inner in ast::blocks_mut(stmt) {
            in_blocks(inner, places);
        }
    }
}

fn in_pattern(pattern: &mut Pattern, places: &BTreeMap<String, Vec<String>>) {
    match &mut pattern.kind {
        PatternKind::Class {
            class,
            positional,
            keywords,
        } => {
            if let ExprKind::Name(name) = &class.kind
                && let Some(names) = places.get(name)
                && positional.len() <= names.len()
            {
                let given = std::mem::take(positional);
                let named = names.iter().cloned().zip(given);
                let rest = std::mem::take(keywords);
                *keywords = named.chain(rest).collect();
            }
            for (_, sub) in keywords {
                in_pattern(sub, places);
            }
            positional.iter_mut().for_each(|p| in_pattern(p, places));
        }
        PatternKind::Or(items) | PatternKind::Sequence(items) => {
            items.iter_mut().for_each(|p| in_pattern(p, places));
        }
        PatternKind::As {
            pattern: Some(inner),
            ..
        } => in_pattern(inner, places),
        PatternKind::Mapping { .. }
        | PatternKind::Value(_)
        | PatternKind::Singleton(_)
        | PatternKind::Star(_)
        | PatternKind::As { pattern: None, .. } => {}
    }
}

fn is_match_args(stmt: &Stmt) -> bool {
    stmt.targets()
        .iter()
        .any(|t| matches!(&t.kind, ExprKind::Name(n) if n == MATCH_ARGS))
}

/// What `__match_args__` of a class says.
fn match_args(class: &Class) -> Option<Vec<String>> {
    let stmt = class.body.stmts.iter().find(|s| is_match_args(s))?;
    let StmtKind::Assign { value, .. } = &stmt.kind else {
        return None;
    };
    let (ExprKind::Tuple(items) | ExprKind::List(items)) = &value.kind else {
        return None;
    };
    let names = items.iter().map(|item| match &item.kind {
        ExprKind::Str(name) => Some(name.clone()),
        _ => None,
    });
    names.collect()
}

/// The attributes by place in a pattern of a class.
fn places_of(class: &Class) -> Option<Vec<String>> {
    if let Some(names) = match_args(class) {
        return Some(names);
    }
    let made = class.made.as_ref()?;
    let params = made.params.iter().filter(|(_, by_name)| !by_name);
    Some(params.map(|(name, _)| name.clone()).collect())
}

struct Work<'w> {
    variants: &'w BTreeMap<String, String>,
    places: BTreeMap<String, Vec<String>>,
    next_id: &'w mut u32,
}

/// How often each name stands in expressions.
#[derive(Default)]
struct Reads(BTreeMap<String, usize>);

impl<'ast> ast::visit::Visitor<'ast> for Reads {
    fn visit_expr(&mut self, e: &'ast Expr) {
        if let ExprKind::Name(name) = &e.kind {
            *self.0.entry(name.clone()).or_default() += 1;
        }
        ast::visit::walk_expr(self, e);
    }
}

/// What a pattern asks for beside the class.
#[derive(Default)]
struct Asked {
    tests: Vec<Expr>,
    /// The names that it binds, and to what.
    bound: Vec<(String, Expr)>,
}

impl Work<'_> {
    fn stmt(&mut self, stmt: &mut Stmt) {
        match &mut stmt.kind {
            StmtKind::Function(function) => self.function(function),
            StmtKind::Class(class) => {
                class.body.stmts.iter_mut().for_each(|s| self.stmt(s));
            }
            _ => {}
        }
    }

    fn function(&mut self, function: &mut Function) {
        let mut taken = Names::of(function).all();
        let mut reads = Reads::default();
        ast::visit::Visitor::visit_block(&mut reads, &function.body);
        self.block(&mut function.body, &mut taken, &reads);
    }

    fn block(&mut self, block: &mut Block, taken: &mut BTreeSet<String>, reads: &Reads) {
        for stmt in &mut block.stmts {
            if let StmtKind::Match { cases, .. } = &mut stmt.kind {
                for case in cases {
                    let _ = self.case(case, taken, reads);
                }
            }
            for inner in ast::branches_mut(stmt) {
                self.block(inner, taken, reads);
            }
        }
    }

    fn case(&mut self, case: &mut Case, taken: &mut BTreeSet<String>, reads: &Reads) -> Option<()> {
        let (pattern, name) = match &case.pattern.kind {
            PatternKind::As {
                pattern: Some(inner),
                name: Some(name),
            } => (&**inner, Some(name.clone())),
            _ => (&case.pattern, None),
        };
        let PatternKind::Class {
            class,
            positional,
            keywords,
        } = &pattern.kind
        else {
            return None;
        };
        let ExprKind::Name(of) = &class.kind else {
            return None;
        };
        if !self.variants.contains_key(of) || positional.is_empty() && keywords.is_empty() {
            return None;
        }
        let name = match name {
            Some(name) => name,
            None => free(&snake(of), taken),
        };
        let mut build = Build {
            next_id: self.next_id,
            span: pattern.span,
        };
        let mut asked = Asked::default();
        let places = self.places.get(of);
        for (place, sub) in positional.iter().enumerate() {
            let attr = places?.get(place)?;
            let value = build.of(&name, attr);
            ask(sub, &value, &mut asked, &mut build)?;
        }
        for (attr, sub) in keywords {
            let value = build.of(&name, attr);
            ask(sub, &value, &mut asked, &mut build)?;
        }
        let bare = Pattern {
            kind: PatternKind::Class {
                class: class.clone(),
                positional: Vec::new(),
                keywords: Vec::new(),
            },
            ..pattern.clone()
        };
        let mut guard = case.guard.take();
        let mut in_guard = Reads::default();
        if let Some(guard) = &mut guard {
            ast::visit::Visitor::visit_expr(&mut in_guard, guard);
            let bound = &asked.bound;
            ast::rewrite::expr(guard, &mut |e| {
                if let ExprKind::Name(name) = &e.kind
                    && let Some((_, value)) = bound.iter().find(|(n, _)| n == name)
                {
                    *e = build.again(value);
                }
            });
        }
        asked.tests.extend(guard);
        case.guard = match asked.tests.len() {
            0 | 1 => asked.tests.pop(),
            _ => Some(build.expr(ExprKind::Logical {
                op: BoolOp::And,
                values: asked.tests,
            })),
        };
        let mut bound: Vec<Stmt> = asked
            .bound
            .iter()
            // What the guard alone reads is read there.
            .filter(|(local, _)| reads.0.get(local) != in_guard.0.get(local))
            .map(|(local, value)| {
                let target = build.name(local);
                let value = build.again(value);
                build.assign(target, value)
            })
            .collect();
        let is_named = !bound.is_empty() || case.guard.is_some() || case.pattern.id != pattern.id;
        bound.append(&mut case.body.stmts);
        case.body.stmts = bound;
        case.pattern = match is_named {
            true => {
                let id = crate::ast::NodeId::next(self.next_id);
                Pattern {
                    id,
                    span: bare.span,
                    kind: PatternKind::As {
                        pattern: Some(Box::new(bare)),
                        name: Some(name),
                    },
                }
            }
            false => bare,
        };
        Some(())
    }
}

/// What a pattern asks of a value.
fn ask(pattern: &Pattern, value: &Expr, asked: &mut Asked, build: &mut Build<'_>) -> Option<()> {
    match &pattern.kind {
        PatternKind::As { pattern, name } => {
            if let Some(inner) = pattern {
                ask(inner, value, asked, build)?;
            }
            if let Some(name) = name {
                asked.bound.push((name.clone(), value.clone()));
            }
        }
        PatternKind::Value(wanted) => {
            let (value, wanted) = (build.again(value), build.again(wanted));
            asked
                .tests
                .push(build.compare(value, CompareOp::Eq, wanted));
        }
        PatternKind::Singleton(wanted) => {
            let (value, wanted) = (build.again(value), build.again(wanted));
            asked
                .tests
                .push(build.compare(value, CompareOp::Is, wanted));
        }
        PatternKind::Or(alternatives) => {
            let mut tests = Vec::new();
            for alternative in alternatives {
                let mut own = Asked::default();
                ask(alternative, value, &mut own, build)?;
                if !own.bound.is_empty() || own.tests.len() != 1 {
                    return None;
                }
                tests.extend(own.tests);
            }
            asked.tests.push(build.expr(ExprKind::Logical {
                op: BoolOp::Or,
                values: tests,
            }));
        }
        PatternKind::Class { .. }
        | PatternKind::Sequence(_)
        | PatternKind::Mapping { .. }
        | PatternKind::Star(_) => return None,
    }
    Some(())
}
