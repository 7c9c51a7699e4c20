/// Python's `n.to_bytes(length, "big", signed=signed)`: `None` where it raises.
fn int_to_bytes(n: i128, length: usize, signed: bool) -> Option<Vec<u8>> {
    let sign = if n < 0 { 0xFF } else { 0 };
    let all = n.to_be_bytes();
    let surplus = all.len().saturating_sub(length);
    let (above, own) = all.split_at(surplus);
    let mut bytes = vec![sign; length - own.len()];
    bytes.extend_from_slice(own);
    let fits = above.iter().all(|byte| *byte == sign);
    let same_sign = match bytes.first() {
        Some(first) => (*first >= 0x80) == (n < 0),
        None => n == 0 || n == -1,
    };
    let sign_fits = if signed { same_sign } else { n >= 0 };
    (fits && sign_fits).then_some(bytes)
}
