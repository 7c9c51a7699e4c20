impl Number {
    /// Python's `a - b`: `None` where the difference of two ints leaves 64 bits.
    fn checked_sub(self, other: impl Into<Number>) -> Option<Number> {
        Some(match (self, other.into()) {
            (Number::Int(a), Number::Int(b)) => Number::Int(a.checked_sub(b)?),
            (a, b) => Number::Float(f64::from(a) - f64::from(b)),
        })
    }
}
