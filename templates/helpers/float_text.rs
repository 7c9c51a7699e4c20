/// Python's `str(x)` of a float: the shortest digits that read back, as `1.0`, `1e+16`, `inf`.
fn float_text(x: f64) -> String {
    if x.is_nan() {
        return "nan".to_string();
    }
    if x.is_infinite() {
        return if x > 0.0 { "inf" } else { "-inf" }.to_string();
    }
    let shortest = format!("{x:e}");
    let (digits, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    // Of texts that are as short Python takes the nearest: rounding to as many digits does.
    let after_first = digits.bytes().filter(u8::is_ascii_digit).count().saturating_sub(1);
    if (-4..16).contains(&exponent) {
        let decimals = usize::try_from(after_first as i32 - exponent).unwrap_or(0).max(1);
        let nearest = format!("{x:.decimals$}");
        return if nearest.parse() == Ok(x) { nearest } else { format!("{x:?}") };
    }
    let nearest = format!("{x:.after_first$e}");
    let text = if nearest.parse() == Ok(x) { nearest } else { shortest };
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}
