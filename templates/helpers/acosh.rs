/// Python's `math.acosh(x)`, as the C library computes it.
fn acosh(x: f64) -> f64 {
    if x >= (1 << 28) as f64 {
        x.ln() + std::f64::consts::LN_2
    } else if x > 2.0 {
        (2.0 * x - 1.0 / (x + (x * x - 1.0).sqrt())).ln()
    } else if x >= 1.0 {
        let above = x - 1.0;
        (above + (2.0 * above + above * above).sqrt()).ln_1p()
    } else {
        f64::NAN
    }
}
