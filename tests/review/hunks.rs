//! Hunks: accepted, rejected, edited, skipped; with answers that are typed, and by name.

use super::{App, OTHER};

const RUST: &str = "src/tasks/other.rs";

/// An app whose Python changed in two places since it was translated.
fn changed() -> App {
    let app = App::new();
    app.migrate(&["translate", "python/other.py"]);
    let python = OTHER.replace("n += 1", "n += 2").replace("+ 1.0", "+ 9.5");
    app.put(
        "python/other.py",
        &format!("LIMIT = 3\n{python}    if state.n > LIMIT:\n        state.n = 0\n"),
    );
    app
}

fn ids(app: &App) -> Vec<(String, String, String)> {
    let said = app.migrate(&["review", "other", "--list"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let lines = said.out.lines().map(|line| {
        let mut words = line.split_whitespace().map(str::to_owned);
        let mut next = || words.next().unwrap();
        (next(), next(), next())
    });
    lines.collect()
}

#[test]
fn accepting_all_is_what_translate_does() {
    let (one, two) = (changed(), changed());
    two.migrate(&["translate", "python/other.py"]);
    let said = one.answered(&["review", "other", "-i"], &"y\n".repeat(20));
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(one.text(RUST), two.text(RUST));
    assert_eq!(
        one.text(".migrate/base/src/tasks/other.rs"),
        two.text(".migrate/base/src/tasks/other.rs")
    );
    assert!(ids(&one).is_empty());
    let said = one.migrate(&["review", "other", "-i"]);
    assert!(said.err.contains("nothing would change"), "{}", said.err);

    let new = App::new();
    let said = new.migrate(&["review", "other", "--accept", "all"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let other = App::new();
    other.migrate(&["translate", "python/other.py"]);
    assert_eq!(new.text(RUST), other.text(RUST));
}

#[test]
fn rejecting_all_keeps_the_code_and_is_not_asked_again() {
    let app = changed();
    let code = |app: &App| {
        let text = app.text(RUST);
        let lines = text.lines().filter(|line| !line.starts_with("//! "));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let before = code(&app);
    let said = app.migrate(&["review", "other", "--reject", "all"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(code(&app), before);
    assert!(ids(&app).is_empty());
    let said = app.migrate(&["translate", "python/other.py"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(code(&app), before, "what was rejected does not come back");
}

#[test]
fn a_review_can_be_left_and_taken_up() {
    let app = changed();
    let all = ids(&app);
    assert!(all.len() >= 2, "{all:?}");
    let said = app.answered(&["review", "other", "-i"], "?\nn\ns\nq\n");
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(
        said.err
            .contains("accept it and all later hunks of its kind")
    );
    assert!(
        said.err
            .contains("hunks of src/tasks/other.rs are undecided"),
        "{}",
        said.err
    );
    let now = ids(&app);
    assert_eq!(now[0].2, "rejected", "{now:?}");
    assert!(now[1..].iter().all(|hunk| hunk.2 == "undecided"), "{now:?}");
    let said = app.answered(&["review", "other", "-i"], &"y\n".repeat(20));
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(
        !said.err.contains(&all[0].0),
        "it is not asked again: {}",
        said.err
    );
    assert!(ids(&app).is_empty());

    let said = changed().migrate(&["review", "other", "-i"]);
    assert_eq!(said.code, 1);
    assert!(
        said.err
            .contains("--accept, --reject and --list do the same"),
        "{}",
        said.err
    );
}

#[test]
fn decisions_are_forgotten_on_demand() {
    let app = changed();
    app.answered(&["review", "other", "-i"], "n\nq\n");
    assert_eq!(ids(&app)[0].2, "rejected");
    app.migrate(&["review", "other", "--forget"]);
    assert!(ids(&app).iter().all(|hunk| hunk.2 == "undecided"));
}

#[test]
fn edits_by_hand_stay_and_hunks_can_be_edited() {
    let app = changed();
    let text = app
        .text(RUST)
        .replace("Ok(())", "// by hand\n        Ok(())");
    app.put(RUST, &text);
    let hunk = ids(&app).remove(0);
    app.migrate(&["review", "other", "--accept", &hunk.0]);
    assert!(app.text(RUST).contains("// by hand"), "{}", app.text(RUST));
    let python = app.text("python/other.py").replace("9.5", "9.5  # one");
    app.put("python/other.py", &python);
    let said = app.answered(&["review", "other", "-i"], &"e\n".repeat(20));
    assert_eq!(said.code, 0, "{}", said.err);
    let text = app.text(RUST);
    assert!(
        text.contains("// edited") && text.contains("// by hand"),
        "{text}"
    );
    let again = app.migrate(&["translate", "python/other.py"]);
    assert_eq!(again.code, 0, "{}", again.err);
    assert_eq!(app.text(RUST), text);
}

#[test]
fn hunks_are_decided_by_kind_and_the_more_exact_name_goes_first() {
    let app = changed();
    let all = ids(&app);
    let (id, kind, _) = &all[0];
    let said = app.migrate(&["review", "other", "--accept", kind, "--reject", id, "all"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(ids(&app).is_empty());
    let said = app.migrate(&["review", "other", "--accept", "ffff0000"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("no hunk `ffff0000`"), "{}", said.err);
}

#[test]
fn a_new_file_is_written_when_all_of_it_is_decided() {
    let app = App::new();
    let all = ids(&app);
    assert!(all.len() > 2, "{all:?}");
    let said = app.migrate(&["review", "other", "--accept", &all[0].0]);
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(!app.root().join(RUST).exists());
    assert_eq!(ids(&app)[0].2, "accepted");
    app.migrate(&["review", "other", "--accept", "all"]);
    assert!(app.root().join(RUST).exists());
}

#[test]
fn a_conflict_is_decided_like_any_hunk() {
    let conflict = || {
        let app = changed();
        let text = app.text(RUST);
        assert!(text.contains("1.0"), "{text}");
        app.put(RUST, &text.replace("1.0", "1.25"));
        app
    };
    let app = conflict();
    assert!(
        ids(&app).iter().any(|hunk| hunk.1 == "conflict"),
        "{:?}",
        ids(&app)
    );
    let said = app.migrate(&["review", "other", "--accept", "all"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let text = app.text(RUST);
    assert!(text.contains("9.5") && !text.contains("<<<<"), "{text}");
    assert!(ids(&app).is_empty());

    let app = conflict();
    app.migrate(&["review", "other", "--reject", "conflict", "--accept", "all"]);
    let text = app.text(RUST);
    assert!(text.contains("1.25") && !text.contains("<<<<"), "{text}");
    assert!(ids(&app).is_empty(), "{:?}", ids(&app));
}
