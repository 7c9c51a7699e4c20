/// An angle for `math.sin` and kin: `None` where they raise, that is for an infinity.
fn finite_angle(x: f64) -> Option<f64> {
    (!x.is_infinite()).then_some(x)
}
