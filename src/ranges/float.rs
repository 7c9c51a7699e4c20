//! Intervals of floats, and of what is an int on some path and is computed as a float.

use super::IntRange;

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
    /// Whether it can be `-0.0`.
    pub minus_zero: bool,
    /// What it can be as an int, where it is one on some path.
    pub ints: Option<IntRange>,
    /// Whether a zero can only be an int's.
    pub int_zero: bool,
    /// Whether a zero may have another sign than Python's: an int's has none, a float's has.
    pub loose: bool,
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
        minus_zero: true,
        ints: None,
        int_zero: false,
        loose: false,
    };
    /// Every int and every float.
    pub const NUMBER: FloatRange = FloatRange {
        ints: Some(IntRange::ALL),
        ..FloatRange::ALL
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
                minus_zero: value == 0.0 && value.is_sign_negative(),
                ..Self::ALL
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
            minus_zero: self.minus_zero || other.minus_zero,
            ints: match (self.ints, other.ints) {
                (Some(a), Some(b)) => Some(a.join(b)),
                (a, b) => a.or(b),
            },
            int_zero: (self.int_zero || self.is_nonzero())
                && (other.int_zero || other.is_nonzero()),
            loose: self.loose || other.loose,
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
            ints: match (self.ints, joined.ints) {
                (Some(a), Some(b)) => Some(a.widen(b)),
                (a, b) => a.or(b),
            },
            ..joined
        }
    }

    /// `-x`
    pub fn neg(self) -> FloatRange {
        FloatRange {
            lo: -self.hi,
            hi: -self.lo,
            minus_zero: !self.is_nonzero(),
            ints: self.ints.map(IntRange::neg),
            ..self
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
            minus_zero: false,
            ints: self.ints.map(IntRange::abs),
            loose: false,
            ..self
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
            finite,
            ..FloatRange::ALL
        }
    }

    /// `a + b`
    pub fn add(self, other: FloatRange) -> FloatRange {
        // Only two negative zeros give one.
        FloatRange {
            minus_zero: self.minus_zero && other.minus_zero,
            loose: (self.loose && other.minus_zero) || (other.loose && self.minus_zero),
            ..self.corner(other, |a, b| a + b)
        }
    }

    /// `a - b`
    pub fn sub(self, other: FloatRange) -> FloatRange {
        self.add(other.neg())
    }

    /// `a * b`
    pub fn mul(self, other: FloatRange) -> FloatRange {
        let positive = |x: FloatRange| x.lo >= 0.0 && !x.minus_zero;
        FloatRange {
            minus_zero: !(positive(self) && positive(other)),
            loose: self.loose || other.loose,
            ..self.corner(other, |a, b| a * b)
        }
    }

    /// `a / b`, where `b` is not zero.
    pub fn div(self, other: FloatRange) -> FloatRange {
        if other.lo > 0.0 || other.hi < 0.0 {
            let least = if other.lo > 0.0 { other.lo } else { -other.hi };
            let finite = (self.magnitude() / least).min(f64::MAX);
            FloatRange {
                finite,
                loose: self.loose,
                ..self.corner(other, |a, b| a / b)
            }
        } else {
            FloatRange {
                loose: self.loose,
                ..FloatRange::ALL
            }
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
