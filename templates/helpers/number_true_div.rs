impl Number {
    /// Python's `a / b`: `None` where it raises a ZeroDivisionError.
    fn true_div(self, other: impl Into<Number>) -> Option<f64> {
        match (self, other.into()) {
            (Number::Int(a), Number::Int(b)) => int_true_div(a, b),
            (a, b) => (b != 0).then(|| f64::from(a) / f64::from(b)),
        }
    }
}
