/// Python's `heapq.heappop(heap)`: `None` where two items have no order, `Some(None)` where it
/// raises an IndexError.
fn heap_pop_by<T>(
    heap: &mut Vec<T>,
    less: impl Fn(&T, &T) -> Option<bool>,
) -> Option<Option<T>> {
    let Some(end) = heap.len().checked_sub(1) else {
        return Some(None);
    };
    heap.swap(0, end);
    let least = heap.pop();
    // The hole goes down to a leaf, and what fills it up again.
    let mut at = 0;
    while 2 * at + 1 < end {
        let left = 2 * at + 1;
        let right = left + 1;
        let child = if right >= end || less(&heap[left], &heap[right])? {
            left
        } else {
            right
        };
        heap.swap(at, child);
        at = child;
    }
    while at > 0 && less(&heap[at], &heap[(at - 1) / 2])? {
        heap.swap(at, (at - 1) / 2);
        at = (at - 1) / 2;
    }
    Some(least)
}
