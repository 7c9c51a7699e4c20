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
        if self.fallible.contains_key(key) {
            return Some(wide_key);
        }
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
            // A list may hold more in Python, until the call ends.
            RustTy::Vec(inner) | RustTy::ArrayVec(inner, _) => {
                RustTy::Vec(Box::new(self.wide(inner)?))
            }
            RustTy::Map { key, value, sorted } => RustTy::Map {
                key: key.clone(),
                value: Box::new(self.wide(value)?),
                sorted: *sorted,
            },
            RustTy::Tuple(items) => {
                let items: Option<Vec<RustTy>> = items.iter().map(|ty| self.wide(ty)).collect();
                let items = items?;
                self.types.add_tuple(&items);
                RustTy::Tuple(items)
            }
            RustTy::Named(key) if let Some(items) = self.row(key) => {
                self.uses.insert(key.clone());
                self.wide(&RustTy::Tuple(items))?
            }
            RustTy::Named(key) if self.widens(ty, 0) => RustTy::Named(self.record(key)?),
            RustTy::Named(key) => {
                self.uses.insert(key.clone());
                ty.clone()
            }
            other => other.clone(),
        })
    }

    /// Whether a type has another wide version than itself.
    fn widens(&self, ty: &RustTy, depth: usize) -> bool {
        match ty {
            RustTy::Float(float) => *float != FloatTy::F64,
            RustTy::Int(int) => *int != wide_int(*int),
            RustTy::Option(inner) | RustTy::Array(inner, _) | RustTy::Vec(inner) => {
                self.widens(inner, depth)
            }
            RustTy::ArrayVec(..) | RustTy::Tuple(_) => true,
            RustTy::Map { value, .. } => self.is_plain(value) && self.widens(value, depth),
            RustTy::Named(key) => {
                let record = self.types.struct_def(key);
                let record = record.is_some_and(|d| matches!(d.kind, StructKind::Record(_)));
                let fields = || self.types.fields(key).iter().filter(|f| !f.skipped);
                self.types.is_row(key)
                    || record && depth < 8 && fields().any(|f| self.widens(&f.ty, depth + 1))
            }
            _ => false,
        }
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
            RustTy::ArrayVec(inner, len) => format!("CuArrayVec<{}, {len}>", self.spell(inner)),
            RustTy::Boxed(inner) => format!("Box<{}>", self.spell(inner)),
            RustTy::Tuple(items) => {
                let items: Vec<String> = items.iter().map(|ty| self.spell(ty)).collect();
                let only = if items.len() == 1 { "," } else { "" };
                format!("({}{only})", items.join(", "))
            }
            RustTy::Map { key, value, sorted } => {
                let name = if *sorted { "BTreeMap" } else { "HashMap" };
                format!(
                    "std::collections::{name}<{}, {}>",
                    self.spell(key),
                    self.spell(value)
                )
            }
            RustTy::Opaque(_) => self.types.spell(ty),
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
            RustTy::Option(inner) | RustTy::Array(inner, _)
                if self.is_plain(inner) && !self.widens(inner, 0) =>
            {
                from.to_string()
            }
            RustTy::Option(inner) | RustTy::Array(inner, _) if self.is_plain(inner) => {
                format!("{from}.map({})", closure("x", &self.load("x", inner)))
            }
            RustTy::Option(inner) if self.widens(inner, 0) => {
                format!("{from}.as_ref().map({})", self.load_each(inner))
            }
            RustTy::Array(inner, _) if self.widens(inner, 0) => {
                format!("{from}.each_ref().map({})", self.load_each(inner))
            }
            RustTy::Vec(inner) if self.widens(inner, 0) => {
                format!("{from}.iter().map({}).collect()", self.load_each(inner))
            }
            RustTy::Map { key, value, .. } if self.widens(ty, 0) => {
                let key = if is_scalar(key) { "*k" } else { "k.clone()" };
                let value = self.load("v", value);
                format!("{from}.iter().map(|(k, &v)| ({key}, {value})).collect()")
            }
            RustTy::ArrayVec(inner, _) if self.widens(inner, 0) => {
                format!("{from}.0.iter().map({}).collect()", self.load_each(inner))
            }
            RustTy::ArrayVec(..) => format!("{from}.0.to_vec()"),
            RustTy::Tuple(items) => {
                let items = items.iter().enumerate();
                let items = items.map(|(i, ty)| self.load(&format!("{from}.{i}"), ty));
                format!("({},)", items.collect::<Vec<_>>().join(", "))
            }
            RustTy::Named(key) if let Some(items) = self.row(key) => {
                self.load(from, &RustTy::Tuple(items))
            }
            RustTy::Named(key) if self.widens(ty, 0) => {
                format!("Wide{}::load(&{from})", last_segment(key))
            }
            RustTy::Named(key) if self.is_copy(key) => from.to_string(),
            _ => format!("{from}.clone()"),
        }
    }

    /// What loads an element from a reference to it.
    fn load_each(&self, ty: &RustTy) -> String {
        match ty {
            RustTy::Named(key) if self.row(key).is_none() => {
                format!("Wide{}::load", last_segment(key))
            }
            _ if self.is_plain(ty) => closure("&x", &self.load("x", ty)),
            _ => closure("x", &self.load("x", ty)),
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
            _ if !self.widens(ty, 0) => from.to_string(),
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
            RustTy::Map { value, .. } => {
                let stored = self.store("v", value, name);
                match stored.contains('?') {
                    true => format!(
                        "{from}.into_iter().map(|(k, v)| Ok((k, {stored}))).collect::<CuResult<_>>()?"
                    ),
                    false => format!("{from}.into_iter().map(|(k, v)| (k, {stored})).collect()"),
                }
            }
            RustTy::Vec(inner) => self.store_items(from, inner, name, "collect()"),
            RustTy::Array(inner, _) => {
                let stored = self.store("x", inner, name);
                if !stored.contains('?') {
                    return format!("{from}.map(|x| {stored})");
                }
                let items = self.store_items(from, inner, name, "");
                format!(
                    "{items}.try_into().map_err(|_| \"{}: `{name}` has another length\")?",
                    self.script
                )
            }
            RustTy::ArrayVec(inner, len) => {
                let items = match self.widens(inner, 0) {
                    true => self.store_items(from, inner, name, "collect::<Vec<_>>()"),
                    false => from.to_string(),
                };
                format!(
                    "CuArrayVec({items}.as_slice().try_into().map_err(|_| \"{}: `{name}` holds {len} values at most\")?)",
                    self.script
                )
            }
            RustTy::Tuple(items) => {
                let items = items.iter().enumerate();
                let items = items.map(|(i, ty)| self.store(&format!("{from}.{i}"), ty, name));
                format!("({},)", items.collect::<Vec<_>>().join(", "))
            }
            RustTy::Named(key) if let Some(items) = self.row(key) => {
                let stored = self.store(from, &RustTy::Tuple(items), name);
                format!("{}{stored}", last_segment(key))
            }
            RustTy::Named(key) => {
                let fails = self.fallible.get(key).copied().unwrap_or(false);
                format!("{from}.store(){}", if fails { "?" } else { "" })
            }
            _ => from.to_string(),
        }
    }

    /// The wide elements in the type of the field; `collected` where none can fail.
    fn store_items(&self, from: &str, inner: &RustTy, name: &str, collected: &str) -> String {
        if let RustTy::Int(int) = inner {
            return format!(
                "{from}.iter().map(|&x| {}::try_from(x)).collect::<Result<Vec<_>, _>>().map_err(|_| \"{}: `{name}` leaves {}\")?",
                int.name(),
                self.script,
                int.name()
            );
        }
        let stored = self.store("x", inner, name);
        match stored.contains('?') {
            true => {
                format!("{from}.into_iter().map(|x| Ok({stored})).collect::<CuResult<Vec<_>>>()?")
            }
            false => format!("{from}.into_iter().map(|x| {stored}).{collected}"),
        }
    }

    /// The types of the fields of a tuple struct.
    fn row(&self, key: &str) -> Option<Vec<RustTy>> {
        let fields = self.types.fields(key).iter().map(|f| f.ty.clone());
        self.types.is_row(key).then(|| fields.collect())
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

/// Whether a key is copied.
fn is_scalar(ty: &RustTy) -> bool {
    matches!(ty, RustTy::Bool | RustTy::Int(_) | RustTy::Char)
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
