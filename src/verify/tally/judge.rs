//! What can be concluded, and which logs cannot be replayed.
//!
//! Enters: the log's own words, or the finished [`Tally`]. Leaves: a refusal, or the
//! [`Verdict`]. "Equal" is the last thing said, after every reason against it.

use super::{Labels, Tally};
use crate::verify::protocol::{FaultKind, Graph, LogInfo};
use crate::verify::verdict::{Against, Call, Place, Verdict};

/// Why a log cannot be replayed for the task.
pub fn refusal(info: &LogInfo, labels: &Labels) -> Option<String> {
    if let Some(error) = &info.no_configuration {
        return Some(format!(
            "the log's own configuration cannot be read, so nothing shows that all of it was \
             logged: {error}"
        ));
    }
    if let Some(recorded) = &info.recorded
        && let Some(difference) = graph_difference(recorded, &info.current)
    {
        return Some(format!(
            "the log was recorded with another task graph: {difference}"
        ));
    }
    let graph = info.recorded.as_ref().unwrap_or(&info.current);
    if !graph.task_logging {
        return Some("the log holds no task output (`enable_task_logging: false`)".into());
    }
    for task in &graph.tasks {
        let is_this = task.id == labels.task;
        if is_this && task.background {
            return Some(format!(
                "`{}` ran with `background: true`, which shifts its outputs against its inputs",
                task.id
            ));
        }
        if !task.logging && (is_this || labels.senders.contains(&task.id)) {
            return Some(format!(
                "`{}` was not logged (`logging: (enabled: false)`): its messages look absent",
                task.id
            ));
        }
    }
    None
}

fn graph_difference(recorded: &Graph, current: &Graph) -> Option<String> {
    let ids = |graph: &Graph| {
        graph
            .tasks
            .iter()
            .map(|task| task.id.clone())
            .collect::<Vec<_>>()
    };
    let (then, now) = (ids(recorded), ids(current));
    if then != now {
        return Some(format!(
            "its tasks are {}, the app's are {}",
            then.join(", "),
            now.join(", ")
        ));
    }
    let differs = recorded
        .connections
        .iter()
        .find(|c| !current.connections.contains(c))
        .map(|c| ("the log", c))
        .or_else(|| {
            let unknown = |c: &&(String, String, String)| !recorded.connections.contains(c);
            current
                .connections
                .iter()
                .find(unknown)
                .map(|c| ("the app", c))
        });
    if let Some((who, (src, dst, msg))) = differs {
        return Some(format!("only {who} connects {src} to {dst} with {msg}"));
    }
    (recorded.connections != current.connections)
        .then(|| "its connections stand in another order".into())
}

/// The verdict on a finished replay.
pub fn verdict(tally: &Tally) -> Verdict {
    if let Some(reason) = &tally.refusal {
        return Verdict::Inconclusive(reason.clone());
    }
    if let Some(divergence) = &tally.divergence {
        let of_clock = tally.against == Against::Recorded
            && tally.reads_clock
            && !tally.is_case
            && divergence.place != Place::Panic;
        if of_clock {
            return Verdict::Inconclusive(format!(
                "`{}` differs from the recording, but the native task reads the clock, and a log \
                 holds only when a call began: compare it with the Python",
                divergence.path
            ));
        }
        return Verdict::Different;
    }
    match reason(tally) {
        Some(reason) => Verdict::Inconclusive(reason),
        None => Verdict::Equal,
    }
}

fn reason(tally: &Tally) -> Option<String> {
    fault(tally)
        .or_else(|| nothing_shown(tally))
        .or_else(|| nondeterminism(tally))
        .or_else(|| coverage(tally))
}

/// Why the replay did not reach the end of the log.
fn fault(tally: &Tally) -> Option<String> {
    let after = tally
        .range
        .map_or_else(String::new, |(_, last)| format!(" after CopperList {last}"));
    if let (Some((Call::Start, text)), 0) = (&tally.first_error, tally.cycles) {
        return Some(format!("the Python cannot be started: {text}"));
    }
    if let Some((kind, message, id)) = &tally.fault {
        let at = id.map_or_else(String::new, |id| format!(" in CopperList {id}"));
        return Some(match kind {
            FaultKind::Unreadable => format!("the log cannot be read: {message}"),
            FaultKind::Damaged => format!("the log is damaged{after}: {message}"),
            FaultKind::Layout => format!(
                "the log's CopperLists are not laid out as the app's messages are: {message}; it \
                 was recorded with older or newer message types{}, or is damaged from the start",
                recorded_by(tally)
            ),
            FaultKind::Run => runs(tally, message),
            FaultKind::Mission => format!("the log is of the mission `{message}`"),
            FaultKind::Gap => format!("CopperLists are missing from the log: {message}"),
            FaultKind::Task => message.clone(),
            FaultKind::PythonHangs => {
                format!("the Python did not return within {message}{at} (see --cycle-timeout)")
            }
            FaultKind::RustHangs => format!("the native task did not return within {message}{at}"),
            FaultKind::Memory => format!("{message}{at} (see --max-memory)"),
        });
    }
    (!tally.ended).then(|| format!("the replay broke off{after}"))
}

fn recorded_by(tally: &Tally) -> String {
    let app = tally.facts.app.trim();
    if app.is_empty() {
        String::new()
    } else {
        format!(" (by {app})")
    }
}

fn runs(tally: &Tally, message: &str) -> String {
    let runs = tally.log.iter().flat_map(|log| &log.runs).enumerate();
    let list: Vec<String> = runs
        .map(|(i, run)| {
            let mission = run.mission.as_deref().unwrap_or("no mission");
            format!("--run {i} ({mission}, {} bytes)", run.bytes)
        })
        .collect();
    format!("{message}: choose one of {}", list.join(", "))
}

/// Why a whole replay proves nothing.
fn nothing_shown(tally: &Tally) -> Option<String> {
    if tally.cycles == 0 && !tally.is_case {
        return Some(match tally.facts.aborted {
            0 => "the log holds no CopperList".into(),
            n => format!("all {n} CopperLists of the log were aborted before the task ran"),
        });
    }
    let (who, errors) = match tally.against {
        Against::Python => ("Python", tally.errors.python),
        Against::Recorded => ("native task", tally.errors.rust),
    };
    if errors >= tally.cycles && !tally.is_case {
        let text = tally.first_error.as_ref();
        return Some(format!(
            "the {who} fails in every one of the {} cycles: {}",
            tally.cycles,
            text.map_or("", |(_, text)| text.as_str())
        ));
    }
    let (line, text) = tally.labels.holes.first()?;
    Some(format!(
        "the generated file has {} hole(s) that this log does not reach; the first is at line \
         {line}: {text}",
        tally.labels.holes.len()
    ))
}

/// What two runs of the Python do not agree on, no translation can agree with.
fn nondeterminism(tally: &Tally) -> Option<String> {
    let mut fields = tally.nondeterministic.values();
    let first = fields.next()?;
    let more = match fields.count() {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    Some(format!(
        "the Python is not deterministic: `{}`{more} differs between two runs of it, so Rust \
         cannot be compared there; every other field is equal",
        first.path
    ))
}

fn coverage(tally: &Tally) -> Option<String> {
    let least = tally
        .min_coverage
        .filter(|least| *least > 0.0 && !tally.is_case)?;
    let Some(files) = &tally.coverage else {
        return Some(format!(
            "a coverage of {least} % is wanted, and none was measured"
        ));
    };
    let all: usize = files
        .iter()
        .flat_map(|f| &f.branches)
        .map(|b| b.outcomes.len())
        .sum();
    let missed: usize = files
        .iter()
        .flat_map(|f| &f.branches)
        .map(|b| b.missed.len())
        .sum();
    let lines: usize = files.iter().map(|f| f.lines.len()).sum();
    let lines_missed: usize = files.iter().map(|f| f.missed.len()).sum();
    // Of a script without branches, the lines are what there is to execute.
    let (seen, all, what) = match all {
        0 => (lines - lines_missed.min(lines), lines, "lines"),
        all => (all - missed.min(all), all, "branches"),
    };
    let percent = if all == 0 {
        100.0
    } else {
        seen as f64 * 100.0 / all as f64
    };
    (percent < least).then(|| {
        format!(
            "the log executes {seen} of {all} {what} of the Python ({percent:.1} %), {least} % \
             are wanted"
        )
    })
}
