impl Number {
    /// Python's `-x`: `None` where an int leaves 64 bits.
    fn checked_neg(self) -> Option<Number> {
        Some(match self {
            Number::Int(x) => Number::Int(x.checked_neg()?),
            Number::Float(x) => Number::Float(-x),
        })
    }
}
