/// A function of Python's `math`: `None` where it raises, that is for a NaN from a number
/// and for an infinity from a finite number.
fn math(x: f64, function: fn(f64) -> f64) -> Option<f64> {
    let y = function(x);
    let raises = (y.is_nan() && !x.is_nan()) || (y.is_infinite() && x.is_finite());
    (!raises).then_some(y)
}
