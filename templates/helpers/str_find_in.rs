/// Python's `text.index(part, low, high)`, in characters: `None` where it is not found.
fn str_find_in(text: &str, part: &str, low: i64, high: Option<i64>) -> Option<usize> {
    let len = text.chars().count();
    let place = |i: i64| match usize::try_from(i) {
        Ok(i) => i,
        Err(_) => len.saturating_sub(usize::try_from(i.unsigned_abs()).unwrap_or(usize::MAX)),
    };
    let (low, high) = (place(low), high.map_or(len, place).min(len));
    // The byte at which the character of that number starts, or the end.
    let byte = |i: usize| text.char_indices().nth(i).map_or(text.len(), |(at, _)| at);
    let within = (low <= high).then(|| text.get(byte(low)..byte(high)))??;
    let (before, _) = within.split_once(part)?;
    Some(low + before.chars().count())
}
