/// Python's `statistics.variance(xs)` (where `less` is 1) and `pvariance(xs)` (0) of floats, with
/// `root` its `stdev` and `pstdev`: an exact fraction, rounded once. `None` where it raises.
fn spread_of(xs: &[f64], less: u64, root: bool) -> Option<f64> {
    fn add(limbs: &mut [u64], value: u128, shift: usize) {
        let [low, high] = [value as u64, (value >> 64) as u64].map(u128::from);
        for (part, from) in [(low, shift / 64), (high, shift / 64 + 1)] {
            let mut carry = part << (shift % 64);
            for limb in limbs.iter_mut().skip(from) {
                carry += u128::from(*limb);
                *limb = carry as u64;
                carry >>= 64;
            }
        }
    }
    fn subtract(limbs: &mut [u64], other: &[u64]) {
        let mut borrow = false;
        for (limb, other) in limbs.iter_mut().zip(other) {
            let (part, first) = limb.overflowing_sub(*other);
            let (part, second) = part.overflowing_sub(u64::from(borrow));
            (*limb, borrow) = (part, first || second);
        }
    }
    let count = u64::from(u32::try_from(xs.len()).ok()?);
    let divisor = count.checked_sub(less).filter(|n| *n > 0)?;
    if xs.iter().any(|x| !x.is_finite()) {
        let total: f64 = xs.iter().filter(|x| !x.is_finite()).sum();
        return (!root).then_some(total / divisor as f64);
    }
    // The sums of the positive and the negative values in units of the least float, and `count`
    // times that of the squares in units of its square, with 128 more bits for the fraction.
    let mut sums = [[0u64; 36]; 2];
    let mut parts = [0u64; 74];
    for x in xs {
        let (exponent, fraction) = (x.to_bits() >> 52 & 0x7ff, x.to_bits() & ((1 << 52) - 1));
        let (mantissa, shift) = match exponent {
            0 => (fraction, 0),
            exponent => (fraction | 1 << 52, exponent as usize - 1),
        };
        let mantissa = u128::from(mantissa);
        add(&mut sums[usize::from(x.is_sign_negative())], mantissa, shift);
        add(&mut parts, mantissa * mantissa, 2 * shift + 128);
    }
    let mut carry = 0;
    for limb in &mut parts {
        carry += u128::from(*limb) * u128::from(count);
        *limb = carry as u64;
        carry >>= 64;
    }
    let [mut sum, mut minus] = sums;
    if minus.iter().rev().gt(sum.iter().rev()) {
        std::mem::swap(&mut sum, &mut minus);
    }
    subtract(&mut sum, &minus);
    let mut square = [0u64; 74];
    for (i, a) in sum.iter().enumerate().filter(|(_, a)| **a > 0) {
        for (j, b) in sum.iter().enumerate().filter(|(_, b)| **b > 0) {
            add(&mut square, u128::from(*a) * u128::from(*b), 64 * (i + j) + 128);
        }
    }
    subtract(&mut parts, &square);
    let mut rest = 0;
    for limb in parts.iter_mut().rev() {
        let part = rest << 64 | u128::from(*limb);
        let by = u128::from(count) * u128::from(divisor);
        *limb = (part / by) as u64;
        rest = part % by;
    }
    // The upper bits, from an even one on, and whether there is more below.
    let bit = |i: usize| parts[i / 64] >> (i % 64) & 1;
    let width = (0..parts.len() * 64).rev().find(|&i| bit(i) == 1).map_or(0, |i| i + 1);
    let drop = width.saturating_sub(127).next_multiple_of(2);
    let mut value = (drop..width).fold(0, |all, i| all | u128::from(bit(i)) << (i - drop));
    let mut more = rest > 0 || (0..drop).any(|i| bit(i) == 1);
    let mut exponent = drop as i32 - 2276;
    if root {
        let whole = value.isqrt();
        more |= whole * whole != value;
        (value, exponent) = (whole, exponent / 2);
    }
    // To 53 bits, ties to even.
    let least = (exponent + 75 - value.leading_zeros() as i32).max(-1074);
    let shift = u32::try_from(least - exponent).unwrap_or(0);
    let mantissa = value.checked_shr(shift).unwrap_or(0);
    let half = shift > 0 && value.checked_shr(shift - 1).unwrap_or(0) & 1 == 1;
    more |= shift > 1 && value & (u128::MAX >> (129 - shift.min(128))) != 0;
    let up = half && (more || mantissa & 1 == 1);
    if least > 971 {
        return None;
    }
    let bits = ((least + 1074) as u64) << 52;
    Some(f64::from_bits(bits + mantissa as u64 + u64::from(up))).filter(|x| x.is_finite())
}
