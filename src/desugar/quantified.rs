//! What `any` and `all` ask for: `any((bool(a), bool(b)))` for `any((a, b))`, and
//! `all(bool(x.known and x.last) for x in xs)`: what is asked has one type then.

use super::Desugar;
use crate::ast::visit::{Visitor, walk_stmt};
use crate::ast::{ComprehensionKind, Expr, ExprKind, Module, Stmt, StmtKind, UnaryOp};

impl Desugar {
    /// Asks for the truth of what a quantifier runs through, where it may be of several kinds.
    pub(super) fn quantified(&mut self, call: &mut Expr) {
        let quantifier = ["any", "all"]
            .iter()
            .any(|q| self.call_of(q, call).is_some());
        if !quantifier || self.shadowed.contains("bool") {
            return;
        }
        let ExprKind::Call { args, .. } = &mut call.kind else {
            return;
        };
        let [of] = args.as_mut_slice() else { return };
        match &mut of.kind {
            // Of what a class says of its truth, only the first that decides is asked.
            ExprKind::Tuple(items) | ExprKind::List(items) if !self.own_truth => {
                let several = items.iter().any(|item| !is_bool(item));
                let starred = |e: &Expr| matches!(e.kind, ExprKind::Starred(_));
                if several && !items.iter().any(starred) {
                    items.iter_mut().for_each(|item| self.truth_of(item));
                }
            }
            ExprKind::Comprehension { kind, element, .. } => {
                let lazy = matches!(kind, ComprehensionKind::Generator) || !self.own_truth;
                let logical = matches!(element.kind, ExprKind::Logical { .. });
                if lazy && (logical || self.own_truth) {
                    self.truth_of(element);
                }
            }
            _ => {}
        }
    }

    fn truth_of(&mut self, e: &mut Expr) {
        if is_bool(e) {
            return;
        }
        let span = e.span;
        let func = Box::new(self.node(span, ExprKind::Name("bool".into())));
        let args = vec![std::mem::replace(
            e,
            Expr {
                kind: ExprKind::None,
                ..e.clone()
            },
        )];
        let keywords = Vec::new();
        *e = self.node(
            span,
            ExprKind::Call {
                func,
                args,
                keywords,
            },
        );
    }
}

/// Whether a class of the module says itself what the truth of its objects is.
pub(super) fn says_its_truth(module: &Module) -> bool {
    struct Methods(bool);
    impl<'ast> Visitor<'ast> for Methods {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            if let StmtKind::Function(f) = &stmt.kind {
                self.0 |= matches!(f.name.name.as_str(), "__bool__" | "__len__");
            }
            walk_stmt(self, stmt);
        }
    }
    let mut methods = Methods(false);
    methods.visit_block(&module.body);
    methods.0
}

/// Whether an expression is True or False whatever its operands are.
pub(super) fn is_bool(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Bool(_) | ExprKind::Compare { .. } => true,
        ExprKind::Unary { op, .. } => *op == UnaryOp::Not,
        ExprKind::Logical { values, .. } => values.iter().all(is_bool),
        _ => false,
    }
}
