/// Where Python's slice bound `i` lies in a sequence: from the end where negative, and
/// within it.
fn slice_bound(i: i64, len: usize) -> usize {
    let size = usize::try_from(i.unsigned_abs()).unwrap_or(usize::MAX);
    if i < 0 { len.saturating_sub(size) } else { size.min(len) }
}
