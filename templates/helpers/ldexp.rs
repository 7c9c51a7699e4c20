/// Python's `math.ldexp(x, n)`: `None` where it raises an OverflowError.
fn ldexp(x: f64, n: i64) -> Option<f64> {
    let mut scaled = x;
    let mut rest = n.clamp(-2200, 2200);
    while rest > 1023 {
        scaled *= 2.0_f64.powi(1023);
        rest -= 1023;
    }
    // Steps that leave the bits for the last one, which alone rounds.
    while rest < -1022 {
        scaled *= 2.0_f64.powi(-969);
        rest += 969;
    }
    scaled *= 2.0_f64.powi(rest as i32);
    (scaled.is_finite() || !x.is_finite()).then_some(scaled)
}
