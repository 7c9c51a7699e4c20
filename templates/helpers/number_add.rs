/// Python's `a + b`, where the sum of two ints fits 64 bits.
impl<T: Into<Number>> std::ops::Add<T> for Number {
    type Output = Number;

    fn add(self, other: T) -> Number {
        match (self, other.into()) {
            (Number::Int(a), Number::Int(b)) => Number::Int(a + b),
            (a, b) => Number::Float(f64::from(a) + f64::from(b)),
        }
    }
}
