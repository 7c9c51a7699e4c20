//! Generated Rust against what a Rust engineer writes for the same Python
//! (`fixtures/tasks/`): time, and allocations of one call.
#![allow(missing_docs, dead_code, clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "tasks/hand.rs"]
mod hand;

// What `migrate` makes.
#[path = "../golden/tasks/crc.rs"]
mod crc;
#[path = "../golden/tasks/debounce.rs"]
mod debounce;
#[path = "../golden/tasks/kalman.rs"]
mod kalman;
#[path = "../golden/tasks/odometry.rs"]
mod odometry;
#[path = "../golden/tasks/pid.rs"]
mod pid;
#[path = "../golden/tasks/scan.rs"]
mod scan;

use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;

/// The values of a thousand cycles.
fn numbers() -> Vec<i64> {
    (0..1000).map(|i| (i * 7919) % 65_536).collect()
}

fn floats(span: i64, from: f64) -> Vec<f64> {
    (0..1000)
        .map(|i| f64::from(((i * 37) % span) as i32) * 0.05 + from)
        .collect()
}

macro_rules! compare {
    ($criterion:ident, $name:ident, $input:expr, $made:expr) => {{
        let input = $input;
        let made: fn(&[_]) -> _ = $made;
        assert_eq!(made(&input), hand::$name::run(&input));
        let mut group = $criterion.benchmark_group(stringify!($name));
        group.bench_function("by hand", |b| {
            b.iter(|| hand::$name::run(black_box(&input)));
        });
        group.bench_function("generated", |b| b.iter(|| made(black_box(&input))));
        group.finish();
    }};
}

fn tasks(c: &mut Criterion) {
    compare!(c, pid, floats(200, -4.0), |xs| pid::run(xs).unwrap());
    compare!(c, kalman, floats(200, -4.0), |xs| kalman::run(xs).unwrap());
    compare!(c, odometry, numbers(), |xs| odometry::run(xs).unwrap());
    compare!(c, crc, numbers(), crc::run);
    compare!(c, scan, floats(260, 0.0), |xs| scan::run(xs).unwrap());
    compare!(c, debounce, numbers(), debounce::run);
}

criterion_group!(benches, tasks);
criterion_main!(benches);
