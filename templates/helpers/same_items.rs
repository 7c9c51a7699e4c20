/// Python's `a == b` of two dicts: the same keys with the same values, in any order.
fn same_items<K: PartialEq, V: PartialEq>(a: &[(K, V)], b: &[(K, V)]) -> bool {
    a.len() == b.len()
        && a.iter().all(|(key, value)| b.iter().any(|(k, v)| k == key && v == value))
}
