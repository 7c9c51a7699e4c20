//! From the semantic model to Rust.
//!
//! Enters: the module with its [`Model`], the app's types and the node's binding. Leaves:
//! a [`Task`], in which every statement of the Python stands as Rust or as a hole, and the
//! diagnostics. This module must not know how Rust is laid out as text.

mod arith;
mod at_position;
mod attempt;
mod attributes;
mod call;
mod calls_kept;
mod classes;
mod collections;
mod compare;
mod comprehension;
mod cond;
mod construct;
mod consts;
mod definite;
mod dunder;
mod elements;
mod enums;
mod expr;
mod family;
mod function;
mod function_names;
mod globals;
mod isinstance;
mod iterate;
mod keyed;
mod labels;
mod lazy;
mod lists;
mod log;
mod loops;
mod low_bits;
mod made;
mod match_;
mod membership;
mod metadata;
mod names;
mod narrow;
mod octets;
mod once;
mod only_computed;
mod outputs;
mod packed;
mod place;
mod print;
mod program;
mod raise;
mod raises;
mod records;
mod registers;
mod same;
mod shadow;
mod sharing;
mod slice;
mod stepped;
mod stmt;
mod store;
mod strings;
mod table;
mod tagged;
mod telling;
mod text;
mod tov;
mod tuple_ops;
mod types;
mod unions;
mod unpack;
mod unrolled;
mod vars;
mod walrus;
mod within;

use self::function_names::FunctionNames;
use crate::ast::{self, Module, NodeId, StmtKind};
use crate::catalog::Helper;
use crate::desugar::{changes_an_object, is_main_guard};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::infer::{FnId, Model, Problem, Role};
use crate::ir;
use crate::project::{Binding, TypeTable};
use crate::source::{SourceFile, Span};
use crate::translation::Coverage;
use crate::widen::Widened;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that lowering looks at.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The Python.
    pub source: &'a SourceFile,
    /// Its tree.
    pub module: &'a Module,
    /// What inference found.
    pub model: &'a Model,
    /// The app's types.
    pub types: &'a TypeTable,
    /// The node's script and types.
    pub binding: &'a Binding,
    /// The wide state, where `binding` and `types` have one.
    pub widened: Option<&'a Widened>,
    /// The name of the task's type, which no class of the file may take.
    pub task_type: &'a str,
    /// A function without anything in it, around the expressions of the module level.
    pub module_function: &'a ast::Function,
    /// Statements at module level that are code, outside of any guard.
    pub loose: &'a [Span],
}

/// A task in Rust, before it is text.
#[derive(Debug, Clone, Default)]
pub struct Task {
    /// The constants in the order of the Python.
    pub consts: Vec<ir::Const>,
    /// The module variables, as fields beside the state.
    pub fields: Vec<ir::TaskField>,
    /// The classes in the order of the Python.
    pub classes: Vec<ir::Class>,
    /// `start`, where the Python has it.
    pub start: Option<ir::Function>,
    /// `process`.
    pub process: Option<ir::Function>,
    /// `stop`, where the Python has it.
    pub stop: Option<ir::Function>,
    /// The other functions in the order of the Python.
    pub functions: Vec<ir::Function>,
    /// The Rust of the wide state.
    pub items: Vec<String>,
    /// The helpers that they use.
    pub helpers: BTreeSet<Helper>,
    /// The keys of the types that the Rust names.
    pub uses: BTreeSet<String>,
    /// Comments at the end of the Python file.
    pub trailing: Vec<String>,
}

/// The result of lowering.
#[derive(Debug, Clone)]
pub struct Lowered {
    /// The task.
    pub task: Task,
    /// What was found, in the order of the source.
    pub diagnostics: Vec<Diagnostic>,
    /// Statements with and without holes.
    pub coverage: Coverage,
    /// Constants of the module that Rust has no constant for.
    pub formless: BTreeSet<String>,
    /// What loops run over whose bodies change the list, or its owner, and the elements.
    pub looped: BTreeSet<crate::ast::NodeId>,
    /// What types tell of the syntax.
    pub sugar: BTreeMap<crate::ast::NodeId, crate::desugar::typed::Sugar>,
}

/// How a failed call is undone; settled by looking at the Rust of a first pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Rollback {
    /// The state is worked on as a copy: something can fail after it was written.
    pub(crate) state: bool,
    /// Outputs' `tov` is kept in a variable until the call has succeeded.
    pub(crate) tov: bool,
    /// A function that is called sets a `tov`, and something can fail after the call.
    pub(crate) lost_tov: bool,
}

/// The rollback of each entry point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Rollbacks {
    process: Rollback,
    start: Rollback,
    stop: Rollback,
    helper: Rollback,
}

impl Rollbacks {
    /// That of a function; a helper's writes are undone by its caller.
    pub(crate) fn of(&self, role: Role) -> Rollback {
        match role {
            Role::Process => self.process,
            Role::Start => self.start,
            Role::Stop => self.stop,
            Role::Helper => self.helper,
        }
    }
}

/// Lowers the whole module.
pub fn lower(input: Input<'_>) -> Lowered {
    let mut rollback = Rollbacks::default();
    let mut raises = BTreeMap::new();
    let mut typed = BTreeSet::new();
    let mut variants = BTreeSet::new();
    let mut reserved = BTreeSet::new();
    let mut round = 0;
    loop {
        let mut lowerer = Lowerer::new(input, rollback, reserved.clone());
        lowerer.raises.clone_from(&raises);
        lowerer.typed.clone_from(&typed);
        lowerer.variants.clone_from(&variants);
        lowerer.module();
        let needed = lowerer.needed_rollback();
        let wanted = lowerer.typed_callees();
        let named = lowerer.wanted_variants();
        let mut clashing = lowerer.clashing_helpers();
        let settled = wanted == typed
            && named == variants
            && (lowerer.raises == raises || !lowerer.has_try())
            && clashing.is_subset(&reserved);
        if needed == rollback && (settled || round >= MOST_ROUNDS) {
            return lowerer.finish();
        }
        rollback = needed;
        raises = std::mem::take(&mut lowerer.raises);
        typed.extend(wanted);
        variants = named;
        reserved.append(&mut clashing);
        round += 1;
    }
}

/// Rounds over the module after which what functions raise is taken as it is.
const MOST_ROUNDS: usize = 12;

/// State of lowering one module.
pub(crate) struct Lowerer<'a> {
    pub(crate) input: Input<'a>,
    pub(crate) functions: BTreeMap<String, &'a ast::Function>,
    /// The comments above each function; the first of those that were written at one place.
    comments: BTreeMap<&'a ast::Ident, &'a [ast::Comment]>,
    function_names: function_names::FunctionNames,
    tries: raises::Tries,
    pub(crate) lowered: BTreeMap<FnId, ir::Function>,
    pub(crate) in_progress: BTreeSet<FnId>,
    /// The helpers that the file carries and that a function of its own is called like.
    pub(crate) reserved: BTreeSet<Helper>,
    pub(crate) recursive: BTreeSet<FnId>,
    pub(crate) consts_used: BTreeSet<String>,
    /// The names of the module variables in Rust.
    pub(crate) names_of_globals: BTreeMap<String, String>,
    /// Constants that have no form in Rust.
    pub(crate) formless: BTreeSet<String>,
    /// Loops over lists that their bodies change.
    pub(crate) looped: BTreeSet<NodeId>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) holes: BTreeSet<NodeId>,
    pub(crate) rollback: Rollbacks,
    pub(crate) task: Task,
    /// What each function raises, by the last part of its Rust name.
    pub(crate) raises: BTreeMap<String, attempt::raised::Raises>,
    /// What Python says where the Rust fails with such a text, which does not say it; none
    /// where several places of one line fail with it.
    pub(crate) told: BTreeMap<String, Option<ir::Expr>>,
    /// The functions that return the file's own error type, by the same name.
    pub(crate) typed: BTreeSet<String>,
    /// The variants of that type.
    pub(crate) variants: BTreeSet<String>,
    /// Those that a handler wants to.
    pub(crate) typed_wanted: BTreeSet<String>,
    /// The names of which that is known from this round.
    pub(crate) noted: BTreeSet<String>,
    /// Which functions each one calls, by the same names.
    pub(crate) calls: BTreeMap<String, BTreeSet<String>>,
    /// Functions that could not be reached with known types.
    pub(crate) skipped: BTreeSet<String>,
    /// Classes that the Rust names.
    pub(crate) used_classes: BTreeSet<String>,
    /// Class constants that are read, by class and name.
    pub(crate) class_consts_used: BTreeSet<(String, String)>,
    /// `value`, `name`, `from_value` of enums that are used.
    pub(crate) enum_uses: BTreeSet<(String, String)>,
    /// The text of what is a list or a tuple `x`, of some kind of a union.
    union_texts: BTreeMap<(String, String), ir::Expr>,
    /// What the classes derive to be compared.
    derived: BTreeMap<String, same::Derived>,
    /// The functions that constant tables are, by name.
    pub(crate) table_functions: BTreeMap<String, ir::Function>,
    /// The named types whose values are copied, by their keys.
    pub(crate) copied: BTreeSet<String>,
    class_names: names::ClassNames,
    /// What the names of the module are assigned first.
    assigned: BTreeMap<&'a str, &'a ast::Expr>,
}

impl<'a> Lowerer<'a> {
    fn new(input: Input<'a>, rollback: Rollbacks, reserved: BTreeSet<Helper>) -> Self {
        let mut functions = BTreeMap::new();
        let mut comments = BTreeMap::new();
        for stmt in &input.module.body.stmts {
            match &stmt.kind {
                StmtKind::Function(function) => {
                    let above = stmt.comments.as_slice();
                    comments.entry(&function.name).or_insert(above);
                    functions.insert(function.name.name.clone(), function);
                }
                StmtKind::Class(class) => {
                    for inner in &class.body.stmts {
                        if let StmtKind::Function(function) = &inner.kind {
                            let above = inner.comments.as_slice();
                            comments.entry(&function.name).or_insert(above);
                            functions.insert(
                                format!("{}.{}", class.name.name, function.method_key()),
                                function,
                            );
                        }
                    }
                }
                _ => {}
            }
        }
        let class_names = names::ClassNames::of(input);
        let mut lowerer = Self {
            input,
            functions,
            comments,
            function_names: FunctionNames::default(),
            tries: raises::Tries::of(&input.module.body),
            lowered: BTreeMap::new(),
            in_progress: BTreeSet::new(),
            reserved,
            recursive: BTreeSet::new(),
            consts_used: BTreeSet::new(),
            names_of_globals: BTreeMap::new(),
            formless: BTreeSet::new(),
            looped: BTreeSet::new(),
            diagnostics: Vec::new(),
            holes: BTreeSet::new(),
            rollback,
            task: Task::default(),
            raises: BTreeMap::new(),
            told: BTreeMap::new(),
            typed: BTreeSet::new(),
            variants: BTreeSet::new(),
            typed_wanted: BTreeSet::new(),
            noted: BTreeSet::new(),
            calls: BTreeMap::new(),
            skipped: BTreeSet::new(),
            used_classes: BTreeSet::new(),
            class_consts_used: BTreeSet::new(),
            enum_uses: BTreeSet::new(),
            union_texts: BTreeMap::new(),
            derived: BTreeMap::new(),
            table_functions: BTreeMap::new(),
            copied: types::copied(input, &class_names),
            class_names,
            assigned: consts::assigned(input.module),
        };
        lowerer.function_names = FunctionNames::of(&lowerer);
        lowerer
    }

    /// Lowers the entry points, and through their calls every function that is used.
    fn module(&mut self) {
        self.name_globals();
        if self.input.binding.form.is_plain() {
            self.plain_module();
            return;
        }
        for (index, function) in self.input.model.functions.iter().enumerate() {
            if function.role != Role::Helper {
                self.ensure(FnId(index));
            }
        }
        self.build_fields();
        self.build_classes();
        self.build_records();
        self.build_unions();
        self.module_statements();
        if !self.functions.contains_key("process") {
            let message = "the script has no function `process`";
            self.report(
                Code::UnknownType,
                Span::new(0, 0),
                message,
                Some("define `process(ctx, input, state, output)`"),
            );
        }
    }

    /// Lowers a function if that is not done yet.
    pub(crate) fn ensure(&mut self, id: FnId) {
        if self.lowered.contains_key(&id) {
            return;
        }
        if !self.in_progress.insert(id) {
            self.recursive.insert(id);
            return;
        }
        if let Some(function) = function::lower_function(self, id) {
            self.lowered.insert(id, function);
        }
        self.in_progress.remove(&id);
    }

    /// Whether a call of that function can fail.
    pub(crate) fn is_fallible(&self, id: FnId) -> bool {
        self.lowered
            .get(&id)
            .map_or(self.recursive.contains(&id), |f| f.fallible)
    }

    /// The helpers that are used and that a function of the file has the name of.
    fn clashing_helpers(&self) -> BTreeSet<Helper> {
        let own: BTreeSet<String> = self
            .input
            .model
            .functions
            .iter()
            .filter(|f| !f.python_name.contains('.'))
            .map(|f| self.plain_name(&f.python_name))
            .collect();
        let clashes = |helper: &&Helper| own.contains(helper.name());
        self.task.helpers.iter().filter(clashes).copied().collect()
    }

    /// Adds a diagnostic, once for a place and code.
    pub(crate) fn report(&mut self, code: Code, span: Span, message: &str, help: Option<&str>) {
        let mut diagnostic = Diagnostic::new(code, span, message);
        if let Some(help) = help {
            diagnostic = diagnostic.with_help(help);
        }
        if !self
            .diagnostics
            .iter()
            .any(|d| d.code == code && d.span == span)
        {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Adds a problem as a diagnostic and gives the text of its hole.
    pub(crate) fn hole_text(&mut self, span: Span, problem: &Problem) -> String {
        self.report(
            problem.code,
            span,
            &problem.message,
            problem.help.as_deref(),
        );
        self.hole_note(span, problem.code)
    }

    /// The text of a hole whose diagnostic stands elsewhere.
    pub(crate) fn hole_note(&self, span: Span, code: Code) -> String {
        let what = self
            .input
            .source
            .slice(span)
            .lines()
            .next()
            .unwrap_or("")
            .trim();
        let shown: String = what.chars().take(60).collect();
        format!("{code} {}: {shown}", self.input.source.at(span))
    }

    /// Whether an error was reported within a function of the file.
    pub(crate) fn tells_of(&self, function: &ast::Function) -> bool {
        let end = function.body.stmts.last().map_or(0, |s| s.span.end);
        let within = |span: Span| span.start >= function.name.span.start && span.end <= end;
        self.errors().any(|d| within(d.span))
    }

    /// The errors that were reported so far.
    pub(crate) fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        let is_error = |d: &&Diagnostic| d.severity() == Severity::Error;
        self.diagnostics.iter().filter(is_error)
    }

    /// What the Rust of this pass needs; never less than it was made with.
    fn needed_rollback(&self) -> Rollbacks {
        let setters = self.tov_setters();
        let of = |role: Role| {
            let id = self
                .input
                .model
                .functions
                .iter()
                .position(|f| f.role == role)
                .unwrap_or(usize::MAX);
            let current = self.rollback.of(role);
            self.lowered
                .get(&FnId(id))
                .map_or(current, |f| shadow::needed_rollback(f, current, &setters))
        };
        Rollbacks {
            process: of(Role::Process),
            start: of(Role::Start),
            stop: of(Role::Stop),
            helper: Rollback {
                tov: self.rollback.helper.tov || setters.values().any(|late| *late),
                ..Rollback::default()
            },
        }
    }

    fn finish(mut self) -> Lowered {
        let mut total = 0;
        for stmt in self.input.module.body.stmts.iter() {
            if !self.is_left_to_main(stmt) {
                total += count_statements(stmt);
            }
        }
        let untranslated: usize = self.holes.len() + self.skipped_statements();
        let mut helpers: Vec<(u32, ir::Function)> = Vec::new();
        for (id, function) in std::mem::take(&mut self.lowered) {
            match self.input.model.functions.get(id.0).map(|f| f.role) {
                Some(Role::Process) => self.task.process = Some(function),
                Some(Role::Start) => self.task.start = Some(function),
                Some(Role::Stop) => self.task.stop = Some(function),
                Some(Role::Helper) | None => {
                    helpers.push((function.span.map_or(0, |s| s.start), function));
                }
            }
        }
        helpers.extend(
            std::mem::take(&mut self.table_functions)
                .into_values()
                .map(|f| (f.span.map_or(0, |s| s.start), f)),
        );
        helpers.sort_by_key(|(start, _)| *start);
        self.task.functions = helpers.into_iter().map(|(_, f)| f).collect();
        self.task.trailing = self
            .input
            .module
            .body
            .trailing
            .iter()
            .map(|c| c.text.clone())
            .collect();
        self.tidy_fields();
        consts::settle(&mut self);
        self.settle_raised();
        self.settle_numbers();
        self.spell();
        if let Some(wide) = self.input.widened {
            self.task.items = wide.items.clone();
            self.task.uses.extend(wide.uses.iter().cloned());
        }
        self.task
            .uses
            .retain(|key| !key.starts_with(crate::widen::WIDE));
        self.diagnostics.sort_by_key(|d| (d.span.start, d.code));
        Lowered {
            task: self.task,
            diagnostics: self.diagnostics,
            formless: self.formless,
            looped: self.looped,
            sugar: self.input.model.sugar.clone(),
            coverage: Coverage {
                translated: total.saturating_sub(untranslated),
                total,
            },
        }
    }

    /// Names as Rust spells them, where the Python's are otherwise.
    fn spell(&mut self) {
        let table = self.input.types;
        let keys = table.defs.keys().chain(table.parts.keys());
        let fields = keys.flat_map(|key| table.fields(key));
        let foreign = fields.map(|field| field.name.as_str());
        let task = &mut self.task;
        let copper = [&mut task.start, &mut task.process, &mut task.stop];
        let items = ir::spelling::Items {
            fields: &mut task.fields,
            classes: &mut task.classes,
            consts: &mut task.consts,
            functions: task.functions.iter_mut().collect(),
            methods: copper.into_iter().flatten().collect(),
        };
        ir::spelling::spell(items, &foreign.collect(), &vars::is_reserved);
    }

    fn skipped_statements(&self) -> usize {
        self.skipped
            .iter()
            .filter_map(|name| self.functions.get(name))
            .map(|f| f.body.stmts.iter().map(count_statements).sum::<usize>())
            .sum()
    }

    /// What stands at module level beside functions and constants.
    fn module_statements(&mut self) {
        for stmt in &self.input.module.body.stmts {
            let what = match &stmt.kind {
                StmtKind::Function(_) if self.is_left_to_main(stmt) => continue,
                StmtKind::Function(function) => {
                    self.unused_function(function);
                    continue;
                }
                StmtKind::Import(_) | StmtKind::ImportFrom { .. } | StmtKind::Pass => continue,
                StmtKind::Assign { targets, .. } if !targets.iter().any(changes_an_object) => {
                    continue;
                }
                StmtKind::AnnAssign { target, value, .. }
                    if value.is_none() || !changes_an_object(target) =>
                {
                    continue;
                }
                StmtKind::Expr(e) if matches!(e.kind, ast::ExprKind::Str(_)) => continue,
                // A guard for running the file as a script never runs under Copper.
                StmtKind::If { test, .. } if is_main_guard(test) => continue,
                StmtKind::Expr(e) if self.sets_up_logging(e) => continue,
                StmtKind::Class(class)
                    if self.input.model.classes.contains_key(&class.name.name) =>
                {
                    continue;
                }
                StmtKind::Class(class)
                    if self.input.model.exceptions.contains_key(&class.name.name) =>
                {
                    continue;
                }
                StmtKind::Class(class) => {
                    format!("the class `{}` is not translated yet", class.name.name)
                }
                StmtKind::Assign { .. }
                | StmtKind::AnnAssign { .. }
                | StmtKind::Return(_)
                | StmtKind::Delete(_)
                | StmtKind::AugAssign { .. }
                | StmtKind::If { .. }
                | StmtKind::While { .. }
                | StmtKind::For { .. }
                | StmtKind::With { .. }
                | StmtKind::Raise { .. }
                | StmtKind::Try { .. }
                | StmtKind::Assert { .. }
                | StmtKind::Global(_)
                | StmtKind::Nonlocal(_)
                | StmtKind::Expr(_)
                | StmtKind::Break
                | StmtKind::Continue
                | StmtKind::Match { .. }
                | StmtKind::Unsupported(_) => {
                    "this statement at module level is not translated yet".to_string()
                }
            };
            self.holes.insert(stmt.id);
            let span = self.first_line(stmt.span);
            self.report(Code::UnsupportedSyntax, span, &what, None);
        }
    }

    /// A helper that no translated code calls is left out, and said to be.
    fn unused_function(&mut self, function: &ast::Function) {
        let name = &function.name.name;
        let mut named = self.input.model.functions.named(name);
        let used = named.any(|(i, _)| self.lowered.contains_key(&FnId(i)));
        if !used && self.input.module.body.names(&|n| n == name) {
            // A call of it is a hole, which says why.
            self.skipped.insert(name.clone());
        } else if !used {
            self.skipped.insert(name.clone());
            if self.input.binding.form.is_plain() {
                self.untyped_function(function);
                return;
            }
            let message = format!("`{name}` is not called from {}: left out", self.callers());
            self.report(Code::UnusedFunction, function.name.span, &message, None);
        }
    }

    /// The first line of a span.
    pub(crate) fn first_line(&self, span: Span) -> Span {
        let text = self.input.source.slice(span);
        let len = text.lines().next().map_or(0, |l| l.trim_end().len());
        Span::new(span.start, span.start + len as u32)
    }
}

/// `Protocol`, `typing.Protocol`
pub(crate) fn is_protocol(base: &ast::Expr) -> bool {
    match &base.kind {
        ast::ExprKind::Name(name) => name == "Protocol",
        ast::ExprKind::Attribute { attr, .. } => attr.name == "Protocol",
        _ => false,
    }
}

/// A statement and all within it; a function or class counts by its body alone.
fn count_statements(stmt: &ast::Stmt) -> usize {
    let own = match &stmt.kind {
        StmtKind::Function(function) => {
            return function.body.stmts.iter().map(count_statements).sum();
        }
        // What looks which class of a family it is stands nowhere.
        StmtKind::Class(class) if !class.variants.is_empty() => return 0,
        // What a protocol asks for is done elsewhere.
        StmtKind::Class(class) if class.bases.iter().any(is_protocol) => return 0,
        // What a class inherits counts where it stands.
        StmtKind::Class(class) => {
            let own = |s: &&ast::Stmt| stmt.span.contains(s.span);
            // What Python makes of the class's annotations stands nowhere.
            let written = |s: &&ast::Stmt| s.span != class.name.span;
            let count = |s: &ast::Stmt| match &s.kind {
                StmtKind::Function(f) => {
                    let stmts = f.body.stmts.iter().filter(written);
                    stmts.map(count_statements).sum()
                }
                _ if s.span == class.name.span => 0,
                _ => count_statements(s),
            };
            return class.body.stmts.iter().filter(own).map(count).sum();
        }
        StmtKind::Import(_) | StmtKind::ImportFrom { .. } => return 0,
        StmtKind::If { test, .. } if is_main_guard(test) => return 0,
        _ => 1,
    };
    let nested: usize = crate::infer::scope::child_blocks(stmt)
        .iter()
        .map(|(block, _, _)| block.stmts.iter().map(count_statements).sum::<usize>())
        .sum();
    own + nested
}
