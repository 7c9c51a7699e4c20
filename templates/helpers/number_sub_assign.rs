/// Python's `a -= b`.
impl<T: Into<Number>> std::ops::SubAssign<T> for Number {
    fn sub_assign(&mut self, other: T) {
        *self = *self - other;
    }
}
