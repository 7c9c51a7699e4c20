//! Measures the calls of a task on recorded inputs.
//!
//! Enters: the [`Project`], the task, a log. Leaves: [`Benchmark`]: how long `process` takes
//! and how often it allocates, in Python as Copper runs it in either mode, and in Rust.
//! Nothing is compared here: that is what a verdict is for.

use super::cargo::Profile;
use super::protocol::{Latency, Versions};
use super::verdict::Verdict;
use super::{Built, Options, Verifier, python, run};
use crate::error::Error;
use crate::project::{Project, PythonMode, TaskId};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Instant;

/// How long the calls of a task take.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Benchmark {
    /// The node of the graph.
    pub task: String,
    /// The Python script, as it is shown.
    pub script: String,
    /// The log whose inputs were replayed.
    pub log: PathBuf,
    /// How the harness was built: `release` or `dev`.
    pub profile: String,
    /// The Python that ran, where one did.
    pub python: Option<String>,
    /// The versions: Rust first.
    pub versions: Vec<Measured>,
}

/// What was measured of one version.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Measured {
    /// `native`, `embedded` or `process`.
    pub version: String,
    /// Its calls.
    pub latency: Option<Latency>,
    /// Why it could not be measured.
    pub missing: Option<String>,
}

impl Benchmark {
    /// What was measured of a version.
    pub fn of(&self, version: &str) -> Option<Latency> {
        let found = self.versions.iter().find(|m| m.version == version);
        found.and_then(|measured| measured.latency)
    }
}

/// Measures `process` on the inputs of the log; `release` as the robot's binary is built.
///
/// # Errors
/// What keeps the harness from being built or run. That one version cannot be measured is
/// part of the [`Benchmark`].
pub fn bench(
    project: &Project,
    id: &TaskId,
    options: &Options,
    release: bool,
) -> Result<Benchmark, Error> {
    let mut verifier = Verifier::new(project, id, options)?;
    let profile = Profile {
        release,
        counts: true,
    };
    let built = verifier.build(Instant::now(), options.mission.as_deref(), profile)?;
    let mut versions = vec![verifier.measure(&built, Versions::Rust, PythonMode::Embedded)?];
    for mode in [PythonMode::Embedded, PythonMode::Process] {
        versions.push(match python::choose(options.python.as_deref(), mode) {
            Ok(_) => verifier.measure(&built, Versions::Python, mode)?,
            Err(error) => Measured {
                version: mode.name().into(),
                latency: None,
                missing: Some(error.to_string()),
            },
        });
    }
    Ok(Benchmark {
        task: built.plan.task.0.clone(),
        script: built.binding.script_name.clone(),
        log: verifier.shorter(verifier.log.clone()),
        profile: if release { "release" } else { "dev" }.into(),
        python: built.python.map(|python| python.version),
        versions,
    })
}

impl Verifier<'_> {
    fn measure(
        &self,
        built: &Built<'_>,
        versions: Versions,
        mode: PythonMode,
    ) -> Result<Measured, Error> {
        let replay = run::Replay {
            mode,
            ..self.request(built)
        };
        let tally = self.alone(built, &replay, versions, run::Wanted::Latency)?;
        let latency = tally.latency.filter(|latency| latency.calls > 0);
        let missing = match latency {
            Some(_) => None,
            None => Some(match tally.verdict() {
                Verdict::Inconclusive(reason) => reason,
                // Without a call there is nothing else that could be equal or different.
                Verdict::Equal | Verdict::Different => "it does not return".into(),
            }),
        };
        Ok(Measured {
            version: match versions {
                Versions::Rust => "native",
                Versions::Both | Versions::Python => mode.name(),
            }
            .into(),
            latency,
            missing,
        })
    }
}
