//! Runs the harness and follows what it reports.
//!
//! Enters: the harness's binary, what it is to do, the interpreter. Leaves: a full
//! [`Tally`]. The user's Python runs in these child processes and nowhere else: one beside
//! the native task, one by itself with another hash seed, whose doings are compared with
//! the first's and observed. What it prints goes to a file. This module must not know how
//! the verdict is reached.

use super::harness::Harness;
use super::protocol::{Event, Phase, Request, Take, Versions};
use super::python::Interpreter;
use super::tally::Tally;
use super::verdict::Against;
use crate::error::Error;
use crate::project::{Binding, Project, PythonMode};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

/// Events that wait to be compared: the harness waits when there are more.
const QUEUE: usize = 256;

/// What is replayed.
#[derive(Clone, Copy)]
pub struct Replay<'a> {
    /// The harness's binary.
    pub binary: &'a Path,
    /// The crate it was built from.
    pub harness: &'a Harness,
    /// The log's base path.
    pub log: &'a Path,
    /// What Rust is compared with.
    pub against: Against,
    /// How the Python runs.
    pub mode: PythonMode,
    /// The interpreter; `None` where no Python runs.
    pub python: Option<&'a Interpreter>,
    /// The case that is replayed instead of the log.
    pub case: Option<&'a Path>,
    /// The run of the log.
    pub run: Option<usize>,
    /// The mission that the harness was built for.
    pub mission: Option<&'a str>,
    /// Whether the native task keeps nothing but its state.
    pub resume: bool,
    /// The longest that a call may take.
    pub cycle_timeout: Duration,
    /// The most memory that one replay may have, in MiB.
    pub max_memory: u64,
}

/// Replays and counts; `progress` hears the number of cycles and
/// the part of the log now and then.
///
/// # Errors
/// The harness cannot be started, or the Python in it is another one than was chosen.
pub fn run(
    project: &Project,
    binding: &Binding,
    replay: &Replay<'_>,
    tally: &mut Tally,
    progress: &dyn Fn(u64, f64),
) -> Result<(), Error> {
    let versions = match replay.against {
        Against::Python => Versions::Both,
        Against::Recorded => Versions::Rust,
    };
    let mut main = start(project, binding, replay, versions, Wanted::Verdict)?;
    let mut twin = match replay.against {
        Against::Python => Some(start(
            project,
            binding,
            replay,
            Versions::Python,
            Wanted::Verdict,
        )?),
        Against::Recorded => None,
    };
    // What runs in another process cannot be observed: a third run is, embedded.
    let observed = replay.against == Against::Python && replay.mode == PythonMode::Process;
    let embedded = Replay {
        mode: PythonMode::Embedded,
        ..*replay
    };
    let observer = observed
        .then(|| {
            start(
                project,
                binding,
                &embedded,
                Versions::Python,
                Wanted::Coverage,
            )
        })
        .transpose()?;
    let mut told = Instant::now();
    while let Some(event) = main.next()? {
        if told.elapsed() > Duration::from_millis(100) {
            progress(tally.cycles, tally.fraction());
            told = Instant::now();
        }
        let again = match (&event, &mut twin) {
            (Event::Started { .. } | Event::Cycle(_) | Event::Stopped { .. }, Some(running)) => {
                let again = running.next_call(tally)?;
                if again.is_none() {
                    // Without it nobody knows whether the Python is deterministic.
                    if tally.twin_fault.is_none() {
                        tally.twin_fault = Some(running.end());
                    }
                    twin = None;
                }
                again
            }
            _ => None,
        };
        if tally.take(event, again).is_break() {
            break;
        }
    }
    progress(tally.cycles, tally.fraction());
    if let Some(mut twin) = twin
        && tally.refusal.is_none()
        && tally.fault.is_none()
    {
        // Its coverage comes last but one.
        while twin.next_call(tally)?.is_some() {}
    }
    if let Some(mut observer) = observer
        && tally.refusal.is_none()
        && tally.fault.is_none()
    {
        while let Some(event) = observer.next()? {
            if let Event::Coverage(files) = event {
                tally.coverage = Some(files);
            }
        }
    }
    same_sources(replay, tally)?;
    same_python(replay, tally)?;
    let (phase, id) = main.phase();
    let how = main.end();
    tally.died(phase, id, how);
    Ok(())
}

/// What a replay is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// All that both versions did.
    Verdict,
    /// What is executed of the Python.
    Coverage,
    /// How long the calls of one version take.
    Latency,
    /// A case.
    Case(Take),
}

/// Replays one version alone: its latency or the case, or why there is none, is in the tally.
///
/// # Errors
/// As for [`run`].
pub fn alone(
    project: &Project,
    binding: &Binding,
    replay: &Replay<'_>,
    versions: Versions,
    wanted: Wanted,
    tally: &mut Tally,
) -> Result<(), Error> {
    let mut running = start(project, binding, replay, versions, wanted)?;
    while let Some(event) = running.next()? {
        if tally.take(event, None).is_break() {
            break;
        }
    }
    same_sources(replay, tally)?;
    same_python(replay, tally)?;
    let (phase, id) = running.phase();
    let how = running.end();
    tally.died(phase, id, how);
    Ok(())
}

/// A harness that runs.
struct Running {
    child: Child,
    /// When this closes, the harness ends itself and all that it started.
    lifeline: Option<ChildStdin>,
    events: Receiver<Result<Event, String>>,
    output: PathBuf,
    phase: PathBuf,
}

fn start(
    project: &Project,
    binding: &Binding,
    replay: &Replay<'_>,
    versions: Versions,
    wanted: Wanted,
) -> Result<Running, Error> {
    let observer = wanted == Wanted::Coverage;
    let twin = versions == Versions::Python && (wanted == Wanted::Verdict || observer);
    let name = match versions {
        Versions::Python if observer => "observed",
        Versions::Python if twin => "twin",
        Versions::Python | Versions::Both | Versions::Rust => "replay",
    };
    let output = replay.harness.dir.join(format!("{name}.log"));
    let phase = replay.harness.dir.join(format!("{name}.phase"));
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let root = binding.script.parent().unwrap_or(&project.root);
    let traced = twin && replay.mode == PythonMode::Embedded;
    let timeout = replay.cycle_timeout.as_millis() as u64;
    let request = Request {
        log: text(replay.log),
        config: text(&project.config_path),
        script: text(&binding.script),
        mode: replay.mode.name().into(),
        versions,
        run: replay.run,
        mission: replay.mission.map(str::to_owned),
        resume: replay.resume,
        native_keyframes: binding.wired.is_some(),
        trace: traced.then(|| text(root)),
        output: text(&output),
        phase: text(&phase),
        // What is observed is slower.
        cycle_timeout_ms: if twin {
            timeout.saturating_mul(10)
        } else {
            timeout
        },
        memory_mib: replay.max_memory,
        bench: wanted == Wanted::Latency,
        take: match wanted {
            Wanted::Case(take) => Some(take),
            Wanted::Verdict | Wanted::Coverage | Wanted::Latency => None,
        },
        case: replay.case.map(text),
    };
    let request = serde_json::to_string(&request).unwrap_or_default();
    let mut command = Command::new(replay.binary);
    command
        .arg(request)
        .current_dir(&project.root)
        // The order of a set must not be taken for the order of all sets.
        .env("PYTHONHASHSEED", if twin { "1" } else { "0" })
        // The app's folder stays as it is: no __pycache__ beside the script.
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    if let Some(python) = replay.python {
        command.env("PATH", python.path_variable());
    }
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command
        .spawn()
        .map_err(|error| cannot_run(replay.binary, &error))?;
    let lifeline = child.stdin.take();
    let (sender, events) = sync_channel(QUEUE);
    if let Some(stdout) = child.stdout.take() {
        std::thread::spawn(move || {
            let mut lines = BufReader::with_capacity(1 << 16, stdout);
            let mut line = String::new();
            loop {
                line.clear();
                let event = match lines.read_line(&mut line) {
                    Ok(0) | Err(_) => return,
                    // Half a line is what a process was writing when it ended.
                    Ok(_) if !line.ends_with('\n') => return,
                    Ok(_) => serde_json::from_str(&line).map_err(|error| error.to_string()),
                };
                let ends = event.is_err();
                if sender.send(event).is_err() || ends {
                    return;
                }
            }
        });
    }
    Ok(Running {
        child,
        lifeline,
        events,
        output,
        phase,
    })
}

impl Running {
    /// The next event; `None` when the harness has ended.
    fn next(&mut self) -> Result<Option<Event>, Error> {
        match self.events.recv() {
            Err(_) => Ok(None),
            Ok(Ok(event)) => Ok(Some(event)),
            Ok(Err(error)) => Err(Error::Environment {
                message: format!("the harness said what is not understood: {error}"),
                help: "remove the app's `target/migrate` and try again".into(),
            }),
        }
    }

    /// What the second run of the Python did in its next call.
    fn next_call(&mut self, tally: &mut Tally) -> Result<Option<Event>, Error> {
        while let Some(event) = self.next()? {
            match event {
                Event::Started { .. } | Event::Cycle(_) | Event::Stopped { .. } => {
                    return Ok(Some(event));
                }
                Event::Coverage(files) => tally.coverage = Some(files),
                Event::Fault { message, .. } => tally.twin_fault = Some(message),
                _ => {}
            }
        }
        if tally.twin_fault.is_none() && tally.coverage.is_none() {
            let (phase, id) = self.phase();
            if phase != Phase::Own {
                let how = self.end();
                tally.twin_fault = Some(format!("it ended in CopperList {id}: {how}"));
            }
        }
        Ok(None)
    }

    /// What it was doing last.
    fn phase(&self) -> (Phase, u64) {
        let mut text = String::new();
        let read =
            std::fs::File::open(&self.phase).and_then(|f| f.take(64).read_to_string(&mut text));
        match (read, text.split_at_checked(1)) {
            (Ok(_), Some((phase, id))) => {
                let byte = phase.bytes().next().unwrap_or_default();
                (Phase::of(byte), id.trim().parse().unwrap_or_default())
            }
            _ => (Phase::Own, 0),
        }
    }

    /// Ends it, with all that it started, and says how it went.
    fn end(&mut self) -> String {
        drop(self.lifeline.take());
        let status = self.child.wait();
        let how = match status {
            Ok(status) => words(status),
            Err(error) => error.to_string(),
        };
        let text = std::fs::read(&self.output).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().filter(|l| !l.trim().is_empty()).collect();
        let last = lines.get(lines.len().saturating_sub(5)..).unwrap_or(&[]);
        if last.is_empty() {
            how
        } else {
            format!("{how}; its last words:\n{}", last.join("\n"))
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.lifeline.take());
        // The lifeline's end takes it down; this is for one that does not listen.
        for _ in 0..200 {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn words(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return match signal {
            6 => "abort (signal 6)".into(),
            9 => "killed (signal 9)".into(),
            11 => "segmentation fault (signal 11)".into(),
            signal => format!("signal {signal}"),
        };
    }
    match status.code() {
        Some(code) => format!("exit with {code}"),
        None => status.to_string(),
    }
}

fn cannot_run(binary: &Path, error: &std::io::Error) -> Error {
    Error::Environment {
        message: format!("cannot run {}: {error}", binary.display()),
        help: "remove the app's `target/migrate` and try again".into(),
    }
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
    let (Some((version, prefix)), Some(python)) = (&tally.python, replay.python) else {
        return Ok(());
    };
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
