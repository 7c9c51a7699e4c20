//! Finds the log that the user means, and looks at its files before anything is built.
//!
//! Enters: a path: the log's base (`run.copper`), its first slab (`run_0.copper`), or a
//! link to either. Leaves: the base path by which Copper finds every slab, or in words why
//! there is no log. This module must not read what a log holds.

use crate::error::Error;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// What every log starts with.
const MAGIC: [u8; 4] = [0xB4, 0xA5, 0x50, 0xFF];
/// The version of the files that Copper 1.3 reads.
const FORMAT: u8 = 2;
/// What the size of a slab is a multiple of.
const SECTOR: u64 = 512;

/// The log's base path: Copper adds `_0`, `_1`… to its stem.
///
/// # Errors
/// There is no log, or its files are not whole.
pub fn base(log: &Path) -> Result<PathBuf, Error> {
    let log = std::path::absolute(log).unwrap_or_else(|_| log.to_owned());
    let target = std::fs::canonicalize(&log).ok();
    let base = [Some(&log), target.as_ref()]
        .into_iter()
        .flatten()
        .find_map(|path| named(path))
        .ok_or_else(|| not_found(&log))?;
    check(&base)?;
    Ok(base)
}

/// The logs that patterns such as `logs/*.copper` name, each once, in order. A pattern
/// without `*`, `?` or `[` is a path, whether or not there is such a log.
///
/// # Errors
/// A pattern that is none, or that fits no log.
pub fn all(patterns: &[String]) -> Result<Vec<PathBuf>, Error> {
    let mut found: Vec<PathBuf> = Vec::new();
    for pattern in patterns {
        if !pattern.contains(['*', '?', '[']) || Path::new(pattern).exists() {
            found.push(pattern.into());
            continue;
        }
        let paths = glob::glob(pattern).map_err(|error| Error::Usage {
            message: format!("`{pattern}` is no pattern: {error}"),
            help: "as in `--log 'logs/*.copper'`".into(),
        })?;
        let before = found.len();
        for path in paths.flatten() {
            // A later slab is part of its log.
            let path = std::path::absolute(&path).unwrap_or(path);
            if let Some(base) = named(&path)
                && !found.contains(&base)
            {
                found.push(base);
            }
        }
        if found.len() == before {
            return Err(inconclusive(
                format!("no log fits `{pattern}`"),
                "name the directory that the app writes its logs to",
            ));
        }
    }
    Ok(found)
}

/// The base that a path names: itself, or that of the first slab.
fn named(path: &Path) -> Option<PathBuf> {
    if slab(path, 0).is_some_and(|slab| slab.is_file()) {
        return Some(path.to_owned());
    }
    let name = path.file_name()?.to_str()?;
    let (stem, extension) = name.rsplit_once("_0.")?;
    path.is_file()
        .then(|| path.with_file_name(format!("{stem}.{extension}")))
}

/// The slabs of the log at `base`, in order.
pub fn slabs(base: &Path) -> Vec<PathBuf> {
    (0..)
        .map_while(|index| slab(base, index).filter(|path| path.is_file()))
        .collect()
}

fn slab(base: &Path, index: usize) -> Option<PathBuf> {
    let stem = base.file_stem()?.to_str()?;
    let extension = base.extension()?.to_str()?;
    Some(base.with_file_name(format!("{stem}_{index}.{extension}")))
}

fn not_found(log: &Path) -> Error {
    let message = match std::fs::metadata(log) {
        Ok(found) if found.is_dir() => format!("{} is a directory, not a log", log.display()),
        Ok(_) => format!(
            "{} is no log: its first slab should be named `…_0.copper`",
            log.display()
        ),
        Err(_) if log.is_symlink() => format!("{} leads nowhere", log.display()),
        Err(_) => format!("there is no log {}", log.display()),
    };
    inconclusive(
        message,
        "run the app to record one, and name it as the app does (`logs/run.copper`)",
    )
}

/// Looks at the slabs: all there, all of one size, the first a log's.
fn check(base: &Path) -> Result<(), Error> {
    let record = "record it anew, or copy all of its files";
    let mut size = 0;
    let mut count = 0;
    while let Some(path) = slab(base, count).filter(|path| path.exists()) {
        let found = std::fs::metadata(&path).map_err(|source| Error::Read {
            path: path.clone(),
            source,
        })?;
        if count == 0 {
            size = found.len();
            if size == 0 {
                return Err(inconclusive(format!("{} is empty", path.display()), record));
            }
            first_bytes(&path)?;
        }
        let truncated = found.len() != size || !size.is_multiple_of(SECTOR);
        if truncated {
            return Err(inconclusive(
                format!(
                    "the log is truncated: {} has {} bytes{}",
                    path.display(),
                    found.len(),
                    if count > 0 && found.len() != size {
                        format!(", the slabs before it {size}")
                    } else {
                        format!(", no multiple of {SECTOR}")
                    }
                ),
                record,
            ));
        }
        count += 1;
    }
    // A slab after one that is missing.
    let later = (count + 1..count + 100)
        .filter_map(|index| slab(base, index))
        .find(|path| path.exists());
    match (later, slab(base, count)) {
        (Some(later), Some(missing)) => Err(inconclusive(
            format!(
                "the log is not whole: {} is there, {} is missing",
                later.display(),
                missing.display()
            ),
            record,
        )),
        _ => Ok(()),
    }
}

fn first_bytes(path: &Path) -> Result<(), Error> {
    let mut bytes = [0; 5];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut bytes));
    let [a, b, c, d, format] = bytes;
    if read.is_err() || [a, b, c, d] != MAGIC {
        return Err(inconclusive(
            format!("{} is no Copper log", path.display()),
            "a log starts with the bytes b4 a5 50 ff; name another with --log",
        ));
    }
    if format != FORMAT {
        return Err(inconclusive(
            format!(
                "{} has the log format {format}, Copper 1.3 reads format {FORMAT}",
                path.display()
            ),
            "record a log with the Copper that the app is built with",
        ));
    }
    Ok(())
}

fn inconclusive(message: String, help: &str) -> Error {
    Error::Inconclusive {
        message,
        help: help.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slab_of(size: usize) -> Vec<u8> {
        let mut bytes = vec![0; size];
        bytes[..4].copy_from_slice(&MAGIC);
        bytes[4] = FORMAT;
        bytes
    }

    fn refused(log: &Path) -> String {
        match base(log) {
            Err(error @ Error::Inconclusive { .. }) => error.to_string(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_log_is_named_by_its_base_its_first_slab_or_a_link() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().canonicalize().unwrap();
        let run = dir.join("run.copper");
        assert!(refused(&run).contains("there is no log"));
        std::fs::write(dir.join("run_0.copper"), slab_of(1024)).unwrap();
        assert_eq!(base(&run).unwrap(), run);
        assert_eq!(base(&dir.join("run_0.copper")).unwrap(), run);
        #[cfg(unix)]
        {
            let link = |from: &str, to: &str| {
                std::os::unix::fs::symlink(dir.join(to), dir.join(from)).unwrap();
                base(&dir.join(from))
            };
            assert_eq!(link("run.copper", "run_0.copper").unwrap(), run);
            assert_eq!(link("latest.copper", "run_0.copper").unwrap(), run);
            assert_eq!(link("last", "latest.copper").unwrap(), run);
            assert!(link("gone.copper", "nowhere").is_err());
            assert!(refused(&dir.join("gone.copper")).contains("leads nowhere"));
        }
        assert!(refused(&dir).contains("is a directory"));
    }

    #[test]
    fn a_pattern_names_each_log_once() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["a_0", "a_1", "b_0"] {
            std::fs::write(dir.path().join(format!("{name}.copper")), slab_of(1024)).unwrap();
        }
        let pattern = |text: &str| vec![dir.path().join(text).display().to_string()];
        let found = all(&pattern("*.copper")).unwrap();
        let names: Vec<_> = found.iter().map(|p| p.file_name().unwrap()).collect();
        assert_eq!(names, ["a.copper", "b.copper"]);
        assert_eq!(all(&pattern("x/*.copper")).unwrap_err().exit_code(), 3);
        assert_eq!(all(&pattern("c.copper")).unwrap().len(), 1);
    }

    #[test]
    fn slabs_that_are_not_whole_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let run = dir.path().join("run.copper");
        let put = |name: &str, bytes: &[u8]| std::fs::write(dir.path().join(name), bytes).unwrap();
        put("run_0.copper", b"");
        assert!(refused(&run).contains("run_0.copper is empty"));
        put("run_0.copper", b"short");
        assert!(refused(&run).contains("no Copper log"));
        put("run_0.copper", &slab_of(1000));
        assert!(refused(&run).contains("truncated"));
        put("run_0.copper", &slab_of(1024));
        put("run_1.copper", &slab_of(512));
        assert!(refused(&run).contains("run_1.copper has 512 bytes, the slabs before it 1024"));
        std::fs::remove_file(dir.path().join("run_1.copper")).unwrap();
        put("run_2.copper", &slab_of(1024));
        let text = refused(&run);
        assert!(text.contains("run_1.copper is missing"), "{text}");
        let mut other = slab_of(1024);
        other[4] = 1;
        put("run_0.copper", &other);
        assert!(refused(&run).contains("log format 1"));
    }
}
