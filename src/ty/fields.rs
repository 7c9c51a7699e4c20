//! The entries of a dict of which only literal keys are known.
//!
//! Enters: keys with the types of their values. Leaves: [`Fields`], which know what entries may
//! be missing, and how two kinds of dicts are one. This module must not know any syntax tree.

use super::Ty;
use std::collections::BTreeSet;
use std::ops::{Deref, DerefMut};

/// The entries of a dict of which only literal keys are known.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fields {
    all: Vec<(String, Ty)>,
    /// The keys that are there in some of the dicts only.
    optional: BTreeSet<String>,
    /// Whether the entries stand in one order in all of the dicts.
    loose: bool,
}

impl Fields {
    /// Whether an entry may be missing.
    pub fn may_lack(&self, key: &str) -> bool {
        self.optional.contains(key)
    }

    /// Whether some entry may be missing.
    pub fn is_partial(&self) -> bool {
        !self.optional.is_empty()
    }

    /// Whether all dicts of that type have the same keys in the same order.
    pub fn is_fixed(&self) -> bool {
        !self.loose
    }

    /// The type of an entry.
    pub fn entry(&self, key: &str) -> Option<&Ty> {
        let found = self.all.iter().find(|(name, _)| name == key);
        found.map(|(_, ty)| ty)
    }

    /// The same dict, where an entry may have been put in later.
    #[must_use]
    pub fn with(&self, key: &str, ty: &Ty) -> Fields {
        let mut own = self.clone();
        match own.all.iter_mut().find(|(name, _)| name == key) {
            Some((_, known)) => *known = known.join(ty),
            None => {
                own.all.push((key.to_string(), ty.clone()));
                own.optional.insert(key.to_string());
                own.settle();
            }
        }
        own
    }

    /// Puts an entry in, over one that is there: it may be missing where it `may_lack`.
    pub fn put(&mut self, key: &str, ty: &Ty, may_lack: bool) {
        match self.all.iter_mut().find(|(name, _)| name == key) {
            Some((_, known)) if may_lack => *known = known.join(ty),
            Some((_, known)) => {
                *known = ty.clone();
                self.optional.remove(key);
            }
            None => {
                self.all.push((key.to_string(), ty.clone()));
                if may_lack {
                    self.optional.insert(key.to_string());
                }
            }
        }
        if self.loose || may_lack {
            self.settle();
        }
    }

    /// The same dict, where any entry may be missing.
    #[must_use]
    pub fn from_nothing(&self) -> Fields {
        let mut own = self.clone();
        own.optional = own.all.iter().map(|(name, _)| name.clone()).collect();
        own.settle();
        own
    }

    /// What is either of two dicts: entries that only one has may be missing.
    #[must_use]
    pub fn join(&self, other: &Fields) -> Fields {
        let keys = |fields: &Fields| -> Vec<String> {
            fields.all.iter().map(|(name, _)| name.clone()).collect()
        };
        let mut own = self.clone();
        own.optional.extend(other.optional.iter().cloned());
        for (name, _) in &self.all {
            if other.entry(name).is_none() {
                own.optional.insert(name.clone());
            }
        }
        for (name, ty) in &other.all {
            match own.all.iter_mut().find(|(known, _)| known == name) {
                Some((_, known)) => *known = known.join(ty),
                None => {
                    own.all.push((name.clone(), ty.clone()));
                    own.optional.insert(name.clone());
                }
            }
        }
        own.loose |= other.loose;
        if keys(self) != keys(other) || own.loose {
            own.settle();
        }
        own
    }

    /// Puts the entries in an order that does not depend on what was seen first.
    fn settle(&mut self) {
        self.loose = true;
        let optional = &self.optional;
        self.all
            .sort_by(|(a, _), (b, _)| (optional.contains(a), a).cmp(&(optional.contains(b), b)));
    }
}

impl Deref for Fields {
    type Target = [(String, Ty)];

    fn deref(&self) -> &Self::Target {
        &self.all
    }
}

impl DerefMut for Fields {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.all
    }
}

impl From<Vec<(String, Ty)>> for Fields {
    fn from(all: Vec<(String, Ty)>) -> Fields {
        Fields {
            all,
            ..Fields::default()
        }
    }
}

impl FromIterator<(String, Ty)> for Fields {
    fn from_iter<T: IntoIterator<Item = (String, Ty)>>(iter: T) -> Fields {
        iter.into_iter().collect::<Vec<_>>().into()
    }
}

impl<'a> IntoIterator for &'a Fields {
    type Item = &'a (String, Ty);
    type IntoIter = std::slice::Iter<'a, (String, Ty)>;

    fn into_iter(self) -> Self::IntoIter {
        self.all.iter()
    }
}

impl IntoIterator for Fields {
    type Item = (String, Ty);
    type IntoIter = std::vec::IntoIter<(String, Ty)>;

    fn into_iter(self) -> Self::IntoIter {
        self.all.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_one_has_may_be_missing() {
        let a: Fields = vec![("cmd".into(), Ty::Str), ("x".into(), Ty::Float)].into();
        let b: Fields = vec![("cmd".into(), Ty::Str), ("alt".into(), Ty::Int)].into();
        let both = a.join(&b);
        assert_eq!(both, b.join(&a));
        assert_eq!(both.join(&a), both);
        assert!(both.may_lack("alt") && both.may_lack("x") && !both.may_lack("cmd"));
        assert!(!both.is_fixed() && a.join(&a).is_fixed());
        assert_eq!(a.with("alt", &Ty::Int).entry("alt"), Some(&Ty::Int));
    }
}
