/// Python's `heapq.heapify(heap)` of objects that are ordered by a key.
fn heapify_by_key<T, K: PartialOrd>(heap: &mut [T], key: impl Fn(&T) -> K) {
    let end = heap.len();
    for start in (0..end / 2).rev() {
        let mut at = start;
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
        while at > start && key(&heap[at]) < key(&heap[(at - 1) / 2]) {
            heap.swap(at, (at - 1) / 2);
            at = (at - 1) / 2;
        }
    }
}
