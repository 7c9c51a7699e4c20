/// Python's `most_common()` of a `Counter`: the highest counts first, equal ones in their order.
fn most_common<K: Clone>(counts: &[(K, i64)]) -> Vec<(K, i64)> {
    let mut sorted = counts.to_vec();
    sorted.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    sorted
}
