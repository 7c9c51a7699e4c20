/// A number's text with `sign` where it has no minus, as `f"{x:+}"` and `f"{x: }"`.
fn with_sign(text: &str, sign: char) -> String {
    if text.starts_with('-') { text.to_string() } else { format!("{sign}{text}") }
}
