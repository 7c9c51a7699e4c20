//! Values of several kinds: an int here and a text there.
//!
//! Enters: two types that have nothing in common. Leaves: [`Ty::Mixed`], which holds either, or
//! nothing where no Rust type can. This module must not know any syntax tree.

use super::{Ty, family_of};

/// The most kinds that one value may be of.
const MOST_KINDS: usize = 8;

/// A set of kinds, of any union: no union has two kinds that are one here, but for objects,
/// which are told apart as a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindSet(u16);

impl KindSet {
    /// The set of some types.
    pub fn of<'t>(kinds: impl IntoIterator<Item = &'t Ty>) -> Self {
        Self(kinds.into_iter().fold(0, |all, kind| all | bit(kind)))
    }

    /// What is in one of both.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether a type is in it.
    pub fn has(self, kind: &Ty) -> bool {
        self.0 & bit(kind) != 0
    }
}

/// The place of a kind in a set.
fn bit(kind: &Ty) -> u16 {
    match kind {
        Ty::Bool => 1,
        Ty::Int => 2,
        Ty::Float => 4,
        Ty::Number | Ty::IntOrFloat => 6,
        Ty::Str => 8,
        Ty::Member(_) => 16,
        Ty::Instance(_) => 32,
        Ty::List { .. } => 64,
        Ty::Tuple(items) => 128 << items.len().min(8),
        _ => 0,
    }
}

impl Ty {
    /// The kinds that a value may be of: of a union each of them, else the type itself.
    pub fn kinds(&self) -> &[Ty] {
        match self {
            Ty::Mixed(kinds) => kinds,
            other => std::slice::from_ref(other),
        }
    }

    /// The type of a value that is of one of these kinds; an int or a float is a number that
    /// tells which.
    pub fn of_kinds(mut kinds: Vec<Ty>) -> Ty {
        if kinds == [Ty::Int, Ty::Float] {
            return Ty::IntOrFloat;
        }
        match kinds.len() {
            0 => Ty::Unknown,
            1 => kinds.remove(0),
            _ => Ty::Mixed(kinds),
        }
    }

    /// The type of those of its kinds that are in a set; what may be None may be so still.
    #[must_use]
    pub fn among(&self, set: KindSet) -> Ty {
        match self {
            Ty::Option(inner) => inner.among(set).optional(),
            Ty::Mixed(kinds) => {
                let left: Vec<Ty> = kinds.iter().filter(|k| set.has(k)).cloned().collect();
                Ty::of_kinds(left)
            }
            other => other.clone(),
        }
    }

    /// The kinds of a union, or of what may be None beside one.
    pub fn union(&self) -> Option<&[Ty]> {
        match self.given() {
            Ty::Mixed(kinds) => Some(kinds),
            _ => None,
        }
    }

    /// The kinds that a test may tell apart; those of a number that tells are two.
    pub fn told_kinds(&self) -> Vec<Ty> {
        match self.given() {
            Ty::IntOrFloat => vec![Ty::Int, Ty::Float],
            other => other.kinds().to_vec(),
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
            | Ty::IntOrFloat
            | Ty::Str
            | Ty::Member(_)
            | Ty::Mixed(_)
            | Ty::Instance(_) => true,
            Ty::Tuple(items) => items.iter().all(|item| item.is_kind() || item.is_option()),
            Ty::List {
                elem,
                store: None,
                kind: super::ListKind::List,
                ..
            } => elem.is_kind() || **elem == Ty::Unknown,
            Ty::Unknown
            | Ty::None
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
            Ty::Number | Ty::IntOrFloat => {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_leaves_some_kinds() {
        let value = Ty::Float.join(&Ty::Str).join(&Ty::Int).optional();
        let numbers = KindSet::of(&[Ty::Int, Ty::Float]);
        assert_eq!(value.among(numbers), Ty::IntOrFloat.optional());
        assert_eq!(value.narrowed().among(KindSet::of(&[Ty::Str])), Ty::Str);
        let other = KindSet::of(&[Ty::Str]).or(KindSet::of(&[Ty::Int]));
        assert_eq!(
            value.narrowed().among(other),
            Ty::Mixed(vec![Ty::Int, Ty::Str])
        );
        assert_eq!(Ty::Float.among(other), Ty::Float);
    }
}
