/// Python's `heapq.heapify(heap)`.
fn heapify<T: PartialOrd>(heap: &mut [T]) {
    let end = heap.len();
    for start in (0..end / 2).rev() {
        let mut at = start;
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
        while at > start && heap[at] < heap[(at - 1) / 2] {
            heap.swap(at, (at - 1) / 2);
            at = (at - 1) / 2;
        }
    }
}
