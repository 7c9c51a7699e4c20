/// Python's `data.strip(chars)` of `bytes`, at the start, at the end, or at both.
fn strip_bytes<'d>(data: &'d [u8], chars: &[u8], start: bool, end: bool) -> &'d [u8] {
    let mut part = data;
    while let (true, [first, rest @ ..]) = (start, part)
        && chars.contains(first)
    {
        part = rest;
    }
    while let (true, [rest @ .., last]) = (end, part)
        && chars.contains(last)
    {
        part = rest;
    }
    part
}
