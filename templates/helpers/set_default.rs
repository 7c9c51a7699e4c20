/// Python's `d.setdefault(key, default)`: the value of the key, which is put at the end first
/// where it is not known.
fn set_default<K: PartialEq, V>(entries: &mut Vec<(K, V)>, key: K, default: V) -> &mut V {
    let at = match entries.iter().position(|(k, _)| *k == key) {
        Some(at) => at,
        None => {
            entries.push((key, default));
            entries.len() - 1
        }
    };
    &mut entries[at].1
}
