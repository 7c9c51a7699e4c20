//! `migrate verify`: replays a log through both versions of a task.

use super::console::{CYAN, Console, RESET};
use crate::error::Error;
use crate::project::{Project, PythonMode, TaskId, discover, select_task};
use crate::record::{self, Files};
use crate::report::{Fault, Report, github, json, junit, markdown, sarif, text};
use crate::verify::{
    Against, Call, Options, Step, Verification, find_cases, log, native_file, take_case, verify,
    write_whole,
};
use clap::ValueEnum;
use std::cell::Cell;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Arguments of `migrate verify`.
#[derive(Debug, clap::Args)]
pub struct VerifyArgs {
    /// The recorded logs, such as logs/run.copper (the name without its `_0`) or
    /// 'logs/*.copper'.
    #[arg(
        long = "log",
        value_name = "PATH",
        required_unless_present = "cases",
        conflicts_with = "cases",
        num_args = 1..
    )]
    pub logs: Vec<String>,
    /// Replays cases instead of logs: files, directories, or else all of the app's `cases/`.
    #[arg(long, value_name = "PATH", num_args = 0..)]
    pub cases: Option<Vec<String>>,
    /// Writes the first divergence, or a CopperList, as a case and a Rust test into the app.
    #[arg(long, value_name = "ID", num_args = 0..=1, require_equals = true, conflicts_with = "cases")]
    pub emit_test: Option<Option<u64>>,
    /// The app's directory; without it, the nearest one upward from here.
    #[arg(long, value_name = "DIR")]
    pub app: Option<PathBuf>,
    /// The node to verify; without it, every node that has both versions.
    #[arg(long, value_name = "ID")]
    pub task: Option<String>,
    /// What the Rust is compared with: the Python as it runs now, or the recording alone.
    #[arg(long, value_enum, default_value_t = AgainstArg::Python)]
    pub against: AgainstArg,
    /// The run of a log that holds several, counted from 0.
    #[arg(long, value_name = "N")]
    pub run: Option<usize>,
    /// The mission; without it, the log's.
    #[arg(long, value_name = "ID")]
    pub mission: Option<String>,
    /// The least part of the Python's branches that the log has to execute, in percent.
    #[arg(long, value_name = "PERCENT")]
    pub min_coverage: Option<f64>,
    /// The longest that one call may take, in seconds; 10 without it.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub cycle_timeout: Option<Duration>,
    /// The most memory that a replay may take, in MiB; 4096 without it.
    #[arg(long, value_name = "MIB")]
    pub max_memory: Option<u64>,
    /// Only the I-th of N parts of the tasks and logs, such as 2/8; `migrate report merge`
    /// joins the reports.
    #[arg(long, value_name = "I/N", value_parser = partition)]
    pub partition: Option<(usize, usize)>,
    /// The form of the verdict on stdout.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Writes the verdict to a file instead, when all of it is there.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// How the Python is run beside the Rust.
    #[arg(long, value_enum, default_value_t = PythonModeArg::Embedded)]
    pub python_mode: PythonModeArg,
    /// The interpreter; without it, `python3` on the PATH.
    #[arg(long, value_name = "PATH")]
    pub python: Option<PathBuf>,
    /// The native version; without it, where `migrate translate` writes it.
    #[arg(long, value_name = "FILE", requires = "task")]
    pub native: Option<PathBuf>,
    /// Where the harness is built; without it, target/migrate in the app.
    #[arg(long, value_name = "DIR")]
    pub target_dir: Option<PathBuf>,
}

/// Shown below the help of `migrate verify`.
pub const EXAMPLES: &str = "\
Examples:
  migrate verify --log logs/run.copper                 every task that has both versions
  migrate verify --log logs/run.copper --task pid      one of them
  migrate verify --log 'logs/*.copper' --format junit --output verify.xml
  migrate verify --log logs/run.copper --emit-test     the first divergence as a Rust test
  migrate verify --cases                               the cases that were kept

Exit codes: 0 equal; 1 different; 2 usage or environment; 3 inconclusive. Runs the task's
Python in a child process.";

/// The form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For machines; see docs/verify.schema.json.
    Json,
    /// For a comment on a pull request.
    Markdown,
    /// For CI servers.
    Junit,
    /// Annotations of GitHub Actions.
    Github,
    /// For code scanning.
    Sarif,
}

impl Format {
    /// The report in this form.
    pub fn render(self, report: &Report<'_>) -> String {
        match self {
            Format::Text => text::render(report),
            Format::Json => json::render(report),
            Format::Markdown => markdown::render(report),
            Format::Junit => junit::render(report),
            Format::Github => github::render(report),
            Format::Sarif => sarif::render(report),
        }
    }

    /// Prints the report, or writes it to a file: whole, or not at all.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(
        self,
        report: &Report<'_>,
        output: Option<&Path>,
        console: &Console,
    ) -> Result<(), Error> {
        let Some(path) = output else {
            return console.print(&self.render(report));
        };
        let text = match self {
            Format::Text => text::render_plain(report),
            _ => self.render(report),
        };
        write_whole(path, &text)
    }
}

/// How Copper's PyTask runs the Python.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PythonModeArg {
    /// In the harness' own process, through PyO3.
    Embedded,
    /// In a child process, over CBOR.
    Process,
}

/// What the native task is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AgainstArg {
    /// The Python as it runs now.
    Python,
    /// The recording; no Python runs.
    Recorded,
}

impl VerifyArgs {
    /// What `migrate verify --app APP --log LOG` says.
    pub fn of(app: PathBuf, log: PathBuf, target_dir: Option<PathBuf>) -> Self {
        Self {
            logs: vec![log.display().to_string()],
            cases: None,
            emit_test: None,
            app: Some(app),
            task: None,
            against: AgainstArg::Python,
            run: None,
            mission: None,
            min_coverage: None,
            cycle_timeout: None,
            max_memory: None,
            partition: None,
            format: Format::Text,
            output: None,
            python_mode: PythonModeArg::Embedded,
            python: None,
            native: None,
            target_dir,
        }
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|time| !time.is_zero())
        .ok_or("not a length of time".to_owned())
}

fn partition(text: &str) -> Result<(usize, usize), String> {
    let parts = text.split_once('/').ok_or("as in 2/8")?;
    let number = |text: &str| text.parse::<usize>().map_err(|_| "as in 2/8".to_owned());
    let (part, of) = (number(parts.0)?, number(parts.1)?);
    if part == 0 || part > of {
        return Err(format!("there is no part {part} of {of}"));
    }
    Ok((part, of))
}

/// Verifies the translated tasks of an app.
///
/// # Errors
/// What keeps the only one of them from being replayed at all; of several, what keeps one
/// from it is part of the report.
pub fn run(args: VerifyArgs, console: &Console) -> Result<ExitCode, Error> {
    let root = match &args.app {
        Some(dir) => dir.clone(),
        None => discover(Path::new("."))?,
    };
    let project = Project::load(&root)?;
    let building = on_interrupt(*console);
    let pairs = pairs(&project, &args)?;
    let (part, of) = args.partition.unwrap_or((1, 1));
    let pairs: Vec<(TaskId, PathBuf)> = pairs.into_iter().skip(part - 1).step_by(of).collect();
    let (mut verifications, mut faults) = (Vec::new(), Vec::new());
    for (id, log) in &pairs {
        match verify_one(&project, id, log, &args, &building, console) {
            Ok(verification) => verifications.push(verification),
            Err(error) if pairs.len() == 1 => return Err(error),
            Err(error) => {
                console.error(&error);
                faults.push(Fault {
                    task: id.0.clone(),
                    log: log.display().to_string(),
                    message: error.to_string(),
                    exit_code: error.exit_code(),
                });
            }
        }
    }
    let report = Report {
        verifications: &verifications,
        faults: &faults,
    };
    args.format
        .write(&report, args.output.as_deref(), console)?;
    if pairs.is_empty() {
        // A part of few may be empty.
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::from(report.exit_code()))
}

/// Each task with each log, or with each of its cases.
fn pairs(project: &Project, args: &VerifyArgs) -> Result<Vec<(TaskId, PathBuf)>, Error> {
    let wanted = args.task.clone().map(TaskId);
    if let Some(patterns) = &args.cases {
        let cases = find_cases(project, patterns)?.into_iter();
        let cases = cases.filter(|(_, task)| wanted.as_ref().is_none_or(|wanted| wanted == task));
        let cases: Vec<(TaskId, PathBuf)> = cases.map(|(path, task)| (task, path)).collect();
        if cases.is_empty() {
            let task = args.task.as_deref().unwrap_or_default();
            return Err(Error::Usage {
                message: format!("there is no case of `{task}`"),
                help: "`migrate verify --log LOG --emit-test` takes one from a log".into(),
            });
        }
        return Ok(cases);
    }
    let logs = log::all(&args.logs)?;
    let tasks = tasks(project, wanted.as_ref())?;
    let pairs = tasks
        .iter()
        .flat_map(|id| logs.iter().map(move |log| (id.clone(), log.clone())));
    Ok(pairs.collect())
}

/// Writes a call of the log as a case: the one that is named, or the first divergence.
fn emit_test(
    project: &Project,
    id: &TaskId,
    options: &Options,
    verification: &Verification,
    wanted: Option<u64>,
    console: &Console,
) -> Result<(), Error> {
    let divergence = verification.divergence.as_ref();
    let call = match (wanted, divergence) {
        (Some(cycle), _) => Call::Process(cycle),
        (None, Some(divergence)) => divergence.call,
        (None, None) => {
            console.say("no divergence, no test: name a CopperList with --emit-test=ID");
            return Ok(());
        }
    };
    let differs = divergence.is_some_and(|divergence| divergence.call == call);
    let written = take_case(project, id, options, call, differs)?;
    console.say(&format!(
        "{CYAN}wrote{RESET} {} ({} calls)",
        written.case.display(),
        written.calls
    ));
    match &written.test {
        Ok(path) => console.say(&format!("{CYAN}wrote{RESET} {}", path.display())),
        Err(reason) => console.say(&format!("no Rust test: {reason}")),
    }
    for (path, line) in &written.declare {
        console.say(&format!("  {}: add `{line}`", path.display()));
    }
    Ok(())
}

fn verify_one(
    project: &Project,
    id: &TaskId,
    log: &Path,
    args: &VerifyArgs,
    building: &Building,
    console: &Console,
) -> Result<Verification, Error> {
    let script = project.node(id).and_then(|node| node.binding.as_ref());
    let script = script.map_or("", |binding| &binding.script_name);
    console.say(&match args.against {
        AgainstArg::Python => {
            format!("{CYAN}verifying{RESET} `{id}`: runs {script} in a child process")
        }
        AgainstArg::Recorded => {
            format!("{CYAN}verifying{RESET} `{id}` against the recording: runs no Python")
        }
    });
    let options = Options {
        log: log.to_owned(),
        is_case: args.cases.is_some(),
        against: match args.against {
            AgainstArg::Python => Against::Python,
            AgainstArg::Recorded => Against::Recorded,
        },
        run: args.run,
        mission: args.mission.clone(),
        min_coverage: args.min_coverage,
        cycle_timeout: args.cycle_timeout,
        max_memory: args.max_memory,
        python_mode: Some(match args.python_mode {
            PythonModeArg::Embedded => PythonMode::Embedded,
            PythonModeArg::Process => PythonMode::Process,
        }),
        python: args.python.clone(),
        generated: args.native.clone(),
        target_dir: args.target_dir.clone(),
        progress: Some(progress(*console, building)),
    };
    let files = files(project, id, &options);
    let verification = verify(project, id, &options);
    if let (Ok(verification), Some(files)) = (&verification, files) {
        store(project, verification, files, console);
    }
    if let (Ok(verification), Some(wanted)) = (&verification, args.emit_test) {
        let recorded = verification.log_facts.mission.as_ref();
        let recorded = recorded.filter(|mission| project.missions.contains(mission));
        let mission = options.mission.clone().or(recorded.cloned());
        let options = Options { mission, ..options };
        emit_test(project, id, &options, verification, wanted, console)?;
    }
    if std::io::stderr().is_terminal() {
        console.progress("");
    }
    verification
}

/// The files that a verdict will be about, as they are before it is reached; `None` for a
/// case, which is no log, and where one is missing: `verify` will say so.
fn files(project: &Project, id: &TaskId, options: &Options) -> Option<Files> {
    if options.is_case {
        return None;
    }
    let script = &project.node(id)?.binding.as_ref()?.script;
    let native = options.generated.clone();
    let native = native.or_else(|| native_file(project, id))?;
    let native = std::path::absolute(&native).unwrap_or(native);
    let slabs = log::slabs(&log::base(&options.log).ok()?);
    Files::of(&project.root, script, &native, &slabs).ok()
}

/// Keeps a verdict for `status`, `switch` and `review`.
fn store(project: &Project, verification: &Verification, files: Files, console: &Console) {
    // A verdict on files that were changed meanwhile is about neither version.
    let changes = files.changes(&project.root);
    let stored = match changes.first() {
        Some(change) => Err(change.to_string()),
        None => {
            let record = record::Verdict::now(files, verification.clone());
            record::store_verdict(&project.root, record).map_err(|error| error.to_string())
        }
    };
    if let Err(why) = stored {
        let task = &verification.task;
        console.say(&format!("the verdict on `{task}` is not kept: {why}"));
    }
}

/// The harness ends itself, and all that it started, when this process does.
pub fn on_interrupt(console: Console) -> Building {
    let building = Building::default();
    let group = building.clone();
    let interrupted = move || {
        end_group(group.0.load(Ordering::SeqCst));
        console.say(&format!(
            "\n{CYAN}interrupted{RESET}: nothing was concluded, nothing was written"
        ));
        std::process::exit(130);
    };
    // Where a handler is there already, the signal ends the process as well.
    let _ = ctrlc::set_handler(interrupted);
    building
}

/// The process group of a cargo that runs, or 0.
#[derive(Debug, Clone, Default)]
pub struct Building(Arc<AtomicU32>);

/// Ends cargo and all that it has started.
fn end_group(group: u32) {
    #[cfg(unix)]
    if let Ok(group @ 1..) = i32::try_from(group) {
        use nix::sys::signal::{Signal, killpg};
        let _ = killpg(nix::unistd::Pid::from_raw(group), Signal::SIGKILL);
    }
    #[cfg(not(unix))]
    let _ = group;
}

/// The task that was named, or every one that has both versions.
fn tasks(project: &Project, wanted: Option<&TaskId>) -> Result<Vec<TaskId>, Error> {
    if wanted.is_some() {
        return Ok(vec![select_task(project, None, wanted)?]);
    }
    let has_native = |id: &TaskId| native_file(project, id).is_some_and(|file| file.is_file());
    let ids = project.nodes.iter().map(|node| node.id.clone());
    let both: Vec<TaskId> = ids.filter(has_native).collect();
    if both.is_empty() {
        // One Python task without a native version: `verify` says where it should lie.
        return Ok(vec![select_task(project, None, None)?]);
    }
    Ok(both)
}

/// Shows how far the build and the replay are.
pub fn progress(console: Console, building: &Building) -> Box<dyn Fn(Step)> {
    let building = building.clone();
    let is_terminal = std::io::stderr().is_terminal();
    let began = Cell::new(None);
    Box::new(move |step| match step {
        Step::Build { cold: true } => console.say(&format!(
            "{CYAN}building{RESET} the harness and Copper itself: one to three minutes, this once"
        )),
        Step::Build { cold: false } => {
            if is_terminal {
                console.progress("building the harness");
            }
        }
        Step::Cargo { group } => building.0.store(group, Ordering::SeqCst),
        Step::Replay { cycles, fraction } => {
            let began = began.get().unwrap_or_else(|| {
                began.set(Some(Instant::now()));
                Instant::now()
            });
            if is_terminal {
                console.progress(&bar(cycles, fraction, began.elapsed()));
            }
        }
    })
}

/// Such as `[#####     ]  43 %  12300 cycles, 2100/s, 8 s left`.
fn bar(cycles: u64, fraction: f64, elapsed: Duration) -> String {
    let fraction = fraction.clamp(0.0, 1.0);
    let full = (fraction * 20.0) as usize;
    let seconds = elapsed.as_secs_f64();
    let mut text = format!(
        "[{}{}] {:3.0} %  {cycles} cycles",
        "#".repeat(full),
        " ".repeat(20 - full),
        fraction * 100.0
    );
    if seconds > 0.5 && fraction > 0.0 {
        let rate = cycles as f64 / seconds;
        let left = seconds / fraction - seconds;
        text.push_str(&format!(", {rate:.0}/s, {left:.0} s left"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_and_a_time_are_read() {
        assert_eq!(partition("2/8"), Ok((2, 8)));
        for wrong in ["0/8", "9/8", "2", "a/b"] {
            assert!(partition(wrong).is_err(), "{wrong}");
        }
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        assert!(seconds("0").is_err() && seconds("-1").is_err() && seconds("x").is_err());
    }

    #[test]
    fn the_bar_shows_rate_and_time_left() {
        let bar = bar(1000, 0.25, Duration::from_secs(2));
        assert_eq!(
            bar,
            "[#####               ]  25 %  1000 cycles, 500/s, 6 s left"
        );
    }
}
