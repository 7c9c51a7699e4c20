/// Python's `text.split(None, most)`: at most that many words, and the rest.
fn split_words(text: &str, most: usize, is_space: fn(char) -> bool) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text.trim_start_matches(is_space);
    while words.len() < most
        && let Some((word, more)) = rest.split_once(is_space)
    {
        words.push(word);
        rest = more.trim_start_matches(is_space);
    }
    if !rest.is_empty() {
        words.push(rest);
    }
    words
}
