/// Python's `text.title()`.
fn titled(text: &str) -> String {
    let is_cased = |c: char| c.is_lowercase() || c.is_uppercase();
    let mut out = String::with_capacity(text.len());
    let mut inside = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if !inside {
            let mut upper = c.to_uppercase();
            out.extend(upper.next().into_iter().chain(upper.flat_map(char::to_lowercase)));
        } else if c == 'Σ' && !chars.peek().copied().is_some_and(is_cased) {
            out.push('ς');
        } else {
            out.extend(c.to_lowercase());
        }
        inside = is_cased(c);
    }
    out
}
