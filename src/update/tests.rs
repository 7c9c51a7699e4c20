use super::*;
use crate::header::seal;

fn generated(source: &str, body: &str) -> String {
    let header = Header {
        version: "0.1.0".to_owned(),
        task: "pid".to_owned(),
        script: "python/pid.py".to_owned(),
        mode: "process".to_owned(),
        source: source.to_owned(),
        ..Header::default()
    };
    seal(&format!("{}\n{body}", header.render()))
}

const BODY: &str = "fn a() {\n    one();\n    two();\n    three(\"python/pid.py:7: no\");\n}\n";

fn merged(edited: &str, base: &str, new: &str) -> (String, Vec<usize>) {
    match update("src/pid.rs", Some(edited), Some(base), new) {
        Update::Merged { text, conflicts } => (text, conflicts),
        other => panic!("{other:?}"),
    }
}

fn refusal(edited: &str, base: Option<&str>, new: &str) -> String {
    match update("src/pid.rs", Some(edited), base, new) {
        Update::Refused { why, .. } => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_file_that_nobody_edited_is_replaced() {
    let (old, new) = (generated("1", BODY), generated("2", "fn b() {}\n"));
    assert_eq!(update("x", None, None, &new), Update::New(new.clone()));
    assert_eq!(update("x", Some(&new), None, &new), Update::Same);
    let replaced = Update::Replaced(new.clone());
    assert_eq!(update("x", Some(&old), None, &new), replaced);
    assert_eq!(update("x", Some(&old), Some(&new), &new), replaced);
}

#[test]
fn an_edit_and_a_new_translation_are_both_kept() {
    let base = generated("1", BODY);
    let edited = base.replace("one()", "first()");
    // Nothing new: nothing to do, with or without a base.
    assert_eq!(update("x", Some(&edited), None, &base), Update::Edited);
    assert_eq!(
        update("x", Some(&edited), Some(&base), &base),
        Update::Edited
    );
    let new = generated("2", &BODY.replace("two()", "second()"));
    let (text, conflicts) = merged(&edited, &base, &new);
    assert!(conflicts.is_empty());
    assert_eq!(text, new.replace("one()", "first()"));
    // The second run has nothing to do, and the next merges again.
    assert_eq!(update("x", Some(&text), Some(&new), &new), Update::Edited);
    let newer = generated("3", &BODY.replace("two()", "second(2)"));
    let (text, _) = merged(&text, &new, &newer);
    assert_eq!(text, newer.replace("one()", "first()"));
}

#[test]
fn a_conflict_is_marked_and_refused_until_it_is_resolved() {
    let base = generated("1", BODY);
    let edited = base.replace("two()", "zwei()");
    let new = generated("2", &BODY.replace("two()", "second()"));
    let (text, conflicts) = merged(&edited, &base, &new);
    let marked = "    one();\n<<<<<<< src/pid.rs, edited by hand\n    zwei();\n=======\n    \
                  second();\n>>>>>>> translated anew from python/pid.py\n    three";
    assert!(text.contains(marked), "{text}");
    assert_eq!(
        text.lines().nth(conflicts[0] - 1),
        Some("<<<<<<< src/pid.rs, edited by hand")
    );
    let why = refusal(&text, Some(&new), &new);
    assert!(
        why.contains(&format!("unresolved conflict in line {}", conflicts[0])),
        "{why}"
    );
    let resolved = new.replace("second()", "zwei(2)");
    assert_eq!(
        update("x", Some(&resolved), Some(&new), &new),
        Update::Edited
    );
}

#[test]
fn lines_of_the_python_that_moved_are_no_change() {
    let base = generated("1", BODY);
    let edited = base.replace("three(\"", "drei(\"");
    let new = generated("2", &BODY.replace(":7:", ":9:"));
    let (text, conflicts) = merged(&edited, &base, &new);
    assert!(conflicts.is_empty(), "{text}");
    assert!(text.contains("drei(\"python/pid.py:9: no\")"), "{text}");
    // A hole that was written by hand stays written.
    let hole = BODY.replace("one()", "todo!(\"MIG0203 python/pid.py:3: eval\")");
    let base = generated("1", &hole);
    let edited = base.replace("todo!(\"MIG0203 python/pid.py:3: eval\")", "by_hand()");
    let new = generated("2", &hole.replace(":3:", ":4:").replace(":7:", ":8:"));
    let (text, conflicts) = merged(&edited, &base, &new);
    assert!(conflicts.is_empty(), "{text}");
    assert!(text.contains("by_hand();\n"), "{text}");
}

#[test]
fn header_lines_for_machines_are_never_a_conflict() {
    let base = generated("1", BODY);
    let edited = base.replace("of 0 statements", "of 12 statements");
    let new = generated("2", BODY).replace("0 of 0", "5 of 6");
    let new = seal(&new);
    let (text, conflicts) = merged(&edited, &base, &new);
    assert_eq!((text, conflicts), (new, vec![]));
}

#[test]
fn without_its_base_an_edited_file_is_left_as_it_is() {
    let base = generated("1", BODY);
    let edited = base.replace("one()", "first()");
    let new = generated("2", &BODY.replace("two()", "second()"));
    assert!(refusal(&edited, None, &new).contains("no `.migrate/base/`"));
    for wrong in [&new, &edited, "", "fn x() {}\n"] {
        assert!(refusal(&edited, Some(wrong), &new).contains("not what it was made from"));
    }
    assert!(refusal("fn x() {}\n", Some(&base), &new).contains("not written by migrate"));
}

#[test]
fn line_breaks_stay_what_they_are() {
    let windows = |text: &str| text.replace('\n', "\r\n");
    let base = generated("1", BODY);
    let new = generated("2", &BODY.replace("two()", "second()"));
    assert_eq!(
        update("x", Some(&windows(&base)), None, &base),
        Update::Same
    );
    let replaced = Update::Replaced(windows(&new));
    assert_eq!(update("x", Some(&windows(&base)), None, &new), replaced);
    let edited = windows(&base.replace("one()", "first()"));
    let (text, _) = merged(&edited, &base, &new);
    assert_eq!(text, windows(&new.replace("one()", "first()")));
}
