impl Number {
    /// Python's `abs(x)`: `None` where an int leaves 64 bits.
    fn checked_abs(self) -> Option<Number> {
        Some(match self {
            Number::Int(x) => Number::Int(x.checked_abs()?),
            Number::Float(x) => Number::Float(x.abs()),
        })
    }
}
