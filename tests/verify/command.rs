//! The command: its exit codes, its words, its environment.

use super::*;

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
    assert!(
        text.contains("= came from python/pid.py:32: state.missed = 0"),
        "{text}"
    );
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
        Ok(v) => {
            assert_eq!(v.verdict, Verdict::Equal);
            assert_eq!(v.coverage.unwrap().words(), "8 of 8 branches");
            // What it starts is ended with it.
            let start = "def process(ctx, input, state, output):\n";
            let hangs = format!("{start}    while ctx.cl_id == 31: pass\n");
            app.edit("python/pid.py", start, &hangs);
            let options = Options {
                cycle_timeout: Some(std::time::Duration::from_secs(1)),
                ..options
            };
            let v = app.try_verify(&options).unwrap();
            let Verdict::Inconclusive(reason) = v.verdict else {
                panic!("{:?}", v.verdict)
            };
            assert!(reason.contains("within 1.0 s in CopperList 31"), "{reason}");
            #[cfg(target_os = "linux")]
            assert_eq!(faults::processes("verify-apps/pid/python/pid.py"), 0);
            // A crash is Copper's error of the call.
            let crashes = "ctx.cl_id == 31 and __import__('ctypes').string_at(0)";
            app.edit("python/pid.py", "while ctx.cl_id == 31: pass", crashes);
            let v = app.try_verify(&options).unwrap();
            let d = v.divergence.unwrap();
            assert_eq!((d.call, d.place), (Call::Process(31), Place::Error));
        }
        Err(error) => {
            assert!(!has.unwrap().success(), "{error}");
            assert_eq!(error.exit_code(), 2);
            assert!(error.to_string().contains("python3-cbor2"), "{error}");
        }
    }
}

pub fn migrate(app: &App, more: &[&str]) -> (Option<i32>, String, String) {
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

#[test]
fn every_task_that_has_both_versions_is_verified_in_one_call() {
    let mut app = App::of("robot", "buttons");
    app.translate();
    app.task = "gearbox";
    app.translate();
    // One of the two goes wrong: the other keeps its verdict.
    let gearbox = app.root.join("src/tasks/gearbox.rs");
    let rust = fs::read_to_string(&gearbox).unwrap();
    let wrong = rust.replace("self.shifts += 1;", "self.shifts += 2;");
    assert_ne!(rust, wrong);
    fs::write(&gearbox, wrong).unwrap();
    let log = app.root.join("logs/run.copper").display().to_string();
    let (code, stdout, stderr) = migrate(&app, &["--log", &log, "--format", "json"]);
    assert_eq!(code, Some(1), "{stderr}");
    let json: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let verdicts: BTreeMap<&str, &str> = json["tasks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| {
            let name = t["task"].as_str().unwrap();
            (name, t["verdict"]["is"].as_str().unwrap())
        })
        .collect();
    let expected = BTreeMap::from([("buttons", "equal"), ("gearbox", "different")]);
    assert_eq!(verdicts, expected);
}

#[test]
fn several_logs_are_shared_out_and_their_reports_joined() {
    let app = App::new("pid");
    for name in ["a", "b", "c"] {
        let from = app.root.join("logs/run_0.copper");
        fs::copy(from, app.root.join(format!("logs/{name}_0.copper"))).unwrap();
    }
    fs::write(app.root.join("logs/c_0.copper"), [0; 1024]).unwrap();
    for file in ["run.copper", "run_0.copper"] {
        fs::remove_file(app.root.join("logs").join(file)).unwrap();
    }
    let logs = app.root.join("logs/*.copper").display().to_string();
    let report = |name: &str| app.root.join("target").join(name).display().to_string();
    for (part, code) in [("1/2", 3), ("2/2", 0)] {
        let output = report(&format!("{}.json", part.replace('/', "-")));
        let more = [
            "--log",
            &logs,
            "--partition",
            part,
            "--format",
            "json",
            "--output",
            &output,
        ];
        let (found, stdout, stderr) = migrate(&app, &more);
        // `c.copper` is no log: beside `a.copper` that is a fault of the report.
        assert_eq!(found, Some(code), "{part}: {stderr}");
        assert_eq!(stdout, "");
    }
    let merge = |format: &str, second: &str| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_migrate"))
            .args(["report", "merge", "--format", format])
            .args([report("1-2.json"), report(second)])
            .output()
            .unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        (output.status.code(), stdout)
    };
    let (code, json) = merge("json", "2-2.json");
    assert_eq!(code, Some(3));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["tasks"].as_array().unwrap().len(), 2);
    assert!(
        json["faults"][0]["log"]
            .as_str()
            .unwrap()
            .ends_with("c.copper")
    );
    let (_, text) = merge("text", "2-2.json");
    assert!(
        text.contains("2 equal, 0 different, 0 inconclusive, 1 not verified"),
        "{text}"
    );
    let (_, xml) = merge("junit", "2-2.json");
    assert!(
        xml.contains("tests=\"3\" failures=\"0\" errors=\"1\""),
        "{xml}"
    );
    assert_eq!(merge("text", "1-2.json").0, Some(2));
}

/// In a dev build, which is there already; what the figures come to is not for a test.
#[test]
fn the_calls_of_each_version_are_measured() {
    let app = App::new("pid");
    let log = app.root.join("logs/run.copper");
    let bench = |format: &str| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_migrate"))
            .args(["bench", "--color", "never", "--profile", "dev", "--app"])
            .arg(&app.root)
            .arg("--target-dir")
            .arg(app.options().target_dir.unwrap())
            .arg("--log")
            .arg(&log)
            .args(["--format", format])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let json: serde_json::Value = serde_json::from_str(&bench("json")).unwrap();
    let of = |version: &str| {
        let mut versions = json["versions"].as_array().unwrap().iter();
        versions.find(|v| v["version"] == version).unwrap().clone()
    };
    let (native, embedded) = (of("native"), of("embedded"));
    for version in [&native, &embedded] {
        let latency = &version["latency"];
        assert_eq!(
            (&latency["calls"], &latency["failed"]),
            (&400.into(), &0.into())
        );
        let time = |name: &str| latency[name].as_u64().unwrap();
        assert!(time("p50_ns") <= time("p99_ns") && time("p99_ns") <= time("max_ns"));
    }
    let median = |version: &serde_json::Value| version["latency"]["p50_ns"].as_u64().unwrap();
    assert!(median(&native) < median(&embedded));
    assert_eq!(native["latency"]["allocations_max"], 0);
    assert!(embedded["latency"]["allocations_p50"].as_u64().unwrap() > 10);
    let process = of("process");
    assert!(
        process["latency"].is_object() || process["missing"].as_str().unwrap().contains("cbor2"),
        "{process}"
    );
    let text = bench("text");
    assert!(text.contains("times as fast as Python, embedded"), "{text}");
}
