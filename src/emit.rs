//! From the Rust tree to the generated file.
//!
//! Enters: a [`Task`], the app's types and the node. Leaves: a [`GeneratedFile`]: the
//! template filled in, formatted by rustfmt, sealed, with a map back to the Python. This
//! module must not know how the Rust came about.

mod copper;
mod lines;
mod module;
mod rustfmt;
pub use rustfmt::{Formatter, format as format_rust};

pub use module::emit_module;

use crate::catalog::Helper;
use crate::diagnostic::{Diagnostic, Severity};
use crate::error::Error;
use crate::header::{self, Header};
use crate::infer::Role;
use crate::ir::print::{self, Printed, Style};
use crate::ir::{Block, Class, Expr, Kept, RTy, Stmt, StmtKind, TaskField, uses};
use crate::lower::Task;
use crate::project::{Binding, RustTy, TaskId, TypeTable};
use crate::source::{SourceFile, Span};
use crate::translation::{Coverage, GeneratedFile};
use askama::Template;
use std::path::Path;

/// What the file says of where it comes from.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// The script, and what runs it.
    pub binding: &'a Binding,
    /// The Python.
    pub source: &'a SourceFile,
    /// The docstring of the Python.
    pub doc: Option<&'a str>,
    /// How much of it was translated.
    pub coverage: Coverage,
    /// What was found.
    pub diagnostics: &'a [Diagnostic],
    /// Whether Copper runs the task in the background.
    pub background: bool,
}

#[derive(Template)]
#[template(path = "task/task.rs.txt", escape = "none")]
struct TaskTemplate<'a> {
    header: String,
    imports: String,
    consts: String,
    attributes: String,
    encoder: &'static str,
    decoder: &'static str,
    name: String,
    /// The module variables whose first values read one another.
    lets: String,
    fields: Vec<Field>,
    freeze: Option<copper::Freeze>,
    /// Nothing is kept from one cycle to the next.
    stateless: bool,
    input: String,
    output: String,
    methods: &'a [String],
    functions: String,
}

/// A field of the task's struct.
struct Field {
    name: String,
    ty: String,
    init: String,
}

/// A place in the template's text that stands for Python, before it is formatted.
const MARK: char = '\u{1}';

/// Emits the task's file.
///
/// # Errors
/// rustfmt cannot be run, or does not accept the text.
pub fn emit(
    task: &Task,
    table: &TypeTable,
    id: &TaskId,
    root: &Path,
    input: About<'_>,
    rustfmt: Formatter,
) -> Result<GeneratedFile, Error> {
    let name = id.type_name(table);
    let mut uses = task.uses.clone();
    for ty in input
        .binding
        .inputs
        .iter()
        .chain(&input.binding.outputs)
        .chain([&input.binding.state])
    {
        copper::named(ty, &mut uses);
    }
    let state = match &input.binding.state {
        RustTy::Unit => None,
        other => Some(copper::short(other)),
    };
    let in_order = reads_another(&task.fields) || task.fields.iter().any(|f| !f.kept.is_field());
    let kept = |f: &&TaskField| f.kept.is_field();
    let fields: Vec<Field> = state
        .iter()
        .map(|ty| Field {
            name: "state".into(),
            ty: ty.clone(),
            init: format!("{ty}::default()"),
        })
        .chain(task.fields.iter().filter(kept).map(|f| Field {
            name: f.name.clone(),
            ty: f.ty.to_string(),
            init: match in_order {
                true => f.name.clone(),
                false => print::expr(&f.init),
            },
        }))
        .collect();
    let lets = match in_order {
        true => lets(&task.fields),
        false => String::new(),
    };
    let changes = state.is_some() || task.fields.iter().any(|f| f.kept == Kept::Frozen);
    let freeze = changes.then(|| {
        copper::freeze(
            state.is_some().then_some(&input.binding.state),
            &task.fields,
            table,
        )
    });
    // Copper runs no stateless task in the background.
    let stateless = fields.is_empty() && !input.background;
    let mut marks = Marks::default();
    let consts = constants(task, Style::COPPER, &mut marks);
    let mut methods = Vec::new();
    for (role, function) in [
        (Role::Start, &task.start),
        (Role::Process, &task.process),
        (Role::Stop, &task.stop),
    ] {
        if let Some(function) = function {
            let (head, body) = copper::method(role, function, stateless);
            methods.push(format!("{head}{}", marks.marked(body)));
        }
    }
    if task.process.is_none() {
        methods.push(copper::missing_process(stateless));
    }
    let functions = items(task, Style::COPPER, &mut marks);
    let mut texts: Vec<&str> = vec![&functions, &consts, &lets];
    texts.extend(methods.iter().map(String::as_str));
    texts.extend(fields.iter().flat_map(|f| [f.ty.as_str(), f.init.as_str()]));
    let collections = collections(&texts);
    let own = task
        .classes
        .iter()
        .map(|class| class.name.as_str())
        .collect();
    let template = TaskTemplate {
        header: Header {
            task: id.0.clone(),
            mode: input.binding.mode.name().into(),
            state: table.spell(&input.binding.state),
            ..head(input)
        }
        .render(),
        imports: copper::imports(&uses, table, freeze.is_some(), &collections, &own),
        consts,
        attributes: copper::attributes(&input.binding.state, table, &task.fields),
        encoder: copper::path_beside(&own, copper::ENCODER),
        decoder: copper::path_beside(&own, copper::DECODER),
        name: name.clone(),
        lets,
        fields,
        freeze,
        stateless,
        input: copper::message("input_msg", &input.binding.inputs),
        output: copper::message("output_msg", &input.binding.outputs),
        methods: &methods,
        functions,
    };
    let text = template.render().map_err(|error| Error::Environment {
        message: format!("the task template: {error}"),
        help: "this is a fault of migrate: please report it".into(),
    })?;
    let (text, lines) = finished(&text, &marks, rustfmt)?;
    let stem = id.module_name();
    let dir = input
        .binding
        .child_dir
        .strip_prefix(root)
        .unwrap_or(&input.binding.child_dir);
    let mut module = input.binding.module.clone();
    module.push(stem.clone());
    Ok(GeneratedFile {
        stateless,
        path: dir.join(format!("{stem}.rs")),
        module,
        type_name: name,
        text,
        lines,
    })
}

/// The places of the text that stand for Python.
#[derive(Default)]
struct Marks(Vec<Span>);

impl Marks {
    /// The printed text with a mark at each place.
    fn marked(&mut self, printed: Printed) -> String {
        let mut text = String::new();
        let mut done = 0;
        for (at, span) in printed.marks {
            text.push_str(printed.text.get(done..at).unwrap_or(""));
            text.push_str(&format!("{MARK}{}{MARK}", self.0.len()));
            self.0.push(span);
            done = at;
        }
        text.push_str(printed.text.get(done..).unwrap_or(""));
        text
    }
}

/// The constants, with a blank line before them.
fn constants(task: &Task, style: Style, marks: &mut Marks) -> String {
    let mut consts = Printed::of(style);
    task.consts
        .iter()
        .for_each(|c| print::write_const(&mut consts, c));
    let consts = marks.marked(consts);
    if consts.is_empty() {
        consts
    } else {
        format!("\n{consts}")
    }
}

/// Functions and classes in the order of the Python, then the helpers.
fn items(task: &Task, style: Style, marks: &mut Marks) -> String {
    let mut items: Vec<(u32, Printed)> = Vec::new();
    for function in &task.functions {
        let mut printed = Printed::of(style);
        print::write_function(&mut printed, function);
        items.push((function.span.map_or(0, |s| s.start), printed));
    }
    for class in &task.classes {
        let mut printed = Printed::of(style);
        print::write_class(&mut printed, class);
        items.push((class.span.start, printed));
    }
    items.sort_by_key(|(start, _)| *start);
    let mut functions = String::new();
    for item in &task.items {
        functions.push_str(item);
        functions.push('\n');
    }
    for (_, printed) in items {
        functions.push_str(&marks.marked(printed));
        functions.push('\n');
    }
    for comment in &task.trailing {
        functions.push_str(format!("// {comment}").trim_end());
        functions.push('\n');
    }
    let mut methods = false;
    for helper in &task.helpers {
        match helper.method() {
            // One `impl` for all methods.
            Some(method) if methods => {
                functions.truncate(functions.trim_end().trim_end_matches('}').len());
                functions.push('\n');
                functions.push_str(method);
            }
            Some(_) | None => functions.push_str(&carried(*helper, task, style)),
        }
        functions.push('\n');
        methods = helper.method().is_some();
    }
    functions
}

/// The Rust of a helper; a type may be a part of the task, and of what it freezes.
fn carried(helper: Helper, task: &Task, style: Style) -> String {
    if helper != Helper::Number {
        return helper.text().to_string();
    }
    if !style.copper {
        let public = if style.public { "pub enum " } else { "enum " };
        return helper.text().replace("enum ", public);
    }
    let encoded = |class: &&Class| class.attributes.iter().any(|a| a.contains("Encode"));
    let fields = task.fields.iter().filter(|f| f.kept == Kept::Frozen);
    let mut frozen = fields.map(|f| &f.ty).chain(
        task.classes
            .iter()
            .filter(encoded)
            .flat_map(|c| c.fields.iter().map(|(_, ty)| ty)),
    );
    let derives = match frozen.any(RTy::holds_number) {
        true => "Encode, Decode, Reflect)]\n#[bincode(crate = \"cu29::bincode\")]",
        false => "Reflect)]",
    };
    let derive = "#[derive(Debug, Clone, Copy, ";
    helper.text().replace(
        "#[derive(Debug, Clone, Copy)]",
        &format!("{derive}{derives}"),
    )
}

/// The line that imports the collections that the texts name.
fn collections(texts: &[&str]) -> Option<String> {
    let named = |name: &&str| {
        let path = format!("std::collections::{name}");
        texts.iter().any(|t| t.replace(&path, "").contains(*name))
    };
    let names: Vec<&str> = ["BTreeMap", "BTreeSet", "VecDeque"]
        .into_iter()
        .filter(named)
        .collect();
    match names.as_slice() {
        [] => None,
        [one] => Some(format!("use std::collections::{one};")),
        several => Some(format!("use std::collections::{{{}}};", several.join(", "))),
    }
}

/// The text, formatted and sealed, and which of its lines stand for Python.
fn finished(
    text: &str,
    marks: &Marks,
    rustfmt: Formatter,
) -> Result<(String, Vec<(usize, Span)>), Error> {
    let (text, places) = lines::unmark(text, MARK, &marks.0);
    let formatted = rustfmt.format(&text)?;
    let lines = lines::map(&text, &formatted, &places);
    Ok((header::seal(&formatted), lines))
}

/// Whether the first value of a module variable is computed from another one.
fn reads_another(fields: &[TaskField]) -> bool {
    fields.iter().any(|field| {
        let value = Block::value(field.init.clone());
        fields.iter().any(|f| uses::mentions(&value, &f.name))
    })
}

/// The module variables in order, as `new` computes them.
fn lets(fields: &[TaskField]) -> String {
    let mut text = String::new();
    for (i, field) in fields.iter().enumerate() {
        let mutable = |name: &str| {
            let later = fields.iter().skip(i + 1).map(|f| f.init.clone());
            let later = later.map(StmtKind::Expr).map(Stmt::new).collect();
            match uses::uses_in(&Block::of(later), name).mutations > 0 {
                true => "mut ",
                false => "",
            }
        };
        if let Kept::Unpacked(names) = &field.kept {
            let name = |name: &Option<String>| match name {
                Some(name) => format!("{}{name}", mutable(name)),
                None => "_".into(),
            };
            let names: Vec<String> = names.iter().map(name).collect();
            let (names, value) = (names.join(", "), print::expr(&field.init));
            text.push_str(&format!("let ({names}) = {value};\n"));
            continue;
        }
        // It has its value by the pattern of a tuple.
        if field.init == Expr::atom(&field.name) {
            continue;
        }
        if field.kept == Kept::Unread {
            // Of a list that nobody has, nothing says what it is.
            if let Expr::Method(items, collect, _) = &field.init
                && collect == "collect"
            {
                text.push_str(&format!("{}.for_each(drop);\n", print::expr(items)));
                continue;
            }
            let name = match field.init {
                Expr::Call(..) | Expr::Method(..) | Expr::Try(_) => "",
                _ => "let _ = ",
            };
            text.push_str(&format!("{name}{};\n", print::expr(&field.init)));
            continue;
        }
        let mutable = mutable(&field.name);
        let made = matches!(
            field.init,
            Expr::Call(..) | Expr::Try(_) | Expr::Struct { .. }
        );
        let ty = if made {
            String::new()
        } else {
            format!(": {}", field.ty)
        };
        text.push_str(&format!(
            "let {mutable}{}{ty} = {};\n",
            field.name,
            print::expr(&field.init)
        ));
    }
    text
}

/// What the file says of itself.
fn head(input: About<'_>) -> Header {
    let notes = input
        .diagnostics
        .iter()
        .filter(|d| d.severity() != Severity::Note)
        .map(|d| {
            let word = if d.severity() == Severity::Error {
                "Not translated"
            } else {
                "Warning"
            };
            format!(
                "{word} {} line {}: {}.",
                d.code,
                input.source.line(d.span.start),
                d.message
            )
        })
        .collect();
    Header {
        doc: input.doc.map(str::to_string),
        version: env!("CARGO_PKG_VERSION").into(),
        task: String::new(),
        script: input.binding.script_name.clone(),
        mode: String::new(),
        state: String::new(),
        source: header::hash(input.source.text()),
        translated: input.coverage.translated,
        total: input.coverage.total,
        notes,
    }
}
