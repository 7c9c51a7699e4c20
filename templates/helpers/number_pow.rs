impl Number {
    /// Python's `a ** b`: `None` where it raises, or an int leaves 64 bits.
    fn pow(self, other: impl Into<Number>) -> Option<Number> {
        Some(match (self, other.into()) {
            (Number::Int(a), Number::Int(b)) if b >= 0 => Number::Int(int_pow(a, b)?),
            (a, b) => Number::Float(math2(a.into(), b.into(), pow)?),
        })
    }
}
