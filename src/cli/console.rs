//! The two streams of the command.
//!
//! Enters: text, styled where that helps. Leaves: stdout for machines, stderr for people;
//! the styles are taken out where the stream is no terminal or the user wants none.

use super::Color;
use crate::error::Error;
use anstream::{AutoStream, ColorChoice};
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

/// Bold, for the names of things.
pub const BOLD: &str = "\x1b[1m";
/// For what went well.
pub const GREEN: &str = "\x1b[1;32m";
/// For what needs a look.
pub const YELLOW: &str = "\x1b[1;33m";
/// For what went wrong.
pub const RED: &str = "\x1b[1;31m";
/// For what to do next.
pub const CYAN: &str = "\x1b[1;36m";
/// Back to plain text.
pub const RESET: &str = "\x1b[0m";

/// The two streams.
#[derive(Debug, Clone, Copy)]
pub struct Console {
    choice: ColorChoice,
}

impl Console {
    /// Streams that are coloured as the user wants.
    pub fn new(color: Color) -> Self {
        let choice = match color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        Self { choice }
    }

    /// Writes text for machines, or the result that was asked for, to stdout.
    ///
    /// # Errors
    /// Where stdout cannot be written to; a reader that has enough is no error.
    pub fn print(&self, text: &str) -> Result<(), Error> {
        let mut stdout = AutoStream::new(std::io::stdout(), self.choice);
        match stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.flush())
        {
            Err(source) if source.kind() != ErrorKind::BrokenPipe => Err(Error::Write {
                path: PathBuf::from("stdout"),
                source,
            }),
            _ => Ok(()),
        }
    }

    /// Says something to the user, on stderr.
    pub fn say(&self, text: &str) {
        let mut stderr = AutoStream::new(std::io::stderr(), self.choice);
        // There is nobody left to tell that nobody listens.
        let _ = writeln!(stderr, "{text}");
    }

    /// Asks the user something, on stderr; the answer is typed behind it.
    pub fn ask(&self, text: &str) {
        let mut stderr = AutoStream::new(std::io::stderr(), self.choice);
        let _ = write!(stderr, "{text}").and_then(|()| stderr.flush());
    }

    /// Shows how far something is, in place of what it showed before.
    pub fn progress(&self, text: &str) {
        let mut stderr = AutoStream::new(std::io::stderr(), self.choice);
        let _ = write!(stderr, "\r{text}\x1b[K").and_then(|()| stderr.flush());
    }

    /// Shows an error, on stderr.
    pub fn error(&self, error: &Error) {
        self.fault(&error.to_string());
    }

    /// Shows what was wrong with a part of the run, on stderr.
    pub fn fault(&self, fault: &str) {
        self.say(&format!("{RED}error{RESET}: {fault}"));
    }
}
