/// Python's `text[i]`, in characters: `None` where it raises an IndexError.
fn str_item(text: &str, i: i64) -> Option<char> {
    match usize::try_from(i) {
        Ok(i) => text.chars().nth(i),
        Err(_) => text.chars().nth_back(usize::try_from(i.checked_add(1)?.checked_neg()?).ok()?),
    }
}
