/// Python's `append` to a `deque` with a `maxlen` from 1: the first element makes room.
fn push_window<T>(window: &mut std::collections::VecDeque<T>, maxlen: usize, x: T) {
    if window.len() >= maxlen {
        window.pop_front();
    }
    window.push_back(x);
}
