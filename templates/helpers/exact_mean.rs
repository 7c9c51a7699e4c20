/// Python's `statistics.mean(xs)` of floats: the exact sum over the count, rounded once. `None`
/// where it raises.
fn exact_mean(xs: &[f64]) -> Option<f64> {
    let count = u128::try_from(xs.len()).ok().filter(|n| *n > 0)?;
    if xs.iter().any(|x| !x.is_finite()) {
        let total: f64 = xs.iter().filter(|x| !x.is_finite()).sum();
        return Some(total / count as f64);
    }
    // The positive and the negative part of the sum, in units of the least float.
    let mut parts = [[0u64; 36]; 2];
    for x in xs {
        let (exponent, fraction) = (x.to_bits() >> 52 & 0x7ff, x.to_bits() & ((1 << 52) - 1));
        let (mantissa, shift) = match exponent {
            0 => (fraction, 0),
            exponent => (fraction | 1 << 52, exponent as usize - 1),
        };
        let mut carry = u128::from(mantissa) << (shift % 64);
        for limb in &mut parts[usize::from(x.is_sign_negative())][shift / 64..] {
            carry += u128::from(*limb);
            *limb = carry as u64;
            carry >>= 64;
        }
    }
    let [plus, minus] = parts;
    let negative = minus.iter().rev().gt(plus.iter().rev());
    let (large, small) = if negative { (minus, plus) } else { (plus, minus) };
    let mut mean = [0u64; 36];
    let mut borrow = 0;
    for ((limb, a), b) in mean.iter_mut().zip(large).zip(small) {
        let difference = i128::from(a) - i128::from(b) - borrow;
        *limb = difference as u64;
        borrow = i128::from(difference < 0);
    }
    let mut rest = 0;
    for limb in mean.iter_mut().rev() {
        let part = rest << 64 | u128::from(*limb);
        *limb = (part / count) as u64;
        rest = part % count;
    }
    // To 53 bits, ties to even.
    let bit = |i: usize| mean[i / 64] >> (i % 64) & 1;
    let width = (0..mean.len() * 64).rev().find(|&i| bit(i) == 1).map_or(0, |i| i + 1);
    let drop = width.saturating_sub(53);
    let mantissa = (0..53).fold(0, |all, i| all | bit(drop + i) << i);
    let (half, more) = match drop {
        0 => (2 * rest >= count, 2 * rest > count),
        drop => (bit(drop - 1) == 1, rest > 0 || (0..drop - 1).any(|i| bit(i) == 1)),
    };
    let up = half && (more || mantissa & 1 == 1);
    let mean = f64::from_bits(((drop as u64) << 52) + mantissa + u64::from(up));
    Some(if negative { -mean } else { mean })
}
