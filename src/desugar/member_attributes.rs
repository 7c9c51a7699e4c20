//! Enums whose `__init__` takes their values apart.
//!
//! Enters: the module. Leaves: the same, where each attribute that such an `__init__` sets is
//! a property of the member's value: `self.value[1]`. An `__init__` that does more stays, and
//! the class is refused later. This module must not know types.

use super::build::{Build, is_named, method};
use crate::ast::{self, Class, Expr, ExprKind, Function, Module, ParamKind, StmtKind};

/// Rewrites the module.
pub(super) fn member_attributes(module: &mut Module, next_id: &mut u32) {
    for stmt in &mut module.body.stmts {
        if let StmtKind::Class(class) = &mut stmt.kind
            && class.bases.iter().any(is_enum)
            && let Some(init) = method(&class.body, "__init__").cloned()
            && let Some(attributes) = attributes(class, &init)
        {
            written_out(class, &init, attributes, next_id);
        }
    }
}

fn is_enum(base: &Expr) -> bool {
    ["Enum", "IntEnum", "StrEnum"]
        .iter()
        .any(|name| is_named(base, "enum", name))
}

/// What an `__init__` sets, in terms of `self.value`.
fn attributes(class: &Class, init: &Function) -> Option<Vec<(String, Expr)>> {
    let plain = |p: &ast::Param| matches!(p.kind, ParamKind::Normal | ParamKind::PositionalOnly);
    let (own, params) = init.params.list.split_first()?;
    if !init.params.list.iter().all(plain) || !init.decorators.is_empty() {
        return None;
    }
    let own = own.name.name.as_str();
    for stmt in &class.body.stmts {
        if let StmtKind::Assign { value, .. } = &stmt.kind {
            let count = match &value.kind {
                ExprKind::Tuple(items) => items.len(),
                _ => 1,
            };
            // Defaults are not of the value.
            let one = params.len() == 1 && !matches!(value.kind, ExprKind::Tuple(_));
            if count != params.len() || !(count > 1 || one) {
                return None;
            }
        }
    }
    let mut out: Vec<(String, Expr)> = Vec::new();
    for stmt in &init.body.stmts {
        let (target, value) = match &stmt.kind {
            StmtKind::Assign { targets, value } => match targets.as_slice() {
                [target] => (target, value),
                _ => return None,
            },
            StmtKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } => (target, value),
            StmtKind::Expr(e) if matches!(e.kind, ExprKind::Str(_)) => continue,
            _ => return None,
        };
        let ExprKind::Attribute { value: of, attr } = &target.kind else {
            return None;
        };
        let is_own = matches!(&of.kind, ExprKind::Name(n) if n == own);
        let again = out.iter().any(|(name, _)| *name == attr.name);
        if !is_own || again || attr.name.starts_with('_') || names(value, own) {
            return None;
        }
        let mut value = value.clone();
        of_value(&mut value, params);
        out.push((attr.name.clone(), value));
    }
    (!out.is_empty()).then_some(out)
}

/// `self.value[1]` for the second parameter, `self.value` where there is one.
fn of_value(e: &mut Expr, params: &[ast::Param]) {
    let ExprKind::Name(name) = &e.kind else {
        ast::rewrite::children(e, &mut |child| of_value(child, params));
        return;
    };
    let Some(place) = params.iter().position(|p| p.name.name == *name) else {
        return;
    };
    let expr = |kind: ExprKind| {
        Box::new(Expr {
            id: e.id,
            span: e.span,
            kind,
        })
    };
    let attr = ast::Ident {
        span: e.span,
        name: "value".into(),
    };
    let value = expr(ExprKind::Name("self".into()));
    let value = ExprKind::Attribute { value, attr };
    e.kind = match params.len() {
        1 => value,
        _ => ExprKind::Subscript {
            value: expr(value),
            index: expr(ExprKind::Int(place.into())),
        },
    };
}

/// Properties in the place of the `__init__`.
fn written_out(
    class: &mut Class,
    init: &Function,
    attributes: Vec<(String, Expr)>,
    next_id: &mut u32,
) {
    let mut build = Build {
        next_id,
        span: init.name.span,
    };
    let mut made = Vec::new();
    for (attr, mut value) in attributes {
        super::copies::expr(&mut value, build.next_id);
        let mut property = build.operator(&attr, &[], value);
        if let StmtKind::Function(function) = &mut property.kind {
            function.decorators.push(build.name("property"));
        }
        class.generated.push(attr);
        made.push(property);
    }
    for stmt in std::mem::take(&mut class.body.stmts) {
        match &stmt.kind {
            StmtKind::Function(f) if f.name.name == "__init__" => {
                class.body.stmts.append(&mut made);
            }
            _ => class.body.stmts.push(stmt),
        }
    }
}

fn names(e: &Expr, name: &str) -> bool {
    matches!(&e.kind, ExprKind::Name(n) if n == name)
        || ast::visit::children(e).into_iter().any(|e| names(e, name))
}
