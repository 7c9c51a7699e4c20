impl Number {
    /// Python's `abs(x)`.
    fn abs(self) -> Number {
        match self {
            Number::Int(x) => Number::Int(x.abs()),
            Number::Float(x) => Number::Float(x.abs()),
        }
    }
}
