//! Commands of one base that several lists and names keep; states that change their machine.
//!
//! Translated by migrate 0.1.0 from `commanded.py`: 109 of 109 statements.
//! Warning MIG0301 line 18: `commands` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 89: `states` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 127: `all_monitors` lives outside `state`: Copper's keyframes did not hold
//! it; here it is frozen with the task.
//! Warning MIG0301 line 175: `drive` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 176: `scheduler` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 179: `machine` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 180: `monitors` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "commanded", script = "commanded.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "03518457d8ff7efe", seal = "20ba9a34981328cc"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::BTreeMap;

#[derive(Debug, Reflect)]
pub struct Commanded {
    state: DriveState,
    all_monitors: Vec<Monitor>,
    states: Vec<State>,
    commands: Vec<Command>,
    drive: Drivetrain,
    scheduler: Scheduler,
    turn: usize,
    forward: usize,
    machine: Machine,
    monitors: Monitors,
    rate: usize,
    front: usize,
}

impl Freezable for Commanded {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.all_monitors, encoder)?;
        Encode::encode(&self.states, encoder)?;
        Encode::encode(&self.commands, encoder)?;
        Encode::encode(&self.drive, encoder)?;
        Encode::encode(&self.scheduler, encoder)?;
        Encode::encode(&self.machine, encoder)?;
        Encode::encode(&self.monitors, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.all_monitors = Decode::decode(decoder)?;
        self.states = Decode::decode(decoder)?;
        self.commands = Decode::decode(decoder)?;
        self.drive = Decode::decode(decoder)?;
        self.scheduler = Decode::decode(decoder)?;
        self.machine = Decode::decode(decoder)?;
        self.monitors = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Commanded {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        let mut all_monitors = Vec::new();
        let mut states = Vec::new();
        let mut commands = Vec::new();
        let drive = Drivetrain::new();
        let scheduler = Scheduler::new();
        let turn = new_turn(90.0, &mut commands);
        let forward = new_forward(0.5, &mut commands);
        let machine = Machine::new(&mut states)?;
        let mut monitors = Monitors::new();
        let rate: usize = monitors.add(new_rate("rate", &mut all_monitors));
        let front: usize = monitors.add(new_limit("front", 1.5, &mut all_monitors));
        Ok(Self {
            state: DriveState::default(),
            all_monitors,
            states,
            commands,
            drive,
            scheduler,
            turn,
            forward,
            machine,
            monitors,
            rate,
            front,
        })
    }

    fn process(
        &mut self,
        ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, measured) = *input;
        let (drive, alarm) = output;
        let value = ctx.now().as_nanos() as f64 / 1e9;
        self.all_monitors[self.rate].set_now(value);
        if let Some(goal_payload) = goal.payload()
            && goal_payload.speed > 1.0
        {
            self.scheduler.schedule(self.turn, &mut self.commands);
        }
        if let Some(measured_payload) = measured.payload() {
            self.machine
                .step(f64::from(measured_payload.ranges[1]), &mut self.states)?;
            self.all_monitors[self.front].feed(f64::from(measured_payload.ranges[0]))?;
            if measured_payload.ranges[0] > 1.0 {
                let value_2 = -self.commands[self.turn].angle()?;
                self.commands[self.turn].set_angle(value_2);
                self.scheduler.schedule(self.forward, &mut self.commands);
            }
        }
        self.scheduler.run(&mut self.commands, &mut self.drive)?;
        self.drive.periodic();
        drive.set_payload(Drive {
            accel: (self.drive.heading + self.machine.accel) as f32,
            sector: u8::try_from(self.scheduler.running.len())
                .map_err(|_| "commanded.py:198: `sector` leaves u8")?,
        });
        if self.scheduler.log.len() > 3 {
            let text_2 = self.scheduler.log.concat();
            let text = format!(
                "{text_2} {} {}",
                self.monitors.worst(&mut self.all_monitors),
                self.states[self.machine.current].entered()
            );
            alarm.set_payload(Alarm {
                reason: text,
                missed: u32::try_from(self.commands[self.turn].ticks())
                    .map_err(|_| "commanded.py:201: `missed` leaves u32")?,
            });
        }
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Drivetrain {
    left: f64,
    right: f64,
    heading: f64,
}

impl Drivetrain {
    fn new() -> Self {
        Self {
            left: 0.0,
            right: 0.0,
            heading: 0.0,
        }
    }

    fn arcade(&mut self, forward: f64, turn: f64) {
        self.left = forward + turn;
        self.right = forward - turn;
    }

    fn periodic(&mut self) {
        self.heading += (self.left - self.right) * 4.0;
    }
}

#[allow(clippy::ptr_arg)]
fn new_turn(angle: f64, commands: &mut Vec<Command>) -> usize {
    let at = commands.len();
    commands.push(Command::Turn(Turn::new(angle)));
    at
}

#[allow(clippy::ptr_arg)]
fn new_forward(speed: f64, commands: &mut Vec<Command>) -> usize {
    let at = commands.len();
    commands.push(Command::Forward(Forward::new(speed)));
    at
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Command {
    Turn(Turn),
    Forward(Forward),
}

impl Command {
    fn start(&mut self) {
        match self {
            Self::Turn(turn) => {
                turn.start();
            }
            Self::Forward(forward) => {
                forward.start();
            }
        }
    }

    fn execute(&mut self, drive: &mut Drivetrain) {
        match self {
            Self::Turn(turn) => {
                turn.execute(drive);
            }
            Self::Forward(forward) => {
                forward.execute(drive);
            }
        }
    }

    fn is_finished(&self) -> bool {
        match self {
            Self::Turn(turn) => turn.is_finished(),
            Self::Forward(forward) => forward.is_finished(),
        }
    }

    fn end(&self, interrupted: bool, drive: &mut Drivetrain) {
        match self {
            Self::Turn(turn) => {
                turn.end(interrupted, drive);
            }
            Self::Forward(forward) => {
                forward.end(interrupted);
            }
        }
    }

    fn ticks(&self) -> i64 {
        match self {
            Self::Turn(turn) => turn.ticks,
            Self::Forward(forward) => forward.ticks,
        }
    }

    fn angle(&self) -> CuResult<f64> {
        match self {
            Self::Turn(turn) => Ok(turn.angle),
            Self::Forward(forward) => {
                if let Some(angle) = forward.angle {
                    Ok(angle)
                } else {
                    Err(
                        "commanded.py:1: AttributeError: 'Forward' object has no attribute 'angle'"
                            .into(),
                    )
                }
            }
        }
    }

    fn set_angle(&mut self, value: f64) {
        match self {
            Self::Turn(turn) => {
                turn.angle = value;
            }
            Self::Forward(forward) => {
                forward.angle = Some(value);
            }
        }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Turn {
    ticks: i64,
    angle: f64,
}

impl Turn {
    fn new(angle: f64) -> Self {
        Self { ticks: 0, angle }
    }

    fn start(&mut self) {
        self.ticks = 0;
    }

    fn execute(&mut self, drive: &mut Drivetrain) {
        self.ticks += 1;
        drive.arcade(
            0.0,
            (-1.0_f64).max(1.0_f64.min((self.angle - drive.heading) / 30.0)),
        );
    }

    fn is_finished(&self) -> bool {
        self.ticks > 20
    }

    fn end(&self, _interrupted: bool, drive: &mut Drivetrain) {
        drive.arcade(0.0, 0.0);
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Forward {
    angle: Option<f64>,
    ticks: i64,
    speed: f64,
}

impl Forward {
    fn new(speed: f64) -> Self {
        Self {
            angle: None,
            ticks: 0,
            speed,
        }
    }

    fn start(&mut self) {
        self.ticks = 0;
    }

    fn execute(&mut self, drive: &mut Drivetrain) {
        self.ticks += 1;
        drive.arcade(self.speed, 0.0);
    }

    fn is_finished(&self) -> bool {
        self.ticks >= 5
    }

    fn end(&self, _interrupted: bool) {}
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Scheduler {
    running: Vec<usize>,
    log: Vec<String>,
}

impl Scheduler {
    fn new() -> Self {
        Self {
            running: Vec::new(),
            log: Vec::new(),
        }
    }

    #[allow(clippy::ptr_arg)]
    fn schedule(&mut self, command: usize, commands: &mut Vec<Command>) {
        if self.running.contains(&command) {
            return;
        }
        commands[command].start();
        self.running.push(command);
        self.log.push("+".to_string());
    }

    #[allow(clippy::ptr_arg)]
    fn run(&mut self, commands: &mut Vec<Command>, drive: &mut Drivetrain) -> CuResult<()> {
        for &command in &self.running.to_vec() {
            commands[command].execute(drive);
            if commands[command].is_finished() {
                commands[command].end(false, drive);
                self.running.remove(
                    self.running
                        .iter()
                        .position(|&x| x == command)
                        .ok_or("commanded.py:83: ValueError: list.remove(x): x not in list")?,
                );
                self.log.push("-".to_string());
            }
        }
        if self.log.len() > 5 {
            self.log = self.log[self.log.len().saturating_sub(5)..].to_vec();
        }
        Ok(())
    }
}

#[allow(clippy::ptr_arg)]
fn new_idle(name: &str, states: &mut Vec<State>) -> usize {
    let at = states.len();
    states.push(State::Idle(Idle::new(name)));
    at
}

#[allow(clippy::ptr_arg)]
fn new_driving(name: &str, speed: f64, states: &mut Vec<State>) -> usize {
    let at = states.len();
    states.push(State::Driving(Driving::new(name, speed)));
    at
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum State {
    Idle(Idle),
    Driving(Driving),
}

impl State {
    fn run(&self, machine: &mut Machine, near: f64) -> Option<String> {
        match self {
            Self::Idle(idle) => idle.run(machine, near),
            Self::Driving(driving) => driving.run(machine, near),
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Idle(idle) => idle.name.clone(),
            Self::Driving(driving) => driving.name.clone(),
        }
    }

    fn entered(&self) -> i64 {
        match self {
            Self::Idle(idle) => idle.entered,
            Self::Driving(driving) => driving.entered,
        }
    }

    fn set_entered(&mut self, value: i64) {
        match self {
            Self::Idle(idle) => {
                idle.entered = value;
            }
            Self::Driving(driving) => {
                driving.entered = value;
            }
        }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Idle {
    name: String,
    entered: i64,
}

impl Idle {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_string(),
            entered: 0,
        }
    }

    fn run(&self, machine: &mut Machine, near: f64) -> Option<String> {
        machine.accel = 0.0;
        if near > 0.0 {
            Some("drive".into())
        } else {
            None
        }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Driving {
    name: String,
    entered: i64,
    speed: f64,
}

impl Driving {
    fn new(name: &str, speed: f64) -> Self {
        Self {
            name: name.to_string(),
            entered: 0,
            speed,
        }
    }

    fn run(&self, machine: &mut Machine, near: f64) -> Option<String> {
        machine.accel = self.speed;
        if near < -0.5 {
            Some("idle".into())
        } else {
            None
        }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Machine {
    states: BTreeMap<String, usize>,
    current: usize,
    accel: f64,
}

impl Machine {
    #[allow(clippy::ptr_arg)]
    fn new(states: &mut Vec<State>) -> CuResult<Self> {
        let states_value: BTreeMap<String, usize> = BTreeMap::from([
            ("idle".to_string(), new_idle("idle", states)),
            ("drive".to_string(), new_driving("drive", 0.7, states)),
        ]);
        let current = *states_value
            .get("idle")
            .ok_or("commanded.py:117: KeyError (no such key, a str)")?;
        Ok(Self {
            states: states_value,
            current,
            accel: 0.0,
        })
    }

    #[allow(clippy::ptr_arg)]
    fn step(&mut self, near: f64, states: &mut Vec<State>) -> CuResult<()> {
        let following = states[self.current].run(self, near);
        if let Some(following) = &following
            && *following != states[self.current].name()
        {
            self.current = *self
                .states
                .get(following)
                .ok_or("commanded.py:123: KeyError (no such key, a str)")?;
            let value = states[self.current].entered() + 1;
            states[self.current].set_entered(value);
        }
        Ok(())
    }
}

#[allow(clippy::ptr_arg)]
fn new_rate(name: &str, all_monitors: &mut Vec<Monitor>) -> usize {
    let at = all_monitors.len();
    all_monitors.push(Monitor::Rate(Rate::new(name)));
    at
}

#[allow(clippy::ptr_arg)]
fn new_limit(name: &str, high: f64, all_monitors: &mut Vec<Monitor>) -> usize {
    let at = all_monitors.len();
    all_monitors.push(Monitor::Limit(Limit::new(name, high)));
    at
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Monitor {
    Rate(Rate),
    Limit(Limit),
}

impl Monitor {
    fn level(&mut self) -> i64 {
        match self {
            Self::Rate(rate) => rate.level(),
            Self::Limit(limit) => limit.level(),
        }
    }

    fn feed(&mut self, value: f64) -> CuResult<()> {
        match self {
            Self::Rate(_) => {
                return Err(
                    "commanded.py:1: AttributeError: 'Rate' object has no attribute 'feed'".into(),
                );
            }
            Self::Limit(limit) => {
                limit.feed(value);
            }
        }
        Ok(())
    }

    fn set_now(&mut self, value: f64) {
        match self {
            Self::Rate(rate) => {
                rate.now = value;
            }
            Self::Limit(limit) => {
                limit.now = Some(value);
            }
        }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Rate {
    name: String,
    now: f64,
    last: f64,
}

impl Rate {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_string(),
            now: 0.0,
            last: 0.0,
        }
    }

    fn level(&mut self) -> i64 {
        let late = self.now - self.last > 0.1;
        self.last = self.now;
        if late { 2 } else { 0 }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Limit {
    now: Option<f64>,
    name: String,
    high: f64,
    value: f64,
}

impl Limit {
    fn new(name: &str, high: f64) -> Self {
        Self {
            now: None,
            name: name.to_string(),
            high,
            value: 0.0,
        }
    }

    fn level(&self) -> i64 {
        if self.value > self.high { 1 } else { 0 }
    }

    fn feed(&mut self, value: f64) {
        self.value = value;
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Monitors {
    all: Vec<usize>,
}

impl Monitors {
    fn new() -> Self {
        Self { all: Vec::new() }
    }

    fn add(&mut self, monitor: usize) -> usize {
        self.all.push(monitor);
        monitor
    }

    #[allow(clippy::ptr_arg)]
    fn worst(&self, all_monitors: &mut Vec<Monitor>) -> i64 {
        let mut worst: i64 = 0;
        for &monitor in &self.all {
            worst = worst.max(all_monitors[monitor].level());
        }
        worst
    }
}
