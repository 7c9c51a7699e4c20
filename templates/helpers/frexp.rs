/// Python's `math.frexp(x)`: a mantissa of 0.5 and above, and the power of two.
fn frexp(x: f64) -> (f64, i64) {
    if x == 0.0 || !x.is_finite() {
        return (x, 0);
    }
    // A subnormal number is made a normal one first.
    let (normal, shift) = if x.abs() < f64::MIN_POSITIVE { (x * 2.0_f64.powi(64), 64) } else { (x, 0) };
    let bits = normal.to_bits();
    let exponent = ((bits >> 52) & 0x7ff) as i64 - 1022 - shift;
    (f64::from_bits(bits & !(0x7ff << 52) | (1022 << 52)), exponent)
}
