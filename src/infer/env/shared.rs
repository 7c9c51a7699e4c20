//! Sets and maps of which many share one until it is changed: what is known at a place is
//! most often what was known at the place before.
//!
//! This module must not know what they hold.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A set.
#[derive(Debug, Clone, PartialEq)]
pub struct SharedSet<T: Eq>(SharedMap<T, ()>);

/// A map; nothing where it has never held anything.
#[derive(Debug)]
pub struct SharedMap<K, V>(Option<Rc<BTreeMap<K, V>>>);

impl<K, V> Default for SharedMap<K, V> {
    fn default() -> Self {
        Self(None)
    }
}

impl<K, V> Clone for SharedMap<K, V> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K: PartialEq, V: PartialEq> PartialEq for SharedMap<K, V> {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(a), Some(b)) => Rc::ptr_eq(a, b) || a == b,
            _ => self.is_empty() && other.is_empty(),
        }
    }
}

impl<K, V> SharedMap<K, V> {
    /// Whether both are one.
    fn is(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(a), Some(b)) => Rc::ptr_eq(a, b),
            (a, b) => a.is_none() && b.is_none(),
        }
    }

    fn is_empty(&self) -> bool {
        self.0.as_ref().is_none_or(|map| map.is_empty())
    }
}

impl<K: Clone, V: Clone> SharedMap<K, V> {
    /// The map as nobody else's, to change it.
    fn own(&mut self) -> &mut BTreeMap<K, V> {
        Rc::make_mut(self.0.get_or_insert_default())
    }
}

impl<K: Ord + Clone, V: Copy + PartialEq> SharedMap<K, V> {
    /// The value of a key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.0.as_ref()?.get(key)
    }

    pub(in crate::infer) fn insert(&mut self, key: K, value: V) {
        if self.get(&key) != Some(&value) {
            self.own().insert(key, value);
        }
    }

    pub(in crate::infer) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Removes the keys from `first` on that are in the run, which is without gaps.
    pub(super) fn remove_run(&mut self, first: &K, in_run: impl Fn(&K) -> bool) {
        let Some(map) = &self.0 else { return };
        let run = map.range(first..).map(|(key, _)| key);
        let run: Vec<K> = run.take_while(|key| in_run(key)).cloned().collect();
        if !run.is_empty() {
            let own = self.own();
            for key in run {
                own.remove(&key);
            }
        }
    }

    /// The keys that both have, each with its values joined.
    pub(super) fn of_both(&self, other: &Self, join: impl Fn(V, V) -> V) -> Self {
        let (Some(ours), Some(theirs)) = (&self.0, &other.0) else {
            return Self::default();
        };
        let join = &join;
        let joined = || {
            let mut others = theirs.iter().peekable();
            ours.iter().filter_map(move |(key, a)| {
                while others.next_if(|(other, _)| *other < key).is_some() {}
                let (_, b) = others.next_if(|(other, _)| *other == key)?;
                Some((key, [*a, *b], join(*a, *b)))
            })
        };
        for (side, of) in [self, other].into_iter().enumerate() {
            let same = joined().filter(|(_, values, joined)| values.get(side) == Some(joined));
            if same.count() == of.0.as_ref().map_or(0, |map| map.len()) {
                return of.clone();
            }
        }
        let joined = joined().map(|(key, _, joined)| (key.clone(), joined));
        Self(Some(Rc::new(joined.collect())))
    }

    /// The same keys with other values.
    pub(super) fn mapped(&self, value: impl Fn(&K, V) -> V) -> Self {
        let Some(own) = &self.0 else {
            return Self::default();
        };
        if own.iter().all(|(key, v)| value(key, *v) == *v) {
            return self.clone();
        }
        let mapped = own.iter().map(|(key, v)| (key.clone(), value(key, *v)));
        Self(Some(Rc::new(mapped.collect())))
    }
}

impl<T: Eq> Default for SharedSet<T> {
    fn default() -> Self {
        Self(SharedMap::default())
    }
}

impl<T: Ord + Clone> SharedSet<T> {
    pub(in crate::infer) fn contains<Q: Ord + ?Sized>(&self, item: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.0.get(item).is_some()
    }

    pub(in crate::infer) fn insert(&mut self, item: T) {
        self.0.insert(item, ());
    }

    pub(in crate::infer) fn remove(&mut self, item: &T) {
        if self.contains(item) {
            self.0.own().remove(item);
        }
    }

    pub(in crate::infer) fn extend(&mut self, items: impl IntoIterator<Item = T>) {
        items.into_iter().for_each(|item| self.insert(item));
    }

    pub(in crate::infer) fn clear(&mut self) {
        self.0.clear();
    }

    /// As [`SharedMap::remove_run`].
    pub(super) fn remove_run(&mut self, first: &T, in_run: impl Fn(&T) -> bool) {
        self.0.remove_run(first, in_run);
    }

    pub(super) fn in_both(&self, other: &Self) -> Self {
        match self.0.is(&other.0) {
            true => self.clone(),
            false => Self(self.0.of_both(&other.0, |(), ()| ())),
        }
    }

    pub(super) fn in_either(&self, other: &Self) -> Self {
        let mut all = self.clone();
        if let (Some(others), false) = (&other.0.0, self.0.is(&other.0)) {
            all.extend(others.keys().cloned());
        }
        all
    }
}
