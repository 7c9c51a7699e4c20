/// Python's `round(x, digits)`: correctly rounded decimals, ties to even.
fn round_digits(x: f64, digits: usize) -> f64 {
    use std::io::Write;
    // More digits change nothing, as CPython has it; the text needs 1 + 309 + 1 + 323 bytes.
    if !x.is_finite() || digits > 323 {
        return x;
    }
    let mut text = [0_u8; 640];
    let mut rest = &mut text[..];
    if write!(rest, "{x:.digits$}").is_err() {
        return x;
    }
    let unused = rest.len();
    let used = &text[..text.len() - unused];
    std::str::from_utf8(used).ok().and_then(|decimal| decimal.parse().ok()).unwrap_or(x)
}
