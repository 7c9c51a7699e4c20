/// Python's `heapq.heappop(heap)`: `None` where it raises an IndexError.
fn heap_pop<T: PartialOrd>(heap: &mut Vec<T>) -> Option<T> {
    let end = heap.len().checked_sub(1)?;
    heap.swap(0, end);
    let least = heap.pop();
    // The hole goes down to a leaf, and what fills it up again.
    let mut at = 0;
    while 2 * at + 1 < end {
        let left = 2 * at + 1;
        let right = left + 1;
        let child = if right >= end || heap[left] < heap[right] {
            left
        } else {
            right
        };
        heap.swap(at, child);
        at = child;
    }
    while at > 0 && heap[at] < heap[(at - 1) / 2] {
        heap.swap(at, (at - 1) / 2);
        at = (at - 1) / 2;
    }
    least
}
