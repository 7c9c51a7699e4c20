/// A function of two numbers in Python's `math`, or `**`: `None` where it raises, that is
/// for a NaN from numbers and for an infinity from finite numbers.
fn math2(x: f64, y: f64, function: fn(f64, f64) -> f64) -> Option<f64> {
    let z = function(x, y);
    let raises = (z.is_nan() && !x.is_nan() && !y.is_nan())
        || (z.is_infinite() && x.is_finite() && y.is_finite());
    (!raises).then_some(z)
}
