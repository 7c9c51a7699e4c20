/// Python's `text.index(part)`, in characters: `None` where it is not found.
fn str_find(text: &str, part: &str) -> Option<usize> {
    let (before, _) = text.split_once(part)?;
    Some(before.chars().count())
}
