//! Values of several kinds: an int here and a text there.
//!
//! Enters: two types that have nothing in common. Leaves: [`Ty::Mixed`], which holds either, or
//! nothing where no Rust type can. This module must not know any syntax tree.

use super::{Ty, family_of};

/// The most kinds that one value may be of.
const MOST_KINDS: usize = 8;

impl Ty {
    /// The kinds that a value may be of: of a union each of them, else the type itself.
    pub fn kinds(&self) -> &[Ty] {
        match self {
            Ty::Mixed(kinds) => kinds,
            other => std::slice::from_ref(other),
        }
    }

    /// Whether it may be of several kinds.
    pub fn is_mixed(&self) -> bool {
        matches!(self, Ty::Mixed(_))
    }

    /// Whether a union may have it as one of its kinds.
    fn is_kind(&self) -> bool {
        match self {
            Ty::Bool
            | Ty::Int
            | Ty::Float
            | Ty::Number
            | Ty::Str
            | Ty::Member(_)
            | Ty::Mixed(_)
            | Ty::Instance(_) => true,
            Ty::Tuple(items) => items.iter().all(|item| item.is_kind() || item.is_option()),
            Ty::List {
                elem, store: None, ..
            } => elem.is_kind() || **elem == Ty::Unknown,
            Ty::Unknown
            | Ty::None
            | Ty::IntOrFloat
            | Ty::Option(_)
            | Ty::List { .. }
            | Ty::Range
            | Ty::Position
            | Ty::Record(_)
            | Ty::Dict { .. }
            | Ty::Set(_)
            | Ty::Deque { .. }
            | Ty::Struct(_)
            | Ty::Enum(_)
            | Ty::Tagged(_)
            | Ty::Message { .. }
            | Ty::Messages { .. }
            | Ty::Context
            | Ty::Tov
            | Ty::Metadata
            | Ty::Module(_)
            | Ty::Function(_)
            | Ty::Class(_)
            | Ty::Exception(_)
            | Ty::Conflict(_) => false,
        }
    }

    fn is_option(&self) -> bool {
        match self {
            Ty::None => true,
            Ty::Option(inner) => inner.is_kind(),
            _ => false,
        }
    }

    /// How deep unions stand in unions.
    fn layers(&self) -> usize {
        let within = self.parts().into_iter().map(Ty::layers).max().unwrap_or(0);
        within + usize::from(self.is_mixed())
    }
}

/// The union of two types; nothing where a value of one of them is no kind of its own.
pub(super) fn join(a: &Ty, b: &Ty) -> Option<Ty> {
    if !a.is_kind() || !b.is_kind() {
        return None;
    }
    let mut kinds: Vec<Ty> = Vec::new();
    for kind in a.kinds().iter().chain(b.kinds()) {
        match kind {
            // Which of them it is shows.
            Ty::Number => {
                add(&mut kinds, &Ty::Int);
                add(&mut kinds, &Ty::Float);
            }
            kind => add(&mut kinds, kind),
        }
    }
    let union = Ty::Mixed(kinds);
    (union.kinds().len() <= MOST_KINDS && union.layers() <= 2).then_some(union)
}

/// Adds a kind, to one that it meets where there is one.
fn add(kinds: &mut Vec<Ty>, new: &Ty) {
    for kind in kinds.iter_mut() {
        if kind == new {
            return;
        }
        let alike = match (&*kind, new) {
            (Ty::Instance(a), Ty::Instance(b)) => family_of(a) == family_of(b),
            (Ty::Tuple(a), Ty::Tuple(b)) => a.len() == b.len(),
            (Ty::List { .. }, Ty::List { .. }) => true,
            _ => false,
        };
        if alike {
            *kind = kind.join(new);
            return;
        }
    }
    kinds.push(new.clone());
    kinds.sort();
}

/// How diagnostics call it.
pub(super) fn describe(kinds: &[Ty]) -> String {
    let mut kinds = kinds.iter().map(Ty::describe);
    let first = kinds.next().unwrap_or_default();
    let others: Vec<String> = kinds.collect();
    format!("{first} on one path, {} on another", others.join(" or "))
}
