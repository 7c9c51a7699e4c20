//! The demo's app, in the one file that `migrate demo` unpacks.

use super::{Files, check, root};
use std::fs;
use std::path::{Path, PathBuf};

const APP: &str = "fixtures/apps/pid";
/// What of the app is bundled: all that is under version control, no build, no other log.
const BUNDLED: [&str; 10] = [
    "Cargo.lock",
    "Cargo.toml",
    "build.rs",
    "copperconfig.ron",
    "logs/run_0.copper",
    "python/pid.py",
    "src/logreader.rs",
    "src/main.rs",
    "src/tasks.rs",
    ".gitignore",
];
/// Zeros are left out in stretches of this many bytes.
const BLOCK: usize = 512;

/// The bundle.
pub fn files() -> Files {
    let mut bundle = Vec::new();
    for name in BUNDLED {
        let from = if name == ".gitignore" {
            "fixtures/apps/.gitignore".into()
        } else {
            Path::new(APP).join(name)
        };
        let bytes = fs::read(root().join(from)).unwrap();
        bundle.extend(format!("file {} {name}\n", bytes.len()).bytes());
        for (start, end) in stretches(&bytes) {
            bundle.extend(format!("part {start} {}\n", end - start).bytes());
            bundle.extend(&bytes[start..end]);
        }
    }
    Files::from([(PathBuf::from("templates/demo/pid.bundle"), bundle)])
}

/// Where the blocks lie that are not zeros.
fn stretches(bytes: &[u8]) -> Vec<(usize, usize)> {
    let mut stretches: Vec<(usize, usize)> = Vec::new();
    let mut start = 0;
    for block in bytes.chunks(BLOCK) {
        let end = start + block.len();
        if block.iter().any(|byte| *byte != 0) {
            match stretches.last_mut() {
                Some(last) if last.1 == start => last.1 = end,
                _ => stretches.push((start, end)),
            }
        }
        start = end;
    }
    stretches
}

#[test]
fn the_demo_is_the_fixture() {
    check(&files());
}

#[test]
fn nothing_of_the_fixture_is_left_out_of_the_demo() {
    let left_out: Vec<_> = super::below(APP)
        .into_iter()
        .map(|path| path.strip_prefix(APP).unwrap().to_owned())
        // The log's base name is a link that each run makes anew.
        .filter(|path| !path.starts_with("target") && path != Path::new("logs/run.copper"))
        .filter(|path| !BUNDLED.iter().any(|name| path == Path::new(name)))
        .collect();
    assert!(left_out.is_empty(), "{left_out:?}");
}
