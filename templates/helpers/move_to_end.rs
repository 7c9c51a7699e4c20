/// Python's `move_to_end(key, last)` of an `OrderedDict`: `None` where it raises a KeyError.
fn move_to_end<K: PartialEq<Q>, V, Q: ?Sized>(
    entries: &mut Vec<(K, V)>,
    key: &Q,
    last: bool,
) -> Option<()> {
    let at = entries.iter().position(|(k, _)| *k == *key)?;
    let entry = entries.remove(at);
    entries.insert(if last { entries.len() } else { 0 }, entry);
    Some(())
}
