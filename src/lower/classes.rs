//! Classes as they are written: fields, methods, constants, derives.

use super::Lowerer;
use super::enums::variants;
use super::function::{COMPLEX, FnLower, UNCONVENTIONAL, is_unconventional};
use super::same::Derived;
use crate::ast::{self, Expr as PyExpr, ExprKind, MethodKind, Stmt as PyStmt, StmtKind as PyKind};
use crate::diagnostic::Code;
use crate::infer::FnId;
use crate::ir::spelling::snake_case;
use crate::ir::{self, Function, RTy};
use crate::source::Span;
use std::collections::BTreeSet;

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

    /// The name of a constant of a class in Rust.
    pub(super) fn class_const(&self, class: &str, name: &str) -> String {
        let body = self.class_stmt(class).map(|(_, class)| &class.body.stmts);
        let targets = body.into_iter().flatten().flat_map(|stmt| stmt.targets());
        let names = targets.filter_map(|target| match &target.kind {
            ExprKind::Name(name) => Some(name.as_str()),
            _ => None,
        });
        super::consts::distinct(name, names)
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
        self.use_field_types();
        self.derive_keys();
        self.use_variants();
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
                    || is_generated(class, &function.name.name)
                    || !class.variants.is_empty()
                    || class.bases.iter().any(super::is_protocol)
                    || (function.name.name == "__init__" && self.is_base(&name));
                let mut lowered: Vec<Function> = Vec::new();
                for (index, _) in self.input.model.functions.named(&key) {
                    let id = FnId(index);
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
                        None => {
                            if snake_case(&function.name).starts_with("to_") && self.is_copy(&own) {
                                super::dunder::by_value(&mut function);
                            }
                            if is_unconventional(&function, self.is_copy(&own)) {
                                function.attributes.push(UNCONVENTIONAL.to_string());
                            }
                            lowered.push(function);
                        }
                    }
                    found = true;
                }
                if !found && !lowered_spans.contains(&function.name.span) && !bare {
                    self.skipped.insert(key.clone());
                    // Where there are holes, one of them may call it.
                    let method = function.name.name.as_str();
                    if self.errors().next().is_some() && self.input.module.body.asks_for(method) {
                        continue;
                    }
                    let from = self.callers();
                    let python = key.rsplit(ast::OF_FAMILY).next().unwrap_or(&key);
                    let message = format!("`{python}` is not called from {from}: left out");
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
                attributes: {
                    let mut attributes = self.class_attributes(&name, !model.members.is_empty());
                    if fields.iter().any(|(_, ty)| ty.is_complex(0)) {
                        attributes.push(COMPLEX.to_string());
                    }
                    attributes
                },
                name: self.class_name(&name),
                variants: variants(model, &|class| self.class_name(class)),
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

    /// The class whose method a function is.
    fn class_of_method(&self, id: FnId) -> Option<&'a str> {
        let function = self.input.model.functions.get(id.0)?;
        function.python_name.split_once('.').map(|(class, _)| class)
    }

    /// Notes the classes of the families that are used.
    fn use_variants(&mut self) {
        let lowered = self.lowered.keys();
        let of_methods: BTreeSet<&str> =
            lowered.filter_map(|id| self.class_of_method(*id)).collect();
        let families = self.input.model.classes.iter();
        let used: Vec<String> = families
            .filter(|(name, _)| {
                self.used_classes.contains(*name) || of_methods.contains(name.as_str())
            })
            .flat_map(|(_, class)| class.variants.clone())
            .collect();
        self.used_classes.extend(used);
    }

    /// Notes the classes that the fields of used ones hold.
    fn use_field_types(&mut self) {
        let mut next: Vec<String> = self.used_classes.iter().cloned().collect();
        let lowered = self.lowered.keys();
        let of_methods = lowered.filter_map(|id| self.class_of_method(*id));
        next.extend(of_methods.map(str::to_string));
        let mut seen = BTreeSet::new();
        while let Some(class) = next.pop() {
            if !seen.insert(class.clone()) {
                continue;
            }
            let Some(model) = self.input.model.classes.get(&class) else {
                continue;
            };
            let types: Vec<RTy> = model
                .fields
                .iter()
                .filter_map(|(_, fact)| self.natural(fact))
                .collect();
            let before = std::mem::take(&mut self.used_classes);
            types.iter().for_each(|ty| self.use_types(ty));
            let mut used = std::mem::replace(&mut self.used_classes, before);
            next.extend(used.difference(&self.used_classes).cloned());
            self.used_classes.append(&mut used);
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
        let compared = match self.derived.get(class) {
            None => "",
            Some(Derived::Equal) => ", PartialEq",
            Some(Derived::Ordered) => ", PartialEq, PartialOrd",
            Some(Derived::Key) => ", PartialEq, Eq, PartialOrd, Ord",
        };
        let copy = format!("{copy}{compared}");
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
                    let variants = lw.family_variants(&held);
                    held == class
                        || variants
                            .iter()
                            .any(|v| holds(lw, &lw.class_type(v), class, depth + 1))
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
            .any(|f| f.kept.is_field() && holds(self, &f.ty, class, 0))
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
                let is_named = |target: &ast::Expr| matches!(&target.kind, ast::ExprKind::Name(n) if n == name);
                if !stmt.targets().iter().any(is_named) {
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
                    name: self.class_const(class, name),
                    attributes: super::consts::attributes(&expr),
                    ty,
                    value: expr,
                });
            }
        }
        out
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

/// Whether a method stands for what Python adds to a class.
fn is_generated(class: &ast::Class, method: &str) -> bool {
    class.generated.iter().any(|g| g == method)
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
}
