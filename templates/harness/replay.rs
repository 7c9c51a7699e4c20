//! Replays every recorded CopperList through Copper's own `PyTask` and the native task,
//! under one mock clock, and reports what both did. It compares nothing: `migrate` does.

use super::bench::Samples;
use super::log::{self, Lists, Next, Refused};
use super::protocol::{
    CallEnd, Case, CaseCall, Cycle, Event, FaultKind, Message, Outcome, Phase, Request, Skip, Take,
    Versions,
};
use super::sides::{Side, Slots, Version, keep_panics, take_panic};
use super::value::Value;
use super::{case, channel, json, observe, watch};
use cu29::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

type Build<D, O> = fn(Option<&ComponentConfig>) -> CuResult<Box<dyn Side<D, O>>>;

/// What the replay has to know about the task.
pub struct Task<D, O> {
    pub id: &'static str,
    pub index: usize,
    pub ids: &'static [&'static str],
    pub inputs: fn(&D) -> Vec<Message>,
    pub recorded: fn(&D) -> Vec<Message>,
    /// The recorded outputs, for the slots.
    pub outputs: fn(&D) -> O,
    /// When the task was called; `None` where it was not.
    pub now: fn(&D) -> Option<u64>,
    /// Whether `now` can be told at all.
    pub stamped: bool,
    pub python: Option<Build<D, O>>,
    pub native: Build<D, O>,
}

/// Runs the harness: its one argument is a [`Request`].
pub fn main<D: CopperListTuple + 'static, O: Slots>(task: &Task<D, O>) {
    let argument = std::env::args().nth(1).unwrap_or_default();
    let Ok(request) = json::from_str::<Request>(&argument) else {
        eprintln!("`migrate verify` runs this program");
        std::process::exit(2);
    };
    channel::open(&request.output);
    channel::send(&Event::Begin {
        sources: super::SOURCES.to_string(),
    });
    keep_panics();
    watch::start(&request);
    if request.versions != Versions::Rust && request.mode == "embedded" {
        if let Some(event) = observe::python() {
            channel::send(&event);
        }
    }
    if let Err(Refused(kind, message)) = replay(task, &request) {
        channel::fault(kind, None, message);
    }
    // Nothing that the Python has registered runs after this.
    channel::end();
}

fn replay<D: CopperListTuple + 'static, O: Slots>(
    task: &Task<D, O>,
    request: &Request,
) -> Result<(), Refused> {
    let failed = |error: CuError| Refused(FaultKind::Task, error.to_string().trim().to_owned());
    let features: Vec<&str> = option_env!("COPPER_CFG_FEATURES")
        .unwrap_or_default()
        .split(',')
        .filter(|feature| !feature.is_empty())
        .collect();
    let config = read_configuration_with_features(&request.config, &features).map_err(failed)?;
    let node_config = config
        .find_task_node(request.mission.as_deref(), task.id)
        .and_then(|node| node.get_instance_config())
        .cloned()
        .unwrap_or_default();
    if let Some(path) = &request.case {
        let case = case::read(path)?;
        channel::send(&Event::Log(case::info(&case, log::graph(&config, request.mission.as_deref()))));
        return Replay::new(task, request, &node_config)?.case(&case);
    }
    let (info, log) = log::open::<D>(request, task.id, &config)?;
    let native_frames = request.native_keyframes
        && info.recorded.as_ref().is_some_and(|recorded| {
            let own = |graph: &super::protocol::Graph| {
                let mut tasks = graph.tasks.iter();
                tasks.find(|t| t.id == task.id).map(|t| t.type_path.clone())
            };
            own(recorded) == own(&info.current)
        });
    channel::send(&Event::Log(info));
    let mut log = log?;
    if native_frames {
        log.keyframes.clear();
    }
    let replayed = Replay::new(task, request, &node_config)?;
    replayed.run(Lists::of(log));
    Ok(())
}

struct Replay<'a, D, O> {
    task: &'a Task<D, O>,
    request: &'a Request,
    clock: RobotClock,
    mock: RobotClockMock,
    python: Option<Version<D, O>>,
    rust: Option<Version<D, O>>,
    /// The native task, each cycle from Python's state and slots.
    lockstep: Option<Version<D, O>>,
    /// A `PyTask` that is never called: it decodes keyframes.
    thawer: Option<Box<dyn Side<D, O>>>,
    started: bool,
    now: u64,
    /// The CopperList that is due.
    due: u64,
    /// The recorded outputs of the CopperList before, where that was the one before.
    before: Option<O>,
    /// Whether the versions wait for a keyframe.
    waits: bool,
    /// What is measured.
    samples: Samples,
    /// The case that is taken.
    taken: Option<Case>,
}

impl<'a, D: CopperListTuple + 'static, O: Slots> Replay<'a, D, O> {
    fn new(
        task: &'a Task<D, O>,
        request: &'a Request,
        config: &ComponentConfig,
    ) -> Result<Self, Refused> {
        let mut python_config = config.clone();
        python_config.set("script", request.script.clone());
        python_config.set("mode", request.mode.clone());
        let build = |build: Build<D, O>, config: &ComponentConfig, who: &str| {
            let fault = |text: String| Refused(FaultKind::Task, format!("{who}: {}", text.trim()));
            match catch_unwind(AssertUnwindSafe(|| build(Some(config)))) {
                Ok(Ok(side)) => Ok(side),
                Ok(Err(error)) => Err(fault(error.to_string())),
                Err(_) => Err(fault(take_panic())),
            }
        };
        let (mut python, mut rust, mut lockstep, mut thawer) = (None, None, None, None);
        if let Some(builder) = task.python {
            thawer = build(builder, &python_config, "the PyTask").ok();
            if request.versions != Versions::Rust {
                let side = build(builder, &python_config, "the PyTask")?;
                python = Some(Version::new(side, Phase::Python));
            }
        }
        if request.versions != Versions::Python {
            let side = build(task.native, config, "the native task")?;
            rust = Some(Version::new(side, Phase::Rust));
        }
        if request.versions == Versions::Both {
            let side = build(task.native, config, "the native task")?;
            lockstep = Some(Version::new(side, Phase::Rust));
        }
        let (clock, mock) = RobotClock::mock();
        Ok(Self {
            task,
            request,
            clock,
            mock,
            python,
            rust,
            lockstep,
            thawer,
            started: false,
            now: 0,
            due: 0,
            before: None,
            waits: false,
            samples: Samples::default(),
            taken: None,
        })
    }

    fn context(&self, id: u64) -> CuContext {
        let mut ctx = CuContext::builder(self.clock.clone())
            .cl_id(id)
            .task_ids(self.task.ids)
            .build();
        ctx.set_current_task(self.task.index);
        ctx
    }

    fn run(mut self, mut lists: Lists) {
        let mut first = true;
        let early = loop {
            let list = match lists.next::<D>() {
                Next::List(list) => list,
                Next::End => break None,
                Next::Damaged(error) => {
                    let kind = if first || lists.is_early() { FaultKind::Layout } else { FaultKind::Damaged };
                    break Some((kind, error));
                }
            };
            match self.take(&list, &lists, first) {
                Ok(true) => {}
                // What a task is worth after a panic, or without a start, is anyone's guess.
                Ok(false) => return,
                Err(early) => break Some(early),
            }
            first = false;
        };
        if let Some(coverage) = observe::report() {
            channel::send(&Event::Coverage(coverage));
        }
        match early {
            Some((kind, message)) => channel::fault(kind, Some(self.due), message),
            None if self.waits => {
                let text = "no keyframe follows from which to go on";
                channel::fault(FaultKind::Gap, Some(self.due), text);
            }
            None => self.stop(),
        }
    }

    /// Replays one CopperList; whether the replay goes on.
    fn take(
        &mut self,
        list: &CopperList<D>,
        lists: &Lists,
        first: bool,
    ) -> Result<bool, (FaultKind, String)> {
        let id = list.id;
        if id != self.due {
            let text = format!("CopperList {id} follows where {} was due", self.due);
            if id < self.due {
                return Err((FaultKind::Damaged, text));
            }
            // So many were never lost: what was decoded is no id.
            if id - self.due > 1 << 32 {
                let kind = if first || lists.is_early() { FaultKind::Layout } else { FaultKind::Damaged };
                return Err((kind, text));
            }
            channel::send(&Event::Gap {
                due: self.due,
                found: id,
            });
            if !self.request.resume {
                return Err((FaultKind::Gap, text));
            }
            self.waits = true;
            self.before = None;
        }
        self.due = id + 1;
        let before = self.before.replace((self.task.outputs)(&list.msgs));
        let at = (self.task.now)(&list.msgs);
        if self.task.stamped && at.is_none() {
            channel::send(&Event::Skipped {
                id,
                why: Skip::Aborted,
            });
            return Ok(true);
        }
        self.now = at.unwrap_or(self.now);
        self.mock.set_value(self.now);
        let frame = lists.keyframe(id);
        if self.waits && (frame.is_none() || before.is_none()) {
            channel::send(&Event::Skipped {
                id,
                why: Skip::Resync,
            });
            return Ok(true);
        }
        if !self.started && !self.start(id) {
            return Ok(false);
        }
        if self.waits
            && let (Some(frame), Some(before)) = (frame, before)
        {
            self.resume(id, frame, before)
                .map_err(|error| (FaultKind::Gap, error))?;
        }
        if self.request.bench {
            return Ok(self.measure(list));
        }
        if let Some(take) = self.request.take {
            return self.take_case(list, take).map_err(|error| (FaultKind::Task, error));
        }
        let keyframe = frame.and_then(|frame| self.thawed(frame));
        Ok(self.cycle(list, keyframe, lists.at()))
    }

    /// Starts the versions before their first cycle.
    fn start(&mut self, id: u64) -> bool {
        self.started = true;
        if let Some(root) = &self.request.trace
            && let Err(error) = observe::start(root, &self.request.script)
        {
            eprintln!("no coverage: {error}");
        }
        let ctx = self.context(id);
        let start = |version: &mut Option<Version<D, O>>| {
            let version = version.as_mut()?;
            Some(version.call(id, |side, _| side.start(&ctx)))
        };
        let python = start(&mut self.python);
        let rust = start(&mut self.rust);
        let _ = start(&mut self.lockstep);
        let done = |outcome: &Option<Outcome>| {
            outcome.as_ref().is_none_or(|o| o.end == CallEnd::Done)
        };
        let go_on = done(&python) && done(&rust);
        if self.request.take.is_some() {
            self.taken = Some(case::of(self.task.id, python.clone()));
        }
        if let (Some(python), Some(lockstep)) = (&self.python, &mut self.lockstep) {
            let taken = python.side.state_any();
            if !taken.is_some_and(|state| lockstep.side.set_state(state)) {
                self.lockstep = None;
            }
        }
        channel::send(&Event::Started {
            python,
            rust,
            lockstep: self.lockstep.is_some(),
        });
        go_on
    }

    /// Brings the versions to the recorded state.
    fn resume(&mut self, id: u64, frame: &[u8], before: O) -> Result<(), String> {
        let fails = |error: CuError| format!("the keyframe of CopperList {id}: {error}");
        let thawer = self.thawer.as_mut();
        let thawer = thawer.ok_or("without the `PyTask`, keyframes cannot be read")?;
        thawer.thaw(frame).map_err(fails)?;
        if let Some(python) = &mut self.python {
            python.side.thaw(frame).map_err(fails)?;
            python.slots = before.clone();
        }
        if let Some(rust) = &mut self.rust {
            let state = thawer.state_any();
            if !state.is_some_and(|state| rust.side.set_state(state)) {
                return Err("the native task cannot take over the state of a keyframe".into());
            }
            rust.slots = before;
        }
        self.waits = false;
        if let (Some(case), Some(python)) = (&mut self.taken, &self.python) {
            *case = case::of(self.task.id, None);
            case.before = Some(case::before(python)?);
        }
        channel::send(&Event::Resumed { id });
        Ok(())
    }

    fn thawed(&mut self, frame: &[u8]) -> Option<Value> {
        let thawer = self.thawer.as_mut()?;
        thawer.thaw(frame).ok()?;
        thawer.state()
    }

    /// Calls the versions; whether the replay goes on.
    fn cycle(&mut self, list: &CopperList<D>, keyframe: Option<Value>, at: u64) -> bool {
        let (id, now) = (list.id, self.now);
        let ctx = self.context(id);
        if let (Some(python), Some(lockstep)) = (&self.python, &mut self.lockstep)
            && let Some(state) = python.side.state_any()
        {
            lockstep.side.set_state(state);
            lockstep.slots = python.slots.clone();
        }
        let process = |version: &mut Option<Version<D, O>>| {
            let version = version.as_mut()?;
            Some(version.process(&ctx, id, now, &list.msgs))
        };
        let outcomes = [
            process(&mut self.python),
            process(&mut self.rust),
            process(&mut self.lockstep),
        ];
        let alone = self.request.versions == Versions::Python;
        let cycle = Cycle {
            id,
            at,
            now,
            inputs: if alone { Vec::new() } else { (self.task.inputs)(&list.msgs) },
            recorded: if alone { Vec::new() } else { (self.task.recorded)(&list.msgs) },
            expected: None,
            keyframe,
            python: None,
            rust: None,
            lockstep: None,
        };
        told(cycle, outcomes)
    }

    /// Calls the one version that runs; whether the replay goes on.
    fn measure(&mut self, list: &CopperList<D>) -> bool {
        let ctx = self.context(list.id);
        let version = self.python.as_mut().or(self.rust.as_mut());
        let Some(version) = version else { return false };
        let end = version.measured(&ctx, list.id, self.now, &list.msgs, &mut self.samples);
        if let CallEnd::Panicked(text) = end {
            channel::fault(FaultKind::Task, Some(list.id), format!("panic: {text}"));
            return false;
        }
        true
    }

    /// Adds the call to the case; whether the replay goes on.
    fn take_case(&mut self, list: &CopperList<D>, take: Take) -> Result<bool, String> {
        let (id, now) = (list.id, self.now);
        let ctx = self.context(id);
        let (Some(python), Some(case)) = (&mut self.python, &mut self.taken) else {
            return Ok(false);
        };
        let is_last = take.id.is_none_or(|last| last <= id);
        if is_last && take.id != Some(id) && take.id.is_some() {
            return Err(format!("CopperList {id} follows, and the one that is wanted was not replayed"));
        }
        if take.id.is_some() {
            if is_last && !take.whole {
                *case = case::of(self.task.id, None);
                case.before = Some(case::before(python)?);
            }
            let inputs = (self.task.inputs)(&list.msgs);
            let expected = python.process(&ctx, id, now, &list.msgs);
            if is_last || take.whole {
                case.calls.push(CaseCall { id, now, inputs, expected });
            }
        }
        if is_last && let Some(case) = self.taken.take() {
            channel::send(&Event::Case(Box::new(case)));
        }
        Ok(!is_last)
    }

    /// Replays a case instead of a log.
    fn case(mut self, case: &Case) -> Result<(), Refused> {
        let fails = |error: String| Refused(FaultKind::Task, format!("the case: {error}"));
        let first = case.calls.first();
        self.now = first.map_or(0, |call| call.now);
        self.mock.set_value(self.now);
        if !self.start(first.map_or(0, |call| call.id)) {
            return Ok(());
        }
        if let Some(before) = &case.before {
            let state = before.state.as_ref();
            if let Some(python) = &mut self.python {
                let frame = case::bytes(&before.frame).map_err(fails)?;
                python.side.thaw(&frame).map_err(|error| fails(error.to_string()))?;
                python.slots.restore(&before.outputs).map_err(|error| fails(error.to_string()))?;
            }
            if let (Some(rust), Some(state)) = (&mut self.rust, state) {
                if !self.request.resume {
                    return Err(fails(
                        "it starts from a state, and the native task keeps more than its state".into(),
                    ));
                }
                rust.side.restore(state).map_err(fails)?;
                rust.slots.restore(&before.outputs).map_err(|error| fails(error.to_string()))?;
            }
        }
        for (place, call) in case.calls.iter().enumerate() {
            self.now = call.now;
            self.mock.set_value(call.now);
            self.due = call.id + 1;
            let ctx = self.context(call.id);
            if let (Some(python), Some(lockstep)) = (&self.python, &mut self.lockstep)
                && let Some(state) = python.side.state_any()
            {
                lockstep.side.set_state(state);
                lockstep.slots = python.slots.clone();
            }
            let act = |version: &mut Option<Version<D, O>>| {
                let version = version.as_mut()?;
                version.slots.begin(call.now);
                Some(version.call(call.id, |side, slots| side.call(&ctx, &call.inputs, slots)))
            };
            let outcomes = [act(&mut self.python), act(&mut self.rust), act(&mut self.lockstep)];
            let cycle = Cycle {
                id: call.id,
                at: place as u64 + 1,
                now: call.now,
                inputs: call.inputs.clone(),
                recorded: call.expected.outputs.clone(),
                expected: Some(call.expected.clone()),
                keyframe: None,
                python: None,
                rust: None,
                lockstep: None,
            };
            if !told(cycle, outcomes) {
                return Ok(());
            }
        }
        if let Some(coverage) = observe::report() {
            channel::send(&Event::Coverage(coverage));
        }
        self.stop();
        Ok(())
    }

    fn stop(mut self) {
        let id = self.due.saturating_sub(1);
        let ctx = self.context(id);
        let stop = |version: &mut Option<Version<D, O>>| {
            let version = version.as_mut()?;
            Some(version.call(id, |side, _| side.stop(&ctx)))
        };
        if !self.started {
            channel::send(&Event::Stopped {
                python: None,
                rust: None,
            });
            return;
        }
        let python = stop(&mut self.python);
        let rust = stop(&mut self.rust);
        if self.request.bench {
            channel::send(&Event::Bench(self.samples.latency()));
        }
        channel::send(&Event::Stopped { python, rust });
    }
}

/// Tells what Python, the native task and the lockstep did; whether the replay goes on.
fn told(mut cycle: Cycle, [python, rust, lockstep]: [Option<Outcome>; 3]) -> bool {
    let panicked = [&rust, &lockstep]
        .into_iter()
        .flatten()
        .any(|outcome| matches!(outcome.end, CallEnd::Panicked(_)));
    let differs = |outcome: Option<Outcome>| outcome.filter(|o| Some(o) != python.as_ref());
    cycle.rust = differs(rust);
    cycle.lockstep = differs(lockstep);
    cycle.python = python;
    channel::send(&Event::Cycle(Box::new(cycle)));
    !panicked
}
