/// Python's `pow(base, exponent, modulus)`, the exponent not negative: `None` where it raises.
fn mod_pow(base: i64, exponent: i64, modulus: i64) -> Option<i64> {
    if modulus == 0 {
        return None;
    }
    let size = i128::from(modulus).abs();
    let (mut square, mut rest) = (i128::from(base).rem_euclid(size), exponent);
    let mut power = 1 % size;
    while rest > 0 {
        if rest % 2 == 1 {
            power = power * square % size;
        }
        square = square * square % size;
        rest /= 2;
    }
    // The sign is that of the modulus.
    let signed = if modulus < 0 && power != 0 { power - size } else { power };
    i64::try_from(signed).ok()
}
