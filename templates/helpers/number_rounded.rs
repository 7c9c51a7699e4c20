impl Number {
    /// A whole number as an int, by a rounding of floats: `None` where Python raises, or it
    /// leaves 64 bits.
    fn rounded(self, rounding: fn(f64) -> f64) -> Option<i64> {
        match self {
            Number::Int(x) => Some(x),
            Number::Float(x) => float_to_int(rounding(x)),
        }
    }
}
