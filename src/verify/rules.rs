//! What may differ between two versions, by the user's rules.
//!
//! Enters: the `[verify.compare]` tables of `migrate.toml`. Leaves: [`Rules`], which judge
//! a pair of values that differ by their bits, and count what each rule let pass. Without
//! a rule every bit counts. This module must not know where the values come from.

use super::compare::{Judge, Path};
use super::value::Value;
use super::verdict::RuleUse;
use std::collections::BTreeSet;

/// The rules of one task.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    rules: Vec<Rule>,
    /// The types that were come across, to tell a rule that fits nothing.
    accepted: Vec<u64>,
    cycles: Vec<BTreeSet<u64>>,
}

/// What may differ, where.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Where.
    pub place: RulePlace,
    /// How much.
    pub tolerance: Tolerance,
}

/// Where a rule holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RulePlace {
    /// At a field and all below it: `command.throttle`, `state.gains[*]`, `*.tov`.
    Field(String),
    /// In every value of a type: a struct, `f32` or `f64`.
    Type(String),
}

/// How much two values may differ.
#[derive(Debug, Clone, PartialEq)]
pub enum Tolerance {
    /// Not by a bit; undoes a wider rule.
    Exact,
    /// By so many floats in between.
    Ulps(u64),
    /// By so much, or so much of the larger one.
    Within {
        /// At most this, absolutely.
        abs: f64,
        /// At most this part of the larger magnitude.
        rel: f64,
    },
    /// By anything, for this reason.
    Ignore(String),
}

impl std::fmt::Display for RulePlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RulePlace::Field(field) => write!(f, "{field}"),
            RulePlace::Type(name) => write!(f, "type {name}"),
        }
    }
}

impl std::fmt::Display for Tolerance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Tolerance::Exact => write!(f, "exact"),
            Tolerance::Ulps(n) => write!(f, "ulps = {n}"),
            Tolerance::Within { abs, rel } if *rel == 0.0 => write!(f, "abs = {abs:e}"),
            Tolerance::Within { abs, rel } if *abs == 0.0 => write!(f, "rel = {rel:e}"),
            Tolerance::Within { abs, rel } => write!(f, "abs = {abs:e}, rel = {rel:e}"),
            Tolerance::Ignore(reason) => write!(f, "ignore = {reason:?}"),
        }
    }
}

impl Rules {
    /// Rules in the order of the file.
    pub fn new(rules: Vec<Rule>) -> Self {
        Self {
            accepted: vec![0; rules.len()],
            cycles: vec![BTreeSet::new(); rules.len()],
            rules,
        }
    }

    /// What each rule let pass.
    pub fn used(&self) -> Vec<RuleUse> {
        let counts = self.accepted.iter().zip(&self.cycles);
        let used = self.rules.iter().zip(counts);
        used.map(|(rule, (accepted, cycles))| RuleUse {
            place: rule.place.to_string(),
            rule: rule.tolerance.to_string(),
            accepted: *accepted,
            cycles: cycles.len() as u64,
        })
        .collect()
    }

    /// A judge of what is called `base`, in one cycle; `counts` where what it lets pass is
    /// to be counted.
    pub fn judge<'r>(&'r mut self, base: &'r str, cycle: u64, counts: bool) -> Judging<'r> {
        Judging {
            rules: self,
            base,
            cycle,
            counts,
        }
    }

    /// Whether two values that differ as a whole, such as in their presence, are different.
    pub fn differs(&mut self, path: &str, cycle: u64, counts: bool) -> bool {
        let segments = segments(path);
        match self.rule(&segments, &[], None) {
            Some(i) if matches!(self.tolerance(i), Some(Tolerance::Ignore(_))) => {
                self.count(i, cycle, counts);
                false
            }
            Some(_) | None => true,
        }
    }

    fn tolerance(&self, index: usize) -> Option<&Tolerance> {
        self.rules.get(index).map(|rule| &rule.tolerance)
    }

    fn count(&mut self, index: usize, cycle: u64, counts: bool) {
        if !counts {
            return;
        }
        if let (Some(n), Some(cycles)) = (self.accepted.get_mut(index), self.cycles.get_mut(index))
        {
            *n += 1;
            cycles.insert(cycle);
        }
    }

    /// The rule that holds: a field's before a type's, the longer before the shorter, the
    /// inner type before the outer, the later before the earlier.
    fn rule(&self, path: &[String], types: &[&str], leaf: Option<&str>) -> Option<usize> {
        let strength = |rule: &Rule| match &rule.place {
            RulePlace::Field(field) => {
                let pattern = segments(field);
                fits(&pattern, path).then_some((1, pattern.len()))
            }
            RulePlace::Type(name) if leaf == Some(name) => Some((0, usize::MAX)),
            RulePlace::Type(name) => types.iter().rposition(|t| t == name).map(|at| (0, at)),
        };
        let fitting = self.rules.iter().enumerate();
        fitting
            .filter_map(|(i, rule)| strength(rule).map(|strength| (strength, i)))
            .max()
            .map(|(_, i)| i)
    }
}

/// The parts of a path: `a.b[2]::C` is `a`, `b`, `[2]`, `::C`.
fn segments(path: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut rest = path.replace("::", "\u{1}");
    rest.push('.');
    let mut part = String::new();
    for c in rest.chars() {
        let ends = matches!(c, '.' | '[' | '\u{1}') && !part.starts_with('[');
        if ends || c == ']' {
            if c == ']' {
                part.push(c);
            }
            if !part.is_empty() {
                found.push(std::mem::take(&mut part));
            }
        }
        match c {
            '.' | ']' if ends || c == ']' => {}
            '\u{1}' => part.push_str("::"),
            c => part.push(c),
        }
    }
    found
}

/// Whether a pattern leads to `path` or to something around it.
fn fits(pattern: &[String], path: &[String]) -> bool {
    let same = |(p, s): (&String, &String)| {
        p == s || p == "*" && !s.starts_with('[') || p == "[*]" && s.starts_with('[')
    };
    pattern.len() <= path.len() && pattern.iter().zip(path).all(same)
}

/// Judges values below one place.
pub struct Judging<'r> {
    rules: &'r mut Rules,
    base: &'r str,
    cycle: u64,
    counts: bool,
}

impl Judge for Judging<'_> {
    fn differs(&mut self, path: &Path, types: &[&str], left: &Value, right: &Value) -> bool {
        if self.rules.rules.is_empty() {
            return true;
        }
        let mut full = segments(self.base);
        full.extend(path.segments());
        let leaf = match left {
            Value::F32(_) => Some("f32"),
            Value::F64(_) => Some("f64"),
            _ => None,
        };
        let Some(index) = self.rules.rule(&full, types, leaf) else {
            return true;
        };
        let passes = self
            .rules
            .tolerance(index)
            .is_some_and(|tolerance| passes(tolerance, left, right));
        if passes {
            self.rules.count(index, self.cycle, self.counts);
        }
        !passes
    }
}

fn passes(tolerance: &Tolerance, left: &Value, right: &Value) -> bool {
    match tolerance {
        Tolerance::Exact => false,
        Tolerance::Ignore(_) => true,
        Tolerance::Ulps(n) => match (left, right) {
            (Value::F32(a), Value::F32(b)) => {
                let nan = f32::from_bits(*a).is_nan() || f32::from_bits(*b).is_nan();
                !nan && ordered32(*a).abs_diff(ordered32(*b)) <= u128::from(*n)
            }
            (Value::F64(a), Value::F64(b)) => {
                let nan = f64::from_bits(*a).is_nan() || f64::from_bits(*b).is_nan();
                !nan && ordered64(*a).abs_diff(ordered64(*b)) <= u128::from(*n)
            }
            _ => false,
        },
        Tolerance::Within { abs, rel } => {
            let (a, b) = match (left, right) {
                (Value::F32(a), Value::F32(b)) => {
                    (f32::from_bits(*a).into(), f32::from_bits(*b).into())
                }
                (Value::F64(a), Value::F64(b)) => (f64::from_bits(*a), f64::from_bits(*b)),
                _ => return false,
            };
            let (a, b): (f64, f64) = (a, b);
            // Infinity is near to nothing but itself.
            a.is_finite() && b.is_finite() && (a - b).abs() <= abs.max(rel * a.abs().max(b.abs()))
        }
    }
}

/// Floats in their order as integers, both zeros at 0.
fn ordered32(bits: u32) -> i128 {
    let magnitude = i128::from(bits & 0x7fff_ffff);
    if bits >> 31 == 1 {
        -magnitude
    } else {
        magnitude
    }
}

fn ordered64(bits: u64) -> i128 {
    let magnitude = i128::from(bits & 0x7fff_ffff_ffff_ffff);
    if bits >> 63 == 1 {
        -magnitude
    } else {
        magnitude
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::compare::differences;
    use crate::verify::value::to_value;
    use serde::Serialize;

    #[derive(Serialize)]
    struct Pose {
        x: f64,
        gains: [f32; 2],
    }

    #[derive(Serialize)]
    struct Out {
        pose: Pose,
        label: &'static str,
    }

    fn out(x: f64, gain: f32, label: &'static str) -> Value {
        let gains = [gain, 1.0];
        to_value(&Out {
            pose: Pose { x, gains },
            label,
        })
    }

    fn field(field: &str, tolerance: Tolerance) -> Rule {
        Rule {
            place: RulePlace::Field(field.into()),
            tolerance,
        }
    }

    fn of_type(name: &str, tolerance: Tolerance) -> Rule {
        Rule {
            place: RulePlace::Type(name.into()),
            tolerance,
        }
    }

    fn left(rules: Vec<Rule>, a: &Value, b: &Value) -> Vec<String> {
        let mut rules = Rules::new(rules);
        let found = differences(a, b, &mut rules.judge("out", 7, true));
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_path_falls_into_its_parts() {
        let parts = ["a", "b", "[2]", "::C", "d", "[\"x.y\"]", "e"];
        assert_eq!(segments("a.b[2]::C.d[\"x.y\"].e"), parts);
    }

    #[test]
    fn without_a_rule_every_bit_counts() {
        let (a, b) = (out(0.0, 1.0, "a"), out(-0.0, 1.0, "b"));
        assert_eq!(left(vec![], &a, &b), [".pose.x", ".label"]);
    }

    #[test]
    fn a_rule_holds_at_its_field_and_below() {
        let (a, b) = (out(1.0, 1.0, "a"), out(1.5, 1.5, "b"));
        let ignored = || Tolerance::Ignore("a reason".into());
        assert_eq!(left(vec![field("out.pose", ignored())], &a, &b), [".label"]);
        assert_eq!(left(vec![field("*.label", ignored())], &a, &b).len(), 2);
        let inner = vec![
            field("out.pose", ignored()),
            field("out.pose.x", Tolerance::Exact),
        ];
        assert_eq!(left(inner, &a, &b), [".pose.x", ".label"]);
        let elsewhere = vec![field("other.pose", ignored()), field("out.pos", ignored())];
        assert_eq!(left(elsewhere, &a, &b).len(), 3);
        let open = vec![field("out.pose.gains[*]", ignored())];
        assert_eq!(left(open, &a, &b), [".pose.x", ".label"]);
    }

    #[test]
    fn a_type_has_a_rule_and_a_field_goes_before_it() {
        let next = |x: f32| f32::from_bits(x.to_bits() + 2);
        let (a, b) = (out(1.0, 1.0, "a"), out(1.0, next(1.0), "a"));
        let ulps = |n| of_type("f32", Tolerance::Ulps(n));
        assert_eq!(left(vec![ulps(2)], &a, &b), [""; 0]);
        assert_eq!(left(vec![ulps(1)], &a, &b), [".pose.gains[0]"]);
        let wide = of_type(
            "Pose",
            Tolerance::Within {
                abs: 1e-6,
                rel: 0.0,
            },
        );
        assert_eq!(left(vec![wide.clone()], &a, &b), [""; 0]);
        let exact = field("out.pose.gains", Tolerance::Exact);
        assert_eq!(left(vec![exact, wide], &a, &b), [".pose.gains[0]"]);
    }

    #[test]
    fn tolerances_never_pass_a_nan_or_infinity_for_a_number() {
        let near =
            |tolerance: &Tolerance, a: f64, b: f64| passes(tolerance, &to_value(&a), &to_value(&b));
        let ulps = Tolerance::Ulps(3);
        let within = Tolerance::Within { abs: 1e9, rel: 0.5 };
        for tolerance in [&ulps, &within] {
            assert!(near(tolerance, 0.0, -0.0));
            assert!(!near(tolerance, f64::NAN, 1.0));
            assert!(!near(tolerance, f64::INFINITY, f64::NEG_INFINITY));
        }
        assert!(!near(&within, f64::INFINITY, f64::MAX));
        assert!(near(&ulps, f64::from_bits(1), -f64::from_bits(2)));
        assert!(!near(&ulps, f64::from_bits(2), -f64::from_bits(2)));
        let relative = Tolerance::Within {
            abs: 0.0,
            rel: 0.01,
        };
        assert!(near(&relative, 100.0, 100.9) && !near(&relative, 100.0, 102.0));
        assert!(!passes(&ulps, &to_value(&1_i32), &to_value(&2_i32)));
    }

    #[test]
    fn what_a_rule_lets_pass_is_counted() {
        let mut rules = Rules::new(vec![field("out.label", Tolerance::Ignore("text".into()))]);
        let (a, b) = (out(1.0, 1.0, "a"), out(1.0, 1.0, "b"));
        for cycle in [7, 8, 8] {
            assert!(differences(&a, &b, &mut rules.judge("out", cycle, true)).is_empty());
        }
        assert!(!rules.differs("out.label", 8, false) && rules.differs("out", 8, true));
        let used = rules.used();
        assert_eq!((used[0].accepted, used[0].cycles), (3, 2));
        assert_eq!(used[0].rule, "ignore = \"text\"");
    }
}
