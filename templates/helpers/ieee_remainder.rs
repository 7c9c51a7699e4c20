/// IEEE's remainder of `x / y`, which is nearest to zero: Python's `math.remainder` where
/// that does not raise.
fn ieee_remainder(x: f64, y: f64) -> f64 {
    if x.is_finite() && y.is_infinite() {
        return x;
    }
    let (size, divisor) = (x.abs(), y.abs());
    let rest = size % divisor;
    let other = divisor - rest;
    let nearest = if rest < other {
        rest
    } else if rest > other {
        -other
    } else {
        // Half way: towards the even multiple.
        rest - 2.0 * ((0.5 * (size - rest)) % divisor)
    };
    1.0_f64.copysign(x) * nearest
}
