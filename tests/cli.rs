//! The `migrate` command from outside: exit codes, streams, and what is said.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const MANIFEST: &str = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
    [dependencies]\ncu29 = \"1.3\"\ncu-python-task = \"1.3\"\n";

const TASKS: &str = "use cu_python_task::PyTask;
pub struct In { value: f32 }
pub struct Out { pub value: f32 }
pub struct State { pub n: u32 }
pub type Py = PyTask<(In,), State, (Out,)>;
";

const CONFIG: &str = "(\n  tasks: [\n    (id: \"py\", type: \"tasks::Py\", config: {\"script\": \"python/py.py\"}),\n  ],\n)\n";

const PYTHON: &str = "def process(ctx, input, state, output):\n    state.n += 1\n";

/// What a run of `migrate` said.
struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Said {
    #[track_caller]
    fn is_error(&self, parts: &[&str]) {
        assert_eq!(self.code, 2, "{}", self.err);
        assert_eq!(self.out, "");
        assert!(self.err.starts_with("error"), "{}", self.err);
        for part in parts {
            assert!(self.err.contains(part), "no {part:?} in:\n{}", self.err);
        }
    }
}

fn migrate(dir: &Path, args: &[&str]) -> Said {
    let output = Command::new(env!("CARGO_BIN_EXE_migrate"))
        .args(args)
        .current_dir(dir)
        .output()
        .unwrap();
    Said {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A sound app, with these files put in place of its own; an empty text leaves one out.
fn app(changes: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let sound = [
        ("Cargo.toml", MANIFEST),
        ("copperconfig.ron", CONFIG),
        ("src/main.rs", "mod tasks;\nfn main() {}\n"),
        ("src/tasks.rs", TASKS),
        ("python/py.py", PYTHON),
    ];
    let unchanged = sound
        .iter()
        .filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    for (name, text) in unchanged.chain(changes) {
        if text.is_empty() {
            continue;
        }
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

fn translate(changes: &[(&str, &str)], more: &[&str]) -> Said {
    let dir = app(changes);
    let mut args = vec!["translate", "python/py.py"];
    args.extend(more);
    migrate(dir.path(), &args)
}

#[test]
fn a_file_outside_of_any_app_is_refused() {
    translate(&[("Cargo.toml", ""), ("copperconfig.ron", "")], &[]).is_error(&[
        "no Copper app found",
        "Cargo.toml and copperconfig.ron",
        "help:",
        "--app DIR",
    ]);
    translate(&[("copperconfig.ron", "")], &[])
        .is_error(&["has a Cargo.toml but no copperconfig.ron", "--app DIR"]);
    translate(&[], &["--app", "python"]).is_error(&["python has no Cargo.toml"]);
    translate(&[], &["--app", "nowhere"]).is_error(&["cannot read nowhere"]);
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let dir = app(&[]);
    migrate(dir.path(), &["translate", "python/none.py"]).is_error(&["cannot read python/none.py"]);
    migrate(dir.path(), &["translate", "python"]).is_error(&["python is a directory", "help:"]);
}

#[test]
fn a_broken_configuration_is_shown_with_its_line() {
    let config = CONFIG.replace("\"py\", type", "\"py\" type");
    translate(&[("copperconfig.ron", &config)], &[]).is_error(&[
        "copperconfig.ron: line 3",
        "(id: \"py\" type:",
        "help:",
    ]);
}

#[test]
fn a_script_that_no_node_runs_lists_those_that_are_run() {
    let dir = app(&[("python/other.py", PYTHON)]);
    migrate(dir.path(), &["translate", "python/other.py"]).is_error(&[
        "copperconfig.ron: no node runs python/other.py",
        "`py` runs python/py.py",
    ]);
}

#[test]
fn several_nodes_of_one_script_ask_for_the_task() {
    let config = "(tasks: [
        (id: \"left\", type: \"tasks::Py\", config: {\"script\": \"python/py.py\"}),
        (id: \"right\", type: \"tasks::Py\", config: {\"script\": \"python/py.py\"})])";
    translate(&[("copperconfig.ron", config)], &[]).is_error(&["`left`, `right`", "--task ID"]);
    translate(&[("copperconfig.ron", config)], &["--task", "rigth"])
        .is_error(&["no node `rigth`", "did you mean `right`?"]);
}

#[test]
fn a_node_that_is_no_pytask_is_refused() {
    let tasks = TASKS.replace(
        "pub type Py = PyTask<(In,), State, (Out,)>;",
        "pub struct Py;",
    );
    translate(&[("src/tasks.rs", &tasks)], &[])
        .is_error(&["copperconfig.ron: node `py` is not a PyTask", "`tasks::Py`"]);
}

#[test]
fn what_is_missing_in_the_rust_is_named_with_its_file() {
    let config = CONFIG.replace("tasks::Py", "tasks::Pi");
    translate(&[("copperconfig.ron", &config)], &[]).is_error(&[
        "src/main.rs: node `py` of",
        "type: \"tasks::Pi\"",
        "no type `tasks::Pi`",
        "help:",
    ]);
    let tasks = TASKS.replace("pub struct State { pub n: u32 }", "");
    translate(&[("src/tasks.rs", &tasks)], &[])
        .is_error(&["src/tasks.rs:5: no type `State`", "help:"]);
    translate(&[("src/tasks.rs", "")], &[])
        .is_error(&["src/main.rs:1: `mod tasks;` has no file", "cargo check"]);
    translate(&[("src/tasks.rs", "pub struct {")], &[])
        .is_error(&["src/tasks.rs:1: is not valid Rust"]);
}

#[test]
fn a_script_that_the_node_names_but_is_missing_is_told() {
    let dir = app(&[("python/py.py", "")]);
    migrate(dir.path(), &["translate", "--task", "py"]).is_error(&[
        "copperconfig.ron: node `py` runs the script `python/py.py`",
        "no file",
        "app's root",
    ]);
}

#[test]
fn a_missing_cargo_is_told() {
    let dir = app(&[]);
    let output = Command::new(env!("CARGO_BIN_EXE_migrate"))
        .args(["translate", "python/py.py"])
        .current_dir(dir.path())
        .env("PATH", "/nowhere")
        .env_remove("CARGO")
        .output()
        .unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        err.contains("cannot run cargo") && err.contains("rustup.rs"),
        "{err}"
    );
}

#[test]
fn wrong_arguments_are_usage_errors() {
    let dir = app(&[]);
    for args in [
        &["translate"][..],
        &["translate", "python/py.py", "--diff", "--stdout"],
        &["translate", "python/py.py", "--stdout", "-o", "x.rs"],
        &["verify"],
        &["verify", "--log", "x", "--format", "xml"],
        &["explode"],
        &[],
    ] {
        let said = migrate(dir.path(), args);
        assert_eq!(said.code, 2, "{args:?}: {}", said.err);
        assert_eq!(said.out, "", "{args:?}");
    }
}

#[test]
fn every_code_is_explained_with_an_example() {
    let dir = tempfile::tempdir().unwrap();
    let list = migrate(dir.path(), &["explain"]);
    assert_eq!(list.code, 0);
    let codes: Vec<&str> = list
        .out
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(codes.len() >= 20);
    for code in codes {
        let page = migrate(dir.path(), &["explain", &code.to_lowercase()]);
        assert_eq!(page.code, 0);
        assert!(page.out.starts_with(&format!("{code} (")), "{}", page.out);
        assert!(
            page.out.lines().any(|line| line.starts_with("    ")),
            "{code} has no example"
        );
        assert!(
            page.out.lines().all(|line| line.chars().count() <= 100),
            "{code} has a long line"
        );
    }
    migrate(dir.path(), &["explain", "MIG9999"]).is_error(&[
        "no diagnostic code `MIG9999`",
        "MIG0203",
        "help:",
    ]);
}

#[test]
fn colours_are_where_the_user_wants_them() {
    let dir = tempfile::tempdir().unwrap();
    let plain = migrate(dir.path(), &["explain", "MIG0203"]);
    assert!(!plain.out.contains('\x1b'));
    let coloured = migrate(dir.path(), &["explain", "MIG0203", "--color", "always"]);
    assert!(coloured.out.contains('\x1b'));
    let never = migrate(dir.path(), &["--color", "never", "explain", "MIG0203"]);
    assert_eq!(never.out, plain.out);
}

#[test]
fn the_version_names_copper() {
    let dir = tempfile::tempdir().unwrap();
    let said = migrate(dir.path(), &["--version"]);
    assert_eq!(said.code, 0);
    assert!(said.out.contains("cu29 1.3"), "{}", said.out);
}

#[test]
fn the_demo_overwrites_nothing() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("migrate-demo")).unwrap();
    fs::write(dir.path().join("migrate-demo/mine.txt"), "mine").unwrap();
    migrate(dir.path(), &["demo"]).is_error(&["migrate-demo is not empty", "--dir"]);
    fs::write(dir.path().join("file"), "mine").unwrap();
    migrate(dir.path(), &["demo", "--dir", "file"]).is_error(&["file is not a directory"]);
}

#[test]
fn the_demo_names_all_that_is_missing_before_it_writes() {
    let dir = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_migrate"))
        .args(["demo", "--color", "never"])
        .current_dir(dir.path())
        .env("PATH", "/nowhere")
        .output()
        .unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    for part in [
        "cargo is missing",
        "rustup.rs",
        "rustfmt is missing",
        "Debian: rustfmt",
        "build-essential",
        "Rust is missing",
        "Python is missing",
        "libpython3-dev",
    ] {
        assert!(err.contains(part), "no {part:?} in:\n{err}");
    }
    assert!(!dir.path().join("migrate-demo").exists());
}

const PROGRAM: &str = "def gcd(a, b):\n    while b:\n        a, b = b, a % b\n    return a\n\n\n\
    if __name__ == \"__main__\":\n    print(gcd(48, 18))\n";

/// A directory with one Python file in it, and no app around it.
fn file(text: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("gcd.py"), text).unwrap();
    dir
}

#[test]
fn a_file_becomes_a_plain_module_beside_it() {
    let dir = file(PROGRAM);
    let said = migrate(dir.path(), &["translate", "gcd.py", "--module"]);
    assert_eq!((said.code, said.out.as_str()), (0, ""), "{}", said.err);
    assert!(said.err.contains("wrote gcd.rs"), "{}", said.err);
    let rust = fs::read_to_string(dir.path().join("gcd.rs")).unwrap();
    assert!(rust.contains("pub fn gcd("), "{rust}");
    assert!(
        !rust.contains("fn main") && !rust.contains("cu29"),
        "{rust}"
    );
    let again = migrate(dir.path(), &["translate", "gcd.py", "--module"]);
    assert!(again.err.contains("up to date"), "{}", again.err);
    fs::write(dir.path().join("gcd.rs"), rust + "// mine\n").unwrap();
    let edited = migrate(dir.path(), &["translate", "gcd.py", "--module"]);
    assert_eq!(edited.code, 0);
    assert!(
        edited
            .err
            .contains("up to date, with what was edited by hand")
    );
    // Out of any app, there is no base to merge from.
    fs::write(dir.path().join("gcd.py"), format!("{PROGRAM}\nLIMIT = 3\n")).unwrap();
    let edited = migrate(dir.path(), &["translate", "gcd.py", "--module"]);
    assert_eq!(edited.code, 2);
    assert!(edited.err.contains("was edited since migrate wrote it"));
}

#[test]
fn a_program_has_a_main() {
    let dir = file(PROGRAM);
    let args = ["translate", "gcd.py", "--module", "--main", "--stdout"];
    let said = migrate(dir.path(), &args);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("fn main() {"), "{}", said.out);
    assert!(said.out.contains("println!"), "{}", said.out);
    assert!(!dir.path().join("gcd.rs").exists());
}

#[test]
fn what_cannot_be_typed_is_named() {
    let dir = file("def scale(x, k=2.0):\n    return x * k\n");
    let said = migrate(dir.path(), &["translate", "gcd.py", "--module"]);
    assert_eq!(said.code, 1);
    for part in ["parameter `x` of `scale`", "def scale(x: float, k: float)"] {
        assert!(said.err.contains(part), "no {part:?} in:\n{}", said.err);
    }
    let said = migrate(dir.path(), &["translate", "gcd.py", "--module", "--main"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("`fn main`"), "{}", said.err);
}

#[test]
fn main_and_module_go_with_a_file_alone() {
    let dir = file(PROGRAM);
    for args in [
        &["translate", "gcd.py", "--main"][..],
        &["translate", "--module"],
        &["translate", "gcd.py", "--module", "--app", "."],
    ] {
        assert_eq!(migrate(dir.path(), args).code, 2, "{args:?}");
    }
}

#[test]
fn the_version_of_python_decides_about_sums() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(
        dir.path().join("m.py"),
        "def mean(xs: list[float]) -> float:\n    return sum(xs, 0.0) / 4.0\n",
    )
    .unwrap();
    let of = |version: &str| {
        let args = ["translate", "m.py", "--module", "--stdout", "--python"];
        migrate(dir.path(), &[&args[..], &[version]].concat()).out
    };
    assert!(of("3.11").contains("fold("), "{}", of("3.11"));
    assert!(of("3.12.4").contains("sum_floats("), "{}", of("3.12.4"));
    let said = migrate(
        dir.path(),
        &["translate", "m.py", "--module", "--python", "4"],
    );
    assert_eq!(said.code, 2, "{}", said.err);
}
