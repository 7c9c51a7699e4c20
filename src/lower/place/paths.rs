//! Paths: which part of which parameter, variable or global an expression reads.
//!
//! Enters: a Python expression. Leaves: the [`Path`] to what it reads, and whose part that is:
//! of the state, an input or an output. This module must not know how it lies in Rust.

use crate::ast::{Expr as PyExpr, ExprKind};
use crate::infer::tov::TovItem;
use crate::infer::{Path, Role, Seg};
use crate::lower::function::FnLower;
use crate::project::RustTy;
use crate::ty::{Side, Ty};
use crate::value::Fact;
use num_traits::ToPrimitive;

impl<'a> FnLower<'_, 'a> {
    /// The way to the object that `e`, or what it is an element of, is a part of.
    pub(in crate::lower) fn holder_of(&self, e: &PyExpr) -> Option<Path> {
        match &e.kind {
            ExprKind::Subscript { value, .. } => self.path_of(e).or_else(|| self.holder_of(value)),
            ExprKind::Attribute { value, attr } => Some(self.holder_of(value)?.attr(&attr.name)),
            _ => self.path_of(e),
        }
    }

    /// The path of an expression, where something lies there: neither what a property gives
    /// nor what a class has for all its instances does.
    pub(in crate::lower) fn kept_path(&self, e: &PyExpr) -> Option<Path> {
        let path = self.path_of(e)?;
        let bound = self.bounds.iter().any(|b| b.path == path);
        (bound || self.is_kept(e)).then_some(path)
    }

    fn is_kept(&self, e: &PyExpr) -> bool {
        let ExprKind::Attribute { value, attr } = &e.kind else {
            return true;
        };
        let held = match self.fact(value.id).ty.narrowed() {
            Ty::Instance(class) => {
                !self.model.calls.contains_key(&e.id)
                    && self.lw.class_field(&class, &attr.name).is_some()
            }
            _ => true,
        };
        held && self.is_kept(value)
    }

    /// The stable path to what `e` reads, aliases resolved.
    pub(in crate::lower) fn path_of(&self, e: &PyExpr) -> Option<Path> {
        match &e.kind {
            ExprKind::Name(name) => {
                let Some(version) = self.scope.names.get(&e.id) else {
                    return self
                        .lw
                        .input
                        .model
                        .variables
                        .contains_key(name)
                        .then(|| Path::global(name));
                };
                match self.model.vars.get(version).and_then(|v| v.alias.clone()) {
                    Some(path) => Some(path),
                    None => Some(Path::root(version.clone())),
                }
            }
            ExprKind::Named { .. } => Some(Path::root(self.scope.names.get(&e.id)?.clone())),
            ExprKind::Attribute { value, attr } => Some(self.path_of(value)?.attr(&attr.name)),
            ExprKind::Subscript { value, index } => {
                // An entry of a dict with literal keys is a field.
                if let (ExprKind::Str(key), Ty::Record(fields)) =
                    (&index.kind, self.fact(value.id).ty.narrowed())
                {
                    let known = fields.entry(key).is_some() && !fields.may_lack(key);
                    return known.then_some(self.path_of(value)?.attr(key));
                }
                if let Some((tov, TovItem::Time)) = crate::infer::tov::tov_part(value, index)
                    && self.fact(tov.id).ty == Ty::Tov
                {
                    return Some(self.path_of(tov)?.attr(crate::lower::tov::FIELD));
                }
                if let Some((field, _)) = crate::infer::made::literal_place(index)
                    .and_then(|i| self.lw.input.model.tuple_field(&self.fact(value.id).ty, i))
                {
                    return Some(self.path_of(value)?.attr(&field));
                }
                let ExprKind::Int(i) = &index.kind else {
                    return None;
                };
                let base = self.path_of(value)?;
                match self.fact(value.id).ty {
                    Ty::Messages { .. } | Ty::List { len: Some(_), .. } | Ty::Tuple(_) => {
                        Some(base.then(Seg::Index(i.to_usize()?)))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// The parameter that a path starts from, where the function is an entry point.
    fn entry_param(&self, path: &Path) -> Option<usize> {
        if self.model.role == Role::Helper {
            return None;
        }
        self.function
            .params
            .list
            .iter()
            .position(|p| p.name.name == path.root)
    }

    /// Whether a path lies in the state.
    pub(in crate::lower) fn is_state_path(&self, path: &Path) -> bool {
        match self.model.role {
            Role::Process => self.entry_param(path) == Some(2),
            Role::Start | Role::Stop => self.entry_param(path) == Some(1),
            Role::Helper => self
                .param_fact(path)
                .is_some_and(|f| matches!(f.ty.narrowed(), Ty::Struct(_))),
        }
    }

    /// Whether a path lies in an output.
    pub(in crate::lower) fn is_output_path(&self, path: &Path) -> bool {
        match self.model.role {
            Role::Process => self.entry_param(path) == Some(3),
            Role::Start | Role::Stop => false,
            Role::Helper => self.param_fact(path).is_some_and(|f| {
                matches!(
                    f.ty,
                    Ty::Message {
                        side: Side::Output,
                        ..
                    }
                )
            }),
        }
    }

    /// Whether an output's payload is set to None earlier in the function.
    pub(super) fn cleared_before(&self, payload: &Path) -> bool {
        struct Find<'f, 'l, 'a>(&'f FnLower<'l, 'a>, &'f Path, u32, bool);
        impl<'ast> crate::ast::visit::Visitor<'ast> for Find<'_, '_, '_> {
            fn visit_stmt(&mut self, stmt: &'ast crate::ast::Stmt) {
                if let crate::ast::StmtKind::Assign { targets, value } = &stmt.kind
                    && stmt.span.start < self.2
                    && matches!(value.kind, ExprKind::None)
                {
                    self.3 |= targets
                        .iter()
                        .any(|t| self.0.path_of(t).as_ref() == Some(self.1));
                }
                crate::ast::visit::walk_stmt(self, stmt);
            }

            fn visit_block(&mut self, block: &'ast crate::ast::Block) {
                use crate::ast::StmtKind::Return;
                // What leaves the function before we get here.
                let left = block
                    .stmts
                    .last()
                    .is_some_and(|last| matches!(last.kind, Return(_)) && last.span.end <= self.2);
                if !left {
                    crate::ast::visit::walk_block(self, block);
                }
            }
        }
        let mut find = Find(self, payload, self.current_span().start, false);
        crate::ast::visit::Visitor::visit_block(&mut find, &self.function.body);
        find.3
    }

    /// Whether a path lies in an input.
    pub(in crate::lower) fn is_input_path(&self, path: &Path) -> bool {
        match self.model.role {
            Role::Process => self.entry_param(path) == Some(1),
            Role::Start | Role::Stop => false,
            Role::Helper => self.param_fact(path).is_some_and(|f| {
                matches!(
                    f.ty.narrowed(),
                    Ty::Message {
                        side: Side::Input,
                        ..
                    }
                )
            }),
        }
    }

    fn param_fact(&self, path: &Path) -> Option<&Fact> {
        let index = self
            .function
            .params
            .list
            .iter()
            .position(|p| p.name.name == path.root)?;
        self.model.params.get(index)
    }

    /// The side and payload type of the message at a path.
    pub(super) fn message_at(&self, path: &Path) -> Option<(Side, RustTy)> {
        let index = match path.segs.as_slice() {
            [] => 0,
            [Seg::Index(i)] => *i,
            _ => return None,
        };
        if self.model.role == Role::Helper {
            let fact = self.param_fact(path)?;
            let Ty::Message { side, payload } = fact.ty.narrowed() else {
                return None;
            };
            let Ty::Struct(key) = *payload else {
                return None;
            };
            return Some((side, RustTy::Named(key)));
        }
        let (side, tys) = match (self.model.role, self.entry_param(path)) {
            (Role::Process, Some(1)) => (Side::Input, &self.lw.input.binding.inputs),
            (Role::Process, Some(3)) => (Side::Output, &self.lw.input.binding.outputs),
            _ => return None,
        };
        if path.segs.is_empty() && tys.len() != 1 {
            return None;
        }
        tys.get(index).map(|ty| (side, ty.clone()))
    }
}
