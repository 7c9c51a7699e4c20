//! Translations that do what their Python does.

use super::*;

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
        faults: &[],
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
fn a_wired_task_is_verified_as_well() {
    let mut app = App::new("pid");
    app.wire_only();
    let v = app.verify();
    assert_eq!((v.verdict, v.cycles), (Verdict::Equal, 400));
    app.tidy();
    let v = app.verify();
    assert_eq!(v.verdict, Verdict::Equal);
    assert_eq!(v.cycles, 400);
}

impl App {
    /// As `migrate translate` says.
    fn wire_only(&self) {
        let config = fs::read_to_string(self.root.join("copperconfig.ron")).unwrap();
        let (before, rest) = config.split_once("            config: {").unwrap();
        let (_, after) = rest.split_once("},\n").unwrap();
        self.write("copperconfig.ron", &format!("{before}{after}"));
        self.edit("copperconfig.ron", "tasks::PidTask", "tasks::pid::Pid")
            .edit(
                "src/tasks.rs",
                "/// The controller",
                "pub mod pid;\n\n/// The controller",
            );
    }

    /// Tidied up: the alias is gone, the type has another path.
    fn tidy(&self) {
        self.edit("copperconfig.ron", "tasks::pid::Pid", "tasks::Pid")
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
    }

    /// Both.
    pub fn wire(&self) {
        self.wire_only();
        self.tidy();
    }
}

#[test]
fn nothing_is_built_again_that_did_not_change() {
    let mut app = App::new("pid");
    let binary = app
        .options()
        .target_dir
        .unwrap()
        .join("debug/migrate-pid-pid");
    let built = || fs::metadata(&binary).unwrap().modified().unwrap();
    assert_eq!(app.verify().verdict, Verdict::Equal);
    let first = built();
    // The Python is no part of the harness.
    app.edit("python/pid.py", "KP = 0.9", "KP = 0.9  # V per m/s");
    let v = app.verify();
    assert_eq!((v.verdict, built()), (Verdict::Equal, first));
    app.bug("state.missed = 0;", "state.missed = 0; // none");
    assert_eq!(app.verify().verdict, Verdict::Equal);
    assert!(built() > first);
}
