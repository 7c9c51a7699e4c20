/// Python's `text.rindex(part)`, in characters: `None` where it is not found.
fn str_rfind(text: &str, part: &str) -> Option<usize> {
    let (before, _) = text.rsplit_once(part)?;
    Some(before.chars().count())
}
