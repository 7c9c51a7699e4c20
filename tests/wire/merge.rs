//! Files that were edited by hand, and translated again.

use super::app::App;

const RUST: &str = "src/tasks/pid.rs";
const PYTHON: &str = "python/pid.py";

/// The pid app, translated.
fn translated() -> App {
    let app = App::of("pid");
    app.says(&["translate", PYTHON], 0, &["wrote src/tasks/pid.rs"]);
    app
}

/// What `translate` makes of the Python as it is now, without any edits.
fn generated(app: &App) -> String {
    app.migrate(&["translate", PYTHON, "--stdout"]).out
}

#[test]
fn hand_edits_outlive_changes_of_the_python() {
    let app = translated();
    // A rename, a better expression, a comment, a function.
    let edits = [
        ("let integral = clamp(", "let wound_up = clamp("),
        (
            "state.integral = integral as f32;",
            "state.integral = wound_up as f32;",
        ),
        ("KI * integral +", "KI * wound_up +"),
        (
            "(-limit).max(limit.min(value))",
            "value.clamp(-limit, limit)",
        ),
        (
            "        state.missed = 0;\n",
            "        // The encoder is back.\n        state.missed = 0;\n",
        ),
        (
            "/// Keeps a value",
            "/// By hand.\npub fn is_idle(pid: &Pid) -> bool {\n    !pid.state.enabled\n}\n\n/// Keeps a value",
        ),
    ];
    for (old, new) in edits {
        app.edit(RUST, old, new);
    }
    app.says(
        &["translate", PYTHON],
        0,
        &["is up to date, with what was edited by hand"],
    );

    // A constant, a new statement, and lines that move all others.
    app.edit(PYTHON, "KP = 0.9", "KP = 1.1");
    app.edit(
        PYTHON,
        "    state.missed = 0\n",
        "    state.missed = 0\n    state.last_error = state.last_error\n",
    );
    app.edit(PYTHON, "\n\ndef start", "\n# moved\n# down\n\n\ndef start");
    let before = app.text(RUST);
    let diff = app.says(
        &["translate", PYTHON, "--diff"],
        0,
        &["would be merged with"],
    );
    assert!(diff.out.contains("+const KP: f64 = 1.1;"), "{}", diff.out);
    let taken: Vec<&str> = diff
        .out
        .lines()
        .filter(|line| line.starts_with('-'))
        .collect();
    assert!(
        taken.iter().all(|line| !line.contains("wound_up")),
        "{taken:?}"
    );
    assert_eq!(app.text(RUST), before);

    app.says(
        &["translate", PYTHON],
        0,
        &["was merged with what was edited by hand"],
    );
    let mut expected = generated(&app);
    for (old, new) in edits {
        assert!(expected.contains(old), "{expected}");
        expected = expected.replacen(old, new, 1);
    }
    assert_eq!(app.text(RUST), expected);
    app.says(
        &["translate", PYTHON],
        0,
        &["is up to date, with what was edited by hand"],
    );
    let again = app.says(&["translate", PYTHON, "--diff"], 0, &[]);
    assert_eq!(again.out, "");
    assert_eq!(app.text(RUST), expected);
}

#[test]
fn a_hole_that_was_written_by_hand_stays_written() {
    let app = App::of("pid");
    let hole = "    output.payload.throttle = eval(\"0.5\")\n";
    app.edit(
        PYTHON,
        "    output.tov = input.tov",
        &format!("{hole}    output.tov = input.tov"),
    );
    app.says(&["translate", PYTHON], 1, &["1 hole"]);
    let text = app.text(RUST);
    let line = text.lines().find(|line| line.contains("todo!(")).unwrap();
    app.edit(
        RUST,
        line,
        "        output.payload_mut().get_or_insert_default().throttle = 0.5;",
    );
    app.edit(
        PYTHON,
        "\nKP = 0.9",
        "\n# Tuned on the test stand.\nKP = 1.1",
    );
    let said = app.says(&["translate", PYTHON], 1, &["was merged with"]);
    assert!(!said.err.contains("conflict"), "{}", said.err);
    let text = app.text(RUST);
    assert!(
        text.contains("const KP: f64 = 1.1;") && text.contains("throttle = 0.5;"),
        "{text}"
    );
    assert!(!text.contains("todo!("), "{text}");
}

#[test]
fn both_sides_of_a_conflict_are_there_to_choose_from() {
    let app = translated();
    app.edit(
        RUST,
        "const KP: f64 = 0.9;",
        "const KP: f64 = 0.8; // stable",
    );
    app.edit(PYTHON, "KP = 0.9", "KP = 1.1");
    let parts = [
        "1 conflict: src/tasks/pid.rs was merged",
        "--> src/tasks/pid.rs:14",
    ];
    app.says(&["translate", PYTHON], 1, &parts);
    let marked = "<<<<<<< src/tasks/pid.rs, edited by hand
const KP: f64 = 0.8; // stable
=======
const KP: f64 = 1.1;
>>>>>>> translated anew from python/pid.py
const KI";
    let text = app.text(RUST);
    assert!(text.contains(marked), "{text}");
    app.says(
        &["translate", PYTHON],
        2,
        &["src/tasks/pid.rs has an unresolved conflict in line 14"],
    );
    assert_eq!(app.text(RUST), text);
    app.put(
        RUST,
        &text.replace(marked, "const KP: f64 = 1.0;\nconst KI"),
    );
    app.says(
        &["translate", PYTHON],
        0,
        &["is up to date, with what was edited by hand"],
    );
    app.edit(PYTHON, "KI = 0.35", "KI = 0.4");
    app.says(&["translate", PYTHON], 0, &["was merged with"]);
    let text = app.text(RUST);
    assert!(
        text.contains("KP: f64 = 1.0;") && text.contains("KI: f64 = 0.4;"),
        "{text}"
    );
}

#[test]
fn an_edit_without_its_base_is_never_overwritten() {
    let app = translated();
    app.edit(RUST, "const KP: f64 = 0.9;", "const KP: f64 = 0.8;");
    let base = app.root().join(".migrate/base/src/tasks/pid.rs");
    std::fs::remove_file(&base).unwrap();
    // As long as nothing else is generated, there is nothing to lose.
    app.says(&["translate", PYTHON], 0, &["is up to date, with"]);
    assert!(base.is_file());
    std::fs::remove_file(&base).unwrap();
    app.edit(PYTHON, "KI = 0.35", "KI = 0.4");
    let text = app.text(RUST);
    app.says(
        &["translate", PYTHON],
        2,
        &["there is no `.migrate/base/` of it", "--stdout"],
    );
    app.says(
        &["translate", PYTHON, "--diff"],
        2,
        &["there is no `.migrate/base/` of it"],
    );
    // A base that the file was not made from would merge wrongly.
    app.put(".migrate/base/src/tasks/pid.rs", &generated(&app));
    app.says(
        &["translate", PYTHON],
        2,
        &["is not what it was made from", "same commit"],
    );
    assert_eq!(app.text(RUST), text);
}

#[test]
fn a_plain_module_is_merged_where_it_lies_in_an_app() {
    let app = App::of("pid");
    app.put(
        "python/filters.py",
        "def twice(x: float) -> float:\n    return 2.0 * x\n",
    );
    let args = [
        "translate",
        "python/filters.py",
        "--module",
        "-o",
        "src/filters.rs",
    ];
    app.says(&args, 0, &["wrote src/filters.rs"]);
    app.edit("src/filters.rs", "pub fn", "/// Mine.\npub fn");
    app.edit("python/filters.py", "2.0 * x", "3.0 * x");
    app.says(&args, 0, &["was merged with"]);
    let text = app.text("src/filters.rs");
    assert!(text.contains("/// Mine.") && text.contains("3.0"), "{text}");
    assert!(app.root().join(".migrate/base/src/filters.rs").is_file());
}
