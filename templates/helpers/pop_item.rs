/// Python's `d.pop(key)`: the others keep their order. `None` where it raises a KeyError.
fn pop_item<K: std::borrow::Borrow<Q>, Q: PartialEq + ?Sized, V>(entries: &mut Vec<(K, V)>, key: &Q) -> Option<V> {
    let at = entries.iter().position(|(k, _)| k.borrow() == key)?;
    Some(entries.remove(at).1)
}
