/// Python's `bisect.bisect_left(xs, x)`.
fn bisect_left<T: PartialOrd>(xs: &[T], x: &T) -> usize {
    let (mut low, mut high) = (0, xs.len());
    while low < high {
        let middle = (low + high) / 2;
        if xs[middle] < *x {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}
