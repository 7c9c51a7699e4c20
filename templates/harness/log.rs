//! Reads a recorded log: what it says of itself, its runs, and of one run the CopperLists
//! and the keyframes of one task. Reads section by section, because a section must be used
//! up by what it holds: that is how a wrong layout shows.

use super::protocol::{FaultKind, Graph, GraphTask, LogInfo, Request, Run};
use cu29::bincode::config::standard;
use cu29::bincode::error::DecodeError;
use cu29::bincode::{Decode, decode_from_slice};
use cu29::curuntime::{KeyFrame, KeyFramePayloadReader};
use cu29::prelude::*;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// A log that was opened, and the run that is replayed.
pub struct Log {
    logger: UnifiedLoggerRead,
    /// Where the sections of the run's CopperLists lie.
    sections: Vec<memmap::LogPosition>,
    /// Why the chain of sections ends before the log does.
    broken: Option<String>,
    /// The task's frames, by CopperList.
    pub keyframes: BTreeMap<u64, Vec<u8>>,
}

/// Why a log cannot be replayed.
pub struct Refused(pub FaultKind, pub String);

/// A section of the log, by its header.
struct Section {
    at: memmap::LogPosition,
    kind: UnifiedLogType,
    run: u64,
    mission: u32,
    bytes: u64,
}

/// Opens the log; what it says of itself is known even where it cannot be replayed.
pub fn open<D: 'static>(
    request: &Request,
    task: &str,
    config: &CuConfig,
) -> Result<(LogInfo, Result<Log, Refused>), Refused> {
    let unreadable = |error: &dyn std::fmt::Display| {
        Refused(FaultKind::Unreadable, error.to_string().trim().to_owned())
    };
    let path = Path::new(&request.log);
    let logger = UnifiedLoggerBuilder::new()
        .file_base_name(path)
        .build()
        .map_err(|error| unreadable(&error))?;
    let UnifiedLogger::Read(mut logger) = logger else {
        return Err(unreadable(&"it was opened for writing"));
    };
    let metadata = logger.application_metadata().map_err(|e| unreadable(&e))?;
    let mut info = LogInfo {
        current: graph(config, request.mission.as_deref()),
        clean_close: logger.raw_main_header().clean_close,
        ..LogInfo::default()
    };
    let mut recorded_config = None;
    if let Some(metadata) = metadata {
        info.app = app_name(&metadata);
        info.self_describing = metadata.catalog_offset != 0;
        info.missions = metadata.missions;
        match read_configuration_str(metadata.effective_config_ron, None) {
            Ok(config) => recorded_config = Some(config),
            Err(error) => info.no_configuration = Some(error.to_string().trim().to_owned()),
        }
    } else {
        info.no_configuration = Some("there is none".into());
    }
    let (sections, broken) = walk(&mut logger);
    let mut run_ids: Vec<u64> = Vec::new();
    for section in &sections {
        if matches!(
            section.kind,
            UnifiedLogType::ApplicationMetadata | UnifiedLogType::ValueDecodeCatalog
        ) {
            continue;
        }
        let place = run_ids.iter().position(|id| *id == section.run);
        let place = place.unwrap_or_else(|| {
            run_ids.push(section.run);
            info.runs.push(Run {
                mission: info.missions.get(section.mission as usize).cloned(),
                ..Run::default()
            });
            run_ids.len() - 1
        });
        let run = &mut info.runs[place];
        match section.kind {
            UnifiedLogType::CopperList => run.bytes += section.bytes,
            UnifiedLogType::RuntimeLifecycle => {
                if let Ok(bytes) = read(&mut logger, section.at) {
                    lifecycle(run, &bytes);
                }
            }
            _ => {}
        }
    }
    info.run = match choose(request, &info.runs) {
        Ok(run) => run,
        Err(refused) => return Ok((info, Err(refused))),
    };
    let mission = info.run.and_then(|run| info.runs[run].mission.clone());
    info.recorded = recorded_config.as_ref().map(|c| graph(c, mission.as_deref()));
    if let (Some(mission), Some(built)) = (&mission, &request.mission)
        && mission != built
    {
        let refused = Refused(FaultKind::Mission, mission.clone());
        return Ok((info, Err(refused)));
    }
    if let Err(error) = cu29::logcodec::seed_effective_config_from_log::<D>(path) {
        return Ok((info, Err(unreadable(&error))));
    }
    let run = info.run.and_then(|run| run_ids.get(run).copied());
    let own = |kind| {
        let sections = sections.iter();
        let found = sections.filter(move |s| s.kind == kind && Some(s.run) == run);
        found.map(|s| s.at).collect::<Vec<_>>()
    };
    let mut keyframes = BTreeMap::new();
    let slot = recorded_config
        .as_ref()
        .and_then(|config| keyframe_slot(config, request.mission.as_deref(), task));
    for at in own(UnifiedLogType::FrozenTasks) {
        let frames = read(&mut logger, at).and_then(|bytes| frames(&bytes, slot, &mut keyframes));
        if let Err(error) = frames {
            info.no_keyframes = Some(error.to_string().trim().to_owned());
            keyframes.clear();
            break;
        }
    }
    info.keyframes = keyframes.len() as u64;
    let log = Log {
        sections: own(UnifiedLogType::CopperList),
        logger,
        broken,
        keyframes,
    };
    Ok((info, Ok(log)))
}

fn app_name(metadata: &ApplicationMetadata) -> String {
    let mut name = format!("{} {}", metadata.app_name, metadata.app_version);
    if let Some(commit) = &metadata.git_commit {
        let short: String = commit.chars().take(8).collect();
        let dirty = if metadata.git_dirty == Some(true) { ", changed" } else { "" };
        name.push_str(&format!(" (commit {short}{dirty})"));
    }
    name
}

/// Every section, as far as their chain holds.
fn walk(logger: &mut UnifiedLoggerRead) -> (Vec<Section>, Option<String>) {
    let mut sections = Vec::new();
    let mut left = logger.raw_main_header().sections_end / 512 + 2;
    loop {
        let at = logger.position();
        match logger.raw_skip_section() {
            Err(error) => return (sections, Some(error.to_string().trim().to_owned())),
            Ok(header) if header.entry_type == UnifiedLogType::LastEntry => {
                return (sections, None);
            }
            Ok(_) if left == 0 => return (sections, Some("its sections form a circle".into())),
            Ok(header) => sections.push(Section {
                at,
                kind: header.entry_type,
                run: header.context.run_id,
                mission: header.context.mission_index,
                bytes: u64::from(header.used),
            }),
        }
        left -= 1;
    }
}

fn read(logger: &mut UnifiedLoggerRead, at: memmap::LogPosition) -> CuResult<Vec<u8>> {
    logger.seek(at)?;
    logger.raw_read_section().map(|(_, bytes)| bytes)
}

/// What a run says of itself.
fn lifecycle(run: &mut Run, bytes: &[u8]) {
    let mut rest = bytes;
    while !rest.is_empty() {
        let record = decode_from_slice::<RuntimeLifecycleRecord, _>(rest, standard());
        let Ok((record, used)) = record else { return };
        match record.event {
            RuntimeLifecycleEvent::ShutdownCompleted => run.ended = true,
            RuntimeLifecycleEvent::LifecycleFailed { error, .. } => run.failure = Some(error),
            RuntimeLifecycleEvent::Panic { message, .. } => {
                run.failure = Some(format!("panic: {message}"));
            }
            _ => {}
        }
        rest = rest.get(used..).unwrap_or_default();
    }
}

/// The run that is asked for, or the only one that holds CopperLists.
fn choose(request: &Request, runs: &[Run]) -> Result<Option<usize>, Refused> {
    if let Some(wanted) = request.run {
        if wanted < runs.len() {
            return Ok(Some(wanted));
        }
        return Err(Refused(FaultKind::Run, format!("the log has no run {wanted}")));
    }
    let filled: Vec<usize> = (0..runs.len()).filter(|i| runs[*i].bytes > 0).collect();
    match filled.as_slice() {
        [] => Ok((!runs.is_empty()).then_some(0)),
        [one] => Ok(Some(*one)),
        several => Err(Refused(
            FaultKind::Run,
            format!("the log holds {} runs", several.len()),
        )),
    }
}

/// The place of a task among the frames of a keyframe: the order in which it is planned.
fn keyframe_slot(config: &CuConfig, mission: Option<&str>, task: &str) -> Option<usize> {
    let plan = cu29::curuntime::compute_runtime_plan(config.get_graph(mission).ok()?).ok()?;
    let mut tasks: Vec<String> = Vec::new();
    for unit in &plan.steps {
        let cu29::curuntime::CuExecutionUnit::Step(step) = unit else {
            return None;
        };
        let id = step.node.get_id();
        if step.node.get_flavor() == cu29::config::Flavor::Task && !tasks.contains(&id) {
            tasks.push(id);
        }
    }
    tasks.iter().position(|id| id == task)
}

fn frames(
    bytes: &[u8],
    slot: Option<usize>,
    found: &mut BTreeMap<u64, Vec<u8>>,
) -> CuResult<()> {
    let mut rest = bytes;
    while !rest.is_empty() {
        let (keyframe, used) = decode::<KeyFrame>(rest)
            .map_err(|error| CuError::from(format!("keyframes: {error}")))?;
        rest = rest.get(used..).unwrap_or_default();
        let Some(slot) = slot else { continue };
        let mut reader = KeyFramePayloadReader::new(&keyframe)?;
        for _ in 0..slot {
            reader.next_frame()?;
        }
        found.insert(keyframe.culistid, reader.next_frame()?.to_vec());
    }
    Ok(())
}

/// Decodes one entry. What is not what it seems may ask for any amount of memory, or panic.
fn decode<T: Decode<()>>(bytes: &[u8]) -> Result<(T, usize), String> {
    let config = standard().with_limit::<{ 1 << 28 }>();
    let decoded = catch_unwind(AssertUnwindSafe(|| decode_from_slice::<T, _>(bytes, config)));
    match decoded {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(DecodeError::UnexpectedEnd { .. })) => Err("its section ends within it".into()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(super::sides::take_panic()),
    }
}

/// What comes next in a log.
pub enum Next<D: CopperListTuple> {
    List(Box<CopperList<D>>),
    End,
    Damaged(String),
}

/// The CopperLists of the run.
pub struct Lists {
    log: Log,
    section: usize,
    bytes: Vec<u8>,
    used: usize,
    /// Bytes of the sections before.
    before: usize,
}

impl Lists {
    pub fn of(log: Log) -> Self {
        Self {
            log,
            section: 0,
            bytes: Vec::new(),
            used: 0,
            before: 0,
        }
    }

    /// Bytes of CopperLists read so far.
    pub fn at(&self) -> u64 {
        (self.before + self.used) as u64
    }

    /// Whether hardly anything of the first section was read: what fails here is rather the
    /// layout than the log.
    pub fn is_early(&self) -> bool {
        self.section <= 1 && self.used * 20 <= self.bytes.len() + 4096
    }

    /// The task's frame for a CopperList.
    pub fn keyframe(&self, id: u64) -> Option<&[u8]> {
        self.log.keyframes.get(&id).map(Vec::as_slice)
    }

    pub fn next<D: CopperListTuple>(&mut self) -> Next<D> {
        while self.used >= self.bytes.len() {
            let Some(at) = self.log.sections.get(self.section) else {
                return match self.log.broken.take() {
                    Some(error) => Next::Damaged(format!("a section's header: {error}")),
                    None => Next::End,
                };
            };
            self.before += self.bytes.len();
            match read(&mut self.log.logger, *at) {
                Ok(bytes) => (self.bytes, self.used) = (bytes, 0),
                Err(error) => return Next::Damaged(error.to_string().trim().to_owned()),
            }
            self.section += 1;
        }
        match decode::<CopperList<D>>(&self.bytes[self.used..]) {
            Ok((_, 0)) => Next::Damaged("an entry of no bytes".into()),
            Ok((list, used)) => {
                self.used += used;
                Next::List(Box::new(list))
            }
            Err(error) => Next::Damaged(error),
        }
    }
}

/// What of a configuration decides whether its log can be replayed.
pub fn graph(config: &CuConfig, mission: Option<&str>) -> Graph {
    let task_logging = config
        .logging
        .as_ref()
        .is_none_or(|logging| logging.enable_task_logging);
    let Ok(graph) = config.get_graph(mission) else {
        return Graph {
            task_logging,
            ..Graph::default()
        };
    };
    let tasks = graph
        .get_all_nodes()
        .into_iter()
        .map(|(_, node)| GraphTask {
            id: node.get_id(),
            type_path: node.get_type().to_string(),
            logging: node.is_logging_enabled(),
            background: node.is_background(),
            script: node.get_param::<String>("script").ok().flatten(),
        })
        .collect();
    let connections = graph
        .edges()
        .map(|cnx| (cnx.src.clone(), cnx.dst.clone(), cnx.msg.clone()))
        .collect();
    Graph {
        task_logging,
        tasks,
        connections,
    }
}
