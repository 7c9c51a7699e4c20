//! Calls of builtins that operators say as well: `divmod(a, b)`, `pow(a, b)`.

use super::Desugar;
use crate::ast::{BinaryOp, Expr, ExprKind, Ident, NodeId, Stmt, StmtKind};

/// Whether `e` may be evaluated twice: a name or a literal.
fn repeats(e: &Expr) -> bool {
    matches!(
        e.kind,
        ExprKind::Name(_) | ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Bool(_)
    )
}

impl Desugar {
    /// `a ** b` for `pow(a, b)`; `(a // b, a % b)` for `divmod(a, b)` of names and literals.
    pub(super) fn operator_of_call(&mut self, expr: &Expr) -> Option<ExprKind> {
        if let Some([base, exponent]) = self.call_of("pow", expr) {
            return Some(ExprKind::Binary {
                op: BinaryOp::Pow,
                left: Box::new(base.clone()),
                right: Box::new(exponent.clone()),
            });
        }
        let [a, b] = self.call_of("divmod", expr)? else {
            return None;
        };
        if !repeats(a) || !repeats(b) {
            return None;
        }
        let (a, b) = (a.clone(), b.clone());
        let pair = [BinaryOp::FloorDiv, BinaryOp::Mod].map(|op| {
            let (left, right) = (Box::new(a.clone()), Box::new(b.clone()));
            self.node(expr.span, ExprKind::Binary { op, left, right })
        });
        Some(ExprKind::Tuple(pair.to_vec()))
    }

    /// Names the operands before `q, r = divmod(a, b)`: `dividend = a`, where `a` is computed.
    pub(super) fn named_operands(&mut self, mut stmt: Stmt) -> Vec<Stmt> {
        let StmtKind::Assign { value, .. } = &mut stmt.kind else {
            return vec![stmt];
        };
        if !matches!(self.call_of("divmod", value), Some([a, b]) if !repeats(a) || !repeats(b)) {
            return vec![stmt];
        }
        let ExprKind::Call { args, .. } = &mut value.kind else {
            return vec![stmt];
        };
        let mut out = Vec::new();
        let names = ["dividend", "divisor"];
        let last = args.iter().rposition(|arg| !repeats(arg)).unwrap_or(0);
        for ((i, arg), wanted) in args.iter_mut().enumerate().zip(names) {
            // A divisor that is computed may change what the dividend names.
            if repeats(arg) && (i >= last || !matches!(arg.kind, ExprKind::Name(_))) {
                continue;
            }
            let mut name = wanted.to_string();
            while self.names.contains(&name) {
                name.push('_');
            }
            let span = arg.span;
            let read = self.node(span, ExprKind::Name(name.clone()));
            let operand = std::mem::replace(arg, read);
            let target = self.node(span, ExprKind::Name(name));
            let id = NodeId(self.next_id);
            self.next_id += 1;
            out.push(Stmt {
                id,
                span: stmt.span,
                blank_before: out.is_empty() && stmt.blank_before,
                comments: std::mem::take(&mut stmt.comments),
                line_comment: None,
                kind: StmtKind::Assign {
                    targets: vec![target],
                    value: operand,
                },
            });
        }
        stmt.blank_before &= out.is_empty();
        out.push(stmt);
        out
    }
}

/// Every name that a module mentions.
#[derive(Default)]
pub(super) struct Names(pub(super) std::collections::BTreeSet<String>);

impl<'ast> crate::ast::visit::Visitor<'ast> for Names {
    fn visit_expr(&mut self, e: &'ast Expr) {
        if let ExprKind::Name(name) = &e.kind {
            self.0.insert(name.clone());
        }
        crate::ast::visit::walk_expr(self, e);
    }
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        if let StmtKind::Function(function) = &stmt.kind {
            let params = function.params.list.iter().map(|p: &crate::ast::Param| {
                let Ident { name, .. } = &p.name;
                name.clone()
            });
            self.0.extend(params);
        }
        crate::ast::visit::walk_stmt(self, stmt);
    }
}
