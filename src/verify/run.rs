//! Runs the harness and follows what it reports.
//!
//! Enters: the harness's binary, the log, the interpreter. Leaves: a full [`Tally`].
//! The user's Python runs in this child process and nowhere else; what it prints goes to
//! a file. This module must not know how the verdict is reached.

use super::harness::Harness;
use super::protocol::{Event, FaultKind};
use super::python::Interpreter;
use super::tally::Tally;
use crate::error::Error;
use crate::project::{Binding, Project, PythonMode};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

/// What is replayed.
pub struct Replay<'a> {
    /// The harness's binary.
    pub binary: &'a Path,
    /// The crate it was built from.
    pub harness: &'a Harness,
    /// The log's base path.
    pub log: &'a Path,
    /// How the Python runs.
    pub mode: PythonMode,
    /// The interpreter.
    pub python: &'a Interpreter,
}

/// Replays and counts; `progress` hears the number of cycles now and then.
///
/// # Errors
/// The harness cannot be started, or the Python in it is another one than was chosen.
pub fn run(
    project: &Project,
    binding: &Binding,
    replay: &Replay<'_>,
    tally: &mut Tally,
    progress: &dyn Fn(u64),
) -> Result<(), Error> {
    let events = replay.harness.dir.join("events.jsonl");
    let output = replay.harness.dir.join("replay.log");
    let mut child = start(project, binding, replay, &events, &output)?;
    let mut follower = Follower::open(&events)?;
    let status = loop {
        let status = child
            .try_wait()
            .map_err(|error| cannot_run(replay, &error))?;
        if follower.drain(tally)?.is_break() {
            stop(&mut child);
            break None;
        }
        if let Some(status) = status {
            break Some(status);
        }
        progress(tally.cycles);
        std::thread::sleep(Duration::from_millis(15));
    };
    progress(tally.cycles);
    same_sources(replay, tally)?;
    same_python(replay, tally)?;
    // It may be large, and all of it is counted.
    let _ = std::fs::remove_file(&events);
    if let Some(status) = status
        && !tally.ended
        && tally.fault.is_none()
        && !status.success()
    {
        let text = died(status, &output);
        tally.fault = Some((FaultKind::Task, text));
    }
    Ok(())
}

fn start(
    project: &Project,
    binding: &Binding,
    replay: &Replay<'_>,
    events: &Path,
    output: &Path,
) -> Result<Child, Error> {
    let create = |path: &Path| {
        File::create(path).map_err(|source| Error::Write {
            path: path.to_owned(),
            source,
        })
    };
    create(events)?;
    let out = create(output)?;
    let err = out.try_clone().map_err(|source| Error::Write {
        path: output.to_owned(),
        source,
    })?;
    Command::new(replay.binary)
        .args([replay.log, &project.config_path, &binding.script])
        .arg(replay.mode.name())
        .arg(events)
        .current_dir(&project.root)
        .env("PATH", replay.python.path_variable())
        // The app's folder stays as it is: no __pycache__ beside the script.
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(err)
        .spawn()
        .map_err(|error| cannot_run(replay, &error))
}

fn cannot_run(replay: &Replay<'_>, error: &std::io::Error) -> Error {
    Error::Environment {
        message: format!("cannot run {}: {error}", replay.binary.display()),
        help: "remove the app's `target/migrate` and try again".into(),
    }
}

fn stop(child: &mut Child) {
    // It may have ended by itself.
    let _ = child.kill();
    let _ = child.wait();
}

/// The binary must be built from what the app holds now.
fn same_sources(replay: &Replay<'_>, tally: &Tally) -> Result<(), Error> {
    match &tally.sources {
        Some(sources) if *sources != replay.harness.sources => Err(Error::Environment {
            message: "cargo took an outdated harness for fresh".into(),
            help: "remove the app's `target/migrate` and try again".into(),
        }),
        _ => Ok(()),
    }
}

/// The Python that the harness embeds must be the one that was chosen.
fn same_python(replay: &Replay<'_>, tally: &Tally) -> Result<(), Error> {
    let Some((version, prefix)) = &tally.python else {
        return Ok(());
    };
    let python = replay.python;
    if *version == python.version && Path::new(prefix) == python.prefix {
        return Ok(());
    }
    Err(Error::Environment {
        message: format!(
            "the harness embeds Python {version} in {prefix}, but {} is {} in {}",
            python.executable.display(),
            python.version,
            python.prefix.display()
        ),
        help: "choose another interpreter with --python, and check PYTHONHOME".into(),
    })
}

fn died(status: ExitStatus, output: &Path) -> String {
    let text = std::fs::read_to_string(output).unwrap_or_default();
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let last = lines.get(lines.len().saturating_sub(5)..).unwrap_or(&[]);
    let mut said = format!("the replay ended with {status}");
    if !last.is_empty() {
        said.push_str(", its last words:\n");
        said.push_str(&last.join("\n"));
    }
    said
}

/// Reads a growing file of events.
struct Follower {
    reader: BufReader<File>,
    path: PathBuf,
    partial: String,
}

impl Follower {
    fn open(path: &Path) -> Result<Self, Error> {
        let file = File::open(path).map_err(|source| Error::Read {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self {
            reader: BufReader::with_capacity(1 << 16, file),
            path: path.to_owned(),
            partial: String::new(),
        })
    }

    /// Takes every whole line that is there.
    fn drain(&mut self, tally: &mut Tally) -> Result<ControlFlow<()>, Error> {
        loop {
            let read = self.reader.read_line(&mut self.partial);
            let count = read.map_err(|source| Error::Read {
                path: self.path.clone(),
                source,
            })?;
            if count == 0 {
                return Ok(ControlFlow::Continue(()));
            }
            if !self.partial.ends_with('\n') {
                continue;
            }
            let event = serde_json::from_str::<Event>(&self.partial);
            self.partial.clear();
            let event = event.map_err(|error| Error::Environment {
                message: format!("{}: {error}", self.path.display()),
                help: "remove the app's `target/migrate` and try again".into(),
            })?;
            if tally.take(event).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
    }
}
