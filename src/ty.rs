//! The types that Python values have, as far as we know.
//!
//! Enters: nothing, these are data types. Leaves: [`Ty`], a lattice with [`Ty::join`],
//! and how a Rust type of a message looks to Python ([`Ty::of_rust`]). This module must
//! not know any syntax tree.

mod collections;
mod fields;
mod mixed;

pub use collections::{ListKind, Maxlen, Missing};
pub use fields::Fields;
pub use mixed::KindSet;

use crate::ast::OF_FAMILY;
use crate::project::{
    EnumDef, RustTy, StructDef, StructKind, TypeDef, TypeTable, is_tuple_key, tuple_key,
};

/// How deep types may stand in one that a diagnostic spells out.
const MOST_SHOWN: usize = 4;

/// How deep types may stand in one another.
const DEEPEST: usize = 12;

/// Whether an attribute of a payload is a method of the dict that it is.
pub fn is_dict_method(name: &str) -> bool {
    const METHODS: [&str; 11] = [
        "clear",
        "copy",
        "fromkeys",
        "get",
        "items",
        "keys",
        "pop",
        "popitem",
        "setdefault",
        "update",
        "values",
    ];
    METHODS.contains(&name)
}

/// The type of a Python value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ty {
    /// Nothing is known yet: the bottom of the lattice.
    Unknown,
    /// `None`
    None,
    /// `bool`
    Bool,
    /// `int`, of any size
    Int,
    /// `float`
    Float,
    /// An `int` on one path, a `float` on another; computed in `f64`.
    Number,
    /// An `int` or a `float`, and its value tells which: where an `f64` would not do.
    IntOrFloat,
    /// `str`
    Str,
    /// `None` or the inner type.
    Option(Box<Ty>),
    /// `tuple`
    Tuple(Vec<Ty>),
    /// `list`, also what a message's array or vector is to Python.
    List {
        /// The elements' type.
        elem: Box<Ty>,
        /// How the elements lie in memory where a message prescribes it (`f32`).
        store: Option<RustTy>,
        /// The length, where it is fixed (a message's array).
        len: Option<usize>,
        /// What it is to Python.
        kind: ListKind,
    },
    /// `range(…)`
    Range,
    /// Where an object lies in the list that keeps it: what names of the object become when
    /// the object is changed through them (`positions`).
    Position,
    /// A dict of which only literal `str` keys are known.
    Record(Fields),
    /// `dict`
    Dict {
        /// The keys' type.
        key: Box<Ty>,
        /// The values' type.
        value: Box<Ty>,
        /// Whether somebody looks at the order of its entries.
        ordered: bool,
        /// What `d[key]` gives of a key that is not there.
        missing: Missing,
    },
    /// `set`
    Set(Box<Ty>),
    /// `collections.deque`
    Deque {
        /// The elements' type.
        elem: Box<Ty>,
        /// What limits its length.
        maxlen: Maxlen,
    },
    /// A message's or state's struct, by its key in the type table.
    Struct(String),
    /// An enum of unit variants, by its key: a `str` in Python.
    Enum(String),
    /// An enum with data, by its key: in Python a `str`, or a dict with the variant's name as
    /// its one key.
    Tagged(String),
    /// An input or output slot with that payload.
    Message {
        /// Which side it is on.
        side: Side,
        /// The payload type.
        payload: Box<Ty>,
    },
    /// The list of all inputs or all outputs.
    Messages {
        /// Which side it is on.
        side: Side,
        /// The payload types in order.
        payloads: Vec<Ty>,
    },
    /// The `ctx` parameter.
    Context,
    /// The time of validity of a message.
    Tov,
    /// The metadata of a message.
    Metadata,
    /// A module such as `math`.
    Module(String),
    /// A function of the file.
    Function(String),
    /// A class of the file, as an object.
    Class(String),
    /// An instance of a class of the file.
    Instance(String),
    /// A member of an `Enum` of the file.
    Member(String),
    /// A caught exception, by the class that caught it.
    Exception(String),
    /// A value of several kinds that have nothing in common: an int here, a text there. `None`
    /// is an option of it.
    Mixed(Vec<Ty>),
    /// Contradiction, or a value beyond what is typed: the reason.
    Conflict(String),
}

/// The side of a task that a message is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// Into the task.
    Input,
    /// Out of it.
    Output,
}

/// The family of a class: itself where it is one.
pub fn family_of(class: &str) -> &str {
    class
        .split_once(OF_FAMILY)
        .map_or(class, |(family, _)| family)
}

/// A class as the user calls it.
pub fn shown_class(class: &str) -> &str {
    class.split_once(OF_FAMILY).map_or(class, |(_, own)| own)
}

impl Ty {
    /// A list whose elements lie in memory as Python's own values do.
    pub fn list(elem: Ty) -> Ty {
        Ty::List {
            elem: Box::new(elem),
            store: None,
            len: None,
            kind: ListKind::List,
        }
    }

    /// A tuple of any length, whose items are of one type.
    pub fn tuple_of(elem: Ty) -> Ty {
        Ty::List {
            elem: Box::new(elem),
            store: None,
            len: None,
            kind: ListKind::Tuple,
        }
    }

    /// `bytes` or a `bytearray`.
    pub fn octets(kind: ListKind) -> Ty {
        Ty::List {
            elem: Box::new(Ty::Int),
            store: Some(RustTy::Int(crate::project::IntTy::U8)),
            len: None,
            kind,
        }
    }

    /// What kind of bytes it is; nothing where it is something else.
    pub fn octets_kind(&self) -> Option<ListKind> {
        match self {
            Ty::List { kind, .. } if kind.is_octets() => Some(*kind),
            _ => None,
        }
    }

    /// Whether it is `bytes`, a `bytearray`, or either.
    pub fn is_octets(&self) -> bool {
        self.octets_kind().is_some()
    }

    /// Whether it is a tuple, of a fixed length or of any.
    pub fn is_tuple(&self) -> bool {
        matches!(self, Ty::Tuple(_)) || self.is_long_tuple()
    }

    /// Whether it is a tuple of any length.
    pub fn is_long_tuple(&self) -> bool {
        matches!(
            self,
            Ty::List {
                kind: ListKind::Tuple,
                ..
            }
        )
    }

    /// A list of such elements, as long as this one.
    #[must_use]
    pub fn list_of(&self, elem: Ty) -> Ty {
        if self.is_octets() {
            return self.clone();
        }
        let len = match self {
            Ty::List {
                store: None, len, ..
            } => *len,
            _ => None,
        };
        let kind = match self {
            Ty::List { kind, .. } => *kind,
            _ => ListKind::List,
        };
        Ty::List {
            elem: Box::new(elem),
            store: None,
            len,
            kind,
        }
    }

    /// A sequence of that kind with such elements, of any length.
    #[must_use]
    pub fn of_any_length(&self) -> Ty {
        match self {
            Ty::List { elem, kind, .. } if !kind.is_octets() => Ty::List {
                elem: elem.clone(),
                store: None,
                len: None,
                kind: *kind,
            },
            other => other.clone(),
        }
    }

    /// `None` or `self`; an option stays what it is.
    pub fn optional(self) -> Ty {
        match self {
            Ty::None | Ty::Option(_) | Ty::Unknown | Ty::Conflict(_) => self,
            other => Ty::Option(Box::new(other)),
        }
    }

    /// The type where the value is not `None`.
    pub fn narrowed(&self) -> Ty {
        self.given().clone()
    }

    /// As [`Ty::narrowed`], to look at.
    pub fn given(&self) -> &Ty {
        match self {
            Ty::Option(inner) => inner,
            other => other,
        }
    }

    /// Whether it is `int`, `float`, or either.
    pub fn is_number(&self) -> bool {
        matches!(self, Ty::Int | Ty::Float | Ty::Number | Ty::IntOrFloat)
    }

    /// Whether values are computed in `f64`.
    pub fn is_float(&self) -> bool {
        matches!(self, Ty::Float | Ty::Number)
    }

    /// Whether it is a list of floats, or of what is not known yet, where the other is one of
    /// ints or floats.
    pub fn is_of_floats(&self, other: &Ty) -> bool {
        match (self, other) {
            (Ty::Float | Ty::Unknown, Ty::Number) => true,
            (Ty::List { elem: a, .. }, Ty::List { elem: b, .. })
            | (Ty::Deque { elem: a, .. }, Ty::Deque { elem: b, .. }) => a.is_of_floats(b),
            _ => false,
        }
    }

    /// Whether nothing can be done with it.
    pub fn is_unusable(&self) -> bool {
        matches!(self, Ty::Unknown | Ty::Conflict(_))
    }

    /// Whether a change through one name shows through another.
    pub fn is_shared(&self) -> bool {
        match self {
            Ty::List {
                elem,
                kind: ListKind::Tuple | ListKind::Bytes,
                ..
            } => elem.is_shared(),
            Ty::List { .. }
            | Ty::Record(_)
            | Ty::Dict { .. }
            | Ty::Set(_)
            | Ty::Deque { .. }
            | Ty::Struct(_)
            | Ty::Tagged(_)
            | Ty::Instance(_)
            | Ty::Message { .. }
            | Ty::Messages { .. }
            | Ty::Metadata => true,
            Ty::Option(inner) => inner.is_shared(),
            Ty::Mixed(kinds) => kinds.iter().any(Ty::is_shared),
            Ty::Unknown
            | Ty::None
            | Ty::Bool
            | Ty::Int
            | Ty::Float
            | Ty::Number
            | Ty::IntOrFloat
            | Ty::Str
            | Ty::Tuple(_)
            | Ty::Range
            | Ty::Position
            | Ty::Enum(_)
            | Ty::Context
            | Ty::Tov
            | Ty::Module(_)
            | Ty::Function(_)
            | Ty::Class(_)
            | Ty::Member(_)
            | Ty::Exception(_)
            | Ty::Conflict(_) => false,
        }
    }

    /// Whether it is an instance of one of certain classes, or a collection of such.
    pub fn holds_instance(&self, of: &dyn Fn(&str) -> bool) -> bool {
        self.any(&|ty| matches!(ty, Ty::Instance(class) if of(class)))
    }

    /// Whether it is a collection of such members of an enum, or has them as keys.
    pub fn keeps_member(&self, member: &Ty) -> bool {
        let own = matches!(member, Ty::Member(_));
        own && matches!(
            self,
            Ty::List { .. } | Ty::Deque { .. } | Ty::Set(_) | Ty::Dict { .. }
        ) && self.parts().contains(&member)
    }

    /// Whether something holds of it or of a type that it is made of.
    pub fn any(&self, holds: &dyn Fn(&Ty) -> bool) -> bool {
        holds(self) || self.parts().into_iter().any(|part| part.any(holds))
    }

    /// How deep types stand in it.
    fn depth(&self) -> usize {
        let within = self.parts().into_iter().map(Ty::depth).max();
        1 + within.unwrap_or(0)
    }

    /// The types that it is made of.
    pub fn parts(&self) -> Vec<&Ty> {
        match self {
            Ty::Option(inner) | Ty::Set(inner) => vec![inner],
            Ty::Tuple(items) | Ty::Mixed(items) => items.iter().collect(),
            Ty::List { elem, .. } | Ty::Deque { elem, .. } => vec![elem],
            Ty::Dict { key, value, .. } => vec![key, value],
            Ty::Record(fields) => fields.iter().map(|(_, ty)| ty).collect(),
            Ty::Unknown
            | Ty::None
            | Ty::Bool
            | Ty::Int
            | Ty::Float
            | Ty::Number
            | Ty::IntOrFloat
            | Ty::Str
            | Ty::Range
            | Ty::Position
            | Ty::Struct(_)
            | Ty::Tagged(_)
            | Ty::Enum(_)
            | Ty::Message { .. }
            | Ty::Messages { .. }
            | Ty::Context
            | Ty::Tov
            | Ty::Metadata
            | Ty::Module(_)
            | Ty::Function(_)
            | Ty::Class(_)
            | Ty::Instance(_)
            | Ty::Member(_)
            | Ty::Exception(_)
            | Ty::Conflict(_) => Vec::new(),
        }
    }

    /// The least type that holds both; none where it grows without end, as that of `x` does
    /// in `x = [x]`.
    pub fn join(&self, other: &Ty) -> Ty {
        match self.join_of(other) {
            joined if joined.depth() > DEEPEST => {
                let kind = joined.kind_name();
                Ty::Conflict(format!("{kind} in {kind} without end"))
            }
            joined => joined,
        }
    }

    fn join_of(&self, other: &Ty) -> Ty {
        match (self, other) {
            (a, b) if a == b => a.clone(),
            (Ty::Unknown, b) => b.clone(),
            (a, Ty::Unknown) => a.clone(),
            (Ty::Conflict(why), _) | (_, Ty::Conflict(why)) => Ty::Conflict(why.clone()),
            (Ty::None, b) => b.clone().optional(),
            (a, Ty::None) => a.clone().optional(),
            (Ty::Option(a), Ty::Option(b)) => a.join(b).optional(),
            (Ty::Option(a), b) => a.join(b).optional(),
            (a, Ty::Option(b)) => a.join(b).optional(),
            (Ty::Int | Ty::Float | Ty::Number, Ty::Int | Ty::Float | Ty::Number) => Ty::Number,
            (Ty::IntOrFloat, other) | (other, Ty::IntOrFloat) if other.is_number() => {
                Ty::IntOrFloat
            }
            (Ty::Enum(_), Ty::Str) | (Ty::Str, Ty::Enum(_)) => Ty::Str,
            // Two classes of one family.
            (Ty::Instance(a), Ty::Instance(b)) if family_of(a) == family_of(b) => {
                Ty::Instance(family_of(a).to_string())
            }
            (Ty::Tuple(a), Ty::Tuple(b)) if a.len() == b.len() => {
                Ty::Tuple(a.iter().zip(b).map(|(a, b)| a.join(b)).collect())
            }
            (
                Ty::List {
                    elem: a,
                    store: sa,
                    len: la,
                    kind: ka,
                },
                Ty::List {
                    elem: b,
                    store: sb,
                    len: lb,
                    kind: kb,
                },
            ) if ka == kb => {
                let elem = a.join(b);
                if let Ty::Conflict(_) = elem {
                    return elem;
                }
                Ty::List {
                    elem: Box::new(elem),
                    store: if sa == sb { sa.clone() } else { None },
                    len: if la == lb { *la } else { None },
                    kind: *ka,
                }
            }
            (Ty::List { kind: a, .. }, Ty::List { kind: b, .. })
                if a.is_octets() && b.is_octets() =>
            {
                Ty::octets(ListKind::Octets)
            }
            // Tuples of several lengths.
            (Ty::Mixed(kinds), long) | (long, Ty::Mixed(kinds))
                if long.is_long_tuple() && kinds.iter().all(Ty::is_tuple) =>
            {
                kinds.iter().fold(long.clone(), |all, kind| all.join(kind))
            }
            (Ty::Tuple(items), long @ Ty::List { elem, .. })
            | (long @ Ty::List { elem, .. }, Ty::Tuple(items))
                if long.is_long_tuple() =>
            {
                let elem = items
                    .iter()
                    .fold((**elem).clone(), |all, item| all.join(item));
                match elem {
                    Ty::Conflict(_) => elem,
                    elem => Ty::tuple_of(elem),
                }
            }
            (a, b) => collections::join(a, b)
                .or_else(|| mixed::join(a, b))
                .unwrap_or_else(|| {
                    Ty::Conflict(format!(
                        "{} on one path, {} on another",
                        a.describe(),
                        b.describe()
                    ))
                }),
        }
    }

    /// The outermost kind of a container.
    fn kind_name(&self) -> &'static str {
        match self {
            Ty::List { kind, .. } => kind.name(),
            Ty::Deque { .. } => "deque",
            Ty::Dict { .. } | Ty::Record(_) => "dict",
            Ty::Set(_) => "set",
            Ty::Tuple(_) => "tuple",
            Ty::Option(inner) => inner.kind_name(),
            _ => "a value",
        }
    }

    /// How diagnostics call it.
    pub fn describe(&self) -> String {
        match self {
            Ty::Unknown => "an unknown type".into(),
            Ty::None => "None".into(),
            Ty::Bool => "bool".into(),
            Ty::Int => "int".into(),
            Ty::Float => "float".into(),
            Ty::Number | Ty::IntOrFloat => "int or float".into(),
            Ty::Str => "str".into(),
            Ty::Option(inner) => format!("{} or None", inner.describe()),
            Ty::Tuple(items) if self.depth() > MOST_SHOWN => {
                format!("a tuple of {} values", items.len())
            }
            Ty::Tuple(items) => {
                let items: Vec<String> = items.iter().map(Ty::describe).collect();
                format!("tuple ({})", items.join(", "))
            }
            Ty::List { kind, .. } if kind.is_octets() => kind.name().into(),
            Ty::List { elem, kind, .. } => collections::describe(kind.name(), &[elem]),
            Ty::Range => "range".into(),
            Ty::Position => "the position of an object in its list".into(),
            Ty::Record(_) => "dict".into(),
            Ty::Dict { key, value, .. } => collections::describe("dict", &[key, value]),
            Ty::Set(elem) => collections::describe("set", &[elem]),
            Ty::Deque { elem, .. } => collections::describe("deque", &[elem]),
            Ty::Struct(key) if is_tuple_key(key) => format!("the tuple `{}`", short_names(key)),
            Ty::Struct(key) | Ty::Enum(key) | Ty::Tagged(key) => format!("`{}`", last_segment(key)),
            Ty::Message {
                side: Side::Input, ..
            } => "an input message".into(),
            Ty::Message {
                side: Side::Output, ..
            } => "an output message".into(),
            Ty::Messages {
                side: Side::Input, ..
            } => "the list of inputs".into(),
            Ty::Messages {
                side: Side::Output, ..
            } => "the list of outputs".into(),
            Ty::Context => "the context".into(),
            Ty::Tov => "a time of validity".into(),
            Ty::Metadata => "message metadata".into(),
            Ty::Module(name) => format!("module `{name}`"),
            Ty::Function(name) => format!("function `{name}`"),
            Ty::Class(name) => format!("class `{name}`"),
            Ty::Instance(name) | Ty::Member(name) => format!("`{}`", shown_class(name)),
            Ty::Exception(class) => format!("a caught {class}"),
            Ty::Mixed(kinds) => mixed::describe(kinds),
            Ty::Conflict(why) => why.clone(),
        }
    }

    /// How a value of `rust` looks to Python under PyTask.
    pub fn of_rust(rust: &RustTy, table: &TypeTable) -> Ty {
        match rust {
            RustTy::Bool => Ty::Bool,
            RustTy::Int(_) | RustTy::CuTime | RustTy::CuDuration => Ty::Int,
            RustTy::Float(_) => Ty::Float,
            RustTy::Char | RustTy::String => Ty::Str,
            RustTy::Unit => Ty::None,
            RustTy::Option(inner) => Ty::of_rust(inner, table).optional(),
            RustTy::Array(elem, len) => Ty::List {
                elem: Box::new(Ty::of_rust(elem, table)),
                store: Some((**elem).clone()),
                len: Some(*len),
                kind: ListKind::List,
            },
            RustTy::Vec(elem) | RustTy::ArrayVec(elem, _) => Ty::List {
                kind: ListKind::List,
                elem: Box::new(Ty::of_rust(elem, table)),
                store: Some((**elem).clone()),
                len: None,
            },
            RustTy::Boxed(inner) => Ty::of_rust(inner, table),
            RustTy::Named(key) => match table.defs.get(key) {
                Some(TypeDef::Struct(StructDef { kind, .. })) => match kind {
                    StructKind::Record(_) | StructKind::Tuple(_) => Ty::Struct(key.clone()),
                    StructKind::Newtype { .. } | StructKind::Unit => Ty::Conflict(format!(
                        "`{}`, a struct without named fields",
                        last_segment(key)
                    )),
                    StructKind::Opaque(why) => {
                        Ty::Conflict(format!("`{}` ({why})", last_segment(key)))
                    }
                },
                Some(TypeDef::Enum(def)) if is_plain(def) => Ty::Enum(key.clone()),
                Some(TypeDef::Enum(_)) => Ty::Tagged(key.clone()),
                None => Ty::Conflict(format!("`{key}`, whose definition was not found")),
            },
            RustTy::Tuple(items) => Ty::Struct(tuple_key(items)),
            // Python sees it in the order of its keys.
            RustTy::Map {
                key,
                value,
                sorted: true,
            } if matches!(**key, RustTy::String | RustTy::Int(_) | RustTy::Bool) => {
                Ty::dict(Ty::of_rust(key, table), Ty::of_rust(value, table))
            }
            RustTy::Map { .. } => Ty::Conflict("a Rust map".into()),
            RustTy::Opaque(text) => {
                Ty::Conflict(format!("`{text}`, a type that we cannot see into"))
            }
        }
    }
}

/// Whether all variants are without data.
fn is_plain(def: &EnumDef) -> bool {
    def.variants
        .iter()
        .all(|v| v.kind == crate::project::VariantKind::Unit)
}

/// `PidState` of `tasks::PidState`.
pub fn last_segment(key: &str) -> &str {
    key.rsplit("::").next().unwrap_or(key)
}

/// `(Mode, Option<Gain>)` of `(messages::Mode, Option<messages::Gain>)`.
pub fn short_names(key: &str) -> String {
    let mut out = String::new();
    let mut name = String::new();
    for c in key.chars() {
        if c.is_alphanumeric() || matches!(c, '_' | ':') {
            name.push(c);
            continue;
        }
        out.push_str(last_segment(&name));
        name.clear();
        out.push(c);
    }
    out.push_str(last_segment(&name));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_that_holds_its_own_kind_without_end_is_none() {
        let list = |elem: Ty| Ty::List {
            elem: Box::new(elem),
            store: None,
            len: None,
            kind: ListKind::List,
        };
        let mut ty = Ty::Unknown;
        for _ in 0..100 {
            ty = ty.join(&list(ty.clone()));
        }
        assert_eq!(ty, Ty::Conflict("list in list without end".into()));
    }

    #[test]
    fn join_finds_the_least_type_that_holds_both() {
        assert_eq!(Ty::Int.join(&Ty::Float), Ty::Number);
        assert_eq!(Ty::Unknown.join(&Ty::Str), Ty::Str);
        assert_eq!(Ty::None.join(&Ty::Float), Ty::Option(Box::new(Ty::Float)));
        assert_eq!(
            Ty::Option(Box::new(Ty::Int)).join(&Ty::None),
            Ty::Option(Box::new(Ty::Int))
        );
        assert_eq!(Ty::Str.join(&Ty::Int), Ty::Mixed(vec![Ty::Int, Ty::Str]));
        assert_eq!(Ty::Bool.join(&Ty::Int), Ty::Mixed(vec![Ty::Bool, Ty::Int]));
        let three = Ty::Mixed(vec![Ty::Int, Ty::Float, Ty::Str]);
        assert_eq!(Ty::Number.join(&Ty::Str), three);
        assert_eq!(Ty::Int.join(&Ty::Str).join(&Ty::Float), three);
    }
}
