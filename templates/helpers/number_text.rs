/// Python's `str(x)`.
impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Number::Int(x) => x.fmt(f),
            Number::Float(x) => f.pad(&float_text(*x)),
        }
    }
}
