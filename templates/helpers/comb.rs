/// Python's `math.comb(n, k)`: `None` where it raises, or leaves 64 bits.
fn comb(n: i64, k: i64) -> Option<i64> {
    if n < 0 || k < 0 {
        return None;
    }
    let k = k.min(n.saturating_sub(k));
    let mut ways = i128::from(k >= 0);
    for i in 0..k {
        ways = ways * i128::from(n - i) / i128::from(i + 1);
        if ways > i128::from(i64::MAX) {
            return None;
        }
    }
    i64::try_from(ways).ok()
}
