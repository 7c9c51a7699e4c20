/// Python's `math.hypot(…)` to the last bit, which the C library's does not give.
fn hypot<const N: usize>(sides: [f64; N]) -> f64 {
    const TWO_27_PLUS_1: f64 = 134_217_729.0;
    if sides.iter().any(|side| side.is_infinite()) {
        return f64::INFINITY;
    }
    if sides.iter().any(|side| side.is_nan()) {
        return f64::NAN;
    }
    let sides = sides.map(f64::abs);
    let max = sides.into_iter().fold(0.0, f64::max);
    if max == 0.0 || N == 1 {
        return max;
    }
    if max.is_subnormal() {
        return f64::MIN_POSITIVE * hypot(sides.map(|side| side / f64::MIN_POSITIVE));
    }
    // Brings the largest to at least 2 and less than 4; a quarter of that is what CPython takes.
    let scale = f64::from_bits((2047 << 52) - (max.to_bits() & (2047 << 52)));
    // The sum of the squares in twice the precision.
    let (mut sum, mut high, mut middle, mut low) = (1.0, 0.0, 0.0, 0.0);
    let add = |sum: &mut f64, rest: &mut f64, part: f64| {
        let before = *sum;
        *sum += part;
        *rest += (before - *sum) + part;
    };
    let halves = |value: f64| {
        let split = value * TWO_27_PLUS_1;
        let upper = split - (split - value);
        (upper, value - upper)
    };
    for side in sides {
        let (upper, lower) = halves(side * scale * 0.25);
        add(&mut sum, &mut high, upper * upper);
        add(&mut sum, &mut middle, 2.0 * upper * lower);
        low += lower * lower;
    }
    let root = (sum - 1.0 + (high + middle + low)).sqrt();
    // One step of Newton's with what the root leaves.
    let (upper, lower) = halves(root);
    add(&mut sum, &mut high, -upper * upper);
    add(&mut sum, &mut middle, -2.0 * upper * lower);
    add(&mut sum, &mut low, -lower * lower);
    let rest = sum - 1.0 + (high + middle + low);
    4.0 * (root + rest / (2.0 * root)) / scale
}
