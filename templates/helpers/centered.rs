/// Python's `text.center(width, fill)`.
fn centered(text: &str, width: usize, fill: char) -> String {
    let missing = width.saturating_sub(text.chars().count());
    let left = missing / 2 + (missing & width & 1);
    let fill = |count| String::from(fill).repeat(count);
    format!("{}{text}{}", fill(left), fill(missing - left))
}
