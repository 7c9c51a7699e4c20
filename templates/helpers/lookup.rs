/// The value of a key in entries that keep Python's order: `None` where it raises a KeyError.
fn lookup<'m, K: std::borrow::Borrow<Q>, Q: PartialEq + ?Sized, V>(entries: &'m [(K, V)], key: &Q) -> Option<&'m V> {
    entries.iter().find(|(k, _)| k.borrow() == key).map(|(_, value)| value)
}
