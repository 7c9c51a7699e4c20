use super::*;

fn declared(text: &str, name: &str) -> String {
    with_module(text, name, None, &[]).unwrap()
}

fn freed(text: &str, alias: &str) -> String {
    without_alias(text, alias, &BTreeMap::new(), &Globs::new()).unwrap()
}

#[test]
fn a_module_is_declared_in_the_order_of_the_names() {
    for (text, expected) in [
        ("", "pub mod pid;\n"),
        (
            "pub mod a;\npub mod z; // last\n",
            "pub mod a;\npub mod pid;\npub mod z; // last\n",
        ),
        (
            "pub mod a; // first\nuse b;\n",
            "pub mod a; // first\npub mod pid;\nuse b;\n",
        ),
        (
            "mod a;\n\nfn main() {}\n",
            "mod a;\nmod pid;\n\nfn main() {}\n",
        ),
        ("mod a;\npub mod b;", "mod a;\npub mod b;\npub mod pid;"),
        (
            "/// Z.\n// more\npub mod z;\n",
            "pub mod pid;\n/// Z.\n// more\npub mod z;\n",
        ),
        (
            "//! Doc.\n\nuse a;\n",
            "//! Doc.\n\npub mod pid;\n\nuse a;\n",
        ),
        (
            "// Licence\n\n// About a.\nuse a;\n",
            "// Licence\n\npub mod pid;\n\n// About a.\nuse a;\n",
        ),
        (
            "#![allow(x)]\r\nuse a;\r\n",
            "#![allow(x)]\r\npub mod pid;\r\n\r\nuse a;\r\n",
        ),
        (
            "use a;\n#[cfg(test)]\nmod tests;\n",
            "pub mod pid;\n\nuse a;\n#[cfg(test)]\nmod tests;\n",
        ),
        ("pub mod pid;\n", "pub mod pid;\n"),
    ] {
        assert_eq!(declared(text, "pid"), expected);
    }
    let inline = "mod tasks {\n    pub mod z;\n}\n";
    let expected = "mod tasks {\n    pub mod pid;\n    pub mod z;\n}\n";
    let path = ["tasks".to_owned()];
    assert_eq!(with_module(inline, "pid", None, &path).unwrap(), expected);
    let expected = "mod tasks { pub mod pid; }\n";
    assert_eq!(
        with_module("mod tasks {}\n", "pid", None, &path).unwrap(),
        expected
    );
    let beside = "mod tasks {\n    type PidTask = PyTask<()>;\n}\n";
    let expected = "mod tasks {\n    pub mod pid;\n\n    type PidTask = PyTask<()>;\n}\n";
    assert_eq!(
        with_module(beside, "pid", Some("PidTask"), &[]).unwrap(),
        expected
    );
    assert!(
        with_module("fn (", "pid", None, &[])
            .unwrap_err()
            .starts_with("line 1: not valid")
    );
}

#[test]
fn an_alias_goes_with_what_only_it_needed() {
    let text = "use crate::messages::{A, B, State};
use cu_python_task::PyTask;
use cu29::prelude::*;

/// Still in Python.
pub type PidTask = PyTask<(A,), State, (B,)>; // for now

/// The motor.
pub struct Motor(A);
";
    let expected = "use crate::messages::A;
use cu29::prelude::*;

/// The motor.
pub struct Motor(A);
";
    assert_eq!(freed(text, "PidTask"), expected);
    assert_eq!(freed(text, "Other"), text);
    // What something else needs stays.
    let used = format!("{text}fn f(_: &PidTask) {{}}\n");
    assert_eq!(freed(&used, "PidTask"), used);
    let other = text.replace(
        "/// The motor",
        "type Fan = PyTask<(A,), (), (B,)>;\n/// The motor",
    );
    let freed_one = freed(&other, "PidTask");
    assert!(
        freed_one.contains("use cu_python_task::PyTask;"),
        "{freed_one}"
    );
    assert!(
        freed_one.contains("use crate::messages::{A, B};"),
        "{freed_one}"
    );
    let below = BTreeMap::from([("State".to_owned(), 1)]);
    let kept = without_alias(text, "PidTask", &below, &Globs::new()).unwrap();
    assert!(kept.contains("use crate::messages::{A, State};"), "{kept}");
}

#[test]
fn imports_shrink_in_every_form() {
    let alias = "type T = PyTask<(A,), (), ()>;\n";
    for (import, left) in [
        ("use x::PyTask;\n", ""),
        ("pub use x::PyTask;\n", "pub use x::PyTask;\n"),
        (
            "#[cfg(unix)]\nuse x::PyTask;\n",
            "#[cfg(unix)]\nuse x::PyTask;\n",
        ),
        ("use x::Other as PyTask;\n", ""),
        ("use x::{PyTask, B};\n", "use x::B;\n"),
        ("use x::{B, PyTask};\n", "use x::B;\n"),
        ("use x::{B, PyTask, C};\n", "use x::{B, C};\n"),
        ("use x::{B, C, PyTask};\n", "use x::{B, C};\n"),
        ("use x::{self, PyTask};\n", "use x::{self};\n"),
        ("use x::{y::{PyTask, A}, B};\n", "use x::B;\n"),
        ("use {x::PyTask, y::A};\n", ""),
        (
            "use x::{\n    B, // b\n    PyTask,\n    C,\n};\n",
            "use x::{\n    B, // b\n    C,\n};\n",
        ),
        ("use x::*;\n", "use x::*;\n"),
    ] {
        assert_eq!(
            freed(&format!("{import}{alias}fn f() {{}}\n"), "T"),
            format!("{left}fn f() {{}}\n")
        );
    }
    let inline =
        "use x::PyTask;\nmod m {\n    use super::PyTask;\n    pub type T = PyTask<()>;\n}\n";
    assert_eq!(freed(inline, "T"), "mod m {\n}\n");
}

#[test]
fn a_glob_goes_when_nothing_it_brings_is_used() {
    let names = names_given("pub struct A;\nimpl A {}\nuse x::Y;\npub enum B {}\n").unwrap();
    assert_eq!(names.iter().collect::<Vec<_>>(), ["A", "B"]);
    assert_eq!(names_given("pub trait T {}\n"), None);
    assert_eq!(names_given("pub use x::*;\n"), None);
    let globs = Globs::from([("crate::states".to_owned(), names)]);
    let text = "use crate::states::*;\nuse x::*;\ntype T = P<A>;\ntype U = P<B>;\n";
    let none = BTreeMap::new();
    let one = without_alias(text, "T", &none, &globs).unwrap();
    assert_eq!(one, "use crate::states::*;\nuse x::*;\ntype U = P<B>;\n");
    assert_eq!(
        without_alias(&one, "U", &none, &globs).unwrap(),
        "use x::*;\n"
    );
    let below = BTreeMap::from([("A".to_owned(), 1)]);
    let kept = without_alias(&one, "U", &below, &globs).unwrap();
    assert_eq!(kept, "use crate::states::*;\nuse x::*;\n");
}
