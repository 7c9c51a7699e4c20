/// Python's bytes as an `s` of `struct`: cut, or filled with zeros.
fn packed_field<const LEN: usize>(data: &[u8]) -> [u8; LEN] {
    let mut field = [0; LEN];
    for (slot, byte) in field.iter_mut().zip(data) {
        *slot = *byte;
    }
    field
}
