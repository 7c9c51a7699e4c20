//! Which node the user means.
//!
//! Enters: a script, a task id, or both. Leaves: the id of a node that is bound to Python
//! whose script exists, or an [`Error`] that says what there is instead.

use super::discover::absolute;
use super::{Node, Project, TaskId};
use crate::error::Error;
use std::path::Path;

/// The node that `script`, `task` or both name; without either, the only Python node.
///
/// # Errors
/// Where no node or more than one answers, or where the node is not a PyTask that can be
/// read.
pub fn select_task(
    project: &Project,
    script: Option<&Path>,
    task: Option<&TaskId>,
) -> Result<TaskId, Error> {
    let node = match (script, task) {
        (_, Some(id)) => by_id(project, id)?,
        (Some(script), None) => by_script(project, script)?,
        (None, None) => only_python(project)?,
    };
    let Some(binding) = &node.binding else {
        return Err(match &node.problem {
            Some(problem) => problem.clone().into(),
            None => not_python(project, node),
        });
    };
    if let (Some(script), Some(_)) = (script, task)
        && !project
            .nodes_for_script(script)
            .iter()
            .any(|n| n.id == node.id)
    {
        return Err(Error::Usage {
            message: format!(
                "node `{}` of {} runs `{}`, not {}",
                node.id,
                project.config_path.display(),
                binding.script_name,
                script.display()
            ),
            help: format!("leave out the file, or the `--task {}`", node.id),
        });
    }
    if !binding.script.is_file() {
        return Err(Error::Config {
            path: project.config_path.clone(),
            message: format!(
                "node `{}` runs the script `{}`, but there is no file {}",
                node.id,
                binding.script_name,
                binding.script.display()
            ),
            help: "correct `script`; Copper looks for it from the directory the app is started \
                   in, migrate from the app's root"
                .to_owned(),
        });
    }
    Ok(node.id.clone())
}

fn by_id<'a>(project: &'a Project, id: &TaskId) -> Result<&'a Node, Error> {
    let same: Vec<&Node> = project.nodes.iter().filter(|node| node.id == *id).collect();
    match same.as_slice() {
        [node] => Ok(node),
        [] => Err(Error::Usage {
            message: format!("{} has no node `{id}`", project.config_path.display()),
            help: match closest(&id.0, project.nodes.iter().map(|node| node.id.0.as_str())) {
                Some(close) => format!("did you mean `{close}`? {}", what_there_is(project)),
                None => what_there_is(project),
            },
        }),
        _ => Err(Error::Config {
            path: project.config_path.clone(),
            message: format!(
                "{} nodes are called `{id}`, in different missions",
                same.len()
            ),
            help: "give each an id of its own: the translated task is named after its node"
                .to_owned(),
        }),
    }
}

fn by_script<'a>(project: &'a Project, script: &Path) -> Result<&'a Node, Error> {
    // A script that is not there is another mistake than one that no node runs.
    absolute(script)?;
    let nodes = project.nodes_for_script(script);
    match nodes.as_slice() {
        [node] => Ok(node),
        [] => Err(Error::Config {
            path: project.config_path.clone(),
            message: format!("no node runs {}", script.display()),
            help: what_there_is(project),
        }),
        nodes => {
            let ids: Vec<String> = nodes.iter().map(|node| format!("`{}`", node.id)).collect();
            Err(Error::Usage {
                message: format!(
                    "{} nodes of {} run {}: {}",
                    nodes.len(),
                    project.config_path.display(),
                    script.display(),
                    ids.join(", ")
                ),
                help: "choose one with `--task ID`".to_owned(),
            })
        }
    }
}

fn only_python(project: &Project) -> Result<&Node, Error> {
    let python: Vec<&Node> = project
        .nodes
        .iter()
        .filter(|node| node.binding.is_some() || node.problem.is_some())
        .collect();
    match python.as_slice() {
        [node] => Ok(node),
        [] => Err(Error::Config {
            path: project.config_path.clone(),
            message: "no node of the graph is a PyTask".to_owned(),
            help: what_there_is(project),
        }),
        _ => Err(Error::Usage {
            message: format!("{} has several Python nodes", project.config_path.display()),
            help: format!("choose one with `--task ID`: {}", what_there_is(project)),
        }),
    }
}

fn not_python(project: &Project, node: &Node) -> Error {
    Error::Config {
        path: project.config_path.clone(),
        message: format!(
            "node `{}` is not a PyTask: its type `{}` is written in Rust",
            node.id, node.type_path
        ),
        help: what_there_is(project),
    }
}

/// The Python nodes with their scripts, else all nodes.
fn what_there_is(project: &Project) -> String {
    let python: Vec<String> = project
        .nodes
        .iter()
        .filter_map(|node| {
            let script = match (&node.binding, &node.script) {
                (Some(binding), _) => binding.script_name.clone(),
                (None, Some(script)) => script
                    .strip_prefix(&project.root)
                    .unwrap_or(script)
                    .display()
                    .to_string(),
                (None, None) => return None,
            };
            Some(format!("`{}` runs {script}", node.id))
        })
        .collect();
    if !python.is_empty() {
        return format!("the Python nodes are: {}", python.join(", "));
    }
    let ids: Vec<String> = project
        .nodes
        .iter()
        .map(|node| format!("`{}` ({})", node.id, node.type_path))
        .collect();
    if ids.is_empty() {
        "the graph has no nodes".to_owned()
    } else {
        format!("the graph has no Python node, only {}", ids.join(", "))
    }
}

/// The name that differs least from `name`, where that is little enough for a slip.
pub fn closest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    names
        .map(|candidate| (distance(name, candidate), candidate))
        .min()
        .filter(|(distance, _)| *distance <= 1 + name.chars().count() / 4)
        .map(|(_, candidate)| candidate)
}

/// The number of insertions, deletions and replacements between two words.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (y, above) in b.chars().zip(row.iter().skip(1)) {
            left = (diagonal + usize::from(x != y))
                .min(left + 1)
                .min(above + 1);
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}
