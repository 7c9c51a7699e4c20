//! Runs through sets. Python's order of a set is that of its hashes, which Rust does not
//! have: a set is run through only where the order cannot show, in what makes a set, and in
//! `sum`, `min`, `any`, `sorted` and their kin of values that are the same in any order; `loops`
//! knows which `for` statements are as much.
//!
//! Enters: comprehensions and the calls around them. Leaves: whether their sets may be run
//! through. This module must not know Rust.

mod loops;

use super::Inference;
use super::eval::Scope;
use super::model::Problem;
use crate::ast::visit::{Visitor, walk_expr};
use crate::ast::{ComprehensionKind, Expr, ExprKind, Keyword, NodeId};
use crate::catalog;
use crate::diagnostic::Code;
use crate::ty::Ty;
use std::collections::BTreeSet;

/// Builtins that give the same of their elements in any order, where these are exact.
const ORDERLESS: [&str; 7] = ["all", "any", "len", "max", "min", "sorted", "sum"];

/// The comprehensions whose order cannot show, and what is known of the one under way.
#[derive(Debug, Default)]
pub(crate) struct Orderless {
    arguments: BTreeSet<NodeId>,
    /// Whether the order of the comprehension under way cannot show.
    pub(super) inside: bool,
    /// Whether it runs through a set.
    met: bool,
}

impl Inference<'_> {
    /// Notes that a builtin does not ask for the order of its argument.
    pub(super) fn orderless_arguments(&mut self, full: &str, args: &[Expr], keywords: &[Keyword]) {
        let keyed = |k: &Keyword| k.name.as_ref().is_none_or(|name| name.name == "key");
        if let [only] = args
            && ORDERLESS.contains(&full)
            && !keywords.iter().any(keyed)
        {
            self.orderless.arguments.insert(only.id);
        }
    }

    /// Begins a comprehension; gives what held around it.
    pub(super) fn enter_comprehension(
        &mut self,
        scope: &Scope<'_>,
        e: &Expr,
        kind: ComprehensionKind,
    ) -> (bool, bool) {
        let free = match kind {
            ComprehensionKind::Set => true,
            ComprehensionKind::List | ComprehensionKind::Generator => {
                self.orderless.arguments.contains(&e.id)
            }
            ComprehensionKind::Dict => false,
        };
        let free = free && self.is_pure_run(scope, e);
        let around = (self.orderless.inside, self.orderless.met);
        self.orderless.inside = free;
        self.orderless.met = false;
        around
    }

    /// Ends a comprehension whose elements have that type.
    pub(super) fn leave_comprehension(
        &mut self,
        e: &Expr,
        kind: ComprehensionKind,
        elem: &Ty,
        around: (bool, bool),
    ) {
        let met = self.orderless.met;
        (self.orderless.inside, self.orderless.met) = around;
        if met && kind != ComprehensionKind::Set && !is_exact(elem) {
            let message = format!(
                "a loop over a set that gives {}: its order shows, which is",
                elem.describe()
            );
            let message = format!("{message} not translated");
            self.problem(e.id, e.span, Problem::new(Code::PartlyHandled, message));
        }
    }

    /// The elements of a set that a comprehension runs through in any order.
    pub(super) fn orderless_elements(&mut self, ty: &Ty) -> Option<Ty> {
        match ty {
            Ty::Set(elem) if self.orderless.inside => {
                self.orderless.met = true;
                Some((**elem).clone())
            }
            _ => None,
        }
    }

    /// Whether what a comprehension does for each element changes nothing. Its first source is
    /// computed before there is one.
    fn is_pure_run(&self, scope: &Scope<'_>, e: &Expr) -> bool {
        let ExprKind::Comprehension {
            element,
            value,
            clauses,
            ..
        } = &e.kind
        else {
            return self.is_pure(scope, e);
        };
        let sources = clauses.iter().skip(1).map(|clause| &clause.iter);
        let tests = clauses.iter().flat_map(|clause| &clause.ifs);
        let elements = std::iter::once(&**element).chain(value.as_deref());
        sources
            .chain(tests)
            .chain(elements)
            .all(|e| self.is_pure(scope, e))
    }

    /// Whether an expression calls nothing that may change anything.
    pub(super) fn is_pure(&self, scope: &Scope<'_>, e: &Expr) -> bool {
        struct Calls<'i, 's, 'a>(&'i Inference<'i>, &'s Scope<'a>, bool);
        impl<'ast> Visitor<'ast> for Calls<'_, '_, '_> {
            fn visit_expr(&mut self, e: &'ast Expr) {
                match &e.kind {
                    ExprKind::Call { func, .. } => self.2 &= self.0.is_pure_call(self.1, func),
                    ExprKind::Named { .. }
                    | ExprKind::Yield(_)
                    | ExprKind::YieldFrom(_)
                    | ExprKind::Await(_) => self.2 = false,
                    _ => {}
                }
                walk_expr(self, e);
            }
        }
        let mut calls = Calls(self, scope, true);
        calls.visit_expr(e);
        calls.2
    }

    pub(super) fn is_pure_call(&self, scope: &Scope<'_>, func: &Expr) -> bool {
        match &func.kind {
            ExprKind::Name(name) => {
                let own = scope.names.names.contains_key(&func.id)
                    || self.functions.contains_key(name)
                    || self.classes.contains_key(name)
                    || self.model.variables.contains_key(name);
                !own && name != "next" && name != "print"
            }
            ExprKind::Attribute { value, attr } => {
                let classes = [
                    "<list>", "<dict>", "<set>", "<deque>", "<str>", "<int>", "<bytes>",
                ];
                let mut named = classes.iter().map(|class| format!("{class}.{}", attr.name));
                let of_module = matches!(
                    &value.kind,
                    ExprKind::Name(module) if self.model.modules.contains_key(module)
                );
                let method = self
                    .classes
                    .values()
                    .any(|class| class.find(&attr.name).is_some());
                of_module
                    || !method
                        && !named.clone().any(|full| catalog::mutates(&full))
                        && named.any(|full| catalog::lookup(&full).is_some())
            }
            _ => false,
        }
    }
}

/// Whether values of a type are the same wherever they are equal, and have one order.
fn is_exact(ty: &Ty) -> bool {
    match ty {
        Ty::Int | Ty::Bool | Ty::Str | Ty::Unknown | Ty::Conflict(_) => true,
        Ty::Tuple(items) => items.iter().all(is_exact),
        _ => false,
    }
}
