//! The report for machines: JSON with a versioned schema.
//!
//! Enters: a [`Report`]. Leaves: one JSON document, `{"schema": 1, "tasks": […]}`, in
//! which each task is a [`Verification`] as it stands.

use super::Report;
use crate::verify::Verification;
use serde::Serialize;

/// The version of the document's shape; it changes when a field disappears or changes its
/// meaning.
pub const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    tasks: &'a [Verification],
}

/// The report as JSON, with a final line break.
pub fn render(report: &Report<'_>) -> String {
    let document = Document {
        schema: SCHEMA,
        tasks: report.verifications,
    };
    // Serialization fails on maps with odd keys only, and there is no map.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}
