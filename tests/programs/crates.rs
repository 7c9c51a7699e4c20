//! Many small programs as one crate, whose binary runs the one that it is told to.

use copper_migrate::header::hash;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a program wrote, and its exit code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    pub out: String,
    pub code: Option<i32>,
    /// What it wrote to stderr, which is not compared.
    pub err: String,
}

/// What a program writes and how it ends.
pub fn ran(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    Ran {
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        code: output.status.code(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Builds the programs into one binary; the names of those that do not compile, with what
/// rustc says of them. `folder` is where, below the target directory.
pub fn build(folder: &str, rust: &BTreeMap<String, String>) -> (PathBuf, BTreeMap<String, String>) {
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    let mut broken = BTreeMap::new();
    loop {
        let sound = rust.iter().filter(|(name, _)| !broken.contains_key(*name));
        let mut key = String::new();
        let mut main = String::from("#![allow(dead_code, unused)]\n");
        let mut arms = String::new();
        fs::create_dir_all(&tmp).unwrap();
        for (name, text) in sound {
            fs::write(
                tmp.join(format!("{name}.rs")),
                text.replace("\nfn main() {", "\npub fn main() {"),
            )
            .unwrap();
            writeln!(main, "#[path = \"{name}.rs\"]\nmod program_{name};").unwrap();
            writeln!(arms, "        {name:?} => program_{name}::main(),").unwrap();
            key += text;
        }
        write!(
            main,
            "fn main() {{\n    match std::env::args().nth(1).unwrap().as_str() {{\n{arms}        _ => {{}}\n    }}\n}}\n"
        )
        .unwrap();
        let binary = tmp.join(format!("all-{}", hash(&(key + &main))));
        if binary.exists() {
            return (binary, broken);
        }
        let source = tmp.join("main.rs");
        fs::write(&source, main).unwrap();
        let output = Command::new("rustc")
            .args(["--edition", "2024", "-C", "overflow-checks=on"])
            .args(["-C", "opt-level=0", "-C", "debuginfo=0"])
            .args(["--error-format", "short", "-o"])
            .arg(&binary)
            .arg(&source)
            .output()
            .unwrap();
        if output.status.success() {
            return (binary, broken);
        }
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let before = broken.len();
        for line in said.lines().filter(|line| line.contains(": error")) {
            let name = line
                .split(".rs:")
                .next()
                .and_then(|path| path.rsplit('/').next());
            if let Some(name) = name.filter(|name| rust.contains_key(*name)) {
                broken
                    .entry(name.to_owned())
                    .or_insert_with(|| line.to_owned());
            }
        }
        assert!(broken.len() > before, "{said}");
    }
}
