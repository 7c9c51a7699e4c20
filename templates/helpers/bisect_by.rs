/// Python's `bisect`: the place of what belongs behind each item that comes `before` it.
fn bisect_by<T>(xs: &[T], before: impl Fn(&T) -> bool) -> usize {
    let (mut low, mut high) = (0, xs.len());
    while low < high {
        let middle = (low + high) / 2;
        if before(&xs[middle]) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}
