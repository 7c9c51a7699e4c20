//! Builds the harness.
//!
//! Enters: a written [`Harness`]. Leaves: its binary, or rustc's first errors. Works
//! without a network where every crate is there already. This module must not know what
//! the harness does.

use super::harness::Harness;
use super::manifest::{COUNT, FEATURE};
use super::python::Interpreter;
use crate::error::Error;
use crate::project::Project;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Checks that there is a rustc that Copper builds with, as `dir` chooses it.
///
/// # Errors
/// It is missing or too old.
pub fn check(dir: &Path) -> Result<(), Error> {
    let help = "install Rust 1.95 or later with rustup (https://rustup.rs)";
    let output = Command::new("rustc")
        .arg("--version")
        .current_dir(dir)
        .output();
    let text = match &output {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout),
        Ok(_) | Err(_) => {
            return Err(environment(
                "Rust is missing: `rustc --version` does not run",
                help,
            ));
        }
    };
    let version = text.split_whitespace().nth(1).unwrap_or_default();
    let mut parts = version.split('.').map(|part| part.parse::<u32>().ok());
    let found = (parts.next().flatten(), parts.next().flatten());
    if found < (Some(1), Some(95)) {
        return Err(environment(
            format!("rustc {version} is too old: Copper needs 1.95"),
            "`rustup update`, or raise the version in the app's rust-toolchain.toml",
        ));
    }
    Ok(())
}

fn environment(message: impl Into<String>, help: &str) -> Error {
    Error::Environment {
        message: message.into(),
        help: help.into(),
    }
}

/// How a harness is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// Optimised as the robot's binary is, instead of quickly built.
    pub release: bool,
    /// With an allocator that counts.
    pub counts: bool,
}

impl Profile {
    /// What replays for a verdict.
    pub const VERIFY: Profile = Profile {
        release: false,
        counts: false,
    };

    /// Cargo's directory for it.
    pub fn directory(self) -> &'static str {
        if self.release { "release" } else { "debug" }
    }
}

/// Builds the harness; the path of its binary.
///
/// # Errors
/// Cargo is missing or fails; the harness does not compile.
pub fn build(
    project: &Project,
    harness: &Harness,
    target: &Path,
    python: Option<&Interpreter>,
    profile: Profile,
    started: &dyn Fn(u32),
    origin: &dyn Fn(&Path, usize) -> Option<String>,
) -> Result<PathBuf, Error> {
    let mut result = run(harness, target, python, profile, started, true)?;
    if result.binary.is_none() && result.errors.is_empty() && result.wants_network() {
        result = run(harness, target, python, profile, started, false)?;
    }
    if profile.counts && result.has_own_allocator() {
        let profile = Profile {
            counts: false,
            ..profile
        };
        return build(project, harness, target, python, profile, started, origin);
    }
    keeps_copper(project, harness)?;
    match result.binary {
        Some(binary) => Ok(binary),
        None => Err(failure(&result, origin)),
    }
}

#[derive(Default)]
struct Built {
    binary: Option<PathBuf>,
    errors: Vec<CompileError>,
    stderr: String,
}

/// An error of rustc: its words, and where.
struct CompileError {
    rendered: String,
    place: Option<(PathBuf, usize)>,
}

impl Built {
    fn wants_network(&self) -> bool {
        [
            "--offline",
            "offline mode",
            "no matching package",
            "failed to select",
            "failed to get",
        ]
        .iter()
        .any(|words| self.stderr.contains(words))
    }
}

impl Built {
    /// The app has an allocator of its own: what is allocated cannot be counted.
    fn has_own_allocator(&self) -> bool {
        let words = [
            "define multiple global allocators",
            "conflicts with global allocator",
        ];
        let mut texts = self.errors.iter().map(|error| error.rendered.as_str());
        self.binary.is_none() && texts.any(|text| words.iter().any(|words| text.contains(words)))
    }
}

#[derive(Deserialize)]
struct Line {
    reason: String,
    message: Option<Compiler>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Compiler {
    level: String,
    rendered: Option<String>,
    #[serde(default)]
    spans: Vec<RustSpan>,
}

#[derive(Deserialize)]
struct RustSpan {
    file_name: PathBuf,
    line_start: usize,
    is_primary: bool,
}

fn run(
    harness: &Harness,
    target: &Path,
    python: Option<&Interpreter>,
    profile: Profile,
    started: &dyn Fn(u32),
    offline: bool,
) -> Result<Built, Error> {
    let mut command = Command::new("cargo");
    command
        .args(["build", "--message-format=json", "--quiet"])
        .args(["--bin", &harness.name, "--features", FEATURE])
        .args(
            profile
                .counts
                .then_some(["--features", COUNT])
                .into_iter()
                .flatten(),
        )
        .args(profile.release.then_some("--release"))
        .args(offline.then_some("--offline"))
        .current_dir(&harness.dir)
        .env("CARGO_TARGET_DIR", target)
        .env("MIGRATE_HARNESS", identity(harness, python))
        .stdin(Stdio::null());
    if let Some(python) = python {
        // Two environments of one Python share what is built.
        command.env("PYO3_PYTHON", &python.base);
    }
    // Whoever is interrupted ends all of what cargo has started.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().map_err(|error| {
        environment(
            format!("cargo is missing: {error}"),
            "install Rust 1.95 or later with rustup (https://rustup.rs)",
        )
    })?;
    started(child.id());
    let output = child.wait_with_output();
    started(0);
    let output =
        output.map_err(|error| environment(format!("cargo does not run: {error}"), "try again"))?;
    let mut built = Built {
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        ..Built::default()
    };
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let Ok(line) = serde_json::from_str::<Line>(line) else {
            continue;
        };
        match (line.reason.as_str(), line.message, line.executable) {
            ("compiler-message", Some(message), _) if message.level == "error" => {
                let mut spans = message.spans.into_iter();
                let place = spans.find(|span| span.is_primary);
                built
                    .errors
                    .extend(message.rendered.map(|rendered| CompileError {
                        rendered,
                        place: place.map(|span| (span.file_name, span.line_start)),
                    }));
            }
            ("compiler-artifact", _, Some(binary)) if output.status.success() => {
                built.binary = Some(binary);
            }
            _ => {}
        }
    }
    Ok(built)
}

/// Harnesses of one name that share a target directory are told apart by this, and those
/// that link another Python: times of change say nothing there.
fn identity(harness: &Harness, python: Option<&Interpreter>) -> String {
    let library = python.and_then(|python| python.libdir.as_deref());
    let library = library.unwrap_or(Path::new("none"));
    format!("{}, {}", harness.dir.display(), library.display())
}

/// Cargo may only add to the app's lock file, not change the Copper it names.
fn keeps_copper(project: &Project, harness: &Harness) -> Result<(), Error> {
    let lock = |dir: &Path| super::harness::locked_cu29(&dir.join("Cargo.lock"));
    let app = lock(&harness.dir.join("app.lock")).or_else(|| lock(&project.root));
    match (app, lock(&harness.dir)) {
        (Some(app), Some(own)) if app != own => Err(environment(
            format!("the harness was resolved to cu29 {own}, the app is locked to {app}"),
            "run `cargo update` in the app, or remove `target/migrate`",
        )),
        _ => Ok(()),
    }
}

fn failure(built: &Built, origin: &dyn Fn(&Path, usize) -> Option<String>) -> Error {
    if built.stderr.contains("No space left on device") {
        return environment(
            "the disk is full: cargo could not write the harness",
            "make room, or build elsewhere with --target-dir",
        );
    }
    if built.errors.is_empty() {
        return environment(
            format!("the harness cannot be built:\n{}", indented(&built.stderr)),
            "the app itself must build: try `cargo build`",
        );
    }
    let shown = |error: &CompileError| {
        let place = error.place.as_ref();
        let python = place.and_then(|(file, line)| origin(file, *line));
        let python = python.map_or_else(String::new, |python| format!("  = {python}\n"));
        format!("{}{python}", indented(&error.rendered))
    };
    let first: String = built.errors.iter().take(3).map(shown).collect();
    let more = built.errors.len().saturating_sub(3);
    let more = if more > 0 {
        format!("  … and {more} more\n")
    } else {
        String::new()
    };
    environment(
        format!("the app with its native task does not compile:\n{first}{more}"),
        "correct the file that rustc names; paths are relative to the app",
    )
}

fn indented(text: &str) -> String {
    text.trim_end()
        .lines()
        .map(|line| format!("  {line}\n"))
        .collect()
}
