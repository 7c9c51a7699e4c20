//! What is known at one point of the flow.

use crate::ranges::Range;
use std::collections::{BTreeMap, BTreeSet};

/// A stable way to an object: a variable, then attributes and constant indices.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path {
    /// The variable (its version), or a parameter.
    pub root: String,
    /// The steps from it.
    pub segs: Vec<Seg>,
}

/// A step of a [`Path`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Seg {
    /// `.name`
    Attr(String),
    /// `[i]`
    Index(usize),
}

impl Path {
    /// The variable itself.
    pub fn root(name: impl Into<String>) -> Self {
        Self {
            root: name.into(),
            segs: Vec::new(),
        }
    }

    /// A module variable.
    pub fn global(name: &str) -> Self {
        Self::root(format!("@{name}"))
    }

    /// The module variable that it starts from.
    pub fn global_name(&self) -> Option<&str> {
        self.root.strip_prefix('@')
    }

    /// One step further.
    #[must_use]
    pub fn then(&self, seg: Seg) -> Self {
        let mut segs = self.segs.clone();
        segs.push(seg);
        Self {
            root: self.root.clone(),
            segs,
        }
    }

    /// `.name`
    #[must_use]
    pub fn attr(&self, name: &str) -> Self {
        self.then(Seg::Attr(name.to_string()))
    }

    /// Whether it is `prefix` or lies below it.
    pub fn starts_with(&self, prefix: &Path) -> bool {
        self.root == prefix.root && self.segs.starts_with(&prefix.segs)
    }
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(super::scope::plain_name(&self.root).trim_start_matches('@'))?;
        for seg in &self.segs {
            match seg {
                Seg::Attr(name) => write!(f, ".{name}")?,
                Seg::Index(i) => write!(f, "[{i}]")?,
            }
        }
        Ok(())
    }
}

/// What is known at one point.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Env {
    /// Whether control gets here.
    pub(crate) reachable: bool,
    /// The variables that are bound for certain.
    pub(crate) bound: BTreeSet<String>,
    /// What is not None.
    pub(crate) some: BTreeSet<Path>,
    /// The parameters that still are the None that every call gives.
    pub(crate) none: BTreeSet<Path>,
    /// Float fields that may hold an int: PyTask converts it only when the call has ended.
    pub(crate) ints: BTreeSet<Path>,
    /// Float fields that hold a float for certain.
    pub(crate) floats: BTreeSet<Path>,
    /// The call of the task has run nothing but this function yet.
    pub(crate) fresh: bool,
    /// Those of `ints` whose int a double may not hold.
    pub(crate) wide_ints: BTreeSet<Path>,
    /// The intervals of numbers.
    pub(crate) ranges: BTreeMap<Path, Range>,
}

impl Env {
    pub(crate) fn new() -> Self {
        Self {
            reachable: true,
            bound: BTreeSet::new(),
            some: BTreeSet::new(),
            none: BTreeSet::new(),
            ints: BTreeSet::new(),
            floats: BTreeSet::new(),
            fresh: false,
            wide_ints: BTreeSet::new(),
            ranges: BTreeMap::new(),
        }
    }

    pub(crate) fn unreachable() -> Self {
        Self {
            reachable: false,
            ..Self::new()
        }
    }

    /// What holds on both ways here.
    pub(crate) fn meet(&self, other: &Env) -> Env {
        if !self.reachable {
            return other.clone();
        }
        if !other.reachable {
            return self.clone();
        }
        Env {
            reachable: true,
            bound: self.bound.intersection(&other.bound).cloned().collect(),
            some: self.some.intersection(&other.some).cloned().collect(),
            none: self.none.intersection(&other.none).cloned().collect(),
            ints: self.ints.union(&other.ints).cloned().collect(),
            floats: self.floats.intersection(&other.floats).cloned().collect(),
            fresh: self.fresh && other.fresh,
            wide_ints: self.wide_ints.union(&other.wide_ints).cloned().collect(),
            ranges: self
                .ranges
                .iter()
                .filter_map(|(path, a)| other.ranges.get(path).map(|b| (path.clone(), a.join(*b))))
                .collect(),
        }
    }

    /// As [`Env::meet`], with intervals that grew pushed out.
    pub(crate) fn widen(&self, next: &Env) -> Env {
        let mut met = self.meet(next);
        for (path, range) in &mut met.ranges {
            if let Some(before) = self.ranges.get(path) {
                *range = before.widen(*range);
            }
        }
        met
    }

    /// Forgets all below `prefix`, `prefix` included.
    pub(crate) fn forget(&mut self, prefix: &Path) {
        self.ints.retain(|path| !path.starts_with(prefix));
        self.wide_ints.retain(|path| !path.starts_with(prefix));
        self.floats.retain(|path| !path.starts_with(prefix));
        self.some.retain(|path| !path.starts_with(prefix));
        self.none.retain(|path| !path.starts_with(prefix));
        self.ranges.retain(|path, _| !path.starts_with(prefix));
    }

    /// Forgets all below `prefix`, but not `prefix`.
    pub(crate) fn forget_below(&mut self, prefix: &Path) {
        self.some
            .retain(|path| path == prefix || !path.starts_with(prefix));
        self.ranges
            .retain(|path, _| path == prefix || !path.starts_with(prefix));
    }
}
