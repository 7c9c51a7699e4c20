/// Python's float as an `f` of `struct`: `None` where it is too large.
fn packed_single(x: f64) -> Option<f32> {
    let single = x as f32;
    (single.is_finite() || !x.is_finite()).then_some(single)
}
