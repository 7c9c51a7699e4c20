/// Python's `-x`: an int's zero has no sign.
impl std::ops::Neg for Number {
    type Output = Number;

    fn neg(self) -> Number {
        match self {
            Number::Int(x) => Number::Int(-x),
            Number::Float(x) => Number::Float(-x),
        }
    }
}
