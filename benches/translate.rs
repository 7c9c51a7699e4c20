//! How long a translation takes: modules of 50, 1,000 and 10,000 lines, and parsing alone.
//!
//! rustfmt runs as a process of its own for every file; its time is part of `translate`.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing
)]

use copper_migrate::parse::parse;
use copper_migrate::pipeline::translate_module;
use copper_migrate::project::Form;
use copper_migrate::source::SourceFile;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::fmt::Write as _;
use std::path::Path;

/// As the command has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A module of about so many lines: constants, functions, a class now and then.
fn module(lines: usize) -> String {
    let mut text = String::from("\"\"\"Filters and ramps.\"\"\"\nimport math\n\n");
    let mut calls = String::new();
    let mut n = 0;
    while text.lines().count() + calls.lines().count() < lines {
        write!(
            text,
            "LIMIT_{n} = {n}.5\n\n\n\
             class Filter{n}:\n    \
                 \"\"\"A low-pass filter.\"\"\"\n\n    \
                 def __init__(self, gain):\n        \
                     self.gain = gain\n        \
                     self.value = None\n        \
                     self.count = 0\n\n    \
                 def update(self, x):\n        \
                     self.count += 1\n        \
                     if self.value is None:\n            \
                         self.value = x\n        \
                     else:\n            \
                         self.value += self.gain * (x - self.value)\n        \
                     return self.value\n\n\n\
             def ramp_{n}(x, step=0.5):\n    \
                 # Towards the limit, in steps.\n    \
                 total = 0.0\n    \
                 for i in range(10):\n        \
                     if i % 3 == 0 and total < LIMIT_{n}:\n            \
                         total += step * i\n        \
                     elif total > LIMIT_{n}:\n            \
                         total -= math.sqrt(x)\n    \
                 return min(max(total, -LIMIT_{n}), LIMIT_{n})\n\n\n"
        )
        .unwrap();
        write!(
            calls,
            "    f{n} = Filter{n}(0.25)\n    print(f{n}.update(ramp_{n}({n}.0)))\n"
        )
        .unwrap();
        n += 1;
    }
    format!("{text}if __name__ == \"__main__\":\n{calls}")
}

fn benches(c: &mut Criterion) {
    let dir = tempfile::tempdir().unwrap();
    for name in ["parse", "translate"] {
        let mut group = c.benchmark_group(name);
        for lines in [50, 1_000, 10_000] {
            let text = module(lines);
            let path = dir.path().join(format!("m{lines}.py"));
            std::fs::write(&path, &text).unwrap();
            let translation = translate_module(&path, "m.py", Form::Program).unwrap();
            assert_eq!(translation.holes(), 0);
            group.throughput(Throughput::Elements(text.lines().count() as u64));
            group.sample_size(10);
            group.bench_with_input(BenchmarkId::from_parameter(lines), &path, |b, path| {
                b.iter(|| match name {
                    "parse" => parsed(&text),
                    _ => translated(path),
                });
            });
        }
        group.finish();
    }
}

fn parsed(text: &str) -> usize {
    let file = SourceFile::new(Path::new("m.py"), "m.py", text.to_owned());
    parse(&file).module.body.stmts.len()
}

fn translated(path: &Path) -> usize {
    let translation = translate_module(path, "m.py", Form::Program).unwrap();
    translation.files[0].text.len()
}

criterion_group!(all, benches);
criterion_main!(all);
