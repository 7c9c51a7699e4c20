impl Number {
    /// Python's `a % b`: `None` where it raises.
    fn modulo(self, other: impl Into<Number>) -> Option<Number> {
        Some(match (self, other.into()) {
            (Number::Int(a), Number::Int(b)) => Number::Int(modulo(a, b)?),
            (a, b) => Number::Float(float_modulo(a.into(), b.into())?),
        })
    }
}
