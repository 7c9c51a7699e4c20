//! A field over cycles, as inline SVG.
//!
//! Enters: a [`Series`]. Leaves: [`Plot`]: lines in a box of fixed size, and the words at its
//! edges, which are HTML: they keep their size on every screen. This module must not know how
//! the page looks.

use crate::verify::Series;
use std::fmt::Write as _;

/// The box that the lines are drawn in.
pub const WIDTH: f64 = 600.0;
/// Its height.
pub const HEIGHT: f64 = 120.0;
/// Free space above and below.
const MARGIN: f64 = 6.0;
/// Cycles before and after the first difference in the table.
const ROWS: usize = 3;

/// A plot, ready to be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Plot {
    /// The path of the field.
    pub path: String,
    /// The CopperList of the first difference.
    pub first: u64,
    /// The values as lines.
    pub values: Panel,
    /// Rust minus Python; none for words, and where there is no difference in numbers.
    pub difference: Option<Panel>,
    /// The first and the last CopperList.
    pub range: (u64, u64),
    /// Where the first difference is, from left to right.
    pub at: f64,
    /// The values around the first difference: CopperList, recorded, Python, Rust.
    pub rows: Vec<Row>,
}

/// One box with lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// The words at the upper and the lower edge.
    pub edges: (String, String),
    /// The class of each line, and its SVG path.
    pub lines: Vec<(&'static str, String)>,
}

/// A row of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The CopperList.
    pub cycle: u64,
    /// Recorded, Python, Rust.
    pub values: [String; 3],
    /// Whether Python and Rust differ.
    pub differs: bool,
}

/// Draws a series; nothing where it holds fewer than two cycles.
pub fn plot(series: &Series) -> Option<Plot> {
    let range = (*series.cycles.first()?, *series.cycles.last()?);
    if range.0 == range.1 {
        return None;
    }
    let x =
        |cycle: u64| (cycle.saturating_sub(range.0)) as f64 * WIDTH / (range.1 - range.0) as f64;
    let is_stepped = !series.labels.is_empty();
    let all = [&series.recorded, &series.python, &series.rust];
    let (low, high) = bounds(all.iter().flat_map(|values| values.iter().flatten()))?;
    let line = |values: &[Option<f64>], low: f64, high: f64| {
        let points: Vec<(f64, Option<f64>)> = series
            .cycles
            .iter()
            .zip(values)
            .map(|(cycle, value)| (x(*cycle), value.map(|value| y(value, low, high))))
            .collect();
        path(&points, is_stepped)
    };
    let classes = ["recorded", "python", "rust"];
    let lines = classes.into_iter().zip(all);
    let lines = lines.map(|(class, values)| (class, line(values, low, high)));
    let values = Panel {
        edges: (edge(high, series), edge(low, series)),
        lines: lines.filter(|(_, path)| !path.is_empty()).collect(),
    };
    let apart: Vec<Option<f64>> = series
        .python
        .iter()
        .zip(&series.rust)
        .map(|(python, rust)| Some((*rust)? - (*python)?))
        .collect();
    let difference = bounds(apart.iter().flatten())
        .filter(|_| !is_stepped && apart.iter().flatten().any(|d| *d != 0.0))
        .map(|(low, high)| {
            let (low, high) = (low.min(0.0), high.max(0.0));
            let zero = [
                (0.0, Some(y(0.0, low, high))),
                (WIDTH, Some(y(0.0, low, high))),
            ];
            Panel {
                edges: (short(high), short(low)),
                lines: vec![
                    ("zero", path(&zero, false)),
                    ("apart", line(&apart, low, high)),
                ],
            }
        });
    Some(Plot {
        path: series.path.clone(),
        first: series.first,
        values,
        difference,
        range,
        at: x(series.first),
        rows: rows(series),
    })
}

/// The least and the greatest; apart from each other in any case.
fn bounds<'a>(values: impl Iterator<Item = &'a f64>) -> Option<(f64, f64)> {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(*value), high.max(*value))
    });
    match (low.is_finite() && high.is_finite(), low == high) {
        (false, _) => None,
        (true, true) => Some((low - 0.5, high + 0.5)),
        (true, false) => Some((low, high)),
    }
}

fn y(value: f64, low: f64, high: f64) -> f64 {
    // Halves first: the distance of two finite values may be infinite.
    let part = (value / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0);
    HEIGHT - MARGIN - part * (HEIGHT - 2.0 * MARGIN)
}

/// An SVG path; broken where a value is missing.
fn path(points: &[(f64, Option<f64>)], is_stepped: bool) -> String {
    let mut out = String::new();
    let mut pen: Option<f64> = None;
    for (x, y) in points {
        match (y, pen) {
            (Some(y), Some(last)) if is_stepped && last != *y => {
                let _ = write!(out, "H{x:.1}V{y:.1}");
            }
            (Some(y), Some(_)) => {
                let _ = write!(out, "L{x:.1} {y:.1}");
            }
            (Some(y), None) => {
                // The dot makes a single value visible.
                let _ = write!(out, "M{x:.1} {y:.1}h.1");
            }
            (None, _) => {}
        }
        pen = *y;
    }
    out
}

fn edge(value: f64, series: &Series) -> String {
    if series.labels.is_empty() {
        return short(value);
    }
    // Words stand at whole numbers.
    let place = value.round().max(0.0) as usize;
    series.labels.get(place).cloned().unwrap_or_default()
}

/// A number in few characters.
fn short(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 {
        "0".into()
    } else if (1e-3..1e6).contains(&size) {
        let text = format!("{value:.4}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        format!("{value:.2e}")
    }
}

fn rows(series: &Series) -> Vec<Row> {
    let Some(at) = series.cycles.iter().position(|c| *c >= series.first) else {
        return Vec::new();
    };
    let from = at.saturating_sub(ROWS);
    let say = |values: &[Option<f64>], i: usize| match values.get(i).copied().flatten() {
        None => "\u{2013}".to_owned(),
        Some(value) if series.labels.is_empty() => format!("{value:?}"),
        Some(value) => edge(value, series),
    };
    let near = series
        .cycles
        .iter()
        .enumerate()
        .skip(from)
        .take(2 * ROWS + 1);
    near.map(|(i, cycle)| Row {
        cycle: *cycle,
        values: [
            say(&series.recorded, i),
            say(&series.python, i),
            say(&series.rust, i),
        ],
        differs: series.python.get(i) != series.rust.get(i),
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(python: &[Option<f64>], rust: &[Option<f64>]) -> Series {
        Series {
            path: "command.throttle".into(),
            first: 2,
            labels: Vec::new(),
            cycles: (0..python.len() as u64).collect(),
            recorded: vec![None; python.len()],
            python: python.to_vec(),
            rust: rust.to_vec(),
        }
    }

    #[test]
    fn lines_break_where_a_value_is_missing() {
        let values = [Some(0.0), Some(1.0), None, Some(2.0), Some(2.0)];
        let rust = [Some(0.0), Some(1.0), None, Some(2.0), Some(1.5)];
        let plot = plot(&series(&values, &rust)).unwrap();
        let lines = &plot.values.lines;
        assert_eq!(lines.len(), 2, "nothing was recorded");
        assert_eq!(
            lines[0].1,
            "M0.0 114.0h.1L150.0 60.0M450.0 6.0h.1L600.0 6.0"
        );
        assert_eq!(plot.values.edges, ("2".into(), "0".into()));
        assert_eq!(plot.difference.unwrap().edges, ("0".into(), "-0.5".into()));
        assert_eq!(plot.rows.len(), 5);
        assert!(plot.rows[4].differs && !plot.rows[3].differs);
    }

    #[test]
    fn odd_values_draw_something_or_nothing() {
        let huge = [Some(f64::MAX), Some(f64::MIN), Some(0.0)];
        let drawn = plot(&series(&huge, &huge)).unwrap();
        assert!(!drawn.values.lines[0].1.contains("NaN"), "{drawn:?}");
        assert!(!drawn.values.lines[0].1.contains("inf"), "{drawn:?}");
        assert!(drawn.difference.is_none());
        assert!(plot(&series(&[Some(1.0)], &[Some(1.0)])).is_none());
        assert!(plot(&series(&[None, None], &[None, None])).is_none());
        assert!(plot(&series(&[], &[])).is_none());
        let same = plot(&series(&[Some(3.0); 4], &[Some(3.0); 4])).unwrap();
        assert!(same.values.lines[0].1.contains("60.0"), "{same:?}");
    }

    #[test]
    fn words_are_steps() {
        let mut series = series(&[Some(0.0), Some(0.0), Some(1.0)], &[Some(0.0); 3]);
        series.labels = vec!["Idle".into(), "Run".into()];
        let plot = plot(&series).unwrap();
        assert_eq!(plot.values.edges, ("Run".into(), "Idle".into()));
        assert!(plot.values.lines[0].1.ends_with("H600.0V6.0"), "{plot:?}");
        assert!(plot.difference.is_none());
        assert_eq!(plot.rows[2].values[1], "Run");
    }
}
