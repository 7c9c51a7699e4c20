/// Python's `a += b`.
impl<T: Into<Number>> std::ops::AddAssign<T> for Number {
    fn add_assign(&mut self, other: T) {
        *self = *self + other;
    }
}
