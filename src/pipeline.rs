//! All stages in order.
//!
//! Enters: a [`Project`] and the node to translate, or a file. Leaves: a [`Translation`]. This
//! module must not know what any stage does inside.

use crate::arenas::{self, Pace};
use crate::ast;
use crate::counted;
use crate::desugar;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::emit;
use crate::error::Error;
use crate::given;
use crate::infer;
use crate::introduced;
use crate::kinds;
use crate::lower;
use crate::own_parts;
use crate::ownership;
use crate::parse;
use crate::positions;
use crate::project::{
    Binding, Form, Project, PythonMode, PythonVersion, RustTy, TaskId, TypeTable,
};
use crate::record_classes::{Made, Which, record_classes};
use crate::relatives;
use crate::source::{SourceFile, Span};
use crate::stubs;
use crate::translation::{Coverage, Translation};
use crate::traps;
use crate::widen;
use std::collections::BTreeSet;
use std::path::Path;

/// The stages recurse as deep as the Python nests: 200 levels at most.
const STACK: usize = 64 << 20;

/// How often names of the module that Rust cannot have as constants are looked for.
const MOST_TRIES: usize = 6;

/// Translates the Python of one node of the graph.
///
/// # Errors
/// Only faults of our own run (the script cannot be read, rustfmt is missing); whatever is
/// wrong with the Python is a diagnostic in the [`Translation`].
pub fn translate(project: &Project, id: &TaskId) -> Result<Translation, Error> {
    let node = project.node(id).ok_or_else(|| Error::Usage {
        message: format!(
            "there is no node `{id}` in {}",
            project.config_path.display()
        ),
        help: "name one of its tasks with --task".into(),
    })?;
    let binding = node.binding.as_ref().ok_or_else(|| Error::Usage {
        message: format!("the node `{id}` runs no Python"),
        help: "name a node whose type is a PyTask".into(),
    })?;
    let text = std::fs::read_to_string(&binding.script).map_err(|source| Error::Read {
        path: binding.script.clone(),
        source,
    })?;
    let source = SourceFile::new(&binding.script, &binding.script_name, text);
    let app = App {
        id,
        root: &project.root,
        background: node.background,
    };
    on_deep_stack(&binding.script_name, || {
        stages(&project.types, Some(app), binding, source)
    })
}

/// Translates a file that no app runs to a plain Rust module; `form` says whether with a
/// `main`. `name` is the file as it is shown.
///
/// # Errors
/// As [`translate`].
pub fn translate_module(path: &Path, name: &str, form: Form) -> Result<Translation, Error> {
    translate_module_for(path, name, form, PythonVersion::default())
}

/// As [`translate_module`], for a version of Python.
///
/// # Errors
/// As [`translate`].
pub fn translate_module_for(
    path: &Path,
    name: &str,
    form: Form,
    python: PythonVersion,
) -> Result<Translation, Error> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::Read {
        path: path.to_path_buf(),
        source,
    })?;
    let source = SourceFile::new(path, name, text);
    let binding = Binding {
        python,
        ..Binding::plain(path, name, form)
    };
    on_deep_stack(name, || {
        stages(&TypeTable::default(), None, &binding, source)
    })
}

/// A script that no node runs.
#[derive(Debug, Clone)]
pub struct Untyped {
    /// Its text.
    pub source: SourceFile,
    /// Whether it defines a `process`.
    pub is_task: bool,
    /// What was found.
    pub diagnostics: Vec<Diagnostic>,
    /// How much of it is translated, where its annotations tell its types.
    pub coverage: Option<Coverage>,
}

/// Looks at a script that no node runs: with the types of its annotations where they name
/// types of the app, else for traps alone.
///
/// # Errors
/// As [`translate`].
pub fn untyped(source: SourceFile, project: Option<&Project>) -> Result<Untyped, Error> {
    let name = source.name().to_owned();
    on_deep_stack(&name, || {
        let parsed = parse::parse(&source);
        let is_task = traps::defines_process(&parsed.module);
        let mut binding = Binding {
            mode: PythonMode::Process,
            ..Binding::plain(source.path(), source.name(), Form::Task)
        };
        if let Some(project) = project
            && let Some(types) = stubs::annotated(&parsed.module, &project.types)
        {
            (binding.inputs, binding.state, binding.outputs) = types;
            let id = TaskId(
                source
                    .path()
                    .file_stem()
                    .unwrap_or_default()
                    .display()
                    .to_string(),
            );
            let app = App {
                id: &id,
                root: &project.root,
                background: false,
            };
            let translation = stages(&project.types, Some(app), &binding, source)?;
            return Ok(Untyped {
                source: translation.source,
                is_task,
                diagnostics: translation.diagnostics,
                coverage: Some(translation.coverage),
            });
        }
        let unknown = RustTy::Opaque("?".into());
        binding.inputs = vec![unknown.clone()];
        binding.outputs = vec![unknown.clone()];
        binding.state = unknown;
        let mut diagnostics = parsed.diagnostics;
        diagnostics.extend(traps::traps(
            &parsed.module,
            &TypeTable::default(),
            &binding,
        ));
        Ok(Untyped {
            source,
            is_task,
            diagnostics,
            coverage: None,
        })
    })
}

fn on_deep_stack<T: Send>(
    name: &str,
    run: impl FnOnce() -> Result<T, Error> + Send,
) -> Result<T, Error> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, run);
        let joined = thread.map(std::thread::ScopedJoinHandle::join);
        match joined {
            Ok(Ok(result)) => result,
            Ok(Err(_)) | Err(_) => Err(Error::Environment {
                message: format!("translating {name} failed"),
                help: "this is a fault of migrate: please report it with the Python file".into(),
            }),
        }
    })
}

/// How many methods that are lent a part of their object are written anew.
const MOST_PARTS: usize = 12;

/// The app that runs a task.
#[derive(Clone, Copy)]
struct App<'a> {
    id: &'a TaskId,
    root: &'a Path,
    background: bool,
}

/// What was made of a module in one look at it.
struct Translated {
    lowered: lower::Lowered,
    model: infer::Model,
    /// The module without what never runs, where something was left out.
    pruned: Option<ast::Module>,
    /// What is said of what was left out.
    notes: Vec<Diagnostic>,
}

/// A module with what was made of it.
struct Settled {
    module: ast::Module,
    lowered: lower::Lowered,
    model: infer::Model,
    choice: Choice,
    /// What is said of what never runs.
    notes: Vec<Diagnostic>,
}

/// What was found to leave the fewest holes.
#[derive(Clone, Default)]
struct Choice {
    /// The names that are computed where the task is made.
    computed: BTreeSet<String>,
    /// What values are that are of several kinds.
    kinds: infer::Kinds,
}

fn stages(
    types: &TypeTable,
    app: Option<App<'_>>,
    binding: &Binding,
    source: SourceFile,
) -> Result<Translation, Error> {
    let within = app.map_or(binding.script.parent(), |app| Some(app.root));
    let rustfmt = emit::Formatter::start(within.unwrap_or(Path::new("")));
    let mut parsed = parse::parse(&source);
    let mut found = Vec::new();
    if app.is_some() {
        found = traps::traps(&parsed.module, types, binding);
        found.extend(stubs::mismatches(&parsed.module, types, binding));
    }
    desugar::type_checking(&mut parsed.module);
    for (span, name) in desugar::unread_attributes(&mut parsed.module) {
        let message = format!("the attribute `{name}` is never read: left out");
        found.push(Diagnostic::new(Code::UnreadAttribute, span, message));
    }
    desugar::level(&mut parsed.module);
    desugar::fluent(&mut parsed.module);
    desugar::returned(&mut parsed.module);
    if app.is_some() {
        desugar::initial(&mut parsed.module);
        desugar::message_lists(
            &mut parsed.module,
            binding.inputs.len(),
            binding.outputs.len(),
        );
    }
    let mut written = parsed.module.clone();
    desugar::desugar(&mut parsed.module);
    let program = match app {
        Some(_) => desugar::Program::default(),
        None => desugar::program(&mut parsed.module),
    };
    let module_function = module_function();
    let task_type = app.map_or_else(String::new, |app| app.id.type_name(types));
    let translated = |module: &ast::Module, choice: &Choice| {
        let Choice { computed, kinds } = choice;
        let mut model = infer::infer(module, types, binding, computed, *kinds);
        let mut pruned: Option<ast::Module> = None;
        let mut notes = Vec::new();
        for _ in 0..MOST_TRIES {
            let at = pruned.as_ref().unwrap_or(module);
            let Some(next) = given::pruned(&source, at, &model) else {
                break;
            };
            model = infer::infer(&next.module, types, binding, computed, *kinds);
            pruned = Some(next.module);
            notes.extend(next.notes);
        }
        let module = pruned.as_ref().unwrap_or(module);
        // Functions that share narrow fields of the state compute on a wide one.
        let widened = widen::widen(module, &model, types, binding);
        let (types, bound) = match &widened {
            Some(wide) => (&wide.types, &wide.binding),
            None => (types, binding),
        };
        if widened.is_some() {
            model = infer::infer(module, types, bound, computed, *kinds);
        }
        ownership::ownership(module, &module_function, &mut model);
        let lowered = lower::lower(lower::Input {
            source: &source,
            module,
            model: &model,
            types,
            binding: bound,
            widened: widened.as_ref(),
            task_type: &task_type,
            module_function: &module_function,
            loose: &program.loose,
        });
        Translated {
            lowered,
            model,
            pruned,
            notes,
        }
    };
    let holes = |l: &lower::Lowered| {
        let error = |d: &&Diagnostic| d.severity() == Severity::Error;
        l.diagnostics.iter().filter(error).count()
    };
    let settled = |mut module: ast::Module, mut chosen: Choice| {
        let mut now = translated(&module, &chosen);
        // Some syntax is told apart by types alone; written out, it may show more.
        for _ in 0..MOST_TRIES {
            // A class that holds values of several kinds is one for each of them.
            let infer = |module: &ast::Module| {
                infer::infer(module, types, binding, &chosen.computed, chosen.kinds)
            };
            if let Some(parted) = kinds::classes(&module, &now.model, &infer) {
                let again = translated(&parted, &chosen);
                if holes(&again.lowered) < holes(&now.lowered) {
                    module = parted;
                    now = again;
                }
            }
            let mut changed = !now.lowered.sugar.is_empty();
            if changed {
                let recursions = &now.model.recursions;
                desugar::typed::by_type(&mut module, &now.lowered.sugar, recursions);
            }
            let runs = |id| now.model.runs(id);
            changed |= desugar::typed_generators(&mut module, &runs);
            if !changed {
                break;
            }
            now = translated(&module, &chosen);
        }
        // What is no constant in Rust is computed where the task is made. A hole may hide
        // another such name behind it.
        let mut more = chosen.clone();
        let mut formless = now.lowered.formless.clone();
        for _ in 0..MOST_TRIES {
            let before = more.computed.len();
            more.computed.append(&mut formless);
            if more.computed.len() == before {
                break;
            }
            let again = translated(&module, &more);
            formless.clone_from(&again.lowered.formless);
            if holes(&again.lowered) < holes(&now.lowered) {
                now = again;
                chosen.clone_from(&more);
            }
        }
        if given::is_certain(&now.model)
            && let Some(pruned) = now.pruned
        {
            module = pruned;
        }
        Settled {
            module,
            lowered: now.lowered,
            model: now.model,
            choice: chosen,
            notes: now.notes,
        }
    };
    // Names of objects as positions; what they were names of may have had others behind it.
    let positioned = |from: &Settled| {
        let mut best: Option<Settled> = None;
        for _ in 0..MOST_TRIES {
            let at = best.as_ref().unwrap_or(from);
            let Some(module) = positions::positions(&at.module, &at.model, &at.lowered.looped)
            else {
                break;
            };
            let next = translated(&module, &at.choice);
            if holes(&next.lowered) >= holes(&at.lowered) {
                break;
            }
            let notes = at.notes.iter().cloned().chain(next.notes).collect();
            best = Some(Settled {
                module,
                lowered: next.lowered,
                model: next.model,
                choice: at.choice.clone(),
                notes,
            });
        }
        best
    };
    let mut unsettled = parsed.module.clone();
    let mut first = settled(parsed.module, Choice::default());
    // What the module does beside its definitions is a function.
    let mut module = written.clone();
    if app.is_some() && holes(&first.lowered) > 0 && desugar::set_up(&mut module) {
        let with_set_up = module.clone();
        desugar::desugar(&mut module);
        let next = settled(module.clone(), Choice::default());
        if holes(&next.lowered) < holes(&first.lowered) {
            first = next;
            unsettled = module;
            written = with_set_up;
        }
    }
    // Classes whose objects stand in one place are one family, whatever they derive from.
    let mut related = Vec::new();
    let mut torn = holes(&first.lowered) > 0 && {
        let model = infer::infer(
            &unsettled,
            types,
            binding,
            &BTreeSet::new(),
            infer::Kinds::default(),
        );
        relatives::relatives(&model, &mut related)
            || relatives::relatives(&first.model, &mut related)
    };
    for _ in 0..MOST_TRIES {
        if !torn {
            break;
        }
        let mut module = written.clone();
        desugar::desugar_related(&mut module, &related);
        if app.is_none() {
            desugar::program(&mut module);
        }
        let next = settled(module.clone(), Choice::default());
        torn = relatives::relatives(&next.model, &mut related);
        if holes(&next.lowered) < holes(&first.lowered) {
            first = next;
            unsettled = module;
        }
    }
    // What a function makes of a parameter before it uses it may have another type.
    if holes(&first.lowered) > 0 {
        let mut module = written.clone();
        if desugar::brought_in_form(&mut module) {
            desugar::desugar_related(&mut module, &related);
            if app.is_none() {
                desugar::program(&mut module);
            }
            let next = settled(module.clone(), Choice::default());
            if holes(&next.lowered) < holes(&first.lowered) {
                first = next;
                unsettled = module;
            }
        }
    }
    // A list whose items are of several kinds is a tuple, where nobody can tell.
    if holes(&first.lowered) > 0 {
        let rows = infer::rows(&unsettled, types, binding.form == Form::Library);
        let mut module = unsettled.clone();
        desugar::as_tuples(&mut module, &rows);
        if !rows.is_empty() {
            let next = settled(module.clone(), Choice::default());
            if holes(&next.lowered) < holes(&first.lowered) {
                first = next;
                unsettled = module;
            }
        }
    }
    if holes(&first.lowered) > 0 && first.model.met_long_tuples {
        // What syntax and constants say of lengths is known by now.
        let choice = Choice {
            kinds: infer::Kinds {
                long_tuples: true,
                ..infer::Kinds::default()
            },
            ..Choice::default()
        };
        let next = settled(unsettled.clone(), choice);
        if holes(&next.lowered) < holes(&first.lowered) {
            first = next;
        }
    }
    if holes(&first.lowered) > 0 && !first.model.tells.is_empty() {
        // What shows whether a number is an int takes another type for it.
        let choice = Choice {
            kinds: infer::Kinds {
                tell: true,
                ..first.choice.kinds
            },
            ..Choice::default()
        };
        let next = settled(unsettled.clone(), choice);
        if holes(&next.lowered) < holes(&first.lowered) {
            first = next;
        }
    }
    // What is an int here and a text there is a union; its numbers may have to tell as well.
    for tell in [false, true] {
        if holes(&first.lowered) == 0 || !first.model.has_unions() {
            break;
        }
        let choice = Choice {
            kinds: infer::Kinds {
                tell,
                unite: true,
                ..first.choice.kinds
            },
            ..Choice::default()
        };
        let next = settled(unsettled.clone(), choice);
        if holes(&next.lowered) < holes(&first.lowered) {
            first = next;
        }
    }
    // Methods that are lent a part of their own object; one may be in the way of the next.
    let mut parted = own_parts::own_parts(&first.module, &first.model);
    for _ in 0..MOST_PARTS {
        let Some(module) = parted else { break };
        let next = settled(module, first.choice.clone());
        parted = own_parts::own_parts(&next.module, &next.model);
        if holes(&next.lowered) < holes(&first.lowered) {
            first = next;
        }
    }
    // What holds others of its class is told apart where that is let be.
    let linked = |at: &Settled| {
        if at.model.links.is_empty() {
            return None;
        }
        let kinds = infer::Kinds {
            linked: true,
            ..at.choice.kinds
        };
        let mut model = infer::infer(&at.module, types, binding, &at.choice.computed, kinds);
        ownership::ownership(&at.module, &module_function, &mut model);
        Some(model)
    };
    let shared = |at: &Settled, pace: Pace, done: &mut BTreeSet<String>| {
        let linked = linked(at);
        let model = linked.as_ref().unwrap_or(&at.model);
        arenas::arenas(&at.module, model, app.is_some(), pace, done)
    };
    // The objects that have several names, as places.
    let fewest =
        |best: &Option<Settled>, first: &Settled| holes(&best.as_ref().unwrap_or(first).lowered);
    let placed = |first: Settled| {
        let mut best = positioned(&first);
        for pace in [Pace::All, Pace::One] {
            if !(app.is_some() || binding.form == Form::Program) || fewest(&best, &first) == 0 {
                break;
            }
            // Objects that many share belong to the task; it may take several until nobody keeps
            // one. A position in a list of the task is none in another: this comes first.
            let mut done = BTreeSet::new();
            let mut found = shared(&first, pace, &mut done);
            for _ in 0..MOST_TRIES {
                let Some(module) = found else { break };
                let next = settled(module, first.choice.clone());
                found = shared(&next, pace, &mut done);
                let next = positioned(&next).unwrap_or(next);
                // What is lent once now may be changed while a loop runs over a part of it.
                let looped = &next.lowered.looped;
                let counted = counted::counted(&next.module, &next.model, looped)
                    .map(|module| settled(module, next.choice.clone()))
                    .filter(|counted| holes(&counted.lowered) < holes(&next.lowered));
                let next = counted.unwrap_or(next);
                if holes(&next.lowered) < fewest(&best, &first) {
                    best = Some(next);
                }
            }
        }
        (best, first)
    };
    let (mut best, mut first) = placed(first);
    // Constructors that give their object to somebody.
    if fewest(&best, &first) > 0
        && let Some(module) = introduced::introduced(&first.module)
    {
        let (placed, next) = placed(settled(module, first.choice.clone()));
        if fewest(&placed, &next) < fewest(&best, &first) {
            (best, first) = (placed, next);
        }
    }
    // Dicts with literal keys that have two names are objects; then others may be in the way.
    for which in [Which::TwoNames, Which::All] {
        let mut made = Made::default();
        let mut last: Option<Settled> = None;
        for _ in 0..MOST_PARTS {
            let at = last.as_ref().unwrap_or(&first);
            let found = match fewest(&best, &first) {
                0 => None,
                _ => record_classes(&at.module, &at.model, which, &mut made),
            };
            let Some(module) = found else { break };
            let (placed, next) = placed(settled(module, at.choice.clone()));
            let least = placed.as_ref().unwrap_or(&next);
            let fewer = holes(&least.lowered) < fewest(&best, &first);
            if fewer && !made.confuses(&next.module, &next.model) {
                (best, first) = (placed, next);
                last = None;
            } else {
                last = Some(next);
            }
        }
    }
    // Loops over lists that their bodies change: before what they run over has other names, or
    // after. A hole may hide another such loop behind it.
    let mut least = fewest(&best, &first);
    let mut tries: Vec<Settled> = Vec::new();
    let mut counting = None;
    for from in best.iter().chain([&first]) {
        let mut last = None;
        for _ in 0..MOST_TRIES {
            if least == 0 {
                break;
            }
            let at = last.and_then(|i: usize| tries.get(i)).unwrap_or(from);
            let looped = &at.lowered.looped;
            let Some(module) = counted::counted(&at.module, &at.model, looped) else {
                break;
            };
            let (placed, next) = placed(settled(module, at.choice.clone()));
            last = Some(tries.len());
            for found in [Some(next), placed].into_iter().flatten() {
                if holes(&found.lowered) < least {
                    least = holes(&found.lowered);
                    counting = Some(tries.len());
                }
                tries.push(found);
            }
        }
    }
    let counting = counting.filter(|i| *i < tries.len());
    let counting = counting.map(|i| tries.swap_remove(i));
    let best = counting.or(best).unwrap_or(first);
    let (module, lowered) = (best.module, best.lowered);
    let mut diagnostics = parsed.diagnostics;
    // A file that does not parse has nothing more to say.
    if diagnostics.is_empty() || !module.body.stmts.is_empty() {
        diagnostics.extend(lowered.diagnostics);
        diagnostics.extend(best.notes);
    }
    diagnostics.sort_by_key(|d| (d.span.start, d.code));
    // Each look says anew what it left out.
    diagnostics
        .dedup_by(|a, b| (a.code, a.span) == (b.code, b.span) && a.code == Code::SettledTest);
    let doc = module.doc.as_ref().map(|d| d.text.as_str());
    let about = emit::About {
        binding,
        source: &source,
        doc,
        coverage: lowered.coverage,
        diagnostics: &diagnostics,
        background: app.is_some_and(|app| app.background),
    };
    let file = match app {
        Some(app) => emit::emit(&lowered.task, types, app.id, app.root, about, rustfmt)?,
        None => emit::emit_module(&lowered.task, about, rustfmt)?,
    };
    // What PyTask makes of the Python is nothing that the Rust has to say.
    let diagnostics = traps::joined(diagnostics, found, |span| source.line(span.start));
    Ok(Translation {
        source,
        files: vec![file],
        diagnostics,
        coverage: lowered.coverage,
    })
}

/// A function around the expressions of the module level.
fn module_function() -> ast::Function {
    ast::Function {
        name: ast::Ident {
            span: Span::default(),
            name: "<module>".into(),
        },
        decorators: Vec::new(),
        params: ast::Params::default(),
        returns: None,
        doc: None,
        body: ast::Block::default(),
        is_async: false,
    }
}
