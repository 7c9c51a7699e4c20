//! Running rustfmt, with the options of the app.

use crate::error::Error;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Formats Rust source as what lies in that directory is formatted: by its `rustfmt.toml`,
/// or that of a directory above.
///
/// # Errors
/// rustfmt is missing, or does not accept the text (a fault of ours).
pub fn format(text: &str, within: &Path) -> Result<String, Error> {
    let missing = |error: std::io::Error| Error::Environment {
        message: format!("cannot run rustfmt: {error}"),
        help: "install it with `rustup component add rustfmt` (Debian: rustfmt)".into(),
    };
    let mut rustfmt = Command::new("rustfmt");
    // A directory that is not there yet has no options.
    if within.is_dir() {
        rustfmt.current_dir(within);
    }
    let mut child = rustfmt
        .args([
            "--edition",
            "2024",
            "--config",
            "newline_style=Unix",
            "--emit",
            "stdout",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(missing)?;
    let input = text.to_string();
    let writer = child
        .stdin
        .take()
        .map(|mut stdin| std::thread::spawn(move || stdin.write_all(input.as_bytes())));
    let output = child.wait_with_output().map_err(missing)?;
    if let Some(writer) = writer {
        // rustfmt reads all of it, or ends with an error that says more.
        let _ = writer.join();
    }
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(Error::Environment {
            message: format!(
                "rustfmt does not accept the generated Rust: {}",
                said.trim()
            ),
            help: "this is a fault of migrate: please report it with the Python file".into(),
        });
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
