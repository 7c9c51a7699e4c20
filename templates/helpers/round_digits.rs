/// Python's `round(x, digits)`: correctly rounded decimals, ties to even.
fn round_digits(x: f64, digits: usize) -> f64 {
    use std::io::Write;
    // More digits than a double has change nothing; the text needs at most 309 + 1 + 22 bytes.
    if !x.is_finite() || digits > 22 {
        return x;
    }
    let mut text = [0_u8; 340];
    let mut rest = &mut text[..];
    if write!(rest, "{x:.digits$}").is_err() {
        return x;
    }
    let unused = rest.len();
    let used = &text[..text.len() - unused];
    std::str::from_utf8(used).ok().and_then(|decimal| decimal.parse().ok()).unwrap_or(x)
}
