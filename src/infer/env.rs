//! What is known at one point of the flow.

mod shared;

use crate::ranges::Range;
use crate::ty::KindSet;
pub use shared::SharedMap;
use shared::SharedSet;
use std::ops::Deref;
use std::rc::Rc;

/// A stable way to an object: a variable, then attributes and constant indices. Many share
/// one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(Rc<Steps>);

/// What a [`Path`] consists of.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Steps {
    /// The variable (its version), or a parameter.
    pub root: String,
    /// The steps from it.
    pub segs: Vec<Seg>,
}

impl Deref for Path {
    type Target = Steps;

    fn deref(&self) -> &Steps {
        &self.0
    }
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
    /// The way by some steps.
    pub fn new(root: impl Into<String>, segs: Vec<Seg>) -> Self {
        let root = root.into();
        Self(Rc::new(Steps { root, segs }))
    }

    /// The variable itself.
    pub fn root(name: impl Into<String>) -> Self {
        Self::new(name, Vec::new())
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
        let mut segs = Vec::with_capacity(self.segs.len() + 1);
        segs.extend_from_slice(&self.segs);
        segs.push(seg);
        Self::new(&self.root, segs)
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
    pub(crate) bound: SharedSet<String>,
    /// What is not None.
    pub(crate) some: SharedSet<Path>,
    /// The parameters that still are the None that every call gives.
    pub(crate) none: SharedSet<Path>,
    /// Float fields that may hold an int: PyTask converts it only when the call has ended.
    pub(crate) ints: SharedSet<Path>,
    /// Float fields that hold a float for certain.
    pub(crate) floats: SharedSet<Path>,
    /// The call of the task has run nothing but this function yet.
    pub(crate) fresh: bool,
    /// Those of `ints` whose int a double may not hold.
    pub(crate) wide_ints: SharedSet<Path>,
    /// The intervals of numbers.
    pub(crate) ranges: SharedMap<Path, Range>,
    /// The kinds that values of several kinds may be of here.
    pub(crate) kinds: SharedMap<Path, KindSet>,
}

impl Env {
    pub(crate) fn new() -> Self {
        Self {
            reachable: true,
            bound: SharedSet::default(),
            some: SharedSet::default(),
            none: SharedSet::default(),
            ints: SharedSet::default(),
            floats: SharedSet::default(),
            fresh: false,
            wide_ints: SharedSet::default(),
            ranges: SharedMap::default(),
            kinds: SharedMap::default(),
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
            bound: self.bound.in_both(&other.bound),
            some: self.some.in_both(&other.some),
            none: self.none.in_both(&other.none),
            ints: self.ints.in_either(&other.ints),
            floats: self.floats.in_both(&other.floats),
            fresh: self.fresh && other.fresh,
            wide_ints: self.wide_ints.in_either(&other.wide_ints),
            ranges: self.ranges.of_both(&other.ranges, |a, b| a.join(b)),
            kinds: self.kinds.of_both(&other.kinds, KindSet::or),
        }
    }

    /// As [`Env::meet`], with intervals that grew pushed out.
    pub(crate) fn widen(&self, next: &Env) -> Env {
        let mut met = self.meet(next);
        met.ranges = met.ranges.mapped(|path, range| {
            let before = self.ranges.get(path);
            before.map_or(range, |before| before.widen(range))
        });
        met
    }

    /// Forgets all below `prefix`, `prefix` included.
    pub(crate) fn forget(&mut self, prefix: &Path) {
        let below = |path: &Path| path.starts_with(prefix);
        self.ints.remove_run(prefix, below);
        self.wide_ints.remove_run(prefix, below);
        self.floats.remove_run(prefix, below);
        self.some.remove_run(prefix, below);
        self.none.remove_run(prefix, below);
        self.ranges.remove_run(prefix, below);
        self.kinds.remove_run(prefix, below);
    }

    /// Forgets all below `prefix`, but not `prefix`.
    pub(crate) fn forget_below(&mut self, prefix: &Path) {
        let below = |path: &Path| path.starts_with(prefix);
        let first = prefix.then(Seg::Attr(String::new()));
        self.some.remove_run(&first, below);
        self.ranges.remove_run(&first, below);
        self.kinds.remove_run(&first, below);
    }
}
