/// Compares an int with a float exactly, as Python does: `None` where the float is NaN.
fn compare_int_float(a: i64, b: f64) -> Option<std::cmp::Ordering> {
    use std::cmp::Ordering;
    if b.is_nan() {
        return None;
    }
    if b >= i64::MAX as f64 {
        return Some(Ordering::Less);
    }
    if b < i64::MIN as f64 {
        return Some(Ordering::Greater);
    }
    let floor = b.floor();
    Some(match a.cmp(&(floor as i64)) {
        Ordering::Equal if b > floor => Ordering::Less,
        other => other,
    })
}
