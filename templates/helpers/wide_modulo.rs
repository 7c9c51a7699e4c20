/// Python's `a % b` on ints: the sign is `b`'s. `None` where it raises.
fn wide_modulo(a: i128, b: i128) -> Option<i128> {
    if b == 0 {
        return None;
    }
    let rest = a.wrapping_rem(b);
    Some(if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest })
}
