//! What analyses looked at, so that a function is analysed again only where something of it
//! has changed.
//!
//! Enters: which function is under analysis, what it reads of the model, and what changes.
//! Leaves: the functions that have to be analysed once more. What the [`Functions`] and
//! [`Classes`] of a model give is noted by itself; whatever else changes makes all functions
//! stale. This module must not know what functions and classes hold.

use super::model::{Class, FnModel};
use crate::ast::Made;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::rc::Rc;

/// The functions that have read something since it changed.
#[derive(Debug, Clone, Default)]
pub struct Readers(RefCell<BTreeSet<usize>>);

/// The functions that have to be analysed once more, and the one that is.
#[derive(Debug, Default)]
struct Watch {
    reader: Cell<Option<usize>>,
    /// Those that do not; all others are stale.
    at_rest: RefCell<BTreeSet<usize>>,
}

impl Watch {
    fn read(&self, readers: &Readers) {
        if let Some(reader) = self.reader.get() {
            readers.0.borrow_mut().insert(reader);
        }
    }

    fn changed(&self, readers: &Readers) {
        let mut at_rest = self.at_rest.borrow_mut();
        for reader in std::mem::take(&mut *readers.0.borrow_mut()) {
            at_rest.remove(&reader);
        }
    }
}

/// The functions of a model.
#[derive(Debug, Clone, Default)]
pub struct Functions {
    all: Vec<FnModel>,
    by_name: BTreeMap<String, Vec<usize>>,
    /// Those that have read all of them.
    readers: Readers,
    /// Those that have asked how far the rounds are.
    late: Readers,
    watch: Rc<Watch>,
}

impl Functions {
    /// A function by its index.
    pub fn get(&self, index: usize) -> Option<&FnModel> {
        let function = self.all.get(index)?;
        self.watch.read(&function.readers);
        Some(function)
    }

    /// The functions of a name, one for each way of calling it.
    pub fn named(&self, name: &str) -> impl Iterator<Item = (usize, &FnModel)> + Clone {
        let indices = self.by_name.get(name).into_iter().flatten();
        indices.filter_map(|index| Some((*index, self.get(*index)?)))
    }

    /// A function as it is before it is analysed: what it knows of itself is no news to it.
    pub(super) fn own(&self, index: usize) -> Option<&FnModel> {
        self.all.get(index)
    }

    pub(super) fn push(&mut self, function: FnModel) {
        let named = self.by_name.entry(function.python_name.clone());
        named.or_default().push(self.all.len());
        self.all.push(function);
        self.all_stale();
    }

    /// Changes a function, where `change` says that it did.
    pub(super) fn update(
        &mut self,
        index: usize,
        change: impl FnOnce(&mut FnModel) -> bool,
    ) -> bool {
        let changed = self.all.get_mut(index).is_some_and(change);
        if changed {
            self.stale(index);
            self.outside(index);
        }
        changed
    }

    /// Changes all functions.
    pub(super) fn each(&mut self, change: impl FnMut(&mut FnModel)) {
        self.all.iter_mut().for_each(change);
        self.all_stale();
    }

    /// Whether a function has to be analysed.
    pub(super) fn is_stale(&self, index: usize) -> bool {
        !self.watch.at_rest.borrow().contains(&index)
    }

    fn stale(&self, index: usize) {
        self.watch.at_rest.borrow_mut().remove(&index);
    }

    /// All functions have to be analysed.
    pub(super) fn all_stale(&self) {
        self.watch.at_rest.borrow_mut().clear();
    }

    /// Begins to take down what is read: for a function that is at rest from here on, unless
    /// something changes that it has read.
    pub(super) fn look(&self, index: usize) {
        self.watch.reader.set(Some(index));
        self.watch.at_rest.borrow_mut().insert(index);
    }

    /// Ends it; the function may have come to rest.
    pub(super) fn looked(&self, index: usize, rests: bool) {
        self.watch.reader.set(None);
        if !rests {
            self.stale(index);
        }
    }

    /// Puts what an analysis found in the place of what was known: `outside` says that others
    /// can see the difference.
    pub(super) fn found(&mut self, index: usize, outside: bool, put: impl FnOnce(&mut FnModel)) {
        let Some(function) = self.all.get_mut(index) else {
            return;
        };
        put(function);
        // It may have asked what it knew before.
        if function.readers.0.borrow_mut().remove(&index) {
            self.stale(index);
        }
        if outside {
            self.outside(index);
        }
    }

    /// Something of a function has changed that others see.
    fn outside(&self, index: usize) {
        if let Some(function) = self.all.get(index) {
            self.watch.changed(&function.readers);
        }
        self.watch.changed(&self.readers);
    }

    /// Notes that the rounds count.
    pub(super) fn asks_round(&self) {
        self.watch.read(&self.late);
    }

    /// Early rounds are over, or begin again.
    pub(super) fn round_tells(&self) {
        self.watch.changed(&self.late);
    }
}

impl Deref for Functions {
    type Target = [FnModel];

    fn deref(&self) -> &[FnModel] {
        self.watch.read(&self.readers);
        &self.all
    }
}

impl<'f> IntoIterator for &'f Functions {
    type Item = &'f FnModel;
    type IntoIter = std::slice::Iter<'f, FnModel>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// What of a class has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// Nothing.
    None,
    /// The interval of an attribute, not its type.
    Interval,
    /// Anything else.
    Any,
}

/// The classes of a model.
#[derive(Debug, Clone, Default)]
pub struct Classes {
    all: BTreeMap<String, Class>,
    /// The functions that have read all of them.
    readers: Readers,
    watch: Rc<Watch>,
}

impl Classes {
    /// None yet, for the functions of a model.
    pub(super) fn of(functions: &Functions) -> Self {
        Self {
            watch: Rc::clone(&functions.watch),
            ..Self::default()
        }
    }

    /// The class of a name.
    pub fn get(&self, name: &str) -> Option<&Class> {
        let Some(class) = self.all.get(name) else {
            self.watch.read(&self.readers);
            return None;
        };
        self.watch.read(&class.readers);
        Some(class)
    }

    /// The class of a name, for what does not depend on the intervals of its attributes.
    pub fn kind(&self, name: &str) -> Option<&Class> {
        let Some(class) = self.all.get(name) else {
            self.watch.read(&self.readers);
            return None;
        };
        self.watch.read(&class.readers_of_types);
        Some(class)
    }

    /// What Python makes of the annotations of a class, which nothing changes.
    pub fn made(&self, name: &str) -> Option<&Made> {
        self.all.get(name)?.made.as_ref()
    }

    /// Whether there is a class of that name.
    pub fn contains_key(&self, name: &str) -> bool {
        if !self.all.contains_key(name) {
            self.watch.read(&self.readers);
        }
        self.all.contains_key(name)
    }

    pub(super) fn insert(&mut self, name: String, class: Class) {
        self.all.insert(name, class);
        self.watch.at_rest.borrow_mut().clear();
    }

    /// Changes a class, where `change` says that it did.
    pub(super) fn update(&mut self, name: &str, change: impl FnOnce(&mut Class) -> Change) -> bool {
        let Some(class) = self.all.get_mut(name) else {
            return false;
        };
        let changed = change(class);
        if changed != Change::None {
            self.watch.changed(&class.readers);
            self.watch.changed(&self.readers);
        }
        if changed == Change::Any {
            self.watch.changed(&class.readers_of_types);
        }
        changed != Change::None
    }

    /// Changes all classes.
    pub(super) fn each(&mut self, change: impl FnMut(&mut Class)) {
        self.all.values_mut().for_each(change);
        self.watch.at_rest.borrow_mut().clear();
    }
}

impl Deref for Classes {
    type Target = BTreeMap<String, Class>;

    fn deref(&self) -> &BTreeMap<String, Class> {
        self.watch.read(&self.readers);
        &self.all
    }
}

impl<'c> IntoIterator for &'c Classes {
    type Item = (&'c String, &'c Class);
    type IntoIter = std::collections::btree_map::Iter<'c, String, Class>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desugar;
    use crate::infer::{Kinds, Role};
    use crate::parse;
    use crate::project::{Binding, Form, TypeTable};
    use crate::source::SourceFile;
    use std::path::Path;

    #[test]
    fn a_function_is_stale_where_something_that_it_has_read_changes() {
        let mut functions = Functions::default();
        for name in ["f", "g", "h"] {
            functions.push(FnModel::new(name, Role::Helper, 0, Vec::new()));
        }
        for index in 0..3 {
            functions.look(index);
            if index == 0 {
                functions.get(1).unwrap();
            }
            functions.looked(index, true);
        }
        assert!(!functions.is_stale(0));
        functions.found(1, false, |_| {});
        assert!(!functions.is_stale(0));
        functions.found(1, true, |_| {});
        let stale: Vec<bool> = (0..3).map(|index| functions.is_stale(index)).collect();
        assert_eq!(stale, [true, false, false]);
        functions.all_stale();
        assert!(functions.is_stale(2));
    }

    /// In tests, a function at rest is analysed all the same, and may not change anything.
    #[test]
    fn functions_at_rest_have_nothing_new_to_tell() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/programs");
        let mut paths: Vec<_> = std::fs::read_dir(dir)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|ext| ext == "py"))
            .collect();
        paths.sort();
        for path in paths {
            let text = std::fs::read_to_string(&path).unwrap();
            let source = SourceFile::new(&path, "m.py", text);
            let mut module = parse::parse(&source).module;
            desugar::level(&mut module);
            desugar::desugar(&mut module);
            desugar::program(&mut module);
            let binding = Binding::plain(&path, "m.py", Form::Program);
            let types = TypeTable::default();
            for unite in [false, true] {
                let kinds = Kinds {
                    tell: unite,
                    unite,
                    long_tuples: unite,
                    linked: false,
                };
                crate::infer::infer(&module, &types, &binding, &BTreeSet::new(), kinds);
            }
        }
    }
}
