//! What can be assigned to, deleted and annotated.

use super::Checker;
use crate::ast::{Expr, ExprKind, Stmt, StmtKind};

impl Checker {
    /// Looks at the targets that a statement has.
    pub(super) fn targets(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, value: _ } => {
                for target in targets {
                    self.assignable(target);
                }
            }
            StmtKind::For { target, .. } => self.assignable(target),
            StmtKind::With { items, .. } => {
                for target in items.iter().filter_map(|(_, target)| target.as_ref()) {
                    self.assignable(target);
                }
            }
            StmtKind::AugAssign { target, .. } => match &target.kind {
                ExprKind::Name(_) | ExprKind::Attribute { .. } | ExprKind::Subscript { .. } => {}
                _ => {
                    let what = describe(target);
                    self.refuse(
                        target.span,
                        format!("{what} cannot be the target of an augmented assignment"),
                    );
                }
            },
            StmtKind::AnnAssign { target, .. } => match &target.kind {
                ExprKind::Name(_) | ExprKind::Attribute { .. } | ExprKind::Subscript { .. } => {}
                _ => {
                    let what = describe(target);
                    self.refuse(target.span, format!("{what} cannot be annotated"));
                }
            },
            StmtKind::Delete(targets) => {
                for target in targets {
                    self.deletable(target);
                }
            }
            _ => {}
        }
    }

    /// A target as a whole: `*x` only in a tuple or list.
    pub(super) fn assignable(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Starred(value) => {
                let message = "a starred assignment target must be in a list or tuple";
                self.refuse(target.span, message);
                self.assignable(value);
            }
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                let mut starred = 0;
                for item in items {
                    if let ExprKind::Starred(value) = &item.kind {
                        starred += 1;
                        if starred == 2 {
                            self.refuse(item.span, "multiple starred targets in an assignment");
                        }
                        self.assignable(value);
                    } else {
                        self.assignable(item);
                    }
                }
            }
            ExprKind::Name(_)
            | ExprKind::Attribute { .. }
            | ExprKind::Subscript { .. }
            | ExprKind::Unsupported(_) => {}
            _ => {
                let what = describe(target);
                self.refuse(target.span, format!("cannot assign to {what}"));
            }
        }
    }

    fn deletable(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                for item in items {
                    self.deletable(item);
                }
            }
            ExprKind::Name(_)
            | ExprKind::Attribute { .. }
            | ExprKind::Subscript { .. }
            | ExprKind::Unsupported(_) => {}
            _ => {
                let what = describe(target);
                self.refuse(target.span, format!("cannot delete {what}"));
            }
        }
    }
}

/// What an expression is, with its article.
fn describe(expr: &Expr) -> &'static str {
    match &expr.kind {
        ExprKind::None => "`None`",
        ExprKind::Bool(true) => "`True`",
        ExprKind::Bool(false) => "`False`",
        ExprKind::Ellipsis => "`...`",
        ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Imaginary(_)
        | ExprKind::Str(_)
        | ExprKind::Bytes(_) => "a literal",
        ExprKind::FString(_) => "an f-string",
        ExprKind::Name(_) => "a name",
        ExprKind::Attribute { .. } => "an attribute",
        ExprKind::Subscript { .. } => "a subscript",
        ExprKind::Slice { .. } => "a slice",
        ExprKind::Call { .. } => "a function call",
        ExprKind::Unary { .. } | ExprKind::Binary { .. } | ExprKind::Logical { .. } => {
            "an expression"
        }
        ExprKind::Compare { .. } => "a comparison",
        ExprKind::Conditional { .. } => "a conditional expression",
        ExprKind::Tuple(_) => "a tuple",
        ExprKind::List(_) => "a list",
        ExprKind::Set(_) => "a set display",
        ExprKind::Dict(_) => "a dict display",
        ExprKind::Starred(_) => "a starred expression",
        ExprKind::Named { .. } => "an assignment expression",
        ExprKind::Lambda { .. } => "a lambda",
        ExprKind::Comprehension { .. } => "a comprehension",
        ExprKind::Yield(_) | ExprKind::YieldFrom(_) => "a `yield` expression",
        ExprKind::Await(_) => "an `await` expression",
        ExprKind::Unsupported(_) => "this expression",
    }
}
