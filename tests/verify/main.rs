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

mod cases;
mod command;
mod configurations;
mod different;
mod equal;
mod faults;
mod inconclusive;
mod logs;
mod rules;

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
            } else if path.is_file() {
                fs::remove_file(path).unwrap();
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
        faults: &[],
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
