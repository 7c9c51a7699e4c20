/// Python's `heapq.heappop(heap)` of objects that are ordered by a key: `None` where it raises an
/// IndexError.
fn heap_pop_by_key<T, K: PartialOrd>(heap: &mut Vec<T>, key: impl Fn(&T) -> K) -> Option<T> {
    let end = heap.len().checked_sub(1)?;
    heap.swap(0, end);
    let least = heap.pop();
    // The hole goes down to a leaf, and what fills it up again.
    let mut at = 0;
    while 2 * at + 1 < end {
        let left = 2 * at + 1;
        let right = left + 1;
        let child = if right >= end || key(&heap[left]) < key(&heap[right]) {
            left
        } else {
            right
        };
        heap.swap(at, child);
        at = child;
    }
    while at > 0 && key(&heap[at]) < key(&heap[(at - 1) / 2]) {
        heap.swap(at, (at - 1) / 2);
        at = (at - 1) / 2;
    }
    least
}
