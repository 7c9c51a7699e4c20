//! Writes the harness crate.
//!
//! Enters: the [`Plan`], the app, the interpreter. Leaves: a crate under the app's
//! `target/` whose sources are links to the app's, but for the few files that differ. A
//! file is written only when its content changes, so that a warm build is quick. No file
//! of the app outside `target/` is touched.

use super::inspect;
use super::manifest::{self, Additions, Manifest};
use super::plan::Plan;
use super::python::Interpreter;
use crate::error::Error;
use crate::project::{Binding, Project};
use askama::Template;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

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
}

#[derive(Template)]
#[template(path = "harness/support.rs", escape = "none")]
struct Support<'a> {
    config: &'a str,
    data_set: &'a str,
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

/// Writes the harness of `plan`.
///
/// # Errors
/// A file cannot be read, written or understood.
pub fn write(
    project: &Project,
    binding: &Binding,
    plan: &Plan,
    python: &Interpreter,
) -> Result<Harness, Error> {
    let app = Manifest::read(&project.root)?;
    let workspace = app.workspace();
    let dir = directory(project, plan);
    let mut files = Files::default();

    let root_dir = project.package.root_file.parent().unwrap_or(&project.root);
    files.mirror(project, root_dir)?;
    add_sources(project, binding, plan, &app, &mut files)?;

    let root = relative(&project.package.root_file, &project.root);
    let cu29 = cu29_requirement(workspace.as_ref().unwrap_or(&app));
    let additions = Additions {
        name: &plan.name,
        edition: &project.package.edition,
        root: &root.to_string_lossy(),
        cu29: &cu29,
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

/// Where the harness of a task lies.
fn directory(project: &Project, plan: &Plan) -> PathBuf {
    let task = super::plan::snake(&plan.task.0);
    project.root.join("target/migrate/harness").join(task)
}

fn add_sources(
    project: &Project,
    binding: &Binding,
    plan: &Plan,
    app: &Manifest,
    files: &mut Files,
) -> Result<(), Error> {
    // The native task, opened where its state is.
    let mut native = plan.generated_text.clone();
    if let Some(state) = &plan.native.state {
        native.push_str(&format!(
            "\n#[allow(dead_code)]\nimpl {} {{\n    pub(crate) fn __migrate_state(&self) -> &{state} \
             {{\n        &self.state\n    }}\n}}\n",
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
    files.text(children.join("migrate_glue.rs"), glue(plan)?);
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
        data_set: "cumsgs::CuStampedDataSet",
        py_task: manifest::extern_name(app, manifest::PY_TASK),
        pyo3: manifest::extern_name(app, manifest::PYO3),
        json: manifest::extern_name(app, manifest::JSON),
    })?;
    files.text(source_dir.join("__migrate.rs"), text);
    for (name, text) in [
        (
            "replay.rs",
            include_str!("../../templates/harness/replay.rs"),
        ),
        ("protocol.rs", include_str!("protocol.rs")),
        ("value.rs", include_str!("value.rs")),
    ] {
        files.text(support.join(name), text.to_owned());
    }
    Ok(())
}

fn glue(plan: &Plan) -> Result<String, Error> {
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
    let messages: Vec<String> = plan
        .outputs
        .iter()
        .map(|port| format!("CuMsg<{}>", port.ty))
        .collect();
    let output = match messages.as_slice() {
        [one] => one.clone(),
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
        output,
    })
}

fn add_build_script(
    project: &Project,
    python: &Interpreter,
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
            .libdir
            .as_ref()
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

/// The files of the harness, by their path in it.
#[derive(Default)]
struct Files(BTreeMap<PathBuf, Content>);

enum Content {
    Text(String),
    Link(PathBuf),
}

impl Files {
    fn text(&mut self, path: impl Into<PathBuf>, text: String) {
        self.0.insert(path.into(), Content::Text(text));
    }

    /// Links what lies in the app's root, and each file of its source directory.
    fn mirror(&mut self, project: &Project, sources: &Path) -> Result<(), Error> {
        let skipped = ["target", "Cargo.toml", "Cargo.lock", "build.rs"];
        for (name, path, _) in entries(&project.root)? {
            if !skipped.contains(&name.as_str())
                && !name.starts_with('.')
                && !sources.starts_with(&path)
            {
                self.0.insert(name.into(), Content::Link(path));
            }
        }
        if sources != project.root {
            self.mirror_sources(&project.root, sources)?;
        }
        Ok(())
    }

    fn mirror_sources(&mut self, root: &Path, dir: &Path) -> Result<(), Error> {
        for (_, path, is_dir) in entries(dir)? {
            if is_dir {
                self.mirror_sources(root, &path)?;
            } else {
                self.0.insert(relative(&path, root), Content::Link(path));
            }
        }
        Ok(())
    }

    /// A hash of the Rust and the configuration.
    fn hash(&self) -> Result<String, Error> {
        let mut hasher = Sha256::new();
        for (path, content) in &self.0 {
            let is_source = path.extension().is_some_and(|e| e == "rs" || e == "ron");
            hasher.update(path.to_string_lossy().as_bytes());
            match content {
                Content::Text(text) => hasher.update(text),
                Content::Link(to) if is_source => hasher.update(read(to)?),
                Content::Link(to) => hash_configuration(to, &mut hasher)?,
            }
        }
        let bytes = hasher.finalize();
        Ok(bytes.iter().take(8).map(|b| format!("{b:02x}")).collect())
    }

    fn write(&self, dir: &Path) -> Result<(), Error> {
        remove_strangers(dir, dir, &self.0)?;
        for (path, content) in &self.0 {
            let path = dir.join(path);
            match content {
                Content::Text(text) => write_text(&path, text)?,
                Content::Link(to) => link(to, &path)?,
            }
        }
        Ok(())
    }
}

/// The RON files in a directory of the app: its configuration may include them.
fn hash_configuration(path: &Path, hasher: &mut Sha256) -> Result<(), Error> {
    if !path.is_dir() || path.is_symlink() {
        return Ok(());
    }
    let mut found = entries(path)?;
    found.sort();
    for (name, path, is_dir) in found {
        if is_dir {
            hash_configuration(&path, hasher)?;
        } else if name.ends_with(".ron") {
            hasher.update(read(&path)?);
        }
    }
    Ok(())
}

/// Files of an earlier harness that the app has no longer.
fn remove_strangers(
    root: &Path,
    dir: &Path,
    known: &BTreeMap<PathBuf, Content>,
) -> Result<(), Error> {
    let Ok(found) = entries(dir) else {
        return Ok(());
    };
    for (name, path, is_dir) in found {
        let own = relative(&path, root);
        if is_dir && !path.is_symlink() {
            remove_strangers(root, &path, known)?;
        } else if path.is_symlink() && !matches!(known.get(&own), Some(Content::Link(_)))
            || name.ends_with(".rs") && !known.contains_key(&own)
        {
            std::fs::remove_file(&path).map_err(|source| Error::Write { path, source })?;
        }
    }
    Ok(())
}

fn entries(dir: &Path) -> Result<Vec<(String, PathBuf, bool)>, Error> {
    let failed = |source| Error::Read {
        path: dir.to_owned(),
        source,
    };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        found.push((name, path.clone(), path.is_dir()));
    }
    Ok(found)
}

fn read(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })
}

/// Writes `text` unless the file holds it already; never through a link.
fn write_text(path: &Path, text: &str) -> Result<(), Error> {
    let failed = |source| Error::Write {
        path: path.to_owned(),
        source,
    };
    if path.is_symlink() {
        std::fs::remove_file(path).map_err(failed)?;
    } else if std::fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(failed)?;
    }
    std::fs::write(path, text).map_err(failed)
}

fn link(to: &Path, path: &Path) -> Result<(), Error> {
    let failed = |source| Error::Write {
        path: path.to_owned(),
        source,
    };
    if std::fs::read_link(path).is_ok_and(|old| old == to) {
        return Ok(());
    }
    if path.symlink_metadata().is_ok() {
        std::fs::remove_file(path).map_err(failed)?;
    }
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(failed)?;
    }
    #[cfg(unix)]
    let linked = std::os::unix::fs::symlink(to, path);
    #[cfg(not(unix))]
    let linked = std::fs::copy(to, path).map(|_| ());
    linked.map_err(failed)
}

/// `path` from `root`, when it lies within; else as it is.
fn relative(path: &Path, root: &Path) -> PathBuf {
    let inner = path.strip_prefix(root).unwrap_or(path);
    inner
        .components()
        .filter(|part| !matches!(part, Component::CurDir))
        .collect()
}
