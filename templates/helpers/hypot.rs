/// Python's `math.hypot(x, y)` up to one ULP: `None` where it raises.
fn hypot(x: f64, y: f64) -> Option<f64> {
    let z = x.hypot(y);
    (z.is_finite() || !x.is_finite() || !y.is_finite()).then_some(z)
}
