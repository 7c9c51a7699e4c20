//! Proves that a native task does what its Python did.
//!
//! Enters: a [`Project`], the task, a recorded log. Leaves: a [`Verification`]. On the
//! way the harness crate is written and built under the app's `target/`, and the user's
//! Python is run in it. This module must not know how a verdict is shown.
//!
//! ```text
//! Project, task ─plan→ Plan ─harness→ crate ─cargo→ binary ─run→ events ─tally→ Verification
//! ```

mod bench;
mod cargo;
mod case_test;
mod cases;
pub mod compare;
pub mod config;
mod coverage;
mod files;
mod harness;
mod inspect;
mod lines;
mod literal;
pub mod log;
mod manifest;
mod notes;
mod origin;
mod plan;
pub mod protocol;
mod python;
#[cfg(test)]
mod restore;
pub mod rules;
mod run;
pub mod sources;
pub mod tally;
mod tools;
pub mod value;
mod verdict;

pub use bench::{Benchmark, Measured, bench};
pub use cases::{Cases, Written, find as find_cases, take_case};
pub use files::write_whole;
pub use inspect::{holes, native_task};
pub use protocol::Latency;
pub use tools::missing_tools;
pub use verdict::{
    Against, Call, Count, Coverage, Divergence, Errors, FieldCount, Keyframes, Lines, LogFacts,
    NeverTaken, Nondeterministic, OutputCount, Place, PythonUsed, RuleUse, Series, Shown, Source,
    Spent, Three, Verdict, Verification,
};

use crate::error::Error;
use crate::project::{Binding, Project, PythonMode, TaskId};
use cargo::Profile;
use harness::Harness;
use plan::Plan;
use protocol::FaultKind;
use python::Interpreter;
use rules::Rules;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tally::Tally;

/// How long a call may take, unless the user says otherwise.
const CYCLE_TIMEOUT: Duration = Duration::from_secs(10);
/// How much memory a replay may have, in MiB, unless the user says otherwise.
const MAX_MEMORY: u64 = 4096;

/// How a verification is run.
#[derive(Default)]
pub struct Options {
    /// The log: its base path, its first slab, or a link to either.
    pub log: PathBuf,
    /// Whether that is no log, but the file of a case; see [`take_case`].
    pub is_case: bool,
    /// What Rust is compared with.
    pub against: Against,
    /// The run of the log, counted from 0; `None` where it holds only one.
    pub run: Option<usize>,
    /// The mission; `None` for the log's.
    pub mission: Option<String>,
    /// How the Python runs; `None` for embedded.
    pub python_mode: Option<PythonMode>,
    /// The interpreter; `None` for `python3` on the `PATH`.
    pub python: Option<PathBuf>,
    /// The native version; `None` for where `migrate translate` writes it.
    pub generated: Option<PathBuf>,
    /// Where cargo builds; `None` for `target/migrate/target` in the app.
    pub target_dir: Option<PathBuf>,
    /// The least part of the branches that has to be executed, in percent.
    pub min_coverage: Option<f64>,
    /// The longest that a call may take.
    pub cycle_timeout: Option<Duration>,
    /// The most memory that one replay may have, in MiB.
    pub max_memory: Option<u64>,
    /// Hears what is going on.
    pub progress: Option<Box<dyn Fn(Step)>>,
}

/// What is going on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step {
    /// The harness is built; `cold` when Copper itself is not built yet.
    Build {
        /// Whether this may take minutes.
        cold: bool,
    },
    /// Cargo was started, in a process group of its own that has this id; 0 when it has ended.
    Cargo {
        /// The id.
        group: u32,
    },
    /// CopperLists were replayed.
    Replay {
        /// How many.
        cycles: u64,
        /// How much of the log that is, from 0 to 1.
        fraction: f64,
    },
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("log", &self.log)
            .field("python_mode", &self.python_mode)
            .field("python", &self.python)
            .field("generated", &self.generated)
            .field("target_dir", &self.target_dir)
            .finish_non_exhaustive()
    }
}

/// Where the native version of a task lies, or would lie; `None` for a task that is not
/// bound to Python.
pub fn native_file(project: &Project, id: &TaskId) -> Option<PathBuf> {
    let binding = project.node(id)?.binding.as_ref()?;
    Some(plan::native_file(id, binding))
}

/// Replays the log through both versions of the task and compares them.
///
/// # Errors
/// What keeps the replay from running at all: tools that are missing, a native version
/// that is missing or does not compile ([`Error::Environment`], [`Error::Usage`]), a log
/// that is not there ([`Error::Inconclusive`]). What the replay shows, inconclusive or
/// not, is the [`Verification`].
pub fn verify(project: &Project, id: &TaskId, options: &Options) -> Result<Verification, Error> {
    let begin = Instant::now();
    let mut verifier = Verifier::new(project, id, options)?;
    let replayed = verifier.replay(begin, options.mission.as_deref())?;
    // The harness is built before the log is read: for a log of another mission it is
    // built again.
    let other = match &replayed.1.fault {
        Some((FaultKind::Mission, mission, _))
            if options.mission.is_none() && project.missions.contains(mission) =>
        {
            mission.clone()
        }
        _ => return Ok(verifier.assemble(replayed)),
    };
    let replayed = verifier.replay(Instant::now(), Some(&other))?;
    Ok(verifier.assemble(replayed))
}

/// One verification.
struct Verifier<'a> {
    project: &'a Project,
    id: &'a TaskId,
    options: &'a Options,
    log: PathBuf,
    rules: Rules,
    min_coverage: Option<f64>,
    cycle_timeout: Duration,
    spent: Spent,
}

/// What was replayed, what it showed, and the Python that ran.
type Replayed<'a> = (&'a Binding, Tally, Plan, Option<PythonUsed>);

/// A harness that was built.
struct Built<'a> {
    binding: &'a Binding,
    plan: Plan,
    harness: Harness,
    binary: PathBuf,
    python: Option<Interpreter>,
}

impl<'a> Verifier<'a> {
    fn new(project: &'a Project, id: &'a TaskId, options: &'a Options) -> Result<Self, Error> {
        let log = match options.is_case {
            true => cases::of_task(&options.log, id)?,
            false => log::base(&options.log)?,
        };
        let settings = config::read(&project.root, &id.0)?;
        let rules = Rules::new(settings.rules);
        let timeout = settings.cycle_timeout.map(Duration::from_secs_f64);
        Ok(Self {
            project,
            id,
            options,
            log,
            rules,
            min_coverage: options.min_coverage.or(settings.min_coverage),
            cycle_timeout: options.cycle_timeout.or(timeout).unwrap_or(CYCLE_TIMEOUT),
            spent: Spent::default(),
        })
    }

    /// Writes and builds the harness.
    fn build(
        &mut self,
        begin: Instant,
        mission: Option<&str>,
        profile: Profile,
    ) -> Result<Built<'a>, Error> {
        let (project, options) = (self.project, self.options);
        let plan = plan::plan(project, self.id, options.generated.as_deref(), mission)?;
        let Some(binding) = project.node(self.id).and_then(|node| node.binding.as_ref()) else {
            return Err(Error::Usage {
                message: format!("`{}` is no Python task", self.id),
                help: "name another task with --task".into(),
            });
        };
        let with_python = options.against == Against::Python;
        if with_python && !binding.script.is_file() {
            return Err(Error::Usage {
                message: format!("{} does not exist", binding.script.display()),
                help: "the Python is what the native version is compared with: restore it, or \
                       compare --against recorded"
                    .into(),
            });
        }
        cargo::check(&project.root)?;
        let python = self.interpreter(self.mode())?;
        // Where it can be linked at all, the `PyTask` reads the keyframes.
        let linked = with_python || python.is_some() && harness::has_py_task(project)?;
        let harness = harness::write(project, binding, &plan, python.as_ref(), linked)?;
        self.spent.prepare += begin.elapsed().as_secs_f64();

        let target = options
            .target_dir
            .clone()
            .unwrap_or_else(|| project.root.join("target/migrate/target"));
        // Cargo runs in the harness' directory.
        let target = std::path::absolute(&target).unwrap_or(target);
        self.tell(Step::Build {
            cold: !target
                .join(profile.directory())
                .join(".fingerprint")
                .is_dir(),
        });
        let begin = Instant::now();
        let python_ref = python.as_ref();
        let binary = cargo::build(
            project,
            &harness,
            &target,
            python_ref,
            profile,
            &|group| self.tell(Step::Cargo { group }),
            &|file, line| origin::origin(project, binding, &plan, file, line),
        )?;
        self.spent.build += begin.elapsed().as_secs_f64();
        Ok(Built {
            binding,
            plan,
            harness,
            binary,
            python,
        })
    }

    fn mode(&self) -> PythonMode {
        self.options.python_mode.unwrap_or(PythonMode::Embedded)
    }

    fn tell(&self, step: Step) {
        let listener = self.options.progress.iter();
        listener.for_each(|listener| listener(step));
    }

    /// What the harness is asked to replay.
    fn request<'b>(&'b self, built: &'b Built<'_>) -> run::Replay<'b> {
        let with_python = self.options.against == Against::Python;
        run::Replay {
            binary: &built.binary,
            harness: &built.harness,
            log: &self.log,
            against: self.options.against,
            mode: self.mode(),
            python: built.python.as_ref(),
            case: self.options.is_case.then_some(&self.log),
            run: self.options.run,
            mission: built.plan.mission.as_deref(),
            resume: (with_python || self.options.is_case) && built.plan.native.others.is_empty(),
            cycle_timeout: self.cycle_timeout,
            max_memory: self.options.max_memory.unwrap_or(MAX_MEMORY),
        }
    }

    /// A count of nothing yet.
    fn tally(&self, built: &Built<'_>) -> Tally {
        let labels = built.plan.labels.clone();
        Tally::new(labels, self.options.against, self.rules.clone())
    }

    /// Replays into a count of its own.
    fn alone(
        &self,
        built: &Built<'_>,
        replay: &run::Replay<'_>,
        versions: protocol::Versions,
        wanted: run::Wanted,
    ) -> Result<Tally, Error> {
        let mut tally = self.tally(built);
        run::alone(
            self.project,
            built.binding,
            replay,
            versions,
            wanted,
            &mut tally,
        )?;
        Ok(tally)
    }

    fn replay(&mut self, begin: Instant, mission: Option<&str>) -> Result<Replayed<'a>, Error> {
        let built = self.build(begin, mission, Profile::VERIFY)?;
        let begin = Instant::now();
        let against = self.options.against;
        let mut tally = self.tally(&built);
        tally.min_coverage = self.min_coverage;
        tally.is_case = self.options.is_case;
        tally.reads_clock = [".now()", ".recent()"]
            .iter()
            .any(|words| built.plan.generated_text.contains(words));
        run::run(
            self.project,
            built.binding,
            &self.request(&built),
            &mut tally,
            &|cycles, fraction| self.tell(Step::Replay { cycles, fraction }),
        )?;
        self.spent.replay += begin.elapsed().as_secs_f64();
        let python = built.python.filter(|_| against == Against::Python);
        let python = python.map(|python| PythonUsed {
            mode: self.mode().name().into(),
            executable: python.executable,
            version: python.version,
        });
        Ok((built.binding, tally, built.plan, python))
    }

    /// The Python that runs; where none does, the one that the app may have to be linked
    /// with.
    fn interpreter(&self, mode: PythonMode) -> Result<Option<Interpreter>, Error> {
        let found = python::choose(self.options.python.as_deref(), mode);
        match self.options.against {
            Against::Python => found.map(Some),
            Against::Recorded => Ok(found.ok()),
        }
    }

    /// A path as it is shown.
    fn shorter(&self, path: PathBuf) -> PathBuf {
        let shorter = path.strip_prefix(&self.project.root).map(Path::to_owned);
        shorter.unwrap_or(path)
    }

    fn assemble(self, replayed: Replayed<'_>) -> Verification {
        let (binding, tally, plan, python) = replayed;
        let root = &self.project.root;
        let script = std::fs::read(&binding.script).unwrap_or_default();
        let text = String::from_utf8_lossy(&script);
        let sources = sources::of_script(&binding.script, &text);
        let hash = script_hash(&script);
        let coverage = tally.coverage.as_deref();
        let coverage = coverage.map(|files| coverage::summary(files, root));
        let notes = notes::notes(&tally, binding, &plan, &sources, &hash, python.as_ref());
        let ran = coverage
            .as_ref()
            .map(|c| c.ran(&self.shorter(binding.script.clone())));
        let lines = lines::lines(
            &binding.script,
            &text,
            &plan,
            ran.as_deref(),
            tally.divergence.as_ref(),
        );
        Verification {
            lines,
            verdict: tally.verdict(),
            task: plan.task.0,
            script: binding.script_name.clone(),
            script_hash: hash,
            generated: self.shorter(plan.generated),
            log: self.shorter(self.log.clone()),
            against: tally.against,
            cycles: tally.cycles,
            range: tally.range,
            log_facts: tally.facts,
            errors: tally.errors,
            outputs: tally.outputs,
            state: tally.state,
            lockstep: tally.lockstep,
            keyframes: tally.keyframes,
            fields: tally.fields.into_values().collect(),
            nondeterministic: tally.nondeterministic.into_values().collect(),
            sources,
            rules: tally.rules.used(),
            coverage,
            divergence: tally.divergence,
            series: tally.followed.into_series(),
            recording_divergence: tally.recording_divergence,
            notes,
            python,
            spent: self.spent,
        }
    }
}

fn script_hash(script: &[u8]) -> String {
    let digest = Sha256::digest(script);
    digest
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
