//! Puts a translated task in its PyTask's place, and back.
//!
//! Enters: the [`Project`], the tasks, and where they are to run. Leaves: a [`Plan`]: every
//! file that changes, before and after. Files are read here and written by nobody: that is
//! for who asked. This module must not translate or verify.
//!
//! A switch edits the node in its RON file (`type`, and the keys that only Python reads), the
//! Rust file that declares the modules (`pub mod pid;`, the alias of the PyTask, imports that
//! only the alias needed) and, with the last Python task, `Cargo.toml` and `Cargo.lock`.
//! What these files are like where all tasks run in Python is kept in `.migrate/python/`: the
//! files that are there are always those with the switched tasks applied to them, and with
//! what the user has changed meanwhile, which goes into both.

mod apply;
mod delta;
mod git;
mod lock;
mod manifest;
mod proof;
#[cfg(test)]
mod random;
mod ron;
mod rust;
mod spans;
mod state;
mod world;

pub use git::dirty;
pub use lock::update_lock;
pub use proof::missing as missing_proof;

use crate::error::Error;
use crate::project::{Binding, Node, Project, TaskId};
use crate::update::DIR;
use crate::verify::{native_file, native_task};
use apply::{Fault, MANIFEST, apply, last_segment, merged};
use lock::LOCK;
use state::{State, Switched, Texts, original};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use world::World;

/// Where a task is to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// As Rust.
    Rust,
    /// In Copper's PyTask.
    Python,
}

/// A task that is to be switched.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Its id.
    pub id: TaskId,
    /// What is not proved of it, in words for the RON file.
    pub remark: Option<String>,
}

/// What a switch does to the app.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The app's files that change, the user's first.
    pub files: Vec<FileChange>,
    /// Whether cargo has to bring its lock file up to date.
    pub lock: bool,
    /// What could not be done, and does no harm.
    pub notes: Vec<String>,
    /// The tasks that change, each with its new type.
    pub switched: Vec<(TaskId, String)>,
    /// The tasks that run there already.
    pub already: Vec<TaskId>,
}

/// A file before and after.
#[derive(Debug, Clone)]
pub struct FileChange {
    /// The file, relative to the app's root, with `/`.
    pub name: String,
    /// What is there; `None` for a new file.
    pub old: Option<String>,
    /// What is to be there; `None` where the file goes.
    pub new: Option<String>,
    /// Whether it is the user's, and as nobody but `switch` has left it.
    pub untouched: bool,
}

impl FileChange {
    /// The way back.
    pub fn reversed(&self) -> FileChange {
        FileChange {
            old: self.new.clone(),
            new: self.old.clone(),
            ..self.clone()
        }
    }

    /// Whether it is one of the app's own files, not one of ours.
    pub fn is_users(&self) -> bool {
        !Path::new(&self.name).starts_with(DIR)
    }
}

/// Whether a task runs in Rust because it was switched, and what is said of it in the RON.
///
/// # Errors
/// What is kept in `.migrate/` cannot be read.
pub fn remark(project: &Project, id: &TaskId) -> Result<Option<String>, Error> {
    let state = State::read(&project.root)?;
    let task = state.tasks.into_iter().find(|task| task.task == id.0);
    Ok(task.and_then(|task| task.remark))
}

/// Plans a switch.
///
/// # Errors
/// A task is not one that can be switched, a file is not understood, or what the user has
/// changed cannot be kept.
pub fn plan(project: &Project, wanted: &[Wanted], to: To) -> Result<Plan, Error> {
    let before = State::read(&project.root)?;
    let mut after = before.tasks.clone();
    let mut plan = Plan::default();
    let mut fresh: Vec<Switched> = Vec::new();
    for Wanted { id, remark } in wanted {
        let (node, binding) = bound(project, id)?;
        let known = after.iter().position(|task| task.task == id.0);
        let known_task = known.and_then(|at| after.get_mut(at));
        match (to, known_task, &binding.wired) {
            (To::Rust, Some(task), _) => {
                // A proof that came later.
                if task.remark.is_some() && remark.is_none() {
                    task.remark = None;
                    plan.switched.push((id.clone(), task.new_type.clone()));
                } else {
                    plan.already.push(id.clone());
                }
            }
            (To::Rust, None, Some(_)) | (To::Python, None, None) => plan.already.push(id.clone()),
            (To::Rust, None, None) => {
                let task = new_task(project, node, binding, remark.clone(), &mut plan.notes)?;
                plan.switched.push((id.clone(), task.new_type.clone()));
                fresh.push(task.clone());
                after.push(task);
            }
            (To::Python, Some(task), _) => {
                plan.switched.push((id.clone(), task.old_type.clone()));
                after.retain(|task| task.task != id.0);
            }
            (To::Python, None, Some(_)) => return Err(not_ours(project, node, binding)),
        }
    }
    if plan.switched.is_empty() {
        return Ok(plan);
    }
    after.sort();
    let mut texts = Switch::read(project, &before, &after)?;
    let new = texts.switch(&before.tasks, &after, &fresh, &mut plan.notes)?;
    check(project, &plan.switched, &before, &after, &new)?;
    (plan.files, plan.lock) = texts.changes(&before, after, new)?;
    Ok(plan)
}

/// The texts of a switch.
struct Switch<'a> {
    project: &'a Project,
    world: World,
    /// As they are.
    current: Texts,
    /// As they are where all tasks run in Python.
    original: Texts,
}

impl<'a> Switch<'a> {
    fn read(project: &'a Project, before: &State, after: &[Switched]) -> Result<Self, Error> {
        let (mut current, mut originals) = (Texts::new(), Texts::new());
        let tasks: Vec<Switched> = before.tasks.iter().chain(after).cloned().collect();
        let own = tasks.iter().flat_map(|task| [&task.config, &task.file]);
        let manifest = MANIFEST.to_owned();
        for name in own.chain([&manifest]) {
            let Some(text) = state::read(&project.root.join(name))? else {
                continue;
            };
            let kept = state::read(&project.root.join(original(name)))?;
            originals.insert(name.clone(), kept.unwrap_or_else(|| text.clone()));
            current.insert(name.clone(), text);
        }
        let crate_name = manifest::crate_name(originals.get(MANIFEST).map_or("", String::as_str));
        Ok(Self {
            project,
            world: World::of(project, &tasks, &crate_name),
            current,
            original: originals,
        })
    }

    /// The texts after the switch; the originals take up what the user has changed.
    fn switch(
        &mut self,
        before: &[Switched],
        after: &[Switched],
        fresh: &[Switched],
        notes: &mut Vec<String>,
    ) -> Result<Texts, Error> {
        let mut expected = self.applied(before)?;
        if expected != self.current {
            (self.original, _) = merged(&expected, &self.current, &self.original);
            expected = self.applied(before)?;
        }
        if expected == self.current {
            let tasks: Vec<&Switched> = after.iter().collect();
            return apply(&self.original, &tasks, after, &self.world, notes)
                .map_err(|fault| self.error(fault));
        }
        if !fresh.is_empty() {
            // What is new is put into what is there.
            let tasks: Vec<&Switched> = fresh.iter().collect();
            return apply(&self.current, &tasks, after, &self.world, notes)
                .map_err(|fault| self.error(fault));
        }
        let wanted = self.applied(after)?;
        let (texts, conflicts) = merged(&expected, &self.current, &wanted);
        let Some((name, at)) = conflicts.into_iter().next() else {
            return Ok(texts);
        };
        Err(Error::Config {
            path: self.project.root.join(&name),
            message: format!("{at}: what was switched there was edited since"),
            help: format!(
                "`git diff --no-index {name} {}` shows what it was like: edit it by hand, and \
                 remove `{DIR}/{}`",
                original(&name),
                state::FILE
            ),
        })
    }

    /// The lock file as it was, where nobody but cargo at our bidding has written it since.
    fn old_lock(&self, before: &State) -> Result<Option<FileChange>, Error> {
        let Some(text) = state::read(&self.project.root.join(LOCK))? else {
            return Ok(None);
        };
        let delta = before.lock.as_ref();
        let delta = delta.filter(|_| before.wrote(LOCK, &text));
        Ok(delta.map(|delta| FileChange {
            name: LOCK.to_owned(),
            new: Some(delta.back(&text)),
            old: Some(text),
            untouched: true,
        }))
    }

    /// The originals with some tasks switched.
    fn applied(&self, tasks: &[Switched]) -> Result<Texts, Error> {
        let each: Vec<&Switched> = tasks.iter().collect();
        apply(&self.original, &each, tasks, &self.world, &mut Vec::new())
            .map_err(|fault| self.error(fault))
    }

    fn error(&self, (name, why): Fault) -> Error {
        Error::Config {
            path: self.project.root.join(name),
            message: why,
            help: "switch it by hand: `migrate translate` says which edits that takes".into(),
        }
    }

    /// What changes in the app, ours included, and whether cargo has to bring its lock file
    /// up to date.
    fn changes(
        &self,
        before: &State,
        after: Vec<Switched>,
        new: Texts,
    ) -> Result<(Vec<FileChange>, bool), Error> {
        let lock = new.get(MANIFEST) != self.current.get(MANIFEST);
        let old_lock = match lock && new.get(MANIFEST) == self.original.get(MANIFEST) {
            true => self.old_lock(before)?,
            false => None,
        };
        let is_back = old_lock.is_some();
        let mut files: Vec<FileChange> = new
            .iter()
            .map(|(name, text)| {
                let old = self.current.get(name).cloned();
                FileChange {
                    name: name.clone(),
                    untouched: old.as_ref().is_some_and(|old| before.wrote(name, old)),
                    old,
                    new: Some(text.clone()),
                }
            })
            .collect();
        let mut ours = |name: String, new: Option<String>| -> Result<(), Error> {
            let old = state::read(&self.project.root.join(&name))?;
            files.push(FileChange {
                name,
                old,
                new,
                untouched: false,
            });
            Ok(())
        };
        for (name, text) in &new {
            let own = self.original.get(name).filter(|own| *own != text);
            let own = own.filter(|_| !after.is_empty());
            ours(original(name), own.cloned())?;
        }
        let state = (!after.is_empty()).then(|| {
            let written = new
                .iter()
                .map(|(name, text)| (name.clone(), state::sha256(text)));
            let mut written: BTreeMap<String, String> = written.collect();
            let lock = before.lock.clone().filter(|_| !lock);
            if let Some(hash) = before.written.get(LOCK).filter(|_| lock.is_some()) {
                written.insert(LOCK.into(), hash.clone());
            }
            let state = State {
                tasks: after,
                written,
                lock,
                ..State::default()
            };
            state.text()
        });
        ours(format!("{DIR}/{}", state::FILE), state)?;
        files.extend(old_lock);
        files.retain(|file| file.old != file.new);
        Ok((files, lock && !is_back))
    }
}

/// The node of a task that runs Python, or did.
fn bound<'p>(project: &'p Project, id: &TaskId) -> Result<(&'p Node, &'p Binding), Error> {
    let node = project.node(id);
    match node.and_then(|node| Some((node, node.binding.as_ref()?))) {
        Some(found) => Ok(found),
        None => Err(Error::Usage {
            message: format!("`{id}` runs no Python"),
            help: "name a node whose type is a PyTask, or was translated from one".into(),
        }),
    }
}

/// What is to be done for a task that runs in Python.
fn new_task(
    project: &Project,
    node: &Node,
    binding: &Binding,
    remark: Option<String>,
    notes: &mut Vec<String>,
) -> Result<Switched, Error> {
    let inside = |path: &Path| {
        let own = path.strip_prefix(&project.root);
        let own = own.map(|path| path.to_string_lossy().replace('\\', "/"));
        own.map_err(|_| Error::Config {
            path: path.to_owned(),
            message: format!("it lies outside of the app {}", project.root.display()),
            help: "edit it by hand: `migrate translate` says which edits that takes".into(),
        })
    };
    let native = native_file(project, &node.id).unwrap_or_default();
    let module = native.file_stem().unwrap_or_default().to_string_lossy();
    let text = state::read(&binding.module_file)?.unwrap_or_default();
    let alias = last_segment(&node.type_path).to_owned();
    let alias = Some(alias).filter(|alias| rust::declares_alias(&text, alias));
    let named = |alias: &String| World::named_by(project, &binding.module_file, alias);
    let named_by = alias.as_ref().and_then(named);
    if let (Some(alias), Some(other)) = (&alias, &named_by) {
        notes.push(format!(
            "`{alias}` stays in {}: {} names it",
            inside(&binding.module_file)?,
            inside(other)?
        ));
    }
    let alias = alias.filter(|_| named_by.is_none());
    Ok(Switched {
        task: node.id.0.clone(),
        config: inside(&node.config_file)?,
        old_type: node.type_path.clone(),
        new_type: new_type(project, node, binding, &module),
        file: inside(&binding.module_file)?,
        inline: binding.module.clone(),
        module: module.into_owned(),
        alias,
        remark,
        stateless: is_stateless(project, &native, &node.id)?,
    })
}

/// Whether the Rust of a task implements `CuStatelessTask`.
fn is_stateless(project: &Project, native: &Path, id: &TaskId) -> Result<bool, Error> {
    let Some(text) = state::read(native)? else {
        return Ok(false);
    };
    let name = id.type_name(&project.types);
    Ok(native_task(native, &text, &name)?.stateless)
}

/// The path of the generated task, in the way in which the node's type is spelled.
fn new_type(project: &Project, node: &Node, binding: &Binding, module: &str) -> String {
    let name = node.id.type_name(&project.types);
    let old = node.type_path.split('<').next().unwrap_or_default();
    let mut path: Vec<&str> = old.split("::").map(str::trim).collect();
    path.pop();
    let declared: Vec<&str> = binding.module.iter().map(String::as_str).collect();
    let outside: &[&str] = path.strip_suffix(declared.as_slice()).unwrap_or(&["?"]);
    let package = project.package.name.replace('-', "_");
    let is_spelled = match outside {
        [] => true,
        [first] => *first == "crate" || *first == package,
        _ => false,
    };
    let mut spelled: Vec<&str> = match is_spelled {
        true => path,
        // A re-export, or a PyTask without an alias.
        false if project.package.is_lib => [&[package.as_str()], declared.as_slice()].concat(),
        false => declared,
    };
    spelled.extend([module, &name]);
    spelled.join("::")
}

fn not_ours(project: &Project, node: &Node, binding: &Binding) -> Error {
    Error::Config {
        path: node.config_file.clone(),
        message: format!(
            "`{}` runs in Rust, but `migrate switch` did not do that",
            node.id
        ),
        help: format!(
            "there is nothing of it in {}: restore `type` and `\"script\": {:?}` by hand, or from \
             the repository",
            project.root.join(DIR).join(state::FILE).display(),
            binding.script_name
        ),
    }
}

/// The nodes have the types that they are to have.
fn check(
    project: &Project,
    switched: &[(TaskId, String)],
    before: &State,
    after: &[Switched],
    new: &Texts,
) -> Result<(), Error> {
    for (id, wanted) in switched {
        let mut tasks = after.iter().chain(&before.tasks);
        let Some(task) = tasks.find(|task| task.task == id.0) else {
            continue;
        };
        let text = new.get(&task.config).map_or("", String::as_str);
        let path: PathBuf = project.root.join(&task.config);
        let found = ron::type_of(text, &id.0).map_err(|message| Error::Config {
            path: path.clone(),
            message,
            help: "edit it by hand: `migrate translate` says which edits that takes".into(),
        })?;
        if found != *wanted {
            return Err(Error::Config {
                path,
                message: format!("`{id}` would have the type `{found}`, not `{wanted}`"),
                help: format!(
                    "restore {} from the repository, or edit the node by hand",
                    original(&task.config)
                ),
            });
        }
    }
    Ok(())
}
