//! The harness of `migrate verify`; see `replay`.

pub use {{ json }} as json;
{% if python %}
pub use {{ py_task }} as py_task;
pub use {{ pyo3 }} as pyo3;
{% endif %}

pub mod bench;
pub mod case;
pub mod channel;
pub mod log;
{% if python %}
pub mod observe;
{% else %}
pub mod observe {
    use super::protocol::{Event, FileCoverage};
    pub fn python() -> Option<Event> {
        None
    }
    pub fn start(_: &str, _: &str) -> Result<(), String> {
        Ok(())
    }
    pub fn report() -> Option<Vec<FileCoverage>> {
        None
    }
}
{% endif %}
pub mod protocol;
pub mod replay;
pub mod restore;
pub mod sides;
pub mod value;
pub mod watch;

/// The hash of every source file of this harness.
pub const SOURCES: &str = include_str!("__migrate/sources.txt");

/// Reads the recorded CopperLists with the app's types.
pub mod data {
    cu29::prelude::gen_cumsgs!("{{ config }}");
    pub use self::{{ data_set }} as DataSet;
}
