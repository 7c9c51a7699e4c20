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

#[test]
fn a_generated_task_that_is_wired_in_keeps_its_python() {
    let generated = "//! Translated by migrate 0.1.0 from `python/py.py`: 3 of 3 statements.
//! migrate: task = \"py\", script = \"python/py.py\", mode = \"embedded\"
//! migrate: state = \"crate::tasks::State\", source = \"0\", seal = \"0\"

use crate::tasks::{In, Out, State};
use cu29::prelude::*;
pub struct Py { state: State }
impl CuTask for Py {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, In, super::In);
    type Output<'m> = output_msg!(Out);
}
";
    let tasks = format!("{PLAIN}\npub mod py;\n");
    let dir = app(&[
        (
            "copperconfig.ron",
            "(tasks: [(id: \"py\", type: \"tasks::py::Py\")], cnx: [])",
        ),
        ("src/main.rs", "mod tasks;"),
        ("src/tasks.rs", &tasks),
        ("src/tasks/py.rs", generated),
        ("python/py.py", ""),
    ]);
    let project = load(&dir);
    let id = select(&project, Some("python/py.py"), None).unwrap();
    let binding = project.node(&id).unwrap().binding.as_ref().unwrap();
    assert_eq!(binding.wired, Some(project.root.join("src/tasks/py.rs")));
    assert_eq!(binding.inputs, [named("tasks::In"), named("tasks::In")]);
    assert_eq!(binding.outputs, [named("tasks::Out")]);
    assert_eq!(binding.state, named("tasks::State"));
    assert_eq!(binding.mode, PythonMode::Embedded);
    assert_eq!(binding.module, ["tasks"]);
    assert_eq!(binding.child_dir, project.root.join("src/tasks"));
    assert_eq!(project.types.spell(&binding.state), "crate::tasks::State");
}

#[test]
fn an_alias_may_lead_to_the_generated_task() {
    let generated = "//! Translated by migrate 0.1.0 from `python/py.py`: 3 of 3 statements.
//! migrate: task = \"py\", script = \"python/py.py\", mode = \"process\"
//! migrate: state = \"u32\", source = \"0\", seal = \"0\"
pub struct Py;
impl CuTask for Py {
    type Input<'m> = ();
    type Output<'m> = output_msg!(super::Out);
}
";
    let dir = py_app(
        "tasks::PyTask",
        &[
            ("src/main.rs", "mod tasks;"),
            (
                "src/tasks.rs",
                "mod py; pub use py::Py as PyTask; pub struct Out;",
            ),
            ("src/tasks/py.rs", generated),
        ],
    );
    let project = load(&dir);
    let binding = project.nodes[0].binding.as_ref().unwrap();
    assert!(binding.wired.is_some());
    assert_eq!(binding.inputs, []);
    assert_eq!(binding.state, RustTy::Int(IntTy::U32));
}

#[track_caller]
fn assert_binds(type_path: &str, rust: &[(&str, &str)], module: &[&str], child_dir: &str) {
    let dir = py_app(type_path, rust);
    let project = load(&dir);
    let node = &project.nodes[0];
    let Some(binding) = &node.binding else {
        panic!("{:?}", node.problem);
    };
    let last = |ty: &RustTy| match ty {
        RustTy::Named(key) => key.rsplit("::").next().unwrap().to_owned(),
        other => panic!("{other:?}"),
    };
    assert_eq!(binding.inputs.iter().map(last).collect::<Vec<_>>(), ["In"]);
    assert_eq!(last(&binding.state), "State");
    assert_eq!(
        binding.outputs.iter().map(last).collect::<Vec<_>>(),
        ["Out"]
    );
    assert_eq!(binding.module, module);
    assert_eq!(binding.child_dir, project.root.join(child_dir));
    assert_eq!(
        fields(
            &project,
            &match &binding.inputs[0] {
                RustTy::Named(key) => key.clone(),
                other => panic!("{other:?}"),
            }
        )[0]
        .name,
        "value"
    );
}

#[test]
fn modules_are_found_in_every_layout() {
    let inline = format!("mod tasks {{ {PLAIN} }}");
    assert_binds(
        "tasks::Py",
        &[("src/main.rs", &inline)],
        &["tasks"],
        "src/tasks",
    );
    assert_binds("Py", &[("src/main.rs", PLAIN)], &[], "src");
    assert_binds(
        "tasks::Py",
        &[("src/main.rs", "mod tasks;"), ("src/tasks/mod.rs", PLAIN)],
        &["tasks"],
        "src/tasks",
    );
    assert_binds(
        "a::b::Py",
        &[
            ("src/main.rs", "mod a;"),
            ("src/a.rs", "pub mod b;"),
            ("src/a/b.rs", PLAIN),
        ],
        &["a", "b"],
        "src/a/b",
    );
    assert_binds(
        "tasks::Py",
        &[
            ("src/main.rs", "#[path = \"robot/stuff.rs\"] mod tasks;"),
            ("src/robot/stuff.rs", PLAIN),
        ],
        &["tasks"],
        "src/robot",
    );
    // A library that holds other things than the tasks.
    assert_binds(
        "tasks::Py",
        &[
            ("src/lib.rs", "pub mod math {}"),
            ("src/main.rs", "mod tasks;"),
            ("src/tasks.rs", PLAIN),
        ],
        &["tasks"],
        "src/tasks",
    );
}

#[test]
fn names_are_followed_through_imports() {
    let types = "pub struct In { pub value: f32 } pub struct Out; pub struct State;";
    let main = "mod tasks; mod messages;";
    let variants = [
        "use crate::messages::*; use cu_python_task::*; pub type Py = PyTask<(In,), State, (Out,)>;",
        "use crate::messages::{self, In as I}; use messages::{State as S, Out as O};
         use cu_python_task::PyTask as T; pub type Py = T<(I,), S, (O,)>;",
        "use super::messages as m; pub type Py = cu_python_task::PyTask<(m::In,), m::State, (m::Out,)>;",
        "type Sides<I, O, S = crate::messages::State> = cu_python_task::PyTask<(I,), S, (O,)>;
         use crate::messages::{In, Out}; pub type Py = Sides<In, Out>;",
        "use cu_python_task::PyUnaryTask; use crate::messages::*; type Inner = PyUnaryTask<In, State, Out>;
         pub type Py = (Inner);",
        "use ::cu_python_task::PyTask; use crate::messages::*; type Ins = (In,);
         pub type Py = PyTask<Ins, State, (Out,)>;",
        "mod inner { pub use crate::messages::*; pub use cu_python_task::PyTask; } use inner::*;
         pub type Py = PyTask<(In,), State, (Out,)>;",
        "pub use hidden::Py; mod hidden { pub type Py = super::P<(super::super::messages::In,),
         crate::messages::State, (crate::messages::Out,)>; } use cu_python_task::PyTask as P;",
    ];
    for variant in variants {
        let (module, dir): (&[&str], &str) = if variant.contains("hidden") {
            (&["tasks", "hidden"], "src/tasks/hidden")
        } else {
            (&["tasks"], "src/tasks")
        };
        assert_binds(
            "tasks::Py",
            &[
                ("src/main.rs", main),
                ("src/messages.rs", types),
                ("src/tasks.rs", variant),
            ],
            module,
            dir,
        );
    }
    // Spelled out in the configuration, and re-exported at the root.
    assert_binds(
        "cu_python_task::PyTask<(tasks::In,), tasks::State, (crate::tasks::Out,)>",
        &[("src/main.rs", "mod tasks;"), ("src/tasks.rs", PLAIN)],
        &[],
        "src",
    );
    assert_binds(
        "Task",
        &[
            ("src/main.rs", "mod tasks; use tasks::Py as Task;"),
            ("src/tasks.rs", PLAIN),
        ],
        &["tasks"],
        "src/tasks",
    );
}

#[test]
fn a_dependency_may_be_renamed() {
    let manifest = MANIFEST.replace(
        "cu-python-task = \"1.3\"",
        "py = { package = \"cu-python-task\", version = \"1.3\" }",
    );
    let tasks = PLAIN.replace("cu_python_task", "py");
    assert_binds(
        "tasks::Py",
        &[
            ("Cargo.toml", &manifest),
            ("src/main.rs", "mod tasks;"),
            ("src/tasks.rs", &tasks),
        ],
        &["tasks"],
        "src/tasks",
    );
}

/// An app whose state is `State`, declared with all else in `src/tasks.rs`.
fn state_app(types: &str) -> TempDir {
    let tasks = format!(
        "use cu_python_task::PyTask; use cu29::prelude::*;\n{types}\npub type Py = PyTask<(), State, ()>;"
    );
    py_app(
        "tasks::Py",
        &[("src/main.rs", "mod tasks;"), ("src/tasks.rs", &tasks)],
    )
}

#[test]
fn every_field_type_is_read() {
    let dir = state_app(
        "use std::collections::{BTreeMap, HashMap as Map};
         const N: usize = 2 * super::tasks::M + 1; const M: usize = 3;
         type Metres = f32;
         pub struct State {
            a: bool, b: i8, c: u128, d: f64, e: char, f: String, g: Option<Metres>, h: [u8; 4],
            i: [f32; N], j: Vec<Inner>, k: (u8, f32), l: Box<State>, m: BTreeMap<String, u8>,
            n: Map<u8, (),>, o: CuTime, p: cu29::clock::CuDuration, q: std::sync::Arc<u8>, r: &'static str,
            w: Wrap<Inner, 3>,
            s: std::option::Option<Kind>, t: Unknown, u: [u8; other()], pub(crate) v: ::std::string::String,
         }
         pub struct Wrap<T, const N: usize>(T); pub struct Inner(pub u8); pub enum Kind { A, B }",
    );
    let project = load(&dir);
    let types: Vec<String> = fields(&project, "tasks::State")
        .iter()
        .map(|field| project.types.spell(&field.ty))
        .collect();
    assert_eq!(
        types,
        [
            "bool",
            "i8",
            "u128",
            "f64",
            "char",
            "String",
            "Option<f32>",
            "[u8; 4]",
            "[f32; 7]",
            "Vec<crate::tasks::Inner>",
            "(u8, f32)",
            "Box<crate::tasks::State>",
            "std::collections::BTreeMap<String, u8>",
            "std::collections::HashMap<u8, ()>",
            "cu29::clock::CuTime",
            "cu29::clock::CuDuration",
            "std::sync::Arc<u8>",
            "&'static str",
            "crate::tasks::Wrap<crate::tasks::Inner, 3>",
            "Option<crate::tasks::Kind>",
            "Unknown",
            "[u8; other ()]",
            "String",
        ]
    );
    let defs = fields(&project, "tasks::State");
    assert!(matches!(&defs[20].ty, RustTy::Opaque(name) if name == "Unknown"));
    assert!(defs[0].private && !defs[22].private);
}

#[test]
fn serde_attributes_shape_what_python_sees() {
    let dir = state_app(
        "#[derive(Serialize, Deserialize)]
         #[serde(rename_all = \"camelCase\", default)]
         pub struct State { last_error: f32, #[serde(rename = \"n\")] count: u8, #[serde(skip)] cache: u8,
            #[serde(with = \"hex\")] raw: Vec<u8>, r#type: Kind, by_hand: Hand, tagged: Tagged, unit: Unit,
            pair: Pair, wrap: Wrap, #[serde(flatten)] rest: Wrap }
         #[derive(Default)] #[serde(rename_all = \"snake_case\")]
         pub enum Kind { #[default] VeryFast, #[serde(rename = \"S\")] Slow(u8), Both(u8, f32),
            Rec { some_field: u8 }, #[serde(skip)] Never }
         pub struct Hand { a: u8 } impl serde::Serialize for Hand {} impl Default for super::tasks::Hand {}
         #[serde(tag = \"kind\")] pub enum Tagged { A, B }
         pub struct Unit; pub struct Pair(u8, f32); pub struct Wrap(u8);",
    );
    let project = load(&dir);
    let state = fields(&project, "tasks::State");
    let names: Vec<&str> = state.iter().map(|f| f.python_name.as_str()).collect();
    assert_eq!(
        names,
        [
            "lastError",
            "n",
            "cache",
            "raw",
            "type",
            "byHand",
            "tagged",
            "unit",
            "pair",
            "wrap",
            "rest"
        ]
    );
    assert_eq!(state[4].name, "type");
    assert!(state.iter().all(|field| field.has_default));
    assert!(state[2].skipped);
    assert_eq!(
        state[3].ty,
        RustTy::Opaque("Vec<u8> with `#[serde(with)]`".into())
    );
    assert_eq!(
        state[10].ty,
        RustTy::Opaque("Wrap with `#[serde(flatten)]`".into())
    );
    let kind = project.types.enum_def("tasks::Kind").unwrap();
    let variants: Vec<&str> = kind
        .variants
        .iter()
        .map(|v| v.python_name.as_str())
        .collect();
    assert_eq!(variants, ["very_fast", "S", "both", "rec"]);
    assert_eq!(kind.default.as_deref(), Some("VeryFast"));
    assert!(matches!(
        &kind.variants[1].kind,
        VariantKind::Newtype(RustTy::Int(IntTy::U8))
    ));
    assert!(matches!(&kind.variants[2].kind, VariantKind::Tuple(types) if types.len() == 2));
    assert!(
        matches!(&kind.variants[3].kind, VariantKind::Record(fields) if fields[0].python_name == "some_field")
    );
    let hand = project.types.struct_def("tasks::Hand").unwrap();
    assert_eq!(hand.derives, ["Default", "Serialize"]);
    assert_eq!(
        hand.kind,
        StructKind::Opaque("`Serialize` is implemented by hand".into())
    );
    let tagged = project.types.struct_def("tasks::Tagged").unwrap();
    assert_eq!(
        tagged.kind,
        StructKind::Opaque("it has `#[serde(tag)]`".into())
    );
    assert_eq!(
        project.types.struct_def("tasks::Unit").unwrap().kind,
        StructKind::Unit
    );
    assert!(matches!(
        project.types.struct_def("tasks::Pair").unwrap().kind,
        StructKind::Tuple(_)
    ));
    assert!(matches!(
        project.types.struct_def("tasks::Wrap").unwrap().kind,
        StructKind::Newtype { .. }
    ));
}

#[test]
fn a_path_dependency_is_read_into() {
    let manifest = format!("{MANIFEST}robot-messages = {{ path = \"messages\" }}\n");
    let dir = py_app(
        "tasks::Py",
        &[
            ("Cargo.toml", &manifest),
            ("src/main.rs", "mod tasks;"),
            (
                "src/tasks.rs",
                "use cu_python_task::PyTask; use robot_messages::*;
                 pub type Py = PyTask<(Scan,), robot_messages::State, ()>;",
            ),
            (
                "messages/Cargo.toml",
                "[package]\nname = \"robot-messages\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n",
            ),
            (
                "messages/src/lib.rs",
                "mod scan; pub use scan::Scan; pub struct State;",
            ),
            (
                "messages/src/scan.rs",
                "pub struct Scan { pub ranges: Vec<f32> }",
            ),
        ],
    );
    let project = load(&dir);
    let node = &project.nodes[0];
    let binding = node
        .binding
        .as_ref()
        .unwrap_or_else(|| panic!("{:?}", node.problem));
    assert_eq!(binding.inputs, [named("robot_messages::scan::Scan")]);
    let scan = project
        .types
        .struct_def("robot_messages::scan::Scan")
        .unwrap();
    assert_eq!(scan.krate.as_deref(), Some("robot_messages"));
    assert_eq!(scan.module, ["scan"]);
    assert_eq!(
        project.types.path("robot_messages::scan::Scan"),
        "robot_messages::Scan"
    );
}

#[test]
fn a_crate_that_is_not_there_gives_an_opaque_message() {
    let manifest = format!("{MANIFEST}far-away = \"1\"\n");
    let dir = py_app(
        "tasks::Py",
        &[
            ("Cargo.toml", &manifest),
            ("src/main.rs", "mod tasks;"),
            (
                "src/tasks.rs",
                "use cu_python_task::PyTask; use far_away::msgs::Image;
                 pub type Py = PyTask<(Image,), (), ()>;",
            ),
        ],
    );
    let project = load(&dir);
    let binding = project.nodes[0].binding.as_ref().unwrap();
    assert_eq!(
        binding.inputs,
        [RustTy::Opaque("far_away::msgs::Image".into())]
    );
    assert_eq!(binding.state, RustTy::Unit);
}

#[test]
fn the_script_and_the_mode_have_defaults() {
    let dir = app(&[
        (
            "copperconfig.ron",
            "(tasks: [(id: \"py\", type: \"Py\")], cnx: [])",
        ),
        ("src/main.rs", PLAIN),
        ("python/task.py", ""),
    ]);
    let project = load(&dir);
    let id = select(&project, Some("python/task.py"), None).unwrap();
    let binding = project.node(&id).unwrap().binding.as_ref().unwrap();
    assert_eq!(binding.script_name, "python/task.py");
    assert_eq!(binding.mode, PythonMode::Process);
}

#[test]
fn the_graph_is_read_with_missions_includes_and_what_we_do_not_know() {
    let dir = app(&[
        (
            "copperconfig.ron",
            "#![enable(unwrap_variant_newtypes)]
            (
                constants: [(id: \"x\", value: 3)],
                missions: [(id: \"a\"), (id: \"b\")],
                includes: [(path: \"parts/more.ron\", params: { \"n\": 2, \"s\": \"left\" }, missions: [])],
                monitor: (type: \"M\"),
                logging: (keyframe_interval: 10, slab_size_mib: 4, section_size_mib: 1),
                runtime: (rate_target_hz: 100),
                tasks: [
                    (id: \"py\", type: \"Py\", kind: task, background: (pool: \"vision\"),
                     anytime: (max_refines: 3),
                     resources: {\"i2c\": \"bus.i2c\"}, missions: [\"a\"], logging: (enabled: false, codec: \"c\"),
                     config: {\"script\": \"python/py.py\", \"list\": [1, 2.5, 'c', (a: 1)], \"m\": {\"k\": None}}),
                    (id: \"other\", type: \"tasks::Other\", background: true),
                ],
                bridges: [(id: \"br\", type: \"B\", channels: [Rx(id: \"r\", route: \"x\"), Tx(id: \"t\")])],
                cnx: [
                    (src: \"other\", dst: \"py\", msg: \"In\"),
                    (src: \"py\", dst: \"__nc__\", msg: \"Out\", missions: [\"a\"]),
                ],
            )",
        ),
        (
            "parts/more.ron",
            "(tasks: [(id: \"py\", type: \"Wrong\"), (id: \"{{s}}_{{n}}\", type: \"Left\")],
              cnx: [(src: \"other\", dst: \"py\", msg: \"In\", missions: [\"b\"])])",
        ),
        ("src/main.rs", PLAIN),
        ("python/py.py", ""),
    ]);
    let project = load(&dir);
    let ids: Vec<&str> = project
        .nodes
        .iter()
        .map(|node| node.id.0.as_str())
        .collect();
    assert_eq!(ids, ["py", "other", "left_2"]);
    assert_eq!(project.missions, ["a", "b"]);
    assert_eq!(project.nodes[0].missions, ["a"]);
    assert!(project.nodes[0].background && !project.nodes[0].logging_enabled);
    assert!(project.nodes[1].background && project.nodes[1].logging_enabled);
    assert_eq!(project.logging.keyframe_interval, 10);
    assert!(project.logging.tasks && project.logging.keyframes);
    assert_eq!(project.connections.len(), 2);
    assert_eq!(project.connections[1].dst.0, "__nc__");
    select(&project, None, Some("py")).unwrap();
}

#[test]
fn errors_of_the_configuration_name_file_and_line() {
    let load_error = |config: &str, more: &[(&str, &str)]| {
        let mut files = vec![("copperconfig.ron", config), ("src/main.rs", PLAIN)];
        files.extend(more);
        Project::load(app(&files).path()).unwrap_err().to_string()
    };
    let error = load_error(
        "(\n  tasks: [\n    (id: \"py\" type: \"Py\"),\n  ],\n)",
        &[],
    );
    assert_says(
        &error,
        &[
            "copperconfig.ron: line 3",
            "(id: \"py\" type: \"Py\")",
            "help:",
        ],
    );
    let error = load_error("(\n tasks: [(id: \"py\")])", &[]);
    assert_says(
        &error,
        &["copperconfig.ron: line 2: task `py` has no `type`"],
    );
    let error = load_error("(includes: [(path: \"no.ron\")])", &[]);
    assert_says(&error, &["cannot read", "no.ron"]);
    let error = load_error(
        "(includes: [(path: \"a.ron\")])",
        &[("a.ron", "(includes: [(path: \"a.ron\")])")],
    );
    assert_says(&error, &["a.ron: `a.ron` includes itself"]);
    let error = load_error(
        "(includes: [(path: \"a.ron\", when: Feature(\"sim\"))])",
        &[],
    );
    assert_says(&error, &["`a.ron` depends on Cargo features"]);
    let error = Project::load(Path::new("/nowhere"))
        .unwrap_err()
        .to_string();
    assert_says(&error, &["/nowhere"]);
}

#[test]
fn a_broken_manifest_is_told_in_cargos_words() {
    let dir = app(&[("Cargo.toml", "[package\n"), ("copperconfig.ron", "()")]);
    let error = Project::load(dir.path()).unwrap_err();
    assert_says(
        &error.to_string(),
        &["Cargo.toml", "cargo cannot read it", "help:"],
    );
    let dir = app(&[("Cargo.toml", "[workspace]\n"), ("copperconfig.ron", "()")]);
    let error = Project::load(dir.path()).unwrap_err();
    assert_says(&error.to_string(), &["declares no package", "--app DIR"]);
}

#[test]
fn selecting_names_what_there_is() {
    let dir = app(&[
        (
            "copperconfig.ron",
            "(tasks: [
                (id: \"left\", type: \"Py\", config: {\"script\": \"python/wheel.py\"}),
                (id: \"right\", type: \"Py\", config: {\"script\": \"./python/../python/wheel.py\"}),
                (id: \"gone\", type: \"Py\", config: {\"script\": \"python/gone.py\"}),
                (id: \"motor\", type: \"Motor\"),
                (id: \"odd\", type: \"Py\", config: {\"mode\": \"thread\"}),
                (id: \"twice\", type: \"Py\", missions: [\"a\"]),
                (id: \"twice\", type: \"Motor\", missions: [\"b\"]),
            ])",
        ),
        ("src/main.rs", &format!("{PLAIN} pub struct Motor;")),
        ("python/wheel.py", ""),
        ("python/free.py", ""),
    ]);
    let project = load(&dir);
    let error = |script: Option<&str>, task: Option<&str>| {
        select(&project, script, task).unwrap_err().to_string()
    };
    assert_says(
        &error(Some("python/free.py"), None),
        &[
            "copperconfig.ron: no node runs",
            "free.py",
            "`left` runs python/wheel.py",
            "`gone` runs python/gone.py",
        ],
    );
    assert_says(
        &error(Some("python/wheel.py"), None),
        &["2 nodes of", "`left`, `right`", "--task ID"],
    );
    assert_eq!(
        select(&project, Some("python/wheel.py"), Some("right"))
            .unwrap()
            .0,
        "right"
    );
    assert_says(
        &error(Some("python/free.py"), Some("left")),
        &["node `left`", "runs `python/wheel.py`, not"],
    );
    assert_says(
        &error(None, Some("lefft")),
        &["no node `lefft`", "did you mean `left`?"],
    );
    assert_says(
        &error(None, Some("xyz")),
        &["no node `xyz`", "`left` runs python/wheel.py"],
    );
    assert_says(
        &error(None, Some("motor")),
        &["node `motor` is not a PyTask", "`Motor`"],
    );
    assert_says(
        &error(None, Some("gone")),
        &["there is no file", "python/gone.py", "app's root"],
    );
    assert_says(
        &error(None, Some("odd")),
        &["copperconfig.ron:6:", "mode: \"thread\"", "embedded"],
    );
    assert_says(&error(None, Some("twice")), &["2 nodes are called `twice`"]);
    assert_says(&error(None, None), &["several Python nodes", "--task ID"]);
    assert_says(
        &error(Some("python/none.py"), None),
        &["cannot read", "python/none.py"],
    );
}

#[test]
fn an_app_without_python_says_so() {
    let dir = app(&[
        (
            "copperconfig.ron",
            "(tasks: [(id: \"motor\", type: \"Motor\")])",
        ),
        ("src/main.rs", "pub struct Motor;"),
        ("python/x.py", ""),
    ]);
    let error = select(&load(&dir), Some("python/x.py"), None)
        .unwrap_err()
        .to_string();
    assert_says(
        &error,
        &[
            "no node runs",
            "the graph has no Python node, only `motor` (Motor)",
        ],
    );
}

#[test]
fn errors_of_the_rust_name_file_line_and_remedy() {
    let error = |type_path: &str, rust: &[(&str, &str)]| py_error(&py_app(type_path, rust));
    assert_says(
        &error(
            "tasks::Nope",
            &[("src/main.rs", "mod tasks;"), ("src/tasks.rs", PLAIN)],
        ),
        &[
            "src/main.rs: node `py` of",
            "type: \"tasks::Nope\"",
            "no type `tasks::Nope`",
            "help:",
        ],
    );
    assert_says(
        &error(
            "Py",
            &[("src/main.rs", "mod tasks;"), ("src/tasks.rs", PLAIN)],
        ),
        &["no type `Py`", "there is `crate::tasks::Py`"],
    );
    let tasks = PLAIN.replace("pub struct State { pub n: u32 }", "");
    assert_says(
        &error(
            "tasks::Py",
            &[("src/main.rs", "mod tasks;"), ("src/tasks.rs", &tasks)],
        ),
        &[
            "src/tasks.rs:6: no type `State` is declared or imported in module crate::tasks",
            "macro",
        ],
    );
    let tasks = PLAIN.replace("(In,)", "In");
    assert_says(
        &error(
            "tasks::Py",
            &[("src/main.rs", "mod tasks;"), ("src/tasks.rs", &tasks)],
        ),
        &["src/tasks.rs:6: `In` is not a tuple of messages", "(A,)"],
    );
    assert_says(
        &error("tasks::Py", &[("src/main.rs", "\nmod tasks;")]),
        &[
            "src/main.rs:2: `mod tasks;` has no file",
            "src/tasks.rs",
            "src/tasks/mod.rs",
        ],
    );
    assert_says(
        &error(
            "tasks::Py",
            &[
                ("src/main.rs", "mod tasks;"),
                ("src/tasks.rs", "\n\npub struct {"),
            ],
        ),
        &["src/tasks.rs:3: is not valid Rust", "cargo check"],
    );
    assert_says(
        &error(
            "Py",
            &[("src/main.rs", "type Py = A; type A = B; type B = A;")],
        ),
        &["src/main.rs:1: the type aliases behind", "do not end"],
    );
    assert_says(
        &error("tasks", &[("src/main.rs", "mod tasks {}")]),
        &["`tasks` is the module crate::tasks, not a type"],
    );
    assert_says(
        &error("not a type", &[("src/main.rs", "")]),
        &["copperconfig.ron:1:", "is not a Rust type"],
    );
    assert_says(
        &error(
            "Py",
            &[("src/main.rs", "use a::Py; mod a { pub use super::Py; }")],
        ),
        &["no type `Py`"],
    );
}

#[test]
fn a_broken_node_does_not_stop_the_others() {
    let dir = app(&[
        (
            "copperconfig.ron",
            "(tasks: [(id: \"bad\", type: \"tasks::Nope\"),
              (id: \"py\", type: \"Py\", config: {\"script\": \"python/py.py\"})])",
        ),
        (
            "src/main.rs",
            &format!("mod tasks {{}} mod missing; {PLAIN}"),
        ),
        ("python/py.py", ""),
    ]);
    let project = load(&dir);
    assert!(project.nodes[0].problem.is_some());
    assert_eq!(
        select(&project, Some("python/py.py"), None).unwrap().0,
        "py"
    );
}

#[test]
fn types_are_named_by_a_path_that_the_crate_can_see() {
    let dir = py_app(
        "tasks::Py",
        &[
            ("src/main.rs", "mod tasks; pub mod messages; mod open { pub struct O; }"),
            (
                "src/messages.rs",
                "mod scan; pub use scan::Scan; mod deep { pub mod er { pub struct D; } pub use er::*; }
                 pub use deep::D as Deep; pub use deep as depth;",
            ),
            ("src/messages/scan.rs", "pub struct Scan;"),
            (
                "src/tasks.rs",
                "use crate::messages::{Deep, Scan}; use crate::open::O;
                 struct Own;
                 pub type Py = cu_python_task::PyTask<(Scan, Deep, O), Own, ()>;",
            ),
        ],
    );
    let project = load(&dir);
    let binding = project.nodes[0].binding.as_ref().unwrap();
    let paths: Vec<String> = binding
        .inputs
        .iter()
        .chain([&binding.state])
        .map(|ty| project.types.spell(ty))
        .collect();
    assert_eq!(
        paths,
        [
            "crate::messages::Scan",
            "crate::messages::Deep",
            "crate::open::O",
            "crate::tasks::Own"
        ]
    );
}
