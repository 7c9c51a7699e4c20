//! `max(lines, key=Line.length)`: a method of a class that is asked of each object.
//!
//! Enters: the module. Leaves: the same, where `key=Line.length` is
//! `key=lambda line: line.length()`, and so in `map` and `filter`: where no other class of the
//! module and no builtin has a method of that name, so that `line.length` is that method
//! whatever `line` is. What is used in another way stays. This module must not know types.

use super::build::Build;
use super::callables::times_bound;
use super::inherit::snake;
use super::names::Names;
use crate::ast::visit::{self, Visitor};
use crate::ast::{
    self, Expr, ExprKind, Function, MethodKind, Module, ParamKind, Params, Stmt, StmtKind,
};
use std::collections::{BTreeMap, BTreeSet};

/// What calls its `key`.
const KEYED: [&str; 6] = ["max", "min", "nlargest", "nsmallest", "sort", "sorted"];

/// Names of methods of Python's own types: these objects have no attributes of the module's.
const OWN: [&str; 14] = [
    "append", "clear", "copy", "count", "format", "get", "index", "insert", "items", "keys", "pop",
    "remove", "update", "values",
];

/// Rewrites the functions that calls are given.
pub(super) fn unbound_methods(module: &mut Module, next_id: &mut u32) {
    let methods = methods(module);
    if methods.is_empty() {
        return;
    }
    ast::rewrite::block(&mut module.body, &mut |e| {
        if let ExprKind::Call {
            func,
            args,
            keywords,
        } = &mut e.kind
        {
            let name = match &func.kind {
                ExprKind::Name(name) => name.as_str(),
                ExprKind::Attribute { attr, .. } => attr.name.as_str(),
                _ => return,
            };
            if KEYED.contains(&name) {
                for keyword in keywords.iter_mut() {
                    if keyword.name.as_ref().is_some_and(|n| n.name == "key") {
                        asked(&mut keyword.value, &methods, next_id);
                    }
                }
            }
            if matches!(name, "map" | "filter")
                && matches!(func.kind, ExprKind::Name(_))
                && let [function, _] = args.as_mut_slice()
            {
                asked(function, &methods, next_id);
            }
        }
    });
}

/// The lambda that asks for a method.
fn asked(e: &mut Expr, methods: &BTreeMap<String, String>, next_id: &mut u32) {
    let ExprKind::Attribute { value, attr } = &e.kind else {
        return;
    };
    let ExprKind::Name(class) = &value.kind else {
        return;
    };
    if methods.get(&attr.name) != Some(class) {
        return;
    }
    let mut build = Build {
        next_id,
        span: e.span,
    };
    let name = snake(class);
    let method = build.of(&name, &attr.name);
    let body = Box::new(build.call(method, Vec::new()));
    let params = Params {
        list: vec![build.param(&name, ParamKind::Normal, None)],
    };
    e.kind = ExprKind::Lambda {
        params: Box::new(params),
        body,
    };
}

/// The methods without arguments that one class of the module has, each with that class.
fn methods(module: &Module) -> BTreeMap<String, String> {
    let bound = times_bound(module);
    let mut found: BTreeMap<String, Option<String>> = BTreeMap::new();
    for stmt in &module.body.stmts {
        let StmtKind::Class(class) = &stmt.kind else {
            continue;
        };
        let name = &class.name.name;
        for method in class.body.functions() {
            let plain = is_asked(method)
                && bound.get(name) == Some(&1)
                && class.keywords.is_empty()
                && class.decorators.iter().all(is_dataclass);
            let of = plain.then(|| name.clone());
            found
                .entry(method.name.name.clone())
                .and_modify(|class| *class = None)
                .or_insert(of);
        }
    }
    let mut uses = Uses::default();
    uses.visit_block(&module.body);
    if uses.by_name {
        return BTreeMap::new();
    }
    found
        .into_iter()
        .filter_map(|(method, class)| Some((method, class?)))
        .filter(|(method, class)| {
            !OWN.contains(&method.as_str())
                && !method.starts_with("__")
                && !uses.stored.contains(method)
                && !uses.locals.contains(class)
        })
        .collect()
}

fn is_dataclass(decorator: &Expr) -> bool {
    let of = match &decorator.kind {
        ExprKind::Call { func, .. } => func,
        _ => decorator,
    };
    matches!(&of.kind, ExprKind::Name(name) if matches!(name.as_str(), "dataclass" | "total_ordering"))
}

/// Whether a method takes its object alone, and looks at it.
fn is_asked(method: &Function) -> bool {
    let [this] = method.params.list.as_slice() else {
        return false;
    };
    let own = matches!(method.method_kind(), Ok(MethodKind::Method));
    let plain = this.kind == ParamKind::Normal && this.default.is_none();
    let reads = Names::of(method).read.contains(&this.name.name);
    own && plain && reads && method.decorators.is_empty() && !method.is_async
}

/// What is bound within functions and classes.
#[derive(Default)]
struct Uses {
    /// Attributes that are assigned, and names of class bodies.
    stored: BTreeSet<String>,
    /// The variables of functions.
    locals: BTreeSet<String>,
    /// Whether attributes may be stored by their names.
    by_name: bool,
}

impl<'ast> Visitor<'ast> for Uses {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::For { target, .. } => self.stored.extend(ast::attributes(target).cloned()),
            StmtKind::Function(function) => {
                self.locals.extend(Names::of(function).bound.into_keys());
            }
            StmtKind::Class(class) => {
                let plain = class.body.stmts.iter();
                for inner in plain.filter(|s| !matches!(s.kind, StmtKind::Function(_))) {
                    let mut names = Names::default();
                    names.stmt(inner);
                    self.stored.extend(names.bound.into_keys());
                }
            }
            _ => {
                let targets = stmt.targets().iter();
                self.stored
                    .extend(targets.flat_map(ast::attributes).cloned());
            }
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        // Any attribute may be stored by its name.
        self.by_name |= matches!(&e.kind, ExprKind::Name(n) if n == "setattr")
            || matches!(&e.kind, ExprKind::Attribute { attr, .. } if matches!(attr.name.as_str(), "__dict__" | "__setattr__"));
        visit::walk_expr(self, e);
    }
}
