//! All stages in order.
//!
//! Enters: a [`Project`] and the node to translate. Leaves: a [`Translation`]. This
//! module must not know what any stage does inside.

use crate::error::Error;
use crate::project::{Project, TaskId};
use crate::translation::Translation;

/// Translates the Python of one node of the graph.
///
/// # Errors
/// Only faults of our own run (the script cannot be read); whatever is wrong with the
/// Python is a diagnostic in the [`Translation`].
pub fn translate(_project: &Project, id: &TaskId) -> Result<Translation, Error> {
    Err(Error::Usage {
        message: format!("{id}: not built yet"),
        help: String::new(),
    })
}
