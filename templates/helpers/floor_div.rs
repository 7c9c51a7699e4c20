/// Python's `a // b` on ints: rounds down. `None` where it raises, or leaves 64 bits.
fn floor_div(a: i64, b: i64) -> Option<i64> {
    let quotient = a.checked_div(b)?;
    let inexact = a % b != 0;
    Some(quotient - i64::from(inexact && (a < 0) != (b < 0)))
}
