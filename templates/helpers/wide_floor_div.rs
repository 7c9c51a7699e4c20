/// Python's `a // b` on ints: rounds down. `None` where it raises, or leaves 128 bits.
fn wide_floor_div(a: i128, b: i128) -> Option<i128> {
    let quotient = a.checked_div(b)?;
    let inexact = a % b != 0;
    Some(quotient - i128::from(inexact && (a < 0) != (b < 0)))
}
