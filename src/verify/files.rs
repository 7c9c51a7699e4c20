//! The files of the harness crate: links to the app's, and texts of its own.
//!
//! Enters: the app's directory, and text by path. Leaves: the same under the app's
//! `target/`, each written only when its content changes. Nothing is ever written through
//! a link: the app's files stay as they are. This module must not know what the texts say.

use crate::error::Error;
use crate::project::Project;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

/// The files of the harness, by their path in it.
#[derive(Default)]
pub struct Files(BTreeMap<PathBuf, Content>);

enum Content {
    Text(String),
    Link(PathBuf),
}

impl Files {
    /// A text of the harness's own, in place of the app's file there.
    pub fn text(&mut self, path: impl Into<PathBuf>, text: String) {
        self.0.insert(path.into(), Content::Text(text));
    }

    /// Links what lies in the app's root, and each file of its source directory.
    ///
    /// # Errors
    /// A directory cannot be read.
    pub fn mirror(&mut self, project: &Project, sources: &Path) -> Result<(), Error> {
        let skipped = ["target", "Cargo.toml", "Cargo.lock", "build.rs"];
        for (name, path, _) in entries(&project.root)? {
            if !skipped.contains(&name.as_str())
                && !name.starts_with('.')
                && !sources.starts_with(&path)
            {
                self.0.insert(name.into(), Content::Link(path));
            }
        }
        if sources != project.root {
            self.mirror_sources(&project.root, sources)?;
        }
        Ok(())
    }

    fn mirror_sources(&mut self, root: &Path, dir: &Path) -> Result<(), Error> {
        for (_, path, is_dir) in entries(dir)? {
            if is_dir {
                self.mirror_sources(root, &path)?;
            } else {
                self.0.insert(relative(&path, root), Content::Link(path));
            }
        }
        Ok(())
    }

    /// A hash of the Rust and the configuration.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn hash(&self) -> Result<String, Error> {
        let mut hasher = Sha256::new();
        for (path, content) in &self.0 {
            let is_source = path.extension().is_some_and(|e| e == "rs" || e == "ron");
            hasher.update(path.to_string_lossy().as_bytes());
            match content {
                Content::Text(text) => hasher.update(text),
                Content::Link(to) if is_source => hasher.update(read(to)?),
                Content::Link(to) => hash_configuration(to, &mut hasher)?,
            }
        }
        let bytes = hasher.finalize();
        Ok(bytes.iter().take(8).map(|b| format!("{b:02x}")).collect())
    }

    /// Writes what differs, and removes what the app has no longer.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn write(&self, dir: &Path) -> Result<(), Error> {
        remove_strangers(dir, dir, &self.0)?;
        for (path, content) in &self.0 {
            let path = dir.join(path);
            match content {
                Content::Text(text) => write_text(&path, text)?,
                Content::Link(to) => link(to, &path)?,
            }
        }
        Ok(())
    }
}

/// The RON files in a directory of the app: its configuration may include them.
fn hash_configuration(path: &Path, hasher: &mut Sha256) -> Result<(), Error> {
    if !path.is_dir() || path.is_symlink() {
        return Ok(());
    }
    let mut found = entries(path)?;
    found.sort();
    for (name, path, is_dir) in found {
        if is_dir {
            hash_configuration(&path, hasher)?;
        } else if name.ends_with(".ron") {
            hasher.update(read(&path)?);
        }
    }
    Ok(())
}

/// Files of an earlier harness that the app has no longer.
fn remove_strangers(
    root: &Path,
    dir: &Path,
    known: &BTreeMap<PathBuf, Content>,
) -> Result<(), Error> {
    let Ok(found) = entries(dir) else {
        return Ok(());
    };
    for (name, path, is_dir) in found {
        let own = relative(&path, root);
        if is_dir && !path.is_symlink() {
            remove_strangers(root, &path, known)?;
        } else if path.is_symlink() && !matches!(known.get(&own), Some(Content::Link(_)))
            || name.ends_with(".rs") && !known.contains_key(&own)
        {
            std::fs::remove_file(&path).map_err(|source| Error::Write { path, source })?;
        }
    }
    Ok(())
}

fn entries(dir: &Path) -> Result<Vec<(String, PathBuf, bool)>, Error> {
    let failed = |source| Error::Read {
        path: dir.to_owned(),
        source,
    };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        found.push((name, path.clone(), path.is_dir()));
    }
    Ok(found)
}

/// The text of a file.
///
/// # Errors
/// It cannot be read.
pub fn read(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })
}

/// Writes `text` unless the file holds it already; never through a link.
///
/// # Errors
/// It cannot be written.
pub fn write_text(path: &Path, text: &str) -> Result<(), Error> {
    let failed = |source| Error::Write {
        path: path.to_owned(),
        source,
    };
    if path.is_symlink() {
        std::fs::remove_file(path).map_err(failed)?;
    } else if std::fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(failed)?;
    }
    std::fs::write(path, text).map_err(failed)
}

/// Writes a file of the app: whole, or not at all.
///
/// # Errors
/// It cannot be written.
pub fn write_whole(path: &Path, text: &str) -> Result<(), Error> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let partial = path.with_file_name(format!(".{name}.partial"));
    let parent = path.parent().unwrap_or(Path::new(""));
    let written = std::fs::create_dir_all(parent)
        .and_then(|()| std::fs::write(&partial, text))
        .and_then(|()| std::fs::rename(&partial, path));
    written.map_err(|source| {
        let _ = std::fs::remove_file(&partial);
        Error::Write {
            path: path.to_owned(),
            source,
        }
    })
}

fn link(to: &Path, path: &Path) -> Result<(), Error> {
    let failed = |source| Error::Write {
        path: path.to_owned(),
        source,
    };
    if std::fs::read_link(path).is_ok_and(|old| old == to) {
        return Ok(());
    }
    if path.symlink_metadata().is_ok() {
        std::fs::remove_file(path).map_err(failed)?;
    }
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(failed)?;
    }
    #[cfg(unix)]
    let linked = std::os::unix::fs::symlink(to, path);
    #[cfg(not(unix))]
    let linked = std::fs::copy(to, path).map(|_| ());
    linked.map_err(failed)
}

/// `path` from `root`, when it lies within; else as it is.
pub fn relative(path: &Path, root: &Path) -> PathBuf {
    let inner = path.strip_prefix(root).unwrap_or(path);
    inner
        .components()
        .filter(|part| !matches!(part, Component::CurDir))
        .collect()
}
