/// Python's `text.zfill(width)`: zeros in front, but behind a sign.
fn zero_filled(text: &str, width: usize) -> String {
    let zeros = "0".repeat(width.saturating_sub(text.chars().count()));
    match (text.strip_prefix('-'), text.strip_prefix('+')) {
        (Some(digits), _) => format!("-{zeros}{digits}"),
        (_, Some(digits)) => format!("+{zeros}{digits}"),
        _ => format!("{zeros}{text}"),
    }
}
