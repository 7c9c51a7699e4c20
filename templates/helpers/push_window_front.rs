/// Python's `appendleft` to a `deque` with a `maxlen` from 1: the last element makes room.
fn push_window_front<T>(window: &mut std::collections::VecDeque<T>, maxlen: usize, x: T) {
    if window.len() >= maxlen {
        window.pop_back();
    }
    window.push_front(x);
}
