//! What a function takes: its receiver, its parameters, and what PyTask asks of them.

use super::FnLower;
use crate::ast::{self, ParamKind, StmtKind as PyStmt};
use crate::diagnostic::Code;
use crate::infer::{Path, Role};
use crate::ir::RTy;
use crate::ty::Ty;

impl FnLower<'_, '_> {
    /// `&self` or `&mut self` of a method.
    pub(in crate::lower) fn receiver_text(&self) -> Option<String> {
        if !self.has_receiver() || self.model.python_name.ends_with(".__init__") {
            return None;
        }
        Some(
            if self.is_enum_method() {
                "self"
            } else if self.model.mutated.contains(&0) {
                "&mut self"
            } else {
                "&self"
            }
            .to_string(),
        )
    }

    pub(in crate::lower) fn check_signature(&mut self) {
        let unknown = match self.own_class() {
            Some(_) => self.function.method_kind().err(),
            None => self.function.decorators.first(),
        };
        if let Some(decorator) = unknown {
            let message = format!(
                "the decorators of `{}` are not translated yet",
                self.function.name.name
            );
            self.lw
                .report(Code::UnsupportedSyntax, decorator.span, &message, None);
            self.fatal = Some(format!("{} {message}", Code::UnsupportedSyntax));
        }
        if self.function.is_async {
            let message = "an async function silently does nothing under PyTask";
            self.lw.report(
                Code::UnsupportedSyntax,
                self.function.name.span,
                message,
                Some("make it a plain function"),
            );
            self.fatal = Some(format!("{} {message}", Code::UnsupportedSyntax));
        }
        let expected = match self.model.role {
            Role::Process => 4,
            Role::Start | Role::Stop => 2,
            Role::Helper => return,
        };
        let positional: Vec<&ast::Param> = self
            .function
            .params
            .list
            .iter()
            .filter(|p| matches!(p.kind, ParamKind::Normal | ParamKind::PositionalOnly))
            .collect();
        let given = positional.len();
        // Further parameters are fine if they have defaults.
        let extra = positional
            .iter()
            .skip(expected)
            .any(|p| p.default.is_none());
        if given < expected || extra {
            let name = &self.function.name.name;
            let message = format!("`{name}` takes {given} parameters: PyTask passes {expected}");
            self.lw
                .report(Code::TypeMismatch, self.function.name.span, &message, None);
            self.fatal = Some(format!("{} {message}", Code::TypeMismatch));
        }
        if self.model.role == Role::Process {
            let input = &self.lw.input;
            let shared =
                crate::widen::shared_outputs(input.module, input.model, input.types, input.binding);
            for field in shared {
                let message = format!(
                    "`{field}` of an output is written and read by several functions in one call: as an f32 or narrow int it would round what Python keeps"
                );
                let help = "compute the value in a variable, and write the field once";
                self.lw.report(
                    Code::PartlyHandled,
                    self.function.name.span,
                    &message,
                    Some(help),
                );
                self.fatal = Some(format!("{} {message}", Code::PartlyHandled));
            }
        }
    }

    /// Whether every return of a str is a literal.
    pub(in crate::lower) fn returns_literals(&self) -> bool {
        struct Returns(bool);
        impl<'ast> ast::visit::Visitor<'ast> for Returns {
            fn visit_stmt(&mut self, stmt: &'ast ast::Stmt) {
                if let PyStmt::Return(Some(value)) = &stmt.kind {
                    self.0 &= is_literal_text(value);
                }
                ast::visit::walk_stmt(self, stmt);
            }
        }
        let mut returns = Returns(true);
        ast::visit::Visitor::visit_block(&mut returns, &self.function.body);
        returns.0
    }

    /// The parameters of `process`, `start` and `stop`: names of our own for what PyTask passes.
    pub(in crate::lower) fn entry_params(&mut self) {
        let names: Vec<String> = self
            .function
            .params
            .list
            .iter()
            .map(|p| p.name.name.clone())
            .collect();
        let rust: &[&str] = match self.model.role {
            Role::Process => &["ctx", "input", "state", "output"],
            Role::Start | Role::Stop => &["ctx", "state"],
            Role::Helper => &[],
        };
        for (python, rust) in names.iter().zip(rust) {
            self.renamed.insert(python.clone(), (*rust).to_string());
            self.declared.insert(python.clone());
        }
        self.taken
            .extend(["ctx", "input", "state", "output"].map(str::to_string));
    }

    /// The parameters of a helper; nothing where a type is not known.
    pub(in crate::lower) fn helper_params(&mut self) -> Option<Vec<(String, RTy)>> {
        let mut params = Vec::new();
        let has_receiver = self.has_receiver();
        for (i, (param, fact)) in self
            .function
            .params
            .list
            .iter()
            .zip(&self.model.params)
            .enumerate()
        {
            let name = param.name.name.clone();
            if i == 0 && has_receiver {
                let (Ty::Instance(class) | Ty::Member(class)) = &fact.ty else {
                    return None;
                };
                self.renamed.insert(name.clone(), "self".into());
                self.declared.insert(name.clone());
                let ty = self.lw.class_type(class);
                self.var_types.insert(name, ty);
                continue;
            }
            if i == 0 && self.is_class_method() {
                self.declared.insert(name.clone());
                continue;
            }
            let mutated = self.model.mutated.contains(&i);
            let held = self.model.param(i, &name);
            let mut fact = held.unwrap_or_else(|| fact.clone());
            // None for a parameter that is dereferenced first thing raises: the caller asks.
            if crate::infer::dereferenced_first(self.function, &name)
                && matches!(&fact.ty, Ty::Option(t) if t.is_shared())
            {
                fact.ty = fact.ty.narrowed();
            }
            let Some(ty) = self.lw.param_type_of(self.function, &name, &fact, mutated) else {
                if fact.ty.is_unusable() {
                    let message = format!(
                        "the type of the parameter `{name}` of `{}` is not known: {}",
                        self.function.name.name,
                        fact.ty.describe()
                    );
                    self.lw
                        .report(Code::UnknownType, param.name.span, &message, None);
                } else {
                    let message = format!(
                        "{} as the parameter `{name}` is not translated",
                        fact.ty.describe()
                    );
                    self.lw
                        .report(Code::PartlyHandled, param.name.span, &message, None);
                }
                return None;
            };
            self.declared.insert(name.clone());
            self.var_types.insert(name.clone(), ty.clone());
            if let Ty::Message { .. } = fact.ty {
                self.messages
                    .insert(Path::root(name.clone()), self.var_name(&name));
            }
            params.push((self.var_name(&name), ty));
        }
        Some(params)
    }
}

/// Whether an expression is a string literal, or chooses between such.
pub(in crate::lower) fn is_literal_text(e: &ast::Expr) -> bool {
    match &e.kind {
        ast::ExprKind::Str(_) => true,
        ast::ExprKind::Conditional { body, orelse, .. } => {
            is_literal_text(body) && is_literal_text(orelse)
        }
        _ => false,
    }
}
