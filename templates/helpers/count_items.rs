/// Python's `Counter(items)`: how often each comes, in the order in which they come first.
fn count_items<K: PartialEq>(items: impl IntoIterator<Item = K>) -> Vec<(K, i64)> {
    let mut counts: Vec<(K, i64)> = Vec::new();
    for item in items {
        match counts.iter_mut().find(|(known, _)| *known == item) {
            Some((_, count)) => *count += 1,
            None => counts.push((item, 1)),
        }
    }
    counts
}
