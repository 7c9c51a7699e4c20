/// Python's `a / b` on ints, correctly rounded: `None` where it raises a ZeroDivisionError.
fn int_true_div(a: i64, b: i64) -> Option<f64> {
    if b == 0 {
        return None;
    }
    // 64 more bits of quotient than a double keeps; the last one stands for the rest.
    let (size, divisor) = (u128::from(a.unsigned_abs()) << 64, u128::from(b.unsigned_abs()));
    let sticky = u128::from(size % divisor != 0);
    let quotient = (size / divisor | sticky) as f64 / 18_446_744_073_709_551_616.0;
    Some(if (a < 0) != (b < 0) { -quotient } else { quotient })
}
