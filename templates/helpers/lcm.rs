/// Python's `math.lcm(a, b)`: `None` where it leaves 64 bits.
fn lcm(a: i64, b: i64) -> Option<i64> {
    let (mut x, mut y) = (a.unsigned_abs(), b.unsigned_abs());
    while y != 0 {
        (x, y) = (y, x % y);
    }
    let multiple = a.unsigned_abs().checked_div(x).unwrap_or(0).checked_mul(b.unsigned_abs())?;
    i64::try_from(multiple).ok()
}
