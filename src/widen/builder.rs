//! The Rust of a wide state: the type, and how it is loaded and stored.

use super::WIDE;
use crate::project::{FieldDef, FloatTy, IntTy, RustTy, StructDef, StructKind, TypeDef, TypeTable};
use crate::ty::last_segment;
use std::collections::{BTreeMap, BTreeSet};

pub(super) struct Builder {
    pub(super) types: TypeTable,
    pub(super) items: Vec<String>,
    pub(super) uses: BTreeSet<String>,
    pub(super) script: String,
    /// Whether storing a record can fail, by its key.
    pub(super) fallible: BTreeMap<String, bool>,
}

impl Builder {
    /// The wide version of a record; its Rust is added to the items.
    pub(super) fn record(&mut self, key: &str) -> Option<String> {
        let def = self.types.struct_def(key)?.clone();
        let StructKind::Record(fields) = &def.kind else {
            return None;
        };
        let name = format!("Wide{}", def.name);
        let wide_key = format!("{WIDE}{name}");
        self.uses.insert(key.to_string());
        let mut wide_fields = Vec::new();
        let (mut decls, mut loads, mut stores) = (Vec::new(), Vec::new(), Vec::new());
        let mut fallible = false;
        for field in fields.iter().filter(|f| !f.skipped) {
            let ty = self.wide(&field.ty)?;
            let (n, source) = (&field.name, format!("state.{}", field.place()));
            decls.push(format!("{n}: {},", self.spell(&ty)));
            loads.push(format!("{n}: {},", self.load(&source, &field.ty)));
            let stored = self.store(&format!("self.{n}"), &field.ty, &field.python_name);
            fallible |= stored.contains('?');
            let stored = match &field.wrapper {
                None => stored,
                Some(wrapper) => {
                    self.uses.insert(wrapper.key().to_string());
                    let name = last_segment(wrapper.key());
                    format!("{name} {{ {}: {stored} }}", wrapper.field())
                }
            };
            stores.push(format!("{n}: {stored},"));
            wide_fields.push(FieldDef {
                ty,
                wrapper: None,
                ..field.clone()
            });
        }
        if fields.iter().any(|f| f.skipped) {
            stores.push("..Default::default()".into());
        }
        let (ret, open, close) = if fallible {
            (format!("CuResult<{}>", def.name), "Ok(", ")")
        } else {
            (def.name.clone(), "", "")
        };
        self.items.insert(
            0,
            format!(
                "/// `{}` with the widths that Python computes in.\n#[derive(Debug, Clone)]\nstruct {name} {{\n{}\n}}\n\n\
                 impl {name} {{\nfn load(state: &{}) -> Self {{\nSelf {{\n{}\n}}\n}}\n\n\
                 fn store(self) -> {ret} {{\n{open}{} {{\n{}\n}}{close}\n}}\n}}\n",
                def.name,
                decls.join("\n"),
                def.name,
                loads.join("\n"),
                def.name,
                stores.join("\n"),
            ),
        );
        self.fallible.insert(key.to_string(), fallible);
        self.types.defs.insert(
            wide_key.clone(),
            TypeDef::Struct(StructDef {
                name,
                derives: def
                    .derives
                    .iter()
                    .filter(|d| *d != "Copy")
                    .cloned()
                    .collect(),
                kind: StructKind::Record(wide_fields),
                ..def
            }),
        );
        Some(wide_key)
    }

    fn wide(&mut self, ty: &RustTy) -> Option<RustTy> {
        Some(match ty {
            RustTy::Float(_) => RustTy::Float(FloatTy::F64),
            RustTy::Int(int) => RustTy::Int(wide_int(*int)),
            RustTy::Option(inner) => RustTy::Option(Box::new(self.wide(inner)?)),
            RustTy::Array(inner, len) => RustTy::Array(Box::new(self.wide(inner)?), *len),
            RustTy::Vec(inner) => RustTy::Vec(Box::new(self.wide(inner)?)),
            RustTy::Named(key)
                if self
                    .types
                    .struct_def(key)
                    .is_some_and(|d| matches!(d.kind, StructKind::Record(_))) =>
            {
                RustTy::Named(self.record(key)?)
            }
            RustTy::Named(key) => {
                self.uses.insert(key.clone());
                ty.clone()
            }
            other => other.clone(),
        })
    }

    fn spell(&self, ty: &RustTy) -> String {
        match ty {
            RustTy::Named(key) => last_segment(key).to_string(),
            RustTy::Option(inner) => format!("Option<{}>", self.spell(inner)),
            RustTy::Array(inner, len) => format!("[{}; {len}]", self.spell(inner)),
            RustTy::Vec(inner) => format!("Vec<{}>", self.spell(inner)),
            RustTy::Int(int) => int.name().into(),
            RustTy::Float(FloatTy::F32) => "f32".into(),
            RustTy::Float(FloatTy::F64) => "f64".into(),
            RustTy::Bool => "bool".into(),
            RustTy::Char => "char".into(),
            RustTy::String => "String".into(),
            RustTy::Unit => "()".into(),
            RustTy::CuTime => "CuTime".into(),
            RustTy::CuDuration => "CuDuration".into(),
            RustTy::Boxed(inner) => format!("Box<{}>", self.spell(inner)),
            RustTy::Tuple(_) | RustTy::Map { .. } | RustTy::Opaque(_) => self.types.spell(ty),
        }
    }

    /// The field's value in the wide type.
    fn load(&self, from: &str, ty: &RustTy) -> String {
        match ty {
            RustTy::Float(FloatTy::F32) => format!("f64::from({from})"),
            RustTy::Int(int) if *int == wide_int(*int) => from.to_string(),
            RustTy::Int(int) if matches!(int, IntTy::Usize | IntTy::Isize) => {
                format!("{from} as {}", wide_int(*int).name())
            }
            RustTy::Int(int) => format!("{}::from({from})", wide_int(*int).name()),
            RustTy::Float(FloatTy::F64)
            | RustTy::Bool
            | RustTy::Char
            | RustTy::Unit
            | RustTy::CuTime
            | RustTy::CuDuration => from.to_string(),
            RustTy::Option(inner) | RustTy::Array(inner, _) if self.is_plain(inner) => {
                if is_same(inner) {
                    from.to_string()
                } else {
                    format!("{from}.map({})", closure("x", &self.load("x", inner)))
                }
            }
            RustTy::Vec(inner) if self.is_plain(inner) && !is_same(inner) => format!(
                "{from}.iter().map({}).collect()",
                closure("&x", &self.load("x", inner))
            ),
            RustTy::Named(key)
                if self
                    .types
                    .struct_def(key)
                    .is_some_and(|d| matches!(d.kind, StructKind::Record(_))) =>
            {
                format!("Wide{}::load(&{from})", last_segment(key))
            }
            RustTy::Named(key) if self.is_copy(key) => from.to_string(),
            _ => format!("{from}.clone()"),
        }
    }

    fn is_copy(&self, key: &str) -> bool {
        let derives = match self.types.defs.get(key) {
            Some(TypeDef::Struct(def)) => &def.derives,
            Some(TypeDef::Enum(def)) => &def.derives,
            None => return false,
        };
        derives.iter().any(|d| d == "Copy")
    }

    /// The wide value in the field's type: rounded, or checked.
    fn store(&self, from: &str, ty: &RustTy, name: &str) -> String {
        match ty {
            RustTy::Float(FloatTy::F32) => format!("{from} as f32"),
            RustTy::Int(int) if *int == wide_int(*int) => from.to_string(),
            RustTy::Int(int) => {
                format!(
                    "{}::try_from({from}).map_err(|_| \"{}: `{name}` leaves {}\")?",
                    int.name(),
                    self.script,
                    int.name()
                )
            }
            RustTy::Option(inner) if is_same(inner) => from.to_string(),
            RustTy::Option(inner) => {
                let stored = self.store("x", inner, name);
                if stored.contains('?') {
                    format!("match {from} {{ Some(x) => Some({stored}), None => None }}")
                } else {
                    format!("{from}.map(|x| {stored})")
                }
            }
            RustTy::Array(inner, _) if matches!(**inner, RustTy::Float(FloatTy::F32)) => {
                format!("{from}.map(|x| x as f32)")
            }
            RustTy::Vec(inner) if matches!(**inner, RustTy::Float(FloatTy::F32)) => {
                format!("{from}.iter().map(|&x| x as f32).collect()")
            }
            RustTy::Array(inner, _) | RustTy::Vec(inner)
                if matches!(**inner, RustTy::Int(_)) && !is_same(inner) =>
            {
                let RustTy::Int(int) = **inner else {
                    return from.to_string();
                };
                let items = format!(
                    "{from}.iter().map(|&x| {}::try_from(x)).collect::<Result<Vec<_>, _>>().map_err(|_| \"{}: `{name}` leaves {}\")?",
                    int.name(),
                    self.script,
                    int.name()
                );
                if matches!(ty, RustTy::Array(..)) {
                    format!(
                        "{items}.try_into().map_err(|_| \"{}: `{name}` has another length\")?",
                        self.script
                    )
                } else {
                    items
                }
            }
            RustTy::Named(key)
                if self
                    .types
                    .struct_def(key)
                    .is_some_and(|d| matches!(d.kind, StructKind::Record(_))) =>
            {
                let fails = self.fallible.get(key).copied().unwrap_or(false);
                format!("{from}.store(){}", if fails { "?" } else { "" })
            }
            _ => from.to_string(),
        }
    }

    fn is_plain(&self, ty: &RustTy) -> bool {
        matches!(ty, RustTy::Float(_) | RustTy::Int(_) | RustTy::Bool)
    }
}

/// A closure, or the function that it would only call.
fn closure(params: &str, body: &str) -> String {
    match body.strip_suffix("(x)") {
        Some(function) if params == "x" && function.contains("::") => function.to_string(),
        _ => format!("|{params}| {body}"),
    }
}

/// Whether a type is its own wide version.
fn is_same(ty: &RustTy) -> bool {
    match ty {
        RustTy::Float(float) => *float == FloatTy::F64,
        RustTy::Int(int) => *int == wide_int(*int),
        RustTy::Option(inner) | RustTy::Array(inner, _) | RustTy::Vec(inner) => is_same(inner),
        RustTy::Named(_) => false,
        _ => true,
    }
}

fn wide_int(int: IntTy) -> IntTy {
    match int {
        IntTy::U64 | IntTy::Usize | IntTy::I128 => IntTy::I128,
        IntTy::U128 => IntTy::U128,
        IntTy::I8
        | IntTy::I16
        | IntTy::I32
        | IntTy::I64
        | IntTy::Isize
        | IntTy::U8
        | IntTy::U16
        | IntTy::U32 => IntTy::I64,
    }
}
