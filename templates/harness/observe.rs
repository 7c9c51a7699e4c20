//! The Python that is embedded: which one it is, and what the replay executes of the script.

use super::json;
use super::protocol::{Event, FileCoverage};
use super::pyo3::prelude::*;
use super::pyo3::types::PyModule;
use std::ffi::CString;
use std::sync::OnceLock;

static OBSERVER: OnceLock<Py<PyModule>> = OnceLock::new();

/// Starts the interpreter, and says which one it is.
pub fn python() -> Option<Event> {
    Python::initialize();
    Python::attach(|py| {
        let prefix = py
            .import("sys")
            .and_then(|sys| sys.getattr("prefix"))
            .and_then(|prefix| prefix.extract::<String>())
            .unwrap_or_default();
        let version = py.version().split_whitespace().next().unwrap_or_default();
        Some(Event::Python {
            version: version.to_owned(),
            prefix,
        })
    })
}

/// Observes the scripts under `root` from here on.
pub fn start(root: &str, script: &str) -> Result<(), String> {
    let c = |text: &str| CString::new(text).map_err(|error| error.to_string());
    let (code, file, name) = (
        c(include_str!("observe.py"))?,
        c("migrate_observe.py")?,
        c("migrate_observe")?,
    );
    Python::attach(|py| {
        let module = PyModule::from_code(py, &code, &file, &name)?;
        module.getattr("start")?.call1((root, script))?;
        let _ = OBSERVER.set(module.unbind());
        Ok(())
    })
    .map_err(|error: PyErr| error.to_string())
}

/// What was observed; `None` where nothing was.
pub fn report() -> Option<Vec<FileCoverage>> {
    let observer = OBSERVER.get()?;
    let text = Python::attach(|py| {
        observer
            .bind(py)
            .getattr("report")?
            .call0()?
            .extract::<String>()
    });
    json::from_str(&text.ok()?).ok()
}
