//! `docs/constructs.md`: every fixture that it names is there, and has what it is named for.

use super::root;
use std::collections::BTreeMap;
use std::fs;

/// The fixtures that the page is about, by their names.
fn fixtures() -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    for folder in ["constructs", "payloads"] {
        for entry in fs::read_dir(root().join("fixtures").join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ext| ext == "py") {
                let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
                texts.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    texts
}

/// What stands between backquotes.
fn quoted(cell: &str) -> Vec<String> {
    let parts = cell.split('`').skip(1).step_by(2);
    parts.map(|part| part.replace("\\|", "|")).collect()
}

/// The rows of the tables: what Python has, and where it is.
fn rows(page: &str) -> Vec<(Vec<String>, Vec<String>)> {
    let rows = page.lines().filter(|line| line.starts_with("| "));
    let rows = rows.filter(|line| !line.starts_with("| ---") && !line.starts_with("| Python"));
    rows.map(|line| {
        let line = line.trim_end_matches(" |");
        let (python, names) = line.rsplit_once(" | ").unwrap();
        (quoted(python), quoted(names))
    })
    .collect()
}

#[test]
fn every_construct_has_its_fixture() {
    let fixtures = fixtures();
    let page = fs::read_to_string(root().join("docs/constructs.md")).unwrap();
    let rows = rows(&page);
    assert!(rows.len() > 40, "the tables are not read");
    for (constructs, names) in &rows {
        assert!(!names.is_empty(), "{constructs:?} has no fixture");
        for name in names {
            assert!(fixtures.contains_key(name), "there is no {name}.py");
        }
        let has = |name: &String, construct: &String| fixtures[name].contains(construct);
        for construct in constructs {
            let found = names.iter().any(|name| has(name, construct));
            assert!(found, "`{construct}` is in none of {names:?}");
        }
        for name in names.iter().filter(|_| !constructs.is_empty()) {
            let found = constructs.iter().any(|construct| has(name, construct));
            assert!(found, "{name}.py has none of {constructs:?}");
        }
    }
}
