//! Plain modules: what is translated, and the `main` of a program.
//!
//! The variables of the module are locals of `main`, which passes them on to the functions
//! that use them; a module without a `main` has nobody who could own them.

use super::Lowerer;
use super::function::FnLower;
use super::vars::rust_ident;
use crate::ast::{self, Stmt as PyStmt, StmtKind as PyKind};
use crate::desugar::MAIN;
use crate::diagnostic::Code;
use crate::infer::{FnId, FnModel};
use crate::ir::{Stmt, StmtKind};
use crate::project::Form;
use crate::source::Span;

impl FnLower<'_, '_> {
    /// Whether this function is the program.
    pub(super) fn is_main(&self) -> bool {
        self.model.python_name == MAIN
    }
}

impl<'a> Lowerer<'a> {
    /// Lowers `main` and what it calls, or all that can be called from outside.
    pub(super) fn plain_module(&mut self) {
        let program = self.input.binding.form == Form::Program;
        let ids: Vec<(FnId, String)> = self
            .input
            .model
            .functions
            .iter()
            .enumerate()
            .map(|(i, f)| (FnId(i), f.python_name.clone()))
            .collect();
        for (id, name) in ids {
            if (name == MAIN) == program {
                self.ensure(id);
            }
        }
        if program && !self.functions.contains_key(MAIN) {
            let help = "write `if __name__ == \"__main__\":` and what the program does";
            let message = "the file runs nothing that could become `fn main`";
            self.report(Code::UnknownType, Span::new(0, 0), message, Some(help));
        }
        if !program {
            self.ownerless_variables();
            for span in self.input.loose {
                let message = "code that runs when the file is imported is not translated";
                let help = "`--main` makes it part of a `fn main`";
                let line = self.first_line(*span);
                self.report(Code::UnsupportedSyntax, line, message, Some(help));
            }
        }
        self.build_classes();
        self.build_records();
        self.build_unions();
        self.module_statements();
    }

    /// Without a `main` nobody owns the variables of the module.
    fn ownerless_variables(&mut self) {
        let mut used: Vec<(String, Span)> = Vec::new();
        for (index, function) in self.input.model.functions.iter().enumerate() {
            let Some(lowered) = self.lowered.get(&FnId(index)) else {
                continue;
            };
            for name in &function.globals {
                let known = self.input.model.variables.contains_key(name);
                if known && !used.iter().any(|(n, _)| n == name) {
                    used.push((name.clone(), lowered.span.unwrap_or_default()));
                }
            }
        }
        for (name, span) in used {
            let message = format!(
                "the functions pass the module variable `{name}` on: a module without `main` does not hold it"
            );
            let help = "keep it in a class, or translate with `--main`";
            self.report(Code::PartlyHandled, span, &message, Some(help));
        }
    }

    /// The variables of the module that the program uses, with their first values.
    pub(super) fn variables_of_main(&mut self, main: &FnModel) -> Vec<Stmt> {
        self.build_fields_of(main.globals.iter().cloned().collect());
        let fields = std::mem::take(&mut self.task.fields);
        let variables = fields.into_iter().map(|field| {
            Stmt::new(StmtKind::Let {
                name: field.name,
                mutable: false,
                ty: Some(field.ty),
                init: Some(field.init),
            })
        });
        variables.collect()
    }

    /// The name of a function, where `main` is the program's.
    pub(super) fn plain_name(&self, name: &str) -> String {
        let plain = self.input.binding.form.is_plain();
        match name {
            MAIN => "main".into(),
            "main" if plain && self.functions.contains_key(MAIN) => "python_main".into(),
            "process" | "start" | "stop" if !plain => format!("{name}_"),
            _ => rust_ident(name),
        }
    }

    /// Whether a statement is the `main` of a module that is to have none.
    pub(super) fn is_left_to_main(&self, stmt: &PyStmt) -> bool {
        self.input.binding.form == Form::Library
            && matches!(&stmt.kind, PyKind::Function(f) if f.name.name == MAIN)
    }

    /// From where functions are called that are translated.
    pub(super) fn callers(&self) -> &'static str {
        match self.input.binding.form {
            Form::Task => "`process`, `start` or `stop`",
            Form::Library => "any function that is translated",
            Form::Program => "the program",
        }
    }

    /// A function that nothing calls: left out of a program, an error in a library.
    pub(super) fn untyped_function(&mut self, function: &ast::Function) {
        let name = &function.name.name;
        if self.input.binding.form == Form::Program {
            let message = format!("`{name}` is not called from the program: left out");
            self.report(Code::UnusedFunction, function.name.span, &message, None);
            return;
        }
        let untyped: Vec<String> = function
            .params
            .list
            .iter()
            .filter(|p| p.annotation.is_none() && p.default.is_none())
            .map(|p| format!("`{}`", p.name.name))
            .collect();
        let message = match untyped.as_slice() {
            [] => format!("the parameters of `{name}` are of types that are not known"),
            [one] => format!("nothing says which type the parameter {one} of `{name}` has"),
            _ => format!(
                "nothing says which types the parameters {} of `{name}` have",
                untyped.join(", ")
            ),
        };
        let params: Vec<String> = function
            .params
            .list
            .iter()
            .map(|p| format!("{}: float", p.name.name))
            .collect();
        let help = format!(
            "annotate them, as in `def {name}({})`, or call it in the file",
            params.join(", ")
        );
        self.report(Code::UnknownType, function.name.span, &message, Some(&help));
    }
}
