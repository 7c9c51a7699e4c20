//! The files that a verdict is about, and whether they are still what they were.
//!
//! Enters: the app's directory and the paths of a script, of its Rust and of a log. Leaves:
//! [`Files`], with the SHA-256 of each, and later the [`Change`]s. Nothing is executed: what
//! a script imports is read off its text. This module must not know what was found about
//! the files.

use crate::error::Error;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// The files that a verdict is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Files {
    /// The script first, then the modules of the app's own that it imports.
    pub python: Vec<FileHash>,
    /// The native task.
    pub rust: FileHash,
    /// Every slab of the log.
    pub log: Vec<FileHash>,
}

/// A file as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileHash {
    /// Its path from the app's root, with `/`; absolute where it lies elsewhere.
    pub path: String,
    /// Its SHA-256, in hexadecimal, as `sha256sum` shows it.
    pub sha256: String,
    /// Its length in bytes.
    pub size: u64,
    /// When it was last written, in ns since 1970, where that is known.
    pub modified: Option<u64>,
}

/// What is not as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The file holds something else.
    Edited(String),
    /// The file is gone, or cannot be read.
    Gone(String),
    /// The task has another file now.
    Other {
        /// The file that it has.
        now: String,
        /// The one that it had.
        then: String,
    },
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Change::Edited(path) => write!(f, "{path} was changed since"),
            Change::Gone(path) => write!(f, "{path} is not there any more"),
            Change::Other { now, then } => write!(f, "it is about {then}, the task has {now}"),
        }
    }
}

impl Files {
    /// The files as they are now: of a script with all that it imports, of the native task
    /// `rust`, and of the slabs of a log.
    ///
    /// # Errors
    /// One of them cannot be read.
    pub fn of(root: &Path, script: &Path, rust: &Path, log: &[PathBuf]) -> Result<Files, Error> {
        let hash = |path: &PathBuf| FileHash::of(root, path);
        Ok(Files {
            python: with_imports(root, script)
                .iter()
                .map(hash)
                .collect::<Result<_, _>>()?,
            rust: FileHash::of(root, rust)?,
            log: log.iter().map(hash).collect::<Result<_, _>>()?,
        })
    }

    /// What is not as it was. A slab of a log that has its length and its time still is taken
    /// for unchanged: logs are long.
    pub fn changes(&self, root: &Path) -> Vec<Change> {
        let code = self.python.iter().chain([&self.rust]);
        let code = code.filter_map(|file| file.change(root, false));
        let log = self.log.iter().filter_map(|file| file.change(root, true));
        code.chain(log).collect()
    }
}

impl FileHash {
    /// A file as it is now.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn of(root: &Path, path: &Path) -> Result<FileHash, Error> {
        let (size, modified) = stat(path).unwrap_or_default();
        let sha256 = sha256(path).map_err(|source| Error::Read {
            path: path.to_owned(),
            source,
        })?;
        Ok(FileHash {
            path: shown(root, path),
            sha256,
            size,
            modified,
        })
    }

    fn change(&self, root: &Path, by_time: bool) -> Option<Change> {
        let path = root.join(&self.path);
        let Some((size, modified)) = stat(&path) else {
            return Some(Change::Gone(self.path.clone()));
        };
        if by_time && modified.is_some() && (size, modified) == (self.size, self.modified) {
            return None;
        }
        if size != self.size {
            return Some(Change::Edited(self.path.clone()));
        }
        match sha256(&path) {
            Ok(now) if now == self.sha256 => None,
            Ok(_) => Some(Change::Edited(self.path.clone())),
            Err(_) => Some(Change::Gone(self.path.clone())),
        }
    }
}

/// Whether two lists name the same files with the same content.
pub(super) fn same(a: &[FileHash], b: &[FileHash]) -> bool {
    let key = |file: &FileHash| (file.path.clone(), file.sha256.clone());
    a.iter().map(key).eq(b.iter().map(key))
}

/// A path from the app's root, with `/`.
pub(super) fn shown(root: &Path, path: &Path) -> String {
    let path = path.strip_prefix(root).unwrap_or(path);
    path.to_string_lossy().replace('\\', "/")
}

/// The length of a file, and when it was last written.
fn stat(path: &Path) -> Option<(u64, Option<u64>)> {
    let found = std::fs::metadata(path).ok().filter(|m| m.is_file())?;
    let modified = found.modified().ok();
    let modified = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let modified = modified.and_then(|since| u64::try_from(since.as_nanos()).ok());
    Some((found.len(), modified))
}

fn sha256(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hasher.update(buffer.get(..read).unwrap_or_default());
    }
    let digest = hasher.finalize();
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A script, and after it in order of their paths the modules of the app's own that it
/// imports, and those that they import.
fn with_imports(root: &Path, script: &Path) -> Vec<PathBuf> {
    let mut found = BTreeSet::new();
    let mut open = vec![script.to_owned()];
    while let Some(path) = open.pop() {
        let text = std::fs::read(&path).unwrap_or_default();
        let own = path.parent().unwrap_or(root);
        let dirs = [own, script.parent().unwrap_or(root), root];
        for module in imported(&String::from_utf8_lossy(&text)) {
            for file in module_files(&module, dirs) {
                if file != script && found.insert(file.clone()) {
                    open.push(file);
                }
            }
        }
    }
    std::iter::once(script.to_owned()).chain(found).collect()
}

/// The modules that a text imports, as it spells them: `a.b`, `..c`. Of `from a import b`,
/// `a` and `a.b`. More than it does import, where a string looks like an import: that does
/// no harm.
fn imported(text: &str) -> Vec<String> {
    let text = text.replace("\\\n", " ").replace(['(', ')'], " ");
    let mut modules = Vec::new();
    let name = |part: &str| {
        let name = part.split_whitespace().next().unwrap_or_default();
        name.to_owned()
    };
    for line in text.split(['\n', ';', ':']) {
        let line = line.split('#').next().unwrap_or_default().trim();
        if let Some(names) = line.strip_prefix("import ") {
            modules.extend(names.split(',').map(name));
        } else if let Some((from, names)) = line
            .strip_prefix("from")
            .and_then(|rest| rest.split_once(" import"))
        {
            let from = name(from);
            let of = |part: &str| match from.ends_with('.') {
                true => format!("{from}{}", name(part)),
                false => format!("{from}.{}", name(part)),
            };
            modules.extend(names.split(',').map(of));
            modules.push(from.clone());
        }
    }
    modules
}

/// The files that a module may be, packages around it first; those that are there.
fn module_files(module: &str, dirs: [&Path; 3]) -> Vec<PathBuf> {
    let plain = module.trim_start_matches('.');
    let dots = module.len() - plain.len();
    let mut files = Vec::new();
    for (index, dir) in dirs.into_iter().enumerate() {
        let start = match dots {
            0 => Some(dir),
            // One dot is the package of the module itself.
            n if index == 0 => dir.ancestors().nth(n - 1),
            _ => None,
        };
        let Some(mut path) = start.map(Path::to_owned) else {
            continue;
        };
        if dots > 0 {
            files.push(path.join("__init__.py"));
        }
        for part in plain.split('.').filter(|part| !part.is_empty()) {
            path.push(part);
            files.push(path.with_extension("py"));
            files.push(path.join("__init__.py"));
        }
    }
    files.retain(|file| file.is_file());
    files
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn put(root: &Path, name: &str, text: &str) -> PathBuf {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    #[test]
    fn the_modules_of_the_app_are_found_and_those_of_python_are_not() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        let script = put(
            root,
            "python/task.py",
            "import math, filters as f\nfrom pkg.deep import (\n    thing)\n\
             if True: import late\n# import never\nfrom . import beside\n",
        );
        for (name, text) in [
            ("python/filters.py", "from common import CLAMP\n"),
            ("python/pkg/__init__.py", ""),
            (
                "python/pkg/deep.py",
                "from ..up import x\nfrom .near import y\n",
            ),
            ("python/pkg/near.py", ""),
            ("python/up.py", ""),
            ("python/late.py", "import task\n"),
            ("python/beside.py", ""),
            ("python/never.py", ""),
            ("common.py", "import filters\n"),
        ] {
            put(root, name, text);
        }
        let found: Vec<String> = with_imports(root, &script)
            .iter()
            .map(|path| shown(root, path))
            .collect();
        let expected = [
            "python/task.py",
            "common.py",
            "python/beside.py",
            "python/filters.py",
            "python/late.py",
            "python/pkg/__init__.py",
            "python/pkg/deep.py",
            "python/pkg/near.py",
            "python/up.py",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_hash_is_that_of_sha256sum_and_a_change_of_any_file_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        let script = put(root, "python/pid.py", "import gains\n");
        let gains = put(root, "python/gains.py", "KP = 1\n");
        let rust = put(root, "src/pid.rs", "fn a() {}\n");
        let log = put(root, "logs/run_0.copper", "abc");
        let files = Files::of(root, &script, &rust, std::slice::from_ref(&log)).unwrap();
        assert_eq!(
            files.log[0].sha256,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(files.python[1].path, "python/gains.py");
        assert_eq!(files.changes(root), []);
        fs::write(&gains, "KP = 2\n").unwrap();
        fs::write(&rust, "fn a() { }\n").unwrap();
        fs::write(&log, "abd").unwrap();
        let words: Vec<String> = files.changes(root).iter().map(Change::to_string).collect();
        let expected = [
            "python/gains.py was changed since",
            "src/pid.rs was changed since",
            "logs/run_0.copper was changed since",
        ];
        assert_eq!(words, expected);
        fs::write(&gains, "KP = 1\n").unwrap();
        fs::write(&rust, "fn a() {}\n").unwrap();
        fs::remove_file(&log).unwrap();
        let gone = Change::Gone("logs/run_0.copper".into());
        assert_eq!(files.changes(root), [gone]);
        // Written anew, the same: only the time is another.
        fs::write(&log, "abc").unwrap();
        assert_eq!(files.changes(root), []);
    }
}
