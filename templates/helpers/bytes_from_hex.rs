/// Python's `bytes.fromhex(text)`: `None` where it raises.
fn bytes_from_hex(text: &str) -> Option<Vec<u8>> {
    let is_space = |c: &char| matches!(c, ' ' | '\t'..='\r');
    let mut chars = text.chars().peekable();
    let mut out = Vec::new();
    loop {
        while chars.next_if(is_space).is_some() {}
        let Some(high) = chars.next() else { return Some(out) };
        let (high, low) = (high.to_digit(16)?, chars.next()?.to_digit(16)?);
        out.push(((high << 4) | low) as u8);
    }
}
