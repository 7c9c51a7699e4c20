/// Python's `math.isclose(a, b, rel_tol=relative, abs_tol=absolute)`.
fn isclose(a: f64, b: f64, relative: f64, absolute: f64) -> bool {
    if a == b {
        return true;
    }
    let distance = (b - a).abs();
    let near = distance <= (relative * b).abs() || distance <= (relative * a).abs();
    a.is_finite() && b.is_finite() && (near || distance <= absolute)
}
