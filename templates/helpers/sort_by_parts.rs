/// Python's `xs.sort(key=…)` by tuples with floats: stable. `None` where a key has a NaN, which
/// has no order.
fn sort_by_parts<T, K: PartialOrd>(xs: &mut [T], key: impl Fn(&T) -> K) -> Option<()> {
    for x in xs.iter() {
        let own = key(x);
        own.partial_cmp(&own)?;
    }
    xs.sort_by(|a, b| {
        let order = key(a).partial_cmp(&key(b));
        order.unwrap_or(std::cmp::Ordering::Equal)
    });
    Some(())
}
