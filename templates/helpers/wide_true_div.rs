/// Python's `a / b` on ints, correctly rounded: `None` where it raises a ZeroDivisionError.
fn wide_true_div(a: i128, b: i128) -> Option<f64> {
    if b == 0 {
        return None;
    }
    let (size, divisor) = (a.unsigned_abs(), b.unsigned_abs());
    let (mut quotient, mut rest) = (size / divisor, size % divisor);
    let mut exponent = 0;
    // More bits than a double keeps, one by one; the last one stands for the rest.
    while rest != 0 && quotient < 1 << 64 {
        let carry = rest >> 127 != 0;
        rest <<= 1;
        let bit = carry || rest >= divisor;
        if bit {
            rest = rest.wrapping_sub(divisor);
        }
        quotient = (quotient << 1) | u128::from(bit);
        exponent -= 1;
    }
    let whole = (quotient | u128::from(rest != 0)) as f64;
    let value = whole * 2.0_f64.powi(exponent);
    Some(if (a < 0) != (b < 0) { -value } else { value })
}
