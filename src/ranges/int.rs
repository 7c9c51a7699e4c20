//! Intervals of ints.

/// Where an interval rests that grows by small steps only: from small values this far it takes
/// 2^52 steps, which no process lives to take. Twice as much is beyond `i64`, so that nothing
/// but counting is taken on trust.
pub(super) const FAR: i128 = 1 << 62;
/// The largest step that counts as small.
pub(super) const STEP: i128 = 1 << 10;

/// Bounds at which a growing interval rests before it becomes unbounded.
const THRESHOLDS: [i128; 13] = [
    0,
    1,
    u8::MAX as i128,
    i16::MAX as i128,
    u16::MAX as i128,
    i32::MAX as i128,
    u32::MAX as i128,
    1 << 53,
    FAR,
    i64::MAX as i128,
    u64::MAX as i128,
    1 << 70,
    i128::MAX,
];

/// An interval of ints; `None` is unbounded on that side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IntRange {
    /// Least value.
    pub lo: Option<i128>,
    /// Greatest value.
    pub hi: Option<i128>,
}

#[allow(clippy::should_implement_trait)]
impl IntRange {
    /// Every int.
    pub const ALL: IntRange = IntRange { lo: None, hi: None };
    /// What a double holds exactly, every int of it.
    pub const DOUBLES: IntRange = IntRange {
        lo: Some(-(1 << 53)),
        hi: Some(1 << 53),
    };
    /// What fits `i64`.
    pub const I64: IntRange = IntRange {
        lo: Some(i64::MIN as i128),
        hi: Some(i64::MAX as i128),
    };

    /// `lo..=hi`
    pub fn new(lo: i128, hi: i128) -> Self {
        Self {
            lo: Some(lo),
            hi: Some(hi),
        }
    }

    /// One value.
    pub fn exactly(value: i128) -> Self {
        Self::new(value, value)
    }

    /// Zero and above.
    pub fn non_negative() -> Self {
        Self {
            lo: Some(0),
            hi: None,
        }
    }

    /// The only value, where there is one.
    pub fn constant(self) -> Option<i128> {
        (self.lo == self.hi).then_some(self.lo).flatten()
    }

    /// Whether `value` can occur.
    pub fn contains(self, value: i128) -> bool {
        self.lo.is_none_or(|lo| lo <= value) && self.hi.is_none_or(|hi| value <= hi)
    }

    /// Whether every value of `self` lies in `outer`.
    pub fn within(self, outer: IntRange) -> bool {
        let low = match (self.lo, outer.lo) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(a), Some(b)) => a >= b,
        };
        let high = match (self.hi, outer.hi) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(a), Some(b)) => a <= b,
        };
        low && high
    }

    /// Whether no value is possible.
    pub fn is_empty(self) -> bool {
        matches!((self.lo, self.hi), (Some(lo), Some(hi)) if lo > hi)
    }

    /// The least interval that holds both.
    pub fn join(self, other: IntRange) -> IntRange {
        if self.is_empty() {
            return other;
        }
        if other.is_empty() {
            return self;
        }
        IntRange {
            lo: self.lo.zip(other.lo).map(|(a, b)| a.min(b)),
            hi: self.hi.zip(other.hi).map(|(a, b)| a.max(b)),
        }
    }

    /// The values in both.
    pub fn meet(self, other: IntRange) -> IntRange {
        IntRange {
            lo: match (self.lo, other.lo) {
                (Some(a), Some(b)) => Some(a.max(b)),
                (a, b) => a.or(b),
            },
            hi: match (self.hi, other.hi) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            },
        }
    }

    /// `self` joined with `next`, each bound that moved pushed out to a threshold.
    pub fn widen(self, next: IntRange) -> IntRange {
        let joined = self.join(next);
        let hi = if joined.hi == self.hi {
            self.hi
        } else {
            joined
                .hi
                .and_then(|hi| THRESHOLDS.iter().copied().find(|t| *t >= hi))
        };
        let lo = if joined.lo == self.lo {
            self.lo
        } else {
            joined.lo.and_then(|lo| {
                THRESHOLDS
                    .iter()
                    .map(|t| -*t - i128::from(*t > 1))
                    .find(|t| *t <= lo)
            })
        };
        IntRange { lo, hi }
    }

    /// `-x`
    pub fn neg(self) -> IntRange {
        IntRange {
            lo: self.hi.and_then(i128::checked_neg),
            hi: self.lo.and_then(i128::checked_neg),
        }
    }

    /// `a + b`
    pub fn add(self, other: IntRange) -> IntRange {
        let sum = IntRange {
            lo: self.lo.zip(other.lo).and_then(|(a, b)| a.checked_add(b)),
            hi: self.hi.zip(other.hi).and_then(|(a, b)| a.checked_add(b)),
        };
        let far = IntRange::new(-FAR - 1, FAR);
        let step = IntRange::new(-STEP, STEP);
        let counts = |a: IntRange, by: IntRange| {
            a.constant().is_none() && a.within(far) && by.within(step) && !a.within(step)
        };
        if counts(self, other) || counts(other, self) {
            sum.meet(far)
        } else {
            sum
        }
    }

    /// `a - b`
    pub fn sub(self, other: IntRange) -> IntRange {
        self.add(other.neg())
    }

    /// `a * b`
    pub fn mul(self, other: IntRange) -> IntRange {
        if self.constant() == Some(0) || other.constant() == Some(0) {
            return IntRange::exactly(0);
        }
        if let (Some(a), Some(b), Some(c), Some(d)) = (self.lo, self.hi, other.lo, other.hi) {
            return corners([
                a.checked_mul(c),
                a.checked_mul(d),
                b.checked_mul(c),
                b.checked_mul(d),
            ]);
        }
        let non_negative = |r: IntRange| r.lo.is_some_and(|lo| lo >= 0);
        if non_negative(self) && non_negative(other) {
            return IntRange {
                lo: self.lo.zip(other.lo).and_then(|(a, b)| a.checked_mul(b)),
                hi: None,
            };
        }
        IntRange::ALL
    }

    /// `a // b`, where `b` is not zero.
    pub fn floor_div(self, other: IntRange) -> IntRange {
        if other.is_empty() {
            return IntRange::ALL;
        }
        match (other.lo, other.hi) {
            (Some(lo), Some(hi)) if lo > 0 => {
                let down = |a: i128, b: i128| a.div_euclid(b);
                let low = self.lo.map(|a| down(a, lo).min(down(a, hi)));
                let high = self.hi.map(|b| down(b, lo).max(down(b, hi)));
                IntRange { lo: low, hi: high }
            }
            (Some(lo), None) if lo > 0 => IntRange {
                lo: self.lo.map(|a| if a >= 0 { 0 } else { a.div_euclid(lo) }),
                hi: self.hi.map(|b| if b >= 0 { b / lo } else { -1 }),
            },
            _ => match (self.lo, self.hi) {
                (Some(a), Some(b)) => {
                    let size = a.unsigned_abs().max(b.unsigned_abs());
                    i128::try_from(size).map_or(IntRange::ALL, |m| IntRange::new(-m, m))
                }
                _ => IntRange::ALL,
            },
        }
    }

    /// `a % b`, where `b` is not zero: the sign is the divisor's.
    pub fn modulo(self, other: IntRange) -> IntRange {
        match (other.lo, other.hi) {
            (Some(lo), hi) if lo > 0 => {
                let below = IntRange {
                    lo: Some(0),
                    hi: hi.map(|h| h - 1),
                };
                // A dividend that is already smaller than every divisor stays itself.
                if self.lo.is_some_and(|a| a >= 0) && self.hi.is_some_and(|b| b < lo) {
                    return self;
                }
                if self.lo.is_some_and(|a| a >= 0) {
                    below.meet(IntRange {
                        lo: None,
                        hi: self.hi,
                    })
                } else {
                    below
                }
            }
            (lo, Some(hi)) if hi < 0 => IntRange {
                lo: lo.map(|l| l + 1),
                hi: Some(0),
            },
            (lo, hi) => {
                let bound = lo
                    .zip(hi)
                    .map(|(a, b)| a.unsigned_abs().max(b.unsigned_abs()));
                match bound.and_then(|b| i128::try_from(b).ok()) {
                    Some(b) => IntRange::new(-b, b),
                    None => IntRange::ALL,
                }
            }
        }
    }

    /// `abs(x)`
    pub fn abs(self) -> IntRange {
        if self.lo.is_some_and(|lo| lo >= 0) {
            return self;
        }
        if self.hi.is_some_and(|hi| hi <= 0) {
            return self.neg();
        }
        let hi = self
            .lo
            .zip(self.hi)
            .and_then(|(a, b)| Some(a.checked_neg()?.max(b)));
        IntRange { lo: Some(0), hi }
    }

    /// `min(a, b)`
    pub fn min(self, other: IntRange) -> IntRange {
        IntRange {
            lo: self.lo.zip(other.lo).map(|(a, b)| a.min(b)),
            hi: match (self.hi, other.hi) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            },
        }
    }

    /// `max(a, b)`
    pub fn max(self, other: IntRange) -> IntRange {
        self.neg().min(other.neg()).neg()
    }

    /// `a & b`
    pub fn bit_and(self, other: IntRange) -> IntRange {
        let mask = |r: IntRange| r.lo.is_some_and(|lo| lo >= 0).then_some(r.hi);
        match (mask(self), mask(other)) {
            (Some(a), Some(b)) => IntRange {
                lo: Some(0),
                hi: match (a, b) {
                    (Some(a), Some(b)) => Some(a.min(b)),
                    (a, b) => a.or(b),
                },
            },
            (Some(hi), None) | (None, Some(hi)) => IntRange { lo: Some(0), hi },
            (None, None) => IntRange::ALL.same_width(self, other),
        }
    }

    /// `a | b`, `a ^ b`
    pub fn bit_or(self, other: IntRange) -> IntRange {
        match (self.lo, other.lo, self.hi, other.hi) {
            (Some(a), Some(b), Some(c), Some(d)) if a >= 0 && b >= 0 => {
                let bits = 128 - c.max(d).leading_zeros();
                let hi = if bits >= 127 {
                    i128::MAX
                } else {
                    (1i128 << bits) - 1
                };
                IntRange::new(0, hi)
            }
            _ => IntRange::ALL.same_width(self, other),
        }
    }

    /// Bit operations stay within the power of two that holds both operands.
    fn same_width(self, a: IntRange, b: IntRange) -> IntRange {
        let (Some(al), Some(ah), Some(bl), Some(bh)) = (a.lo, a.hi, b.lo, b.hi) else {
            return IntRange::ALL;
        };
        let bits = [al, ah, bl, bh]
            .map(|v| {
                128 - if v < 0 {
                    (!v).leading_zeros()
                } else {
                    v.leading_zeros()
                }
            })
            .into_iter()
            .max()
            .unwrap_or(127);
        if bits >= 127 {
            return IntRange::new(i128::MIN, i128::MAX);
        }
        IntRange::new(-(1i128 << bits), (1i128 << bits) - 1)
    }

    /// `a << b`, where `b` is not negative.
    pub fn shl(self, by: IntRange) -> IntRange {
        let by = by.meet(IntRange::non_negative());
        let (Some(lo), Some(hi)) = (by.lo, by.hi) else {
            return IntRange::ALL;
        };
        if hi > 126 || lo > hi {
            return IntRange::ALL;
        }
        let factor = |n: i128| 1i128 << n;
        self.mul(IntRange::new(factor(lo), factor(hi)))
    }

    /// `a >> b`, where `b` is not negative.
    pub fn shr(self, by: IntRange) -> IntRange {
        let by = by.meet(IntRange::non_negative());
        if by.is_empty() {
            return IntRange::ALL;
        }
        let lo_by = by.lo.unwrap_or(0).min(127);
        let hi_by = by.hi.unwrap_or(127).min(127);
        let shift = |v: i128, n: i128| v >> n;
        IntRange {
            lo: self.lo.map(|v| shift(v, lo_by).min(shift(v, hi_by))),
            hi: self.hi.map(|v| shift(v, lo_by).max(shift(v, hi_by))),
        }
    }

    /// `a ** n` for a constant `n >= 0`.
    pub fn pow(self, n: u32) -> IntRange {
        let mut result = IntRange::exactly(1);
        if n > 64 && !self.within(IntRange::new(-1, 1)) {
            return IntRange::ALL;
        }
        for _ in 0..n.min(64) {
            result = result.mul(self);
        }
        if n.is_multiple_of(2) {
            result.meet(IntRange::non_negative())
        } else {
            result
        }
    }
}

/// The interval of four corner products; unbounded where one left `i128`.
fn corners(values: [Option<i128>; 4]) -> IntRange {
    let all: Option<Vec<i128>> = values.into_iter().collect();
    match all {
        Some(all) => IntRange {
            lo: all.iter().copied().min(),
            hi: all.iter().copied().max(),
        },
        None => IntRange::ALL,
    }
}
