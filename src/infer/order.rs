//! Dicts whose order counts where they go: it counts where they come from as well. So do the
//! entries that a dict of literal keys has there.
//!
//! Enters: an expression that is stored, and the type of where it goes. Leaves: the order, and
//! those entries, in the types of what the expression reads, down to what a called function
//! returns. This module must not know how the order came to count.

use super::Inference;
use super::eval::Scope;
use super::model::Fact;
use crate::ast::{BinaryOp, Expr, ExprKind};
use crate::ty::Ty;

/// Whether a value of that type holds no dict, so that no order is to be kept.
pub(super) fn is_orderless(ty: &Ty) -> bool {
    match ty {
        Ty::Option(inner) => is_orderless(inner),
        Ty::None | Ty::Bool | Ty::Int | Ty::Float | Ty::Number | Ty::IntOrFloat | Ty::Str => true,
        Ty::Unknown
        | Ty::Range
        | Ty::Position
        | Ty::Record(_)
        | Ty::Dict { .. }
        | Ty::List { .. }
        | Ty::Set(_)
        | Ty::Tuple(_)
        | Ty::Deque { .. }
        | Ty::Struct(_)
        | Ty::Enum(_)
        | Ty::Tagged(_)
        | Ty::Message { .. }
        | Ty::Messages { .. }
        | Ty::Context
        | Ty::Tov
        | Ty::Metadata
        | Ty::Module(_)
        | Ty::Function(_)
        | Ty::Class(_)
        | Ty::Instance(_)
        | Ty::Member(_)
        | Ty::Exception(_)
        | Ty::Mixed(_)
        | Ty::Conflict(_) => false,
    }
}

impl Inference<'_> {
    /// A value goes to where dicts have an order.
    pub(super) fn keeps_order(&mut self, scope: &mut Scope<'_>, value: &Expr, to: &Ty) {
        match &value.kind {
            ExprKind::Conditional { body, orelse, .. } => {
                self.keeps_order(scope, body, to);
                self.keeps_order(scope, orelse, to);
                return;
            }
            // The entries come in the order of the dicts that are spread.
            ExprKind::Dict(items) if items.iter().any(|(key, _)| key.is_none()) => {
                let ordered = matches!(to.narrowed(), Ty::Dict { ordered: true, .. });
                for (_, spread) in items.iter().filter(|(key, _)| key.is_none() && ordered) {
                    self.look_at_order(scope, spread);
                }
                let own = scope.fact(value.id).ty;
                if ordered && matches!(own, Ty::Dict { .. }) {
                    scope.record(value.id, Fact::of(own.in_order()));
                }
                return;
            }
            ExprKind::Binary {
                op: BinaryOp::BitOr,
                left,
                right,
            } if matches!(to.narrowed(), Ty::Dict { ordered: true, .. }) => {
                self.look_at_order(scope, left);
                self.look_at_order(scope, right);
                return;
            }
            // Each part goes where the tuple has it.
            ExprKind::Tuple(items) => {
                if let Ty::Tuple(tys) = to.narrowed()
                    && tys.len() == items.len()
                {
                    for (item, ty) in items.iter().zip(&tys) {
                        self.keeps_order(scope, item, ty);
                    }
                }
                return;
            }
            ExprKind::Logical { values, .. } => {
                values.iter().for_each(|v| self.keeps_order(scope, v, to));
                return;
            }
            _ => {}
        }
        let (own, to) = (scope.fact(value.id).ty.narrowed(), to.narrowed());
        let grown = own.join(&to);
        let records = own.is_of_records() && !grown.any(&|ty| matches!(ty, Ty::Conflict(_)));
        let same = records || own.without_order() == grown.without_order();
        if own != to && own != grown && same && !self.is_table(scope, value) {
            self.grow(scope, value, &grown);
            if let (ExprKind::Comprehension { .. } | ExprKind::Dict(_), Ty::Dict { .. }) =
                (&value.kind, &grown)
            {
                scope.record(value.id, Fact::of(grown));
            }
        }
    }

    /// What a method puts into a container goes where the container's own elements are.
    pub(super) fn puts_in(&mut self, scope: &mut Scope<'_>, container: &Ty, args: &[Expr]) {
        let elem = match container {
            Ty::List { elem, .. } | Ty::Deque { elem, .. } => elem,
            Ty::Dict { value, .. } => value,
            _ => return,
        };
        for arg in args {
            let ty = scope.fact(arg.id).ty;
            let tuple = matches!(ty.narrowed(), Ty::Tuple(_)) && !is_orderless(&ty);
            if tuple || ty.is_of_records() {
                self.keeps_order(scope, arg, elem);
            }
        }
    }

    /// What a target holds, as far as it is known.
    pub(super) fn known_target(&self, scope: &Scope<'_>, target: &Expr) -> Ty {
        match &target.kind {
            ExprKind::Name(name) => match scope.names.names.get(&target.id) {
                Some(version) => self.known_var(scope, version),
                None => {
                    let known = self.model.variables.get(name);
                    known.map_or(Ty::Unknown, |v| v.ty.clone())
                }
            },
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                let tys = items.iter().map(|item| self.known_target(scope, item));
                Ty::Tuple(tys.collect())
            }
            ExprKind::Attribute { value, attr } => match scope.fact(value.id).ty.narrowed() {
                Ty::Instance(class) => {
                    let known = self.model.classes.kind(&class);
                    let field = known.and_then(|c| c.field(&attr.name));
                    field.map_or(Ty::Unknown, |f| f.ty.clone())
                }
                _ => Ty::Unknown,
            },
            _ => Ty::Unknown,
        }
    }

    /// What the variable of a function holds, as far as it is known.
    pub(super) fn known_var(&self, scope: &Scope<'_>, version: &str) -> Ty {
        let now = scope.vars.get(version).map(|v| &v.fact.ty);
        let before = scope
            .id
            .and_then(|id| self.model.functions.get(id.0))
            .and_then(|f| f.vars.get(version))
            .map(|v| &v.fact.ty);
        match (now, before) {
            (Some(now), Some(before)) => now.join(before),
            (Some(one), None) | (None, Some(one)) => one.clone(),
            (None, None) => Ty::Unknown,
        }
    }

    /// What a function returns, as far as it is known.
    pub(super) fn known_return(&self, scope: &Scope<'_>) -> Ty {
        scope
            .id
            .and_then(|id| self.model.functions.get(id.0))
            .map_or(Ty::Unknown, |f| f.ret.ty.clone())
    }
}
