/// Python's `heapq.heappush(heap, item)` of objects that are ordered by a key.
fn heap_push_by_key<T, K: PartialOrd>(heap: &mut Vec<T>, item: T, key: impl Fn(&T) -> K) {
    heap.push(item);
    let mut at = heap.len() - 1;
    while at > 0 && key(&heap[at]) < key(&heap[(at - 1) / 2]) {
        heap.swap(at, (at - 1) / 2);
        at = (at - 1) / 2;
    }
}
