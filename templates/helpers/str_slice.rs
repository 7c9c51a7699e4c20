/// Python's `text[low:high]`, in characters.
fn str_slice(text: &str, low: Option<i64>, high: Option<i64>) -> &str {
    let negative = |end: Option<i64>| end.is_some_and(|i| i < 0);
    let len = if negative(low) || negative(high) { text.chars().count() } else { text.len() };
    let count = |i: i64| match usize::try_from(i) {
        Ok(i) => i,
        Err(_) => len.saturating_sub(usize::try_from(i.unsigned_abs()).unwrap_or(usize::MAX)),
    };
    // The byte at which the character of that number starts, or the end.
    let byte = |i: usize| text.char_indices().nth(i).map_or(text.len(), |(at, _)| at);
    let low = low.map_or(0, |i| byte(count(i)));
    let high = high.map_or(text.len(), |i| byte(count(i)));
    text.get(low..high).unwrap_or_default()
}
