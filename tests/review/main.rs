//! `migrate review` from outside: its forms, its hunks, and its page in a real browser.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use copper_migrate::project::TaskId;
use copper_migrate::record::{self, Files, Speed, Verdict};
use copper_migrate::verify::{self, Verification};
use serde_json::json;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

mod browser;
mod forms;
mod hunks;
mod page;

const MANIFEST: &str = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
    [dependencies]\ncu29 = \"1.3\"\ncu-python-task = \"1.3\"\n";

const TASKS: &str = "use cu_python_task::PyTask;
pub struct In { pub value: f32 }
pub struct Out { pub value: f64 }
pub struct State { pub n: u32, pub last: f64 }
pub type Py = PyTask<(In,), State, (Out,)>;
pub type Other = PyTask<(In,), State, (Out,)>;
";

const CONFIG: &str = "(\n  tasks: [\n    (id: \"py\", type: \"tasks::Py\", config: {\"script\": \
     \"python/py.py\"}),\n    (id: \"other\", type: \"tasks::Other\", config: {\"script\": \
     \"python/other.py\"}),\n  ],\n)\n";

/// A hole, state outside of `state`, branches, and text that HTML would take for its own.
const PYTHON: &str = r#""""Scales </script><b>&amp; "quoted" 'text'."""
GAIN = 2.5
seen = 0


def process(ctx, input, state, output):
    global seen
    seen += 1  # <i>never</i> reset
    if input.payload is None:
        state.last = 0.0
        return
    value = input.payload.value * GAIN
    if value > 100.0:
        value = 100.0
        state.n = 7
    state.n = eval("</script><script>alert(1)</script>")
    state.last = value
    output.payload.value = value
"#;

const OTHER: &str = "def process(ctx, input, state, output):
    state.n += 1
    output.payload.value = state.last + 1.0
";

/// What a run of `migrate` said.
struct Said {
    code: i32,
    out: String,
    err: String,
}

struct App {
    dir: TempDir,
}

impl App {
    fn new() -> Self {
        let app = App {
            dir: tempfile::tempdir().unwrap(),
        };
        for (name, text) in [
            ("Cargo.toml", MANIFEST),
            ("copperconfig.ron", CONFIG),
            ("src/main.rs", "mod tasks;\nfn main() {}\n"),
            ("src/tasks.rs", TASKS),
            ("python/py.py", PYTHON),
            ("python/other.py", OTHER),
            ("logs/run_0.copper", "a log"),
        ] {
            app.put(name, text);
        }
        app
    }

    /// An app with both tasks translated, verified and measured.
    fn known() -> Self {
        let app = Self::new();
        app.migrate(&["translate", "python/py.py"]);
        app.migrate(&["translate", "python/other.py"]);
        app.store("py", different());
        app.store("other", equal());
        app
    }

    fn root(&self) -> &Path {
        self.dir.path()
    }

    fn put(&self, name: &str, text: &str) {
        let path = self.root().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.root().join(name)).unwrap()
    }

    fn migrate(&self, args: &[&str]) -> Said {
        self.answered(args, "")
    }

    /// Runs `migrate` with something typed.
    fn answered(&self, args: &[&str], answers: &str) -> Said {
        let mut child = Command::new(env!("CARGO_BIN_EXE_migrate"))
            .args(args)
            .current_dir(self.root())
            .env("EDITOR", "sed -i s/one/edited/")
            .env_remove("VISUAL")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // It may have ended without reading all of them.
        let _ = stdin.write_all(answers.as_bytes());
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        Said {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn files(&self, task: &str) -> Files {
        let root = self.root();
        let python = root.join(format!("python/{task}.py"));
        let rust = root.join(format!("src/tasks/{task}.rs"));
        Files::of(root, &python, &rust, &[root.join("logs/run_0.copper")]).unwrap()
    }

    fn store(&self, task: &str, found: Verification) {
        let verdict = Verdict::now(self.files(task), found);
        record::store_verdict(self.root(), verdict).unwrap();
        let latency = |p50_ns: u64| {
            json!({"calls": 400, "failed": 0, "p50_ns": p50_ns, "p99_ns": p50_ns * 2,
                "max_ns": p50_ns * 9, "timer_ns": 20, "allocations_p50": 0, "allocations_max": 3})
        };
        let bench = json!({"task": task, "script": format!("python/{task}.py"),
            "log": "logs/run.copper", "profile": "release", "python": "3.11.2", "versions": [
                {"version": "native", "latency": latency(100), "missing": null},
                {"version": "embedded", "latency": latency(150_000), "missing": null},
                {"version": "process", "latency": null, "missing": "no cbor2"}]});
        let bench: verify::Benchmark = serde_json::from_value(bench).unwrap();
        record::store_speed(self.root(), Speed::now(self.files(task), bench)).unwrap();
        assert!(
            record::speed(self.root(), &TaskId(task.into()))
                .unwrap()
                .is_some()
        );
    }

    /// The page of these tasks, and where it lies.
    fn page(&self, tasks: &[&str]) -> (String, PathBuf) {
        let path = self.root().join("review.html");
        let mut args = vec!["review", "--format", "html", "-o", "review.html"];
        args.extend(tasks);
        let said = self.migrate(&args);
        assert_eq!(said.out, "", "{}", said.err);
        (self.text("review.html"), path)
    }
}

fn verification(task: &str, verdict: serde_json::Value) -> serde_json::Value {
    let count = json!({"equal": 0, "different": 0});
    json!({"task": task, "script": format!("python/{task}.py"), "script_hash": "",
        "generated": format!("src/tasks/{task}.rs"), "lines": {"python": null, "rust": null},
        "log": "logs/run.copper", "against": "python", "verdict": verdict, "cycles": 300,
        "range": [0, 299], "log_facts": {"app": "app", "runs": 1, "run": 0, "mission": null,
            "clean_close": true, "self_describing": true, "missing": 0, "resumed": [],
            "skipped": 0, "aborted": 0},
        "errors": {"python": 0, "rust": 0, "recorded": 0}, "outputs": [], "state": null,
        "lockstep": null, "keyframes": {"recorded_python": count, "recorded_rust": count},
        "fields": [], "nondeterministic": [], "sources": [], "rules": [],
        "coverage": {"branches": [3, 4], "lines": [11, 13],
            "never": [{"file": format!("python/{task}.py"), "line": 13, "text": "value > 100.0",
                "outcome": "true"}],
            "missed_lines": [[format!("python/{task}.py"), [14, 15]]],
            "executed_lines": [[format!("python/{task}.py"), [2, 3, 6, 8, 9, 10, 11, 12, 13, 16]]]},
        "divergence": null, "recording_divergence": null, "notes": [], "python": null,
        "spent": {"prepare": 0.0, "build": 0.0, "replay": 0.0}})
}

fn equal() -> Verification {
    let mut v = verification("other", json!({"is": "equal"}));
    v["coverage"] = json!(null);
    serde_json::from_value(v).unwrap()
}

fn different() -> Verification {
    let mut v = verification("py", json!({"is": "different"}));
    let shown = |text: &str| json!({"text": text, "bits": "0x3f800000"});
    v["lines"] = json!({"python": 17, "rust": 60});
    v["divergence"] = json!({"call": {"hook": "process", "copperlist": 20}, "place": "state",
        "path": "state.last", "values": {"recorded": null, "python": shown("2.5"),
            "rust": shown("</script>&3.5")},
        "lockstep_only": false, "inputs": [["sensor (In)", {"text": "{ value: 1.0 }"}]],
        "state_before": {"text": "{ n: 7 }"}});
    let cycles: Vec<u64> = (0..100).collect();
    let python: Vec<f64> = cycles.iter().map(|c| (*c as f64 / 9.0).sin()).collect();
    let rust: Vec<f64> = (0..100)
        .map(|c| python[c] + if c < 20 { 0.0 } else { 0.1 })
        .collect();
    v["series"] = json!([{"path": "state.last", "first": 20, "cycles": cycles,
        "recorded": vec![Option::<f64>::None; 100], "python": python, "rust": rust}]);
    serde_json::from_value(v).unwrap()
}
