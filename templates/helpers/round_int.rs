/// Python's `round(n, -digits)`, where `unit` is ten to the power of the digits: ties to
/// even. `None` where it leaves 64 bits.
fn round_int(n: i64, unit: i64) -> Option<i64> {
    let (tens, rest) = (n.div_euclid(unit), n.rem_euclid(unit));
    let up = rest > unit - rest || (rest == unit - rest && tens % 2 != 0);
    tens.checked_add(i64::from(up))?.checked_mul(unit)
}
