//! The harness of `migrate verify`; see `replay`.

pub use {{ json }} as json;
pub use {{ py_task }} as py_task;
pub use {{ pyo3 }} as pyo3;

pub mod protocol;
pub mod replay;
pub mod value;

/// The hash of every source file of this harness.
pub const SOURCES: &str = include_str!("__migrate/sources.txt");

/// Reads the recorded CopperLists with the app's types.
pub mod log {
    cu29::prelude::gen_cumsgs!("{{ config }}");
    pub use self::{{ data_set }} as DataSet;
}
