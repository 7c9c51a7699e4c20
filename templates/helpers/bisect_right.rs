/// Python's `bisect.bisect_right(xs, x)`.
fn bisect_right<T: PartialOrd>(xs: &[T], x: &T) -> usize {
    let (mut low, mut high) = (0, xs.len());
    while low < high {
        let middle = (low + high) / 2;
        if *x < xs[middle] {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}
