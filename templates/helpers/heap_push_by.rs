/// Python's `heapq.heappush(heap, item)`: `None` where two items have no order.
fn heap_push_by<T>(
    heap: &mut Vec<T>,
    item: T,
    less: impl Fn(&T, &T) -> Option<bool>,
) -> Option<()> {
    heap.push(item);
    let mut at = heap.len() - 1;
    while at > 0 && less(&heap[at], &heap[(at - 1) / 2])? {
        heap.swap(at, (at - 1) / 2);
        at = (at - 1) / 2;
    }
    Some(())
}
