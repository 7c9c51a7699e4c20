//! Rules of comparison, runs of the Python that differ, coverage.

use super::*;
use copper_migrate::verify::Against;

#[test]
fn a_rule_of_migrate_toml_lets_pass_what_it_says() {
    let mut app = App::new("pid");
    app.with_ctx().bug(
        "clamp(throttle, MAX_THROTTLE) as f32;",
        "clamp(throttle, MAX_THROTTLE) as f32 * if ctx.cl_id() == 221 { 1.0000001 } else { 1.0 };",
    );
    app.write(
        "migrate.toml",
        "[verify.compare]\n\"command.throttle\" = { ulps = 2 }\n\"commando.throttle\" = \"exact\"\n",
    );
    let v = app.verify();
    assert_eq!(v.verdict, Verdict::Equal);
    assert_eq!((v.rules[0].accepted, v.rules[0].cycles), (1, 1));
    assert!(
        v.notes
            .iter()
            .any(|n| n.contains("`commando.throttle` fits nothing"))
    );
    let text = plain(&v);
    assert!(text.contains("by the rules below"), "{text}");
    assert!(
        text.contains("rule command.throttle: ulps = 2, let 1 values in 1 cycles pass"),
        "{text}"
    );

    app.write(
        "migrate.toml",
        "[verify.compare]\n\"command.throttle\" = { ulp = 2 }\n",
    );
    let options = app.options();
    let error = app.try_verify(&options).unwrap_err();
    assert!(error.to_string().contains("migrate.toml"), "{error}");
}

#[test]
fn a_python_that_is_not_deterministic_is_not_blamed_on_rust() {
    let mut app = App::new("pid");
    app.edit("python/pid.py", "KP = 0.9", "import random\n\nKP = 0.9")
        .edit(
            "python/pid.py",
            "    output.tov = input.tov",
            // No two runs agree by chance where the first one differs from the Rust.
            "    if random.random() < 0.1:\n        output.payload.throttle = random.random()\n    \
             output.tov = input.tov",
        );
    let v = app.verify();
    let Verdict::Inconclusive(reason) = &v.verdict else {
        panic!("{:?}", v.verdict)
    };
    assert!(
        reason.contains("not deterministic: `command.throttle`"),
        "{reason}"
    );
    assert_eq!(v.nondeterministic.len(), 1);
    let note = v
        .notes
        .iter()
        .find(|n| n.contains("two runs of the Python differ"))
        .unwrap();
    assert!(
        note.contains("python/pid.py:48 random (random.random)"),
        "{note}"
    );

    drop(app);

    // The order of a set of strings hangs on the hash seed.
    let mut app = App::new("pid");
    app.edit(
        "python/pid.py",
        "    output.payload.saturated = ",
        "    for name in {'a', 'b', 'c', 'd', 'e', 'f'}:\n        first = name\n    \
         output.payload.throttle += ord(first)\n    output.payload.saturated = ",
    );
    let v = app.verify();
    assert_eq!(v.verdict.exit_code(), 3);
    let note = v
        .notes
        .iter()
        .find(|n| n.contains("two runs of the Python differ"))
        .unwrap();
    assert!(note.contains("hash order"), "{note}");
}

#[test]
fn what_the_log_executes_is_counted_and_may_be_demanded() {
    let mut app = App::new("pid");
    app.edit(
        "python/pid.py",
        "    state.missed = 0\n    state.enabled",
        "    if input.payload.value > 1e9:\n        state.missed = 0\n    state.missed = 0\n    \
         state.enabled",
    )
    .translate();
    let v = app.verify();
    assert_eq!(v.verdict, Verdict::Equal);
    let coverage = v.coverage.as_ref().unwrap();
    assert_eq!(
        coverage.words(),
        "9 of 10 branches; never taken: python/pid.py:32"
    );
    assert_eq!(coverage.never[0].text, "input.payload.value > 1e9");
    assert_eq!(
        coverage.missed_lines,
        [("python/pid.py".to_owned(), vec![33])]
    );

    let options = Options {
        min_coverage: Some(95.0),
        ..app.options()
    };
    let v = app.try_verify(&options).unwrap();
    assert_eq!(v.verdict.exit_code(), 3);
    assert!(plain(&v).contains("executes 9 of 10 branches"));
}

#[test]
fn against_the_recording_no_python_runs() {
    let mut app = App::new("pid");
    fs::remove_file(app.root.join("python/pid.py")).unwrap();
    let options = Options {
        against: Against::Recorded,
        ..app.options()
    };
    let v = app.try_verify(&options).unwrap();
    assert_eq!((v.verdict, v.cycles), (Verdict::Equal, 400));
    assert_eq!(v.outputs[0].recorded_rust.equal, 400);
    assert!(v.python.is_none());

    app.bug("state.missed = 0;", "state.missed = 2;");
    let v = app.try_verify(&options).unwrap();
    assert_eq!(v.verdict, Verdict::Different);
}

#[test]
fn in_lockstep_a_wrong_state_counts_once() {
    let mut app = App::new("pid");
    app.with_ctx().bug(
        "state.last_error = Some(error as f32);",
        "state.last_error = Some(error as f32);\n        if ctx.cl_id() == 110 { state.integral += 0.01; }",
    );
    let v = app.verify();
    let d = v.divergence.as_ref().unwrap();
    assert_eq!(
        (d.call, d.place, &*d.path),
        (Call::Process(110), Place::State, "state.integral")
    );
    let lockstep = v.lockstep.unwrap();
    assert_eq!((lockstep.equal, lockstep.different), (399, 1));
    assert!(v.state.unwrap().different > 10);
    assert_eq!(v.keyframes.recorded_python.different, 0);
}

#[test]
fn what_helpers_and_classes_execute_is_counted_too() {
    let mut app = App::new("pid");
    app.write(
        "python/limits.py",
        "class Limits:\n    def __init__(self, most):\n        self.most = most\n\n    def \
         keep(self, value):\n        if value > 1e9:\n            return 0.0\n        return max(\
         -self.most, min(self.most, value))\n",
    );
    app.edit(
        "python/pid.py",
        "KP = 0.9",
        "import sys\n\nsys.path.insert(0, 'python')\nfrom limits import Limits\n\nKP = 0.9",
    )
    .edit(
        "python/pid.py",
        "    return max(-limit, min(limit, value))",
        "    return Limits(limit).keep(value)",
    );
    let v = app.verify();
    assert_eq!(v.verdict, Verdict::Equal);
    let coverage = v.coverage.unwrap();
    let words = "9 of 10 branches; never taken: python/limits.py:6";
    assert_eq!(coverage.words(), words);
    assert_eq!(
        coverage.missed_lines,
        [("python/limits.py".to_owned(), vec![7])]
    );
}

/// A machine for CI: no Python, and an app that is rid of its Python tasks.
#[cfg(unix)]
#[test]
fn a_machine_without_python_compares_with_the_recording() {
    let app = App::new("pid");
    app.wire();
    app.edit("Cargo.toml", "cu-python-task = \"~1.3.0\"\n", "");
    fs::remove_dir_all(app.root.join("python")).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = faults::stand_in(&dir.path().join("bin"), "python3", "exit 127");
    let _ = faults::stand_in(&dir.path().join("bin"), "python", "exit 127");
    let output = faults::verify_command(&app)
        .args(["--against", "recorded"])
        .env("PATH", &path)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{text}{errors}");
    assert!(
        text.contains("did what was recorded in all 400 cycles"),
        "{text}"
    );
    assert!(errors.contains("runs no Python"), "{errors}");
    let output = faults::verify_command(&app)
        .env("PATH", path)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
}
