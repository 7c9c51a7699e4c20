/// Python's `a ** n` on ints: `None` where the result leaves 64 bits.
fn int_pow(a: i64, n: i64) -> Option<i64> {
    a.checked_pow(u32::try_from(n).ok()?)
}
