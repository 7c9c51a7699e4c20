//! The Rust types of messages and states, as far as Python sees them.
//!
//! Enters: nothing, these are data types. Leaves: [`TypeTable`], keyed by the path from
//! the crate root (`tasks::PidState`; items of dependencies by their crate's name first).

use std::collections::BTreeMap;
use std::path::PathBuf;

/// A Rust type.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum RustTy {
    /// `bool`
    Bool,
    /// `i8` … `u128`, `isize`, `usize`
    Int(IntTy),
    /// `f32`, `f64`
    Float(FloatTy),
    /// `char`
    Char,
    /// `String`
    String,
    /// `()`
    Unit,
    /// `Option<T>`
    Option(Box<RustTy>),
    /// `[T; N]`
    Array(Box<RustTy>, usize),
    /// `Vec<T>`
    Vec(Box<RustTy>),
    /// `CuArrayVec<T, N>`
    ArrayVec(Box<RustTy>, usize),
    /// `(A, B)`
    Tuple(Vec<RustTy>),
    /// `BTreeMap<K, V>`, `HashMap<K, V>`
    Map {
        /// Key type.
        key: Box<RustTy>,
        /// Value type.
        value: Box<RustTy>,
        /// Whether the map is sorted by its key.
        sorted: bool,
    },
    /// `CuTime`: whole nanoseconds, a Python int.
    CuTime,
    /// `CuDuration`: whole nanoseconds, a Python int.
    CuDuration,
    /// `Box<T>`
    Boxed(Box<RustTy>),
    /// A struct or enum of the table, by its key.
    Named(String),
    /// A type that we cannot see into, as the source spells it.
    Opaque(String),
}

/// An integer type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum IntTy {
    I8,
    I16,
    I32,
    I64,
    I128,
    Isize,
    U8,
    U16,
    U32,
    U64,
    U128,
    Usize,
}

impl IntTy {
    /// How Rust spells it.
    pub fn name(self) -> &'static str {
        match self {
            IntTy::I8 => "i8",
            IntTy::I16 => "i16",
            IntTy::I32 => "i32",
            IntTy::I64 => "i64",
            IntTy::I128 => "i128",
            IntTy::Isize => "isize",
            IntTy::U8 => "u8",
            IntTy::U16 => "u16",
            IntTy::U32 => "u32",
            IntTy::U64 => "u64",
            IntTy::U128 => "u128",
            IntTy::Usize => "usize",
        }
    }

    /// The type of that name.
    pub fn from_name(name: &str) -> Option<IntTy> {
        Some(match name {
            "i8" => IntTy::I8,
            "i16" => IntTy::I16,
            "i32" => IntTy::I32,
            "i64" => IntTy::I64,
            "i128" => IntTy::I128,
            "isize" => IntTy::Isize,
            "u8" => IntTy::U8,
            "u16" => IntTy::U16,
            "u32" => IntTy::U32,
            "u64" => IntTy::U64,
            "u128" => IntTy::U128,
            "usize" => IntTy::Usize,
            _ => return None,
        })
    }

    /// Whether it has negative values.
    pub fn is_signed(self) -> bool {
        matches!(
            self,
            IntTy::I8 | IntTy::I16 | IntTy::I32 | IntTy::I64 | IntTy::I128 | IntTy::Isize
        )
    }

    /// Its width in bits; `isize` and `usize` count 64.
    pub fn bits(self) -> u32 {
        match self {
            IntTy::I8 | IntTy::U8 => 8,
            IntTy::I16 | IntTy::U16 => 16,
            IntTy::I32 | IntTy::U32 => 32,
            IntTy::I64 | IntTy::U64 | IntTy::Isize | IntTy::Usize => 64,
            IntTy::I128 | IntTy::U128 => 128,
        }
    }
}

/// A float type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum FloatTy {
    F32,
    F64,
}

/// All types that were found, by their path from the crate root.
#[derive(Debug, Clone, Default)]
pub struct TypeTable {
    /// The definitions.
    pub defs: BTreeMap<String, TypeDef>,
    /// The path by which all of the app's crate can name a type, by its key; missing for a
    /// type that only some modules see.
    pub paths: BTreeMap<String, String>,
    /// What has fields and no name of its own: tuples by [`tuple_key`], the data of a
    /// variant by its enum's key and its name.
    pub parts: BTreeMap<String, StructDef>,
}

/// The key of a tuple among [`TypeTable::parts`].
pub fn tuple_key(items: &[RustTy]) -> String {
    spell_with(&RustTy::Tuple(items.to_vec()), &str::to_owned)
}

/// Whether a key is that of a tuple.
pub fn is_tuple_key(key: &str) -> bool {
    key.starts_with('(')
}

impl TypeTable {
    /// The struct of that key; a tuple and the data of a variant are structs as well.
    pub fn struct_def(&self, key: &str) -> Option<&StructDef> {
        match self.defs.get(key) {
            Some(TypeDef::Struct(def)) => Some(def),
            Some(TypeDef::Enum(_)) => None,
            None => self.parts.get(key),
        }
    }

    /// The fields of that key, those of a tuple named by their places.
    pub fn fields(&self, key: &str) -> &[FieldDef] {
        match self.struct_def(key).map(|def| &def.kind) {
            Some(StructKind::Record(fields) | StructKind::Tuple(fields)) => fields,
            _ => &[],
        }
    }

    /// Whether Python sees a list: a tuple, a tuple struct, a variant with several values.
    pub fn is_row(&self, key: &str) -> bool {
        let kind = self.struct_def(key).map(|def| &def.kind);
        matches!(kind, Some(StructKind::Tuple(_)))
    }

    /// The fields of such a list that a Rust pattern names, where none of them is an object:
    /// `(x, y)` of a `(f32, f32)`.
    pub fn row_items(&self, key: &str) -> Option<&[FieldDef]> {
        let named = |field: &FieldDef| {
            let plain = matches!(
                field.ty,
                RustTy::Bool | RustTy::Int(_) | RustTy::Float(_) | RustTy::Char | RustTy::String
            );
            plain && field.wrapper.is_none() && !field.private
        };
        let fields = self.fields(key);
        let own = self.variant_of(key).is_none();
        (own && self.is_row(key) && fields.iter().all(named)).then_some(fields)
    }

    /// The enum and the variant whose data has that key.
    pub fn variant_of<'k>(&self, key: &'k str) -> Option<(&'k str, &Variant)> {
        let (of, name) = key.rsplit_once("::")?;
        let def = self.enum_def(of)?;
        let variant = def.variants.iter().find(|v| v.name == name)?;
        Some((of, variant))
    }

    /// Notes a tuple among the parts.
    pub fn add_tuple(&mut self, items: &[RustTy]) {
        let key = tuple_key(items);
        let kind = StructKind::Tuple(numbered(items));
        let mut derives = vec!["Decode", "Default", "Encode"];
        if items.iter().all(|ty| self.is_copy(ty)) {
            derives.push("Copy");
        }
        let def = StructDef {
            name: key.clone(),
            module: Vec::new(),
            krate: None,
            file: PathBuf::new(),
            line: 0,
            derives: derives.into_iter().map(str::to_owned).collect(),
            by_hand: Vec::new(),
            kind,
        };
        self.parts.insert(key, def);
    }

    fn is_copy(&self, ty: &RustTy) -> bool {
        match ty {
            RustTy::Bool
            | RustTy::Int(_)
            | RustTy::Float(_)
            | RustTy::Char
            | RustTy::Unit
            | RustTy::CuTime
            | RustTy::CuDuration => true,
            RustTy::Option(inner) | RustTy::Array(inner, _) => self.is_copy(inner),
            RustTy::Tuple(items) => items.iter().all(|item| self.is_copy(item)),
            RustTy::Named(key) => {
                let derives = match self.defs.get(key) {
                    Some(TypeDef::Struct(def)) => &def.derives,
                    Some(TypeDef::Enum(def)) => &def.derives,
                    None => return false,
                };
                derives.iter().any(|name| name == "Copy")
            }
            RustTy::String
            | RustTy::Vec(_)
            | RustTy::ArrayVec(..)
            | RustTy::Map { .. }
            | RustTy::Boxed(_)
            | RustTy::Opaque(_) => false,
        }
    }

    /// The enum of that key.
    pub fn enum_def(&self, key: &str) -> Option<&EnumDef> {
        match self.defs.get(key)? {
            TypeDef::Enum(def) => Some(def),
            TypeDef::Struct(_) => None,
        }
    }

    /// The path by which the app's own crate names a type of the table:
    /// `crate::tasks::PidState`. It goes through re-exports where its module is private; of
    /// a type that not all of the crate can see it is the path of the declaration.
    pub fn path(&self, key: &str) -> String {
        if let Some(path) = self.paths.get(key) {
            return path.clone();
        }
        let krate = match self.defs.get(key) {
            Some(TypeDef::Struct(def)) => &def.krate,
            Some(TypeDef::Enum(def)) => &def.krate,
            None => &None,
        };
        match krate {
            Some(_) => key.to_owned(),
            None => format!("crate::{key}"),
        }
    }

    /// A type as Rust spells it, with full paths: `Option<crate::tasks::Gain>`.
    pub fn spell(&self, ty: &RustTy) -> String {
        spell_with(ty, &|key| self.path(key))
    }
}

/// The fields of a tuple.
pub fn numbered(items: &[RustTy]) -> Vec<FieldDef> {
    let field = |(i, ty): (usize, &RustTy)| FieldDef {
        name: i.to_string(),
        python_name: i.to_string(),
        ty: ty.clone(),
        wrapper: None,
        private: false,
        has_default: false,
        skipped: false,
        doc: None,
    };
    items.iter().enumerate().map(field).collect()
}

/// A type as Rust spells it, a struct or enum as `named` calls it.
fn spell_with(ty: &RustTy, named: &dyn Fn(&str) -> String) -> String {
    let spell = |ty: &RustTy| spell_with(ty, named);
    match ty {
        RustTy::Bool => "bool".to_owned(),
        RustTy::Int(int) => int.name().to_owned(),
        RustTy::Float(FloatTy::F32) => "f32".to_owned(),
        RustTy::Float(FloatTy::F64) => "f64".to_owned(),
        RustTy::Char => "char".to_owned(),
        RustTy::String => "String".to_owned(),
        RustTy::Unit => "()".to_owned(),
        RustTy::Option(inner) => format!("Option<{}>", spell(inner)),
        RustTy::Array(inner, len) => format!("[{}; {len}]", spell(inner)),
        RustTy::Vec(inner) => format!("Vec<{}>", spell(inner)),
        RustTy::ArrayVec(inner, len) => {
            format!("cu29::prelude::CuArrayVec<{}, {len}>", spell(inner))
        }
        RustTy::Tuple(items) => match items.as_slice() {
            [only] => format!("({},)", spell(only)),
            items => {
                let items: Vec<String> = items.iter().map(spell).collect();
                format!("({})", items.join(", "))
            }
        },
        RustTy::Map { key, value, sorted } => format!(
            "std::collections::{}<{}, {}>",
            if *sorted { "BTreeMap" } else { "HashMap" },
            spell(key),
            spell(value)
        ),
        RustTy::CuTime => "cu29::clock::CuTime".to_owned(),
        RustTy::CuDuration => "cu29::clock::CuDuration".to_owned(),
        RustTy::Boxed(inner) => format!("Box<{}>", spell(inner)),
        RustTy::Named(key) => named(key),
        RustTy::Opaque(spelled) => spelled.clone(),
    }
}

/// A struct or an enum.
#[derive(Debug, Clone, PartialEq)]
pub enum TypeDef {
    /// `struct`
    Struct(StructDef),
    /// `enum`
    Enum(EnumDef),
}

/// A struct.
#[derive(Debug, Clone, PartialEq)]
pub struct StructDef {
    /// Its name.
    pub name: String,
    /// The module it is declared in, from the crate root.
    pub module: Vec<String>,
    /// The crate it is declared in, where that is not the app's own.
    pub krate: Option<String>,
    /// The file it is declared in.
    pub file: PathBuf,
    /// The line of its name.
    pub line: usize,
    /// The names in its `#[derive(…)]`, last path segment only (`Encode`, `Default`, …),
    /// and those of hand-written `impl Trait for` in the same crate.
    pub derives: Vec<String>,
    /// Those of `derives` that are hand-written.
    pub by_hand: Vec<String>,
    /// What it looks like to Python.
    pub kind: StructKind,
}

impl StructDef {
    /// Whether its default is zero in every field: derived, not written by hand.
    pub fn has_derived_default(&self) -> bool {
        let default = |list: &[String]| list.iter().any(|name| name == "Default");
        default(&self.derives) && !default(&self.by_hand)
    }
}

/// What a struct looks like to serde, and so to Python.
#[derive(Debug, Clone, PartialEq)]
pub enum StructKind {
    /// Named fields: an attribute dict.
    Record(Vec<FieldDef>),
    /// `struct S(T);`: the inner value.
    Newtype {
        /// The inner type.
        held: Box<RustTy>,
        /// Whether only its module sees the field.
        private: bool,
    },
    /// `struct S(A, B);`: a list.
    Tuple(Vec<FieldDef>),
    /// `struct S;`: None.
    Unit,
    /// A hand-written `Serialize`, or serde attributes that we do not read: the reason.
    Opaque(String),
}

/// A named field.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldDef {
    /// Its name in Rust.
    pub name: String,
    /// Its name in Python (`#[serde(rename = …)]`, `rename_all`).
    pub python_name: String,
    /// Its type, as serde shows it: a newtype's is that of what it holds.
    pub ty: RustTy,
    /// The newtype or quantity around the value.
    pub wrapper: Option<Wrapper>,
    /// Whether it is visible only in the struct's module and its children.
    pub private: bool,
    /// `#[serde(default)]`: Python may leave it out of a dict literal.
    pub has_default: bool,
    /// `#[serde(skip)]`: Python does not see it.
    pub skipped: bool,
    /// The first lines of its doc comment.
    pub doc: Option<String>,
}

impl FieldDef {
    /// The place of the value in Rust, from the struct: `speed`, `speed.0`, `accel_x.value`.
    pub fn place(&self) -> String {
        match &self.wrapper {
            Some(wrapper) => format!("{}.{}", self.name, wrapper.field()),
            None => self.name.clone(),
        }
    }
}

/// What stands around the value of a field, and is nothing to serde.
#[derive(Debug, Clone, PartialEq)]
pub enum Wrapper {
    /// `struct Metres(pub f32);`, by its key.
    Newtype(String),
    /// A quantity of `cu29::units::si`, by its path.
    Quantity(String),
}

impl Wrapper {
    /// The field that holds the value.
    pub fn field(&self) -> &'static str {
        match self {
            Wrapper::Newtype(_) => "0",
            Wrapper::Quantity(_) => "value",
        }
    }

    /// The key of its type.
    pub fn key(&self) -> &str {
        match self {
            Wrapper::Newtype(key) | Wrapper::Quantity(key) => key,
        }
    }
}

/// An enum.
#[derive(Debug, Clone, PartialEq)]
pub struct EnumDef {
    /// Its name.
    pub name: String,
    /// The module it is declared in, from the crate root.
    pub module: Vec<String>,
    /// The crate it is declared in, where that is not the app's own.
    pub krate: Option<String>,
    /// The file it is declared in.
    pub file: PathBuf,
    /// The line of its name.
    pub line: usize,
    /// As [`StructDef::derives`].
    pub derives: Vec<String>,
    /// Its variants in order.
    pub variants: Vec<Variant>,
    /// The name of the variant marked `#[default]`.
    pub default: Option<String>,
}

/// A variant.
#[derive(Debug, Clone, PartialEq)]
pub struct Variant {
    /// Its name in Rust.
    pub name: String,
    /// Its name in Python.
    pub python_name: String,
    /// Its data.
    pub kind: VariantKind,
}

/// The data of a variant.
#[derive(Debug, Clone, PartialEq)]
pub enum VariantKind {
    /// `'Name'` in Python.
    Unit,
    /// `{'Name': value}`
    Newtype(RustTy),
    /// `{'Name': [a, b]}`
    Tuple(Vec<RustTy>),
    /// `{'Name': {field: value}}`
    Record(Vec<FieldDef>),
}
