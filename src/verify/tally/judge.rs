//! What can be concluded, and which logs cannot be replayed.
//!
//! Enters: the log's own words, or the finished [`Tally`]. Leaves: a refusal, or the
//! [`Verdict`]. "Equal" is the last thing said, after every reason against it.

use super::{Labels, Tally};
use crate::verify::protocol::{FaultKind, Graph, LogInfo};
use crate::verify::verdict::{Call, Verdict};

/// Why a log cannot be replayed for the task.
pub fn refusal(info: &LogInfo, labels: &Labels) -> Option<String> {
    if let Some(recorded) = &info.recorded
        && let Some(difference) = graph_difference(recorded, &info.current)
    {
        return Some(format!(
            "the log was recorded with another task graph: {difference}"
        ));
    }
    if info.missions.len() > 1 {
        return Some(format!(
            "the log's app has several missions ({}), which this version cannot tell apart",
            info.missions.join(", ")
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
    if tally.divergence.is_some() {
        return Verdict::Different;
    }
    match reason(tally) {
        Some(reason) => Verdict::Inconclusive(reason),
        None => Verdict::Equal,
    }
}

fn reason(tally: &Tally) -> Option<String> {
    let after = tally
        .range
        .map_or_else(String::new, |(_, last)| format!(" after CopperList {last}"));
    if let Some((kind, message)) = &tally.fault {
        return Some(match kind {
            FaultKind::Unreadable => format!("the log cannot be read: {message}"),
            FaultKind::Damaged => format!("the log is damaged{after}: {message}"),
            FaultKind::Gap => format!("CopperLists are missing from the log: {message}"),
            FaultKind::Task => message.clone(),
        });
    }
    if let (Some((Call::Start, text)), 0) = (&tally.first_error, tally.cycles) {
        return Some(format!("the Python cannot be started: {text}"));
    }
    if !tally.ended {
        return Some(format!("the replay broke off{after}"));
    }
    if tally.cycles == 0 {
        return Some("the log holds no CopperList".into());
    }
    if tally.errors.python >= tally.cycles {
        let text = tally
            .first_error
            .as_ref()
            .map_or("", |(_, text)| text.as_str());
        return Some(format!(
            "the Python fails in every one of the {} cycles: {text}",
            tally.cycles
        ));
    }
    if let Some((line, text)) = tally.labels.holes.first() {
        return Some(format!(
            "the generated file has {} hole(s) that this log does not reach; the first is at \
             line {line}: {text}",
            tally.labels.holes.len()
        ));
    }
    None
}
