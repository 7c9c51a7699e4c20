/// Python's `a << n`: `None` where it raises, or leaves 64 bits.
fn shift_left(a: i64, n: i64) -> Option<i64> {
    if n < 0 {
        return None;
    }
    if a == 0 {
        return Some(0);
    }
    let shifted = a.checked_shl(u32::try_from(n).ok()?)?;
    (shifted >> n == a).then_some(shifted)
}
