/// Python's `a - b`, where the difference of two ints fits 64 bits.
impl<T: Into<Number>> std::ops::Sub<T> for Number {
    type Output = Number;

    fn sub(self, other: T) -> Number {
        match (self, other.into()) {
            (Number::Int(a), Number::Int(b)) => Number::Int(a - b),
            (a, b) => Number::Float(f64::from(a) - f64::from(b)),
        }
    }
}
