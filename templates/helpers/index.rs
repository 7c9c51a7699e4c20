/// Python's index into a sequence, from the end where negative: `None` where it raises.
fn index(i: i64, len: usize) -> Option<usize> {
    let from_start = if i < 0 { i.checked_add(i64::try_from(len).ok()?)? } else { i };
    usize::try_from(from_start).ok().filter(|i| *i < len)
}
