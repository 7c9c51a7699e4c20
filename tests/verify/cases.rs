//! Calls that are taken from a log: a case that is replayed without it, and a Rust test.

use super::command::migrate;
use super::*;
use std::process::Command;

impl App {
    /// `migrate verify` on the recorded log.
    fn emit(&self, option: &str) -> (Option<i32>, String, String) {
        let log = self.root.join("logs/run.copper").display().to_string();
        migrate(self, &["--log", &log, "--task", self.task, option])
    }

    /// Runs the app's own tests; built with what the recorders are built with.
    fn tests(&self) -> (bool, String) {
        let library = logs::python("sysconfig.get_config_var('LIBDIR')");
        let output = Command::new("cargo")
            .args(["test", "--quiet", "--bin", self.task])
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", self.options().target_dir.unwrap())
            .env("CARGO_PROFILE_DEV_DEBUG", "false")
            .env("PYO3_PYTHON", logs::interpreter())
            .env("LD_LIBRARY_PATH", library)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success(), format!("{text}{errors}"))
    }

    /// Declares the native task and its cases, as `--emit-test` says.
    fn declare(&self, stderr: &str) {
        for line in ["pub mod pid;", "#[cfg(test)] mod pid_cases;"] {
            let said = format!("src/tasks.rs: add `{line}`");
            assert!(stderr.contains(&said), "{stderr}");
            let first = "/// The controller";
            self.edit("src/tasks.rs", first, &format!("{line}\n\n{first}"));
        }
    }
}

/// Then its keyframe holds the fields one by one.
fn without_encode(app: &App) {
    let derives = "#[derive(Default, Debug, Clone, Encode, Decode, Serialize, Deserialize, \
                   Reflect)]\n#[bincode(crate = \"cu29::bincode\")]\npub struct PidState";
    let less = "#[derive(Default, Debug, Clone, Serialize, Deserialize, Reflect)]\npub struct \
                PidState";
    app.edit("src/tasks.rs", derives, less);
}

const RIGHT: &str = "state.last_error = Some(error as f32);";
const WRONG: &str =
    "state.last_error = Some(error as f32 + if ctx.cl_id() == 110 { 0.5 } else { 0.0 });";

#[test]
fn a_divergence_becomes_a_test_and_a_case_that_outlive_the_log() {
    let app = App::new("pid");
    app.with_ctx().bug(RIGHT, WRONG);
    let before = snapshot(&app.root);
    let (code, _, stderr) = app.emit("--emit-test");
    assert_eq!(code, Some(1), "{stderr}");
    let new: Vec<PathBuf> = snapshot(&app.root)
        .into_iter()
        .filter(|(path, bytes)| before.get(path) != Some(bytes))
        .map(|(path, _)| path.strip_prefix(&app.root).unwrap().to_owned())
        .collect();
    let expected = ["cases/pid-run-110.json", "src/tasks/pid_cases.rs"];
    assert_eq!(new, expected.map(PathBuf::from));

    fs::remove_dir_all(app.root.join("logs")).unwrap();
    let (code, stdout, _) = migrate(&app, &["--cases"]);
    assert_eq!(code, Some(1));
    assert!(
        stdout.contains("diverges at CopperList 110: `state.last_error`"),
        "{stdout}"
    );
    app.declare(&stderr);
    let (passes, text) = app.tests();
    assert!(!passes && text.contains("last_error"), "{text}");

    app.bug(WRONG, RIGHT);
    let (passes, text) = app.tests();
    assert!(passes && text.contains("1 passed"), "{text}");
    let (code, _, stderr) = migrate(&app, &["--cases", "--task", "motor"]);
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("no case of `motor`"), "{stderr}");
    let case = app.root.join(expected[0]).display().to_string();
    let (code, stdout, _) = migrate(&app, &["--cases", &case]);
    assert_eq!(code, Some(0), "{stdout}");
    assert!(stdout.contains("in all 1 cycles"), "{stdout}");

    // Without any Python, what it did then counts, the state too.
    fs::remove_file(app.root.join("python/pid.py")).unwrap();
    let recorded = ["--cases", "--against", "recorded"];
    assert_eq!(migrate(&app, &recorded).0, Some(0));
    app.bug(RIGHT, WRONG);
    let (code, stdout, _) = migrate(&app, &recorded);
    assert_eq!(code, Some(1), "{stdout}");
    assert!(stdout.contains("`state.last_error`"), "{stdout}");
}

#[test]
fn a_chosen_cycle_of_a_task_that_keeps_more_holds_all_calls_before_it() {
    let app = App::new("pid");
    app.edit("python/pid.py", "KP = 0.9", "calls = 0\n\nKP = 0.9")
        .edit(
            "python/pid.py",
            "def process(ctx, input, state, output):\n",
            "def process(ctx, input, state, output):\n    global calls\n    calls += 1\n    if calls \
             == 33:\n        state.missed = 2\n",
        );
    app.translate();
    let (code, _, stderr) = app.emit("--emit-test=32");
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stderr.contains("pid-run-32.json (33 calls)"), "{stderr}");
    app.declare(&stderr);
    let (passes, text) = app.tests();
    assert!(passes && text.contains("1 passed"), "{text}");
    assert_eq!(migrate(&app, &["--cases"]).0, Some(0));

    let (code, _, stderr) = app.emit("--emit-test=4000");
    assert_eq!(code, Some(3), "{stderr}");
    assert!(
        stderr.contains("CopperList 4000 cannot be reached"),
        "{stderr}"
    );
}

#[test]
fn a_wrong_start_and_a_failing_call_become_cases() {
    let app = App::new("pid");
    app.bug("state.enabled = true;\n        Ok(())", "Ok(())");
    let (code, _, stderr) = app.emit("--emit-test");
    assert_eq!(code, Some(1), "{stderr}");
    assert!(
        stderr.contains("wrote cases/pid-run-start.json"),
        "{stderr}"
    );
    assert_eq!(migrate(&app, &["--cases"]).0, Some(1));
    drop(app);

    let app = App::new("pid");
    let start = "def process(ctx, input, state, output):\n";
    let failing = "    if ctx.cl_id == 40:\n        raise ValueError('worn out')\n";
    app.edit("python/pid.py", start, &format!("{start}{failing}"));
    without_encode(&app);
    app.translate();
    let (code, _, stderr) = app.emit("--emit-test=40");
    assert_eq!(code, Some(0), "{stderr}");
    let test = fs::read_to_string(app.root.join("src/tasks/pid_cases.rs")).unwrap();
    assert!(test.contains("assert!(result.is_err());"), "{test}");
    assert!(
        test.contains("encode_to_vec(&state.integral, standard())"),
        "{test}"
    );
    app.declare(&stderr);
    let (passes, text) = app.tests();
    assert!(passes && text.contains("1 passed"), "{text}");
    assert_eq!(migrate(&app, &["--cases"]).0, Some(0));
}
