impl Number {
    /// Python's `a // b`: `None` where it raises, or an int leaves 64 bits.
    fn floor_div(self, other: impl Into<Number>) -> Option<Number> {
        Some(match (self, other.into()) {
            (Number::Int(a), Number::Int(b)) => Number::Int(floor_div(a, b)?),
            (a, b) => Number::Float(float_floor_div(a.into(), b.into())?),
        })
    }
}
