/// Python's `int.from_bytes(data, "big", signed=True)`: `None` beyond 64 bits.
fn int_from_bytes(data: impl Iterator<Item = u8>) -> Option<i64> {
    let mut data = data.peekable();
    let sign = if data.peek().is_some_and(|first| *first >= 0x80) { -1_i64 } else { 0 };
    data.try_fold(sign, |int, byte| int.checked_mul(256)?.checked_add(i64::from(byte)))
}
