/// Python's `math.atanh(x)`, as the C library computes it.
fn atanh(x: f64) -> f64 {
    let size = x.abs();
    if size < 1.0 / (1 << 28) as f64 {
        return x;
    }
    let double = size + size;
    let doubled = if size < 0.5 { double + double * size / (1.0 - size) } else { double / (1.0 - size) };
    (0.5 * doubled.ln_1p()).copysign(x)
}
