//! Finds the app around a path.
//!
//! Enters: a path of the user. Leaves: the app's root. This module must not read what is
//! in the files that it finds.

use crate::error::Error;
use std::path::{Path, PathBuf};

/// The configuration that makes a Cargo package a Copper app.
pub const CONFIG_FILE: &str = "copperconfig.ron";

/// The nearest directory, from `start` upward, that holds `Cargo.toml` and
/// `copperconfig.ron`; `start` is a file or a directory.
///
/// # Errors
/// [`Error::NoApp`] where there is none, [`Error::Read`] where `start` does not exist.
pub fn discover(start: &Path) -> Result<PathBuf, Error> {
    let start = absolute(start)?;
    let mut bare_package = None;
    let first = if start.is_dir() {
        start.as_path()
    } else {
        start.parent().unwrap_or(&start)
    };
    for dir in first.ancestors() {
        let has_manifest = dir.join("Cargo.toml").is_file();
        if has_manifest && dir.join(CONFIG_FILE).is_file() {
            return Ok(dir.to_path_buf());
        }
        if has_manifest && bare_package.is_none() {
            bare_package = Some(dir.to_path_buf());
        }
    }
    Err(match bare_package {
        Some(dir) => Error::NoApp {
            message: format!(
                "{} has a Cargo.toml but no {CONFIG_FILE}, and no directory above it has both",
                dir.display()
            ),
            help: format!(
                "a Copper app keeps its task graph in `{CONFIG_FILE}` beside its Cargo.toml; name the app with `--app DIR`"
            ),
        },
        None => Error::NoApp {
            message: format!(
                "no directory from {} upward holds both Cargo.toml and {CONFIG_FILE}",
                first.display()
            ),
            help: "name the app's directory with `--app DIR`".to_owned(),
        },
    })
}

/// Checks that `root` itself is an app's directory, and makes it absolute.
pub(super) fn check_root(root: &Path) -> Result<PathBuf, Error> {
    let root = absolute(root)?;
    for name in ["Cargo.toml", CONFIG_FILE] {
        if !root.join(name).is_file() {
            return Err(Error::NoApp {
                message: format!("{} has no {name}", root.display()),
                help: format!(
                    "a Copper app's directory holds Cargo.toml and {CONFIG_FILE} side by side"
                ),
            });
        }
    }
    Ok(root)
}

/// `path` with links and `..` resolved.
pub(super) fn absolute(path: &Path) -> Result<PathBuf, Error> {
    // `Path::parent` of a bare file name is the empty path.
    let path = if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    };
    path.canonicalize().map_err(|source| Error::Read {
        path: path.to_path_buf(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_nearest_app_upward_is_found_from_a_file_and_from_a_directory() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("app/python/deep")).unwrap();
        fs::write(root.join("app/Cargo.toml"), "").unwrap();
        fs::write(root.join("app/copperconfig.ron"), "()").unwrap();
        fs::write(root.join("app/python/t.py"), "").unwrap();
        assert_eq!(
            discover(&root.join("app/python/t.py")).unwrap(),
            root.join("app")
        );
        assert_eq!(
            discover(&root.join("app/python/deep")).unwrap(),
            root.join("app")
        );
    }

    #[test]
    fn a_package_without_configuration_is_named() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("Cargo.toml"), "").unwrap();
        let error = discover(dir.path()).unwrap_err().to_string();
        assert!(
            error.contains("has a Cargo.toml but no copperconfig.ron"),
            "{error}"
        );
        assert!(error.contains("--app DIR"), "{error}");
        let error = check_root(dir.path()).unwrap_err().to_string();
        assert!(error.contains("has no copperconfig.ron"), "{error}");
    }

    #[test]
    fn a_path_that_does_not_exist_is_named() {
        let error = discover(Path::new("/nowhere/t.py"))
            .unwrap_err()
            .to_string();
        assert!(error.contains("/nowhere/t.py"), "{error}");
    }
}
