impl Number {
    /// Python's `max(a, b)`: `a` unless `b` is greater.
    fn py_max(self, other: impl Into<Number>) -> Number {
        let other = other.into();
        if other > self { other } else { self }
    }
}
