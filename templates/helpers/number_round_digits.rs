impl Number {
    /// Python's `round(x, n)` for `n` that is not negative.
    fn round_digits(self, digits: usize) -> Number {
        match self {
            Number::Int(x) => Number::Int(x),
            Number::Float(x) => Number::Float(round_digits(x, digits)),
        }
    }
}
