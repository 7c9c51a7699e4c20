/// Python's `float(text)` of ASCII digits: `None` where it raises a ValueError.
fn parse_float(text: &str) -> Option<f64> {
    let text = text.trim();
    // An underscore stands between two digits.
    let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('_') {
        if !is_digit(before.chars().next_back()) || !is_digit(after.chars().next()) {
            return None;
        }
        rest = after;
    }
    text.replace('_', "").parse().ok()
}
