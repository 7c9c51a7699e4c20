//! Functions that give back a list or dict of somebody, and whose callers use it up at once.
//!
//! ```text
//! def position(self): return self.pos        x, y = robot.position()
//! ```
//!
//! Enters: the module and its [`Model`]. Leaves: the functions of which every call is taken
//! apart, indexed or counted where it stands: nobody has the object a moment later, so that a
//! copy of it is never told from it. This module must not know how objects flow.

use crate::ast::leaves;
use crate::ast::visit::{self, Visitor};
use crate::ast::{CompareOp, Expr, ExprKind, Module, NodeId, Stmt, StmtKind};
use crate::infer::Model;
use crate::ty::Ty;
use std::collections::BTreeSet;

/// Builtins that look at what they are given, and keep nothing of it.
const LOOKS: [&str; 11] = [
    "len",
    "sum",
    "min",
    "max",
    "sorted",
    "list",
    "tuple",
    "any",
    "all",
    "bytes",
    "bytearray",
];

/// The keys of the functions whose callers use up at once what they give.
pub(super) fn used_at_once(module: &Module, model: &Model) -> BTreeSet<String> {
    let mut uses = Uses {
        model,
        found: BTreeSet::new(),
    };
    uses.visit_block(&module.body);
    let (mut at_once, mut kept) = (BTreeSet::new(), BTreeSet::new());
    let functions = model.functions.iter().chain([&model.module]);
    for (node, callee) in functions.flat_map(|f| f.calls.iter()) {
        let Some(callee) = model.functions.get(callee.0) else {
            continue;
        };
        let key = callee.python_name.clone();
        match uses.found.contains(node) {
            true => at_once.insert(key),
            false => kept.insert(key),
        };
    }
    at_once.retain(|key| !kept.contains(key));
    at_once
}

/// Whether a list or dict holds nothing that can be changed.
pub(super) fn is_plain(ty: &Ty, holds: impl Fn(&Ty) -> bool) -> bool {
    match ty {
        Ty::List { elem, .. } | Ty::Deque { elem, .. } => !elem.is_unusable() && !holds(elem),
        Ty::Dict { value, .. } => !value.is_unusable() && !holds(value),
        Ty::Set(_) => true,
        _ => false,
    }
}

/// The expressions whose value nobody has when the next thing is computed.
struct Uses<'u> {
    model: &'u Model,
    found: BTreeSet<NodeId>,
}

impl Uses<'_> {
    /// A target: what an item is stored in is changed.
    fn target(&mut self, target: &Expr) {
        let mut names = Vec::new();
        leaves(target, &mut names);
        for name in names {
            match &name.kind {
                ExprKind::Subscript { value, index } => {
                    self.visit_expr(value);
                    self.visit_expr(index);
                }
                _ => self.visit_expr(name),
            }
        }
    }

    fn is_builtin(&self, name: &str) -> bool {
        LOOKS.contains(&name) && self.model.functions.named(name).next().is_none()
    }
}

impl<'ast> Visitor<'ast> for Uses<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                // The items are there before the first of them is stored.
                if let [target] = targets.as_slice()
                    && let ExprKind::Tuple(items) | ExprKind::List(items) = &target.kind
                    && !items.iter().any(|i| matches!(i.kind, ExprKind::Starred(_)))
                {
                    self.found.insert(value.id);
                }
                self.visit_expr(value);
                targets.iter().for_each(|target| self.target(target));
            }
            StmtKind::AugAssign { target, value, .. } => {
                self.target(target);
                self.visit_expr(value);
            }
            StmtKind::For {
                target,
                iter,
                body,
                orelse,
                ..
            } => {
                self.visit_expr(iter);
                self.target(target);
                self.visit_block(body);
                self.visit_block(orelse);
            }
            StmtKind::Delete(targets) => targets.iter().for_each(|target| self.target(target)),
            _ => visit::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Subscript { value, index } if is_quiet(index) => {
                self.found.insert(value.id);
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } => {
                if let (ExprKind::Name(name), [arg], []) =
                    (&func.kind, args.as_slice(), keywords.as_slice())
                    && self.is_builtin(name)
                {
                    self.found.insert(arg.id);
                }
            }
            ExprKind::Compare { ops, rest, .. } => {
                if let ([CompareOp::In | CompareOp::NotIn], [right]) =
                    (ops.as_slice(), rest.as_slice())
                {
                    self.found.insert(right.id);
                }
            }
            _ => {}
        }
        visit::walk_expr(self, e);
    }
}

/// Whether computing an index changes nothing.
fn is_quiet(index: &Expr) -> bool {
    match &index.kind {
        ExprKind::Name(_) | ExprKind::Int(_) | ExprKind::Str(_) => true,
        ExprKind::Unary { operand, .. } => is_quiet(operand),
        ExprKind::Slice { lower, upper, step } => {
            let bounds = [lower, upper, step];
            bounds.into_iter().flatten().all(|bound| is_quiet(bound))
        }
        _ => false,
    }
}
