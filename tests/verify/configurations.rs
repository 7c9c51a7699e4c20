//! Logs whose own configuration says that they hold too little. The configuration of a real
//! log is rewritten in place: it is text, and its indentation makes room.

use super::*;

/// A copy of the recorded log that says something else of how it was recorded.
fn reconfigured(app: &App, from: &str, to: &str) -> PathBuf {
    let mut bytes = fs::read(app.root.join("logs/run_0.copper")).unwrap();
    let find = |bytes: &[u8], words: &[u8]| {
        let mut at = bytes.windows(words.len());
        at.position(|window| window == words).unwrap()
    };
    let start = find(&bytes, b"(\n    constants: None");
    let end = find(&bytes, b"includes: None,\n)");
    let text = String::from_utf8(bytes[start..end].to_vec()).unwrap();
    assert!(text.contains(from), "{text}");
    let mut text = text.replacen(from, to, 1);
    while text.len() > end - start {
        let at = text.find("  ").unwrap();
        text.remove(at);
    }
    text.push_str(&" ".repeat(end - start - text.len()));
    bytes[start..end].copy_from_slice(text.as_bytes());
    fs::write(app.root.join("logs/other_0.copper"), bytes).unwrap();
    app.root.join("logs/other.copper")
}

#[test]
fn a_log_that_holds_too_little_is_refused() {
    let mut app = App::new("pid");
    for (from, to, words) in [
        (
            "logging: None",
            "logging: (enable_task_logging: false)",
            "`enable_task_logging: false`",
        ),
        (
            "type: \"tasks::SpeedSensor\",",
            "type: \"tasks::SpeedSensor\", logging: (enabled: false),",
            "`sensor` was not logged",
        ),
        (
            "type: \"tasks::PidTask\",",
            "type: \"tasks::PidTask\", logging: (enabled: false),",
            "`pid` was not logged",
        ),
        (
            "type: \"tasks::PidTask\",",
            "type: \"tasks::PidTask\", background: true,",
            "`background: true`",
        ),
        (
            "id: \"motor\"",
            "id: \"wheel\"",
            "the log's own configuration cannot be read",
        ),
        (
            "msg: \"crate::tasks::Command\"",
            "msg: \"crate::tasks::Control\"",
            "another task graph: only the log connects pid to motor",
        ),
    ] {
        let options = Options {
            log: reconfigured(&app, from, to),
            ..app.options()
        };
        let v = app.try_verify(&options).unwrap();
        let Verdict::Inconclusive(reason) = &v.verdict else {
            panic!("{to}: {:?}", v.verdict)
        };
        assert!(reason.contains(words), "{to}: {reason}");
        assert_eq!(v.cycles, 0);
    }
    // A sink that was not logged changes nothing.
    let to = "type: \"tasks::Motor\", logging: (enabled: false),";
    let options = Options {
        log: reconfigured(&app, "type: \"tasks::Motor\",", to),
        ..app.options()
    };
    assert_eq!(app.try_verify(&options).unwrap().verdict, Verdict::Equal);
    // Another script than was recorded.
    let options = Options {
        log: reconfigured(&app, "python/pid.py", "python/old.py"),
        ..app.options()
    };
    app.edit("python/pid.py", "KP = 0.9", "KP = 0.8")
        .translate();
    let v = app.try_verify(&options).unwrap();
    assert_eq!(v.verdict, Verdict::Equal);
    let note = format!(
        "the log's configuration names python/old.py, another script than python/pid.py with \
         the hash {}",
        v.script_hash
    );
    assert!(v.notes.iter().any(|n| n.contains(&note)), "{:?}", v.notes);
}
