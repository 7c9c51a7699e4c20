/// Python's `f"{x:.{digits}f}"`.
fn fixed_text(x: f64, digits: usize) -> String {
    if x.is_nan() { "nan".to_string() } else { format!("{x:.digits$}") }
}
