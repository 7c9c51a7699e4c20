/// Python's `f"{x:.{digits}g}"`: so many digits, an exponent where the number needs one.
fn general_text(x: f64, digits: usize) -> String {
    if !x.is_finite() {
        return if x.is_nan() { "nan".to_string() } else { x.to_string() };
    }
    let digits = digits.max(1);
    let text = format!("{x:.0$e}", digits - 1);
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let without_zeros = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_string(),
        false => text.to_string(),
    };
    if (-4..digits as i32).contains(&exponent) {
        let decimals = (digits as i32 - 1 - exponent) as usize;
        return without_zeros(&format!("{x:.decimals$}"));
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{sign}{:02}", without_zeros(mantissa), exponent.abs())
}
