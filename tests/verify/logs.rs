//! Logs of every kind, each recorded by the app or made by damaging a recorded one, and
//! what is concluded from it.

use super::*;
use std::process::Command;
use std::sync::OnceLock;

/// A program that records the pid app as a test wants it; see `recorder.rs`.
fn recorder() -> &'static Path {
    static RECORDER: OnceLock<PathBuf> = OnceLock::new();
    RECORDER.get_or_init(|| build_recorder("pid-recorder", &|_| {}))
}

/// The same for the app with two missions, of which it records the second.
fn mission_recorder() -> &'static Path {
    static RECORDER: OnceLock<PathBuf> = OnceLock::new();
    RECORDER.get_or_init(|| {
        build_recorder("pid-mission-recorder", &|edit| {
            edit("copperconfig.ron", "(\n    tasks", MISSIONS);
            let source = "src/recorder.rs";
            edit(
                source,
                "PidApplication::builder",
                "park::PidApplication::builder",
            );
            edit(source, "cumsgs::CuSt", "cumsgs::park::CuSt");
        })
    })
}

const MISSIONS: &str = "(\n    missions: [(id: \"drive\"), (id: \"park\")],\n    tasks";

type Edit<'e> = &'e dyn Fn(&str, &str, &str);

fn build_recorder(name: &str, change: &dyn Fn(Edit<'_>)) -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    copy(&manifest.join("fixtures/apps/pid"), &root);
    fs::copy(
        manifest.join("tests/verify/recorder.rs"),
        root.join("src/recorder.rs"),
    )
    .unwrap();
    let edit = |path: &str, from: &str, to: &str| {
        let text = fs::read_to_string(root.join(path)).unwrap();
        assert!(text.contains(from), "{path}: {from}");
        fs::write(root.join(path), text.replacen(from, to, 1)).unwrap();
    };
    edit(
        "Cargo.toml",
        "[features]",
        &format!(
            "[profile.dev]\ndebug = false\npanic = \"unwind\"\n\n[[bin]]\nname = \
             \"{name}\"\npath = \"src/recorder.rs\"\n\n[features]"
        ),
    );
    edit(
        "copperconfig.ron",
        "    cnx: [",
        "    monitors: [(type: \"crate::Aborts\")],\n    cnx: [",
    );
    edit(
        "src/tasks.rs",
        "        let phase = ",
        "        if FAILING.lock().is_ok_and(|failing| failing.contains(&cycle)) {\n            \
         return Err(\"the sensor fails\".into());\n        }\n        let phase = ",
    );
    edit(
        "src/tasks.rs",
        "/// The controller",
        "/// The CopperLists in which the sensor fails.\npub static FAILING: \
         std::sync::Mutex<std::ops::Range<u64>> = std::sync::Mutex::new(0..0);\n\n/// The \
         controller",
    );
    change(&edit);
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("verify-target");
    let built = Command::new("cargo")
        .args(["build", "--quiet", "--bin", name])
        .current_dir(&root)
        .env("CARGO_TARGET_DIR", &target)
        .env("PYO3_PYTHON", interpreter())
        .status()
        .unwrap();
    assert!(built.success());
    target.join("debug").join(name)
}

pub fn python(expression: &str) -> String {
    let code = format!("import sys, sysconfig; print({expression})");
    let output = Command::new("python3")
        .args(["-c", &code])
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The interpreter as the harness is built with, so that nothing is built twice.
pub fn interpreter() -> String {
    python("__import__('os').path.realpath(getattr(sys, '_base_executable', sys.executable))")
}

fn record(app: &App, arguments: &[&str]) {
    record_with(recorder(), app, arguments);
}

fn record_with(recorder: &Path, app: &App, arguments: &[&str]) {
    let library = python("sysconfig.get_config_var('LIBDIR')");
    let status = Command::new(recorder)
        .args(arguments)
        .current_dir(&app.root)
        .env("LD_LIBRARY_PATH", library)
        .stderr(std::process::Stdio::null())
        .status()
        .unwrap();
    assert!(
        status.success() || arguments.contains(&"crash"),
        "{arguments:?}"
    );
}

impl App {
    /// Verifies on a log of the app.
    fn on(&mut self, log: &str) -> Verification {
        let options = Options {
            log: self.root.join(log),
            ..self.options()
        };
        self.try_verify(&options).unwrap_or_else(|e| panic!("{e}"))
    }

    fn reason_on(&mut self, log: &str) -> String {
        match self.on(log).verdict {
            Verdict::Inconclusive(reason) => reason,
            other => panic!("{other:?}"),
        }
    }

    /// Changes the bytes of the recorded log.
    fn damage(&self, log: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let from = self.root.join("logs/run_0.copper");
        let mut bytes = fs::read(from).unwrap();
        change(&mut bytes);
        let to = log.replace(".copper", "_0.copper");
        fs::write(self.root.join(to), bytes).unwrap();
    }
}

/// The sections of a log: offset and kind, by their magic.
fn sections(bytes: &[u8]) -> Vec<(usize, u8)> {
    let starts = (0..bytes.len()).step_by(512);
    starts
        .filter(|at| bytes[*at..].starts_with(&[0xFA, 0x57, 0xfb, 0x00, 0x02]))
        .map(|at| (at, bytes[at + 5]))
        .collect()
}

/// `UnifiedLogType::CopperList`
const COPPER_LIST: u8 = 2;

#[test]
fn several_slabs_a_link_and_a_log_without_close_are_replayed() {
    let mut app = App::new("pid");
    record(&app, &["record", "logs/slabs.copper", "400", "1"]);
    assert!(app.root.join("logs/slabs_3.copper").is_file());
    let v = app.on("logs/slabs.copper");
    assert_eq!((v.verdict, v.cycles), (Verdict::Equal, 400));
    #[cfg(unix)]
    std::os::unix::fs::symlink("slabs_0.copper", app.root.join("logs/latest.copper")).unwrap();
    let v = app.on("logs/latest.copper");
    assert_eq!((v.verdict, v.cycles), (Verdict::Equal, 400));

    fs::remove_file(app.root.join("logs/slabs_3.copper")).unwrap();
    let options = Options {
        log: app.root.join("logs/slabs.copper"),
        ..app.options()
    };
    let error = app.try_verify(&options).unwrap_err();
    assert_eq!(error.exit_code(), 3);
    assert!(
        error.to_string().contains("slabs_3.copper is missing"),
        "{error}"
    );

    record(&app, &["record", "logs/crash.copper", "150", "11", "crash"]);
    let v = app.on("logs/crash.copper");
    assert_eq!((v.verdict, v.cycles), (Verdict::Equal, 150));
    assert!(!v.log_facts.clean_close);
    assert!(v.notes.iter().any(|n| n.contains("not closed properly")));
}

#[test]
fn of_several_runs_one_has_to_be_chosen() {
    let mut app = App::new("pid");
    record(&app, &["record", "logs/runs.copper", "150", "11"]);
    record(&app, &["record", "logs/runs.copper", "120", "11", "append"]);
    let reason = app.reason_on("logs/runs.copper");
    assert!(
        reason.contains("the log holds 2 runs: choose one of --run 0"),
        "{reason}"
    );
    for (run, cycles) in [(0, 150), (1, 120)] {
        let options = Options {
            log: app.root.join("logs/runs.copper"),
            run: Some(run),
            ..app.options()
        };
        let v = app.try_verify(&options).unwrap();
        assert_eq!(
            (v.verdict, v.cycles, v.log_facts.run),
            (Verdict::Equal, cycles, Some(run))
        );
    }
    let options = Options {
        log: app.root.join("logs/runs.copper"),
        run: Some(2),
        ..app.options()
    };
    let v = app.try_verify(&options).unwrap();
    assert_eq!(v.verdict.exit_code(), 3);
}

#[test]
fn aborted_copperlists_are_told_from_others() {
    let mut app = App::new("pid");
    record(
        &app,
        &["record", "logs/abort.copper", "200", "11", "fail=50..60"],
    );
    let v = app.on("logs/abort.copper");
    assert_eq!(
        (v.verdict, v.cycles, v.log_facts.aborted),
        (Verdict::Equal, 190, 10)
    );
    assert_eq!(v.outputs[0].recorded_python.different, 0);
    record(
        &app,
        &["record", "logs/all.copper", "20", "11", "fail=0..99"],
    );
    let reason = app.reason_on("logs/all.copper");
    assert!(
        reason.contains("all 20 CopperLists of the log were aborted"),
        "{reason}"
    );
    record(&app, &["record", "logs/none.copper", "0", "11"]);
    let reason = app.reason_on("logs/none.copper");
    assert!(reason.contains("holds no CopperList"), "{reason}");
}

#[test]
fn after_a_gap_the_replay_goes_on_from_a_keyframe() {
    let mut app = App::new("pid");
    let from = "logs/run.copper";
    record(
        &app,
        &["drop", from, "logs/gap.copper", "130..140", "250..260"],
    );
    let v = app.on("logs/gap.copper");
    assert_eq!((v.verdict, v.cycles), (Verdict::Equal, 280));
    assert_eq!(
        (v.log_facts.missing, &*v.log_facts.resumed),
        (20, &[200, 300][..])
    );
    assert_eq!(v.outputs[0].recorded_python.different, 0);
    assert_eq!(v.keyframes.recorded_rust.different, 0);

    // The first CopperLists were overwritten.
    record(&app, &["drop", from, "logs/late.copper", "0..50"]);
    let v = app.on("logs/late.copper");
    assert_eq!((v.verdict, v.range), (Verdict::Equal, Some((100, 399))));
    assert!(
        v.recording_divergence.is_none(),
        "{:?}",
        v.recording_divergence
    );

    record(&app, &["drop", from, "logs/end.copper", "330..340"]);
    let reason = app.reason_on("logs/end.copper");
    assert!(reason.contains("CopperLists are missing"), "{reason}");

    // A task that keeps more than its state cannot take it over.
    app.bug(
        "    state: PidState,",
        "    state: PidState,\n    cycles: u64,",
    )
    .bug(
        "state: PidState::default(),",
        "state: PidState::default(),\n            cycles: 0,",
    );
    let reason = app.reason_on("logs/gap.copper");
    assert!(
        reason.contains("CopperList 140 follows where 130 was due"),
        "{reason}"
    );
}

#[test]
fn damaged_logs_are_never_equal() {
    let mut app = App::new("pid");
    let bytes = fs::read(app.root.join("logs/run_0.copper")).unwrap();
    let lists: Vec<usize> = sections(&bytes)
        .into_iter()
        .filter(|(_, kind)| *kind == COPPER_LIST)
        .map(|(at, _)| at)
        .collect();
    assert!(!lists.is_empty(), "{:?}", sections(&bytes));
    let first = lists[0];

    // The payload: an id that does not follow.
    app.damage("logs/payload.copper", |bytes| {
        bytes[first + 512 + 5000..first + 512 + 5064].fill(0xfd);
    });
    let reason = app.reason_on("logs/payload.copper");
    assert!(reason.contains("damaged after CopperList"), "{reason}");

    // The header of the section.
    app.damage("logs/header.copper", |bytes| bytes[first] = 0);
    let reason = app.reason_on("logs/header.copper");
    assert!(reason.contains("a section's header"), "{reason}");

    // The metadata.
    app.damage("logs/metadata.copper", |bytes| bytes[512] = 0);
    let reason = app.reason_on("logs/metadata.copper");
    assert!(reason.contains("cannot be read"), "{reason}");

    // Half of it.
    app.damage("logs/half.copper", |bytes| bytes.truncate(bytes.len() / 2));
    let reason = app.reason_on("logs/half.copper");
    assert!(reason.contains("cannot be read"), "{reason}");

    for (name, content) in [
        ("odd", &bytes[..1000]),
        ("text", b"hello, world"),
        ("empty", b""),
    ] {
        fs::write(app.root.join(format!("logs/{name}_0.copper")), content).unwrap();
        let options = Options {
            log: app.root.join(format!("logs/{name}.copper")),
            ..app.options()
        };
        let error = app.try_verify(&options).unwrap_err();
        assert_eq!(error.exit_code(), 3, "{name}: {error}");
    }
}

#[test]
fn message_types_that_have_changed_are_noticed() {
    let mut app = App::new("pid");
    app.edit(
        "src/tasks.rs",
        "    value: f32,\n}",
        "    value: f32,\n    pub samples: Vec<u64>,\n}",
    );
    app.edit(
        "src/tasks.rs",
        "            value: setpoint",
        "            samples: vec![],\n            value: setpoint",
    );
    let reason = app.inconclusive();
    assert!(
        reason.contains("not laid out as the app's messages are"),
        "{reason}"
    );
    assert!(reason.contains("by pid 0.1.0"), "{reason}");
}

#[test]
fn the_mission_of_the_log_is_replayed() {
    let mut app = App::new("pid");
    app.edit("copperconfig.ron", "(\n    tasks", MISSIONS);
    let recorder = mission_recorder();
    record_with(recorder, &app, &["record", "logs/park.copper", "150", "11"]);
    let v = app.on("logs/park.copper");
    assert_eq!((v.verdict, v.cycles), (Verdict::Equal, 150));
    assert_eq!(v.log_facts.mission.as_deref(), Some("park"));
    let other = Options {
        log: app.root.join("logs/park.copper"),
        mission: Some("drive".into()),
        ..app.options()
    };
    let v = app.try_verify(&other).unwrap();
    assert_eq!(v.verdict.exit_code(), 3);
    assert!(plain(&v).contains("of the mission `park`"));
    // A log of the app as it was before it had missions.
    let reason = app.inconclusive();
    assert!(reason.contains("mission `default`"), "{reason}");
}

/// Recorded by the pid app with Copper's feature `self-describing-logs`.
#[test]
fn a_log_that_describes_its_types_is_replayed_and_refused_like_any_other() {
    let mut app = App::new("pid");
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/logs/described_0.copper");
    fs::copy(fixture, app.root.join("logs/described_0.copper")).unwrap();
    let v = app.on("logs/described.copper");
    assert_eq!((&v.verdict, v.cycles), (&Verdict::Equal, 200));
    assert!(v.log_facts.self_describing);
    assert_eq!(v.outputs[0].recorded_rust.equal, 200);

    // The log is older than the message's third field.
    app.edit(
        "src/tasks.rs",
        "pub saturated: bool,\n}",
        "pub saturated: bool,\n    pub reasons: Vec<u64>,\n}",
    );
    let reason = app.reason_on("logs/described.copper");
    assert!(
        reason.contains("not laid out as the app's messages are"),
        "{reason}"
    );
}

/// Both are read as f32: the log cannot be told from one of this layout, but its outputs can.
#[test]
fn fields_that_were_exchanged_show_as_another_recording() {
    let mut app = App::new("pid");
    app.edit(
        "src/tasks.rs",
        "    setpoint: f32,\n    value: f32,\n",
        "    value: f32,\n    setpoint: f32,\n",
    );
    let v = app.verify();
    assert_eq!(v.verdict, Verdict::Equal);
    assert!(v.outputs[0].recorded_python.different > 300);
    let note = &v.notes[0];
    assert!(
        note.contains("recording differs") && note.contains("or of the messages' fields"),
        "{note}"
    );
}
