//! `migrate stubs`: types of the app's messages and states, for editors and type checkers.

use super::console::{BOLD, Console, RESET};
use crate::error::Error;
use crate::project::{Node, Project, discover};
use crate::stubs::{PACKAGE, Standing, signature, standing, stubs};
use crate::verify::write_whole;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Arguments of `migrate stubs`.
#[derive(Debug, clap::Args)]
pub struct StubsArgs {
    /// The app's directory; without it, the nearest one upward from here.
    #[arg(long, value_name = "DIR")]
    pub app: Option<PathBuf>,
    /// Where the package goes; without it, beside the app's scripts.
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Print the stub, and write nothing.
    #[arg(long, conflicts_with = "output")]
    pub stdout: bool,
    /// Write nothing, and exit with 1 where the package is not what it would be.
    #[arg(long, conflicts_with = "stdout")]
    pub check: bool,
}

/// Shown below the help of `migrate stubs`.
pub const EXAMPLES: &str = "\
Examples:
  migrate stubs                 writes copper_stubs/ beside the app's scripts
  migrate stubs -o typings      writes typings/copper_stubs/
  migrate stubs --check         for CI: are they up to date?

In a script, so that nothing of this is looked for on the robot:
  from __future__ import annotations
  from typing import TYPE_CHECKING
  if TYPE_CHECKING:
      from copper_stubs import Ctx, Msg, Out, LaserScan, SectorReport, SectorState

  def process(ctx: Ctx, input: Msg[LaserScan], state: SectorState, output: Out[SectorReport]):

A file that was changed by hand, or that migrate did not write, is left as it is.";

/// Writes the stubs of an app.
///
/// # Errors
/// There is no app, a struct of a task cannot be read, or a file stands in the way.
pub fn run(args: StubsArgs, console: &Console) -> Result<ExitCode, Error> {
    let root = match &args.app {
        Some(app) => app.clone(),
        None => discover(Path::new("."))?,
    };
    let project = Project::load(&root)?;
    // A task in Rust of a type that cannot be read is nothing to Python.
    let python = |node: &&Node| node.script.is_some();
    let problem = project
        .nodes
        .iter()
        .filter(python)
        .find_map(|node| node.problem.clone());
    if let Some(problem) = problem {
        return Err(problem.into());
    }
    let dirs = script_dirs(&project)?;
    let files = stubs(&project);
    if args.stdout {
        if let Some(stub) = files.first() {
            console.print(&stub.text)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let dirs = match args.output {
        Some(dir) => vec![dir],
        None => dirs,
    };
    // All or nothing: look at every file before the first is written.
    let mut planned = Vec::new();
    for dir in &dirs {
        for file in &files {
            let path = dir.join(&file.path);
            let old = read_existing(&path)?;
            let stands = standing(old.as_deref(), &file.text);
            let why = match stands {
                Standing::Absent | Standing::Same | Standing::Generated => None,
                Standing::Edited => Some("was edited since migrate wrote it"),
                Standing::Foreign => Some("was not written by migrate"),
            };
            if let Some(why) = why {
                return Err(Error::Usage {
                    message: format!("{} {why}: it is left as it is", path.display()),
                    help: "`--stdout` or `-o DIR` gives the stubs elsewhere, deleting the file starts it anew".into(),
                });
            }
            planned.push((path, stands, file));
        }
    }
    if args.check {
        let stale: Vec<&PathBuf> = planned
            .iter()
            .filter(|(_, stands, _)| *stands != Standing::Same)
            .map(|(path, _, _)| path)
            .collect();
        for path in &stale {
            console.say(&format!(
                "{} is not up to date: `migrate stubs` writes it",
                path.display()
            ));
        }
        return Ok(ExitCode::from(u8::from(!stale.is_empty())));
    }
    for (path, stands, file) in planned {
        let name = path.display();
        match stands {
            Standing::Same => console.say(&format!("{BOLD}{name}{RESET} is up to date")),
            Standing::Absent | Standing::Generated | Standing::Edited | Standing::Foreign => {
                let failed = |source| Error::Write {
                    path: path.clone(),
                    source,
                };
                if let Some(dir) = path.parent() {
                    std::fs::create_dir_all(dir).map_err(failed)?;
                }
                write_whole(&path, &file.text)?;
                let did = if stands == Standing::Absent {
                    "wrote"
                } else {
                    "updated"
                };
                console.say(&format!("{did} {BOLD}{name}{RESET}"));
            }
        }
    }
    console.say(&format!("\nin a script:\n{}", head(&project)));
    Ok(ExitCode::SUCCESS)
}

/// The directories that the app's scripts lie in.
fn script_dirs(project: &Project) -> Result<Vec<PathBuf>, Error> {
    let bindings = project
        .nodes
        .iter()
        .filter_map(|node| node.binding.as_ref());
    let mut dirs: Vec<PathBuf> = bindings
        .filter_map(|binding| Some(binding.script.parent()?.to_path_buf()))
        .collect();
    dirs.sort();
    dirs.dedup();
    if dirs.is_empty() {
        return Err(Error::Config {
            path: project.config_path.clone(),
            message: "no node of the graph is a PyTask".into(),
            help: "there are no messages that Python would see".into(),
        });
    }
    let here = std::env::current_dir().unwrap_or_default();
    Ok(dirs
        .into_iter()
        .map(|dir| {
            dir.strip_prefix(&here)
                .map(Path::to_path_buf)
                .unwrap_or(dir)
        })
        .collect())
}

/// How a script uses the stubs.
fn head(project: &Project) -> String {
    let mut text = format!(
        "  from __future__ import annotations\n  from typing import TYPE_CHECKING\n  \
         if TYPE_CHECKING:\n      from {PACKAGE} import Ctx, Msg, Out, …\n"
    );
    for node in &project.nodes {
        if let Some(binding) = &node.binding {
            text += &format!(
                "  {}: {}\n",
                binding.script_name,
                signature(project, binding)
            );
        }
    }
    text.trim_end().to_owned()
}

fn read_existing(path: &Path) -> Result<Option<String>, Error> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) if error.kind() == ErrorKind::InvalidData => Ok(Some(String::new())),
        Err(source) => Err(Error::Read {
            path: path.to_path_buf(),
            source,
        }),
    }
}
