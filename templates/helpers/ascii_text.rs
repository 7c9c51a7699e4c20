/// Python's `ascii(x)`, of what `repr(x)` gives.
fn ascii_text(repr: &str) -> String {
    let mut out = String::new();
    for c in repr.chars() {
        match u32::from(c) {
            ..=0x7f => out.push(c),
            code @ ..=0xff => out.push_str(&format!("\\x{code:02x}")),
            code @ ..=0xffff => out.push_str(&format!("\\u{code:04x}")),
            code => out.push_str(&format!("\\U{code:08x}")),
        }
    }
    out
}
