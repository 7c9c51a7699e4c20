/// Python's `a / b` on ints, correctly rounded: `None` where it raises a ZeroDivisionError.
fn int_true_div(a: i64, b: i64) -> Option<f64> {
    if b == 0 {
        return None;
    }
    // 64 bits of quotient, more than a double keeps; the last one stands for the rest.
    let (size, divisor) = (u128::from(a.unsigned_abs()), u128::from(b.unsigned_abs()));
    let shift = 64 + size.max(1).leading_zeros() - divisor.leading_zeros();
    let shifted = size << shift;
    let sticky = u128::from(shifted % divisor != 0);
    let quotient = ((shifted / divisor) | sticky) as f64 / (1_u128 << shift) as f64;
    Some(if (a < 0) != (b < 0) { -quotient } else { quotient })
}
