//! A copy of a fixture app, and `migrate` run in it.

use copper_migrate::record::{Files, Verdict, store_verdict};
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// What a run of `migrate` said.
#[derive(Debug)]
pub struct Said {
    /// The exit code.
    pub code: i32,
    /// What machines read.
    pub out: String,
    /// What people read.
    pub err: String,
}

/// A copy of a fixture app.
pub struct App {
    dir: TempDir,
}

impl App {
    /// Copies `fixtures/apps/<name>`, without its logs.
    pub fn of(name: &str) -> App {
        let from = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("fixtures/apps")
            .join(name);
        let app = App {
            dir: tempfile::tempdir().unwrap(),
        };
        copy(&from, app.root());
        app
    }

    /// Its directory.
    pub fn root(&self) -> &Path {
        self.dir.path()
    }

    /// The text of a file.
    pub fn text(&self, name: &str) -> String {
        fs::read_to_string(self.root().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    /// Writes a file.
    pub fn put(&self, name: &str, text: &str) {
        let path = self.root().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Changes a file, as somebody would in an editor.
    #[track_caller]
    pub fn edit(&self, name: &str, old: &str, new: &str) {
        let text = self.text(name);
        assert!(text.contains(old), "no {old:?} in:\n{text}");
        self.put(name, &text.replacen(old, new, 1));
    }

    /// Makes it a repository, and commits all that is there.
    pub fn commit(&self) {
        self.put(".gitignore", "target/\n");
        if !self.root().join(".git").exists() {
            self.git(&["init", "-q"]);
        }
        self.git(&["add", "-A"]);
        let name = ["-c", "user.name=A", "-c", "user.email=a@b.c"];
        self.git(&[name.as_slice(), &["commit", "-qm", "x"]].concat());
    }

    /// Runs git in it; what it says.
    #[track_caller]
    pub fn git(&self, args: &[&str]) -> String {
        let output = Command::new("git")
            .args(args)
            .current_dir(self.root())
            .output()
            .unwrap_or_else(|error| panic!("git is needed by this test: {error}"));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "git {args:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Every file that is committed or could be, with its text.
    pub fn files(&self) -> BTreeMap<String, String> {
        let listed = self.git(&["ls-files", "-co", "--exclude-standard"]);
        let files = listed
            .lines()
            .filter(|name| self.root().join(name).is_file());
        files
            .map(|name| (name.to_owned(), self.text(name)))
            .collect()
    }

    /// Stores a verdict of this moment on a task, as `verify` would.
    pub fn verdict(&self, task: &str, script: &str, rust: &str, verdict: &serde_json::Value) {
        self.put("logs/run_0.copper", "a log");
        let at = |name: &str| self.root().canonicalize().unwrap().join(name);
        let root = at("");
        let log = [at("logs/run_0.copper")];
        let files = Files::of(&root, &at(script), &at(rust), &log).unwrap();
        let nothing = json!({"equal": 0, "different": 0});
        let found = json!({
            "task": task, "script": script, "script_hash": "", "generated": rust,
            "lines": {}, "log": "logs/run.copper", "against": "python", "verdict": verdict,
            "cycles": 400, "range": [0, 399],
            "log_facts": {"app": "", "runs": 1, "clean_close": true, "self_describing": false,
                          "missing": 0, "resumed": [], "skipped": 0, "aborted": 0},
            "errors": {"python": 0, "rust": 0, "recorded": 0}, "outputs": [], "state": null,
            "keyframes": {"recorded_python": nothing, "recorded_rust": nothing}, "fields": [],
            "nondeterministic": [], "sources": [], "rules": [],
            "coverage": {"branches": [6, 8], "lines": [20, 22], "never": [], "missed_lines": []},
            "notes": [], "spent": {"prepare": 0.0, "build": 0.0, "replay": 0.0},
        });
        let found = serde_json::from_value(found).unwrap();
        store_verdict(&root, Verdict::now(files, found)).unwrap();
    }

    /// Runs `migrate` in it.
    pub fn migrate(&self, args: &[&str]) -> Said {
        let output = Command::new(env!("CARGO_BIN_EXE_migrate"))
            .args(args)
            .current_dir(self.root())
            .output()
            .unwrap();
        Said {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs `migrate`, which has to end with this code, and to say this.
    #[track_caller]
    pub fn says(&self, args: &[&str], code: i32, parts: &[&str]) -> Said {
        let said = self.migrate(args);
        assert_eq!(said.code, code, "{}{}", said.out, said.err);
        for part in parts {
            let all = format!("{}{}", said.out, said.err);
            assert!(all.contains(part), "no {part:?} in:\n{all}");
        }
        said
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        if name == "target" || name == "logs" {
            continue;
        }
        if path.is_dir() {
            fs::create_dir_all(to.join(name)).unwrap();
            copy(&path, &to.join(name));
        } else {
            fs::copy(&path, to.join(name)).unwrap();
        }
    }
}
