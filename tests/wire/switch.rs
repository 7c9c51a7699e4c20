//! Tasks that are put in their PyTask's place, and back.

use super::app::App;
use copper_migrate::review::unified_diff;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;

/// An app of one task, translated and committed.
fn pid() -> App {
    let app = App::of("pid");
    app.says(&["translate", "python/pid.py"], 0, &[]);
    app.commit();
    app
}

fn equal(app: &App) {
    let equal = json!({"is": "equal"});
    app.verdict("pid", "python/pid.py", "src/tasks/pid.rs", &equal);
    app.git(&["add", "-A"]);
    app.commit_log();
}

/// Names the first file that is another.
#[track_caller]
fn same(found: &BTreeMap<String, String>, expected: &BTreeMap<String, String>) {
    let names = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(found), names(expected));
    for (name, text) in expected {
        let diff = unified_diff(Path::new(name), Some(text), &found[name]);
        assert_eq!(diff, "");
    }
}

impl App {
    /// Commits the log of the verdict.
    fn commit_log(&self) {
        if !self.git(&["status", "--porcelain"]).is_empty() {
            self.commit();
        }
    }
}

const TO_RUST: [&str; 4] = ["switch", "pid", "--to", "rust"];
const TO_PYTHON: [&str; 4] = ["switch", "pid", "--to", "python"];

#[test]
fn a_task_is_switched_and_every_byte_comes_back() {
    let app = pid();
    equal(&app);
    let before = app.files();
    app.says(
        &TO_RUST,
        0,
        &["`pid` runs in Rust: tasks::pid::Pid", "edited src/tasks.rs"],
    );
    let config = app.text("copperconfig.ron");
    assert!(config.contains("type: \"tasks::pid::Pid\",\n"), "{config}");
    assert!(!config.contains("script"), "{config}");
    let tasks = app.text("src/tasks.rs");
    assert!(
        tasks.starts_with("pub mod pid;\n\nuse cu29::bincode"),
        "{tasks}"
    );
    assert!(!tasks.contains("PyTask") && !app.text("Cargo.toml").contains("cu-python-task"));
    // It still knows its Python, and is switched already.
    app.says(&["translate", "python/pid.py"], 0, &["is up to date"]);
    app.says(&TO_RUST, 0, &["`pid` runs in Rust already"]);
    app.says(&TO_PYTHON, 0, &["`pid` runs in Python: tasks::PidTask"]);
    same(&app.files(), &before);
    app.says(&TO_PYTHON, 0, &["`pid` runs in Python already"]);
}

#[test]
fn only_what_was_found_equal_is_switched() {
    let app = pid();
    let files = app.files();
    app.says(
        &TO_RUST,
        2,
        &["`pid` is not proved equal to its Python: it was not verified"],
    );
    let verdict = |verdict| app.verdict("pid", "python/pid.py", "src/tasks/pid.rs", &verdict);
    verdict(json!({"is": "different"}));
    app.says(
        &TO_RUST,
        2,
        &["it was found different from the Python with logs/run.copper"],
    );
    verdict(json!({"is": "inconclusive", "reason": "no cycles"}));
    app.says(
        &TO_RUST,
        2,
        &["nothing could be concluded with logs/run.copper: no cycles"],
    );
    verdict(json!({"is": "equal"}));
    for (name, old, new, words) in [
        (
            "python/pid.py",
            "KP = 0.9",
            "KP = 1.0",
            "out of date: python/pid.py was changed since",
        ),
        (
            "src/tasks/pid.rs",
            "KP: f64 = 0.9",
            "KP: f64 = 1.0",
            "out of date: src/tasks/pid.rs was changed since",
        ),
        (
            "logs/run_0.copper",
            "a log",
            "a logg",
            "logs/run_0.copper was changed since",
        ),
    ] {
        app.edit(name, old, new);
        app.says(&TO_RUST, 2, &["not proved equal", words, "--unverified"]);
        app.edit(name, new, old);
    }
    // A hole that no cycle reached.
    app.edit(
        "src/tasks/pid.rs",
        "state.enabled = true;",
        "todo!(\"MIG0203 python/pid.py:19: x\");",
    );
    verdict(json!({"is": "equal"}));
    app.says(&TO_RUST, 2, &["src/tasks/pid.rs:", "is a hole: MIG0203"]);
    app.git(&["checkout", "-q", "."]);
    std::fs::remove_file(app.root().join("logs/run_0.copper")).unwrap();
    same(&app.files(), &files);

    let unverified = [TO_RUST.as_slice(), &["--unverified"]].concat();
    app.says(&unverified, 0, &["`pid` runs in Rust"]);
    let line = "type: \"tasks::pid::Pid\" /* migrate: not verified against python/pid.py */,";
    assert!(app.text("copperconfig.ron").contains(line));
    // With a proof, the remark goes.
    verdict(json!({"is": "equal"}));
    app.says(&TO_RUST, 0, &["`pid` runs in Rust"]);
    assert!(
        app.text("copperconfig.ron")
            .contains("type: \"tasks::pid::Pid\",\n")
    );
    app.says(&TO_PYTHON, 0, &[]);
    std::fs::remove_file(app.root().join("logs/run_0.copper")).unwrap();
    same(&app.files(), &files);
}

#[test]
fn what_is_not_committed_is_not_edited() {
    let app = pid();
    equal(&app);
    app.edit("src/tasks.rs", "/// The controller", "/// My controller");
    let dirty = app.files();
    app.says(
        &TO_RUST,
        2,
        &["not committed: src/tasks.rs", "--allow-dirty"],
    );
    same(&app.files(), &dirty);
    app.says(&[TO_RUST.as_slice(), &["--allow-dirty"]].concat(), 0, &[]);
    // Nobody has touched what the switch wrote.
    app.says(&TO_PYTHON, 0, &[]);
    same(&app.files(), &dirty);
}

#[test]
fn a_patch_does_what_the_switch_does() {
    let app = pid();
    equal(&app);
    let before = app.files();
    let patch = app.says(
        &[TO_RUST.as_slice(), &["--diff"]].concat(),
        0,
        &["would run in Rust"],
    );
    same(&app.files(), &before);
    app.says(&TO_RUST, 0, &[]);
    let mut switched = app.files();
    app.git(&["stash", "-qu"]);
    app.put("../switch.patch", &patch.out);
    let path = app.root().join("../switch.patch");
    app.git(&["apply", path.to_str().unwrap()]);
    let mut patched = app.files();
    // Cargo's own file follows with the next build, and what is kept of it.
    for name in ["Cargo.lock", ".migrate/switch.json"] {
        assert!(switched.remove(name).is_some() && patched.remove(name).is_some());
    }
    same(&patched, &switched);
    let back = app.says(&[TO_PYTHON.as_slice(), &["--diff"]].concat(), 0, &[]);
    app.put("../switch.patch", &back.out);
    app.git(&["apply", path.to_str().unwrap()]);
    same(&app.files(), &before);
    std::fs::remove_file(path).unwrap();
}

#[test]
fn many_tasks_are_switched_in_any_order() {
    let app = App::of("robot");
    for task in ["fan", "odometry", "stick", "mixer"] {
        app.says(&["translate", &format!("python/{task}.py")], 0, &[]);
    }
    app.commit();
    let before = app.files();
    let switch = |to: &str, tasks: &[&str]| {
        let flags = ["--to", to, "--unverified"];
        app.says(&[&["switch"], tasks, flags.as_slice()].concat(), 0, &[]);
    };
    switch("rust", &["stick"]);
    switch("rust", &["odometry", "fan"]);
    let two = app.files();
    switch("rust", &["mixer"]);
    switch("python", &["mixer"]);
    same(&app.files(), &two);
    // What is edited meanwhile stays.
    app.edit(
        "src/tasks.rs",
        "pub mod fan;\n",
        "pub mod fan;\npub mod mine;\n",
    );
    app.edit(
        "copperconfig.ron",
        "(id: \"console\"",
        "// mine\n        (id: \"console\"",
    );
    app.put("src/tasks/mine.rs", "");
    app.says(
        &["switch", "stick", "--to", "python"],
        2,
        &["not committed: ", "--allow-dirty"],
    );
    app.commit();
    switch("python", &["stick"]);
    switch("python", &["fan", "odometry"]);
    let mut after = app.files();
    assert!(
        after["src/tasks.rs"].contains("pub mod mine;\n"),
        "{}",
        after["src/tasks.rs"]
    );
    assert_eq!(after.remove("src/tasks/mine.rs").as_deref(), Some(""));
    let undo = |text: &str| {
        text.replace("pub mod mine;\n\n", "")
            .replace("// mine\n        ", "")
    };
    for text in after.values_mut() {
        *text = undo(text);
    }
    same(&after, &before);
}

#[test]
fn what_cannot_be_switched_is_named() {
    let app = App::of("pid");
    app.says(
        &TO_RUST,
        2,
        &["`pid` has no Rust", "migrate translate python/pid.py"],
    );
    app.says(
        &["switch", "motor", "--to", "rust"],
        2,
        &["node `motor` is not a PyTask"],
    );
    app.says(
        &["switch", "pad", "--to", "rust"],
        2,
        &["did you mean `pid`"],
    );
    app.says(&["switch", "pid"], 2, &["--to <TO>"]);
    app.says(&["translate", "python/pid.py"], 0, &[]);
    // Wired by hand: there is nothing to go back to.
    app.edit("copperconfig.ron", "tasks::PidTask", "tasks::pid::Pid");
    app.edit(
        "src/tasks.rs",
        "use cu_python",
        "pub mod pid;\nuse cu_python",
    );
    app.says(
        &TO_PYTHON,
        2,
        &["`migrate switch` did not do that", "python/pid.py"],
    );
    // An app without a repository is switched all the same.
    let app = App::of("pid");
    app.says(&["translate", "python/pid.py"], 0, &[]);
    app.says(&[TO_RUST.as_slice(), &["--unverified"]].concat(), 0, &[]);
    // An edit of what was switched is not overwritten.
    app.edit("copperconfig.ron", "tasks::pid::Pid", "tasks::pid::Other");
    app.says(&TO_PYTHON, 2, &[]);
}
