//! Writes the harness crate.
//!
//! Enters: the [`Plan`], the app, the interpreter. Leaves: a crate under the app's
//! `target/` whose sources are links to the app's, but for the few files that differ. A
//! file is written only when its content changes, so that a warm build is quick. No file
//! of the app outside `target/` is touched.

use super::files::{Files, read, relative, write_text};
use super::inspect;
use super::manifest::{self, Additions, Manifest};
use super::plan::Plan;
use super::python::Interpreter;
use crate::error::Error;
use crate::project::{Binding, Project};
use askama::Template;
use std::path::{Path, PathBuf};

/// A written harness.
#[derive(Debug, Clone)]
pub struct Harness {
    /// Its directory.
    pub dir: PathBuf,
    /// Its binary's name.
    pub name: String,
    /// The hash of its sources.
    pub sources: String,
}

#[derive(Template)]
#[template(path = "harness/glue.rs", escape = "none")]
struct Glue<'a> {
    task: &'a str,
    index: usize,
    ids: &'a [String],
    module: &'a str,
    native: &'a str,
    stateless: bool,
    has_state: bool,
    state: &'a str,
    inputs: &'a [super::plan::Port],
    outputs: &'a [super::plan::Port],
    /// The expression of `&Self::Input`.
    input: String,
    /// The type of `Self::Output`.
    output: String,
    /// The expression of `&Self::Input` of a case.
    case_input: String,
    /// The expression of the recorded outputs.
    recorded: String,
    /// Whether a state can be made of a value.
    restores: bool,
    /// Whether the `PyTask` is in the harness as well.
    python: bool,
}

#[derive(Template)]
#[template(path = "harness/support.rs", escape = "none")]
struct Support<'a> {
    config: &'a str,
    data_set: String,
    python: bool,
    py_task: String,
    pyo3: String,
    json: String,
}

#[derive(Template)]
#[template(path = "harness/build.rs", escape = "none")]
struct Build<'a> {
    app_build: bool,
    config: &'a str,
    python_libdir: Option<String>,
    old_dtags: bool,
}

/// The files of the harness that are the same for every task.
const SUPPORT: [(&str, &str); 12] = [
    ("bench.rs", include_str!("../../templates/harness/bench.rs")),
    ("case.rs", include_str!("../../templates/harness/case.rs")),
    (
        "channel.rs",
        include_str!("../../templates/harness/channel.rs"),
    ),
    ("log.rs", include_str!("../../templates/harness/log.rs")),
    (
        "observe.rs",
        include_str!("../../templates/harness/observe.rs"),
    ),
    (
        "observe.py",
        include_str!("../../templates/harness/observe.py"),
    ),
    ("protocol.rs", include_str!("protocol.rs")),
    ("restore.rs", include_str!("restore.rs")),
    (
        "replay.rs",
        include_str!("../../templates/harness/replay.rs"),
    ),
    ("sides.rs", include_str!("../../templates/harness/sides.rs")),
    ("value.rs", include_str!("value.rs")),
    ("watch.rs", include_str!("../../templates/harness/watch.rs")),
];

/// Writes the harness of `plan`; `with_python` where the `PyTask` runs in it as well. The
/// interpreter is what the app links in any case.
///
/// # Errors
/// A file cannot be read, written or understood.
pub fn write(
    project: &Project,
    binding: &Binding,
    plan: &Plan,
    python: Option<&Interpreter>,
    with_python: bool,
) -> Result<Harness, Error> {
    let app = Manifest::read(&project.root)?;
    let workspace = app.workspace();
    let dir = directory(project, plan);
    let mut files = Files::default();

    let root_dir = project.package.root_file.parent().unwrap_or(&project.root);
    files.mirror(project, root_dir)?;
    add_sources(project, binding, plan, &app, with_python, &mut files)?;

    let root = relative(&project.package.root_file, &project.root);
    let cu29 = cu29_requirement(workspace.as_ref().unwrap_or(&app));
    let additions = Additions {
        name: &plan.name,
        edition: &project.package.edition,
        root: &root.to_string_lossy(),
        cu29: &cu29,
        python: with_python,
    };
    let text = manifest::harness(&app, workspace.as_ref(), &additions);
    files.text("Cargo.toml", text);
    add_build_script(project, python, &mut files)?;

    // Cargo goes by times of change, which a restored file does not have: what must not
    // be stale is this file's content.
    let sources = files.hash()?;
    let stamp = relative(root_dir, &project.root).join("__migrate/sources.txt");
    files.text(stamp, sources.clone());
    files.write(&dir)?;
    copy_lock(workspace.as_ref().unwrap_or(&app), &dir)?;
    Ok(Harness {
        dir,
        name: plan.name.clone(),
        sources,
    })
}

/// Whether the app itself depends on Copper's Python tasks.
///
/// # Errors
/// Its manifest cannot be read.
pub fn has_py_task(project: &Project) -> Result<bool, Error> {
    let app = Manifest::read(&project.root)?;
    Ok(manifest::depends_on(&app, manifest::PY_TASK))
}

/// Where the harness of a task lies.
fn directory(project: &Project, plan: &Plan) -> PathBuf {
    let task = plan.task.module_name();
    project.root.join("target/migrate/harness").join(task)
}

fn add_sources(
    project: &Project,
    binding: &Binding,
    plan: &Plan,
    app: &Manifest,
    python: bool,
    files: &mut Files,
) -> Result<(), Error> {
    // The native task, opened where its state is.
    let mut native = plan.generated_text.clone();
    if let Some(state) = &plan.native.state {
        native.push_str(&format!(
            "\n#[allow(dead_code)]\nimpl {} {{\n    pub(crate) fn __migrate_state(&self) -> &{state} \
             {{\n        &self.state\n    }}\n    pub(crate) fn __migrate_state_mut(&mut self) -> \
             &mut {state} {{\n        &mut self.state\n    }}\n}}\n",
            plan.native.type_name
        ));
    }
    files.text(&plan.module_path, native);

    // The binding's module declares the native task and the glue beside it.
    let module_file = &binding.module_file;
    let module_text = read(module_file)?;
    let is_root = *module_file == project.package.root_file;
    let mut text = if is_root {
        inspect::without_runtime(module_file, &module_text)?
    } else {
        module_text.clone()
    };
    if !inspect::declares(module_file, &module_text, &plan.module)? {
        text.push_str(&format!("\npub mod {};\n", plan.module));
    }
    let children = relative(&binding.child_dir, &project.root);
    files.text(children.join("migrate_glue.rs"), glue(plan, python)?);
    text.push_str("\nmod migrate_glue;\n");

    // The root gets the replay and `main`.
    let root_file = &project.package.root_file;
    let mut root = if is_root {
        text
    } else {
        files.text(relative(module_file, &project.root), text);
        inspect::without_runtime(root_file, &read(root_file)?)?
    };
    root.push_str(
        "\nmod __migrate;\n\nfn main() {\n    unsafe extern \"Rust\" {\n        \
         safe fn __migrate_entry();\n    }\n    __migrate_entry();\n}\n",
    );
    files.text(relative(root_file, &project.root), root);

    let source_dir = relative(root_file.parent().unwrap_or(&project.root), &project.root);
    let support = source_dir.join("__migrate");
    let config = relative(&project.config_path, &project.root);
    let text = render(&Support {
        config: &config.to_string_lossy(),
        data_set: match &plan.mission {
            Some(mission) => format!("cumsgs::{mission}::CuStampedDataSet"),
            None => "cumsgs::CuStampedDataSet".into(),
        },
        python,
        py_task: manifest::extern_name(app, manifest::PY_TASK),
        pyo3: manifest::extern_name(app, manifest::PYO3),
        json: manifest::extern_name(app, manifest::JSON),
    })?;
    files.text(source_dir.join("__migrate.rs"), text);
    for (name, text) in SUPPORT {
        if !python && name.starts_with("observe") {
            continue;
        }
        files.text(support.join(name), text.to_owned());
    }
    Ok(())
}

fn glue(plan: &Plan, python: bool) -> Result<String, Error> {
    let read: Vec<String> = plan
        .inputs
        .iter()
        .map(|port| format!("data.{}()", port.accessor))
        .collect();
    let input = match read.as_slice() {
        [] => "&()".to_owned(),
        [one] => one.clone(),
        several => format!("&({})", several.join(", ")),
    };
    let restored: Vec<String> = (0..plan.inputs.len())
        .map(|i| format!("&input_{i}"))
        .collect();
    let case_input = match restored.as_slice() {
        [] => "&()".to_owned(),
        [one] => one.clone(),
        several => format!("&({})", several.join(", ")),
    };
    let messages: Vec<String> = plan
        .outputs
        .iter()
        .map(|port| format!("CuMsg<{}>", port.ty))
        .collect();
    let output = match messages.as_slice() {
        [one] => one.clone(),
        several => format!("({})", several.join(", ")),
    };
    let copies: Vec<String> = plan
        .outputs
        .iter()
        .map(|port| format!("data.{}().clone()", port.accessor))
        .collect();
    let recorded = match copies.as_slice() {
        [one] => one.clone(),
        // An app without outputs has no use for `data`.
        [] => "{\n            let _ = data;\n        }".to_owned(),
        several => format!("({})", several.join(", ")),
    };
    render(&Glue {
        task: &plan.task.0,
        index: plan.index,
        ids: &plan.ids,
        module: &plan.module,
        native: &plan.native.type_name,
        stateless: plan.native.stateless,
        has_state: plan.native.state.is_some(),
        state: &plan.state,
        inputs: &plan.inputs,
        outputs: &plan.outputs,
        input,
        case_input,
        output,
        recorded,
        restores: python || plan.state_deserializes,
        python,
    })
}

fn add_build_script(
    project: &Project,
    python: Option<&Interpreter>,
    files: &mut Files,
) -> Result<(), Error> {
    let own = project.root.join("build.rs");
    let app_build = own.is_file();
    if app_build {
        let mut text = read(&own)?;
        text.push_str("\npub fn __migrate_main() {\n    let _ = main();\n}\n");
        files.text("app_build.rs", text);
    }
    let config = relative(&project.config_path, &project.root);
    let text = render(&Build {
        app_build,
        config: &config.to_string_lossy(),
        python_libdir: python
            .and_then(|python| python.libdir.as_ref())
            .map(|dir| format!("{:?}", dir.to_string_lossy())),
        old_dtags: cfg!(target_os = "linux"),
    })?;
    files.text("build.rs", text);
    Ok(())
}

fn render(template: &impl Template) -> Result<String, Error> {
    template.render().map_err(|error| Error::Environment {
        message: format!("the harness cannot be written: {error}"),
        help: "this is a fault of migrate; please report it".into(),
    })
}

/// The requirement for Copper's crates that fits the app's lock file.
fn cu29_requirement(root: &Manifest) -> String {
    let version = locked_cu29(&root.dir.join("Cargo.lock"));
    let version = version.unwrap_or_else(|| "1.3.0".into());
    let mut parts = version.split('.');
    let (major, minor) = (parts.next().unwrap_or("1"), parts.next().unwrap_or("3"));
    format!("~{major}.{minor}.0")
}

/// The version of cu29 in a lock file.
pub fn locked_cu29(lock: &Path) -> Option<String> {
    let table: toml::Table = std::fs::read_to_string(lock).ok()?.parse().ok()?;
    let packages = table.get("package")?.as_array()?;
    packages
        .iter()
        .find(|p| p.get("name").and_then(toml::Value::as_str) == Some("cu29"))
        .and_then(|p| p.get("version")?.as_str().map(str::to_owned))
}

/// Starts the harness from the app's lock file, and again whenever that changes; what
/// cargo adds to the copy stays.
fn copy_lock(root: &Manifest, dir: &Path) -> Result<(), Error> {
    let from = root.dir.join("Cargo.lock");
    let Ok(text) = std::fs::read_to_string(&from) else {
        return Ok(());
    };
    let seen = dir.join("app.lock");
    if std::fs::read_to_string(&seen).is_ok_and(|old| old == text) {
        return Ok(());
    }
    write_text(&dir.join("Cargo.lock"), &text)?;
    write_text(&seen, &text)
}
