//! The text of the stubs.
//!
//! A struct is a Protocol with an attribute for each field, and items of the same names. What
//! may be written is wider than what is read: a dict for a struct, any sequence for a list.

use super::names::names;
use super::{PACKAGE, char_type, signature};
use crate::project::{
    EnumDef, FieldDef, Project, RustTy, StructKind, TypeDef, Variant, VariantKind,
};
use askama::Template;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

#[derive(Template)]
#[template(path = "stubs/init.pyi.txt", escape = "none")]
struct StubTemplate {
    version: &'static str,
    package: &'static str,
    app: String,
    tasks: Vec<(String, String)>,
    types: String,
}

#[derive(Template)]
#[template(path = "stubs/init.py.txt", escape = "none")]
struct RuntimeTemplate {
    version: &'static str,
}

/// The stub of an app.
pub(super) fn stub(project: &Project) -> String {
    let tasks = project.nodes.iter().filter_map(|node| {
        let binding = node.binding.as_ref()?;
        let task = format!("{}, {}", node.id, binding.script_name);
        Some((task, signature(project, binding)))
    });
    let template = StubTemplate {
        version: env!("CARGO_PKG_VERSION"),
        package: PACKAGE,
        app: project.package.name.clone(),
        tasks: tasks.collect(),
        types: Writer::new(project).types(),
    };
    // The template has no part that can fail.
    template.render().unwrap_or_default()
}

/// The module that scripts import where they are run.
pub(super) fn runtime() -> String {
    let template = RuntimeTemplate {
        version: env!("CARGO_PKG_VERSION"),
    };
    template.render().unwrap_or_default()
}

/// A type as Python reads it.
pub(super) fn plain(project: &Project, names: &BTreeMap<String, String>, ty: &RustTy) -> String {
    Writer {
        project,
        names: names.clone(),
        dicts: BTreeMap::new(),
    }
    .read(ty)
}

struct Writer<'a> {
    project: &'a Project,
    names: BTreeMap<String, String>,
    /// The names of what may be written in the place of a struct or of an enum with data.
    dicts: BTreeMap<String, String>,
}

impl<'a> Writer<'a> {
    fn new(project: &'a Project) -> Self {
        let names = names(&project.types);
        let mut taken: BTreeSet<String> = names.values().cloned().collect();
        let mut dicts = BTreeMap::new();
        for (key, def) in &project.types.defs {
            let needs = match def {
                TypeDef::Struct(def) => matches!(def.kind, StructKind::Record(_)),
                TypeDef::Enum(def) => def.variants.iter().any(|v| v.kind != VariantKind::Unit),
            };
            if let (true, Some(name)) = (needs, names.get(key)) {
                let mut dict = format!("{name}Dict");
                while !taken.insert(dict.clone()) {
                    dict.push('_');
                }
                dicts.insert(key.clone(), dict);
            }
        }
        Self {
            project,
            names,
            dicts,
        }
    }

    fn types(&self) -> String {
        let mut out = String::new();
        for (key, def) in &self.project.types.defs {
            let Some(name) = self.names.get(key) else {
                continue;
            };
            match def {
                TypeDef::Struct(def) => {
                    if let StructKind::Record(fields) = &def.kind {
                        self.record(&mut out, name, self.dicts.get(key), fields);
                    }
                }
                TypeDef::Enum(def) => self.enumeration(&mut out, key, name, def),
            }
        }
        out
    }

    /// A type as it is read.
    fn read(&self, ty: &RustTy) -> String {
        match ty {
            RustTy::Bool => "bool".into(),
            RustTy::Int(_) | RustTy::CuTime | RustTy::CuDuration => "int".into(),
            RustTy::Float(_) => "float".into(),
            RustTy::Char => char_type(self.project).into(),
            RustTy::String => "str".into(),
            RustTy::Unit => "None".into(),
            RustTy::Option(inner) => optional(self.read(inner)),
            RustTy::Boxed(inner) => self.read(inner),
            RustTy::Vec(elem) | RustTy::ArrayVec(elem, _) | RustTy::Array(elem, _) => {
                self.list(std::slice::from_ref(elem))
            }
            RustTy::Tuple(items) => self.list(items),
            RustTy::Map { key, value, .. } => {
                format!("dict[{}, {}]", self.read(key), self.read(value))
            }
            RustTy::Named(key) => match self.project.types.defs.get(key) {
                Some(TypeDef::Struct(def)) => match &def.kind {
                    StructKind::Record(_) => self.names.get(key).cloned().unwrap_or_else(any),
                    StructKind::Newtype { held, .. } => self.read(held),
                    StructKind::Tuple(fields) => self.list(&types(fields)),
                    StructKind::Unit => "None".into(),
                    StructKind::Opaque(_) => any(),
                },
                Some(TypeDef::Enum(_)) => self.names.get(key).cloned().unwrap_or_else(any),
                None => any(),
            },
            RustTy::Opaque(_) => any(),
        }
    }

    /// A list of items of these types.
    fn list<T: std::borrow::Borrow<RustTy>>(&self, items: &[T]) -> String {
        let union = |of: &dyn Fn(&RustTy) -> String| {
            let mut all: Vec<String> = items.iter().map(|ty| of(ty.borrow())).collect();
            all.dedup();
            match all.is_empty() {
                true => any(),
                false => all.join(" | "),
            }
        };
        let (read, written) = (union(&|ty| self.read(ty)), union(&|ty| self.written(ty)));
        match read == written {
            true => format!("list[{read}]"),
            false => format!("_List[{read}, {written}]"),
        }
    }

    /// What may be written to a place of a type.
    fn written(&self, ty: &RustTy) -> String {
        match ty {
            RustTy::Option(inner) => optional(self.written(inner)),
            RustTy::Boxed(inner) => self.written(inner),
            RustTy::Vec(elem) | RustTy::ArrayVec(elem, _) | RustTy::Array(elem, _) => {
                format!("Sequence[{}]", self.written(elem))
            }
            RustTy::Tuple(items) => self.sequence(items),
            RustTy::Map { key, value, .. } => {
                format!("Mapping[{}, {}]", self.read(key), self.written(value))
            }
            RustTy::Named(key) => match self.project.types.defs.get(key) {
                Some(TypeDef::Struct(def)) => match &def.kind {
                    StructKind::Record(_) => match self.dicts.get(key) {
                        Some(dict) => format!("{} | {dict}", self.read(ty)),
                        None => self.read(ty),
                    },
                    StructKind::Newtype { held, .. } => self.written(held),
                    StructKind::Tuple(fields) => self.sequence(&types(fields)),
                    StructKind::Unit | StructKind::Opaque(_) => self.read(ty),
                },
                Some(TypeDef::Enum(_)) => match self.dicts.get(key) {
                    Some(dict) => format!("{} | {dict}", self.read(ty)),
                    None => self.read(ty),
                },
                None => any(),
            },
            RustTy::Bool
            | RustTy::Int(_)
            | RustTy::CuTime
            | RustTy::CuDuration
            | RustTy::Float(_)
            | RustTy::Char
            | RustTy::String
            | RustTy::Unit
            | RustTy::Opaque(_) => self.read(ty),
        }
    }

    fn sequence(&self, items: &[RustTy]) -> String {
        let mut all: Vec<String> = items.iter().map(|ty| self.written(ty)).collect();
        all.dedup();
        format!("Sequence[{}]", all.join(" | "))
    }

    fn record(&self, out: &mut String, name: &str, dict: Option<&String>, fields: &[FieldDef]) {
        let fields: Vec<&FieldDef> = fields.iter().filter(|field| !field.skipped).collect();
        if let Some(dict) = dict {
            self.typed_dict(
                out,
                dict,
                &format!("What may be written in the place of a `{name}`."),
                &fields,
            );
        }
        let _ = writeln!(out, "\nclass {name}(_Struct, Protocol):");
        if fields.is_empty() {
            let _ = writeln!(out, "    ...");
        }
        for field in &fields {
            if is_attribute(&field.python_name) {
                self.attribute(out, field);
            }
        }
        let several = fields.len() > 1;
        let overload = if several { "    @overload\n" } else { "" };
        for field in &fields {
            let key = literal(&field.python_name);
            let read = self.read(&field.ty);
            let _ = writeln!(
                out,
                "{overload}    def __getitem__(self, key: Literal[{key}], /) -> {read}: ..."
            );
        }
        for field in &fields {
            let key = literal(&field.python_name);
            let written = self.written(&field.ty);
            let _ = writeln!(
                out,
                "{overload}    def __setitem__(self, key: Literal[{key}], value: {written}, /) -> None: ..."
            );
        }
    }

    fn attribute(&self, out: &mut String, field: &FieldDef) {
        let (read, written) = (self.read(&field.ty), self.written(&field.ty));
        let name = &field.python_name;
        let doc = self.doc(field);
        if read == written {
            let _ = writeln!(out, "    {name}: {read}\n    {doc}");
        } else {
            let _ = writeln!(
                out,
                "    @property\n    def {name}(self) -> {read}:\n        {doc}\n    \
                 @{name}.setter\n    def {name}(self, value: {written}) -> None: ..."
            );
        }
    }

    /// The field's documentation and its type in Rust.
    fn doc(&self, field: &FieldDef) -> String {
        let rust = short(&self.project.types.spell(&field.ty));
        let text = match &field.doc {
            Some(doc) => format!("{} (`{rust}`)", doc.replace('\n', " ")),
            None => format!("`{rust}`"),
        };
        let text = text.replace('\\', "\\\\").replace("\"\"\"", "'''");
        format!("\"\"\"{text}\"\"\"")
    }

    fn typed_dict(&self, out: &mut String, name: &str, doc: &str, fields: &[&FieldDef]) {
        let ty = |field: &FieldDef| {
            let written = self.written(&field.ty);
            match field.has_default || matches!(field.ty, RustTy::Option(_)) {
                true => format!("NotRequired[{written}]"),
                false => written,
            }
        };
        if fields.iter().all(|field| is_identifier(&field.python_name)) {
            let _ = writeln!(out, "\nclass {name}(TypedDict):\n    \"\"\"{doc}\"\"\"");
            for field in fields {
                let _ = writeln!(out, "    {}: {}", field.python_name, ty(field));
            }
        } else {
            let _ = writeln!(out, "\n{name} = TypedDict(\"{name}\", {{");
            for field in fields {
                let _ = writeln!(out, "    {}: {},", literal(&field.python_name), ty(field));
            }
            let _ = writeln!(out, "}})");
        }
    }

    fn enumeration(&self, out: &mut String, key: &str, name: &str, def: &EnumDef) {
        let unit: Vec<String> = def
            .variants
            .iter()
            .filter(|v| v.kind == VariantKind::Unit)
            .map(|v| literal(&v.python_name))
            .collect();
        let mut read = Vec::new();
        if !unit.is_empty() {
            read.push(format!("Literal[{}]", unit.join(", ")));
        }
        let mut written = Vec::new();
        for variant in def.variants.iter().filter(|v| v.kind != VariantKind::Unit) {
            read.push(
                self.variant(out, &format!("_{name}{}", variant.name), variant, &|ty| {
                    self.read(ty)
                }),
            );
            written.push(self.variant(
                out,
                &format!("_{name}{}Dict", variant.name),
                variant,
                &|ty| self.written(ty),
            ));
        }
        let read = match read.is_empty() {
            true => any(),
            false => read.join(" | "),
        };
        let _ = writeln!(out, "\n{name}: TypeAlias = {read}");
        if let Some(dict) = self.dicts.get(key) {
            let _ = writeln!(out, "{dict}: TypeAlias = {}", written.join(" | "));
        }
    }

    /// `{'Name': data}`
    fn variant(
        &self,
        out: &mut String,
        name: &str,
        variant: &Variant,
        of: &dyn Fn(&RustTy) -> String,
    ) -> String {
        let data = match &variant.kind {
            VariantKind::Unit => any(),
            VariantKind::Newtype(ty) => of(ty),
            VariantKind::Tuple(items) => of(&RustTy::Tuple(items.clone())),
            VariantKind::Record(fields) => {
                let fields: Vec<&FieldDef> = fields.iter().filter(|f| !f.skipped).collect();
                let inner = format!("{name}Fields");
                self.typed_dict(
                    out,
                    &inner,
                    &format!("The data of `{}`.", variant.name),
                    &fields,
                );
                inner
            }
        };
        let key = &variant.python_name;
        // Of a final one `"Name" in value` tells a checker which it is.
        let _ = match is_identifier(key) {
            true => writeln!(out, "\n@final\nclass {name}(TypedDict):\n    {key}: {data}"),
            false => writeln!(
                out,
                "\n{name} = TypedDict(\"{name}\", {{{}: {data}}})",
                literal(key)
            ),
        };
        name.to_owned()
    }
}

fn any() -> String {
    "Any".into()
}

fn optional(ty: String) -> String {
    match ty.ends_with("None") {
        true => ty,
        false => format!("{ty} | None"),
    }
}

/// A text as a Python literal.
fn literal(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A path without its modules: `Option<Gain>` of `Option<crate::tasks::Gain>`.
fn short(spelled: &str) -> String {
    let mut out = String::new();
    let mut word = String::new();
    for c in spelled.chars() {
        if c.is_alphanumeric() || matches!(c, '_' | ':') {
            word.push(c);
            continue;
        }
        out.push_str(word.rsplit("::").next().unwrap_or(""));
        word.clear();
        out.push(c);
    }
    out.push_str(word.rsplit("::").next().unwrap_or(""));
    out
}

/// Whether a field can be reached as an attribute: of the name of a method one gets that.
fn is_attribute(name: &str) -> bool {
    is_identifier(name) && !crate::ty::is_dict_method(name)
}

fn is_identifier(name: &str) -> bool {
    const KEYWORDS: [&str; 35] = [
        "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class",
        "continue", "def", "del", "elif", "else", "except", "finally", "for", "from", "global",
        "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return",
        "try", "while", "with", "yield",
    ];
    let mut chars = name.chars();
    let first = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_');
    first && chars.all(|c| c.is_alphanumeric() || c == '_') && !KEYWORDS.contains(&name)
}

/// The types of a tuple struct's fields.
fn types(fields: &[FieldDef]) -> Vec<RustTy> {
    fields.iter().map(|field| field.ty.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shortened_within_types() {
        assert_eq!(short("Option<crate::tasks::Gain>"), "Option<Gain>");
        assert_eq!(short("[crate::a::B; 3]"), "[B; 3]");
        assert_eq!(short("f32"), "f32");
    }

    #[test]
    fn only_what_python_can_name_is_an_attribute() {
        assert!(is_attribute("speed") && is_attribute("_x1"));
        for name in ["values", "from", "a-b", "1a", ""] {
            assert!(!is_attribute(name), "{name}");
        }
    }
}
