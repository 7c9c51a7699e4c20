//! `migrate.toml`, or `[package.metadata.migrate]` of `Cargo.toml`: what stands in it, and on
//! which line.
//!
//! Enters: the app's directory. Leaves: [`ConfigFile`], the entries in the order of the file.
//! This module must not know what an entry means.

use crate::error::Error;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

/// The file's name.
pub const FILE: &str = "migrate.toml";

/// What is configured.
#[derive(Debug, Clone)]
pub struct ConfigFile {
    /// The file.
    pub path: PathBuf,
    /// Its values, but for those of `Cargo.toml` that are not ours.
    pub entries: Vec<Entry>,
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The tables around it: `["verify", "compare"]`.
    pub tables: Vec<String>,
    /// The key.
    pub key: String,
    /// The value; one of a table is an entry each.
    pub value: Value,
    /// The line of the key.
    pub line: usize,
}

impl ConfigFile {
    /// Reads the configuration of the app at `root`; none where there is none.
    ///
    /// # Errors
    /// The file cannot be read, or is not TOML.
    pub fn read(root: &Path) -> Result<Option<ConfigFile>, Error> {
        let own = root.join(FILE);
        let (path, prefix): (PathBuf, &[&str]) = match own.is_file() {
            true => (own, &[]),
            false => (root.join("Cargo.toml"), &["package", "metadata", "migrate"]),
        };
        if !path.is_file() {
            return Ok(None);
        }
        let text = std::fs::read_to_string(&path).map_err(|source| Error::Read {
            path: path.clone(),
            source,
        })?;
        let faulty = |error: &toml::de::Error| {
            let line = error.span().map_or(1, |span| line_at(&text, span.start));
            Error::Config {
                path: path.clone(),
                message: format!("line {line}: {}", error.message()),
                help: "it has to be TOML".into(),
            }
        };
        let spans = DeTable::parse(&text).map_err(|error| faulty(&error))?;
        let values: Table = text.parse().map_err(|error| faulty(&error))?;
        let mut entries = Vec::new();
        gather(
            &text,
            spans.get_ref(),
            &values,
            &mut Vec::new(),
            &mut entries,
        );
        entries.retain(|entry| {
            entry.tables.len() >= prefix.len()
                && entry.tables.iter().zip(prefix).all(|(a, b)| a == b)
        });
        for entry in &mut entries {
            entry.tables.drain(..prefix.len());
        }
        entries.sort_by_key(|entry| entry.line);
        let found = ConfigFile { path, entries };
        Ok((prefix.is_empty() || !found.entries.is_empty()).then_some(found))
    }

    /// The name of the file, with a line.
    pub fn at(&self, line: usize) -> String {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        format!("{name}:{line}")
    }

    /// What is wrong with an entry, as an error.
    pub fn fault(&self, entry: &Entry, message: &str, help: impl Into<String>) -> Error {
        Error::Config {
            path: self.path.clone(),
            message: format!("line {}: {message}", entry.line),
            help: help.into(),
        }
    }
}

fn gather(
    text: &str,
    spans: &DeTable<'_>,
    values: &Table,
    tables: &mut Vec<String>,
    into: &mut Vec<Entry>,
) {
    for (key, span) in spans {
        let name: &str = key.get_ref().as_ref();
        let Some(value) = values.get(name) else {
            continue;
        };
        let line = line_at(text, Spanned::span(key).start);
        match (span.get_ref(), value) {
            // Of a rule such as `{ ulps = 2 }` the table is the value.
            (DeValue::Table(inner), Value::Table(table)) if !is_rule(table) => {
                if table.is_empty() {
                    into.push(Entry {
                        tables: tables.clone(),
                        key: name.into(),
                        value: value.clone(),
                        line,
                    });
                }
                tables.push(name.into());
                gather(text, inner, table, tables, into);
                tables.pop();
            }
            _ => into.push(Entry {
                tables: tables.clone(),
                key: name.into(),
                value: value.clone(),
                line,
            }),
        }
    }
}

fn is_rule(table: &Table) -> bool {
    let known = ["ulps", "abs", "rel", "ignore"];
    !table.is_empty() && table.keys().all(|key| known.contains(&key.as_str()))
}

/// The line, from 1, of a byte.
fn line_at(text: &str, byte: usize) -> usize {
    text.bytes().take(byte).filter(|b| *b == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(name: &str, text: &str) -> Vec<(String, usize)> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(name), text).unwrap();
        let Some(file) = ConfigFile::read(dir.path()).unwrap() else {
            return Vec::new();
        };
        let path = |e: &Entry| format!("{}.{} = {}", e.tables.join("."), e.key, e.value);
        file.entries.iter().map(|e| (path(e), e.line)).collect()
    }

    #[test]
    fn values_have_their_tables_and_lines() {
        let text = "color = \"never\"\n\n[verify]\nlog = [\"a\", \"b\"]\n\n[verify.compare]\n\"a.b\" = { ulps = 2 }\n";
        let expected = [
            (".color = \"never\"".to_owned(), 1),
            ("verify.log = [\"a\", \"b\"]".to_owned(), 4),
            ("verify.compare.a.b = { ulps = 2 }".to_owned(), 7),
        ];
        assert_eq!(entries(FILE, text), expected);
    }

    #[test]
    fn of_the_manifest_only_our_own_part_counts() {
        let text =
            "[package]\nname = \"x\"\n[package.metadata.migrate.check]\ndeny-warnings = true\n";
        assert_eq!(
            entries("Cargo.toml", text),
            [("check.deny-warnings = true".to_owned(), 4)]
        );
        assert_eq!(entries("Cargo.toml", "[package]\nname = \"x\"\n"), []);
    }

    #[test]
    fn what_is_no_toml_is_told_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(FILE), "a = 1\nb = = 2\n").unwrap();
        let error = ConfigFile::read(dir.path()).unwrap_err().to_string();
        assert!(error.contains("line 2"), "{error}");
    }
}
