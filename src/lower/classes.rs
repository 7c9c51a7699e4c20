//! Classes, and the module variables that hold their instances.

use super::Lowerer;
use super::enums::variants;
use super::function::FnLower;
use crate::ast::{
    self, Expr as PyExpr, ExprKind, Keyword, MethodKind, Stmt as PyStmt, StmtKind as PyKind,
};
use crate::diagnostic::Code;
use crate::infer::{FnId, Path, Problem, Role, Seg};
use crate::ir::{self, Expr, Function, RTy, StmtKind, TaskField};
use crate::source::Span;
use crate::ty::Ty;
use crate::value::{Fact, Val};

/// A constructor under construction: `self.x` is still a variable.
#[derive(Debug, Clone, Default)]
pub(super) struct Constructor {
    pub(super) class: String,
    /// Attribute, and the variable or literal that holds it, in the order of binding.
    pub(super) bound: Vec<(String, Expr)>,
    /// `self` exists already, as `this`.
    pub(super) built: bool,
}

impl<'a> Lowerer<'a> {
    /// The class statement of that name.
    pub(super) fn class_stmt(&self, class: &str) -> Option<(&'a PyStmt, &'a ast::Class)> {
        self.input
            .module
            .body
            .stmts
            .iter()
            .find_map(|stmt| match &stmt.kind {
                PyKind::Class(c) if c.name.name == class => Some((stmt, c)),
                _ => None,
            })
    }

    /// The default of a class attribute.
    pub(super) fn class_default(&self, class: &str, name: &str) -> Option<&'a PyExpr> {
        let (_, class) = self.class_stmt(class)?;
        class.body.stmts.iter().find_map(|stmt| match &stmt.kind {
            PyKind::Assign { targets, value } => {
                matches!(targets.as_slice(), [PyExpr { kind: ExprKind::Name(n), .. }] if n == name)
                    .then_some(value)
            }
            PyKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } => matches!(&target.kind, ExprKind::Name(n) if n == name).then_some(value),
            _ => None,
        })
    }

    /// The Rust type of a class's attribute.
    pub(super) fn class_field(&self, class: &str, name: &str) -> Option<RTy> {
        let fact = self.input.model.classes.get(class)?.field(name)?;
        self.natural(fact)
    }

    /// The name of an attribute in Rust, where all fields of a struct are private: without
    /// the underscore that says so in Python.
    pub(super) fn attribute_ident(&self, class: &str, name: &str) -> String {
        let plain = name.trim_start_matches('_');
        let free = self.input.model.classes.get(class).is_some_and(|c| {
            c.fields
                .iter()
                .all(|(n, _)| n == name || n.trim_start_matches('_') != plain)
        });
        let starts = plain.starts_with(|c: char| c.is_alphabetic());
        super::vars::rust_ident(if free && starts { plain } else { name })
    }

    /// Builds the classes that the Rust uses, in the order of the Python.
    pub(super) fn build_classes(&mut self) {
        let names: Vec<String> = self
            .input
            .module
            .body
            .stmts
            .iter()
            .filter_map(|s| match &s.kind {
                PyKind::Class(c) => Some(c.name.name.clone()),
                _ => None,
            })
            .collect();
        // A base's method may be in use in a subclass alone.
        let lowered_spans: Vec<Span> = self
            .lowered
            .keys()
            .filter_map(|id| self.input.model.functions.get(id.0))
            .filter_map(|f| self.functions.get(&f.python_name))
            .map(|f| f.name.span)
            .collect();
        for name in names {
            let Some((stmt, class)) = self.class_stmt(&name) else {
                continue;
            };
            let Some(model) = self.input.model.classes.get(&name) else {
                continue;
            };
            let mut methods: Vec<Function> = Vec::new();
            let mut traits: Vec<(String, Function)> = Vec::new();
            for inner in &class.body.stmts {
                let PyKind::Function(function) = &inner.kind else {
                    continue;
                };
                let key = format!("{name}.{}", function.method_key());
                let mut found = false;
                let bare = class.abstracts.contains(&function.name.name)
                    || !stmt.span.contains(function.name.span)
                    || (function.name.name == "__init__" && self.is_base(&name));
                let ids: Vec<FnId> = self
                    .input
                    .model
                    .functions
                    .iter()
                    .enumerate()
                    .filter(|(_, f)| f.python_name == key)
                    .map(|(i, _)| FnId(i))
                    .collect();
                let mut lowered: Vec<Function> = Vec::new();
                for id in ids {
                    let Some(mut function) = self.lowered.remove(&id) else {
                        continue;
                    };
                    let operator = self.as_operator(id, &mut function);
                    let own = self.class_type(&name);
                    function.ret.name_self(&own);
                    for (_, ty) in &mut function.params {
                        ty.name_self(&own);
                    }
                    match operator {
                        Some(name) => traits.push((name, function)),
                        None => lowered.push(function),
                    }
                    found = true;
                }
                if !found && !lowered_spans.contains(&function.name.span) && !bare {
                    self.skipped.insert(key.clone());
                    let from = self.callers();
                    let message = format!("`{key}` is not called from {from}: left out");
                    self.report(Code::UnusedFunction, function.name.span, &message, None);
                }
                methods.extend(lowered);
            }
            let used =
                !methods.is_empty() || !traits.is_empty() || self.used_classes.contains(&name);
            if !used {
                continue;
            }
            let fields: Vec<(String, RTy)> = model
                .fields
                .iter()
                .filter_map(|(field, fact)| {
                    Some((self.attribute_ident(&name, field), self.natural(fact)?))
                })
                .collect();
            for (_, ty) in &fields {
                self.use_types(ty);
            }
            let mut out = ir::Class {
                span: self.first_line(class.name.span),
                doc: class
                    .doc
                    .as_ref()
                    .map_or_else(Vec::new, |d| d.text.lines().map(str::to_string).collect()),
                comments: stmt.comments.iter().map(|c| c.text.clone()).collect(),
                attributes: self.class_attributes(&name, !model.members.is_empty()),
                name: self.class_name(&name),
                variants: variants(model),
                consts: self.class_consts(&name),
                fields,
                methods,
                traits,
            };
            if !model.members.is_empty() {
                self.enum_methods(&name, &mut out);
            }
            self.task.classes.push(out);
        }
    }

    /// Whether other classes have taken over what a class has.
    fn is_base(&self, class: &str) -> bool {
        self.input
            .module
            .body
            .stmts
            .iter()
            .any(|s| matches!(&s.kind, PyKind::Class(c) if c.ancestors.iter().any(|a| a == class)))
    }

    /// The derives of a class: what is part of the task is frozen with it.
    pub(super) fn class_attributes(&self, class: &str, is_enum: bool) -> Vec<String> {
        let copy = if is_enum {
            if self
                .enum_uses
                .contains(&(class.to_string(), "order".into()))
            {
                ", Copy, PartialEq, Eq, PartialOrd, Ord"
            } else {
                ", Copy, PartialEq, Eq"
            }
        } else if self.is_value_class(class, 0) {
            ", Copy"
        } else {
            ""
        };
        if self.is_frozen(class) {
            return vec![
                format!("#[derive(Debug, Clone{copy}, Encode, Decode, Reflect)]"),
                "#[bincode(crate = \"cu29::bincode\")]".to_string(),
            ];
        }
        vec![format!("#[derive(Debug, Clone{copy})]")]
    }

    /// Whether instances of a class are part of the task.
    fn is_frozen(&self, class: &str) -> bool {
        fn holds(lw: &Lowerer<'_>, ty: &RTy, class: &str, depth: usize) -> bool {
            if depth > 8 {
                return false;
            }
            match ty {
                RTy::Option(inner)
                | RTy::Vec(inner)
                | RTy::Array(inner, _)
                | RTy::Set(inner)
                | RTy::Deque(inner) => holds(lw, inner, class, depth),
                RTy::Map { key, value, .. } => {
                    holds(lw, key, class, depth) || holds(lw, value, class, depth)
                }
                RTy::Tuple(items) => items.iter().any(|t| holds(lw, t, class, depth)),
                RTy::Named(_) => lw.class_of(ty).is_some_and(|held| {
                    held == class
                        || lw.input.model.classes.get(&held).is_some_and(|m| {
                            m.fields
                                .iter()
                                .filter_map(|(_, f)| lw.natural(f))
                                .any(|t| holds(lw, &t, class, depth + 1))
                        })
                }),
                _ => false,
            }
        }
        self.task
            .fields
            .iter()
            .any(|f| holds(self, &f.ty, class, 0))
    }

    /// The constants of a class that are read.
    fn class_consts(&mut self, class: &str) -> Vec<ir::Const> {
        let used: Vec<String> = self
            .class_consts_used
            .iter()
            .filter(|(c, _)| c == class)
            .map(|(_, n)| n.clone())
            .collect();
        let mut out = Vec::new();
        let Some((_, definition)) = self.class_stmt(class) else {
            return out;
        };
        for stmt in &definition.body.stmts {
            for name in &used {
                let Some(value) = self.class_default(class, name) else {
                    continue;
                };
                let inside = stmt.span.contains(value.span);
                if !inside {
                    continue;
                }
                let fact = self.input.model.module.fact(value.id);
                let Some((ty, expr)) = self.constant_of(value, &fact) else {
                    continue;
                };
                out.push(ir::Const {
                    span: stmt.span,
                    comments: stmt.comments.iter().map(|c| c.text.clone()).collect(),
                    line_comment: stmt.line_comment.as_ref().map(|c| c.text.clone()),
                    blank_before: false,
                    name: name.to_uppercase(),
                    attributes: super::consts::attributes(&expr),
                    ty,
                    value: expr,
                });
            }
        }
        out
    }

    /// The module variables that the Rust uses, as fields of the task.
    pub(super) fn build_fields(&mut self) {
        let mut used: Vec<String> = Vec::new();
        for (i, f) in self.input.model.functions.iter().enumerate() {
            if self.lowered.contains_key(&FnId(i)) && f.role != Role::Helper {
                used.extend(f.globals.iter().cloned());
            }
        }
        used.sort();
        used.dedup();
        self.build_fields_of(used);
    }

    /// Module variables as fields, in the order of the Python.
    pub(super) fn build_fields_of(&mut self, used: Vec<String>) {
        for stmt in &self.input.module.body.stmts {
            let (targets, value): (Vec<&'a PyExpr>, &'a PyExpr) = match &stmt.kind {
                PyKind::Assign { targets, value } => (targets.iter().collect(), value),
                PyKind::AnnAssign {
                    target,
                    value: Some(value),
                    ..
                } => (vec![target], value),
                _ => continue,
            };
            let mut pairs = Vec::new();
            for target in targets {
                target_values(target, value, &mut pairs);
            }
            for (target, name, value) in pairs {
                if used.iter().any(|u| u == name) {
                    self.build_field(target, name, value);
                }
            }
        }
        // A variable that gets its first value in another way.
        for name in used {
            let ident = super::vars::rust_ident(&name);
            let Some(fact) = self.input.model.variables.get(&name) else {
                continue;
            };
            if self.task.fields.iter().any(|f| f.name == ident) {
                continue;
            }
            let Some(ty) = self.natural(fact) else {
                continue;
            };
            let problem = Problem::new(
                Code::PartlyHandled,
                format!("the first value of the module variable `{name}` is not translated"),
            );
            let text = self.hole_text(Span::new(0, 0), &problem);
            self.task.fields.push(TaskField {
                name: ident,
                ty,
                init: Expr::Hole(text),
            });
        }
    }

    /// A module variable as a field of the task.
    fn build_field(&mut self, target: &PyExpr, name: &str, value: &'a PyExpr) {
        let Some(fact) = self.input.model.variables.get(name) else {
            return;
        };
        let ident = super::vars::rust_ident(name);
        if self.task.fields.iter().any(|f| f.name == ident) {
            let message = format!("the module variable `{name}` is assigned twice at module level");
            self.report(Code::PartlyHandled, target.span, &message, None);
            return;
        }
        let Some(ty) = self.natural(fact) else {
            let message = format!(
                "the module variable `{name}` has no one type: {}",
                fact.ty.describe()
            );
            self.report(Code::UnknownType, target.span, &message, None);
            return;
        };
        let init = super::function::module_value(self, value, &ty);
        self.use_types(&ty);
        self.task.fields.push(TaskField {
            name: ident,
            ty,
            init,
        });
        if self.input.binding.form.is_plain() {
            return;
        }
        let message = format!(
            "`{name}` lives outside `state`: Copper's keyframes did not hold it; here it is frozen with the task"
        );
        self.report(Code::GlobalState, target.span, &message, None);
    }
}

/// The names that an assignment gives values, each with its own: `x, y = 0, 1`.
fn target_values<'t>(
    target: &'t PyExpr,
    value: &'t PyExpr,
    out: &mut Vec<(&'t PyExpr, &'t str, &'t PyExpr)>,
) {
    match (&target.kind, &value.kind) {
        (ExprKind::Name(name), _) => out.push((target, name, value)),
        (ExprKind::Tuple(targets), ExprKind::Tuple(values)) if targets.len() == values.len() => {
            for (target, value) in targets.iter().zip(values) {
                target_values(target, value, out);
            }
        }
        _ => {}
    }
}

/// `IDLE_MODE` as `IdleMode`.
pub(super) fn variant(member: &str) -> String {
    let mut out = String::new();
    for word in member.split('_').filter(|w| !w.is_empty()) {
        let mut chars = word.chars();
        out.extend(chars.next().into_iter().flat_map(char::to_uppercase));
        let rest = chars.as_str();
        let all_caps = word.chars().all(|c| !c.is_lowercase());
        if all_caps {
            out.push_str(&rest.to_lowercase())
        } else {
            out.push_str(rest)
        }
    }
    if out.starts_with(|c: char| c.is_ascii_digit()) || out.is_empty() {
        format!("V{out}")
    } else {
        out
    }
}

impl<'a> FnLower<'_, 'a> {
    /// The class whose method this function is.
    pub(super) fn own_class(&self) -> Option<String> {
        self.model
            .python_name
            .split_once('.')
            .map(|(class, _)| class.to_string())
    }

    /// What a class is called here: `Self` in its own methods.
    pub(super) fn class_path(&self, class: &str) -> String {
        if self.own_class().as_deref() == Some(class) {
            "Self".to_string()
        } else {
            self.lw.class_name(class)
        }
    }

    /// Whether the first parameter is the instance.
    pub(super) fn has_receiver(&self) -> bool {
        let kind = self.function.method_kind();
        self.own_class().is_some() && !matches!(kind, Ok(MethodKind::Static | MethodKind::Class))
    }

    /// Whether this is a method of an enum, whose members are taken by value.
    pub(super) fn is_enum_method(&self) -> bool {
        let class = self.own_class();
        class.is_some_and(|c| {
            let model = self.lw.input.model.classes.get(&c);
            model.is_some_and(|m| !m.members.is_empty())
        })
    }

    /// Whether the first parameter is the class.
    pub(super) fn is_class_method(&self) -> bool {
        let kind = self.function.method_kind();
        self.own_class().is_some() && matches!(kind, Ok(MethodKind::Class))
    }

    /// The place of a module variable, and its type.
    pub(super) fn global_place(&self, name: &str) -> Option<(Expr, RTy)> {
        let ty = self.lw.natural(self.lw.input.model.variables.get(name)?)?;
        let ident = super::vars::rust_ident(name);
        if self.is_main() {
            return Some((Expr::atom(ident), ty));
        }
        if self.model.role != Role::Helper {
            return Some((Expr::atom("self").field(ident), ty));
        }
        let changed = self.model.globals_changed.contains(name);
        if matches!(ty, RTy::Map { .. } | RTy::Set(_) | RTy::Deque(_)) {
            let held = Box::new(ty);
            let ty = if changed {
                RTy::RefMut(held)
            } else {
                RTy::Ref(held)
            };
            return Some((Expr::atom(ident), ty));
        }
        let instance = matches!(ty, RTy::Named(_) | RTy::Vec(_)) && !self.lw.is_copy(&ty);
        let place = if changed && !instance {
            Expr::Deref(Box::new(Expr::atom(ident)))
        } else {
            Expr::atom(ident)
        };
        Some((place, ty))
    }

    /// The parameters that pass module variables on.
    pub(super) fn global_params(&self) -> Vec<(String, RTy)> {
        let mut params = Vec::new();
        for name in &self.model.globals {
            let Some(fact) = self.lw.input.model.variables.get(name) else {
                continue;
            };
            let Some(ty) = self.lw.natural(fact) else {
                continue;
            };
            let ty = match (
                self.model.globals_changed.contains(name),
                self.lw.is_copy(&ty),
            ) {
                (true, _) => RTy::RefMut(Box::new(ty)),
                (false, true) => ty,
                (false, false) => ty.by_ref(),
            };
            params.push((super::vars::rust_ident(name), ty));
        }
        params
    }

    /// The arguments that pass module variables to a callee.
    pub(super) fn global_args(&self, callee: &crate::infer::FnModel) -> Vec<Expr> {
        let mut args = Vec::new();
        for name in &callee.globals {
            let Some(fact) = self.lw.input.model.variables.get(name) else {
                continue;
            };
            let Some(ty) = self.lw.natural(fact) else {
                continue;
            };
            let changed = callee.globals_changed.contains(name);
            let ident = super::vars::rust_ident(name);
            let copy = self.lw.is_copy(&ty);
            // Where the module variables get their first values, they are variables of `new`.
            let local = self.is_main() || self.model.python_name == "<module>";
            let arg = if self.model.role != Role::Helper || local {
                let place = match local {
                    true => Expr::atom(ident),
                    false => Expr::atom("self").field(ident),
                };
                match (changed, copy) {
                    (true, _) => Expr::RefMut(Box::new(place)),
                    (false, true) => place,
                    (false, false) => Expr::Ref(Box::new(place)),
                }
            } else {
                let own = self.model.globals_changed.contains(name);
                match (changed, own, copy) {
                    (false, true, true) => Expr::Deref(Box::new(Expr::atom(ident))),
                    _ => Expr::atom(ident),
                }
            };
            args.push(arg);
        }
        args
    }

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
        let attributes: Vec<String> = self
            .lw
            .class_stmt(class)
            .map_or_else(Vec::new, |(_, c)| attribute_names(c));
        for (field, field_fact) in &model.fields {
            let Some(field_ty) = self.lw.natural(field_fact) else {
                return Err(self.hole(e));
            };
            let place = attributes
                .iter()
                .position(|a| a == field)
                .filter(|_| model.dataclass);
            let keyword = keywords
                .iter()
                .find(|k| k.name.as_ref().is_some_and(|n| n.name == *field))
                .map(|k| &k.value);
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

    /// Reads an attribute of an instance, a class or an enum's member.
    pub(super) fn class_read(
        &mut self,
        e: &'a PyExpr,
        value: &'a PyExpr,
        name: &str,
    ) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        match self.fact(value.id).ty.narrowed() {
            Ty::Instance(class) => {
                if let Some(id) = self.model.calls.get(&e.id).copied() {
                    return self.property(e, id, value, &fact);
                }
                if self.lw.class_field(&class, name).is_some() {
                    let place = match self.path_of(e) {
                        Some(path) => self.path_place(&path, false),
                        None => {
                            let base = self.expr(value)?;
                            self.lw.class_field(&class, name).map(|ty| {
                                (base.expr.field(self.lw.attribute_ident(&class, name)), ty)
                            })
                        }
                    };
                    let Some((expr, rty)) = place else {
                        return Err(self.hole(e));
                    };
                    let declared = if matches!(rty, RTy::Option(_)) {
                        fact.ty.clone().optional()
                    } else {
                        fact.ty.clone()
                    };
                    let val = Val::new(
                        expr,
                        rty,
                        &Fact {
                            ty: declared,
                            ..fact.clone()
                        },
                    );
                    return self.as_narrowed(val, &fact);
                }
                self.class_const(e, &class, name)
            }
            Ty::Class(class) => {
                let is_member = self
                    .lw
                    .input
                    .model
                    .classes
                    .get(&class)
                    .is_some_and(|c| c.members.iter().any(|(n, _)| n == name));
                if is_member {
                    self.lw.used_classes.insert(class.clone());
                    let path = format!("{}::{}", self.class_path(&class), variant(name));
                    return Ok(Val::new(
                        Expr::atom(path),
                        self.lw.class_type(&class),
                        &fact,
                    ));
                }
                self.class_const(e, &class, name)
            }
            Ty::Member(class) => {
                if let Some(id) = self.model.calls.get(&e.id).copied() {
                    return self.property(e, id, value, &fact);
                }
                self.member_attribute(value, &class, name, &fact)
            }
            _ => Err(self.hole(e)),
        }
    }

    fn class_const(&mut self, e: &PyExpr, class: &str, name: &str) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        let known = self.lw.input.model.classes.contains_key(class);
        let Some(value) = self.lw.class_default(class, name).filter(|_| known) else {
            return Err(self.hole(e));
        };
        let found = self.lw.input.model.module.fact(value.id);
        let Some((ty, _)) = self.lw.constant_of(value, &found) else {
            return Err(self.partly(e, &format!("the class attribute `{class}.{name}`")));
        };
        self.lw
            .class_consts_used
            .insert((class.to_string(), name.to_string()));
        self.lw.used_classes.insert(class.to_string());
        let prefix = self.class_path(class);
        Ok(Val::new(
            Expr::atom(format!("{prefix}::{}", name.to_uppercase())),
            ty,
            &fact,
        ))
    }

    fn property(
        &mut self,
        e: &'a PyExpr,
        id: FnId,
        value: &'a PyExpr,
        fact: &Fact,
    ) -> Result<Val, Expr> {
        self.lw.ensure(id);
        let Some(callee) = self.lw.input.model.functions.get(id.0) else {
            return Err(self.hole(e));
        };
        let receiver = self.receiver(value, callee.mutated.contains(&0))?;
        let args = self.global_args(callee);
        let expr = receiver.method(self.lw.function_name(id), args);
        let expr = if self.lw.is_fallible(id) {
            expr.try_()
        } else {
            expr
        };
        let Some(rty) = self.lw.lowered.get(&id).map(|f| f.ret.clone()) else {
            return Err(self.hole(e));
        };
        let declared = if matches!(rty, RTy::Option(_)) {
            fact.ty.clone().optional()
        } else {
            fact.ty.clone()
        };
        let val = Val::new(
            expr,
            rty,
            &Fact {
                ty: declared,
                ..fact.clone()
            },
        );
        self.as_narrowed(val, fact)
    }

    /// The receiver of a method.
    pub(super) fn receiver(&mut self, value: &'a PyExpr, changes: bool) -> Result<Expr, Expr> {
        self.build_self(value);
        match self.path_of(value) {
            Some(path) => {
                let Some((place, rty)) = self.path_place(&path, changes) else {
                    return Err(self.hole(value));
                };
                if changes {
                    self.forget_path(&path);
                }
                match rty {
                    RTy::Option(inner) => {
                        let error = self.error(&format!(
                            "AttributeError (`{}` is None)",
                            self.path_text(&path)
                        ));
                        let method = if changes { "as_mut" } else { "as_ref" };
                        let option = if inner.is_ref() {
                            place
                        } else {
                            place.method(method, vec![])
                        };
                        Ok(option.ok_or(&error))
                    }
                    // A method borrows by itself: the reference is there for `mut`.
                    _ if changes && !is_self_place(&place) => Ok(Expr::RefMut(Box::new(place))),
                    _ => Ok(place),
                }
            }
            None if changes => match self.element_to_change(value)? {
                Some((place, _)) => Ok(Expr::RefMut(Box::new(place))),
                None => Ok(self.expr(value)?.expr),
            },
            None => Ok(self.expr(value)?.expr),
        }
    }

    /// In a constructor: `self` as a whole is used, so it must exist from here on.
    fn build_self(&mut self, value: &PyExpr) {
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

    /// Whether a variable is the instance.
    pub(super) fn is_self(&self, root: &str) -> bool {
        self.has_receiver()
            && self
                .function
                .params
                .list
                .first()
                .is_some_and(|p| p.name.name == root)
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
                (None, None) => match default_literal(&ty).filter(|_| defaults) {
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
        let clashes = self.model.vars.keys().any(|v| self.var_name(v) == ident);
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
            let clashes = self.model.vars.keys().any(|v| self.var_name(v) == ident);
            let name = if clashes {
                format!("{ident}_value")
            } else {
                ident
            };
            let init = default_literal(&ty);
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

/// Whether a place lies in `self`.
fn is_self_place(place: &Expr) -> bool {
    match place {
        Expr::Atom(text) => text == "self",
        Expr::Field(base, _) | Expr::Index(base, _) => is_self_place(base),
        _ => false,
    }
}

/// The names that a class's body gives values or types.
fn attribute_names(class: &ast::Class) -> Vec<String> {
    class
        .body
        .stmts
        .iter()
        .filter_map(|stmt| match &stmt.kind {
            PyKind::AnnAssign { target, .. } => match &target.kind {
                ExprKind::Name(name) => Some(name.clone()),
                _ => None,
            },
            _ => None,
        })
        .collect()
}

/// A value of a type that stands until the real one is set.
fn default_literal(ty: &RTy) -> Option<Expr> {
    Some(match ty {
        RTy::Float(_) => Expr::atom("0.0"),
        RTy::Int(_) => Expr::atom("0"),
        RTy::Bool => Expr::atom("false"),
        RTy::Option(_) => Expr::atom("None"),
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
