impl Number {
    /// The int that it is: `None` of a float, also of a whole one.
    fn int(self) -> Option<i64> {
        match self {
            Number::Int(x) => Some(x),
            Number::Float(_) => None,
        }
    }
}
