//! Whether a task is proved: verdicts that say equal of exactly what is there.
//!
//! Enters: the verdicts on a task, and its files. Leaves: nothing, or in words what is
//! missing. This module must not verify.

use crate::record::Verdict;
use crate::verify::{Against, Verdict as Conclusion};
use std::path::Path;

/// What keeps the verdicts from being a proof that the Rust `native` does what `script` does;
/// `None` where they are one.
pub fn missing(verdicts: &[Verdict], root: &Path, script: &Path, native: &Path) -> Option<String> {
    let against_python = |verdict: &&Verdict| verdict.found.against == Against::Python;
    let mut stale = None;
    let mut inconclusive = None;
    let mut equal = false;
    for verdict in verdicts.iter().filter(against_python) {
        let log = verdict.found.log.display();
        if let Some(change) = verdict.changes(root, script, native).first() {
            stale.get_or_insert(format!("its verdict with {log} is out of date: {change}"));
            continue;
        }
        match &verdict.found.verdict {
            Conclusion::Equal => equal = true,
            Conclusion::Different => {
                return Some(format!("it was found different from the Python with {log}"));
            }
            Conclusion::Inconclusive(why) => {
                inconclusive.get_or_insert(format!("nothing could be concluded with {log}: {why}"));
            }
        }
    }
    if equal {
        return None;
    }
    let recorded = verdicts
        .iter()
        .any(|verdict| verdict.found.against == Against::Recorded);
    let none = match recorded {
        true => "it was compared with a recording alone, and not with the Python",
        false => "it was not verified",
    };
    Some(inconclusive.or(stale).unwrap_or_else(|| none.to_owned()))
}
