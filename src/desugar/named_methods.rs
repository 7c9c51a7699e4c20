//! `getattr(self, "do_" + name)`: methods by a part of their names.
//!
//! Enters: the module. Leaves: the same module, where the methods that the name can be of stand
//! in a table, `{"idle": self.do_idle, "run": self.do_run}[name]`, and a default is that of
//! `get`. Only where no handler of the module tells an AttributeError from a KeyError. What
//! cannot be rewritten stays, and is refused later. This module must not know types.

use super::build::Build;
use crate::ast::{
    self, BinaryOp, Class, Expr, ExprKind, FStringPart, Function, Ident, MethodKind, Module,
    StmtKind,
};
use std::collections::BTreeSet;

/// The most methods that one table has.
const MOST_METHODS: usize = 32;

/// Rewrites the methods of the module's classes.
pub(super) fn named_methods(module: &mut Module, next_id: &mut u32) {
    let mut handlers = Handlers::default();
    ast::visit::Visitor::visit_block(&mut handlers, &module.body);
    if !handlers.asks || handlers.catches {
        return;
    }
    let bases: BTreeSet<String> = module
        .body
        .stmts
        .iter()
        .filter_map(|stmt| match &stmt.kind {
            StmtKind::Class(class) => Some(class),
            _ => None,
        })
        .flat_map(|class| class.bases.iter())
        .filter_map(|base| match &base.kind {
            ExprKind::Name(name) => Some(name.clone()),
            _ => None,
        })
        .collect();
    for stmt in &mut module.body.stmts {
        let StmtKind::Class(class) = &mut stmt.kind else {
            continue;
        };
        // A class with others above or below it has methods that do not stand here.
        let alone = class.bases.iter().all(is_object) && !bases.contains(&class.name.name);
        if !alone {
            continue;
        }
        let names = methods(class);
        for inner in &mut class.body.stmts {
            let StmtKind::Function(method) = &mut inner.kind else {
                continue;
            };
            let own = matches!(method.method_kind(), Ok(MethodKind::Method));
            let Some(this) = method.params.list.first().filter(|_| own) else {
                continue;
            };
            let this = this.name.name.clone();
            ast::rewrite::block(&mut method.body, &mut |e| {
                if let Some(table) = table(e, &this, &names, next_id) {
                    e.kind = table;
                }
            });
        }
    }
}

fn is_object(base: &Expr) -> bool {
    matches!(&base.kind, ExprKind::Name(n) if n == "object")
}

fn methods(class: &Class) -> Vec<Ident> {
    let is_method = |f: &&Function| matches!(f.method_kind(), Ok(MethodKind::Method));
    let functions = class.body.functions().filter(is_method);
    functions.map(|f| f.name.clone()).collect()
}

/// The table of the methods that a call of `getattr` chooses from.
fn table(e: &Expr, this: &str, names: &[Ident], next_id: &mut u32) -> Option<ExprKind> {
    let ExprKind::Call {
        func,
        args,
        keywords,
    } = &e.kind
    else {
        return None;
    };
    let named = |e: &Expr, name: &str| matches!(&e.kind, ExprKind::Name(n) if n == name);
    let (of, name, default) = match args.as_slice() {
        [of, name] => (of, name, None),
        [of, name, default] => (of, name, Some(default)),
        _ => return None,
    };
    if !named(func, "getattr") || !named(of, this) || !keywords.is_empty() {
        return None;
    }
    let (before, key, after) = parts(name)?;
    if before.is_empty() && after.is_empty() {
        return None;
    }
    let fitting = names.iter().filter_map(|method| {
        let part = method.name.strip_prefix(before.as_str())?;
        Some((part.strip_suffix(after.as_str())?, method))
    });
    let fitting: Vec<(&str, &Ident)> = fitting.collect();
    if fitting.is_empty() || fitting.len() > MOST_METHODS {
        return None;
    }
    let mut build = Build {
        next_id,
        span: e.span,
    };
    let mut entries = Vec::new();
    for (part, method) in fitting {
        // Each key stands where its method does: what is written alike is one key.
        build.span = method.span;
        let value = build.of(this, &method.name);
        let part = build.expr(ExprKind::Str(part.to_string()));
        entries.push((Some(part), value));
    }
    build.span = e.span;
    let dict = build.expr(ExprKind::Dict(entries));
    Some(match default {
        None => ExprKind::Subscript {
            value: Box::new(dict),
            index: Box::new(key),
        },
        Some(default) => {
            let get = build.attr(dict, "get");
            let none = matches!(default.kind, ExprKind::None);
            let args = match none {
                true => vec![key],
                false => vec![key, default.clone()],
            };
            build.call(get, args).kind
        }
    })
}

/// `"do_" + x`, `f"do_{x}"`, `"do_%s" % x`: what stands before and behind `x`.
fn parts(name: &Expr) -> Option<(String, Expr, String)> {
    match &name.kind {
        ExprKind::Binary {
            op: BinaryOp::Add,
            left,
            right,
        } => match (&left.kind, &right.kind) {
            (ExprKind::Str(before), _) => Some((before.clone(), (**right).clone(), String::new())),
            (_, ExprKind::Str(after)) => Some((String::new(), (**left).clone(), after.clone())),
            _ => None,
        },
        ExprKind::Binary {
            op: BinaryOp::Mod,
            left,
            right,
        } if !matches!(right.kind, ExprKind::Tuple(_)) => {
            let ExprKind::Str(form) = &left.kind else {
                return None;
            };
            let (before, after) = form.split_once("%s")?;
            let more = before.contains('%') || after.contains('%');
            (!more).then(|| (before.to_string(), (**right).clone(), after.to_string()))
        }
        ExprKind::FString(pieces) => {
            let mut sides = (String::new(), String::new());
            let mut key = None;
            for piece in pieces {
                match piece {
                    FStringPart::Literal(text) if key.is_none() => sides.0.push_str(text),
                    FStringPart::Literal(text) => sides.1.push_str(text),
                    FStringPart::Value {
                        value,
                        conversion: None,
                        spec,
                        ..
                    } if spec.is_empty() && key.is_none() => key = Some((**value).clone()),
                    FStringPart::Value { .. } => return None,
                }
            }
            Some((sides.0, key?, sides.1))
        }
        _ => None,
    }
}

/// What a module catches, and whether it asks for attributes by name.
#[derive(Default)]
struct Handlers {
    asks: bool,
    catches: bool,
}

impl<'ast> ast::visit::Visitor<'ast> for Handlers {
    fn visit_stmt(&mut self, stmt: &'ast ast::Stmt) {
        if let StmtKind::Try { handlers, .. } = &stmt.kind {
            for handler in handlers {
                let types = handler.types.iter().flat_map(|types| match &types.kind {
                    ExprKind::Tuple(items) => items.iter().collect::<Vec<_>>(),
                    _ => vec![types],
                });
                for class in types {
                    self.catches |= matches!(&class.kind, ExprKind::Name(n) if matches!(n.as_str(), "AttributeError" | "KeyError" | "LookupError"))
                        || handler.name.is_some()
                            && matches!(&class.kind, ExprKind::Name(n) if n == "Exception");
                }
            }
        }
        ast::visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        self.asks |= matches!(&e.kind, ExprKind::Name(n) if n == "getattr");
        ast::visit::walk_expr(self, e);
    }
}
