/// Python's `f"{x:.{digits}}"`: so many digits, at least one of them after the point.
fn short_text(x: f64, digits: usize) -> String {
    if !x.is_finite() {
        return if x.is_nan() { "nan".to_string() } else { x.to_string() };
    }
    let digits = digits.max(1);
    let text = format!("{x:.0$e}", digits - 1);
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..digits as i32 - 1).contains(&exponent) {
        let decimals = (digits as i32 - 1 - exponent) as usize;
        let text = format!("{x:.decimals$}");
        let text = text.trim_end_matches('0');
        return if text.ends_with('.') { format!("{text}0") } else { text.to_string() };
    }
    let mantissa = match mantissa.contains('.') {
        true => mantissa.trim_end_matches('0').trim_end_matches('.'),
        false => mantissa,
    };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}
