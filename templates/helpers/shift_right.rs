/// Python's `a >> n`: `None` where it raises.
fn shift_right(a: i64, n: i64) -> Option<i64> {
    (n >= 0).then(|| a >> n.min(63))
}
