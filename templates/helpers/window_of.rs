/// Python's `deque(xs, maxlen)`: the last elements.
fn window_of<T>(
    items: impl IntoIterator<Item = T>,
    maxlen: usize,
) -> std::collections::VecDeque<T> {
    let mut window: std::collections::VecDeque<T> = items.into_iter().collect();
    let extra = window.len().saturating_sub(maxlen);
    window.drain(..extra);
    window
}
