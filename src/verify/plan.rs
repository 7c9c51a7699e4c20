//! Decides what the harness of a task looks like.
//!
//! Enters: the [`Project`], the task, the native version's text. Leaves: [`Plan`]: files,
//! types as the harness spells them, and how each message is read from a recorded
//! CopperList. This module must not write files or run anything.

use super::inspect::{self, NativeTask};
use super::tally::Labels;
use crate::error::Error;
use crate::header::Header;
use crate::project::{Binding, Connection, Node, Project, RustTy, TaskId, snake_name};
use std::path::{Path, PathBuf};

/// What the harness of a task looks like.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The node.
    pub task: TaskId,
    /// Its position among the tasks of the configuration.
    pub index: usize,
    /// All tasks of the mission, in the order of the configuration.
    pub ids: Vec<String>,
    /// The mission, where the app has any.
    pub mission: Option<String>,
    /// The package's and binary's name.
    pub name: String,
    /// The native task.
    pub native: NativeTask,
    /// Its file, as it was read.
    pub generated: PathBuf,
    /// The text of that file.
    pub generated_text: String,
    /// The module that it becomes in the harness, a child of the binding's.
    pub module: String,
    /// Where it lies in the harness, relative to the app's root.
    pub module_path: PathBuf,
    /// The inputs.
    pub inputs: Vec<Port>,
    /// The outputs.
    pub outputs: Vec<Port>,
    /// The state's type.
    pub state: String,
    /// Whether that is known to be `Deserialize`.
    pub state_deserializes: bool,
    /// The names for the reader.
    pub labels: Labels,
}

/// A message of the task.
#[derive(Debug, Clone)]
pub struct Port {
    /// Its payload's type.
    pub ty: String,
    /// The method of the recorded CopperList that reads it.
    pub accessor: String,
}

/// Plans the harness of `id`; `generated` overrides where the native version lies.
///
/// # Errors
/// The node is no Python task, its native version is missing or not Rust, or the graph
/// does not fit its types.
pub fn plan(
    project: &Project,
    id: &TaskId,
    generated: Option<&Path>,
    mission: Option<&str>,
) -> Result<Plan, Error> {
    let (node, binding) = find(project, id)?;
    if node.background {
        return Err(inconclusive(
            format!(
                "`{id}` runs with `background: true`, which shifts its outputs against its inputs"
            ),
            "verify it on a log that was recorded without",
        ));
    }
    let mission = chosen_mission(project, node, mission)?;
    let target = native_file(id, binding);
    let generated = generated.map_or_else(|| target.clone(), Path::to_owned);
    let text = std::fs::read_to_string(&generated).map_err(|source| {
        if source.kind() != std::io::ErrorKind::NotFound {
            return Error::Read {
                path: generated.clone(),
                source,
            };
        }
        Error::Usage {
            message: format!(
                "`{id}` has no native version: {} does not exist",
                generated.display()
            ),
            help: format!("write it with `migrate translate {}`", binding.script_name),
        }
    })?;
    let native = inspect::native_task(&generated, &text, &id.type_name(&project.types))?;

    let spell = |ty: &RustTy| project.types.spell(ty);
    let graph = Graph::of(project, mission.as_deref());
    let index = graph
        .nodes
        .iter()
        .position(|n| n.id == *id)
        .unwrap_or_default();
    let inputs = input_ports(project, &graph, id, binding, &spell)?;
    let outputs = output_ports(id, binding, &spell);
    let labels = labels(project, &graph, node, binding, &native);
    let module = stem(&target);
    let module_path = target.strip_prefix(&project.root).map_or_else(
        |_| PathBuf::from("src").join(format!("{module}.rs")),
        Path::to_owned,
    );
    Ok(Plan {
        task: id.clone(),
        index,
        ids: graph.nodes.iter().map(|n| n.id.0.clone()).collect(),
        mission,
        name: format!("migrate-{}-{}", project.package.name, id.module_name()),
        native,
        generated,
        generated_text: text,
        module,
        module_path,
        inputs,
        outputs,
        state: spell(&binding.state),
        state_deserializes: match &binding.state {
            RustTy::Named(key) => derives(project, key, "Deserialize"),
            _ => false,
        },
        labels,
    })
}

/// Whether a struct of the app has a trait, by a derive or by hand.
pub fn derives(project: &Project, key: &str, name: &str) -> bool {
    let def = project.types.struct_def(key);
    def.is_some_and(|def| def.derives.iter().any(|derived| derived == name))
}

/// What of the project belongs to one mission.
struct Graph<'p> {
    nodes: Vec<&'p Node>,
    connections: Vec<&'p Connection>,
}

impl<'p> Graph<'p> {
    fn of(project: &'p Project, mission: Option<&str>) -> Self {
        let holds = |missions: &[String]| {
            missions.is_empty() || mission.is_none_or(|m| missions.iter().any(|n| n == m))
        };
        Self {
            nodes: project
                .nodes
                .iter()
                .filter(|n| holds(&n.missions))
                .collect(),
            connections: project
                .connections
                .iter()
                .filter(|c| holds(&c.missions))
                .collect(),
        }
    }
}

/// The mission that is replayed: the one that was named, or the task's first.
fn chosen_mission(
    project: &Project,
    node: &Node,
    wanted: Option<&str>,
) -> Result<Option<String>, Error> {
    let own = if node.missions.is_empty() {
        &project.missions
    } else {
        &node.missions
    };
    match wanted {
        None => Ok(own.first().cloned()),
        Some(wanted) if own.iter().any(|m| m == wanted) => Ok(Some(wanted.to_owned())),
        Some(wanted) => Err(Error::Usage {
            message: format!("`{}` has no part in the mission `{wanted}`", node.id),
            help: if own.is_empty() {
                "the app has no missions".into()
            } else {
                format!("its missions are {}", own.join(", "))
            },
        }),
    }
}

fn find<'p>(project: &'p Project, id: &TaskId) -> Result<(&'p Node, &'p Binding), Error> {
    let found = project.nodes.iter().find(|n| n.id == *id);
    let Some(node) = found else {
        let known: Vec<_> = project.nodes.iter().map(|n| n.id.0.as_str()).collect();
        return Err(Error::Usage {
            message: format!("{}: no task `{id}`", project.config_path.display()),
            help: format!("its tasks are {}", known.join(", ")),
        });
    };
    let Some(binding) = &node.binding else {
        if let Some(problem) = &node.problem {
            return Err(problem.clone().into());
        }
        return Err(Error::Usage {
            message: format!(
                "`{id}` is `{}`, which has no Python to compare with",
                node.type_path
            ),
            help: "name a task whose type is a `PyTask`, or was translated from one".into(),
        });
    };
    Ok((node, binding))
}

/// Where the native version lies: what the node is wired to, or a child of the binding's
/// module: the one whose header names the node, or the one that is named after it.
pub fn native_file(id: &TaskId, binding: &Binding) -> PathBuf {
    if let Some(wired) = &binding.wired {
        return wired.clone();
    }
    let named = binding.child_dir.join(format!("{}.rs", id.module_name()));
    if named.is_file() {
        return named;
    }
    let says_so = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).ok();
        let header = text.as_deref().and_then(Header::parse);
        header.is_some_and(|header| header.task == id.0)
    };
    let children = std::fs::read_dir(&binding.child_dir).into_iter().flatten();
    let mut children: Vec<PathBuf> = children.flatten().map(|entry| entry.path()).collect();
    children.sort();
    children
        .into_iter()
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .find(says_so)
        .unwrap_or(named)
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
}

/// Copper gives a task its inputs in the order of the connections.
fn input_ports(
    project: &Project,
    graph: &Graph<'_>,
    id: &TaskId,
    binding: &Binding,
    spell: &dyn Fn(&RustTy) -> String,
) -> Result<Vec<Port>, Error> {
    let connections = graph.connections.iter().filter(|c| c.dst == *id);
    let accessors: Vec<String> = connections
        .map(|c| accessor(graph, &c.src.0, &c.msg))
        .collect();
    if accessors.len() != binding.inputs.len() {
        return Err(Error::Config {
            path: project.config_path.clone(),
            message: format!(
                "`{id}` has {} incoming connections, its `PyTask` has {} inputs",
                accessors.len(),
                binding.inputs.len()
            ),
            help: "connect every input once".into(),
        });
    }
    Ok(binding
        .inputs
        .iter()
        .zip(accessors)
        .map(|(ty, accessor)| Port {
            ty: spell(ty),
            accessor,
        })
        .collect())
}

fn output_ports(id: &TaskId, binding: &Binding, spell: &dyn Fn(&RustTy) -> String) -> Vec<Port> {
    let single = binding.outputs.len() == 1;
    let port = |(i, ty)| Port {
        ty: spell(ty),
        accessor: if single {
            format!("get_{}_output", id.module_name())
        } else {
            format!("get_{}_output_{i}", id.module_name())
        },
    };
    binding.outputs.iter().enumerate().map(port).collect()
}

/// The method that `gen_cumsgs!` makes for the message `msg` of `src`.
fn accessor(graph: &Graph<'_>, src: &str, msg: &str) -> String {
    if let Some((bridge, channel)) = src.split_once('/') {
        return format!("get_{}_rx_{}", snake_name(bridge), snake_name(channel));
    }
    let mut messages: Vec<&str> = Vec::new();
    for connection in graph.connections.iter().filter(|c| c.src.0 == src) {
        if !messages.contains(&connection.msg.as_str()) {
            messages.push(&connection.msg);
        }
    }
    match messages.iter().position(|m| *m == msg) {
        Some(i) if messages.len() > 1 => format!("get_{}_output_{i}", snake_name(src)),
        _ => format!("get_{}_output", snake_name(src)),
    }
}

fn labels(
    project: &Project,
    graph: &Graph<'_>,
    node: &Node,
    binding: &Binding,
    native: &NativeTask,
) -> Labels {
    let incoming: Vec<_> = graph
        .connections
        .iter()
        .filter(|c| c.dst == node.id)
        .collect();
    let senders: Vec<String> = incoming
        .iter()
        .map(|c| c.src.0.split('/').next().unwrap_or_default().to_owned())
        .collect();
    let short = |ty: &RustTy| {
        let path = project.types.spell(ty);
        path.rsplit("::")
            .next()
            .unwrap_or_default()
            .trim_matches(|c: char| !c.is_alphanumeric())
            .to_owned()
    };
    let inputs = incoming
        .iter()
        .zip(&binding.inputs)
        .map(|(c, ty)| format!("{} ({})", c.src.0, short(ty)))
        .collect();
    let outputs = binding
        .outputs
        .iter()
        .map(|ty| (snake_name(&short(ty)), short(ty)))
        .collect();
    Labels {
        task: node.id.0.clone(),
        senders,
        inputs,
        outputs,
        holes: native.holes.clone(),
    }
}

fn inconclusive(message: impl Into<String>, help: &str) -> Error {
    Error::Inconclusive {
        message: message.into(),
        help: help.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_become_the_names_that_copper_gives_them() {
        for (id, name) in [
            ("pid", "pid"),
            ("speedHold", "speed_hold"),
            ("front-left", "front_left"),
            ("3rd", "_3_rd"),
        ] {
            assert_eq!(snake_name(id), name, "{id}");
        }
    }
}
