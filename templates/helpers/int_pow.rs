/// Python's `a ** n` on ints: `None` where the result leaves 64 bits.
fn int_pow(a: i64, n: i64) -> Option<i64> {
    // Above 64 only 0, 1 and -1 have powers that fit: what counts is whether n is odd.
    let n = if n > 64 { 64 + n % 2 } else { n };
    a.checked_pow(u32::try_from(n).ok()?)
}
