/// Python's `math.asinh(x)`, as the C library computes it.
fn asinh(x: f64) -> f64 {
    let size = x.abs();
    if size < 1.0 / (1 << 28) as f64 || !x.is_finite() {
        return x;
    }
    let result = if size > (1 << 28) as f64 {
        size.ln() + std::f64::consts::LN_2
    } else if size > 2.0 {
        (2.0 * size + 1.0 / ((size * size + 1.0).sqrt() + size)).ln()
    } else {
        let square = size * size;
        (size + square / (1.0 + (1.0 + square).sqrt())).ln_1p()
    };
    result.copysign(x)
}
