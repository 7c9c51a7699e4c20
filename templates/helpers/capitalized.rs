/// Python's `text.capitalize()`.
fn capitalized(text: &str) -> String {
    let Some(first) = text.chars().next() else {
        return String::new();
    };
    // `ß` becomes `Ss`.
    let mut upper = first.to_uppercase();
    let title = upper.next().into_iter().chain(upper.flat_map(char::to_lowercase));
    // Of the whole text, as the last letter of a word may have a form of its own.
    let lower = text.to_lowercase();
    title.chain(lower.chars().skip(first.to_lowercase().count())).collect()
}
