/// The value of a key in entries that keep Python's order, to change it: `None` where it raises a
/// KeyError.
fn lookup_mut<'m, K: std::borrow::Borrow<Q>, Q: PartialEq + ?Sized, V>(entries: &'m mut [(K, V)], key: &Q) -> Option<&'m mut V> {
    entries.iter_mut().find(|(k, _)| (*k).borrow() == key).map(|(_, value)| value)
}
