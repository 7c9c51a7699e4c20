//! Rust types.

use super::{Block, StmtKind};
use crate::project::{FloatTy, IntTy};

/// A Rust type, as far as the generated code names one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RTy {
    /// `()`
    Unit,
    /// `bool`
    Bool,
    /// An integer.
    Int(IntTy),
    /// A float.
    Float(FloatTy),
    /// `char`
    Char,
    /// `String`
    String,
    /// `&str` or `&'static str`
    Str,
    /// `Option<T>`
    Option(Box<RTy>),
    /// `[T; N]`
    Array(Box<RTy>, usize),
    /// `Vec<T>`
    Vec(Box<RTy>),
    /// `CuArrayVec<T, N>`
    ArrayVec(Box<RTy>, usize),
    /// `[T]`, behind a reference.
    Slice(Box<RTy>),
    /// `BTreeMap<K, V>`, or `Vec<(K, V)>` where the order of its entries counts.
    Map {
        /// The keys.
        key: Box<RTy>,
        /// The values.
        value: Box<RTy>,
        /// Whether the order counts.
        ordered: bool,
    },
    /// `BTreeSet<T>`
    Set(Box<RTy>),
    /// `VecDeque<T>`
    Deque(Box<RTy>),
    /// `(A, B)`
    Tuple(Vec<RTy>),
    /// `&T`
    Ref(Box<RTy>),
    /// `&mut T`
    RefMut(Box<RTy>),
    /// A struct or enum, by its key in the type table (or its name, if generated).
    Named(String),
    /// `CuMsg<T>`
    Msg(Box<RTy>),
    /// `CuContext`
    Context,
    /// `Tov`
    Tov,
    /// `CuTime`
    CuTime,
    /// `CuDuration`
    CuDuration,
    /// The helper `Number`: an `i64` or an `f64`.
    Number,
    /// A hole's type, which fits anywhere.
    Never,
}

impl RTy {
    /// `f64`
    pub const F64: RTy = RTy::Float(FloatTy::F64);
    /// `f32`
    pub const F32: RTy = RTy::Float(FloatTy::F32);
    /// `i64`
    pub const I64: RTy = RTy::Int(IntTy::I64);
    /// `i128`
    pub const I128: RTy = RTy::Int(IntTy::I128);
    /// `usize`
    pub const USIZE: RTy = RTy::Int(IntTy::Usize);

    /// `&self`
    pub fn by_ref(self) -> RTy {
        match self {
            RTy::Vec(elem) => RTy::Ref(Box::new(RTy::Slice(elem))),
            RTy::String => RTy::Str,
            other => RTy::Ref(Box::new(other)),
        }
    }

    /// Writes `Self` for `own`.
    pub fn name_self(&mut self, own: &RTy) {
        if self == own {
            *self = RTy::Named("<class>::Self".into());
            return;
        }
        match self {
            RTy::Option(inner)
            | RTy::Array(inner, _)
            | RTy::Vec(inner)
            | RTy::ArrayVec(inner, _)
            | RTy::Slice(inner)
            | RTy::Set(inner)
            | RTy::Deque(inner)
            | RTy::Ref(inner)
            | RTy::RefMut(inner)
            | RTy::Msg(inner) => inner.name_self(own),
            RTy::Map { key, value, .. } => {
                key.name_self(own);
                value.name_self(own);
            }
            RTy::Tuple(items) => items.iter_mut().for_each(|item| item.name_self(own)),
            RTy::Unit
            | RTy::Bool
            | RTy::Int(_)
            | RTy::Float(_)
            | RTy::Char
            | RTy::String
            | RTy::Str
            | RTy::Named(_)
            | RTy::Context
            | RTy::Tov
            | RTy::CuTime
            | RTy::CuDuration
            | RTy::Number
            | RTy::Never => {}
        }
    }

    /// Whether it is or holds a `Number`.
    pub fn holds_number(&self) -> bool {
        match self {
            RTy::Number => true,
            RTy::Option(inner)
            | RTy::Array(inner, _)
            | RTy::Vec(inner)
            | RTy::ArrayVec(inner, _)
            | RTy::Slice(inner)
            | RTy::Set(inner)
            | RTy::Deque(inner)
            | RTy::Ref(inner)
            | RTy::RefMut(inner)
            | RTy::Msg(inner) => inner.holds_number(),
            RTy::Map { key, value, .. } => key.holds_number() || value.holds_number(),
            RTy::Tuple(items) => items.iter().any(RTy::holds_number),
            RTy::Unit
            | RTy::Bool
            | RTy::Int(_)
            | RTy::Float(_)
            | RTy::Char
            | RTy::String
            | RTy::Str
            | RTy::Named(_)
            | RTy::Context
            | RTy::Tov
            | RTy::CuTime
            | RTy::CuDuration
            | RTy::Never => false,
        }
    }

    /// Whether it is of numbers and truths alone, so that Rust has a `Default` for it.
    pub fn has_default(&self) -> bool {
        match self {
            RTy::Unit
            | RTy::Bool
            | RTy::Int(_)
            | RTy::Float(_)
            | RTy::Char
            | RTy::CuTime
            | RTy::CuDuration => true,
            RTy::Array(inner, len) => *len <= 32 && inner.has_default(),
            RTy::Tuple(items) => items.len() <= 12 && items.iter().all(RTy::has_default),
            RTy::Number
            | RTy::Option(_)
            | RTy::Vec(_)
            | RTy::ArrayVec(..)
            | RTy::Slice(_)
            | RTy::Set(_)
            | RTy::Deque(_)
            | RTy::Map { .. }
            | RTy::Ref(_)
            | RTy::RefMut(_)
            | RTy::Msg(_)
            | RTy::String
            | RTy::Str
            | RTy::Named(_)
            | RTy::Context
            | RTy::Tov
            | RTy::Never => false,
        }
    }

    /// The type behind references.
    pub fn peel(&self) -> &RTy {
        match self {
            RTy::Ref(inner) | RTy::RefMut(inner) => inner.peel(),
            other => other,
        }
    }

    /// Whether it is behind a reference.
    pub fn is_ref(&self) -> bool {
        matches!(self, RTy::Ref(_) | RTy::RefMut(_) | RTy::Str)
    }

    /// Whether a `&mut` is or lies in it.
    pub fn has_mut(&self) -> bool {
        match self {
            RTy::RefMut(_) => true,
            RTy::Option(inner)
            | RTy::Array(inner, _)
            | RTy::Vec(inner)
            | RTy::ArrayVec(inner, _)
            | RTy::Slice(inner)
            | RTy::Set(inner)
            | RTy::Deque(inner)
            | RTy::Ref(inner)
            | RTy::Msg(inner) => inner.has_mut(),
            RTy::Map { key, value, .. } => key.has_mut() || value.has_mut(),
            RTy::Tuple(items) => items.iter().any(RTy::has_mut),
            RTy::Unit
            | RTy::Bool
            | RTy::Int(_)
            | RTy::Float(_)
            | RTy::Char
            | RTy::String
            | RTy::Str
            | RTy::Named(_)
            | RTy::Context
            | RTy::Tov
            | RTy::CuTime
            | RTy::CuDuration
            | RTy::Number
            | RTy::Never => false,
        }
    }

    /// Whether a value of it is copied, given whether a named type is.
    pub fn is_copy(&self, named: &dyn Fn(&str) -> bool) -> bool {
        match self {
            RTy::Unit
            | RTy::Bool
            | RTy::Int(_)
            | RTy::Float(_)
            | RTy::Char
            | RTy::Str
            | RTy::Ref(_)
            | RTy::Tov
            | RTy::CuTime
            | RTy::CuDuration
            | RTy::Number
            | RTy::Never => true,
            RTy::Option(inner) | RTy::Array(inner, _) => inner.is_copy(named),
            RTy::Tuple(items) => items.iter().all(|item| item.is_copy(named)),
            RTy::Named(key) => named(key),
            RTy::String
            | RTy::Vec(_)
            | RTy::ArrayVec(..)
            | RTy::Slice(_)
            | RTy::Map { .. }
            | RTy::Set(_)
            | RTy::Deque(_)
            | RTy::RefMut(_)
            | RTy::Msg(_)
            | RTy::Context => false,
        }
    }
}

impl std::fmt::Display for RTy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RTy::Unit => f.write_str("()"),
            RTy::Bool => f.write_str("bool"),
            RTy::Int(int) => f.write_str(int.name()),
            RTy::Float(FloatTy::F32) => f.write_str("f32"),
            RTy::Float(FloatTy::F64) => f.write_str("f64"),
            RTy::Char => f.write_str("char"),
            RTy::String => f.write_str("String"),
            RTy::Str => f.write_str("&str"),
            RTy::Option(inner) => write!(f, "Option<{inner}>"),
            RTy::Array(inner, len) => write!(f, "[{inner}; {len}]"),
            RTy::Vec(inner) => write!(f, "Vec<{inner}>"),
            RTy::ArrayVec(inner, len) => write!(f, "CuArrayVec<{inner}, {len}>"),
            RTy::Slice(inner) => write!(f, "[{inner}]"),
            RTy::Map {
                key,
                value,
                ordered: true,
            } => write!(f, "Vec<({key}, {value})>"),
            RTy::Map { key, value, .. } => write!(f, "BTreeMap<{key}, {value}>"),
            RTy::Set(elem) => write!(f, "BTreeSet<{elem}>"),
            RTy::Deque(elem) => write!(f, "VecDeque<{elem}>"),
            RTy::Tuple(items) => {
                f.write_str("(")?;
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{item}")?;
                }
                if items.len() == 1 {
                    f.write_str(",")?;
                }
                f.write_str(")")
            }
            RTy::Ref(inner) => match &**inner {
                RTy::Map {
                    key,
                    value,
                    ordered: true,
                } => write!(f, "&[({key}, {value})]"),
                other => write!(f, "&{other}"),
            },
            RTy::RefMut(inner) => write!(f, "&mut {inner}"),
            RTy::Named(key) if crate::project::is_tuple_key(key) => {
                f.write_str(&crate::ty::short_names(key))
            }
            RTy::Named(key) => f.write_str(crate::ty::last_segment(key)),
            RTy::Msg(inner) => write!(f, "CuMsg<{inner}>"),
            RTy::Context => f.write_str("CuContext"),
            RTy::Tov => f.write_str("Tov"),
            RTy::CuTime => f.write_str("CuTime"),
            RTy::CuDuration => f.write_str("CuDuration"),
            RTy::Number => f.write_str("Number"),
            RTy::Never => f.write_str("!"),
        }
    }
}

/// The types that a block declares variables with.
pub fn of_variables(block: &Block, f: &mut dyn FnMut(&RTy)) {
    let mut exprs = Vec::new();
    let mut blocks = Vec::new();
    for stmt in &block.stmts {
        if let StmtKind::Let { ty: Some(ty), .. } = &stmt.kind {
            f(ty);
        }
        stmt.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
    }
    exprs.extend(block.value.as_deref());
    while let Some(e) = exprs.pop() {
        e.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
    }
    blocks.into_iter().for_each(|inner| of_variables(inner, f));
}

impl RTy {
    /// Whether clippy finds a type too complex to be written out; `depth` is how deep it
    /// stands in another.
    pub fn is_complex(&self, depth: u32) -> bool {
        self.complexity(depth + 1) > 250
    }

    /// As clippy counts it.
    fn complexity(&self, nest: u32) -> u32 {
        let inner: Vec<&RTy> = match self {
            RTy::Ref(inner) | RTy::RefMut(inner) => return 1 + inner.complexity(nest),
            RTy::Option(inner)
            | RTy::Array(inner, _)
            | RTy::Vec(inner)
            | RTy::ArrayVec(inner, _)
            | RTy::Slice(inner)
            | RTy::Set(inner)
            | RTy::Deque(inner)
            | RTy::Msg(inner) => vec![inner],
            RTy::Tuple(items) => items.iter().collect(),
            RTy::Map {
                key,
                value,
                ordered: true,
            } => {
                let entry = key.complexity(nest + 2) + value.complexity(nest + 2);
                return 10 * nest + 10 * (nest + 1) + entry;
            }
            RTy::Map { key, value, .. } => vec![key, value],
            RTy::Unit
            | RTy::Bool
            | RTy::Int(_)
            | RTy::Float(_)
            | RTy::Char
            | RTy::String
            | RTy::Str
            | RTy::Context
            | RTy::Tov
            | RTy::CuTime
            | RTy::CuDuration
            | RTy::Number
            | RTy::Never
            | RTy::Named(_) => vec![],
        };
        10 * nest + inner.iter().map(|ty| ty.complexity(nest + 1)).sum::<u32>()
    }
}
