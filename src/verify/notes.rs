//! What the reader of a verdict should know beside it.
//!
//! Enters: a finished [`Tally`], the plan, what the script depends on. Leaves: sentences.
//! This module must not change the verdict.

use super::plan::Plan;
use super::protocol::Graph;
use super::tally::Tally;
use super::verdict::{Against, PythonUsed, Source};
use crate::project::Binding;

/// The notes, the weightiest first.
pub fn notes(
    tally: &Tally,
    binding: &Binding,
    plan: &Plan,
    sources: &[Source],
    hash: &str,
    python: Option<&PythonUsed>,
) -> Vec<String> {
    let mut notes = Vec::new();
    if tally.recording_divergence.is_some() {
        notes.push(recording(tally, binding, plan, sources, hash));
    }
    if !tally.nondeterministic.is_empty() {
        notes.push(nondeterminism(tally, binding, sources));
    } else if let Some(divergence) = &tally.divergence
        && divergence.lockstep_only
    {
        notes.push(
            "Rust differs only when it starts the cycle from Python's state: it keeps something \
             that the state does not hold"
                .into(),
        );
    }
    if tally.errors.python > 0
        && let Some((_, text)) = &tally.first_error
    {
        notes.push(format!(
            "Python fails in {} of {} cycles; the first error: {}",
            tally.errors.python,
            tally.cycles,
            text.lines().last().unwrap_or_default().trim()
        ));
    }
    if let Some(fault) = &tally.twin_fault {
        notes.push(format!(
            "the second run of the Python broke off, so it was compared with the first in {} \
             calls only: {fault}",
            tally.twin_calls
        ));
    }
    if plan.native.state.is_none() && plan.state != "()" && tally.against == Against::Python {
        notes.push("the native task has no field `state`: states were not compared".into());
    }
    if tally.against == Against::Python
        && python.is_some_and(|python| python.mode != "embedded")
        && tally.cycles > 0
    {
        notes.push(
            "what the log executes was observed in a run of the Python that is embedded".into(),
        );
    }
    log(tally, binding, plan, &mut notes);
    rules(tally, &mut notes);
    if !plan.native.holes.is_empty() {
        notes.push(format!(
            "the generated file has {} hole(s)",
            plan.native.holes.len()
        ));
    }
    notes
}

/// Why the recording and Python may differ.
fn recording(
    tally: &Tally,
    binding: &Binding,
    plan: &Plan,
    sources: &[Source],
    hash: &str,
) -> String {
    let recorded = tally.log.as_ref().and_then(|log| log.recorded.as_ref());
    let task = recorded.and_then(|graph| graph.tasks.iter().find(|t| t.id == plan.task.0));
    let script = match task.and_then(|task| task.script.as_ref()) {
        Some(script) if *script != binding.script_name => format!(
            "the log's configuration names {script}, another script than {} with the hash {hash}",
            binding.script_name
        ),
        Some(script) => {
            format!("the log's configuration names {script}, which now has the hash {hash}")
        }
        None => format!("{} now has the hash {hash}", binding.script_name),
    };
    let why = if tally.nondeterministic.is_empty() {
        let clocks: Vec<String> = of_kinds(sources, &["clock", "random", "environment"]);
        if clocks.is_empty() {
            "was the log made by another version of the script, or of the messages' fields?"
                .to_owned()
        } else {
            format!(
                "a log does not hold what the script reads at {}",
                clocks.join(", ")
            )
        }
    } else {
        "the Python is not deterministic".to_owned()
    };
    format!("the recording differs from Python now: {why} ({script})")
}

fn of_kinds(sources: &[Source], kinds: &[&str]) -> Vec<String> {
    let wanted = sources
        .iter()
        .filter(|source| kinds.contains(&source.kind.as_str()));
    wanted
        .map(|source| format!("line {} ({})", source.line, source.what))
        .collect()
}

fn nondeterminism(tally: &Tally, binding: &Binding, sources: &[Source]) -> String {
    let fields = tally.nondeterministic.values().map(|field| {
        format!(
            "`{}` in {} of {} cycles",
            field.path, field.cycles, tally.cycles
        )
    });
    let fields: Vec<String> = fields.take(5).collect();
    let named: Vec<String> = sources
        .iter()
        .filter(|source| !source.what.starts_with("ctx."))
        .map(|s| format!("{}:{} {} ({})", binding.script_name, s.line, s.kind, s.what))
        .collect();
    let because = if named.is_empty() {
        "nothing in the script is known to be the cause".to_owned()
    } else {
        named.join(", ")
    };
    format!(
        "two runs of the Python differ: {}; {because}",
        fields.join(", ")
    )
}

fn log(tally: &Tally, binding: &Binding, plan: &Plan, notes: &mut Vec<String>) {
    let Some(log) = &tally.log else { return };
    let facts = &tally.facts;
    if !log.clean_close {
        notes.push("the log was not closed properly: its end may be missing".into());
    }
    let run = log.run.and_then(|run| log.runs.get(run));
    if let Some(failure) = run.and_then(|run| run.failure.as_ref()) {
        notes.push(format!("the recorded run failed: {failure}"));
    }
    if let (Some(run), true) = (log.run, log.runs.len() > 1) {
        notes.push(format!("run {run} of the log's {} runs", log.runs.len()));
    }
    if facts.missing > 0 {
        notes.push(format!(
            "{} CopperLists are missing from the log, {} after them were skipped; {} times the \
             versions took over the state of a keyframe",
            facts.missing,
            facts.skipped,
            facts.resumed.len()
        ));
    }
    if facts.aborted > 0 {
        notes.push(format!(
            "{} CopperLists were aborted before the task ran, and were not replayed",
            facts.aborted
        ));
    }
    if let Some(reason) = &log.no_keyframes {
        notes.push(format!("the log's keyframes cannot be read: {reason}"));
    }
    let task = |graph: &Graph| {
        let found = graph.tasks.iter().find(|task| task.id == plan.task.0);
        found.map(|task| task.type_path.clone())
    };
    if let (Some(recorded), Some(_)) = (&log.recorded, &binding.wired)
        && task(recorded) == task(&log.current)
    {
        notes.push(
            "the log was recorded with the native task: `recorded` is Rust, not Python".into(),
        );
    }
}

fn rules(tally: &Tally, notes: &mut Vec<String>) {
    let used = tally.rules.used();
    let places = used.iter().map(|rule| rule.place.as_str());
    for place in tally.unknown_places(places) {
        notes.push(format!(
            "the rule for `{place}` fits nothing: paths start with `state` or an output's name"
        ));
    }
}
