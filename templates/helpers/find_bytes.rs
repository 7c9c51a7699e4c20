/// Python's `data.index(part, start)` of `bytes`: `None` where it is not found.
fn find_bytes(data: &[u8], part: &[u8], start: usize) -> Option<usize> {
    let rest = data.get(start..)?;
    let at = match part.len() {
        0 => 0,
        len => rest.windows(len).position(|window| window == part)?,
    };
    Some(start + at)
}
