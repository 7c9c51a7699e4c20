//! What proves nothing is never equal.

use super::*;

#[test]
fn a_hole_that_the_log_does_not_reach_is_never_equal() {
    let mut app = App::new("pid");
    app.bug_at_start("if ctx.cl_id() > 1000 { todo!(\"MIG0203 python/pid.py:12: eval\"); }");
    let reason = app.inconclusive();
    assert!(
        reason.contains("MIG0203 python/pid.py:12: eval"),
        "{reason}"
    );
}

#[test]
fn a_python_that_always_fails_proves_nothing() {
    let mut app = App::new("pid");
    app.edit(
        "python/pid.py",
        "    if input.payload is None:",
        "    raise ValueError('worn out')\n    if input.payload is None:",
    )
    .bug_at_start("if ctx.cl_id() < 1000 { return Err(\"worn out\".into()); }");
    let v = app.verify();
    assert_eq!(v.verdict.exit_code(), 3);
    assert_eq!((v.errors.python, v.errors.rust), (400, 400));
    let Verdict::Inconclusive(reason) = &v.verdict else {
        panic!("{:?}", v.verdict)
    };
    assert!(reason.contains("every one of the 400 cycles"), "{reason}");
    assert!(reason.contains("worn out"), "{reason}");
}

#[test]
fn logs_that_prove_nothing_are_refused() {
    let mut app = App::new("pid");
    let missing = Options {
        log: app.root.join("logs/none.copper"),
        ..app.options()
    };
    let error = app.try_verify(&missing).unwrap_err();
    assert_eq!(error.exit_code(), 3);
    assert!(error.to_string().contains("none.copper"), "{error}");

    let log = app.root.join("logs/run_0.copper");
    let whole = fs::read(&log).unwrap();
    fs::write(&log, &whole[..whole.len() / 2]).unwrap();
    let reason = app.inconclusive();
    assert!(reason.contains("cannot be read"), "{reason}");

    let other =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/apps/summary/logs/run_0.copper");
    fs::copy(other, &log).unwrap();
    let reason = app.inconclusive();
    assert!(reason.contains("another task graph"), "{reason}");
}
