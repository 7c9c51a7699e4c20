/// Python's `rotate(n)` of a `deque`: to the right, to the left where `n` is negative.
fn rotate<T>(items: &mut std::collections::VecDeque<T>, n: i64) {
    if let Some(turn) = i128::from(n).checked_rem_euclid(items.len() as i128) {
        items.rotate_right(turn as usize);
    }
}
