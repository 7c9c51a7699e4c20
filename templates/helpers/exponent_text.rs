/// Python's `f"{x:.{digits}e}"`.
fn exponent_text(x: f64, digits: usize) -> String {
    if x.is_nan() {
        return "nan".to_string();
    }
    let text = format!("{x:.digits$e}");
    let Some((mantissa, exponent)) = text.split_once('e') else {
        return text;
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}
