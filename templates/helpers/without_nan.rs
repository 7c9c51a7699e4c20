/// A value that may go into an order: `None` where it holds a NaN.
fn without_nan<T: PartialOrd>(x: T) -> Option<T> {
    x.partial_cmp(&x).is_some().then_some(x)
}
