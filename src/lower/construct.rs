//! Instances: calls of classes, and the constructors that `__init__` becomes.
//!
//! Enters: a call of a class, or the statements of its `__init__`. Leaves: `Class::new(…)`,
//! or the struct literal that a constructor ends with. This module must not know how the
//! class itself is written.

use super::function::FnLower;
use crate::ast::visit::{Visitor, walk_expr};
use crate::ast::{self, Expr as PyExpr, ExprKind, Keyword, Stmt as PyStmt, StmtKind as PyKind};
use crate::diagnostic::Code;
use crate::infer::{Path, Problem, Seg};
use crate::ir::{self, Expr, RTy, StmtKind};
use crate::source::Span;
use crate::ty::Ty;
use crate::value::Val;
use std::collections::BTreeSet;

/// A constructor under construction: `self.x` is still a variable.
#[derive(Debug, Clone, Default)]
pub(super) struct Constructor {
    pub(super) class: String,
    /// Attribute, and the variable or literal that holds it, in the order of binding.
    pub(super) bound: Vec<(String, Expr)>,
    /// `self` exists already, as `this`.
    pub(super) built: bool,
    /// The attributes that it has at the end on every path.
    pub(super) sure: BTreeSet<String>,
}

impl<'a> FnLower<'_, 'a> {
    /// `Class(…)` where there is no `__init__` of its own to call.
    pub(super) fn construct(
        &mut self,
        e: &'a PyExpr,
        class: &str,
        args: &'a [PyExpr],
        keywords: &'a [Keyword],
    ) -> Result<Val, Expr> {
        let Some(model) = self.lw.input.model.classes.get(class) else {
            return Err(self.hole(e));
        };
        let fact = self.fact(e.id);
        if let (Ty::Int, [value]) = (&fact.ty, args) {
            // Flags are ints.
            return self.expr(value);
        }
        self.lw.used_classes.insert(class.to_string());
        let name = self.class_path(class);
        let ty = self.lw.class_type(class);
        if !model.members.is_empty() {
            return self.member_of_value(e, class, args);
        }
        let mut fields = Vec::new();
        let made = model.made.clone().unwrap_or_default();
        for (field, field_fact) in &model.fields {
            let Some(field_ty) = self.lw.natural(field_fact) else {
                return Err(self.hole(e));
            };
            let (place, keyword) = crate::infer::construct::argument_of(&made, field, keywords);
            let given = place.and_then(|i| args.get(i)).or(keyword);
            let expr = match (given, self.lw.class_default(class, field)) {
                (Some(value), _) => {
                    let val = self.expr_as(value, &field_ty)?;
                    self.coerce(val, &field_ty, value.span, field)?
                }
                (None, Some(default)) => super::function::module_value(self.lw, default, &field_ty),
                (None, None) => return Err(self.unset_attribute(class, field, e.span)),
            };
            fields.push((self.lw.attribute_ident(class, field), expr));
        }
        Ok(Val::new(
            Expr::Struct {
                name,
                fields,
                base: None,
            },
            ty,
            &fact,
        ))
    }

    fn unset_attribute(&mut self, class: &str, field: &str, span: Span) -> Expr {
        let problem = Problem::new(
            Code::PartlyHandled,
            format!("the attribute `{field}` of `{class}` may be read before it is set"),
        )
        .with_help("set it in `__init__`");
        Expr::Hole(self.lw.hole_text(self.lw.first_line(span), &problem))
    }

    /// In a constructor: `self` as a whole is used, so it must exist from here on.
    pub(super) fn build_self(&mut self, value: &PyExpr) {
        let whole = self
            .path_of(value)
            .is_some_and(|p| p.segs.is_empty() && self.is_self(&p.root));
        let Some(constructor) = self.constructor.clone() else {
            return;
        };
        if !whole || constructor.built {
            return;
        }
        let literal = self.self_literal(&constructor, true);
        let span = self.current_span();
        self.emit(
            span,
            StmtKind::Let {
                name: "this".into(),
                mutable: false,
                ty: None,
                init: Some(literal),
            },
        );
        if let Some(constructor) = &mut self.constructor {
            constructor.built = true;
        }
        let root = self
            .function
            .params
            .list
            .first()
            .map(|p| p.name.name.clone())
            .unwrap_or_default();
        self.renamed.insert(root, "this".into());
    }

    /// In a constructor: what a branch or a loop calls a method of exists before it.
    pub(super) fn build_self_before(&mut self, stmt: &'a PyStmt) {
        let compound = match &stmt.kind {
            PyKind::If { .. }
            | PyKind::While { .. }
            | PyKind::For { .. }
            | PyKind::With { .. }
            | PyKind::Try { .. }
            | PyKind::Match { .. } => true,
            PyKind::Function(_)
            | PyKind::Class(_)
            | PyKind::Return(_)
            | PyKind::Delete(_)
            | PyKind::Assign { .. }
            | PyKind::AugAssign { .. }
            | PyKind::AnnAssign { .. }
            | PyKind::Raise { .. }
            | PyKind::Assert { .. }
            | PyKind::Import(_)
            | PyKind::ImportFrom { .. }
            | PyKind::Global(_)
            | PyKind::Nonlocal(_)
            | PyKind::Expr(_)
            | PyKind::Pass
            | PyKind::Break
            | PyKind::Continue
            | PyKind::Unsupported(_) => false,
        };
        if !compound || self.constructor.as_ref().is_none_or(|c| c.built) {
            return;
        }
        struct Receivers<'l, 'f, 'm, 'a>(&'l FnLower<'m, 'a>, Option<&'f PyExpr>);
        impl<'f> Visitor<'f> for Receivers<'_, 'f, '_, '_> {
            fn visit_expr(&mut self, e: &'f PyExpr) {
                let method = match &e.kind {
                    ExprKind::Call { func, .. } => func,
                    _ => e,
                };
                if let ExprKind::Attribute { value, .. } = &method.kind
                    && matches!(&value.kind, ExprKind::Name(name) if self.0.is_self(name))
                    && self.0.model.calls.contains_key(&e.id)
                {
                    self.1.get_or_insert(value);
                }
                walk_expr(self, e);
            }
        }
        let mut receivers = Receivers(self, None);
        receivers.visit_stmt(stmt);
        if let Some(receiver) = receivers.1 {
            self.build_self(receiver);
        }
    }

    /// `Self { … }` of what is bound; what is not gets a default, or is reported.
    fn self_literal(&mut self, constructor: &Constructor, defaults: bool) -> Expr {
        let fields = self
            .lw
            .input
            .model
            .classes
            .get(&constructor.class)
            .map(|c| c.fields.clone())
            .unwrap_or_default();
        let mut out = Vec::new();
        for (field, fact) in fields {
            let Some(ty) = self.lw.natural(&fact) else {
                continue;
            };
            let bound = constructor
                .bound
                .iter()
                .find(|(f, _)| *f == field)
                .map(|(_, v)| v.clone());
            let expr = match (bound, self.lw.class_default(&constructor.class, &field)) {
                (Some(expr), _) => expr,
                (None, Some(default)) => super::function::module_value(self.lw, default, &ty),
                (None, None) => match self
                    .any_value(&ty)
                    .filter(|_| defaults && constructor.sure.contains(&field))
                {
                    Some(literal) => literal,
                    None => {
                        self.unset_attribute(&constructor.class, &field, self.function.name.span)
                    }
                },
            };
            out.push((self.lw.attribute_ident(&constructor.class, &field), expr));
        }
        Expr::Struct {
            name: "Self".into(),
            fields: out,
            base: None,
        }
    }

    /// A value for what is set before it is read.
    fn any_value(&self, ty: &RTy) -> Option<Expr> {
        if let RTy::Tuple(tys) = ty {
            let parts: Option<Vec<Expr>> = tys.iter().map(|ty| self.any_value(ty)).collect();
            return parts.map(Expr::Tuple);
        }
        let first = self.lw.class_of(ty).and_then(|class| {
            let (member, _) = self.lw.input.model.classes.get(&class)?.members.first()?;
            let variant = super::classes::variant(member);
            Some(Expr::atom(format!(
                "{}::{variant}",
                self.class_path(&class)
            )))
        });
        first.or_else(|| default_literal(ty))
    }

    /// What a constructor ends with.
    pub(super) fn constructor_value(&mut self) -> Option<Expr> {
        let constructor = self.constructor.clone()?;
        if constructor.built {
            return Some(Expr::atom("this"));
        }
        Some(self.self_literal(&constructor, false))
    }

    /// `self.x = v` in a constructor, before the instance exists.
    pub(super) fn bind_attribute(&mut self, path: &Path, val: Val, at: Span) -> Result<bool, Expr> {
        let Some(constructor) = self.constructor.clone().filter(|c| !c.built) else {
            return Ok(false);
        };
        let [Seg::Attr(field)] = path.segs.as_slice() else {
            return Ok(false);
        };
        if !self.is_self(&path.root) {
            return Ok(false);
        }
        let Some(ty) = self.lw.class_field(&constructor.class, field) else {
            return Ok(false);
        };
        if let Some((_, var)) = constructor.bound.iter().find(|(f, _)| f == field) {
            let value = self.coerce(val, &ty, at, field)?;
            self.emit_assign(at, var.clone(), value);
            return Ok(true);
        }
        let ident = self.lw.attribute_ident(&constructor.class, field);
        let clashes = self.is_named(&ident);
        let same = matches!(&val.expr, Expr::Atom(text) if *text == ident) && val.rty == ty;
        let name = if clashes && !same {
            format!("{ident}_value")
        } else {
            ident
        };
        let mut held = Expr::atom(name.clone());
        if !same {
            let value = self.coerce(val, &ty, at, field)?;
            if self.is_movable(&value) && self.mentions_of(path) == 1 {
                // Set once and not read again here: it goes into the struct as it is.
                held = value;
            } else {
                self.emit(
                    at,
                    StmtKind::Let {
                        name,
                        mutable: false,
                        ty: Some(ty),
                        init: Some(value),
                    },
                );
            }
        }
        if let Some(constructor) = &mut self.constructor {
            constructor.bound.push((field.clone(), held));
        }
        Ok(true)
    }

    /// Whether the function has a variable of that name, or is lent one of the module's.
    fn is_named(&self, ident: &str) -> bool {
        let mut lent = self.model.globals.iter();
        self.model.vars.keys().any(|v| self.var_name(v) == ident)
            || lent.any(|name| super::vars::rust_ident(name) == ident)
    }

    /// Whether a value may be computed where the struct is written instead: it cannot fail,
    /// changes nothing, and reads only what stays as it is.
    fn is_movable(&self, e: &Expr) -> bool {
        let fixed = |name: &str| {
            self.scope
                .vars
                .iter()
                .all(|(version, info)| self.var_name(version) != name || info.bindings <= 1)
        };
        match e {
            Expr::Atom(text) => fixed(text),
            Expr::NegLit(_) | Expr::ConstInt { .. } => true,
            Expr::Field(base, _) => self.is_movable(base),
            Expr::Call(name, args) => {
                name.contains("::") && args.iter().all(|a| self.is_movable(a))
            }
            Expr::Method(base, name, args) => {
                matches!(name.as_str(), "into" | "to_string")
                    && args.is_empty()
                    && self.is_movable(base)
            }
            Expr::Unary(_, a) | Expr::Cast(a, _) => self.is_movable(a),
            Expr::Binary(_, a, b) | Expr::Repeat(a, b) => self.is_movable(a) && self.is_movable(b),
            Expr::Struct { fields, base, .. } => {
                base.is_none() && fields.iter().all(|(_, v)| self.is_movable(v))
            }
            Expr::Array(items) | Expr::Tuple(items) => items.iter().all(|i| self.is_movable(i)),
            Expr::Macro(name, items) => name == "vec" && items.iter().all(|i| self.is_movable(i)),
            Expr::Index(..)
            | Expr::Ref(_)
            | Expr::RefMut(_)
            | Expr::Deref(_)
            | Expr::Try(_)
            | Expr::If { .. }
            | Expr::Let(..)
            | Expr::Match { .. }
            | Expr::Block(_)
            | Expr::Closure(..)
            | Expr::Range { .. }
            | Expr::Hole(_) => false,
        }
    }

    /// How often the function mentions a path.
    fn mentions_of(&self, path: &Path) -> usize {
        struct Count<'f, 'l, 'a>(&'f FnLower<'l, 'a>, &'f Path, usize);
        impl<'ast> ast::visit::Visitor<'ast> for Count<'_, '_, '_> {
            fn visit_expr(&mut self, e: &'ast PyExpr) {
                self.2 += usize::from(self.0.path_of(e).as_ref() == Some(self.1));
                ast::visit::walk_expr(self, e);
            }
        }
        let mut count = Count(self, path, 0);
        ast::visit::Visitor::visit_block(&mut count, &self.function.body);
        count.2
    }

    /// Declares the attributes that a compound statement of a constructor sets first.
    pub(super) fn declare_attributes(&mut self, stmt: &'a PyStmt) {
        let Some(constructor) = self.constructor.clone().filter(|c| !c.built) else {
            return;
        };
        if self.blocks.len() != 1 || crate::infer::scope::child_blocks(stmt).is_empty() {
            return;
        }
        let mut changed = Vec::new();
        for (block, _, _) in crate::infer::scope::child_blocks(stmt) {
            super::narrow::changed_paths(self, block, &mut changed);
        }
        for path in changed {
            let [Seg::Attr(field)] = path.segs.as_slice() else {
                continue;
            };
            let known = self
                .constructor
                .as_ref()
                .is_some_and(|c| c.bound.iter().any(|(f, _)| f == field));
            if !self.is_self(&path.root) || known {
                continue;
            }
            let Some(ty) = self.lw.class_field(&constructor.class, field) else {
                continue;
            };
            let ident = self.lw.attribute_ident(&constructor.class, field);
            let clashes = self.is_named(&ident);
            let name = if clashes {
                format!("{ident}_value")
            } else {
                ident
            };
            // A class attribute is its value until the instance has its own.
            let init = match self.lw.class_default(&constructor.class, field) {
                Some(default) => Some(super::function::module_value(self.lw, default, &ty)),
                None if constructor.sure.contains(field) => default_literal(&ty),
                None => Some(self.unset_attribute(&constructor.class, field, stmt.span)),
            };
            self.out.push(ir::Stmt::new(StmtKind::Let {
                name: name.clone(),
                mutable: false,
                ty: Some(ty),
                init,
            }));
            if let Some(constructor) = &mut self.constructor {
                constructor.bound.push((field.clone(), Expr::atom(name)));
            }
        }
    }
}

/// A value of a type that stands until the real one is set.
pub(super) fn default_literal(ty: &RTy) -> Option<Expr> {
    Some(match ty {
        RTy::Float(_) => Expr::atom("0.0"),
        RTy::Int(_) => Expr::atom("0"),
        RTy::Bool => Expr::atom("false"),
        // What is always None.
        RTy::Unit => Expr::atom("()"),
        RTy::Option(_) => Expr::atom("None"),
        RTy::Number => Expr::atom("Number::Int(0)"),
        RTy::String => Expr::call("String::new", vec![]),
        RTy::Vec(_) | RTy::Map { ordered: true, .. } => Expr::call("Vec::new", vec![]),
        RTy::Map { .. } => Expr::call("BTreeMap::new", vec![]),
        RTy::Set(_) => Expr::call("BTreeSet::new", vec![]),
        RTy::Deque(_) => Expr::call("VecDeque::new", vec![]),
        RTy::Array(elem, len) => Expr::Repeat(
            Box::new(default_literal(elem)?),
            Box::new(Expr::atom(len.to_string())),
        ),
        _ => return None,
    })
}
