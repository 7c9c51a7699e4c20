//! The header of a generated file: who made it, from what, and whether it was edited since.
//!
//! Enters: what the compiler knows of the file, or the text of a file. Leaves: the `//!`
//! lines, human first, or [`Header`] read back from them. A generated file is *sealed*: its
//! last header line holds a hash of the whole text, so a later run can tell its own work
//! from an edited file. This module must not know what the Rust below the header says.
//!
//! ```text
//! //! Speed controller of one wheel: PID with anti-windup.
//! //!
//! //! Translated by migrate 0.1.0 from `python/pid.py`: 24 of 24 statements.
//! //! migrate: task = "pid", script = "python/pid.py", mode = "embedded"
//! //! migrate: state = "crate::tasks::PidState", source = "5f0c91bd3a42e7c8", seal = "9ab2617cf03d1e54"
//! ```

use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// What every header says of us.
const CREDIT: &str = "//! Translated by migrate ";
/// How a line for machines starts.
const MACHINE: &str = "//! migrate: ";
/// The slot of the seal, up to the opening quote.
const SEAL: &str = "seal = \"";
/// Where notes are wrapped.
const WIDTH: usize = 100;

/// What a generated file says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Header {
    /// The script's docstring.
    pub doc: Option<String>,
    /// The version of `migrate` that wrote it.
    pub version: String,
    /// The id of the node; empty for a plain module.
    pub task: String,
    /// The script, relative to the app's root, with `/`.
    pub script: String,
    /// `process` or `embedded`: how Copper ran the script.
    pub mode: String,
    /// The state type, with its path: `crate::tasks::PidState`.
    pub state: String,
    /// The [`hash`] of the script's text.
    pub source: String,
    /// Statements without a hole.
    pub translated: usize,
    /// All statements.
    pub total: usize,
    /// What the reader of the file should know: `Note MIG0301: …`, one line each.
    pub notes: Vec<String>,
}

impl Header {
    /// Whether the file is a plain module, of no task.
    pub fn is_module(&self) -> bool {
        self.task.is_empty()
    }

    /// The `//!` lines, each with its line break; the seal is still empty (see [`seal`]).
    pub fn render(&self) -> String {
        let mut lines = Vec::new();
        if let Some(doc) = &self.doc {
            lines.extend(doc.lines().map(str::to_owned));
            lines.push(String::new());
        }
        lines.push(format!(
            "Translated by migrate {} from `{}`: {} of {} statements.",
            self.version, self.script, self.translated, self.total
        ));
        for note in &self.notes {
            wrap(note, WIDTH - "//! ".len(), &mut lines);
        }
        if self.is_module() {
            lines.push(format!(
                "migrate: module = {:?}, source = {:?}, {SEAL}\"",
                self.script, self.source
            ));
        } else {
            lines.push(format!(
                "migrate: task = {:?}, script = {:?}, mode = {:?}",
                self.task, self.script, self.mode
            ));
            lines.push(format!(
                "migrate: state = {:?}, source = {:?}, {SEAL}\"",
                self.state, self.source
            ));
        }
        lines
            .iter()
            .map(|line| format!("{}\n", format!("//! {line}").trim_end()))
            .collect()
    }

    /// The header of a generated file; none where the text is no such file. The docstring
    /// and the notes are not read back.
    pub fn parse(text: &str) -> Option<Header> {
        let mut header = Header::default();
        let mut credited = false;
        let mut pairs = BTreeMap::new();
        for line in header_lines(text) {
            if let Some(credit) = line.strip_prefix(CREDIT) {
                credited = true;
                header.version = credit.split(' ').next().unwrap_or("").to_owned();
                let counts = credit.rsplit(": ").next().unwrap_or("");
                let mut words = counts.split(' ');
                header.translated = words.next().and_then(|n| n.parse().ok()).unwrap_or(0);
                header.total = words.nth(1).and_then(|n| n.parse().ok()).unwrap_or(0);
            } else if let Some(machine) = line.strip_prefix(MACHINE) {
                read_pairs(machine, &mut pairs);
            }
        }
        let mut take = |key: &str| pairs.remove(key);
        if let Some(module) = take("module") {
            header.script = module;
        } else {
            header.task = take("task")?;
            header.script = take("script")?;
            header.mode = take("mode")?;
            header.state = take("state")?;
        }
        header.source = take("source").unwrap_or_default();
        credited.then_some(header)
    }
}

/// The hash of a text, as headers hold it: the first 16 hex digits of its SHA-256, with
/// every line break as `\n`.
pub fn hash(text: &str) -> String {
    let digest = Sha256::digest(text.replace("\r\n", "\n").as_bytes());
    digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The text with its seal filled in; a text without a place for it comes back as it is.
/// To be called last, after rustfmt.
pub fn seal(text: &str) -> String {
    match split_seal(text) {
        Some((before, _, after)) => {
            let seal = hash(&format!("{before}{after}"));
            format!("{before}{seal}{after}")
        }
        None => text.to_owned(),
    }
}

/// Whether a generated file is as [`seal`] left it; false for any other file.
pub fn is_unchanged(text: &str) -> bool {
    split_seal(text).is_some_and(|(before, seal, after)| hash(&format!("{before}{after}")) == seal)
}

/// The seal of a generated file, whether or not it was edited since.
pub fn seal_of(text: &str) -> Option<&str> {
    split_seal(text)
        .map(|(_, seal, _)| seal)
        .filter(|seal| !seal.is_empty())
}

/// A text with the header lines for machines that `from` has: nobody edits them on purpose.
/// Where it has another number of them, it comes back as it is.
pub fn with_machine_lines(text: &str, from: &str) -> String {
    let of_machines = |line: &&str| line.starts_with(CREDIT) || line.starts_with(MACHINE);
    let own: Vec<&str> = header_lines(text).filter(of_machines).collect();
    let new: Vec<&str> = header_lines(from).filter(of_machines).collect();
    if own.len() != new.len() {
        return text.to_owned();
    }
    let mut text = text.to_owned();
    for (own, new) in own.iter().zip(new) {
        text = text.replacen(own, new, 1);
    }
    text
}

/// The text before the seal, the seal, the text after it.
fn split_seal(text: &str) -> Option<(&str, &str, &str)> {
    let line = header_lines(text)
        .filter(|line| line.starts_with(MACHINE) && line.contains(SEAL))
        .last()?;
    // Both are slices of one text: the distance of their starts is an offset in it.
    let line_start = line.as_ptr() as usize - text.as_ptr() as usize;
    let start = line_start + line.find(SEAL)? + SEAL.len();
    let rest = text.get(start..)?;
    let len = rest.find('"')?;
    Some((text.get(..start)?, rest.get(..len)?, rest.get(len..)?))
}

/// The `//!` lines that a text starts with; a licence may stand before them.
fn header_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .take_while(|line| line.is_empty() || line.starts_with("//"))
        .filter(|line| line.starts_with("//!"))
}

/// Reads `key = "value", key = "value"`.
fn read_pairs(text: &str, pairs: &mut BTreeMap<String, String>) {
    let mut rest = text;
    while let Some((key, after)) = rest.split_once(" = \"") {
        let mut value = String::new();
        let mut chars = after.char_indices();
        let mut end = after.len();
        while let Some((index, c)) = chars.next() {
            match c {
                '"' => {
                    end = index + 1;
                    break;
                }
                '\\' => value.extend(chars.next().map(|(_, c)| c)),
                c => value.push(c),
            }
        }
        pairs.insert(key.trim_matches([',', ' ']).to_owned(), value);
        rest = after.get(end..).unwrap_or("");
    }
}

/// Breaks a note at spaces.
fn wrap(note: &str, width: usize, lines: &mut Vec<String>) {
    let mut line = String::new();
    for word in note.split_whitespace() {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        Header {
            doc: Some("Speed controller.\n\nPID.".to_owned()),
            version: "0.1.0".to_owned(),
            task: "pid".to_owned(),
            script: "python/my \"own\".py".to_owned(),
            mode: "embedded".to_owned(),
            state: "crate::tasks::PidState".to_owned(),
            source: hash("x = 1\n"),
            translated: 23,
            total: 24,
            notes: vec!["Note MIG0301: ".to_owned() + &"word ".repeat(30)],
        }
    }

    #[test]
    fn a_header_is_read_back() {
        let mut expected = header();
        let text = expected.render() + "\nuse cu29::prelude::*;\n";
        assert!(
            text.lines().all(|line| line.chars().count() <= 100),
            "{text}"
        );
        expected.doc = None;
        expected.notes.clear();
        assert_eq!(Header::parse(&text), Some(expected.clone()));
        let licensed = format!("// SPDX-License-Identifier: MIT\n\n{text}");
        assert_eq!(Header::parse(&licensed), Some(expected));
        assert_eq!(Header::parse("//! Something else.\n"), None);
        assert_eq!(Header::parse(""), None);
    }

    #[test]
    fn a_seal_breaks_when_anything_changes() {
        let sealed = seal(&(header().render() + "\nfn a() {}\n"));
        assert!(is_unchanged(&sealed), "{sealed}");
        assert_eq!(seal(&sealed), sealed);
        assert!(is_unchanged(&sealed.replace('\n', "\r\n")));
        assert!(!is_unchanged(&sealed.replace("fn a", "fn b")));
        assert!(!is_unchanged(&sealed.replace("Speed", "Sped")));
        assert!(!is_unchanged(&format!("{sealed}// more\n")));
        assert!(!is_unchanged(&format!("// SPDX\n{sealed}")));
        assert!(!is_unchanged("fn a() {}\n"));
        assert!(!is_unchanged(&header().render()));
    }
}
