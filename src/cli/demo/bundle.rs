//! The demo's app in one file: cargo packs no directory that has a manifest of its own,
//! and a log is mostly zeros.
//!
//! Enters: the bundle's bytes. Leaves: its files. For each of them a line
//! `file LENGTH PATH`, then for each stretch of it that is not zeros a line
//! `part OFFSET LENGTH` and its bytes. `tests/golden.rs` writes it, from `fixtures/apps/pid`.

use std::io::{Error, ErrorKind, Result, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The app `pid`.
pub const PID: &[u8] = include_bytes!("../../../templates/demo/pid.bundle");

/// A file of a bundle.
#[derive(Debug, PartialEq, Eq)]
pub struct File<'a> {
    /// Its path, relative to the app's root.
    pub path: PathBuf,
    /// Its length.
    pub len: u64,
    /// What is not zeros: where it starts, and its bytes.
    pub parts: Vec<(u64, &'a [u8])>,
}

/// The files of a bundle; none where it is damaged.
pub fn files(mut rest: &[u8]) -> Option<Vec<File<'_>>> {
    let mut files: Vec<File<'_>> = Vec::new();
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        let (line, after) = rest.split_at_checked(end)?;
        rest = after.get(1..)?;
        let mut words = std::str::from_utf8(line).ok()?.splitn(3, ' ');
        let (kind, first, second) = (words.next()?, words.next()?, words.next()?);
        let number: u64 = first.parse().ok()?;
        match kind {
            "file" => files.push(File {
                path: PathBuf::from(second),
                len: number,
                parts: Vec::new(),
            }),
            "part" => {
                let (bytes, after) = rest.split_at_checked(second.parse().ok()?)?;
                files.last_mut()?.parts.push((number, bytes));
                rest = after;
            }
            _ => return None,
        }
    }
    Some(files)
}

/// Writes the files below `dir`.
///
/// # Errors
/// One of them cannot be written: its path.
pub fn unpack(bundle: &[u8], dir: &Path) -> std::result::Result<(), (PathBuf, Error)> {
    let damaged = || (dir.to_owned(), Error::from(ErrorKind::InvalidData));
    for file in files(bundle).ok_or_else(damaged)? {
        let path = dir.join(&file.path);
        write(&file, &path).map_err(|error| (path, error))?;
    }
    Ok(())
}

fn write(file: &File<'_>, path: &Path) -> Result<()> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    let mut out = std::fs::File::create(path)?;
    // What is not written is zeros, and takes no space where the file system can help it.
    out.set_len(file.len)?;
    for (offset, bytes) in &file.parts {
        out.seek(SeekFrom::Start(*offset))?;
        out.write_all(bytes)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_are_left_out_and_come_back() {
        let bundle = b"file 6 a/b c.txt\npart 1 2\nx\npart 4 1\nyfile 0 empty\n";
        let dir = tempfile::tempdir().unwrap();
        unpack(bundle, dir.path()).unwrap();
        let text = std::fs::read(dir.path().join("a/b c.txt")).unwrap();
        assert_eq!(text, b"\0x\n\0y\0");
        assert_eq!(std::fs::read(dir.path().join("empty")).unwrap(), b"");
    }

    #[test]
    fn damage_is_noticed() {
        let bundle: &[u8] = b"file 6 a.txt\npart 1 2\nx\n";
        assert!(files(bundle).is_some());
        for end in 1..bundle.len() {
            assert!(end == 13 || files(&bundle[..end]).is_none(), "{end}");
        }
        assert!(files(b"part 1 2\nx\n").is_none());
        let dir = tempfile::tempdir().unwrap();
        assert!(unpack(b"file", dir.path()).is_err());
    }
}
