//! Attributes that an object has only after a method set them.
//!
//! Enters: reads and writes of such an attribute, which desugaring has made None until it is set.
//! Leaves: a read of a number or a text asks by itself, and raises Python's AttributeError where
//! nobody else takes that for something of his own; any other read has to be asked for before.
//! This module must not know how such a read is lowered.

use super::Inference;
use super::model::{Fact, Problem};
use crate::ast::visit::{self, Visitor};
use crate::ast::{self, Expr, ExprKind, Module, NodeId, Stmt, StmtKind};
use crate::diagnostic::Code;
use crate::ty::Ty;

/// How such attributes may be read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Late {
    /// Whether a handler of the module may take the AttributeError.
    caught: bool,
    /// The target of the `+=` that is looked at.
    augmented: Option<NodeId>,
}

impl Late {
    pub(super) fn of(module: &Module) -> Late {
        let mut handlers = Handlers(false);
        handlers.visit_block(&module.body);
        Late {
            caught: handlers.0,
            augmented: None,
        }
    }
}

/// Whether a handler takes an AttributeError.
struct Handlers(bool);

impl<'ast> Visitor<'ast> for Handlers {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        if let StmtKind::Try { handlers, .. } = &stmt.kind {
            self.0 |= handlers.iter().any(|h| h.types.as_ref().is_none_or(takes));
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        // `contextlib.suppress(AttributeError)`
        if let ExprKind::Call { func, args, .. } = &e.kind
            && matches!(last_name(func), Some("suppress"))
        {
            self.0 |= args.iter().any(takes);
        }
        visit::walk_expr(self, e);
    }
}

fn takes(class: &Expr) -> bool {
    match &class.kind {
        ExprKind::Tuple(items) => items.iter().any(takes),
        _ => match last_name(class) {
            Some(name) => matches!(name, "AttributeError" | "Exception" | "BaseException"),
            None => true,
        },
    }
}

fn last_name(e: &Expr) -> Option<&str> {
    match &e.kind {
        ExprKind::Name(name) => Some(name),
        ExprKind::Attribute { attr, .. } => Some(&attr.name),
        _ => None,
    }
}

impl Inference<'_> {
    /// Looks at the target of a `+=`, which is a place.
    pub(super) fn augmenting(&mut self, target: &Expr) {
        self.late.augmented = Some(target.id);
    }

    /// Whether a class has an attribute only after a method set it.
    fn is_late(&self, base: &Fact, name: &str) -> bool {
        let Ty::Instance(class) = base.ty.narrowed() else {
            return false;
        };
        let info = self.classes.get(&class);
        info.is_some_and(|info| info.class.late.iter().any(|late| late == name))
    }

    /// What the read of an attribute gives that the instance may not have yet: its value, where
    /// the read asks for it by itself. What asks whether it is there was written by nobody: its
    /// name spans the whole of it.
    pub(super) fn late_read(
        &mut self,
        e: &Expr,
        (base, attr): (&Fact, &ast::Ident),
        fact: &mut Fact,
    ) {
        let none = matches!(fact.ty, Ty::Option(_) | Ty::None);
        if attr.span == e.span || !none || !self.is_late(base, &attr.name) {
            return;
        }
        let asks = !self.late.caught && self.late.augmented != Some(e.id);
        match &fact.ty {
            Ty::Option(inner) if asks && is_scalar(inner) => {
                fact.ty = (**inner).clone();
                self.model.late_reads.insert(e.id);
                return;
            }
            // No method was seen to set it, so far.
            Ty::None if asks && !self.recording => {
                *fact = Fact::unknown();
                return;
            }
            _ => {}
        }
        let message = format!("`{}` is read where it may not be there yet", attr.name);
        let problem = Problem::new(Code::PartlyHandled, message).with_help(format!(
            "Python raises an AttributeError there; set it in `__init__`, or ask with `hasattr(self, {:?})`",
            attr.name
        ));
        self.problem(e.id, e.span, problem);
    }

    /// Refuses None as the value of an attribute that comes and goes: it would be gone.
    pub(super) fn check_late_value(
        &mut self,
        target: &Expr,
        base: &Fact,
        attr: &ast::Ident,
        fact: &Fact,
    ) {
        let none = matches!(fact.ty, Ty::None | Ty::Option(_));
        if none && attr.span != target.span && self.is_late(base, &attr.name) {
            let message = format!(
                "None as a value of `{}`, which `hasattr` is asked for",
                attr.name
            );
            let problem = Problem::new(Code::PartlyHandled, message)
                .with_help("set it to None in `__init__`, and compare it with None");
            self.problem(target.id, target.span, problem);
        }
    }
}

/// Whether values of a type are read as a whole, and stay what they are.
fn is_scalar(ty: &Ty) -> bool {
    matches!(
        ty,
        Ty::Int | Ty::Float | Ty::Bool | Ty::Str | Ty::Number | Ty::Member(_)
    )
}
