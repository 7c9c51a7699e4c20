/// Python's `math.modf(x)`: the fraction and the whole part, both with the sign of `x`.
fn modf(x: f64) -> (f64, f64) {
    let fraction = if x.is_infinite() { 0.0 } else { x % 1.0 };
    (fraction.copysign(x), x.trunc())
}
