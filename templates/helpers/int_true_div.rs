/// Python's `a / b` on ints, correctly rounded: `None` where it raises a ZeroDivisionError.
fn int_true_div(a: i64, b: i64) -> Option<f64> {
    if b == 0 {
        return None;
    }
    let (size, divisor) = (u128::from(a.unsigned_abs()), u128::from(b.unsigned_abs()));
    // Shifted so that the quotient has more bits than a double; its last one stands for the rest.
    let shift = (divisor.ilog2() + 66).saturating_sub(size.max(1).ilog2()).min(126 - size.max(1).ilog2());
    let shifted = size << shift;
    let sticky = u128::from(shifted % divisor != 0);
    let quotient = (shifted / divisor | sticky) as f64 / 2_f64.powi(shift as i32);
    Some(if (a < 0) != (b < 0) { -quotient } else { quotient })
}
