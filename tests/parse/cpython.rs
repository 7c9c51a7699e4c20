//! CPython's `ast` and `tokenize` judge the corpus.

use super::{Census, corpus, file, plain};
use copper_migrate::parse::parse;
use std::path::Path;
use std::process::Command;

/// What `dump.py` says; none where there is no Python that is new enough.
fn python(what: &str, path: &Path) -> Option<String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parse/dump.py");
    let output = Command::new("python3")
        .arg(script)
        .arg(what)
        .arg(path)
        .output()
        .ok()?;
    if output.status.code() == Some(77) {
        return None;
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {stderr}", path.display());
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn the_tree_is_the_one_that_cpython_builds() {
    for (path, text) in corpus() {
        let Some(expected) = python("tree", &path) else {
            return;
        };
        let parsed = parse(&file(&text));
        assert_eq!(parsed.diagnostics, [], "{}", path.display());
        let got = plain(&parsed.module);
        let differs = expected
            .lines()
            .zip(got.lines())
            .position(|(expected, got)| expected != got);
        assert!(
            expected == got,
            "{}: line {differs:?}\n{got}",
            path.display()
        );
    }
}

#[test]
fn statements_stand_on_the_lines_that_cpython_gives() {
    for (path, text) in corpus() {
        let Some(expected) = python("lines", &path) else {
            return;
        };
        let file = file(&text);
        let parsed = parse(&file);
        let got: String = Census::of(&parsed.module)
            .stmts
            .iter()
            .map(|stmt| {
                let last = file.line(stmt.span.end - 1);
                format!("{} {last}\n", file.line(stmt.span.start))
            })
            .collect();
        assert_eq!(got, expected, "{}", path.display());
    }
}

#[test]
fn the_comments_are_those_of_the_tokenizer() {
    for (path, text) in corpus() {
        let Some(expected) = python("comments", &path) else {
            return;
        };
        let parsed = parse(&file(&text));
        let got: String = Census::of(&parsed.module)
            .comments
            .iter()
            .map(|comment| format!("{}\n", comment.text))
            .collect();
        assert_eq!(got, expected, "{}", path.display());
    }
}
