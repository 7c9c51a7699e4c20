//! Bugs that are put into the Rust, each found at its CopperList and field.

use super::*;

#[test]
fn a_wrong_field_is_found_at_its_copperlist() {
    let mut app = App::new("pid");
    app.with_ctx().bug(
        "clamp(throttle, MAX_THROTTLE) as f32;",
        "clamp(throttle, MAX_THROTTLE) as f32 * if ctx.cl_id() == 221 { 1.0000001 } else { 1.0 };",
    );
    let v = app.verify();
    let d = v.divergence.as_ref().unwrap();
    assert_eq!((d.call, d.place), (Call::Process(221), Place::Output));
    assert_eq!(d.path, "command.throttle");
    assert_eq!(d.values.recorded, d.values.python);
    assert_ne!(d.values.python, d.values.rust);
    assert!(d.inputs[0].1.text.starts_with("{ setpoint: "), "{d:?}");
    assert!(
        d.state_before
            .as_ref()
            .unwrap()
            .text
            .starts_with("{ integral: ")
    );
    assert_eq!(v.outputs[0].python_rust.different, 1);
    assert_eq!(v.outputs[0].recorded_python.different, 0);
    assert_eq!(v.state.unwrap().different, 0);
}

#[test]
fn a_wrong_state_is_found_where_it_starts() {
    let mut app = App::new("pid");
    app.with_ctx().bug(
        "state.missed = 0;",
        "state.missed = if ctx.cl_id() == 110 { 2 } else { 0 };",
    );
    let found = app.divergence();
    let expected = (Call::Process(110), Place::State, "state.missed", "0", "2");
    assert_eq!(
        (found.0, found.1, &*found.2, &*found.3, &*found.4),
        expected
    );
}

#[test]
fn a_wrong_start_is_found_before_the_first_cycle() {
    let mut app = App::new("pid");
    app.bug("state.enabled = true;\n        Ok(())", "Ok(())");
    let found = app.divergence();
    let expected = (Call::Start, Place::State, "state.enabled", "true", "false");
    assert_eq!(
        (found.0, found.1, &*found.2, &*found.3, &*found.4),
        expected
    );
}

#[test]
fn a_missing_tov_and_a_missing_payload_are_found() {
    let mut app = App::new("summary");
    app.with_ctx().bug(
        "        odometry.tov = odometry_tov;",
        "        if ctx.cl_id() != 60 { odometry.tov = odometry_tov; }\n        \
         if ctx.cl_id() == 59 { odometry.clear_payload(); }",
    );
    let found = app.divergence();
    assert_eq!((found.0, found.1), (Call::Process(59), Place::Presence));
    assert_eq!((&*found.2, &*found.4), ("odometry", "no payload"));

    app.bug("ctx.cl_id() == 59", "false");
    let found = app.divergence();
    assert_eq!((found.0, found.1), (Call::Process(60), Place::Tov));
    assert_eq!(found.2, "odometry.tov");
}

#[test]
fn a_wrong_nested_field_of_the_second_output_is_found() {
    let mut app = App::new("summary");
    app.bug(
        "current: left_payload.current,",
        "current: [left_payload.current[0], -1.1, 0.25],",
    );
    let found = app.divergence();
    assert_eq!(found.1, Place::Output);
    assert_eq!(found.2, "trip_summary.current[2]");
}

#[test]
fn an_error_and_a_panic_are_found_at_their_copperlist() {
    let mut app = App::new("pid");
    app.bug_at_start("if ctx.cl_id() == 31 { return Err(\"no\".into()); }");
    let found = app.divergence();
    assert_eq!((found.0, found.1), (Call::Process(31), Place::Error));
    assert!(found.4.contains("no"), "{}", found.4);

    app.bug(
        "return Err(\"no\".into());",
        "todo!(\"MIG0203 python/pid.py:12: eval\");",
    );
    let found = app.divergence();
    assert_eq!((found.0, found.1), (Call::Process(31), Place::Panic));
    assert!(
        found.4.contains("MIG0203 python/pid.py:12: eval"),
        "{}",
        found.4
    );
    assert!(found.4.contains("src/tasks/pid.rs:"), "{}", found.4);
}

#[test]
fn a_recording_of_another_script_is_told_from_a_wrong_translation() {
    let mut app = App::new("pid");
    app.edit("python/pid.py", "KP = 0.9", "KP = 0.8")
        .translate();
    let v = app.verify();
    assert_eq!(v.verdict, Verdict::Equal);
    assert!(v.outputs[0].recorded_python.different > 0);
    assert_eq!(v.recording_divergence.unwrap().path, "command.throttle");
    assert!(v.notes[0].contains("recording differs"), "{:?}", v.notes);
}

#[test]
fn a_status_text_is_compared() {
    let mut app = App::new("pid");
    app.with_ctx().bug(
        "output.tov = input.tov;",
        "output.tov = input.tov;\n        if ctx.cl_id() == 64 { \
         output.metadata.set_status(\"slow\"); }",
    );
    let found = app.divergence();
    assert_eq!((found.0, found.1), (Call::Process(64), Place::Status));
    assert_eq!(found.2, "command.metadata.status_txt");
    assert_eq!((&*found.3, &*found.4), ("\"\"", "\"slow\""));
}

/// Both fail in as many calls, but not in the same ones.
#[test]
fn calls_that_fail_in_another_order_are_different() {
    let mut app = App::new("pid");
    let start = "def process(ctx, input, state, output):\n";
    app.edit(
        "python/pid.py",
        start,
        &format!("{start}    if ctx.cl_id in (30, 32):\n        raise ValueError('no')\n"),
    )
    .bug_at_start("if matches!(ctx.cl_id(), 30 | 31) { return Err(\"no\".into()); }");
    let v = app.verify();
    assert_eq!((v.errors.python, v.errors.rust), (2, 2));
    let d = v.divergence.unwrap();
    assert_eq!((d.call, d.place), (Call::Process(31), Place::Error));
}
