/// Python's `xs.sort(key=…)` by numbers: stable, and with a NaN as CPython sorts fewer than 64
/// values. `None` where a NaN is among more.
fn py_sort<T, K: PartialOrd>(xs: &mut [T], key: impl Fn(&T) -> K) -> Option<()> {
    let order = |a: &T, b: &T| key(a).partial_cmp(&key(b));
    if xs.iter().all(|x| order(x, x).is_some()) {
        xs.sort_by(|a, b| order(a, b).unwrap_or(std::cmp::Ordering::Equal));
        return Some(());
    }
    let less = |a: &T, b: &T| key(a) < key(b);
    let falls = |pair: &[T]| matches!(pair, [a, b] if less(b, a));
    let down = xs.windows(2).take_while(|pair| falls(pair)).count();
    let up = xs.windows(2).take_while(|pair| !falls(pair)).count();
    let run = down.max(up) + 1;
    if down > 0 {
        xs.get_mut(..run)?.reverse();
    }
    for end in run..xs.len() {
        let (mut low, mut high) = (0, end);
        while low < high {
            let middle = low + (high - low) / 2;
            if less(xs.get(end)?, xs.get(middle)?) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        xs.get_mut(low..=end)?.rotate_right(1);
    }
    (xs.len() < 64).then_some(())
}
