//! What Copper wants of a task: its message types, how its state is frozen, its methods.

use crate::infer::Role;
use crate::ir::print::{self, Printed};
use crate::ir::{Function, Kept, TaskField, uses};
use crate::project::{RustTy, StructKind, TypeDef, TypeTable};
use crate::ty::last_segment;
use std::collections::{BTreeMap, BTreeSet};

/// The bodies of `freeze` and `thaw`.
#[derive(Debug, Clone)]
pub(super) struct Freeze {
    pub(super) encode: String,
    pub(super) decode: String,
}

/// The keys of the types that a type names.
pub(super) fn named(ty: &RustTy, out: &mut BTreeSet<String>) {
    match ty {
        RustTy::Named(key) => {
            out.insert(key.clone());
        }
        RustTy::Option(inner)
        | RustTy::Array(inner, _)
        | RustTy::Vec(inner)
        | RustTy::ArrayVec(inner, _)
        | RustTy::Boxed(inner) => named(inner, out),
        RustTy::Tuple(items) => items.iter().for_each(|item| named(item, out)),
        RustTy::Map { key, value, .. } => {
            named(key, out);
            named(value, out);
        }
        RustTy::Bool
        | RustTy::Int(_)
        | RustTy::Float(_)
        | RustTy::Char
        | RustTy::String
        | RustTy::Unit
        | RustTy::CuTime
        | RustTy::CuDuration
        | RustTy::Opaque(_) => {}
    }
}

/// How a type is written where its names are imported.
pub(super) fn short(ty: &RustTy) -> String {
    match ty {
        RustTy::Named(key) => last_segment(key).to_string(),
        RustTy::Opaque(text) => text.clone(),
        RustTy::Map { key, value, sorted } => {
            let name = if *sorted {
                "std::collections::BTreeMap"
            } else {
                "std::collections::HashMap"
            };
            format!("{name}<{}, {}>", short(key), short(value))
        }
        RustTy::CuTime => "CuTime".to_string(),
        RustTy::CuDuration => "CuDuration".to_string(),
        RustTy::Option(inner) => format!("Option<{}>", short(inner)),
        RustTy::Array(inner, len) => format!("[{}; {len}]", short(inner)),
        RustTy::Vec(inner) => format!("Vec<{}>", short(inner)),
        RustTy::ArrayVec(inner, len) => format!("CuArrayVec<{}, {len}>", short(inner)),
        RustTy::Boxed(inner) => format!("Box<{}>", short(inner)),
        RustTy::Tuple(items) => {
            let items: Vec<String> = items.iter().map(short).collect();
            let only = if items.len() == 1 { "," } else { "" };
            format!("({}{only})", items.join(", "))
        }
        RustTy::Bool => "bool".into(),
        RustTy::Int(int) => int.name().into(),
        RustTy::Float(crate::project::FloatTy::F32) => "f32".into(),
        RustTy::Float(crate::project::FloatTy::F64) => "f64".into(),
        RustTy::Char => "char".into(),
        RustTy::String => "String".into(),
        RustTy::Unit => "()".into(),
    }
}

/// `input_msg!('m, A, B)`, `output_msg!(A)`
pub(super) fn message(name: &str, tys: &[RustTy]) -> String {
    let list: Vec<String> = tys.iter().map(short).collect();
    match (name, list.as_slice()) {
        (_, []) => "()".to_string(),
        ("input_msg", [_, _, ..]) => format!("input_msg!('m, {})", list.join(", ")),
        _ => format!("{name}!({})", list.join(", ")),
    }
}

/// The attributes of the task's struct.
pub(super) fn attributes(state: &RustTy, table: &TypeTable, fields: &[TaskField]) -> String {
    let derives = derives(state, table);
    match fields
        .iter()
        .any(|f| f.kept.is_field() && f.ty.is_complex(0))
    {
        true => format!("{derives}\n#[allow(clippy::type_complexity)]"),
        false => derives.to_string(),
    }
}

fn derives(state: &RustTy, table: &TypeTable) -> &'static str {
    let whole = match state {
        RustTy::Named(key) => table
            .struct_def(key)
            .is_none_or(|def| def.derives.iter().any(|d| d == "FromReflect")),
        _ => true,
    };
    match whole {
        true => "#[derive(Debug, Reflect)]",
        // What holds such a state is no more than that.
        false => "#[derive(Debug, Reflect)]\n#[reflect(from_reflect = false)]",
    }
}

/// What `freeze` and `thaw` are generic over.
pub(super) const ENCODER: &str = "cu29::bincode::enc::Encoder";
pub(super) const DECODER: &str = "cu29::bincode::de::Decoder";

/// A path's last name; the whole path where a class of the file has that name.
pub(super) fn path_beside(own: &BTreeSet<&str>, path: &'static str) -> &'static str {
    match last_segment(path) {
        name if own.contains(name) => path,
        name => name,
    }
}

/// The `use` lines.
pub(super) fn imports(
    uses: &BTreeSet<String>,
    table: &TypeTable,
    freezes: bool,
    collections: &Option<String>,
    own: &BTreeSet<&str>,
) -> String {
    let mut by_module: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for key in uses {
        let path = table.path(key);
        if let Some((module, name)) = path.rsplit_once("::") {
            by_module
                .entry(module.to_string())
                .or_default()
                .push(name.to_string());
        }
    }
    let mut lines = Vec::new();
    for (module, mut names) in by_module {
        names.sort();
        names.dedup();
        lines.push(match names.as_slice() {
            [one] => format!("use {module}::{one};"),
            _ => format!("use {module}::{{{}}};", names.join(", ")),
        });
    }
    if freezes {
        for path in [DECODER, ENCODER] {
            if !own.contains(last_segment(path)) {
                lines.push(format!("use {path};"));
            }
        }
        lines.push("use cu29::bincode::error::{DecodeError, EncodeError};".into());
        lines.push("use cu29::bincode::{Decode, Encode};".into());
    }
    lines.push("use cu29::prelude::*;".into());
    lines.extend(collections.clone());
    lines.join("\n")
}

/// How the state is frozen: as a whole where its type is `Encode`, else field by field.
pub(super) fn freeze(state: Option<&RustTy>, fields: &[TaskField], table: &TypeTable) -> Freeze {
    let mut places = Vec::new();
    if let Some(state) = state {
        leaves("self.state".to_string(), state, table, &mut places);
    }
    let frozen = fields.iter().filter(|f| f.kept == Kept::Frozen);
    places.extend(frozen.map(|f| Leaf::plain(format!("self.{}", f.name))));
    if let [one] = places.as_slice() {
        return Freeze {
            encode: format!("Encode::encode(&{}, encoder)", one.place),
            decode: format!("{}\nOk(())", one.decode),
        };
    }
    let encode: Vec<String> = places
        .iter()
        .map(|leaf| format!("Encode::encode(&{}, encoder)?;", leaf.place))
        .collect();
    let decode: Vec<String> = places.into_iter().map(|leaf| leaf.decode).collect();
    Freeze {
        encode: format!("{}\nOk(())", encode.join("\n")),
        decode: format!("{}\nOk(())", decode.join("\n")),
    }
}

/// A place that bincode can encode as it is, and the statement that decodes it.
struct Leaf {
    place: String,
    decode: String,
}

impl Leaf {
    fn plain(place: String) -> Self {
        let decode = format!("{place} = Decode::decode(decoder)?;");
        Self { place, decode }
    }
}

/// The places below `place` that bincode can encode as they are.
fn leaves(place: String, ty: &RustTy, table: &TypeTable, out: &mut Vec<Leaf>) {
    match ty {
        RustTy::Named(key)
            if let Some(TypeDef::Struct(def)) = table.defs.get(key)
                && !["Encode", "Decode"]
                    .iter()
                    .all(|name| def.derives.iter().any(|d| d == name))
                && let StructKind::Record(fields) | StructKind::Tuple(fields) = &def.kind =>
        {
            for field in fields {
                leaves(format!("{place}.{}", field.name), &field.ty, table, out);
            }
        }
        // Copper's own collections decode without a context only.
        RustTy::ArrayVec(elem, len) => {
            let items = format!(
                "Vec::<{}>::decode(decoder)?.as_slice().try_into()",
                short(elem)
            );
            let error = format!("DecodeError::Other(\"more than {len} values\")");
            let decode = format!("{place}.0 = {items}.map_err(|_| {error})?;");
            out.push(Leaf { place, decode });
        }
        RustTy::Opaque(text) if text.contains("::CuArray<") => {
            let decode = format!("{place}.fill_from_iter(Vec::decode(decoder)?);");
            out.push(Leaf { place, decode });
        }
        _ => out.push(Leaf::plain(place)),
    }
}

/// A method of the task: its signature, and its body to be marked.
pub(super) fn method(role: Role, function: &Function, stateless: bool) -> (String, Printed) {
    let receiver = receiver(stateless);
    let used = |name: &str| {
        if uses::mentions(&function.body, name) {
            name.to_string()
        } else {
            format!("_{name}")
        }
    };
    let signature = match role {
        Role::Process => format!(
            "fn process({receiver}, {}: &CuContext, {}: &Self::Input<'_>, {}: &mut Self::Output<'_>) -> CuResult<()> ",
            used("ctx"),
            used("input"),
            used("output")
        ),
        Role::Start => format!(
            "fn start(&mut self, {}: &CuContext) -> CuResult<()> ",
            used("ctx")
        ),
        Role::Stop => format!(
            "fn stop(&mut self, {}: &CuContext) -> CuResult<()> ",
            used("ctx")
        ),
        Role::Helper => String::new(),
    };
    let mut head = String::new();
    for comment in &function.comments {
        head.push_str(format!("// {comment}").trim_end());
        head.push('\n');
    }
    for line in &function.doc {
        head.push_str(format!("/// {line}").trim_end());
        head.push('\n');
    }
    for attribute in &function.attributes {
        head.push_str(attribute);
        head.push('\n');
    }
    let mut body = Printed::default();
    print::write_block(&mut body, &function.body);
    body.line("");
    if print::is_deep(&body.text) {
        head.push_str(print::UNFORMATTED);
        head.push('\n');
    }
    head.push_str(&signature);
    (head, body)
}

/// What stands where the Python has no `process` that could be translated.
pub(super) fn missing_process(stateless: bool) -> String {
    let receiver = receiver(stateless);
    format!(
        "fn process({receiver}, _ctx: &CuContext, _input: &Self::Input<'_>, _output: &mut Self::Output<'_>) -> CuResult<()> {{\n\
         todo!(\"MIG0202: `process` is not translated\")\n}}\n"
    )
}

/// A task that keeps nothing is not changed.
fn receiver(stateless: bool) -> &'static str {
    if stateless { "&self" } else { "&mut self" }
}
