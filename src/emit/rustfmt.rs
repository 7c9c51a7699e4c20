//! Running rustfmt, with the options of the app.

mod found;

use crate::error::Error;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// A rustfmt that waits for its text: to start it takes about as long as to translate a
/// task, so it starts while that is done.
#[derive(Debug)]
pub struct Formatter(std::io::Result<Child>);

impl Formatter {
    /// Starts rustfmt, to format as what lies in that directory is formatted: by its
    /// `rustfmt.toml`, or that of a directory above.
    pub fn start(within: &Path) -> Self {
        Self(start(within))
    }

    /// Formats Rust source.
    ///
    /// # Errors
    /// rustfmt is missing, or does not accept the text (a fault of ours).
    pub fn format(mut self, text: &str) -> Result<String, Error> {
        format_with(
            std::mem::replace(&mut self.0, Err(std::io::ErrorKind::Other.into())),
            text,
        )
    }
}

impl Drop for Formatter {
    /// There is nothing to format.
    fn drop(&mut self) {
        if let Ok(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Formats Rust source as what lies in that directory is formatted.
///
/// # Errors
/// As [`Formatter::format`].
pub fn format(text: &str, within: &Path) -> Result<String, Error> {
    Formatter::start(within).format(text)
}

fn start(within: &Path) -> std::io::Result<Child> {
    let mut rustfmt = Command::new(found::rustfmt(within));
    // A directory that is not there yet has no options.
    if within.is_dir() {
        rustfmt.current_dir(within);
    }
    rustfmt
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
}

fn format_with(child: std::io::Result<Child>, text: &str) -> Result<String, Error> {
    let missing = |error: std::io::Error| Error::Environment {
        message: format!("cannot run rustfmt: {error}"),
        help: "install it with `rustup component add rustfmt` (Debian: rustfmt)".into(),
    };
    let mut child = child.map_err(missing)?;
    let input = text.to_string();
    let writer = child
        .stdin
        .take()
        .map(|mut stdin| std::thread::spawn(move || stdin.write_all(input.as_bytes())));
    let output = output(child)?.map_err(missing)?;
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

/// How long rustfmt may take. For some nested expressions it would take for ever.
const LIMIT: Duration = Duration::from_secs(60);

/// Waits for what rustfmt says.
fn output(mut child: Child) -> Result<std::io::Result<Output>, Error> {
    let all = |stream: Option<Box<dyn Read + Send>>| {
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            let mut all = Vec::new();
            let read = stream.map_or(Ok(0), |mut stream| stream.read_to_end(&mut all));
            // Nobody listens any more where it took too long.
            let _ = sender.send(read.map(|_| all));
        });
        receiver
    };
    let stdout = all(child.stdout.take().map(|s| Box::new(s) as _));
    let stderr = all(child.stderr.take().map(|s| Box::new(s) as _));
    let Ok(stdout) = stdout.recv_timeout(LIMIT) else {
        let _ = child.kill();
        let _ = child.wait();
        return Err(Error::Environment {
            message: format!("rustfmt did not end within {} seconds", LIMIT.as_secs()),
            help: "this is a fault of migrate: please report it with the Python file".into(),
        });
    };
    let stderr = stderr
        .recv_timeout(LIMIT)
        .unwrap_or_else(|_| Ok(Vec::new()));
    Ok((|| {
        Ok(Output {
            status: child.wait()?,
            stdout: stdout?,
            stderr: stderr?,
        })
    })())
}
