/// Python's `math.factorial(n)`: `None` where it raises, or leaves 64 bits.
fn factorial(n: i64) -> Option<i64> {
    (0..=20).contains(&n).then(|| (1..=n).product())
}
