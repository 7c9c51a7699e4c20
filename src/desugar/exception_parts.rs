//! What a handler shows of its exception beside its message: `repr(e)`, `e.args`.
//!
//! Enters: the module, with what its exceptions keep written out. Leaves: the same, where a
//! handler asks for an attribute of what it caught, [`REPR`] or [`FIRST`]. Where a class of
//! the file says itself what its exceptions are made with, the first is [`UNKNOWN`]. This
//! module must not know types.

use super::build::Build;
use super::names::Names;
use crate::ast::{self, Block, Conversion, Expr, ExprKind, FStringPart, Handler, Module, StmtKind};

/// The text that `repr(e)` gives.
pub const REPR: &str = "as_repr";

/// The argument that the exception was made with.
pub const FIRST: &str = "args_0";

/// What is not known of an exception: its `repr`.
pub const UNKNOWN: &str = "__repr__";

/// Whether a class of the file may say itself what its exceptions are made with.
pub(super) fn has_makers(module: &Module) -> bool {
    module.body.stmts.iter().any(|stmt| match &stmt.kind {
        StmtKind::Class(class) => {
            let raised = |name: &str| name.ends_with("Exception") || name.ends_with("Error");
            let caught = class.bases.iter().any(|base| match &base.kind {
                ExprKind::Name(name) => raised(name) || is_class(module, name),
                _ => true,
            });
            let says = |stmt: &ast::Stmt| {
                matches!(&stmt.kind, StmtKind::Function(f)
                    if matches!(f.name.name.as_str(), "__init__" | "__new__" | "__str__" | "__repr__"))
            };
            caught && class.body.stmts.iter().any(says)
        }
        _ => false,
    })
}

fn is_class(module: &Module, name: &str) -> bool {
    let of = |s: &ast::Stmt| matches!(&s.kind, StmtKind::Class(c) if c.name.name == name);
    module.body.stmts.iter().any(of)
}

/// Rewrites the handlers of the module.
pub(super) fn exception_parts(module: &mut Module, makers: bool, next_id: &mut u32) {
    block(&mut module.body, makers, next_id);
}

fn block(body: &mut Block, makers: bool, next_id: &mut u32) {
    for stmt in &mut body.stmts {
        if let StmtKind::Try { handlers, .. } = &mut stmt.kind {
            handlers
                .iter_mut()
                .for_each(|h| handler(h, makers, next_id));
        }
        for inner in ast::blocks_mut(stmt) {
            block(inner, makers, next_id);
        }
    }
}

fn handler(handler: &mut Handler, makers: bool, next_id: &mut u32) {
    let Some(name) = handler.name.as_ref().map(|n| n.name.clone()) else {
        return;
    };
    let mut bound = Names::default();
    handler.body.stmts.iter().for_each(|s| bound.stmt(s));
    if bound.bound.contains_key(&name) {
        return;
    }
    let is_it = |e: &Expr| matches!(&e.kind, ExprKind::Name(n) if *n == name);
    let shown = if makers { UNKNOWN } else { REPR };
    ast::rewrite::block(&mut handler.body, &mut |e| {
        let mut build = Build {
            next_id,
            span: e.span,
        };
        match &mut e.kind {
            ExprKind::Call {
                func,
                args,
                keywords,
            } if keywords.is_empty() && matches!(&func.kind, ExprKind::Name(n) if n == "repr") => {
                if let [of] = args.as_slice()
                    && is_it(of)
                {
                    e.kind = build.attr(of.clone(), shown).kind;
                }
            }
            // `"{!r}".format(e)`
            ExprKind::Call { func, args, .. } => {
                if let ExprKind::Attribute { value, attr } = &func.kind
                    && attr.name == "format"
                    && matches!(&value.kind, ExprKind::Str(text) if text.contains("!r"))
                {
                    for arg in args.iter_mut().filter(|arg| is_it(arg)) {
                        *arg = build.attr(arg.clone(), UNKNOWN);
                    }
                }
            }
            // `"%r" % e`
            ExprKind::Binary { left, right, .. } if matches!(&left.kind, ExprKind::Str(text) if text.contains("%r")) =>
            {
                let items = match &mut right.kind {
                    ExprKind::Tuple(items) => items.as_mut_slice(),
                    _ => std::slice::from_mut(&mut **right),
                };
                for item in items.iter_mut().filter(|item| is_it(item)) {
                    *item = build.attr(item.clone(), UNKNOWN);
                }
            }
            ExprKind::FString(parts) => {
                for part in parts {
                    if let FStringPart::Value {
                        value, conversion, ..
                    } = part
                        && *conversion == Some(Conversion::Repr)
                        && is_it(value)
                    {
                        **value = build.attr((**value).clone(), shown);
                        *conversion = None;
                    }
                }
            }
            ExprKind::Subscript { value, index } => {
                if let ExprKind::Attribute { value: of, attr } = &value.kind
                    && attr.name == "args"
                    && is_it(of)
                    && matches!(&index.kind, ExprKind::Int(n) if *n == 0.into())
                {
                    e.kind = build.attr((**of).clone(), FIRST).kind;
                }
            }
            _ => {}
        }
    });
    // `e.args`
    ast::rewrite::block(&mut handler.body, &mut |e| {
        if let ExprKind::Attribute { value, attr } = &e.kind
            && attr.name == "args"
            && is_it(value)
        {
            let mut build = Build {
                next_id,
                span: e.span,
            };
            let first = build.attr((**value).clone(), FIRST);
            e.kind = ExprKind::Tuple(vec![first]);
        }
    });
}
