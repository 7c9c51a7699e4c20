//! The report as JUnit XML: a test case for each task and log. What is different is a
//! failure, what is inconclusive or could not be run is an error. Holds what Jenkins' schema
//! (junit-10.xsd) allows, and no more.
//!
//! Enters: a [`Report`]. Leaves: XML. This module must not know what a verdict means.

use super::{Report, words};
use crate::verify::{Verdict, Verification};
use std::fmt::Write as _;

/// The report as XML.
pub fn render(report: &Report<'_>) -> String {
    let failures = report.verifications.iter();
    let failures = failures.filter(|v| v.verdict == Verdict::Different).count();
    let inconclusive = report.verifications.iter();
    let inconclusive = inconclusive.filter(|v| v.verdict.exit_code() == 3).count();
    let tests = report.verifications.len() + report.faults.len();
    let errors = inconclusive + report.faults.len();
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"migrate \
         verify\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">\n"
    );
    for v in report.verifications {
        case(&mut out, v);
    }
    for fault in report.faults {
        let _ = writeln!(
            out,
            "    <testcase classname=\"{}\" name=\"{}\">\n      <error message=\"{}\"/>\n    \
             </testcase>",
            escaped(&fault.task),
            escaped(&fault.log),
            escaped(&fault.message)
        );
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

fn case(out: &mut String, v: &Verification) {
    let seconds = v.spent.prepare + v.spent.build + v.spent.replay;
    let _ = write!(
        out,
        "    <testcase classname=\"{}\" name=\"{}\" time=\"{seconds:.3}\"",
        escaped(&v.task),
        escaped(&v.log.display().to_string()),
    );
    let tag = match v.verdict {
        Verdict::Equal => {
            out.push_str("/>\n");
            return;
        }
        Verdict::Different => "failure",
        Verdict::Inconclusive(_) => "error",
    };
    let _ = writeln!(
        out,
        ">\n      <{tag} message=\"{}\" type=\"{}\">{}</{tag}>\n    </testcase>",
        escaped(&words::sentence(v)),
        words::verdict(&v.verdict),
        escaped(&words::details(v).join("\n")).replace("&#10;", "\n"),
    );
}

/// Text as XML holds it: without the characters that XML has no way to write.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' | '\r' => out.push(' '),
            c if (c as u32) < 0x20 || c == '\u{fffe}' || c == '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
