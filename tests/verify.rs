//! `verify` on the fixture apps: real logs, real Python, a real build of the harness. The
//! Rust is what `translate` makes of the app's Python, with a bug put in where one is to be
//! found.
//!
//! Every test builds into one target directory, so that Copper is compiled once; and one
//! after the other, because the harnesses of copies of an app share a binary's name.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use copper_migrate::error::Error;
use copper_migrate::pipeline;
use copper_migrate::project::{Project, PythonMode, TaskId};
use copper_migrate::report::{Report, json, text};
use copper_migrate::verify::{Call, Options, Place, Verdict, Verification, verify};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// A copy of a fixture app, with the translation of its task.
struct App {
    root: PathBuf,
    task: &'static str,
    before: BTreeMap<PathBuf, Vec<u8>>,
    _alone: MutexGuard<'static, ()>,
}

impl App {
    fn new(task: &'static str) -> Self {
        let app = Self::of(task, task);
        app.translate();
        app
    }

    /// A copy of an app of several tasks, one of which is looked at; not translated yet.
    fn of(name: &str, task: &'static str) -> Self {
        let alone = ONE_AT_A_TIME
            .lock()
            .unwrap_or_else(|poison| poison.into_inner());
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("verify-apps")
            .join(name);
        for entry in fs::read_dir(&root).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("target") {
                fs::remove_dir_all(path).unwrap();
            }
        }
        copy(&manifest.join("fixtures/apps").join(name), &root);
        Self {
            root,
            task,
            before: BTreeMap::new(),
            _alone: alone,
        }
    }

    fn native(&self) -> String {
        format!("src/tasks/{}.rs", self.task)
    }

    /// Writes the translation of the Python as it is now.
    fn translate(&self) {
        let project = Project::load(&self.root).unwrap();
        let translation = pipeline::translate(&project, &TaskId(self.task.into())).unwrap();
        assert_eq!(translation.holes(), 0);
        for file in translation.files {
            self.write(file.path.to_str().unwrap(), &file.text);
        }
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn edit(&self, path: &str, from: &str, to: &str) -> &Self {
        let text = fs::read_to_string(self.root.join(path)).unwrap();
        assert!(text.contains(from), "{path} has no {from}");
        self.write(path, &text.replace(from, to));
        self
    }

    /// Edits the native version.
    fn bug(&self, from: &str, to: &str) -> &Self {
        self.edit(&self.native(), from, to)
    }

    /// Puts a statement at the start of `process`, which can use `ctx`.
    fn bug_at_start(&self, statement: &str) -> &Self {
        let end = "output: &mut Self::Output<'_>,\n    ) -> CuResult<()> {\n";
        self.with_ctx()
            .bug(end, &format!("{end}        {statement}\n"))
    }

    /// Lets `process` use `ctx`.
    fn with_ctx(&self) -> &Self {
        self.bug(
            "_ctx: &CuContext,\n        input",
            "ctx: &CuContext,\n        input",
        )
    }

    fn options(&self) -> Options {
        Options {
            log: self.root.join("logs/run.copper"),
            target_dir: Some(Path::new(env!("CARGO_TARGET_TMPDIR")).join("verify-target")),
            ..Options::default()
        }
    }

    fn try_verify(&mut self, options: &Options) -> Result<Verification, Error> {
        self.before = snapshot(&self.root);
        let project = Project::load(&self.root).unwrap();
        let result = verify(&project, &TaskId(self.task.into()), options);
        let after = snapshot(&self.root);
        assert!(self.before == after, "a file of the app has changed");
        if let Ok(verification) = &result {
            println!("{}", plain(verification));
        }
        result
    }

    fn verify(&mut self) -> Verification {
        let options = self.options();
        self.try_verify(&options).unwrap_or_else(|e| panic!("{e}"))
    }

    /// Verifies, and expects a divergence: call, place, path, Python's value, Rust's.
    fn divergence(&mut self) -> (Call, Place, String, String, String) {
        let v = self.verify();
        assert_eq!(v.verdict, Verdict::Different);
        let d = v.divergence.unwrap();
        let text = |shown: Option<copper_migrate::verify::Shown>| shown.unwrap().text;
        (
            d.call,
            d.place,
            d.path,
            text(d.values.python),
            text(d.values.rust),
        )
    }

    fn inconclusive(&mut self) -> String {
        match self.verify().verdict {
            Verdict::Inconclusive(reason) => reason,
            other => panic!("{other:?}"),
        }
    }
}

fn plain(verification: &Verification) -> String {
    text::render_plain(&Report {
        verifications: std::slice::from_ref(verification),
    })
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.ends_with("target") {
            continue;
        }
        if path.is_dir() {
            copy(&path, &target);
        } else {
            let _ = fs::remove_file(&target);
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// Every file of the app but those under `target/`.
fn snapshot(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut dirs = vec![root.to_owned()];
    while let Some(dir) = dirs.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if path != root.join("target") {
                    dirs.push(path);
                }
            } else {
                files.insert(path.clone(), fs::read(&path).unwrap());
            }
        }
    }
    files
}

#[test]
fn the_pid_is_equal_in_every_cycle() {
    let v = App::new("pid").verify();
    assert_eq!(v.verdict, Verdict::Equal);
    assert_eq!((v.cycles, v.range), (400, Some((0, 399))));
    let output = &v.outputs[0];
    assert_eq!(output.payloads.python, 398);
    for pair in [
        output.recorded_python,
        output.python_rust,
        output.recorded_rust,
    ] {
        assert_eq!((pair.equal, pair.different), (400, 0));
    }
    assert_eq!(v.state.unwrap().equal, 400);
    let first = plain(&v).lines().next().unwrap().to_owned();
    assert!(first.starts_with("equal: `pid`"), "{first}");
    let report = Report {
        verifications: &[v],
    };
    let json: serde_json::Value = serde_json::from_str(&json::render(&report)).unwrap();
    assert_eq!(json["schema"], 1);
    assert_eq!(json["tasks"][0]["verdict"]["is"], "equal");
}

#[test]
fn the_summary_is_equal_in_every_cycle() {
    let v = App::new("summary").verify();
    assert_eq!(v.verdict, Verdict::Equal);
    assert_eq!(v.cycles, 400);
    assert_eq!(v.outputs.len(), 2);
    assert!(v.outputs[1].payloads.python < v.outputs[0].payloads.python);
}

/// Which of them still have holes, `tests/golden/apps.rs` says.
#[test]
fn the_tasks_of_the_robot_are_equal_in_every_cycle() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/apps/robot");
    let project = Project::load(&fixture).unwrap();
    let mut verified = 0;
    for node in project.nodes.iter().filter(|node| node.binding.is_some()) {
        let translation = pipeline::translate(&project, &node.id).unwrap();
        if translation.holes() > 0 {
            continue;
        }
        let task = node.id.0.clone().leak();
        let mut app = App::of("robot", task);
        app.translate();
        let v = app.verify();
        assert_eq!((v.verdict, v.cycles), (Verdict::Equal, 6000), "{task}");
        assert_eq!((v.errors.python, v.errors.rust), (0, 0), "{task}");
        for output in &v.outputs {
            assert!(output.payloads.python > 4000, "{task}");
            assert_eq!(output.recorded_python.different, 0, "{task}");
            assert_eq!(output.recorded_rust.different, 0, "{task}");
        }
        verified += 1;
    }
    assert!(verified >= 12);
}

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
fn a_wired_task_is_verified_as_well() {
    let mut app = App::new("pid");
    // As `migrate translate` says.
    let config = fs::read_to_string(app.root.join("copperconfig.ron")).unwrap();
    let (before, rest) = config.split_once("            config: {").unwrap();
    let (_, after) = rest.split_once("},\n").unwrap();
    app.write("copperconfig.ron", &format!("{before}{after}"));
    app.edit("copperconfig.ron", "tasks::PidTask", "tasks::pid::Pid")
        .edit(
            "src/tasks.rs",
            "/// The controller",
            "pub mod pid;\n\n/// The controller",
        );
    let v = app.verify();
    assert_eq!((v.verdict, v.cycles), (Verdict::Equal, 400));
    // Tidied up: the alias is gone, the type has another path.
    app.edit("copperconfig.ron", "tasks::pid::Pid", "tasks::Pid")
        .edit("src/tasks.rs", "use cu_python_task::PyTask;", "")
        .edit(
            "src/tasks.rs",
            "pub mod pid;",
            "mod pid;\npub use pid::Pid;",
        )
        .edit(
            "src/tasks.rs",
            "pub type PidTask = PyTask<(Measurement,), PidState, (Command,)>;",
            "",
        );
    let v = app.verify();
    assert_eq!(v.verdict, Verdict::Equal);
    assert_eq!(v.cycles, 400);
}

#[test]
fn a_file_that_does_not_compile_is_shown_as_rustc_shows_it() {
    let mut app = App::new("pid");
    app.bug("state.missed = 0;", "state.missed = \"none\";");
    let options = app.options();
    let error = app.try_verify(&options).unwrap_err();
    assert_eq!(error.exit_code(), 2);
    let text = error.to_string();
    assert!(text.contains("mismatched types"), "{text}");
    assert!(text.contains("--> src/tasks/pid.rs:"), "{text}");
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

#[test]
fn process_mode_names_the_package_that_it_lacks() {
    let probe = ["-c", "import cbor2"];
    let has = std::process::Command::new("python3")
        .args(probe)
        .stderr(std::process::Stdio::null())
        .status();
    let mut app = App::new("pid");
    let options = Options {
        python_mode: Some(PythonMode::Process),
        ..app.options()
    };
    match app.try_verify(&options) {
        Ok(v) => assert_eq!(v.verdict, Verdict::Equal),
        Err(error) => {
            assert!(!has.unwrap().success(), "{error}");
            assert_eq!(error.exit_code(), 2);
            assert!(error.to_string().contains("python3-cbor2"), "{error}");
        }
    }
}

fn migrate(app: &App, more: &[&str]) -> (Option<i32>, String, String) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_migrate"))
        .args(["verify", "--color", "never", "--app"])
        .arg(&app.root)
        .arg("--target-dir")
        .arg(app.options().target_dir.unwrap())
        .args(more)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn the_command_says_its_verdict_and_exits_with_it() {
    let app = App::new("pid");
    let log = app.root.join("logs/run.copper").display().to_string();
    let (code, stdout, stderr) = migrate(&app, &["--log", &log, "--format", "json"]);
    assert_eq!(code, Some(0), "{stderr}");
    let json: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(json["tasks"][0]["task"], "pid");
    assert!(
        stderr.contains("runs python/pid.py in a child process"),
        "{stderr}"
    );

    app.bug("state.last_error = Some(error as f32);", "");
    let (code, stdout, _) = migrate(&app, &["--log", &log, "--task", "pid"]);
    assert_eq!(code, Some(1));
    assert!(stdout.starts_with("different: `pid`"), "{stdout}");
    assert!(stdout.contains("`state.last_error`"), "{stdout}");

    let (code, _, stderr) = migrate(&app, &["--log", "none.copper"]);
    assert_eq!(code, Some(3));
    assert!(stderr.contains("there is no log"), "{stderr}");

    fs::remove_file(app.root.join(app.native())).unwrap();
    let (code, _, stderr) = migrate(&app, &["--log", &log]);
    assert_eq!(code, Some(2));
    assert!(
        stderr.contains("migrate translate python/pid.py"),
        "{stderr}"
    );
}

#[test]
fn the_demo_shows_the_rust_and_that_it_is_equal() {
    let app = App::new("pid");
    let dir = tempfile::tempdir().unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_migrate"))
        .args([
            "demo",
            "--color",
            "never",
            "--dir",
            "new/app",
            "--target-dir",
        ])
        .arg(app.options().target_dir.unwrap())
        .current_dir(dir.path())
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    let native = fs::read_to_string(dir.path().join("new/app/src/tasks/pid.rs")).unwrap();
    assert_eq!(
        native,
        fs::read_to_string(app.root.join(app.native())).unwrap()
    );
    assert!(stdout.starts_with(&native), "{stdout}");
    assert!(stdout.contains("equal: `pid`"), "{stdout}");
    for part in [
        "translate new/app/python/pid.py\n",
        "verify --app new/app --log new/app/logs/run.copper\n",
        "new/app/src/tasks.rs: add `pub mod pid;`",
        "new/app/copperconfig.ron: in node `pid` write",
    ] {
        assert!(stderr.contains(part), "no {part:?} in:\n{stderr}");
    }
}
