//! The report for machines: JSON with a versioned schema, `docs/verify.schema.json`.
//!
//! Enters: a [`Report`]. Leaves: one JSON document, `{"schema": 1, "tasks": […]}`, in
//! which each task is a [`Verification`] as it stands; and the other way, for joining
//! reports.

use super::{Fault, Report};
use crate::verify::Verification;
use serde::{Deserialize, Serialize};

/// The version of the document's shape; it changes when a field disappears or changes its
/// meaning.
pub const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    tasks: &'a [Verification],
    faults: &'a [Fault],
}

/// A document that was read.
#[derive(Debug, Clone, Deserialize)]
pub struct Read {
    schema: u32,
    /// Its verifications.
    pub tasks: Vec<Verification>,
    /// What could not be verified.
    #[serde(default)]
    pub faults: Vec<Fault>,
}

/// The report as JSON, with a final line break.
pub fn render(report: &Report<'_>) -> String {
    let document = Document {
        schema: SCHEMA,
        tasks: report.verifications,
        faults: report.faults,
    };
    // Serialization fails on maps with odd keys only, and there is no map.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

/// Reads a document back.
///
/// # Errors
/// It is no report, or of another version; in words.
pub fn read(text: &str) -> Result<Read, String> {
    let document: Read = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if document.schema != SCHEMA {
        return Err(format!(
            "it has the schema {}, this version of migrate writes {SCHEMA}",
            document.schema
        ));
    }
    Ok(document)
}
