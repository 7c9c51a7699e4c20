//! Replays every recorded CopperList through Copper's own `PyTask` and the native task,
//! under one mock clock, and reports what both did. It compares nothing: `migrate` does.

use super::protocol::{
    CallEnd, Cycle, Event, FaultKind, Graph, GraphTask, LogInfo, Message, Outcome,
};
use super::value::{Value, to_value};
use super::{json, pyo3};
use cu29::bincode::config::standard;
use cu29::bincode::error::DecodeError;
use cu29::bincode::{Decode, decode_from_std_read};
use cu29::prelude::*;
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;

/// One version of the task.
pub trait Side<D, O> {
    fn start(&mut self, ctx: &CuContext) -> CuResult<()>;
    fn process(&mut self, ctx: &CuContext, data: &D, output: &mut O) -> CuResult<()>;
    fn stop(&mut self, ctx: &CuContext) -> CuResult<()>;
    fn state(&self) -> Option<Value>;
}

type Build<D, O> = fn(Option<&ComponentConfig>) -> CuResult<Box<dyn Side<D, O>>>;

/// What the replay has to know about the task.
pub struct Task<D, O> {
    pub id: &'static str,
    pub index: usize,
    pub ids: &'static [&'static str],
    pub inputs: fn(&D) -> Vec<Message>,
    pub recorded: fn(&D) -> Vec<Message>,
    pub now: fn(&D) -> Option<u64>,
    pub python: Build<D, O>,
    pub native: Build<D, O>,
}

/// The output slots of a task, which Copper reuses from cycle to cycle.
pub trait Slots: Default {
    /// What `reset_for_runtime_use` and the runtime do before `process`.
    fn begin(&mut self, now: u64);
    /// What the runtime does after an error: the payload goes, the tov stays.
    fn clear(&mut self);
    fn messages(&self) -> Vec<Message>;
}

impl<T: CuMsgPayload> Slots for CuMsg<T> {
    fn begin(&mut self, now: u64) {
        self.metadata = CuMsgMetadata::default();
        self.metadata.process_time.start = CuTime::from_nanos(now).into();
    }
    fn clear(&mut self) {
        self.clear_payload();
    }
    fn messages(&self) -> Vec<Message> {
        vec![message(self)]
    }
}

macro_rules! slots {
    ($($name:ident),+) => {
        #[allow(non_snake_case)]
        impl<$($name: CuMsgPayload),+> Slots for ($(CuMsg<$name>,)+) {
            fn begin(&mut self, now: u64) {
                let ($($name,)+) = self;
                $($name.begin(now);)+
            }
            fn clear(&mut self) {
                let ($($name,)+) = self;
                $($name.clear_payload();)+
            }
            fn messages(&self) -> Vec<Message> {
                let ($($name,)+) = self;
                vec![$(message($name)),+]
            }
        }
    };
}
slots!(A, B);
slots!(A, B, C);
slots!(A, B, C, D);
slots!(A, B, C, D, E);
slots!(A, B, C, D, E, F);
slots!(A, B, C, D, E, F, G);
slots!(A, B, C, D, E, F, G, H);
slots!(A, B, C, D, E, F, G, H, I);
slots!(A, B, C, D, E, F, G, H, I, J);
slots!(A, B, C, D, E, F, G, H, I, J, K);
slots!(A, B, C, D, E, F, G, H, I, J, K, L);

pub fn message<T: CuMsgPayload>(msg: &CuMsg<T>) -> Message {
    Message {
        payload: msg.payload().map(to_value),
        tov: to_value(&msg.tov),
        status: msg.metadata.status_txt.0.to_string(),
    }
}

pub fn started_at<T: CuMsgPayload>(msg: &CuMsg<T>) -> Option<u64> {
    Option::<CuTime>::from(msg.metadata.process_time.start).map(|time| time.as_nanos())
}

/// The private field `state` of a `PyTask`, which it shows through reflection.
pub fn reflected_state<T, S>(task: &T) -> Option<Value>
where
    T: cu29::bevy_reflect::structs::Struct,
    S: serde::Serialize + cu29::bevy_reflect::Reflect,
{
    task.field("state")
        .and_then(|state| state.try_downcast_ref::<S>())
        .map(to_value)
}

struct Channel(BufWriter<File>);

impl Channel {
    /// Writes the event through: what comes next may end the process.
    fn send(&mut self, event: &Event) {
        let Self(out) = self;
        json::to_writer(&mut *out, event).expect("cannot write an event");
        out.write_all(b"\n")
            .and_then(|()| out.flush())
            .expect("cannot write an event");
    }

    fn fault(&mut self, kind: FaultKind, id: Option<u64>, message: impl ToString) {
        let message = message.to_string();
        self.send(&Event::Fault { kind, message, id });
    }
}

/// One version with its slots.
struct Version<D, O> {
    side: Box<dyn Side<D, O>>,
    slots: O,
}

impl<D, O: Slots> Version<D, O> {
    fn call(&mut self, act: impl FnOnce(&mut dyn Side<D, O>, &mut O) -> CuResult<()>) -> Outcome {
        let Self { side, slots } = self;
        let result = catch_unwind(AssertUnwindSafe(|| act(side.as_mut(), slots)));
        let end = match result {
            Ok(Ok(())) => CallEnd::Done,
            Ok(Err(error)) => {
                slots.clear();
                CallEnd::Failed(words(&error))
            }
            Err(_) => CallEnd::Panicked(take_panic()),
        };
        Outcome {
            end,
            outputs: self.slots.messages(),
            state: self.side.state(),
        }
    }
}

/// The error's text without the line about its missing cause.
fn words(error: &CuError) -> String {
    let text = error.to_string();
    let end = text
        .rfind("\n")
        .filter(|at| text[*at..].trim() == "context:None");
    text[..end.unwrap_or(text.len())].trim_end().to_string()
}

static PANIC: Mutex<String> = Mutex::new(String::new());

fn take_panic() -> String {
    PANIC
        .lock()
        .map_or_else(|_| String::new(), |mut text| std::mem::take(&mut *text))
}

fn keep_panics() {
    std::panic::set_hook(Box::new(|info| {
        let words = info.payload_as_str().unwrap_or("panic");
        let place = info
            .location()
            .map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
        if let Ok(mut text) = PANIC.lock() {
            *text = format!("{words}{place}");
        }
        eprintln!("{info}");
    }));
}

/// Counts the bytes of a log that were consumed.
struct Counted<R> {
    inner: R,
    read: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read += count as u64;
        Ok(count)
    }
}

enum Next<D: CopperListTuple> {
    List(Box<CopperList<D>>),
    End,
    Damaged(String),
}

fn next_list<D: CopperListTuple>(reader: &mut Counted<impl Read>) -> Next<D> {
    let before = reader.read;
    match decode_from_std_read::<CopperList<D>, _, _>(reader, standard()) {
        Ok(list) => Next::List(Box::new(list)),
        Err(DecodeError::UnexpectedEnd { .. }) if reader.read == before => Next::End,
        Err(DecodeError::Io { inner, .. })
            if inner.kind() == std::io::ErrorKind::UnexpectedEof && reader.read == before =>
        {
            Next::End
        }
        Err(error) => Next::Damaged(error.to_string()),
    }
}

/// Runs the harness: `harness LOG CONFIG SCRIPT MODE EVENTS`.
pub fn main<D: CopperListTuple + 'static, O: Slots>(task: &Task<D, O>) {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [log, config, script, mode, events] = arguments.as_slice() else {
        eprintln!("usage: harness LOG CONFIG SCRIPT MODE EVENTS");
        std::process::exit(2);
    };
    let events = File::create(events).expect("cannot create the event file");
    let mut channel = Channel(BufWriter::new(events));
    channel.send(&Event::Begin {
        sources: super::SOURCES.to_string(),
    });
    keep_panics();
    if mode == "embedded" {
        channel.send(&embedded_python());
    }
    replay(task, Path::new(log), config, script, mode, &mut channel);
}

fn embedded_python() -> Event {
    pyo3::Python::initialize();
    pyo3::Python::attach(|py| {
        use pyo3::prelude::*;
        let prefix = py
            .import("sys")
            .and_then(|sys| sys.getattr("prefix"))
            .and_then(|prefix| prefix.extract::<String>())
            .unwrap_or_default();
        let version = py.version().split_whitespace().next().unwrap_or_default();
        Event::Python {
            version: version.to_owned(),
            prefix,
        }
    })
}

fn replay<D: CopperListTuple + 'static, O: Slots>(
    task: &Task<D, O>,
    log: &Path,
    config: &str,
    script: &str,
    mode: &str,
    channel: &mut Channel,
) {
    let features: Vec<&str> = option_env!("COPPER_CFG_FEATURES")
        .unwrap_or_default()
        .split(',')
        .filter(|feature| !feature.is_empty())
        .collect();
    let config = match read_configuration_with_features(config, &features) {
        Ok(config) => config,
        Err(error) => return channel.fault(FaultKind::Task, None, error),
    };
    let mut reader = match open::<D>(log, &config, channel) {
        Ok(reader) => reader,
        Err(error) => return channel.fault(FaultKind::Unreadable, None, error),
    };

    let node_config = config
        .find_task_node(None, task.id)
        .and_then(|node| node.get_instance_config())
        .cloned()
        .unwrap_or_default();
    let mut python_config = node_config.clone();
    python_config.set("script", script.to_string());
    python_config.set("mode", mode.to_string());
    let python = catch_unwind(AssertUnwindSafe(|| (task.python)(Some(&python_config))));
    let native = catch_unwind(AssertUnwindSafe(|| (task.native)(Some(&node_config))));
    let (python, native) = match (python, native) {
        (Ok(Ok(python)), Ok(Ok(native))) => (python, native),
        (Ok(Err(error)), _) => {
            return channel.fault(FaultKind::Task, None, format!("the PyTask: {error}"));
        }
        (_, Ok(Err(error))) => {
            return channel.fault(FaultKind::Task, None, format!("the native task: {error}"));
        }
        (Err(_), _) | (_, Err(_)) => {
            return channel.fault(FaultKind::Task, None, take_panic());
        }
    };
    let mut python = Version {
        side: python,
        slots: O::default(),
    };
    let mut rust = Version {
        side: native,
        slots: O::default(),
    };

    let (clock, mock) = RobotClock::mock();
    let context = |id| {
        let mut ctx = CuContext::builder(clock.clone())
            .cl_id(id)
            .task_ids(task.ids)
            .build();
        ctx.set_current_task(task.index);
        ctx
    };
    let mut expected = 0;
    let mut now = 0;
    loop {
        let list = match next_list::<D>(&mut reader) {
            Next::List(list) => list,
            Next::End => break,
            Next::Damaged(error) => {
                return channel.fault(FaultKind::Damaged, Some(expected), error);
            }
        };
        if list.id != expected {
            let text = format!("CopperList {} follows where {expected} was due", list.id);
            return channel.fault(FaultKind::Gap, Some(list.id), text);
        }
        now = (task.now)(&list.msgs).unwrap_or(now);
        mock.set_value(now);
        let ctx = context(list.id);
        if expected == 0 {
            let python = python.call(|side, _| side.start(&ctx));
            let rust = rust.call(|side, _| side.start(&ctx));
            let failed = python.end != CallEnd::Done || rust.end != CallEnd::Done;
            channel.send(&Event::Started { python, rust });
            if failed {
                return;
            }
        }
        python.slots.begin(now);
        rust.slots.begin(now);
        let did_python = python.call(|side, slots| side.process(&ctx, &list.msgs, slots));
        let did_rust = rust.call(|side, slots| side.process(&ctx, &list.msgs, slots));
        let panicked = matches!(did_rust.end, CallEnd::Panicked(_));
        channel.send(&Event::Cycle(Box::new(Cycle {
            id: list.id,
            now,
            inputs: (task.inputs)(&list.msgs),
            recorded: (task.recorded)(&list.msgs),
            rust: (did_rust != did_python).then_some(did_rust),
            python: did_python,
        })));
        if panicked {
            // What a task is worth after a panic is anyone's guess.
            return;
        }
        expected = list.id + 1;
    }
    if expected > 0 {
        let ctx = context(expected - 1);
        let python = python.call(|side, _| side.stop(&ctx));
        let rust = rust.call(|side, _| side.stop(&ctx));
        channel.send(&Event::Stopped { python, rust });
    } else {
        let nothing = || Outcome {
            end: CallEnd::Done,
            outputs: Vec::new(),
            state: None,
        };
        channel.send(&Event::Stopped {
            python: nothing(),
            rust: nothing(),
        });
    }
}

fn open<D: 'static>(
    log: &Path,
    config: &CuConfig,
    channel: &mut Channel,
) -> CuResult<Counted<UnifiedLoggerIOReader>> {
    let logger = UnifiedLoggerBuilder::new()
        .file_base_name(log)
        .build()
        .map_err(|error| CuError::new_with_cause("cannot open the log", error))?;
    let UnifiedLogger::Read(logger) = logger else {
        return Err(CuError::from("the log was opened for writing"));
    };
    let metadata = logger.application_metadata()?;
    let mut info = LogInfo {
        current: graph(config),
        clean_close: logger.raw_main_header().clean_close,
        ..LogInfo::default()
    };
    if let Some(metadata) = metadata {
        info.missions = metadata.missions;
        info.recorded = read_configuration_str(metadata.effective_config_ron, None)
            .ok()
            .map(|config| graph(&config));
    }
    channel.send(&Event::Log(info));
    cu29::logcodec::seed_effective_config_from_log::<D>(log)?;
    Ok(Counted {
        inner: UnifiedLoggerIOReader::new(logger, UnifiedLogType::CopperList),
        read: 0,
    })
}

fn graph(config: &CuConfig) -> Graph {
    let task_logging = config
        .logging
        .as_ref()
        .is_none_or(|logging| logging.enable_task_logging);
    let Ok(graph) = config.get_graph(None) else {
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
