//! What a script steps into under Copper's PyTask, today, in Python.
//!
//! Enters: the parsed [`Module`], as the user wrote it, the app's types and the node's
//! binding. Leaves: diagnostics: what PyTask drops, refuses or does in another way than the
//! script reads. Each is said only where the script alone shows it; where a name may stand
//! for something else, nothing is said. This module must not know how the Rust comes about.

mod annotations;
mod calls;
mod fields;
mod form;
mod lost;
mod outside;
mod reads;
mod refused;
mod shapes;
mod streams;
mod untouched;
mod values;
mod walk;

use crate::ast::Module;
use crate::diagnostic::{Code, Diagnostic};
use crate::project::{Binding, TypeTable};
use crate::source::Span;
use shapes::Functions;

/// What every trap looks at.
struct Look<'a> {
    module: &'a Module,
    types: &'a TypeTable,
    binding: &'a Binding,
    functions: Functions<'a>,
    found: Vec<Diagnostic>,
}

/// The traps that the script of a task steps into, in the order of the source.
pub fn traps(module: &Module, types: &TypeTable, binding: &Binding) -> Vec<Diagnostic> {
    if binding.form.is_plain() || module.body.stmts.is_empty() {
        return Vec::new();
    }
    let mut look = Look {
        module,
        types,
        binding,
        functions: calls::functions(module, types, binding),
        found: Vec::new(),
    };
    form::look(&mut look);
    annotations::look(&mut look);
    streams::look(&mut look);
    fields::look(&mut look);
    refused::look(&mut look);
    reads::look(&mut look);
    lost::look(&mut look);
    untouched::look(&mut look);
    outside::look(&mut look);
    let mut found = look.found;
    found.sort_by_key(|d| (d.span.start, d.code));
    found.dedup_by(|a, b| a.span == b.span && a.code == b.code);
    found
}

/// Whether a script defines a `process`.
pub fn defines_process(module: &Module) -> bool {
    form::defines(module, "process")
}

/// What the compiler said and the traps, each thing once: the compiler finds some traps as
/// well, and of a function that PyTask cannot call it says that it is not translated.
pub fn joined(
    said: Vec<Diagnostic>,
    traps: Vec<Diagnostic>,
    line: impl Fn(Span) -> usize,
) -> Vec<Diagnostic> {
    let near = |a: &Diagnostic, b: &Diagnostic| line(a.span) == line(b.span);
    let says = |other: &Diagnostic, trap: &Diagnostic| {
        let refused = trap.code == Code::RefusedValue && other.code == Code::TypeMismatch;
        near(other, trap) && (other.code == trap.code || refused)
    };
    let explains = |trap: &Diagnostic, other: &Diagnostic| {
        let form = matches!(trap.code, Code::TaskForm | Code::NeverRuns);
        let hole = matches!(
            other.code,
            Code::UnsupportedSyntax | Code::TypeMismatch | Code::UnknownType
        );
        form && hole && near(other, trap)
    };
    let unsaid: Vec<Diagnostic> = traps
        .into_iter()
        .filter(|trap| !said.iter().any(|other| says(other, trap)))
        .collect();
    let mut all: Vec<Diagnostic> = said
        .into_iter()
        .filter(|other| !unsaid.iter().any(|trap| explains(trap, other)))
        .collect();
    all.extend(unsaid);
    all.sort_by_key(|d| (d.span.start, d.code));
    all
}

impl Look<'_> {
    fn say(&mut self, code: Code, span: Span, message: impl Into<String>, help: Option<&str>) {
        let mut found = Diagnostic::new(code, span, message);
        found.help = help.map(str::to_owned);
        self.found.push(found);
    }

    /// Whether Copper runs the script in a process of its own.
    fn in_process_mode(&self) -> bool {
        self.binding.mode == crate::project::PythonMode::Process
    }
}
