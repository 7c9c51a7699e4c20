//! Intervals of numbers.
//!
//! Enters: the operands' intervals. Leaves: [`Range`], an interval of ints or floats that
//! holds every value the operation can give without raising. They decide `i64` or `i128`,
//! plain or checked arithmetic, and when `//`, `%`, `min` and indexing need no helper.
//! This module must not know any syntax tree.

mod float;
mod int;

pub use float::FloatRange;
pub use int::IntRange;

/// More than any machine holds of one list or text.
pub const LONGEST: i128 = 1 << 48;
/// What a length, a position or a count can be.
pub const LENGTHS: IntRange = IntRange {
    lo: Some(0),
    hi: Some(LONGEST),
};

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

impl Range {
    /// An int of any size.
    pub const INT: Range = Range::Int(IntRange::ALL);
    /// A float.
    pub const FLOAT: Range = Range::Float(FloatRange::ALL);
    /// An int or a float.
    pub const NUMBER: Range = Range::Float(FloatRange::NUMBER);

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
                minus_zero: false,
                ints: Some(IntRange { lo, hi }),
                int_zero: true,
                loose: false,
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
    use super::int::{FAR, STEP};
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
            finite: 1.0,
            ..FloatRange::ALL
        };
        assert_eq!(
            unit.mul(FloatRange::exactly(2.0)),
            FloatRange {
                lo: -2.0,
                hi: 2.0,
                nan: false,
                finite: 2.0,
                ..FloatRange::ALL
            }
        );
        assert!(!FloatRange::exactly(3.0).py_min(FloatRange::ALL).nan);
    }
}
