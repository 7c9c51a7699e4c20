/// Python's `round(x, -digits)`: the nearest multiple of ten to the power of the digits,
/// ties to even.
fn round_tens(x: f64, digits: usize) -> f64 {
    if !x.is_finite() || x == 0.0 {
        return x;
    }
    // The power of ten that leads tells how many digits are kept.
    let leading = format!("{x:e}");
    let exponent = leading.split_once('e').and_then(|(_, power)| power.parse::<i64>().ok());
    let kept = exponent.unwrap_or(0) - digits as i64;
    if kept < -1 {
        return 0.0_f64.copysign(x);
    }
    if kept == -1 {
        let unit = 10.0_f64.powi(digits as i32);
        return if x.abs() > unit / 2.0 { unit.copysign(x) } else { 0.0_f64.copysign(x) };
    }
    format!("{x:.*e}", kept as usize).parse().unwrap_or(x)
}
