/// Python's `a *= b`.
impl<T: Into<Number>> std::ops::MulAssign<T> for Number {
    fn mul_assign(&mut self, other: T) {
        *self = *self * other;
    }
}
