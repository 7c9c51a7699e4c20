/// Python's `a % b` on floats: the sign is `b`'s. `None` where it raises a ZeroDivisionError.
fn float_modulo(a: f64, b: f64) -> Option<f64> {
    if b == 0.0 {
        return None;
    }
    let rest = a % b;
    if rest == 0.0 {
        return Some(0.0_f64.copysign(b));
    }
    Some(if (b < 0.0) != (rest < 0.0) { rest + b } else { rest })
}
