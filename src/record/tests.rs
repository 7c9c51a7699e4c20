use super::*;
use crate::verify::{
    Against, Errors, Keyframes, Lines, LogFacts, Measured, Spent, Verdict as Conclusion,
};
use std::fs;

fn verification(log: &str, verdict: Conclusion) -> Verification {
    Verification {
        task: "pid".into(),
        script: "python/pid.py".into(),
        script_hash: String::new(),
        generated: "src/pid.rs".into(),
        lines: Lines::default(),
        log: log.into(),
        against: Against::Python,
        verdict,
        cycles: 300,
        range: Some((0, 299)),
        log_facts: LogFacts::default(),
        errors: Errors::default(),
        outputs: Vec::new(),
        state: None,
        lockstep: None,
        keyframes: Keyframes::default(),
        fields: Vec::new(),
        nondeterministic: Vec::new(),
        sources: Vec::new(),
        rules: Vec::new(),
        coverage: None,
        divergence: None,
        series: Vec::new(),
        recording_divergence: None,
        notes: Vec::new(),
        python: None,
        spent: Spent::default(),
    }
}

/// An app's files, and what they are now.
struct App {
    dir: tempfile::TempDir,
}

impl App {
    fn new() -> Self {
        let app = App {
            dir: tempfile::tempdir().unwrap(),
        };
        for (name, text) in [
            ("python/pid.py", "x = 1\n"),
            ("src/pid.rs", "fn a() {}\n"),
            ("logs/a_0.copper", "a"),
            ("logs/b_0.copper", "b"),
        ] {
            app.put(name, text);
        }
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

    fn verified(&self, log: &str, verdict: Conclusion) {
        let at = |name: &str| self.root().join(name);
        let slabs = [at(&format!("logs/{log}_0.copper"))];
        let files = Files::of(self.root(), &at("python/pid.py"), &at("src/pid.rs"), &slabs);
        let log = format!("logs/{log}.copper");
        let record = Verdict::now(files.unwrap(), verification(&log, verdict));
        store_verdict(self.root(), record).unwrap();
    }

    fn stored(&self) -> Vec<(String, Conclusion)> {
        let stored = verdicts(self.root(), &TaskId("pid".into())).unwrap();
        let pair = |v: Verdict| (v.found.log.display().to_string(), v.found.verdict);
        stored.into_iter().map(pair).collect()
    }
}

#[test]
fn the_latest_verdict_of_each_log_is_kept_while_the_code_is_the_same() {
    let app = App::new();
    assert!(app.stored().is_empty());
    app.verified("a", Conclusion::Equal);
    app.verified("b", Conclusion::Different);
    app.verified("a", Conclusion::Inconclusive("short".into()));
    let expected = [
        (
            "logs/a.copper".into(),
            Conclusion::Inconclusive("short".into()),
        ),
        ("logs/b.copper".into(), Conclusion::Different),
    ];
    assert_eq!(app.stored(), expected);
    // What was said of other code says nothing of this.
    app.put("src/pid.rs", "fn b() {}\n");
    app.verified("a", Conclusion::Equal);
    assert_eq!(app.stored(), [("logs/a.copper".into(), Conclusion::Equal)]);
}

#[test]
fn a_verdict_is_fresh_until_a_file_of_it_is_another() {
    let app = App::new();
    app.verified("a", Conclusion::Equal);
    let verdict = verdicts(app.root(), &TaskId("pid".into()))
        .unwrap()
        .remove(0);
    assert!(verdict.age() < Duration::from_secs(60));
    let (script, native) = (
        app.root().join("python/pid.py"),
        app.root().join("src/pid.rs"),
    );
    assert_eq!(verdict.changes(app.root(), &script, &native), []);
    let other = app.root().join("src/other.rs");
    let words = verdict.changes(app.root(), &script, &other)[0].to_string();
    assert_eq!(words, "it is about src/pid.rs, the task has src/other.rs");
    app.put("python/pid.py", "x = 2\n");
    let changes = verdict.changes(app.root(), &script, &native);
    assert_eq!(changes, [Change::Edited("python/pid.py".into())]);
}

#[test]
fn a_file_that_is_not_understood_is_an_error_until_it_is_replaced() {
    let app = App::new();
    let task = TaskId("pid".into());
    let path = verdicts_file(app.root(), &task);
    for (text, words) in [
        ("{", "EOF"),
        ("{\"schema\": 99, \"task\": 3}", "schema 99"),
        (
            "{\"schema\": 1, \"task\": \"other\", \"records\": []}",
            "about the task `other`",
        ),
    ] {
        app.put("target/migrate/verdicts/pid.json", text);
        let error = verdicts(app.root(), &task).unwrap_err().to_string();
        assert!(
            error.contains(words) && error.contains("pid.json"),
            "{error}"
        );
    }
    app.verified("a", Conclusion::Equal);
    assert_eq!(app.stored().len(), 1);
    let left: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn a_measurement_is_read_back() {
    let app = App::new();
    let task = TaskId("pid".into());
    assert!(speed(app.root(), &task).unwrap().is_none());
    let at = |name: &str| app.root().join(name);
    let files = Files::of(app.root(), &at("python/pid.py"), &at("src/pid.rs"), &[]).unwrap();
    let benchmark = Benchmark {
        task: "pid".into(),
        script: "python/pid.py".into(),
        log: "logs/a.copper".into(),
        profile: "release".into(),
        python: None,
        versions: vec![Measured {
            version: "native".into(),
            latency: None,
            missing: Some("no calls".into()),
        }],
    };
    store_speed(app.root(), Speed::now(files, benchmark)).unwrap();
    let found = speed(app.root(), &task).unwrap().unwrap().found;
    assert_eq!(found.versions[0].version, "native");
}

#[test]
fn any_id_has_a_file_of_its_own() {
    let ids = [
        "pid",
        "Pid",
        "p/id",
        "../pid",
        "p id",
        "",
        "привет",
        "con.",
        "a-b",
        "a_b",
    ];
    let long = "x".repeat(300);
    let mut names: Vec<String> = ids
        .iter()
        .copied()
        .chain([long.as_str()])
        .map(|id| {
            let path = verdicts_file(Path::new("/app"), &TaskId(id.into()));
            assert_eq!(
                path.parent(),
                Some(Path::new("/app/target/migrate/verdicts"))
            );
            let name = path.file_name().unwrap().to_str().unwrap().to_lowercase();
            assert!(name.len() < 80 && name.is_ascii(), "{name}");
            name
        })
        .collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), ids.len() + 1, "{names:?}");
}
