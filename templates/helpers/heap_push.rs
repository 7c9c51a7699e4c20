/// Python's `heapq.heappush(heap, item)`.
fn heap_push<T: PartialOrd>(heap: &mut Vec<T>, item: T) {
    heap.push(item);
    let mut at = heap.len() - 1;
    while at > 0 && heap[at] < heap[(at - 1) / 2] {
        heap.swap(at, (at - 1) / 2);
        at = (at - 1) / 2;
    }
}
