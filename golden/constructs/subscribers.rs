//! Bound methods of several objects in one bus, and jobs that call the object that keeps them.
//!
//! Translated by migrate 0.1.0 from `subscribers.py`: 66 of 66 statements.
//! Warning MIG0301 line 70: `jobs` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 99: `bus` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 100: `odometry` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 101: `panel` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 102: `robot` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "subscribers", script = "subscribers.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "5d753e31e26df9a5", seal = "6cdb8d29ec5b9b62"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::BTreeMap;

#[derive(Debug, Reflect)]
pub struct Subscribers {
    state: DriveState,
    bus: Bus,
    odometry: Odometry,
    panel: Panel,
    jobs: Vec<Job>,
    robot: Robot,
}

impl Freezable for Subscribers {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.bus, encoder)?;
        Encode::encode(&self.odometry, encoder)?;
        Encode::encode(&self.panel, encoder)?;
        Encode::encode(&self.jobs, encoder)?;
        Encode::encode(&self.robot, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.bus = Decode::decode(decoder)?;
        self.odometry = Decode::decode(decoder)?;
        self.panel = Decode::decode(decoder)?;
        self.jobs = Decode::decode(decoder)?;
        self.robot = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Subscribers {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        let mut bus = Bus::new();
        let odometry = Odometry::new(&mut bus);
        let panel = Panel::new(&mut bus);
        let mut jobs = Vec::new();
        let robot = Robot::new(0.8, &mut jobs);
        Ok(Self {
            state: DriveState::default(),
            bus,
            odometry,
            panel,
            jobs,
            robot,
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, meas) = *input;
        let (drive, alarm) = output;
        if let Some(goal_payload) = goal.payload() {
            self.robot.goal = f64::from(goal_payload.speed);
        }
        if let Some(measured) = meas.payload() {
            self.robot.speed = f64::from(measured.speed);
            self.bus.publish(
                "speed",
                self.robot.speed,
                &mut self.odometry,
                &mut self.panel,
            )?;
        }
        let ran = self.robot.spin(&mut self.jobs);
        drive.set_payload(Drive {
            accel: self.robot.accel as f32,
            sector: u8::try_from((ran.len() * 2) as i64 + i64::from(self.robot.led))
                .map_err(|_| "subscribers.py:113: `sector` leaves u8")?,
        });
        if ran.len() > 1 {
            let reason = format!(
                "{}: {}, {} laps, {} left",
                ran.join("+"),
                self.robot.report(&self.jobs),
                self.panel.laps,
                fixed_text(self.panel.rest, 2)
            );
            alarm.set_payload(Alarm {
                reason,
                missed: (self.bus.delivered % 256) as u32,
            });
        }
        Ok(())
    }
}

/// Hands each message to the methods that subscribed to its topic.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Bus {
    handlers: BTreeMap<String, Vec<Handler>>,
    delivered: i64,
}

impl Bus {
    fn new() -> Self {
        Self {
            handlers: BTreeMap::new(),
            delivered: 0,
        }
    }

    fn subscribe(&mut self, topic: &str, handler: Handler) {
        self.handlers
            .entry(topic.to_string())
            .or_default()
            .push(handler);
    }

    fn publish(
        &mut self,
        topic: &str,
        value: f64,
        odometry: &mut Odometry,
        panel: &mut Panel,
    ) -> CuResult<()> {
        for &handler in &self.handlers.entry(topic.to_string()).or_default().to_vec() {
            handler.call(value, self, odometry, panel)?;
            self.delivered += 1;
        }
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Odometry {
    distance: f64,
}

impl Odometry {
    fn new(bus: &mut Bus) -> Self {
        bus.subscribe("speed", Handler::OdometryOnSpeed);
        Self { distance: 0.0 }
    }

    fn on_speed(&mut self, value: f64, bus: &mut Bus, panel: &mut Panel) -> CuResult<()> {
        self.distance += value.abs() * 0.1;
        if self.distance > 1.0 {
            self.distance -= 1.0;
            bus.publish("lap", self.distance, self, panel)?;
        }
        Ok(())
    }
}

/// What `handler` may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Handler {
    OdometryOnSpeed,
    PanelOnLap,
}

impl Handler {
    fn call(
        self,
        value: f64,
        bus: &mut Bus,
        odometry: &mut Odometry,
        panel: &mut Panel,
    ) -> CuResult<()> {
        match self {
            Self::OdometryOnSpeed => {
                odometry.on_speed(value, bus, panel)?;
            }
            Self::PanelOnLap => {
                panel.on_lap(value);
            }
        }
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Panel {
    laps: i64,
    rest: f64,
}

impl Panel {
    fn new(bus: &mut Bus) -> Self {
        bus.subscribe("lap", Handler::PanelOnLap);
        Self { laps: 0, rest: 0.0 }
    }

    fn on_lap(&mut self, rest: f64) {
        self.laps += 1;
        self.rest = rest;
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Job {
    name: String,
    period: i64,
    callback: RobotCallback,
    left: i64,
    runs: i64,
}

impl Job {
    fn new(name: &str, period: i64, callback: RobotCallback) -> Self {
        Self {
            name: name.to_string(),
            period,
            callback,
            left: period,
            runs: 0,
        }
    }

    fn due(&mut self) -> bool {
        self.left -= 1;
        self.left <= 0
    }

    fn run(&mut self, robot: &mut Robot) {
        self.left = self.period;
        self.runs += 1;
        robot.call_callback(self.callback);
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Robot {
    gain: f64,
    goal: f64,
    speed: f64,
    accel: f64,
    led: bool,
}

impl Robot {
    #[allow(clippy::ptr_arg)]
    fn new(gain: f64, jobs: &mut Vec<Job>) -> Self {
        let this = Self {
            gain,
            goal: 0.0,
            speed: 0.0,
            accel: 0.0,
            led: false,
        };
        this.every(2, RobotCallback::Control, jobs);
        this.every(3, RobotCallback::Blink, jobs);
        jobs.push(Job::new("fade", 5, RobotCallback::Decay));
        this
    }

    #[allow(clippy::ptr_arg)]
    fn every(&self, period: i64, callback: RobotCallback, jobs: &mut Vec<Job>) {
        jobs.push(Job::new(callback.value(), period, callback));
    }

    fn control(&mut self) {
        self.accel = self.gain * (self.goal - self.speed);
    }

    fn blink(&mut self) {
        self.led = !self.led;
    }

    fn decay(&mut self) {
        self.goal *= 0.9;
    }

    #[allow(clippy::ptr_arg)]
    fn spin(&mut self, jobs: &mut Vec<Job>) -> Vec<String> {
        let mut ran: Vec<String> = Vec::new();
        for job in jobs.iter_mut() {
            if job.due() {
                job.run(self);
                ran.push(job.name.clone());
            }
        }
        ran
    }

    fn report(&self, jobs: &[Job]) -> String {
        jobs.iter()
            .map(|job| format!("{} {}", job.name, job.runs))
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn call_callback(&mut self, callback: RobotCallback) {
        match callback {
            RobotCallback::Control => {
                self.control();
            }
            RobotCallback::Blink => {
                self.blink();
            }
            RobotCallback::Decay => {
                self.decay();
            }
        }
    }
}

/// What `callback` may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum RobotCallback {
    Control,
    Blink,
    Decay,
}

impl RobotCallback {
    /// The member's value.
    fn value(self) -> &'static str {
        match self {
            Self::Control => "control",
            Self::Blink => "blink",
            Self::Decay => "decay",
        }
    }
}

/// Python's `f"{x:.{digits}f}"`.
fn fixed_text(x: f64, digits: usize) -> String {
    if x.is_nan() {
        "nan".to_string()
    } else {
        format!("{x:.digits$}")
    }
}
