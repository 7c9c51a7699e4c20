//! Reads `copperconfig.ron`.
//!
//! Enters: the app's root. Leaves: [`Config`], the graph with its includes merged as
//! Copper merges them. Fields that we have no use for are not looked at. This module must
//! not know what a node's type is.

use super::discover::CONFIG_FILE;
use super::{Connection, Logging, TaskId};
use crate::error::Error;
use ron::extensions::Extensions;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The task graph, as the configuration says it.
#[derive(Debug, Clone)]
pub(super) struct Config {
    pub path: PathBuf,
    pub tasks: Vec<RawTask>,
    pub connections: Vec<Connection>,
    pub missions: Vec<String>,
    pub logging: Logging,
}

/// A task of the configuration.
#[derive(Debug, Clone)]
pub(super) struct RawTask {
    pub id: String,
    pub type_path: String,
    /// The file that declares it, where it is an included one.
    pub file: PathBuf,
    /// The line of its id.
    pub line: Option<usize>,
    pub config: BTreeMap<String, ron::Value>,
    pub background: bool,
    pub logging_enabled: bool,
    pub missions: Vec<String>,
}

/// Reads the configuration of the app at `root`.
pub(super) fn read_config(root: &Path) -> Result<Config, Error> {
    let path = root.join(CONFIG_FILE);
    let mut config = Config {
        path: path.clone(),
        tasks: Vec::new(),
        connections: Vec::new(),
        missions: Vec::new(),
        logging: Logging::default(),
    };
    let mut logging = None;
    merge(
        &path,
        &BTreeMap::new(),
        &mut Vec::new(),
        &mut config,
        &mut logging,
    )?;
    if let Some(logging) = logging {
        config.logging = Logging {
            tasks: logging.enable_task_logging,
            keyframes: logging.enable_keyframe_logging,
            keyframe_interval: logging.keyframe_interval,
        };
    }
    Ok(config)
}

/// Adds a file to the configuration, then what it includes: the first to name a task or a
/// connection wins, as in Copper.
fn merge(
    path: &Path,
    params: &BTreeMap<String, ron::Value>,
    open: &mut Vec<PathBuf>,
    config: &mut Config,
    logging: &mut Option<FileLogging>,
) -> Result<(), Error> {
    let mut text = std::fs::read_to_string(path).map_err(|source| Error::Read {
        path: path.to_path_buf(),
        source,
    })?;
    for (key, value) in params {
        text = text.replace(
            &format!("{{{{{key}}}}}"),
            &parameter_text(path, key, value)?,
        );
    }
    let file = parse(path, &text)?;
    for task in file.tasks.unwrap_or_default() {
        let same = |other: &&RawTask| other.id == task.id && other.file != path;
        if config.tasks.iter().find(same).is_some() {
            continue;
        }
        let line = line_of_id(&text, &task.id);
        let Some(type_path) = task.type_ else {
            return Err(Error::Config {
                path: path.to_path_buf(),
                message: format!("{}task `{}` has no `type`", at(line), task.id),
                help: "name its Rust type, such as `type: \"tasks::MyTask\"`".to_owned(),
            });
        };
        config.tasks.push(RawTask {
            id: task.id,
            type_path,
            file: path.to_path_buf(),
            line,
            config: task.config.unwrap_or_default(),
            background: task.background.is_some_and(|value| match value {
                Background::Flag(flag) => flag,
                Background::Pool { .. } => true,
            }),
            logging_enabled: task.logging.is_none_or(|logging| logging.enabled),
            missions: task.missions.unwrap_or_default(),
        });
    }
    for connection in file.cnx.unwrap_or_default() {
        merge_connection(config, connection, !open.is_empty());
    }
    for mission in file.missions.unwrap_or_default() {
        if !config.missions.contains(&mission.id) {
            config.missions.push(mission.id);
        }
    }
    if logging.is_none() {
        *logging = file.logging;
    }
    open.push(path.to_path_buf());
    for include in file.includes.unwrap_or_default() {
        if include.when.is_some() {
            return Err(Error::Config {
                path: path.to_path_buf(),
                message: format!(
                    "the include of `{}` depends on Cargo features (`when`)",
                    include.path
                ),
                help: "migrate does not know which features the app is built with: make a \
                       copy of the app with that include taken in or left out"
                    .to_owned(),
            });
        }
        let included = path.parent().unwrap_or(Path::new("")).join(&include.path);
        if open.contains(&included) {
            return Err(Error::Config {
                path: path.to_path_buf(),
                message: format!("`{}` includes itself", include.path),
                help: "take the include out".to_owned(),
            });
        }
        merge(&included, &include.params, open, config, logging)?;
    }
    open.pop();
    Ok(())
}

fn merge_connection(config: &mut Config, connection: FileCnx, included: bool) {
    let same = |other: &&mut Connection| {
        other.src.0 == connection.src
            && other.dst.0 == connection.dst
            && other.msg == connection.msg
    };
    let missions = connection.missions.clone().unwrap_or_default();
    if included && let Some(other) = config.connections.iter_mut().find(same) {
        // No mission means all of them.
        if missions.is_empty() || other.missions.is_empty() {
            other.missions.clear();
        } else {
            other.missions.extend(missions);
            other.missions.sort();
            other.missions.dedup();
        }
        return;
    }
    config.connections.push(Connection {
        src: TaskId(connection.src),
        dst: TaskId(connection.dst),
        msg: connection.msg,
        missions,
    });
}

fn parse(path: &Path, text: &str) -> Result<FileConfig, Error> {
    ron::Options::default()
        .with_default_extension(Extensions::IMPLICIT_SOME)
        .with_default_extension(Extensions::UNWRAP_NEWTYPES)
        .with_default_extension(Extensions::UNWRAP_VARIANT_NEWTYPES)
        .from_str(text)
        .map_err(|error| {
            let line = error.span.end.line;
            let source = text.lines().nth(line.saturating_sub(1)).unwrap_or("");
            Error::Config {
                path: path.to_path_buf(),
                message: format!("line {line}: {}\n{line:>5} | {source}", error.code),
                help: "correct the RON; `cargo check` shows the same error".to_owned(),
            }
        })
}

/// A parameter of an include, as it stands in the included text.
fn parameter_text(path: &Path, key: &str, value: &ron::Value) -> Result<String, Error> {
    Ok(match value {
        ron::Value::String(text) => text.clone(),
        ron::Value::Bool(value) => value.to_string(),
        ron::Value::Char(value) => value.to_string(),
        ron::Value::Number(number) => ron::to_string(number).unwrap_or_default(),
        ron::Value::Bytes(_)
        | ron::Value::Map(_)
        | ron::Value::Option(_)
        | ron::Value::Seq(_)
        | ron::Value::Unit => {
            return Err(Error::Config {
                path: path.to_path_buf(),
                message: format!("the parameter `{key}` of its include is not a plain value"),
                help: "give it a number, a bool or a string".to_owned(),
            });
        }
    })
}

/// The line of `id: "x"`, by its text: RON keeps no positions.
fn line_of_id(text: &str, id: &str) -> Option<usize> {
    let quoted = format!("\"{id}\"");
    text.match_indices(&quoted)
        .find(|(offset, _)| {
            let before = text.get(..*offset).unwrap_or("").trim_end();
            before
                .strip_suffix(':')
                .is_some_and(|before| before.trim_end().ends_with("id"))
        })
        .map(|(offset, _)| text.get(..offset).unwrap_or("").matches('\n').count() + 1)
}

fn at(line: Option<usize>) -> String {
    line.map_or_else(String::new, |line| format!("line {line}: "))
}

#[derive(Deserialize)]
struct FileConfig {
    #[serde(default)]
    tasks: Option<Vec<FileTask>>,
    #[serde(default)]
    cnx: Option<Vec<FileCnx>>,
    #[serde(default)]
    missions: Option<Vec<FileMission>>,
    #[serde(default)]
    includes: Option<Vec<FileInclude>>,
    #[serde(default)]
    logging: Option<FileLogging>,
}

#[derive(Deserialize)]
struct FileTask {
    id: String,
    #[serde(default, rename = "type")]
    type_: Option<String>,
    #[serde(default)]
    config: Option<BTreeMap<String, ron::Value>>,
    #[serde(default)]
    missions: Option<Vec<String>>,
    #[serde(default)]
    background: Option<Background>,
    #[serde(default)]
    logging: Option<NodeLogging>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Background {
    Flag(bool),
    Pool {
        #[allow(dead_code)]
        pool: String,
    },
}

#[derive(Deserialize)]
struct NodeLogging {
    #[serde(default = "yes")]
    enabled: bool,
}

#[derive(Deserialize)]
struct FileCnx {
    src: String,
    dst: String,
    msg: String,
    #[serde(default)]
    missions: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct FileMission {
    id: String,
}

#[derive(Deserialize)]
struct FileInclude {
    path: String,
    #[serde(default)]
    params: BTreeMap<String, ron::Value>,
    #[serde(default)]
    when: Option<ron::Value>,
}

#[derive(Deserialize)]
struct FileLogging {
    #[serde(default = "yes")]
    enable_task_logging: bool,
    #[serde(default = "yes")]
    enable_keyframe_logging: bool,
    #[serde(default = "keyframe_interval")]
    keyframe_interval: u32,
}

fn yes() -> bool {
    true
}

fn keyframe_interval() -> u32 {
    Logging::default().keyframe_interval
}
