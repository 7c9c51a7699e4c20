//! Values as Rust expressions.
//!
//! Enters: a [`Value`] and the type it is of. Leaves: an expression that makes it again, bit
//! for bit but for the payload of a NaN, and the paths that it needs; or why there is none.
//! This module must not know what the value is for.

use super::value::Value;
use crate::project::{FieldDef, FloatTy, RustTy, StructKind, TypeTable, VariantKind, Wrapper};
use std::collections::BTreeMap;

/// Writes values as the module of the app that `module` names would.
#[derive(Debug)]
pub struct Literals<'a> {
    types: &'a TypeTable,
    module: &'a [String],
    /// The paths that are written by their last segment.
    pub uses: BTreeMap<String, String>,
}

impl<'a> Literals<'a> {
    /// Nothing written yet.
    pub fn new(types: &'a TypeTable, module: &'a [String]) -> Self {
        Self {
            types,
            module,
            uses: BTreeMap::new(),
        }
    }

    /// The expression.
    ///
    /// # Errors
    /// The type cannot be seen into, or the module cannot see its fields.
    pub fn write(&mut self, value: &Value, ty: &RustTy) -> Result<String, String> {
        let misfit = || format!("a value is not of the type {}", self.types.spell(ty));
        match (ty, value) {
            (RustTy::Bool, Value::Bool(value)) => Ok(value.to_string()),
            (RustTy::Int(_), Value::Int(text)) => Ok(text.clone()),
            (RustTy::Float(FloatTy::F32), Value::F32(bits)) => Ok(single(f32::from_bits(*bits))),
            (RustTy::Float(FloatTy::F64), Value::F64(bits)) => Ok(double(f64::from_bits(*bits))),
            (RustTy::Char, Value::Char(value)) => Ok(format!("{value:?}")),
            (RustTy::String, Value::Str(text)) if text.is_empty() => Ok("String::new()".into()),
            (RustTy::String, Value::Str(text)) => Ok(format!("{text:?}.to_owned()")),
            (RustTy::Unit, Value::Unit) => Ok("()".into()),
            (RustTy::Option(_), Value::None) => Ok("None".into()),
            (RustTy::Option(inner), Value::Some(value)) => {
                Ok(format!("Some({})", self.write(value, inner)?))
            }
            (RustTy::Array(inner, _), Value::Seq(items)) => {
                Ok(format!("[{}]", self.items(items, inner)?))
            }
            (RustTy::Vec(inner), Value::Seq(items)) => {
                Ok(format!("vec![{}]", self.items(items, inner)?))
            }
            (RustTy::ArrayVec(inner, _), Value::Seq(items)) => Ok(format!(
                "cu29::prelude::CuArrayVec([{}].into_iter().collect())",
                self.items(items, inner)?
            )),
            (RustTy::Tuple(types), Value::Seq(items)) if types.len() == items.len() => {
                Ok(format!("({},)", self.each(items, types)?))
            }
            (RustTy::Map { key, value, sorted }, Value::Map(entries)) => {
                let entries: Result<Vec<String>, String> = entries
                    .iter()
                    .map(|(k, v)| {
                        Ok(format!(
                            "({}, {})",
                            self.write(k, key)?,
                            self.write(v, value)?
                        ))
                    })
                    .collect();
                let name = if *sorted { "BTreeMap" } else { "HashMap" };
                let name = self.path(&format!("std::collections::{name}"));
                Ok(format!("{name}::from([{}])", entries?.join(", ")))
            }
            (RustTy::CuTime, Value::Int(text)) => Ok(format!("CuTime::from_nanos({text})")),
            (RustTy::CuDuration, Value::Int(text)) => Ok(format!("CuDuration::from_nanos({text})")),
            (RustTy::Boxed(inner), value) => Ok(format!("Box::new({})", self.write(value, inner)?)),
            (RustTy::Named(key), value) => self.named(key, value),
            (RustTy::Opaque(spelled), _) => Err(format!("nothing is known of the type {spelled}")),
            (
                RustTy::Bool
                | RustTy::Int(_)
                | RustTy::Float(_)
                | RustTy::Char
                | RustTy::String
                | RustTy::Unit
                | RustTy::Option(_)
                | RustTy::Array(..)
                | RustTy::Vec(_)
                | RustTy::ArrayVec(..)
                | RustTy::Tuple(_)
                | RustTy::Map { .. }
                | RustTy::CuTime
                | RustTy::CuDuration,
                _,
            ) => Err(misfit()),
        }
    }

    fn named(&mut self, key: &str, value: &Value) -> Result<String, String> {
        if let Some(def) = self.types.struct_def(key) {
            let kind = def.kind.clone();
            let within = def.krate.is_none() && self.module.starts_with(&def.module);
            let hidden = |field: &str| format!("the field `{field}` of {key} is private");
            let name = self.type_name(key);
            return match (&kind, value) {
                (StructKind::Record(fields), Value::Record(_, values)) => {
                    if let Some(field) = fields.iter().find(|field| field.private && !within) {
                        return Err(hidden(&field.name));
                    }
                    Ok(format!("{name} {{ {} }}", self.fields(fields, values)?))
                }
                (StructKind::Newtype { held, private }, value) => match *private && !within {
                    true => Err(hidden("0")),
                    false => Ok(format!("{name}({})", self.write(value, held)?)),
                },
                (StructKind::Tuple(fields), _) if !within && fields.iter().any(|f| f.private) => {
                    Err(hidden("0"))
                }
                (StructKind::Tuple(fields), Value::Seq(items)) if fields.len() == items.len() => {
                    let types: Vec<RustTy> = fields.iter().map(|f| f.ty.clone()).collect();
                    let types = &types;
                    Ok(format!("{name}({})", self.each(items, types)?))
                }
                (StructKind::Unit, _) => Ok(name),
                (StructKind::Opaque(reason), _) => Err(format!("{key}: {reason}")),
                (StructKind::Record(_) | StructKind::Tuple(_), _) => {
                    Err(format!("a value is no {key}"))
                }
            };
        }
        let def = self.types.enum_def(key);
        let (Some(def), Value::Variant(variant, data)) = (def, value) else {
            return Err(format!("nothing is known of the type {key}"));
        };
        let found = def.variants.iter().find(|v| v.python_name == *variant);
        let found = found
            .ok_or_else(|| format!("{key} has no variant {variant}"))?
            .clone();
        let name = format!("{}::{}", self.type_name(key), found.name);
        match (&found.kind, data.as_ref()) {
            (VariantKind::Unit, _) => Ok(name),
            (VariantKind::Newtype(held), data) => {
                Ok(format!("{name}({})", self.write(data, held)?))
            }
            (VariantKind::Tuple(types), Value::Seq(items)) if types.len() == items.len() => {
                Ok(format!("{name}({})", self.each(items, types)?))
            }
            (VariantKind::Record(fields), Value::Record(_, values)) => {
                Ok(format!("{name} {{ {} }}", self.fields(fields, values)?))
            }
            (VariantKind::Tuple(_) | VariantKind::Record(_), _) => {
                Err(format!("a value is no {key}::{variant}"))
            }
        }
    }

    fn fields(
        &mut self,
        fields: &[FieldDef],
        values: &[(String, Value)],
    ) -> Result<String, String> {
        let mut written = Vec::new();
        let mut rest = false;
        for field in fields {
            let value = values.iter().find(|(name, _)| *name == field.python_name);
            let Some((_, value)) = value else {
                // serde skips it.
                rest = true;
                continue;
            };
            let inner = self.write(value, &field.ty)?;
            let inner = match &field.wrapper {
                None => inner,
                Some(Wrapper::Newtype(key)) => format!("{}({inner})", self.type_name(key)),
                Some(Wrapper::Quantity(path)) => {
                    format!("{} {{ value: {inner} }}", self.path(path))
                }
            };
            written.push(format!("{}: {inner}", field.name));
        }
        if rest {
            written.push("..Default::default()".into());
        }
        Ok(written.join(", "))
    }

    fn items(&mut self, items: &[Value], ty: &RustTy) -> Result<String, String> {
        let items: Result<Vec<String>, String> =
            items.iter().map(|item| self.write(item, ty)).collect();
        Ok(items?.join(", "))
    }

    fn each(&mut self, items: &[Value], types: &[RustTy]) -> Result<String, String> {
        let pairs = items.iter().zip(types);
        let items: Result<Vec<String>, String> =
            pairs.map(|(item, ty)| self.write(item, ty)).collect();
        Ok(items?.join(", "))
    }

    /// A type of the table, as the module writes it.
    pub fn type_name(&mut self, key: &str) -> String {
        let path = self.types.path(key);
        self.path(&path)
    }

    /// Any type, with full paths.
    pub fn spell(&self, ty: &RustTy) -> String {
        self.types.spell(ty)
    }

    /// The last segment of a path, which is imported; all of it where another path ends alike.
    pub fn path(&mut self, path: &str) -> String {
        let (short, generics) = match path.find('<') {
            Some(at) => path.split_at(at),
            None => (path, ""),
        };
        let Some((_, last)) = short.rsplit_once("::") else {
            return path.to_owned();
        };
        let known = self.uses.entry(last.to_owned());
        if known.or_insert_with(|| short.to_owned()) == short {
            format!("{last}{generics}")
        } else {
            path.to_owned()
        }
    }
}

fn single(value: f32) -> String {
    match value {
        value if value.is_nan() => "f32::NAN".into(),
        f32::INFINITY => "f32::INFINITY".into(),
        f32::NEG_INFINITY => "f32::NEG_INFINITY".into(),
        value => format!("{value:?}"),
    }
}

fn double(value: f64) -> String {
    match value {
        value if value.is_nan() => "f64::NAN".into(),
        f64::INFINITY => "f64::INFINITY".into(),
        f64::NEG_INFINITY => "f64::NEG_INFINITY".into(),
        value => format!("{value:?}"),
    }
}
