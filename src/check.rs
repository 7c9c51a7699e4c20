//! What will translate of an app's Python, and what it steps into today.
//!
//! Enters: paths, or none for every script of the app. Leaves: a [`Script`] for each Python
//! file: how much of it is translated, what is not and why, the traps of PyTask. Nothing is
//! written and no Python runs. This module must not know how it is shown.

use crate::diagnostic::{Diagnostic, Severity, suppress};
use crate::error::Error;
use crate::pipeline;
use crate::project::{Form, Node, Project, PythonVersion, discover};
use crate::source::SourceFile;
use crate::translation::Coverage;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A Python file that was looked at.
#[derive(Debug, Clone)]
pub struct Script {
    /// Its text, under the name that it is shown by.
    pub source: SourceFile,
    /// The nodes that run it, each with its mode.
    pub tasks: Vec<(String, &'static str)>,
    /// How much of it is translated; none where its types are not known.
    pub coverage: Option<Coverage>,
    /// What was found, but for what the source allows; in the order of the source.
    pub diagnostics: Vec<Diagnostic>,
    /// The errors that were found, those that the source allows among them: a hole is a hole.
    pub errors: usize,
    /// How many findings the source allows.
    pub allowed: usize,
    /// What there is to say of how it was looked at.
    pub note: Option<String>,
}

impl Script {
    /// How many of its findings are of that gravity.
    pub fn count(&self, severity: Severity) -> usize {
        let of = |d: &&Diagnostic| d.severity() == severity;
        self.diagnostics.iter().filter(of).count()
    }
}

/// What was looked at.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    /// The scripts, by their names.
    pub scripts: Vec<Script>,
    /// Files that no task runs and that define no `process`: nothing was looked for in them.
    pub skipped: Vec<PathBuf>,
    /// What kept a script from being looked at.
    pub faults: Vec<String>,
}

impl Checked {
    /// The exit code: 2 where something could not be looked at, 1 where a hole or an error
    /// was found (or a warning, where warnings are denied), else 0.
    pub fn exit_code(&self, deny_warnings: bool) -> u8 {
        let warned = |s: &Script| deny_warnings && s.count(Severity::Warning) > 0;
        if !self.faults.is_empty() {
            2
        } else if self.scripts.iter().any(|s| s.errors > 0 || warned(s)) {
            1
        } else {
            0
        }
    }
}

/// Looks at files and directories, or at every script of the app in `app` or around here.
///
/// # Errors
/// A path is not there, or there is no app where one is needed.
pub fn check(
    paths: &[PathBuf],
    app: Option<&Path>,
    python: Option<PythonVersion>,
) -> Result<Checked, Error> {
    let mut apps = Apps {
        fixed: app.map(Path::to_path_buf),
        loaded: BTreeMap::new(),
        python: python.or_else(PythonVersion::installed).unwrap_or_default(),
    };
    let mut checked = Checked::default();
    if paths.is_empty() {
        let root = match app {
            Some(app) => app.to_path_buf(),
            None => discover(Path::new("."))?,
        };
        let project = apps.load(&root)?;
        for file in scripts_of(&project, &mut checked) {
            one(&mut apps, &file, true, &mut checked)?;
        }
    }
    for path in paths {
        if path.is_dir() {
            let mut files = Vec::new();
            python_files(path, &mut files)?;
            if files.is_empty() {
                checked
                    .faults
                    .push(format!("{} holds no Python file", path.display()));
            }
            for file in files {
                one(&mut apps, &file, false, &mut checked)?;
            }
        } else {
            one(&mut apps, path, true, &mut checked)?;
        }
    }
    let mut seen = Vec::new();
    checked.scripts.retain(|script| {
        let new = !seen.contains(&script.source.path().to_path_buf());
        seen.push(script.source.path().to_path_buf());
        new
    });
    checked.skipped.sort();
    checked.skipped.dedup();
    Ok(checked)
}

/// The apps that were read.
struct Apps {
    fixed: Option<PathBuf>,
    loaded: BTreeMap<PathBuf, std::rc::Rc<Project>>,
    python: PythonVersion,
}

impl Apps {
    fn load(&mut self, root: &Path) -> Result<std::rc::Rc<Project>, Error> {
        if let Some(project) = self.loaded.get(root) {
            return Ok(project.clone());
        }
        let mut project = Project::load(root)?;
        for node in &mut project.nodes {
            if let Some(binding) = &mut node.binding {
                binding.python = self.python;
            }
        }
        let project = std::rc::Rc::new(project);
        self.loaded.insert(root.to_path_buf(), project.clone());
        Ok(project)
    }

    /// The app of a file; none where it lies in none.
    fn of(&mut self, file: &Path) -> Result<Option<std::rc::Rc<Project>>, Error> {
        if let Some(root) = self.fixed.clone() {
            return self.load(&root).map(Some);
        }
        match discover(file) {
            Ok(root) => self.load(&root).map(Some),
            Err(Error::NoApp { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The scripts that the nodes of an app run.
fn scripts_of(project: &Project, checked: &mut Checked) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = Vec::new();
    for node in &project.nodes {
        // A task in Rust of a type that cannot be read is nothing to Python.
        if let (Some(problem), Some(_)) = (&node.problem, &node.script) {
            checked
                .faults
                .push(Error::from(problem.clone()).to_string());
        } else if let Some(binding) = &node.binding
            && !files.contains(&binding.script)
        {
            files.push(binding.script.clone());
        }
    }
    if files.is_empty() && checked.faults.is_empty() {
        checked.faults.push(format!(
            "{}: no node of the graph is a PyTask",
            project.config_path.display()
        ));
    }
    files.sort();
    files
}

/// The Python files below a directory, without what is hidden, built or installed there.
fn python_files(dir: &Path, files: &mut Vec<PathBuf>) -> Result<(), Error> {
    let failed = |source| Error::Read {
        path: dir.to_path_buf(),
        source,
    };
    let mut entries: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(failed)? {
        entries.push(entry.map_err(failed)?.path());
    }
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            let installed = path.join("pyvenv.cfg").exists();
            let built = matches!(&*name, "__pycache__" | "target" | "node_modules");
            if !installed && !built && !name.starts_with('.') {
                python_files(&path, files)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "py") {
            files.push(path);
        }
    }
    Ok(())
}

/// Looks at one file; `named` where the user, or the app, named it.
fn one(apps: &mut Apps, file: &Path, named: bool, checked: &mut Checked) -> Result<(), Error> {
    let read = |source| Error::Read {
        path: file.to_path_buf(),
        source,
    };
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::InvalidData => {
            let why = format!("{} is not UTF-8: PyTask does not load it", file.display());
            checked.faults.push(why);
            return Ok(());
        }
        Err(error) if named && apps.loaded.is_empty() => return Err(read(error)),
        Err(error) => {
            checked.faults.push(read(error).to_string());
            return Ok(());
        }
    };
    let project = apps.of(file)?;
    let nodes: Vec<&Node> = project
        .as_deref()
        .map(|project| project.nodes_for_script(file))
        .unwrap_or_default();
    let mut bound = 0;
    for node in &nodes {
        if let Some(problem) = &node.problem {
            let fault = Error::from(problem.clone()).to_string();
            if !checked.faults.contains(&fault) {
                checked.faults.push(fault);
            }
        }
        let (Some(project), Some(binding)) = (&project, &node.binding) else {
            continue;
        };
        bound += 1;
        let translation = pipeline::translate(project, &node.id)?;
        let found = translation.diagnostics.clone();
        let script = script(translation.source, found, Some(translation.coverage), None);
        let task = (node.id.0.clone(), binding.mode.name());
        // One script in several nodes is said once, where it is the same for all.
        let same = checked.scripts.iter_mut().find(|other| {
            other.source.path() == script.source.path() && other.diagnostics == script.diagnostics
        });
        match same {
            Some(other) if !other.tasks.contains(&task) => other.tasks.push(task),
            Some(_) => {}
            None => checked.scripts.push(Script {
                tasks: vec![task],
                ..script
            }),
        }
    }
    if bound > 0 || nodes.iter().any(|node| node.problem.is_some()) {
        return Ok(());
    }
    unbound(apps, file, named, text, project.as_deref(), checked)
}

/// Looks at a file that no node runs.
fn unbound(
    apps: &Apps,
    file: &Path,
    named: bool,
    text: String,
    project: Option<&Project>,
    checked: &mut Checked,
) -> Result<(), Error> {
    let full = file.canonicalize().unwrap_or_else(|_| file.to_path_buf());
    let root = project.map_or(Path::new(""), |project| project.root.as_path());
    let name = full.strip_prefix(root).unwrap_or(file);
    let name = name.display().to_string().replace('\\', "/");
    let who = match project {
        Some(_) => "no node of copperconfig.ron runs this file",
        None => "there is no Copper app around this file",
    };
    let source = SourceFile::new(&full, &name, text);
    let untyped = pipeline::untyped(source, project)?;
    if untyped.is_task {
        let note = match untyped.coverage {
            Some(_) => format!("{who}: its types are those of its annotations"),
            None => format!(
                "{who}, and it has no annotations of the app's types: looked at for traps alone, those of process mode among them"
            ),
        };
        let found = script(
            untyped.source,
            untyped.diagnostics,
            untyped.coverage,
            Some(note),
        );
        checked.scripts.push(found);
    } else if named {
        let translation = pipeline::translate_module_for(&full, &name, Form::Library, apps.python)?;
        let note = format!("{who} and it has no `process`: looked at as a module of functions");
        let found = translation.diagnostics.clone();
        let found = script(
            translation.source,
            found,
            Some(translation.coverage),
            Some(note),
        );
        checked.scripts.push(found);
    } else {
        checked.skipped.push(file.to_path_buf());
    }
    Ok(())
}

fn script(
    source: SourceFile,
    found: Vec<Diagnostic>,
    coverage: Option<Coverage>,
    note: Option<String>,
) -> Script {
    let errors = found
        .iter()
        .filter(|d| d.severity() == Severity::Error)
        .count();
    let before = found.len();
    let diagnostics = suppress(found, &source);
    let unused = diagnostics
        .iter()
        .filter(|d| d.code == crate::diagnostic::Code::UnusedSuppression)
        .count();
    Script {
        allowed: (before + unused).saturating_sub(diagnostics.len()),
        source,
        tasks: Vec::new(),
        coverage,
        diagnostics,
        errors,
        note,
    }
}
