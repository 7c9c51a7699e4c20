/// Python's `sum(xs, start)` of floats as from Python 3.12 on: what rounding loses is added
/// at the end.
fn sum_floats(start: f64, xs: impl IntoIterator<Item = f64>) -> f64 {
    let (mut sum, mut lost) = (start, 0.0);
    for x in xs {
        let total = sum + x;
        lost += if sum.abs() >= x.abs() {
            (sum - total) + x
        } else {
            (x - total) + sum
        };
        sum = total;
    }
    if lost != 0.0 && lost.is_finite() {
        sum += lost;
    }
    sum
}
