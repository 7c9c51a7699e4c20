//! Cases: calls with all that they need. Here they are read, and put together while a log
//! is replayed.

use super::json;
use super::log::Refused;
use super::protocol::{Before, Case, FaultKind, Graph, LogInfo, Outcome, Run};
use super::sides::{Slots, Version};

/// A case of no call yet, which starts from `start`.
pub fn of(task: &str, started: Option<Outcome>) -> Case {
    Case {
        schema: 1,
        task: task.to_owned(),
        origin: String::new(),
        script_hash: String::new(),
        before: None,
        started,
        calls: Vec::new(),
    }
}

/// What the next call of a version starts from.
pub fn before<D, O: Slots>(version: &Version<D, O>) -> Result<Before, String> {
    let frame = version.side.frame()?;
    Ok(Before {
        frame: frame.iter().map(|byte| format!("{byte:02x}")).collect(),
        state: version.side.state(),
        outputs: version.slots.messages(),
    })
}

/// The bytes of a frame.
pub fn bytes(frame: &str) -> Result<Vec<u8>, String> {
    let pairs = (0..frame.len()).step_by(2);
    let byte = |at: usize| {
        let pair = frame.get(at..at + 2).ok_or("its frame is cut off")?;
        u8::from_str_radix(pair, 16).map_err(|error| format!("its frame: {error}"))
    };
    pairs.map(byte).collect()
}

/// Reads a case.
pub fn read(path: &str) -> Result<Case, Refused> {
    let unreadable = |error: String| Refused(FaultKind::Unreadable, format!("{path}: {error}"));
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
    json::from_str(&text).map_err(|error| unreadable(error.to_string()))
}

/// A case as if it were a log.
pub fn info(case: &Case, current: Graph) -> LogInfo {
    LogInfo {
        current,
        clean_close: true,
        app: case.origin.clone(),
        runs: vec![Run {
            bytes: case.calls.len() as u64,
            ended: true,
            ..Run::default()
        }],
        run: Some(0),
        ..LogInfo::default()
    }
}
