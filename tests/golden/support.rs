//! `docs/support.md`, from the catalog.

use super::{Files, check};
use copper_migrate::catalog::{self, Helper};
use copper_migrate::diagnostic::Code;
use std::fmt::Write;
use std::path::PathBuf;

const HEAD: &str = "# What is translated

This page is made from the code by `just bless`: do not edit it.

## Builtins, functions and methods

What is not listed becomes a hole: a `todo!` in the Rust, and a diagnostic.

| Python | what of it, and how |
| --- | --- |
";

const HELPERS: &str = "
## Helpers

Small functions that the generated file carries where plain Rust would not be Python, and
only there: where the interval of the operands shows that both agree, plain Rust is written.

| Rust | does |
| --- | --- |
";

const CODES: &str = "
## Diagnostics

`migrate explain CODE` shows an example and what to do. An error is a hole.

| code | | |
| --- | --- | --- |
";

/// The page.
pub fn files() -> Files {
    let mut text = HEAD.to_owned();
    // What has no text is no Python: passes write it.
    for known in catalog::all().filter(|k| !k.doc.is_empty()) {
        let name = known.name.replace('<', "\\<");
        writeln!(text, "| {name} | {} |", known.doc.replace('|', "\\|")).unwrap();
    }
    text += HELPERS;
    for helper in Helper::ALL {
        let lines = helper.text().lines().skip_while(|l| l.starts_with("impl "));
        let doc = lines.map_while(|l| l.trim().strip_prefix("/// "));
        let doc: Vec<_> = doc.collect();
        let doc = doc.join(" ").replace('|', "\\|");
        writeln!(text, "| `{}` | {doc} |", helper.name()).unwrap();
    }
    text += CODES;
    for code in Code::ALL {
        let word = code.severity().word();
        writeln!(text, "| {code} | {word} | {} |", code.title()).unwrap();
    }
    Files::from([(PathBuf::from("docs/support.md"), text.into_bytes())])
}

#[test]
fn the_list_of_what_is_translated_is_current() {
    check(&files());
}
