//! How long the calls of a task take: a table, or JSON.
//!
//! Enters: a [`Benchmark`]. Leaves: text. This module must not measure.

use crate::verify::{Benchmark, Latency};
use serde::Serialize;
use std::fmt::Write as _;

/// The version of the JSON.
const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    #[serde(flatten)]
    benchmark: &'a Benchmark,
}

/// The measurements as JSON.
pub fn json(benchmark: &Benchmark) -> String {
    let document = Document {
        schema: SCHEMA,
        benchmark,
    };
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

/// The measurements as a table.
pub fn text(benchmark: &Benchmark) -> String {
    let mut out = format!(
        "`{}` on the inputs of {} ({} build)\n\n",
        benchmark.task,
        benchmark.log.display(),
        benchmark.profile
    );
    let _ = writeln!(
        out,
        "  {:<16} {:>8} {:>10} {:>10} {:>10}  allocations, p50 and max",
        "process", "calls", "p50", "p99", "max"
    );
    for measured in &benchmark.versions {
        let name = match measured.version.as_str() {
            "native" => "Rust".to_owned(),
            mode => format!("Python, {mode}"),
        };
        let Some(l) = &measured.latency else {
            let why = measured.missing.as_deref().unwrap_or_default();
            let _ = writeln!(out, "  {name:<16} not measured: {why}");
            continue;
        };
        let _ = writeln!(
            out,
            "  {name:<16} {:>8} {:>10} {:>10} {:>10}  {}",
            l.calls,
            time(l.p50_ns),
            time(l.p99_ns),
            time(l.max_ns),
            allocations(l)
        );
    }
    out.push('\n');
    let rust = benchmark.of("native");
    if let Some(rust) = rust {
        for mode in ["embedded", "process"] {
            if let Some(python) = benchmark.of(mode) {
                let times = python.p50_ns as f64 / rust.p50_ns.max(1) as f64;
                let _ = writeln!(out, "  Rust is {times:.0} times as fast as Python, {mode}");
            }
        }
        let _ = writeln!(
            out,
            "  each time holds the {} that reading the clock takes",
            time(rust.timer_ns)
        );
    }
    out.push_str("  allocations are those of Rust, Copper's part of PyTask too; not CPython's\n");
    for note in failures(benchmark) {
        let _ = writeln!(out, "  {note}");
    }
    out
}

/// Versions that fail in other calls do other work.
fn failures(benchmark: &Benchmark) -> Vec<String> {
    let versions = benchmark.versions.iter();
    let failed: Vec<(&str, u64)> = versions
        .filter_map(|m| Some((m.version.as_str(), m.latency?.failed)))
        .collect();
    let all_alike = failed.windows(2).all(|pair| match pair {
        [a, b] => a.1 == b.1,
        _ => true,
    });
    let mut notes: Vec<String> = failed
        .iter()
        .filter(|(_, failed)| *failed > 0)
        .map(|(version, failed)| format!("note: {failed} calls of {version} failed"))
        .collect();
    if !all_alike {
        notes.push("note: they fail in different calls: see `migrate verify`".into());
    }
    notes
}

fn allocations(l: &Latency) -> String {
    match (l.allocations_p50, l.allocations_max) {
        (Some(p50), Some(max)) => format!("{p50} and {max}"),
        _ => "not counted: the app has an allocator of its own".into(),
    }
}

/// A time with its unit.
pub(super) fn time(nanoseconds: u64) -> String {
    match nanoseconds {
        0..1_000 => format!("{nanoseconds} ns"),
        1_000..1_000_000 => format!("{:.1} µs", nanoseconds as f64 / 1e3),
        _ => format!("{:.1} ms", nanoseconds as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::Measured;

    fn measured(version: &'static str, p50_ns: u64, failed: u64) -> Measured {
        Measured {
            version: version.into(),
            latency: Some(Latency {
                calls: 400,
                failed,
                p50_ns,
                p99_ns: p50_ns * 2,
                max_ns: p50_ns * 20,
                timer_ns: 20,
                allocations_p50: Some(0),
                allocations_max: Some(3),
            }),
            missing: None,
        }
    }

    #[test]
    fn the_table_says_what_was_measured_and_what_was_not() {
        let benchmark = Benchmark {
            task: "pid".into(),
            script: "python/pid.py".into(),
            log: "logs/run.copper".into(),
            profile: "release".into(),
            python: Some("3.11.7".into()),
            versions: vec![
                measured("native", 50, 0),
                measured("embedded", 150_000, 1),
                Measured {
                    version: "process".into(),
                    latency: None,
                    missing: Some("no cbor2".into()),
                },
            ],
        };
        let text = text(&benchmark);
        for part in [
            "Rust                  400      50 ns     100 ns     1.0 µs  0 and 3\n",
            "Python, embedded      400   150.0 µs   300.0 µs     3.0 ms  0 and 3\n",
            "Python, process  not measured: no cbor2\n",
            "Rust is 3000 times as fast as Python, embedded\n",
            "1 calls of embedded failed\n",
            "fail in different calls",
        ] {
            assert!(text.contains(part), "no {part:?} in:\n{text}");
        }
        let json: serde_json::Value = serde_json::from_str(&json(&benchmark)).unwrap();
        assert_eq!(json["schema"], 1);
        assert_eq!(json["versions"][0]["latency"]["p99_ns"], 100);
        assert_eq!(json["versions"][2]["missing"], "no cbor2");
    }
}
