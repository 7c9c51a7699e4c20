//! Paths and fields: where a value lies.

use super::Lowerer;
use super::function::{Bound, FnLower};
use super::shadow;
use super::types::rty_of;
use super::vars::{rust_ident, snake_case};
use crate::ast::{Expr as PyExpr, ExprKind};
use crate::infer::scope::plain_name;
use crate::infer::{Path, Role, Seg};
use crate::ir::{Expr, RTy, StmtKind};
use crate::project::{FieldDef, IntTy, RustTy, StructKind};
use crate::ranges::IntRange;
use crate::ty::{Side, Ty, last_segment};
use crate::value::{Fact, Val};
use num_traits::ToPrimitive;

impl<'a> Lowerer<'a> {
    /// The named fields of a struct.
    pub(super) fn fields(&self, key: &str) -> &'a [FieldDef] {
        match self.input.types.struct_def(key).map(|def| &def.kind) {
            Some(StructKind::Record(fields)) => fields,
            _ => &[],
        }
    }

    /// The field of that Python name.
    pub(super) fn field(&self, key: &str, name: &str) -> Option<&'a FieldDef> {
        self.fields(key)
            .iter()
            .find(|f| f.python_name == name && !f.skipped)
    }

    /// The type of the field at a path; none where the path is no field.
    pub(super) fn field_type(&self, this: &FnLower<'_, '_>, path: &Path) -> Option<RustTy> {
        let (last, parent) = split(path)?;
        let Seg::Attr(name) = last else { return None };
        let key = match this.path_type(&parent)? {
            RTy::Named(key) => key,
            RTy::Option(inner) => match inner.peel() {
                RTy::Named(key) => key.clone(),
                _ => return None,
            },
            RTy::Ref(inner) | RTy::RefMut(inner) => match inner.peel() {
                RTy::Named(key) => key.clone(),
                _ => return None,
            },
            _ => return None,
        };
        self.field(&key, name).map(|f| f.ty.clone())
    }
}

/// The last step of a path, and the path before it.
fn split(path: &Path) -> Option<(&Seg, Path)> {
    let (last, rest) = path.segs.split_last()?;
    Some((
        last,
        Path {
            root: path.root.clone(),
            segs: rest.to_vec(),
        },
    ))
}

impl<'a> FnLower<'_, 'a> {
    /// The way to the object that `e`, or what it is an element of, is a part of.
    pub(super) fn holder_of(&self, e: &PyExpr) -> Option<Path> {
        match &e.kind {
            ExprKind::Subscript { value, .. } => self.path_of(e).or_else(|| self.holder_of(value)),
            ExprKind::Attribute { value, attr } => Some(self.holder_of(value)?.attr(&attr.name)),
            _ => self.path_of(e),
        }
    }

    /// The stable path to what `e` reads, aliases resolved.
    pub(super) fn path_of(&self, e: &PyExpr) -> Option<Path> {
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
                    let known = fields.iter().any(|(name, _)| name == key);
                    return known.then_some(self.path_of(value)?.attr(key));
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
    pub(super) fn is_state_path(&self, path: &Path) -> bool {
        match self.model.role {
            Role::Process => self.entry_param(path) == Some(2),
            Role::Start | Role::Stop => self.entry_param(path) == Some(1),
            Role::Helper => self
                .param_fact(path)
                .is_some_and(|f| matches!(f.ty.narrowed(), Ty::Struct(_))),
        }
    }

    /// Whether a path lies in an output.
    pub(super) fn is_output_path(&self, path: &Path) -> bool {
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
    fn cleared_before(&self, payload: &Path) -> bool {
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
    pub(super) fn is_input_path(&self, path: &Path) -> bool {
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
    fn message_at(&self, path: &Path) -> Option<(Side, RustTy)> {
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

    /// The Rust type of what lies at a path.
    pub(super) fn path_type(&self, path: &Path) -> Option<RTy> {
        if let Some((_, payload)) = self.message_at(path) {
            return Some(RTy::Msg(Box::new(rty_of(&payload))));
        }
        let Some((last, parent)) = split(path) else {
            if let Some(name) = path.global_name() {
                return self.lw.natural(self.lw.input.model.variables.get(name)?);
            }
            if self.is_state_path(path) && self.model.role != Role::Helper {
                return Some(rty_of(&self.lw.input.binding.state));
            }
            return self.var_type(&path.root);
        };
        if let (Some((side, payload)), Seg::Attr(name)) = (self.message_at(&parent), last) {
            let payload = rty_of(&payload);
            return match (name.as_str(), side) {
                ("payload", Side::Input) => {
                    Some(RTy::Option(Box::new(RTy::Ref(Box::new(payload)))))
                }
                ("payload", Side::Output) => Some(payload),
                ("tov", _) => Some(RTy::Tov),
                _ => None,
            };
        }
        match last {
            Seg::Attr(name)
                if self
                    .path_type(&parent)
                    .is_some_and(|t| self.lw.class_of(&t).is_some()) =>
            {
                let class = self.lw.class_of(&self.path_type(&parent)?)?;
                self.lw.class_field(&class, name)
            }
            Seg::Attr(_) => self.lw.field_type(self, path).map(|t| rty_of(&t)),
            Seg::Index(i) => match self.path_type(&parent)?.peel() {
                RTy::Array(elem, _) => Some((**elem).clone()),
                RTy::Tuple(items) => items.get(*i).cloned(),
                _ => None,
            },
        }
    }

    /// The Rust expression and type of what lies at a path; `write`: to change it.
    pub(super) fn path_place(&mut self, path: &Path, write: bool) -> Option<(Expr, RTy)> {
        if let Some(bound) = self
            .bounds
            .iter()
            .rev()
            .find(|b| b.path == *path && (!write || b.borrows))
        {
            return Some((bound.expr.clone(), bound.rty.clone()));
        }
        if let Some((_, payload)) = self.message_at(path) {
            let name = self.messages.get(path)?.clone();
            return Some((Expr::atom(name), RTy::Msg(Box::new(rty_of(&payload)))));
        }
        let Some((last, parent)) = split(path) else {
            if let Some(name) = path.global_name() {
                return self.global_place(name);
            }
            return Some((Expr::atom(self.var_name(&path.root)), self.path_type(path)?));
        };
        if let (Some(constructor), Seg::Attr(name), true) = (
            &self.constructor,
            last,
            parent.segs.is_empty() && self.is_self(&parent.root),
        ) && !constructor.built
        {
            let (_, var) = constructor.bound.iter().find(|(field, _)| field == name)?;
            return Some((var.clone(), self.path_type(path)?));
        }
        if let (Some((side, payload)), Seg::Attr(name)) = (self.message_at(&parent), last) {
            let message = self.messages.get(&parent)?.clone();
            let payload_ty = rty_of(&payload);
            return match (name.as_str(), side) {
                ("payload", Side::Input) => {
                    let ty = RTy::Option(Box::new(RTy::Ref(Box::new(payload_ty))));
                    Some((Expr::atom(message).method("payload", vec![]), ty))
                }
                // What a payload is after it was set to None depends on what the slot held.
                ("payload", Side::Output) if self.cleared_before(path) => None,
                ("payload", Side::Output) if write => {
                    Some(self.output_payload(path, &message, &payload))
                }
                ("payload", Side::Output) => {
                    let read = Expr::atom(message)
                        .method("payload", vec![])
                        .method("cloned", vec![])
                        .method("unwrap_or_default", vec![]);
                    Some((read, payload_ty))
                }
                ("tov", _) => Some((Expr::atom(message).field("tov"), RTy::Tov)),
                _ => None,
            };
        }
        let (base, base_ty) = self.path_place(&parent, write)?;
        match last {
            Seg::Attr(name) => {
                let base = match base_ty.clone() {
                    RTy::Option(inner) => self.required(&parent, base, &inner, write)?,
                    _ => base,
                };
                if let Some(class) = self.lw.class_of(&base_ty) {
                    let field = if self.lw.is_record(&class) {
                        super::records::field(name)
                    } else {
                        self.lw.attribute_ident(&class, name)
                    };
                    return Some((base.field(field), self.lw.class_field(&class, name)?));
                }
                let field = self.lw.field_type(self, path)?;
                let RTy::Named(key) = named_of(&base_ty)? else {
                    return None;
                };
                let def = self.lw.field(&key, name)?;
                Some((base.field(def.place()), rty_of(&field)))
            }
            Seg::Index(i) => match base_ty.peel() {
                RTy::Array(elem, len) if i < len => Some((
                    Expr::Index(Box::new(base), Box::new(Expr::atom(i.to_string()))),
                    (**elem).clone(),
                )),
                RTy::Tuple(items) => Some((base.field(i.to_string()), items.get(*i)?.clone())),
                _ => None,
            },
        }
    }

    /// What an `Option` holds, or Python's error where it is None; named, so that it is
    /// asked once, where the expression is evaluated in any case.
    fn required(&mut self, path: &Path, option: Expr, inner: &RTy, write: bool) -> Option<Expr> {
        let error = format!(
            "{}: AttributeError (`{}` is None)",
            self.at(),
            self.path_text(path)
        );
        let option = match (inner.is_ref(), write) {
            (true, _) => option,
            (false, true) => option.method("as_mut", vec![]),
            (false, false) if self.lw.is_copy(inner) => option,
            (false, false) => option.method("as_ref", vec![]),
        };
        let value = option.ok_or(&error);
        if self.conditional > 0 || write {
            return Some(value);
        }
        let name = self.bound_name(path);
        let span = self.current_span();
        self.out.push(crate::ir::Stmt::at(
            span,
            StmtKind::LetPattern {
                pattern: name.clone(),
                names: vec![name.clone()],
                init: value,
                otherwise: None,
            },
        ));
        let rty = if inner.is_ref() || self.lw.is_copy(inner) {
            inner.clone()
        } else {
            RTy::Ref(Box::new(inner.clone()))
        };
        self.bounds.push(Bound {
            path: path.clone(),
            expr: Expr::atom(name.clone()),
            rty,
            borrows: false,
        });
        Some(Expr::atom(name))
    }

    /// As [`Self::required`], for an argument of a call.
    pub(super) fn required_argument(
        &mut self,
        path: &Path,
        option: Expr,
        inner: &RTy,
        write: bool,
    ) -> Option<Expr> {
        let value = self.required(path, option, inner, write)?;
        let by_ref = inner.is_ref() || matches!(value, Expr::Try(_));
        let bound_ref = self
            .bounds
            .iter()
            .rev()
            .find(|b| b.path == *path)
            .is_some_and(|b| b.rty.is_ref());
        Some(if by_ref || bound_ref {
            value
        } else {
            Expr::Ref(Box::new(value))
        })
    }

    /// The payload of an output, to be written to: named where it is used again before the
    /// message is used in another way.
    fn output_payload(&mut self, path: &Path, message: &str, payload: &RustTy) -> (Expr, RTy) {
        let rty = RTy::RefMut(Box::new(rty_of(payload)));
        let slot = Expr::atom(message)
            .method("payload_mut", vec![])
            .method("get_or_insert_default", vec![]);
        if self.conditional > 0 || self.raises_first || !self.used_again(path) {
            return (slot, rty);
        }
        self.named_output(path, message, payload)
    }

    fn named_output(&mut self, path: &Path, message: &str, payload: &RustTy) -> (Expr, RTy) {
        let rty = RTy::RefMut(Box::new(rty_of(payload)));
        let slot = Expr::atom(message)
            .method("payload_mut", vec![])
            .method("get_or_insert_default", vec![]);
        let name = self.bound_name(path);
        let span = self.current_span();
        self.emit(
            span,
            StmtKind::Let {
                name: name.clone(),
                mutable: false,
                ty: None,
                init: Some(slot),
            },
        );
        self.bounds.push(Bound {
            path: path.clone(),
            expr: Expr::atom(name.clone()),
            rty: rty.clone(),
            borrows: true,
        });
        (Expr::atom(name), rty)
    }

    /// A path as the Python writes it, with the shortest name it has.
    pub(super) fn path_text(&self, path: &Path) -> String {
        let mut best = path.to_string();
        for (version, var) in &self.model.vars {
            if let Some(alias) = var.alias.as_ref().filter(|alias| path.starts_with(alias)) {
                let rest = Path {
                    root: version.clone(),
                    segs: path.segs.iter().skip(alias.segs.len()).cloned().collect(),
                };
                let text = rest.to_string();
                if text.len() < best.len() {
                    best = text;
                }
            }
        }
        best
    }

    /// Names an output's payload before a statement that both reads and writes it.
    pub(super) fn bind_output(&mut self, target: &PyExpr, value: Option<&PyExpr>) {
        let Some(path) = self.path_of(target).filter(|p| self.is_output_path(p)) else {
            return;
        };
        let Some(depth) = path
            .segs
            .iter()
            .position(|s| *s == Seg::Attr("payload".into()))
        else {
            return;
        };
        if path.segs.len() <= depth + 1 || self.conditional > 0 {
            return;
        }
        // Where a handler may catch what is raised first, nothing is published before.
        if self.tries > 0 && value.is_some_and(|v| self.may_raise(v)) {
            return;
        }
        let payload = Path {
            root: path.root.clone(),
            segs: path.segs.iter().take(depth + 1).cloned().collect(),
        };
        if self.bounds.iter().any(|b| b.path == payload)
            || value.is_some_and(|v| !self.mentions_path(v, &payload))
        {
            return;
        }
        let message = Path {
            root: payload.root.clone(),
            segs: payload.segs.iter().take(depth).cloned().collect(),
        };
        if let (Some(name), Some((_, ty))) = (
            self.messages.get(&message).cloned(),
            self.message_at(&message),
        ) {
            let _ = self.named_output(&payload, &name, &ty);
        }
    }

    /// Whether an expression mentions what lies at or below a path.
    fn mentions_path(&self, e: &PyExpr, path: &Path) -> bool {
        struct Find<'f, 'l, 'a>(&'f FnLower<'l, 'a>, &'f Path, bool);
        impl<'ast> crate::ast::visit::Visitor<'ast> for Find<'_, '_, '_> {
            fn visit_expr(&mut self, e: &'ast PyExpr) {
                self.2 |= self.0.path_of(e).is_some_and(|p| p.starts_with(self.1));
                crate::ast::visit::walk_expr(self, e);
            }
        }
        let mut find = Find(self, path, false);
        crate::ast::visit::Visitor::visit_expr(&mut find, e);
        find.2
    }

    /// A name for what lies at a path: what the Python calls it, else its type or field.
    pub(super) fn bound_name(&self, path: &Path) -> String {
        if path.segs.is_empty() && path.global_name().is_none() {
            return self.var_name(&path.root);
        }
        let alias = self
            .model
            .vars
            .iter()
            .find(|(_, v)| v.alias.as_ref() == Some(path))
            .map(|(version, _)| version.clone());
        let taken = |name: &str| {
            self.bounds
                .iter()
                .any(|b| b.path != *path && b.expr == Expr::atom(name))
                || self.shadows.is_name(name)
                || matches!(name, "ctx" | "input" | "output" | "state" | "self")
                || self.messages.values().any(|m| m == name)
                || self.model.vars.iter().any(|(v, var)| {
                    rust_ident(plain_name(v)) == name && var.alias.as_ref() != Some(path)
                })
        };
        let mut candidates: Vec<String> = alias.iter().map(|v| rust_ident(plain_name(v))).collect();
        if let Some((last, parent)) = split(path) {
            let message = self.messages.get(&parent).cloned();
            match (message, last) {
                (Some(message), _) => {
                    if let Some((side, RustTy::Named(key))) = self.message_at(&parent) {
                        let tys = if side == Side::Input {
                            &self.lw.input.binding.inputs
                        } else {
                            &self.lw.input.binding.outputs
                        };
                        let unique = tys
                            .iter()
                            .filter(|t| **t == RustTy::Named(key.clone()))
                            .count()
                            <= 1;
                        if unique {
                            candidates.push(snake_case(last_segment(&key)));
                        }
                    }
                    candidates.push(format!("{message}_payload"));
                }
                (None, Seg::Attr(name)) => {
                    candidates.push(rust_ident(name.trim_start_matches('_')))
                }
                (None, Seg::Index(i)) => candidates.push(format!("item_{i}")),
            }
        }
        let mut fallback = candidates.last().cloned().unwrap_or_else(|| "value".into());
        if let Some(free) = candidates.into_iter().find(|name| !taken(name)) {
            return free;
        }
        // Two fields of one name: told apart by where they lie.
        let owner = match path.segs.iter().rev().nth(1) {
            Some(Seg::Attr(name)) if name != "payload" => name.clone(),
            _ => plain_name(&path.root).trim_start_matches('@').to_string(),
        };
        fallback = format!("{owner}_{fallback}");
        while taken(&fallback) {
            fallback.push('_');
        }
        fallback
    }

    /// `python/task.py:12` of the statement under construction.
    pub(super) fn at(&self) -> String {
        self.lw.input.source.at(self.current_span())
    }

    /// Reads an attribute.
    pub(super) fn attribute(
        &mut self,
        e: &'a PyExpr,
        value: &'a PyExpr,
        name: &str,
    ) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        let bound = self
            .path_of(e)
            .and_then(|path| self.bounds.iter().rev().find(|b| b.path == path).cloned());
        if let Some(bound) = bound {
            return Ok(self.time_as_int(Val::new(bound.expr, bound.rty, &fact)));
        }
        if let Some(shadow) = self.shadows.read(e.id) {
            let ty = self.shadow_type(&shadow);
            let declared = self
                .lw
                .field_type(self, &shadow.path)
                .map_or(Ty::Tov, |t| Ty::of_rust(&t, self.lw.input.types));
            let val = Val::new(
                Expr::atom(shadow.name),
                ty,
                &Fact {
                    ty: declared,
                    ..fact.clone()
                },
            );
            return self.as_narrowed(val, &fact);
        }
        match self.fact(value.id).ty.narrowed() {
            Ty::Instance(_) | Ty::Class(_) | Ty::Member(_) => self.class_read(e, value, name),
            Ty::Module(module) => {
                match crate::catalog::constant_path(&format!("{module}.{name}")) {
                    Some(path) => Ok(Val::f64(Expr::atom(path), fact.range.float())),
                    None => Err(self.hole(e)),
                }
            }
            Ty::Deque {
                maxlen: crate::ty::Maxlen::Fixed(n, constant),
                ..
            } => {
                let mut site = self.site();
                let limit = crate::catalog::limit(n, constant.as_deref(), &mut site);
                self.absorb(site, e.span);
                let limit = Val::int(limit, IntTy::Usize, IntRange::exactly(n as i128));
                Ok(Val {
                    literal: constant.is_none(),
                    ..limit
                })
            }
            Ty::Context => {
                let ctx = self.expr(value)?;
                let (expr, range) = match name {
                    "now_ns" => (
                        ctx.expr.method("now", vec![]).method("as_nanos", vec![]),
                        fact.range,
                    ),
                    "recent_ns" => (
                        ctx.expr.method("recent", vec![]).method("as_nanos", vec![]),
                        fact.range,
                    ),
                    "cl_id" => (ctx.expr.method("cl_id", vec![]), fact.range),
                    _ => return Err(self.hole(e)),
                };
                Ok(Val::int(
                    expr,
                    IntTy::U64,
                    range.int().meet(IntRange::non_negative()),
                ))
            }
            _ => {
                let place = match self.path_of(e) {
                    Some(path) => self.path_place(&path, false),
                    None => {
                        // A field of something without a stable path: of an element, of a call's result.
                        let base = self.expr(value)?;
                        self.field_of(base, name)
                    }
                };
                let Some((expr, rty)) = place else {
                    return Err(self.hole(e));
                };
                let declared = self.declared_type(&rty, &fact);
                let val = Val::new(
                    expr,
                    rty,
                    &Fact {
                        ty: declared,
                        ..fact.clone()
                    },
                );
                self.as_narrowed(val, &fact)
            }
        }
    }

    /// The Python type that a place's Rust type has, before narrowing.
    fn declared_type(&self, rty: &RTy, fact: &Fact) -> Ty {
        match rty {
            RTy::Option(_) => fact.ty.clone().optional(),
            _ => fact.ty.clone(),
        }
    }

    /// `base.name` where `base` is a struct.
    pub(super) fn field_of(&mut self, base: Val, name: &str) -> Option<(Expr, RTy)> {
        let RTy::Named(key) = named_of(&base.rty)? else {
            return None;
        };
        let field = self.lw.field(&key, name)?;
        Some((base.expr.field(field.place()), rty_of(&field.ty)))
    }

    /// A value whose type the flow has narrowed from `Option`: unwrapped.
    pub(super) fn as_narrowed(&mut self, val: Val, fact: &Fact) -> Result<Val, Expr> {
        let RTy::Option(inner) = val.rty.clone() else {
            return Ok(self.time_as_int(val));
        };
        if matches!(fact.ty, Ty::Option(_) | Ty::None) {
            return Ok(val);
        }
        // The flow says that it is not None here.
        let (expr, rty) = match &*inner {
            RTy::String => (
                val.expr
                    .method("as_deref", vec![])
                    .method("unwrap_or_default", vec![]),
                RTy::Str,
            ),
            RTy::Ref(_) | RTy::RefMut(_) => {
                let error = format!("{}: AttributeError (None)", self.at());
                (val.expr.ok_or(&error), (*inner).clone())
            }
            other if self.lw.is_copy(other) && matches!(other, RTy::Named(_)) => {
                let error = format!("{}: AttributeError (None)", self.at());
                (val.expr.ok_or(&error), other.clone())
            }
            other if self.lw.is_copy(other) => {
                (val.expr.method("unwrap_or_default", vec![]), other.clone())
            }
            other => {
                let error = format!("{}: AttributeError (None)", self.at());
                (
                    val.expr.method("as_ref", vec![]).ok_or(&error),
                    RTy::Ref(Box::new(other.clone())),
                )
            }
        };
        let val = Val {
            expr,
            rty,
            ty: fact.ty.clone(),
            range: fact.range,
            literal: false,
        };
        Ok(self.time_as_int(val))
    }

    /// A `CuTime` is an int of nanoseconds to Python.
    pub(super) fn time_as_int(&self, val: Val) -> Val {
        if val.rty != RTy::CuTime {
            return val;
        }
        let range = val
            .range
            .int()
            .meet(crate::value::int_type_range(IntTy::U64));
        Val {
            ty: Ty::Int,
            ..Val::int(val.expr.method("as_nanos", vec![]), IntTy::U64, range)
        }
    }

    /// Forgets every name for what lies at or below a path, which was changed.
    pub(super) fn forget_path(&mut self, path: &Path) {
        self.bounds.retain(|b| !b.path.starts_with(path));
    }

    /// Forgets every name that stands for a variable.
    pub(super) fn forget_root(&mut self, version: &str) {
        self.bounds.retain(|b| b.path.root != version);
    }

    /// Forgets the mutable borrows of a message, which is used in another way.
    pub(super) fn release(&mut self, message: &Path) {
        self.bounds
            .retain(|b| !(b.borrows && b.path.starts_with(message)));
    }

    /// The type in which a shadow keeps a field's value.
    pub(super) fn wide_type(&self, field: &RustTy) -> RTy {
        shadow::wide(field)
    }
}

/// The struct behind references and options.
pub(super) fn named_of(ty: &RTy) -> Option<RTy> {
    match ty {
        RTy::Named(_) => Some(ty.clone()),
        RTy::Ref(inner) | RTy::RefMut(inner) | RTy::Option(inner) => named_of(inner),
        _ => None,
    }
}
