//! Intervals of numbers.
//!
//! Enters: the operands' intervals. Leaves: [`Range`], an interval of ints or floats that
//! holds every value the operation can give without raising. They decide `i64` or `i128`,
//! plain or checked arithmetic, and when `//`, `%`, `min` and indexing need no helper.
//! This module must not know any syntax tree.

/// What is known of a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Range {
    /// Not a number, or nothing known.
    Any,
    /// An int.
    Int(IntRange),
    /// A float.
    Float(FloatRange),
}

/// An interval of ints; `None` is unbounded on that side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IntRange {
    /// Least value.
    pub lo: Option<i128>,
    /// Greatest value.
    pub hi: Option<i128>,
}

/// An interval of floats.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FloatRange {
    /// Least value, `-inf` where unbounded.
    pub lo: f64,
    /// Greatest value, `inf` where unbounded.
    pub hi: f64,
    /// Whether it can be NaN.
    pub nan: bool,
    /// Whether it is known not to be zero.
    pub nonzero: bool,
    /// No finite value is larger than this, either way.
    pub finite: f64,
}

/// Where an interval rests that grows by small steps only: from small values this far it takes
/// 2^52 steps, which no process lives to take. Twice as much is beyond `i64`, so that nothing
/// but counting is taken on trust.
const FAR: i128 = 1 << 62;
/// The largest step that counts as small.
const STEP: i128 = 1 << 10;

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
        if hi > 126 {
            return IntRange::ALL;
        }
        let factor = |n: i128| 1i128 << n;
        self.mul(IntRange::new(factor(lo), factor(hi)))
    }

    /// `a >> b`, where `b` is not negative.
    pub fn shr(self, by: IntRange) -> IntRange {
        let by = by.meet(IntRange::non_negative());
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

#[allow(clippy::should_implement_trait)]
impl FloatRange {
    /// Every float.
    pub const ALL: FloatRange = FloatRange {
        lo: f64::NEG_INFINITY,
        hi: f64::INFINITY,
        nan: true,
        nonzero: false,
        finite: f64::MAX,
    };
    /// Every `f32`.
    pub const F32: FloatRange = FloatRange {
        finite: f32::MAX as f64,
        ..FloatRange::ALL
    };

    /// One value.
    pub fn exactly(value: f64) -> Self {
        if value.is_nan() {
            Self::ALL
        } else {
            Self {
                lo: value,
                hi: value,
                nan: false,
                nonzero: value != 0.0,
                finite: if value.is_finite() { value.abs() } else { 0.0 },
            }
        }
    }

    /// Not NaN and on one side of zero, so that neither NaN nor signed zeros matter.
    pub fn is_ordered_nonzero(self) -> bool {
        !self.nan && self.is_nonzero()
    }

    /// Whether zero cannot occur.
    pub fn is_nonzero(self) -> bool {
        self.nonzero || self.lo > 0.0 || self.hi < 0.0
    }

    /// Whether it is neither NaN nor infinite.
    pub fn is_finite(self) -> bool {
        !self.nan && self.lo.is_finite() && self.hi.is_finite()
    }

    /// The least interval that holds both.
    pub fn join(self, other: FloatRange) -> FloatRange {
        FloatRange {
            lo: self.lo.min(other.lo),
            hi: self.hi.max(other.hi),
            nan: self.nan || other.nan,
            nonzero: self.is_nonzero() && other.is_nonzero(),
            finite: self.finite.max(other.finite),
        }
    }

    /// `self` joined with `next`, each bound that moved dropped.
    pub fn widen(self, next: FloatRange) -> FloatRange {
        let joined = self.join(next);
        FloatRange {
            lo: if joined.lo < self.lo {
                f64::NEG_INFINITY
            } else {
                joined.lo
            },
            hi: if joined.hi > self.hi {
                f64::INFINITY
            } else {
                joined.hi
            },
            nan: joined.nan,
            nonzero: joined.nonzero,
            finite: if joined.finite > self.finite {
                f64::MAX
            } else {
                joined.finite
            },
        }
    }

    /// `-x`
    pub fn neg(self) -> FloatRange {
        FloatRange {
            lo: -self.hi,
            hi: -self.lo,
            nan: self.nan,
            nonzero: self.nonzero,
            finite: self.finite,
        }
    }

    /// `abs(x)`
    pub fn abs(self) -> FloatRange {
        let size = self.lo.abs().max(self.hi.abs());
        let lo = if self.lo > 0.0 {
            self.lo
        } else if self.hi < 0.0 {
            -self.hi
        } else {
            0.0
        };
        FloatRange {
            lo,
            hi: size,
            nan: self.nan,
            nonzero: self.nonzero,
            finite: self.finite,
        }
    }

    /// Applies a monotone-in-each-argument operation at the corners.
    fn corner(self, other: FloatRange, op: fn(f64, f64) -> f64) -> FloatRange {
        let values = [
            op(self.lo, other.lo),
            op(self.lo, other.hi),
            op(self.hi, other.lo),
            op(self.hi, other.hi),
        ];
        let finite = op(self.magnitude(), other.magnitude()).abs().min(f64::MAX);
        if values.iter().any(|v| v.is_nan()) {
            return FloatRange {
                finite,
                ..FloatRange::ALL
            };
        }
        let lo = values.iter().copied().fold(f64::INFINITY, f64::min);
        let hi = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        // inf and -inf, or zero and inf, may meet inside: then the result can be NaN.
        let unbounded = !(self.lo.is_finite()
            && self.hi.is_finite()
            && other.lo.is_finite()
            && other.hi.is_finite());
        FloatRange {
            lo,
            hi,
            nan: self.nan || other.nan || unbounded,
            nonzero: false,
            finite,
        }
    }

    /// `a + b`
    pub fn add(self, other: FloatRange) -> FloatRange {
        self.corner(other, |a, b| a + b)
    }

    /// `a - b`
    pub fn sub(self, other: FloatRange) -> FloatRange {
        self.add(other.neg())
    }

    /// `a * b`
    pub fn mul(self, other: FloatRange) -> FloatRange {
        self.corner(other, |a, b| a * b)
    }

    /// `a / b`, where `b` is not zero.
    pub fn div(self, other: FloatRange) -> FloatRange {
        if other.lo > 0.0 || other.hi < 0.0 {
            let least = if other.lo > 0.0 { other.lo } else { -other.hi };
            let finite = (self.magnitude() / least).min(f64::MAX);
            FloatRange {
                finite,
                ..self.corner(other, |a, b| a / b)
            }
        } else {
            FloatRange::ALL
        }
    }

    /// The largest finite size of a value.
    pub fn magnitude(self) -> f64 {
        let size = self.lo.abs().max(self.hi.abs());
        size.min(self.finite)
    }

    /// `min(a, b)` and `max(a, b)` as Python defines them: one of the two.
    pub fn either(self, other: FloatRange) -> FloatRange {
        self.join(other)
    }

    /// `min(a, b)`: `a` unless `b < a`; so a NaN `b` gives `a`.
    pub fn py_min(self, other: FloatRange) -> FloatRange {
        if self.nan {
            return self.join(other);
        }
        FloatRange {
            lo: self.lo.min(other.lo),
            hi: self.hi,
            nan: false,
            ..self.join(other)
        }
    }

    /// `max(a, b)`: `a` unless `b > a`.
    pub fn py_max(self, other: FloatRange) -> FloatRange {
        self.neg().py_min(other.neg()).neg()
    }
}

impl Range {
    /// An int of any size.
    pub const INT: Range = Range::Int(IntRange::ALL);
    /// A float.
    pub const FLOAT: Range = Range::Float(FloatRange::ALL);

    /// The interval as an int's; `ALL` where it is none.
    pub fn int(self) -> IntRange {
        match self {
            Range::Int(r) => r,
            Range::Any | Range::Float(_) => IntRange::ALL,
        }
    }

    /// The interval as a float's; an int's is converted.
    pub fn float(self) -> FloatRange {
        match self {
            Range::Float(r) => r,
            Range::Int(IntRange { lo, hi }) => FloatRange {
                lo: lo.map_or(f64::NEG_INFINITY, |v| v as f64),
                hi: hi.map_or(f64::INFINITY, |v| v as f64),
                nan: false,
                nonzero: lo.is_some_and(|v| v > 0) || hi.is_some_and(|v| v < 0),
                finite: f64::MAX,
            },
            Range::Any => FloatRange::ALL,
        }
    }

    /// The least range that holds both; an int's and a float's join to a float's.
    pub fn join(self, other: Range) -> Range {
        match (self, other) {
            (Range::Int(a), Range::Int(b)) => Range::Int(a.join(b)),
            (Range::Any, _) | (_, Range::Any) => Range::Any,
            (a, b) => Range::Float(a.float().join(b.float())),
        }
    }

    /// As [`Range::join`], with bounds that moved pushed out so that a loop comes to rest.
    pub fn widen(self, next: Range) -> Range {
        match (self, next) {
            (Range::Int(a), Range::Int(b)) => Range::Int(a.widen(b)),
            (Range::Any, _) | (_, Range::Any) => Range::Any,
            (a, b) => Range::Float(a.float().widen(b.float())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(r: IntRange) -> Vec<i128> {
        (r.lo.unwrap()..=r.hi.unwrap()).collect()
    }

    fn floor_div(a: i128, b: i128) -> i128 {
        let q = a / b;
        if a % b != 0 && (a < 0) != (b < 0) {
            q - 1
        } else {
            q
        }
    }

    #[test]
    fn every_result_lies_in_the_interval() {
        let ranges = [(-7, 5), (0, 9), (-9, -2), (3, 3), (-1, 1), (2, 6)];
        for (al, ah) in ranges {
            for (bl, bh) in ranges {
                let (a, b) = (IntRange::new(al, ah), IntRange::new(bl, bh));
                for x in samples(a) {
                    for y in samples(b) {
                        assert!(a.add(b).contains(x + y));
                        assert!(a.sub(b).contains(x - y));
                        assert!(a.mul(b).contains(x * y));
                        assert!(a.min(b).contains(x.min(y)));
                        assert!(a.max(b).contains(x.max(y)));
                        assert!(a.bit_and(b).contains(x & y), "{x} & {y}");
                        assert!(a.bit_or(b).contains(x | y), "{x} | {y}");
                        assert!(a.bit_or(b).contains(x ^ y));
                        if y != 0 {
                            assert!(a.floor_div(b).contains(floor_div(x, y)), "{x} // {y}");
                            assert!(a.modulo(b).contains(x - y * floor_div(x, y)), "{x} % {y}");
                        }
                        if y >= 0 {
                            assert!(a.shl(b).contains(x << y));
                            assert!(a.shr(b).contains(x >> y));
                        }
                    }
                    assert!(a.abs().contains(x.abs()));
                    assert!(a.pow(3).contains(x.pow(3)));
                    assert!(a.pow(2).contains(x.pow(2)));
                }
            }
        }
    }

    #[test]
    fn widening_comes_to_rest() {
        let mut r = IntRange::exactly(0);
        let mut steps = 0;
        loop {
            let next = r.widen(r.add(IntRange::exactly(1)));
            if next == r {
                break;
            }
            r = next;
            steps += 1;
        }
        assert!(steps < 20);
        assert_eq!(r, IntRange::new(0, FAR));
        assert_eq!(r.add(r), IntRange::new(0, 2 * FAR));
        assert!(!r.add(r).within(IntRange::I64));
        assert_eq!(
            r.sub(IntRange::exactly(STEP + 1)).add(r),
            IntRange::new(-STEP - 1, 2 * FAR - STEP - 1)
        );
    }

    #[test]
    fn unbounded_floats_may_be_nan() {
        assert!(FloatRange::ALL.add(FloatRange::exactly(1.0)).nan);
        let unit = FloatRange {
            lo: -1.0,
            hi: 1.0,
            nan: false,
            nonzero: false,
            finite: 1.0,
        };
        assert_eq!(
            unit.mul(FloatRange::exactly(2.0)),
            FloatRange {
                lo: -2.0,
                hi: 2.0,
                nan: false,
                nonzero: false,
                finite: 2.0
            }
        );
        assert!(!FloatRange::exactly(3.0).py_min(FloatRange::ALL).nan);
    }
}
