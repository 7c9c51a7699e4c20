//! Where two values differ.
//!
//! Enters: two [`Value`]s. Leaves: the paths of the differences. Floats are equal when
//! their bits are, and any NaN equals any NaN; what differs by that, a [`Judge`] may still
//! let pass. This module must not know what the values belong to.

use super::value::Value;
use super::verdict::Shown;
use std::fmt::Write as _;

/// The way from a value to one inside it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Path(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// A field of a record.
    Field(String),
    /// A place in a sequence.
    Index(usize),
    /// A place in a map, and its key as it is shown.
    Entry(usize, String),
    /// The data of a variant.
    Variant(String),
    /// What is in `Some`.
    Inner,
}

impl Path {
    /// The names on the way, as a rule spells them: `gains`, `[2]`, `[*]` for a rule's any.
    pub fn segments(&self) -> impl Iterator<Item = String> {
        self.0.iter().filter_map(|step| match step {
            Step::Field(name) => Some(name.clone()),
            Step::Index(i) => Some(format!("[{i}]")),
            Step::Entry(_, key) => Some(format!("[{key}]")),
            Step::Variant(name) => Some(format!("::{name}")),
            Step::Inner => None,
        })
    }

    /// The way with every place in a sequence or map left open.
    pub fn pattern(&self) -> String {
        let step = |step: &Step| match step {
            Step::Index(_) | Step::Entry(..) => "[*]".to_owned(),
            Step::Field(_) | Step::Variant(_) | Step::Inner => Path(vec![step.clone()]).to_string(),
        };
        self.0.iter().map(step).collect()
    }

    /// The value there.
    pub fn of<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        let mut at = value;
        for step in &self.0 {
            at = match (step, at) {
                (Step::Field(name), Value::Record(_, fields)) => {
                    fields.iter().find(|(n, _)| n == name).map(|(_, v)| v)?
                }
                (Step::Index(i), Value::Seq(items)) => items.get(*i)?,
                (Step::Entry(i, _), Value::Map(entries)) => entries.get(*i).map(|(_, v)| v)?,
                (Step::Variant(name), Value::Variant(n, data)) if n == name => data,
                (Step::Inner, Value::Some(inner)) => inner,
                _ => return None,
            };
        }
        Some(at)
    }
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for step in &self.0 {
            match step {
                Step::Field(name) => write!(f, ".{name}")?,
                Step::Index(i) => write!(f, "[{i}]")?,
                Step::Entry(_, key) => write!(f, "[{key}]")?,
                Step::Variant(name) => write!(f, "::{name}")?,
                Step::Inner => {}
            }
        }
        Ok(())
    }
}

/// Hears of two values that differ by their bits, and says whether they differ.
pub trait Judge {
    /// Whether `left` and `right`, at `path` below what is compared, are different. `types`
    /// are the structs around them, from the outside in.
    fn differs(&mut self, path: &Path, types: &[&str], left: &Value, right: &Value) -> bool;
}

/// Every bit counts.
pub struct Exact;

impl Judge for Exact {
    fn differs(&mut self, _: &Path, _: &[&str], _: &Value, _: &Value) -> bool {
        true
    }
}

/// The path of the first difference; `None` where the values are equal.
pub fn first_difference(left: &Value, right: &Value) -> Option<Path> {
    differences(left, right, &mut Exact).into_iter().next()
}

/// The paths of all differences that the judge lets stand.
pub fn differences(left: &Value, right: &Value, judge: &mut dyn Judge) -> Vec<Path> {
    let mut walk = Walk {
        path: Path::default(),
        types: Vec::new(),
        found: Vec::new(),
        judge,
    };
    walk.values(left, right);
    walk.found
}

struct Walk<'v, 'j> {
    path: Path,
    types: Vec<&'v str>,
    found: Vec<Path>,
    judge: &'j mut dyn Judge,
}

impl<'v> Walk<'v, '_> {
    fn inside(&mut self, step: Step, left: &'v Value, right: &'v Value) {
        self.path.0.push(step);
        self.values(left, right);
        self.path.0.pop();
    }

    fn here(&mut self, left: &Value, right: &Value) {
        if self.judge.differs(&self.path, &self.types, left, right) {
            self.found.push(self.path.clone());
        }
    }

    fn values(&mut self, left: &'v Value, right: &'v Value) {
        if left == right {
            return;
        }
        match (left, right) {
            (Value::F32(a), Value::F32(b))
                if f32::from_bits(*a).is_nan() && f32::from_bits(*b).is_nan() => {}
            (Value::F64(a), Value::F64(b))
                if f64::from_bits(*a).is_nan() && f64::from_bits(*b).is_nan() => {}
            (Value::Some(a), Value::Some(b)) => self.inside(Step::Inner, a, b),
            (Value::Seq(a), Value::Seq(b)) if a.len() == b.len() => {
                for (i, (a, b)) in a.iter().zip(b).enumerate() {
                    self.inside(Step::Index(i), a, b);
                }
            }
            (Value::Map(a), Value::Map(b)) if same(a, b) => {
                for (i, ((key, a), (_, b))) in a.iter().zip(b).enumerate() {
                    self.inside(Step::Entry(i, text(key)), a, b);
                }
            }
            (Value::Record(name, a), Value::Record(_, b)) if same(a, b) => {
                self.types.push(name);
                for ((name, a), (_, b)) in a.iter().zip(b) {
                    self.inside(Step::Field(name.clone()), a, b);
                }
                self.types.pop();
            }
            (Value::Variant(m, a), Value::Variant(n, b)) if m == n => {
                self.inside(Step::Variant(m.clone()), a, b);
            }
            (left, right) => self.here(left, right),
        }
    }
}

/// Whether two maps or structs hold the same keys in the same order.
fn same<K: PartialEq>(a: &[(K, Value)], b: &[(K, Value)]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|((a, _), (b, _))| a == b)
}

/// A value for the reader.
pub fn shown(value: &Value) -> Shown {
    let bits = match value {
        Value::F32(bits) => Some(format!("{bits:#010x}")),
        Value::F64(bits) => Some(format!("{bits:#018x}")),
        Value::Some(inner) => shown(inner).bits,
        _ => None,
    };
    Shown {
        text: text(value),
        bits,
    }
}

/// A value as Rust writes it, on one line.
pub fn text(value: &Value) -> String {
    let mut out = String::new();
    write_text(&mut out, value);
    out
}

fn write_text(out: &mut String, value: &Value) {
    match value {
        Value::Unit => out.push_str("()"),
        Value::None => out.push_str("None"),
        Value::Some(inner) => {
            out.push_str("Some(");
            write_text(out, inner);
            out.push(')');
        }
        Value::Bool(v) => out.push_str(if *v { "true" } else { "false" }),
        Value::Int(v) => out.push_str(v),
        Value::F32(bits) => {
            let _ = write!(out, "{:?}", f32::from_bits(*bits));
        }
        Value::F64(bits) => {
            let _ = write!(out, "{:?}", f64::from_bits(*bits));
        }
        Value::Char(v) => {
            let _ = write!(out, "{v:?}");
        }
        Value::Str(v) => {
            let _ = write!(out, "{v:?}");
        }
        Value::Bytes(v) => {
            let _ = write!(out, "b\"{}\"", v.escape_ascii());
        }
        Value::Seq(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                separate(out, i);
                write_text(out, item);
            }
            out.push(']');
        }
        Value::Map(entries) => {
            out.push('{');
            for (i, (key, item)) in entries.iter().enumerate() {
                separate(out, i);
                write_text(out, key);
                out.push_str(": ");
                write_text(out, item);
            }
            out.push('}');
        }
        Value::Record(_, fields) => {
            out.push_str("{ ");
            for (i, (name, item)) in fields.iter().enumerate() {
                separate(out, i);
                out.push_str(name);
                out.push_str(": ");
                write_text(out, item);
            }
            out.push_str(" }");
        }
        Value::Variant(name, data) => {
            out.push_str(name);
            match data.as_ref() {
                Value::Unit => {}
                Value::Record(..) => {
                    out.push(' ');
                    write_text(out, data);
                }
                data => {
                    out.push('(');
                    write_text(out, data);
                    out.push(')');
                }
            }
        }
    }
}

fn separate(out: &mut String, index: usize) {
    if index > 0 {
        out.push_str(", ");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::value::to_value;
    use serde::Serialize;
    use std::collections::BTreeMap;

    #[derive(Serialize, Clone)]
    enum Mode {
        Off,
        On { level: f32 },
    }

    #[derive(Serialize, Clone)]
    struct Sample {
        name: String,
        gains: Vec<f64>,
        last: Option<f32>,
        mode: Mode,
        seen: BTreeMap<u8, i64>,
        big: i128,
    }

    fn sample() -> Sample {
        Sample {
            name: "a".into(),
            gains: vec![0.5, 0.0, 2.0],
            last: Some(1.0),
            mode: Mode::On { level: 0.25 },
            seen: BTreeMap::from([(1, 2)]),
            big: i128::MIN,
        }
    }

    fn path_of(change: impl FnOnce(&mut Sample)) -> Option<String> {
        let mut changed = sample();
        change(&mut changed);
        first_difference(&to_value(&sample()), &to_value(&changed)).map(|p| p.to_string())
    }

    #[test]
    fn the_first_difference_is_named_by_its_path() {
        assert_eq!(path_of(|_| {}), None);
        assert_eq!(path_of(|s| s.gains[2] = 3.0).as_deref(), Some(".gains[2]"));
        assert_eq!(path_of(|s| s.gains.push(1.0)).as_deref(), Some(".gains"));
        assert_eq!(path_of(|s| s.last = None).as_deref(), Some(".last"));
        assert_eq!(path_of(|s| s.last = Some(2.0)).as_deref(), Some(".last"));
        assert_eq!(path_of(|s| s.mode = Mode::Off).as_deref(), Some(".mode"));
        assert_eq!(
            path_of(|s| s.mode = Mode::On { level: 0.5 }).as_deref(),
            Some(".mode::On.level")
        );
        assert_eq!(
            path_of(|s| *s.seen.entry(1).or_default() = 3).as_deref(),
            Some(".seen[1]")
        );
        assert_eq!(path_of(|s| s.big += 1).as_deref(), Some(".big"));
    }

    #[test]
    fn floats_are_equal_by_bits_and_any_nan_equals_any_nan() {
        assert_eq!(path_of(|s| s.gains[1] = -0.0).as_deref(), Some(".gains[1]"));
        let quiet = Value::F32(0x7fc0_0000);
        let other = Value::F32(0xffc0_0001);
        assert_eq!(first_difference(&quiet, &other), None);
        assert!(first_difference(&quiet, &Value::F32(0)).is_some());
        assert!(first_difference(&Value::F32(0), &Value::F64(0)).is_some());
    }

    #[test]
    fn a_path_leads_to_the_value_in_another_version() {
        let mut changed = sample();
        changed.mode = Mode::On { level: 0.5 };
        let (left, right) = (to_value(&sample()), to_value(&changed));
        let path = first_difference(&left, &right).unwrap();
        assert_eq!(text(path.of(&left).unwrap()), "0.25");
        assert_eq!(text(path.of(&right).unwrap()), "0.5");
        assert_eq!(path.of(&to_value(&Mode::Off)), None);
        assert_eq!(shown(path.of(&left).unwrap()).bits.unwrap(), "0x3e800000");
    }

    #[test]
    fn a_value_is_shown_as_rust_writes_it() {
        assert_eq!(
            text(&to_value(&sample())),
            "{ name: \"a\", gains: [0.5, 0.0, 2.0], last: Some(1.0), mode: On { level: 0.25 }, \
             seen: {1: 2}, big: -170141183460469231731687303715884105728 }"
        );
    }

    #[test]
    fn values_survive_the_way_through_json() {
        for value in [
            to_value(&sample()),
            to_value(&[f32::NAN, -0.0, f32::INFINITY]),
        ] {
            let json = serde_json::to_string(&value).unwrap();
            assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), value);
        }
    }
}
