impl Number {
    /// Python's `min(a, b)`: `a` unless `b` is less.
    fn py_min(self, other: impl Into<Number>) -> Number {
        let other = other.into();
        if other < self { other } else { self }
    }
}
