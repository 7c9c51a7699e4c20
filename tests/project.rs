//! Reading Copper apps: layouts, aliases, message types, and what is said when they do not
//! fit.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use copper_migrate::error::Error;
use copper_migrate::project::{
    FieldDef, IntTy, Project, PythonMode, RustTy, StructKind, TaskId, VariantKind, discover,
    select_task,
};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const MANIFEST: &str = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
    [dependencies]\ncu29 = \"1.3\"\ncu-python-task = \"1.3\"\n";

/// An app of the given files; `Cargo.toml` is added where it is missing.
fn app(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    if !files.iter().any(|(name, _)| *name == "Cargo.toml") {
        fs::write(dir.path().join("Cargo.toml"), MANIFEST).unwrap();
    }
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

/// An app with one PyTask `py` of `type_path`, and this Rust.
fn py_app(type_path: &str, rust: &[(&str, &str)]) -> TempDir {
    let config = format!(
        "(tasks: [(id: \"py\", type: \"{type_path}\", config: {{\"script\": \"python/py.py\"}})], cnx: [])"
    );
    let mut files = vec![("copperconfig.ron", config.as_str()), ("python/py.py", "")];
    files.extend(rust);
    app(&files)
}

fn load(dir: &TempDir) -> Project {
    Project::load(dir.path()).unwrap()
}

fn select(project: &Project, script: Option<&str>, task: Option<&str>) -> Result<TaskId, Error> {
    let script = script.map(|script| project.root.join(script));
    let task = task.map(|task| TaskId(task.to_owned()));
    select_task(project, script.as_deref(), task.as_ref())
}

fn py_error(dir: &TempDir) -> String {
    select(&load(dir), Some("python/py.py"), None)
        .unwrap_err()
        .to_string()
}

fn fields<'a>(project: &'a Project, key: &str) -> &'a [FieldDef] {
    match &project.types.struct_def(key).unwrap().kind {
        StructKind::Record(fields) => fields,
        other => panic!("{key} is {other:?}"),
    }
}

fn named(key: &str) -> RustTy {
    RustTy::Named(key.to_owned())
}

#[track_caller]
fn assert_says(error: &str, parts: &[&str]) {
    for part in parts {
        assert!(error.contains(part), "no {part:?} in:\n{error}");
    }
}

const PLAIN: &str = "use cu_python_task::PyTask;
use cu29::prelude::*;
#[derive(Default, Clone)] pub struct In { value: f32 }
#[derive(Default, Clone)] pub struct Out { pub value: f32 }
#[derive(Default, Clone)] pub struct State { pub n: u32 }
pub type Py = PyTask<(In,), State, (Out,)>;
";

#[test]
fn the_pid_fixture_is_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/apps/pid");
    let project = Project::load(&discover(&root.join("python/pid.py")).unwrap()).unwrap();
    assert_eq!(project.package.name, "pid");
    assert!(!project.package.is_lib);
    assert_eq!(project.package.root_file, root.join("src/main.rs"));
    assert_eq!(project.package.edition, "2024");
    let id = select(&project, Some("python/pid.py"), None).unwrap();
    let binding = project.node(&id).unwrap().binding.as_ref().unwrap();
    assert_eq!(binding.script_name, "python/pid.py");
    assert_eq!(binding.mode, PythonMode::Embedded);
    assert_eq!(binding.inputs, [named("tasks::Measurement")]);
    assert_eq!(binding.state, named("tasks::PidState"));
    assert_eq!(binding.outputs, [named("tasks::Command")]);
    assert_eq!(binding.module, ["tasks"]);
    assert_eq!(binding.module_file, root.join("src/tasks.rs"));
    assert_eq!(binding.child_dir, root.join("src/tasks"));
    assert_eq!(binding.wired, None);
    assert!(
        fields(&project, "tasks::Measurement")
            .iter()
            .all(|f| f.private)
    );
    let state = fields(&project, "tasks::PidState");
    assert_eq!(state[1].name, "last_error");
    assert!(matches!(&state[1].ty, RustTy::Option(inner) if matches!(**inner, RustTy::Float(_))));
    assert_eq!(state[2].ty, RustTy::Int(IntTy::U32));
    assert!(
        project
            .node(&TaskId("sensor".into()))
            .unwrap()
            .binding
            .is_none()
    );
}

#[test]
fn the_summary_fixture_is_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/apps/summary");
    let project = Project::load(&root).unwrap();
    assert!(project.package.is_lib);
    let id = select(&project, None, None).unwrap();
    let binding = project.node(&id).unwrap().binding.as_ref().unwrap();
    assert_eq!(binding.inputs, vec![named("messages::WheelTicks"); 2]);
    assert_eq!(binding.state, named("messages::TripState"));
    assert_eq!(
        binding.outputs,
        [named("messages::Odometry"), named("messages::TripSummary")]
    );
    let ticks = fields(&project, "messages::WheelTicks");
    assert_eq!(ticks[1].ty, named("messages::Direction"));
    assert!(matches!(ticks[2].ty, RustTy::Array(_, 3)));
    assert_eq!(ticks[2].doc.as_deref(), Some("Phase currents in A."));
    let direction = project.types.enum_def("messages::Direction").unwrap();
    assert_eq!(direction.default.as_deref(), Some("Forward"));
    assert_eq!(direction.variants[1].python_name, "Reverse");
    assert!(direction.derives.iter().any(|name| name == "Default"));
}
