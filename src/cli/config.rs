//! Options from `migrate.toml`, below those of the command line.
//!
//! Enters: the arguments. Leaves: the same, with an option for each entry of the
//! configuration that the command knows and nobody gave; and `--print-config`. This module
//! must not know what an option does.

use super::Args;
use crate::config::{ConfigFile, Entry};
use crate::error::Error;
use crate::project::{closest, discover};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{ArgAction, ArgMatches, Command, CommandFactory, FromArgMatches};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use toml::Value;

/// The options of each command that may be configured: those that say how, not what.
const OPTIONS: &[(&str, &[&str])] = &[
    ("translate", &["python"]),
    ("check", &["paths", "format", "deny-warnings", "python"]),
    (
        "verify",
        &[
            "log",
            "against",
            "run",
            "mission",
            "min-coverage",
            "cycle-timeout",
            "max-memory",
            "format",
            "python-mode",
            "python",
            "target-dir",
        ],
    ),
    (
        "bench",
        &[
            "log",
            "run",
            "mission",
            "format",
            "profile",
            "python",
            "target-dir",
        ],
    ),
    ("review", &["python"]),
    ("stubs", &["output"]),
];
/// Tables of `[verify]` that no option gives.
const RULES: [&str; 3] = ["compare", "compare-types", "task"];
/// Options of every command.
const GLOBAL: [&str; 1] = ["color"];
/// What `verify` reads itself, since it may be another for each task.
const READ_LATER: [&str; 2] = ["min-coverage", "cycle-timeout"];
/// Options that are paths, from the directory of the configuration.
const PATHS: [&str; 5] = ["log", "paths", "target-dir", "output", "python"];
/// Options that another one of the command line takes the place of.
const INSTEAD: [(&str, &str); 2] = [("log", "cases"), ("output", "stdout")];

/// Reads the arguments and, below them, the configuration of the app that they are about.
///
/// # Errors
/// The exit code, where there is nothing to do any more: help and errors were shown.
pub fn read(argv: Vec<OsString>) -> Result<Args, ExitCode> {
    let first = Args::command()
        .ignore_errors(true)
        .try_get_matches_from(&argv);
    let asked = |matches: &ArgMatches| {
        matches
            .subcommand()
            .map(|(name, sub)| (name.to_owned(), sub.clone()))
    };
    let Some((name, sub)) = first.ok().as_ref().and_then(asked) else {
        return parse(&argv, &[]);
    };
    let found = configured(&name, &sub).map_err(|error| {
        super::Console::new(super::Color::Auto).error(&error);
        ExitCode::from(error.exit_code())
    })?;
    let (file, given) = match found {
        Some((file, given)) => (Some(file), given),
        None => (None, Vec::new()),
    };
    let mut all = argv.clone();
    for option in &given {
        all.extend(option.args.iter().map(OsString::from));
    }
    if sub.get_flag("print_config") {
        let text = printed(&name, &all, &sub, file.as_ref(), &given);
        let console = super::Console::new(super::Color::Auto);
        return Err(match console.print(&text) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => ExitCode::from(error.exit_code()),
        });
    }
    // What clap says of help and of errors is about the command line alone.
    match Args::command().try_get_matches_from(&all) {
        Ok(matches) => Args::from_arg_matches(&matches).map_err(|error| {
            let _ = error.print();
            ExitCode::from(2)
        }),
        Err(error) => {
            let at_fault = named(&error).and_then(|arg| {
                given
                    .iter()
                    .find(|o| arg.starts_with(&format!("--{}", o.key)))
            });
            match (at_fault, &file) {
                (Some(option), Some(file))
                    if matches!(
                        error.kind(),
                        ErrorKind::InvalidValue
                            | ErrorKind::ValueValidation
                            | ErrorKind::TooManyValues
                    ) =>
                {
                    let text = error.to_string();
                    let mut lines = text.lines();
                    let message = lines
                        .next()
                        .unwrap_or_default()
                        .trim_start_matches("error: ");
                    let help = lines
                        .map(str::trim)
                        .find(|line| !line.is_empty())
                        .unwrap_or("see docs/configuration.md");
                    let error = Error::Config {
                        path: file.path.clone(),
                        message: format!("line {}: {message}", option.line),
                        help: help.trim_start_matches("tip: ").to_owned(),
                    };
                    super::Console::new(super::Color::Auto).error(&error);
                    Err(ExitCode::from(2))
                }
                _ => parse(&argv, &given),
            }
        }
    }
}

/// As clap does it: shows help and errors.
fn parse(argv: &[OsString], given: &[Given]) -> Result<Args, ExitCode> {
    let mut all = argv.to_vec();
    for option in given {
        all.extend(option.args.iter().map(OsString::from));
    }
    let matches = Args::command().try_get_matches_from(&all);
    matches
        .and_then(|matches| Args::from_arg_matches(&matches))
        .map_err(|error| {
            let _ = error.print();
            match error.exit_code() {
                0 => ExitCode::SUCCESS,
                _ => ExitCode::from(2),
            }
        })
}

/// The argument that an error of clap is about.
fn named(error: &clap::Error) -> Option<String> {
    match error.get(ContextKind::InvalidArg)? {
        ContextValue::String(arg) => Some(arg.clone()),
        _ => None,
    }
}

/// An option that the configuration gives.
struct Given {
    key: String,
    line: usize,
    args: Vec<String>,
}

/// The configuration of the app, and what of it the command line leaves to it.
fn configured(name: &str, sub: &ArgMatches) -> Result<Option<(ConfigFile, Vec<Given>)>, Error> {
    // Those that are about no app are not stopped by its configuration.
    let is_about_an_app = OPTIONS.iter().any(|(command, _)| *command == name);
    let Some(root) = root_of(sub).filter(|_| is_about_an_app) else {
        return Ok(None);
    };
    let Some(file) = ConfigFile::read(&root)? else {
        return Ok(None);
    };
    let mut given = Vec::new();
    for entry in &file.entries {
        let table = known(&file, entry)?;
        let key = entry.key.as_str();
        let applies = match table {
            None => true,
            Some(table) => table == name && entry.tables.len() == 1 && !READ_LATER.contains(&key),
        };
        let on_line = |key: &str| {
            let id = key.replace('-', "_");
            let id = if id == "log" && name == "verify" {
                "logs".to_owned()
            } else {
                id
            };
            let known = sub.try_contains_id(&id).unwrap_or(false);
            known && sub.value_source(&id) == Some(ValueSource::CommandLine)
        };
        let replaced = INSTEAD
            .iter()
            .any(|(own, other)| *own == key && on_line(other));
        if applies && !on_line(key) && !replaced {
            let args = args_of(&file, entry, &root)?;
            given.push(Given {
                key: key.to_owned(),
                line: entry.line,
                args,
            });
        }
    }
    Ok(Some((file, given)))
}

/// The directory of the app that the arguments are about.
fn root_of(sub: &ArgMatches) -> Option<PathBuf> {
    let path = |id: &str| sub.try_get_one::<PathBuf>(id).ok().flatten().cloned();
    if let Some(app) = path("app") {
        return Some(app);
    }
    let paths = sub.try_get_many::<PathBuf>("paths").ok().flatten();
    let first = paths.and_then(|mut paths| paths.next().cloned());
    let file = path("file").or(first).filter(|path| path.exists());
    discover(file.as_deref().unwrap_or(Path::new("."))).ok()
}

/// The table of an entry that the program knows; none of a global one.
fn known<'e>(file: &ConfigFile, entry: &'e Entry) -> Result<Option<&'e str>, Error> {
    let key = entry.key.as_str();
    let suggest = |name: &str, all: &mut dyn Iterator<Item = &'static str>| {
        let all: Vec<&str> = all.collect();
        match closest(name, all.iter().copied()) {
            Some(close) => format!(
                "did you mean `{close}`? It may be one of {}",
                all.join(", ")
            ),
            None => format!("it may be one of {}", all.join(", ")),
        }
    };
    let Some(table) = entry.tables.first() else {
        if GLOBAL.contains(&key) {
            return Ok(None);
        }
        let mut all = GLOBAL
            .into_iter()
            .chain(OPTIONS.iter().map(|(name, _)| *name));
        return Err(file.fault(
            entry,
            &format!("`{key}` is not known"),
            suggest(key, &mut all),
        ));
    };
    let Some((_, options)) = OPTIONS.iter().find(|(name, _)| name == table) else {
        let mut all = OPTIONS.iter().map(|(name, _)| *name);
        return Err(file.fault(
            entry,
            &format!("`[{table}]` is not known"),
            suggest(table, &mut all),
        ));
    };
    let rules = |name: &str| table == "verify" && RULES.contains(&name);
    let ok = match entry.tables.get(1) {
        None => options.contains(&key) || rules(key),
        // `verify` looks into its rules itself.
        Some(inner) => rules(inner),
    };
    if !ok {
        let key = entry.tables.get(1).map_or(key, String::as_str);
        let rules: &[&'static str] = if table == "verify" { &RULES } else { &[] };
        let mut all = options.iter().chain(rules).copied();
        return Err(file.fault(
            entry,
            &format!("`{key}` of `[{table}]` is not known"),
            suggest(key, &mut all),
        ));
    }
    Ok(Some(table))
}

/// An entry as arguments.
fn args_of(file: &ConfigFile, entry: &Entry, root: &Path) -> Result<Vec<String>, Error> {
    let key = entry.key.as_str();
    let text = |value: &Value| -> Result<String, Error> {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Integer(n) => n.to_string(),
            Value::Float(x) => x.to_string(),
            Value::Boolean(_) | Value::Datetime(_) | Value::Array(_) | Value::Table(_) => {
                let message = format!("`{key}` is no text and no number");
                return Err(file.fault(entry, &message, "see docs/configuration.md"));
            }
        };
        // `python` is a version for some commands, and a program on the PATH for others.
        let is_path = PATHS.contains(&key) && (key != "python" || text.contains('/'));
        Ok(match is_path && !Path::new(&text).is_absolute() {
            true => root.join(&text).display().to_string(),
            false => text,
        })
    };
    let one = |value: &Value| -> Result<String, Error> {
        let text = text(value)?;
        Ok(match key {
            "paths" => text,
            key => format!("--{key}={text}"),
        })
    };
    match &entry.value {
        Value::Boolean(true) => Ok(vec![format!("--{key}")]),
        Value::Boolean(false) => Ok(Vec::new()),
        Value::Array(values) => values.iter().map(one).collect(),
        value => Ok(vec![one(value)?]),
    }
}

/// The options of a command, each with where it comes from.
fn printed(
    name: &str,
    all: &[OsString],
    first: &ArgMatches,
    file: Option<&ConfigFile>,
    given: &[Given],
) -> String {
    let mut command = Args::command();
    command.build();
    let options = command
        .find_subcommand(name)
        .cloned()
        .unwrap_or_else(|| Command::new("none"));
    let matches = Args::command()
        .ignore_errors(true)
        .try_get_matches_from(all)
        .ok();
    let sub = matches
        .as_ref()
        .and_then(|m| m.subcommand_matches(name))
        .unwrap_or(first);
    let mut text = match file {
        Some(file) => format!("# {}\n", file.path.display()),
        None => "# no migrate.toml, and nothing in Cargo.toml\n".to_owned(),
    };
    let mut global = String::new();
    let mut own = format!("\n[{name}]\n");
    for arg in options.get_arguments() {
        let id = arg.get_id().as_str();
        if matches!(id, "help" | "version" | "print_config") {
            continue;
        }
        let key = arg.get_long().unwrap_or(id);
        let configured = given.iter().find(|option| option.key == key);
        let later = file.filter(|_| READ_LATER.contains(&key)).and_then(|file| {
            let entry = file
                .entries
                .iter()
                .find(|e| e.tables == [name] && e.key == key)?;
            Some((entry.value.to_string(), file.at(entry.line)))
        });
        let on_line = first.value_source(id) == Some(ValueSource::CommandLine);
        let raw: Vec<String> = sub
            .get_raw(id)
            .into_iter()
            .flatten()
            .map(|value| value.to_string_lossy().into_owned())
            .collect();
        let value = match arg.get_action() {
            ArgAction::SetTrue => sub.get_flag(id).to_string(),
            ArgAction::Append => format!("{raw:?}"),
            _ => raw
                .first()
                .map(|value| format!("{value:?}"))
                .unwrap_or_default(),
        };
        let is_set = sub.value_source(id).is_some();
        let line = match (on_line, configured, later, file) {
            (true, _, _, _) => format!("{key} = {value}  # command line\n"),
            (false, Some(option), _, Some(file)) => {
                format!("{key} = {value}  # {}\n", file.at(option.line))
            }
            (false, _, Some((value, at)), _) => format!("{key} = {value}  # {at}\n"),
            _ if is_set => format!("{key} = {value}  # default\n"),
            _ => format!("# {key}: not set\n"),
        };
        match GLOBAL.contains(&key) {
            true => global += &line,
            false => own += &line,
        }
    }
    text += &global;
    text += &own;
    let rules = file
        .into_iter()
        .flat_map(|file| file.entries.iter().map(move |e| (file, e)));
    let mut table = String::new();
    for (file, entry) in
        rules.filter(|(_, e)| e.tables.first().is_some_and(|t| t == name) && e.tables.len() > 1)
    {
        let header = entry.tables.join(".");
        if header != table {
            text += &format!("\n[{header}]\n");
            table = header;
        }
        text += &format!(
            "{:?} = {}  # {}\n",
            entry.key,
            entry.value,
            file.at(entry.line)
        );
    }
    text
}
