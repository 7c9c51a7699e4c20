/// Python's `math.fsum(xs)`, correctly rounded: `None` where it raises.
fn fsum(xs: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut partials: Vec<f64> = Vec::new();
    let mut special = 0.0;
    let mut infinities = 0.0;
    for value in xs {
        let mut x = value;
        let mut next = Vec::with_capacity(partials.len() + 1);
        for partial in partials {
            let mut y: f64 = partial;
            if x.abs() < y.abs() {
                std::mem::swap(&mut x, &mut y);
            }
            let high = x + y;
            let low = y - (high - x);
            if low != 0.0 {
                next.push(low);
            }
            x = high;
        }
        partials = next;
        if x.is_finite() {
            if x != 0.0 {
                partials.push(x);
            }
        } else if value.is_finite() {
            return None;
        } else {
            infinities += if value.is_infinite() { value } else { 0.0 };
            special += value;
            partials.clear();
        }
    }
    if special != 0.0 {
        return (!infinities.is_nan()).then_some(special);
    }
    let mut high = 0.0;
    let mut low = 0.0;
    while let Some(x) = partials.pop() {
        let before = high;
        high = before + x;
        low = x - (high - before);
        if low != 0.0 {
            break;
        }
    }
    // Half way between two doubles the rest decides.
    if let Some(rest) = partials.last()
        && ((low < 0.0 && *rest < 0.0) || (low > 0.0 && *rest > 0.0))
    {
        let twice = low * 2.0;
        let x = high + twice;
        if twice == x - high {
            high = x;
        }
    }
    Some(high)
}
