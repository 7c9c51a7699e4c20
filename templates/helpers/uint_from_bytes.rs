/// Python's `int.from_bytes(data, "big")`: `None` beyond 64 bits.
fn uint_from_bytes(data: impl Iterator<Item = u8>) -> Option<i64> {
    data.into_iter().try_fold(0_i64, |int, byte| int.checked_mul(256)?.checked_add(i64::from(byte)))
}
