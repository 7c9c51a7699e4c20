//! What has to be installed before anything is built.
//!
//! Enters: the directory to build in. Leaves: what is missing, each as an error that says
//! what to install. This module must not know the app.

use super::{cargo, python};
use crate::error::Error;
use crate::project::PythonMode;
use std::path::Path;
use std::process::{Command, Stdio};

/// The tools of which it only matters that they run, and what to do where they do not.
const TOOLS: [(&str, &str, &str); 3] = [
    (
        "cargo",
        "cargo is missing",
        "install Rust 1.95 or later with rustup (https://rustup.rs)",
    ),
    (
        "rustfmt",
        "rustfmt is missing",
        "`rustup component add rustfmt` (Debian: rustfmt)",
    ),
    (
        "cc",
        "there is no linker: `cc` does not run",
        "install a C compiler (Debian: build-essential)",
    ),
];

/// Everything that translating and verifying in `dir` needs and that is missing.
pub fn missing_tools(dir: &Path) -> Vec<Error> {
    let mut missing = Vec::new();
    for (tool, message, help) in TOOLS {
        if !runs(tool, dir) {
            missing.push(Error::Environment {
                message: message.into(),
                help: help.into(),
            });
        }
    }
    missing.extend(cargo::check(dir).err());
    match python::choose(None, PythonMode::Embedded) {
        Ok(python) => missing.extend(python::check_headers(&python).err()),
        Err(error) => missing.push(error),
    }
    missing
}

fn runs(tool: &str, dir: &Path) -> bool {
    Command::new(tool)
        .arg("--version")
        .current_dir(dir)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
