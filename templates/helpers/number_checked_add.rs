impl Number {
    /// Python's `a + b`: `None` where the sum of two ints leaves 64 bits.
    fn checked_add(self, other: impl Into<Number>) -> Option<Number> {
        Some(match (self, other.into()) {
            (Number::Int(a), Number::Int(b)) => Number::Int(a.checked_add(b)?),
            (a, b) => Number::Float(f64::from(a) + f64::from(b)),
        })
    }
}
