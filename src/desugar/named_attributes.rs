//! Attributes by a literal name, and such as come and go.
//!
//! Enters: the module, inheritance written out. Leaves: the same module, where
//! `setattr(x, "gain", v)` is `x.gain = v`, `getattr(x, "gain")` is `x.gain` and
//! `getattr(x, "gain", 1.0)` is `x.gain if hasattr(x, "gain") else 1.0`, and where an
//! attribute that a class asks for by `hasattr(self, "x")` before it may be there is None
//! until it is set; the class says which these are. This module must not know types.

use super::build::{Build, method};
use crate::ast::{
    self, Block, Class, CompareOp, Expr, ExprKind, MethodKind, Module, Stmt, StmtKind,
};
use std::collections::BTreeSet;

/// Rewrites the module.
pub(super) fn named_attributes(module: &mut Module, next_id: &mut u32) {
    if bound(module) {
        return;
    }
    plain(&mut module.body, next_id);
    let assigned = all_assigned(&module.body);
    for stmt in &mut module.body.stmts {
        if let StmtKind::Class(class) = &mut stmt.kind {
            in_class(class, &assigned, next_id);
        }
    }
}

/// Whether the module has names of its own for the builtins.
fn bound(module: &Module) -> bool {
    module.body.stmts.iter().any(|s| match &s.kind {
        StmtKind::Function(f) => is_builtin(&f.name.name),
        _ => false,
    })
}

fn is_builtin(name: &str) -> bool {
    matches!(name, "getattr" | "setattr" | "hasattr" | "delattr")
}

/// The arguments of a call of a builtin with a literal name: object, name, the rest.
fn by_name<'e>(e: &'e Expr, builtin: &str) -> Option<(&'e Expr, &'e str, &'e [Expr])> {
    let ExprKind::Call {
        func,
        args,
        keywords,
    } = &e.kind
    else {
        return None;
    };
    let called = matches!(&func.kind, ExprKind::Name(n) if n == builtin);
    let [object, name, rest @ ..] = args.as_slice() else {
        return None;
    };
    let ExprKind::Str(text) = &name.kind else {
        return None;
    };
    let identifier = text.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_alphanumeric() || c == '_');
    (called && keywords.is_empty() && identifier).then_some((object, text, rest))
}

/// `setattr` and `getattr` that say no more than an attribute does.
fn plain(block: &mut Block, next_id: &mut u32) {
    for stmt in &mut block.stmts {
        let set = match &stmt.kind {
            StmtKind::Expr(e) => match by_name(e, "setattr") {
                Some((object, name, [value])) => {
                    let mut build = Build {
                        next_id,
                        span: e.span,
                    };
                    let target = build.attr(object.clone(), name);
                    Some(StmtKind::Assign {
                        targets: vec![target],
                        value: value.clone(),
                    })
                }
                _ => None,
            },
            _ => None,
        };
        if let Some(kind) = set {
            stmt.kind = kind;
        }
        for inner in ast::blocks_mut(stmt) {
            plain(inner, next_id);
        }
    }
    ast::rewrite::block(block, &mut |e| {
        if let Some((object, name, [])) = by_name(e, "getattr") {
            let mut build = Build {
                next_id,
                span: e.span,
            };
            e.kind = build.attr(object.clone(), name).kind;
        } else if let Some((object, name, [default])) = by_name(e, "getattr")
            && matches!(&object.kind, ExprKind::Name(n) if n != "self")
            && super::keywords::is_literal(default)
        {
            let mut build = Build {
                next_id,
                span: e.span,
            };
            let text = build.expr(ExprKind::Str(name.to_string()));
            let again = build.again(object);
            let has = build.name("hasattr");
            let test = build.call(has, vec![again, text]);
            e.kind = ExprKind::Conditional {
                test: Box::new(test),
                body: Box::new(build.attr(object.clone(), name)),
                orelse: Box::new(default.clone()),
            };
        }
    });
}

/// Every attribute that the module assigns, of any object.
fn all_assigned(block: &Block) -> BTreeSet<String> {
    struct Find(BTreeSet<String>);
    impl Find {
        fn target(&mut self, target: &Expr) {
            match &target.kind {
                ExprKind::Attribute { attr, .. } => {
                    self.0.insert(attr.name.clone());
                }
                ExprKind::Tuple(items) | ExprKind::List(items) => {
                    items.iter().for_each(|i| self.target(i));
                }
                _ => {}
            }
        }
    }
    impl<'ast> ast::visit::Visitor<'ast> for Find {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            match &stmt.kind {
                StmtKind::Assign { targets, .. } => targets.iter().for_each(|t| self.target(t)),
                StmtKind::AugAssign { target, .. }
                | StmtKind::AnnAssign { target, .. }
                | StmtKind::For { target, .. } => self.target(target),
                _ => {}
            }
            ast::visit::walk_stmt(self, stmt);
        }
    }
    let mut find = Find(BTreeSet::new());
    ast::visit::Visitor::visit_block(&mut find, block);
    find.0
}

/// How a class has an attribute.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Has {
    /// From the start.
    Always,
    /// From where a method sets it.
    Later,
    /// Never.
    Never,
}

/// The attributes that an instance has once it is made.
pub(super) fn from_the_start(class: &Class) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for stmt in &class.body.stmts {
        match &stmt.kind {
            StmtKind::Function(f) => {
                out.insert(f.name.name.clone());
            }
            StmtKind::Assign { targets, .. } => {
                for target in targets {
                    if let ExprKind::Name(name) = &target.kind {
                        out.insert(name.clone());
                    }
                }
            }
            StmtKind::AnnAssign { target, value, .. } => {
                if let (ExprKind::Name(name), true) =
                    (&target.kind, value.is_some() || class.made.is_some())
                {
                    out.insert(name.clone());
                }
            }
            _ => {}
        }
    }
    if let Some(init) = method(&class.body, "__init__") {
        let own = init.params.list.first().map(|p| p.name.name.clone());
        for stmt in &init.body.stmts {
            let targets = match &stmt.kind {
                StmtKind::Assign { targets, .. } => targets.as_slice(),
                StmtKind::AnnAssign {
                    target,
                    value: Some(_),
                    ..
                } => std::slice::from_ref(target),
                _ => continue,
            };
            for target in targets {
                let items = match &target.kind {
                    ExprKind::Tuple(items) => items.as_slice(),
                    _ => std::slice::from_ref(target),
                };
                for item in items {
                    if let ExprKind::Attribute { value, attr } = &item.kind
                        && matches!(&value.kind, ExprKind::Name(n) if Some(n) == own.as_ref())
                    {
                        out.insert(attr.name.clone());
                    }
                }
            }
        }
    }
    out
}

fn in_class(class: &mut Class, assigned: &BTreeSet<String>, next_id: &mut u32) {
    let start = from_the_start(class);
    let has = |name: &str| match (start.contains(name), assigned.contains(name)) {
        (true, _) => Has::Always,
        (false, true) => Has::Later,
        (false, false) => Has::Never,
    };
    let mut deleted: BTreeSet<String> = BTreeSet::new();
    let mut later: BTreeSet<String> = BTreeSet::new();
    for stmt in &mut class.body.stmts {
        let StmtKind::Function(function) = &mut stmt.kind else {
            continue;
        };
        let bound = matches!(
            function.method_kind(),
            Ok(MethodKind::Method | MethodKind::Property | MethodKind::Setter)
        );
        let Some(own) = function.params.list.first().filter(|_| bound) else {
            continue;
        };
        let own = own.name.name.clone();
        removed(&mut function.body, &own, &mut deleted);
        let is_own = |e: &Expr| matches!(&e.kind, ExprKind::Name(n) if *n == own);
        ast::rewrite::block(&mut function.body, &mut |e| {
            let mut build = Build {
                next_id,
                span: e.span,
            };
            if let Some((object, name, [])) = by_name(e, "hasattr").filter(|f| is_own(f.0)) {
                e.kind = match has(name) {
                    Has::Always => ExprKind::Bool(true),
                    Has::Never => ExprKind::Bool(false),
                    Has::Later => {
                        later.insert(name.to_string());
                        there(object.clone(), name, &mut build).kind
                    }
                };
            } else if let Some((object, name, [default])) =
                by_name(e, "getattr").filter(|f| is_own(f.0))
            {
                e.kind = match has(name) {
                    Has::Always => build.attr(object.clone(), name).kind,
                    Has::Never => default.kind.clone(),
                    Has::Later => {
                        later.insert(name.to_string());
                        let test = Box::new(there(object.clone(), name, &mut build));
                        let body = Box::new(build.attr(object.clone(), name));
                        let orelse = Box::new(default.clone());
                        ExprKind::Conditional { test, body, orelse }
                    }
                };
            }
        });
    }
    if !deleted.is_subset(&later) {
        // What is only deleted, and never asked for.
        return;
    }
    if later.is_empty() {
        return;
    }
    set_to_none(class, &deleted, next_id);
    let mut build = Build {
        next_id,
        span: class.name.span,
    };
    let mut first = Vec::new();
    for name in &later {
        let target = build.of("self", name);
        let none = build.expr(ExprKind::None);
        first.push((name.clone(), target, none));
    }
    start_with(class, first, &mut build);
    class.late = later.into_iter().collect();
}

/// `object.name is not None`
pub(super) fn there(object: Expr, name: &str, build: &mut Build<'_>) -> Expr {
    let attribute = build.attr(object, name);
    let none = build.expr(ExprKind::None);
    build.compare(attribute, CompareOp::IsNot, none)
}

/// The attributes that a method deletes.
fn removed(block: &mut Block, own: &str, out: &mut BTreeSet<String>) {
    for stmt in &mut block.stmts {
        if let StmtKind::Delete(targets) = &stmt.kind {
            for target in targets {
                if let ExprKind::Attribute { value, attr } = &target.kind
                    && matches!(&value.kind, ExprKind::Name(n) if n == own)
                {
                    out.insert(attr.name.clone());
                }
            }
        }
        for inner in ast::blocks_mut(stmt) {
            removed(inner, own, out);
        }
    }
}

/// `self.x = None` for `del self.x`.
fn set_to_none(class: &mut Class, deleted: &BTreeSet<String>, next_id: &mut u32) {
    fn in_block(block: &mut Block, deleted: &BTreeSet<String>, next_id: &mut u32) {
        for stmt in &mut block.stmts {
            if let StmtKind::Delete(targets) = &stmt.kind
                && let [target] = targets.as_slice()
                && let ExprKind::Attribute { attr, .. } = &target.kind
                && deleted.contains(&attr.name)
            {
                let mut build = Build {
                    next_id,
                    span: target.span,
                };
                let mut target = target.clone();
                if let ExprKind::Attribute { attr, .. } = &mut target.kind {
                    attr.span = target.span;
                }
                let none = build.expr(ExprKind::None);
                stmt.kind = StmtKind::Assign {
                    targets: vec![target],
                    value: none,
                };
            }
            for inner in ast::blocks_mut(stmt) {
                in_block(inner, deleted, next_id);
            }
        }
    }
    in_block(&mut class.body, deleted, next_id);
}

/// Puts assignments at the start of a class's `__init__`.
pub(super) fn start_with(
    class: &mut Class,
    first: Vec<(String, Expr, Expr)>,
    build: &mut Build<'_>,
) {
    let init = class.body.stmts.iter_mut().find_map(|s| match &mut s.kind {
        StmtKind::Function(f) if f.name.name == "__init__" => Some(f),
        _ => None,
    });
    let mut stmts: Vec<Stmt> = Vec::new();
    match init {
        Some(init) => {
            let own = init.params.list.first().map(|p| p.name.name.clone());
            for (_, mut target, none) in first {
                if let (ExprKind::Attribute { value, .. }, Some(own)) = (&mut target.kind, &own) {
                    value.kind = ExprKind::Name(own.clone());
                }
                stmts.push(build.assign(target, none));
            }
            stmts.append(&mut init.body.stmts);
            init.body.stmts = stmts;
        }
        None => {
            for (_, target, none) in first {
                stmts.push(build.assign(target, none));
            }
            let own = build.param("self", ast::ParamKind::Normal, None);
            let init = build.function("__init__", vec![own], stmts);
            class.body.stmts.push(init);
        }
    }
}
