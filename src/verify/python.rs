//! Chooses the Python that the harness links and runs.
//!
//! Enters: an interpreter's path, or nothing. Leaves: [`Interpreter`], with where its
//! shared library lies, or an error that names the package to install. This module must
//! not know the app.

use crate::error::Error;
use crate::project::PythonMode;
use serde::Deserialize;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A Python interpreter.
#[derive(Debug, Clone, Deserialize)]
pub struct Interpreter {
    /// The interpreter itself (no shim, no launcher).
    pub executable: PathBuf,
    /// The interpreter that a virtual environment was made of; else the interpreter itself.
    pub base: PathBuf,
    /// Its version, such as `3.11.7`.
    pub version: String,
    /// `sys.prefix`: the virtual environment, where there is one.
    pub prefix: PathBuf,
    /// Where its library lies.
    pub libdir: Option<PathBuf>,
    /// The library's name for the linker, such as `libpython3.11.so`.
    library: Option<String>,
    shared: bool,
    implementation: String,
    cbor2: bool,
    /// Where its headers lie.
    include: Option<PathBuf>,
}

const PROBE: &str = r#"
import importlib.util, json, os, platform, sys, sysconfig
get = sysconfig.get_config_var
print(json.dumps({
    "executable": sys.executable,
    "base": os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable),
    "version": platform.python_version(),
    "prefix": sys.prefix,
    "libdir": get("LIBDIR"),
    "library": get("LDLIBRARY"),
    "shared": bool(get("Py_ENABLE_SHARED") or get("PYTHONFRAMEWORK")),
    "implementation": sys.implementation.name,
    "include": sysconfig.get_path("include"),
    "cbor2": importlib.util.find_spec("cbor2") is not None,
}))
"#;

/// Asks `wanted`, or else `python3` and `python` on the `PATH`, what it is.
///
/// # Errors
/// There is none, it is too old, its shared library is missing, or the mode needs a
/// package that it does not have.
pub fn choose(wanted: Option<&Path>, mode: PythonMode) -> Result<Interpreter, Error> {
    let found = match wanted {
        Some(path) => probe(path.as_os_str()),
        None => probe(OsStr::new("python3")).or_else(|| probe(OsStr::new("python"))),
    };
    let Some(python) = found else {
        let name = wanted.map_or_else(
            || "`python3` is not on the PATH, or does not run".into(),
            |path| format!("{} is no Python interpreter", path.display()),
        );
        return Err(environment(
            format!("Python is missing: {name}"),
            "install Python 3.9 or later (Debian: python3 and libpython3-dev)",
        ));
    };
    check(&python, mode)?;
    Ok(python)
}

fn probe(program: &OsStr) -> Option<Interpreter> {
    let output = Command::new(program).args(["-c", PROBE]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    // A `sitecustomize` may print: the probe's line is the last.
    serde_json::from_str(text.lines().last()?).ok()
}

fn check(python: &Interpreter, mode: PythonMode) -> Result<(), Error> {
    let name = format!("{} {}", python.executable.display(), python.version);
    if python.implementation != "cpython" {
        return Err(environment(
            format!("{name} is {}, Copper needs CPython", python.implementation),
            "choose a CPython with --python",
        ));
    }
    let mut parts = python.version.split('.').map(|part| part.parse().ok());
    let version: (Option<u32>, Option<u32>) = (parts.next().flatten(), parts.next().flatten());
    if version < (Some(3), Some(9)) {
        return Err(environment(
            format!("{name} is too old"),
            "Python 3.9 or later is needed; choose one with --python",
        ));
    }
    if cfg!(target_os = "linux") && !has_library(python) {
        let library = python.library.as_deref().unwrap_or("libpython");
        let place = python
            .libdir
            .as_ref()
            .map_or_else(String::new, |dir| format!(" in {}", dir.display()));
        return Err(environment(
            format!("{name} has no shared library ({library}{place})"),
            "install libpython3-dev (Debian), build Python with --enable-shared (pyenv: \
             PYTHON_CONFIGURE_OPTS=--enable-shared), or choose another with --python",
        ));
    }
    if mode == PythonMode::Process && !python.cbor2 {
        return Err(environment(
            format!("{name} lacks the package cbor2, which Copper's process mode needs"),
            "install python3-cbor2 (Debian) or `pip install cbor2`, or verify with \
             --python-mode embedded",
        ));
    }
    Ok(())
}

/// Checks that the interpreter's headers are there, beside its library.
///
/// # Errors
/// They are not.
pub fn check_headers(python: &Interpreter) -> Result<(), Error> {
    let header = python.include.as_ref().map(|dir| dir.join("Python.h"));
    match header {
        Some(header) if !header.is_file() => Err(environment(
            format!(
                "{} {} has no headers ({})",
                python.executable.display(),
                python.version,
                header.display()
            ),
            "install python3-dev (Debian), or choose another Python by the PATH",
        )),
        _ => Ok(()),
    }
}

fn has_library(python: &Interpreter) -> bool {
    match (&python.libdir, &python.library) {
        (Some(dir), Some(library)) => python.shared && dir.join(library).exists(),
        _ => false,
    }
}

fn environment(message: String, help: &str) -> Error {
    Error::Environment {
        message,
        help: help.into(),
    }
}

impl Interpreter {
    /// The `PATH` on which `python3` is this interpreter: both of Copper's modes, and the
    /// embedded interpreter's search for its own home, go by it.
    pub fn path_variable(&self) -> std::ffi::OsString {
        let own = self.executable.parent().map(Path::to_path_buf);
        let rest = std::env::var_os("PATH").unwrap_or_default();
        let all = own.into_iter().chain(std::env::split_paths(&rest));
        std::env::join_paths(all).unwrap_or(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn python() -> Interpreter {
        Interpreter {
            executable: "/opt/py/bin/python3".into(),
            base: "/opt/py/bin/python3".into(),
            version: "3.12.1".into(),
            prefix: "/opt/py".into(),
            libdir: Some("/nowhere/lib".into()),
            library: Some("libpython3.12.so".into()),
            shared: true,
            implementation: "cpython".into(),
            cbor2: false,
            include: Some("/nowhere/include".into()),
        }
    }

    fn refused(python: &Interpreter, mode: PythonMode) -> String {
        check(python, mode).unwrap_err().to_string()
    }

    #[test]
    fn what_is_missing_is_named_with_its_package() {
        let embedded = PythonMode::Embedded;
        let old = Interpreter {
            version: "3.8.19".into(),
            ..python()
        };
        assert!(refused(&old, embedded).contains("too old"));
        let other = Interpreter {
            implementation: "pypy".into(),
            ..python()
        };
        assert!(refused(&other, embedded).contains("CPython"));
        if cfg!(target_os = "linux") {
            let text = refused(&python(), embedded);
            assert!(text.contains("libpython3.12.so in /nowhere/lib"), "{text}");
            assert!(text.contains("libpython3-dev"), "{text}");
        }
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("libpython3.12.so"), "").unwrap();
        let here = Interpreter {
            libdir: Some(dir.path().into()),
            ..python()
        };
        check(&here, embedded).unwrap();
        let text = check_headers(&here).unwrap_err().to_string();
        assert!(text.contains("/nowhere/include/Python.h"), "{text}");
        assert!(text.contains("python3-dev"), "{text}");
        assert!(refused(&here, PythonMode::Process).contains("python3-cbor2"));
        let text = choose(Some(Path::new("/nowhere/python")), embedded).unwrap_err();
        assert!(text.to_string().contains("libpython3-dev"), "{text}");
    }
}
