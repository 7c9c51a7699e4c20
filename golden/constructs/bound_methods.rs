//! Methods of the one object of a class as values, and generators that loops take in.
//!
//! Translated by migrate 0.1.0 from `bound_methods.py`: 67 of 67 statements.
//! Warning MIG0301 line 68: `robot` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 69: `grid` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0316 line 83: `seen` may leave 64 bits: an error in the Rust, where Python goes on.
//! Warning MIG0316 line 88: `sum` of these may leave 64 bits: an error in the Rust, where Python
//! goes on.
//! migrate: task = "bound_methods", script = "bound_methods.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "0dafc10a2d3c1c3d", seal = "8dea8ef85ff1be3f"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct BoundMethods {
    state: DriveState,
    robot: Robot,
    grid: Vec<[i64; 4]>,
}

impl Freezable for BoundMethods {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.robot, encoder)?;
        Encode::encode(&self.grid, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.robot = Decode::decode(decoder)?;
        self.grid = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for BoundMethods {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            robot: Robot::new(),
            grid: (0..4).map(|_| [0, 0, 0, 0]).collect(),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, measured) = *input;
        let (drive, alarm) = output;
        let Some(measured_payload) = measured.payload() else {
            return Ok(());
        };
        self.robot.step(f64::from(measured_payload.speed))?;
        self.robot.event(if goal.payload().is_none() {
            "stop"
        } else {
            "go"
        })?;
        let mut seen: i64 = 0;
        let mut x_: i64 = 0;
        let mut y_: i64 = 0;
        let to_x = self.robot.stops % 6;
        loop {
            let x = x_;
            let y = y_;
            if x > 3 || y > 3 {
                break;
            }
            self.grid
                .get_mut(y as usize)
                .ok_or("bound_methods.py:82: IndexError: list index out of range")?[x as usize] =
                (*self
                    .grid
                    .get(y as usize)
                    .ok_or("bound_methods.py:82: IndexError: list index out of range")?)
                    [x as usize]
                    .checked_add(1)
                    .ok_or("bound_methods.py:82: an int leaves 64 bits")?;
            seen = seen
                .checked_add(
                    (*self
                        .grid
                        .get(y as usize)
                        .ok_or("bound_methods.py:83: IndexError: list index out of range")?)
                        [x as usize],
                )
                .ok_or("bound_methods.py:83: an int leaves 64 bits")?;
            if x_ == to_x && y_ == 5 {
                break;
            }
            if x_ < to_x {
                x_ += 1;
            }
            if y_ < 5 {
                y_ += 1;
            }
        }
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.accel = self.robot.speed as f32;
        drive_payload.sector = seen.rem_euclid(8) as u8;
        let alarm_payload = alarm.payload_mut().get_or_insert_default();
        alarm_payload.reason = (if self.robot.state == RobotState::Running {
            ""
        } else {
            "idle"
        })
        .to_string();
        alarm_payload.missed = u32::try_from(
            self.robot
                .jobs
                .iter()
                .map(|job| job.runs)
                .try_fold(0_i64, |sum: i64, x| sum.checked_add(x))
                .ok_or("bound_methods.py:88: an int leaves 64 bits")?,
        )
        .map_err(|_| "bound_methods.py:88: `missed` leaves u32")?;
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Job {
    name: String,
    function: RobotFunction,
    every: i64,
    runs: i64,
}

impl Job {
    fn new(name: &str, function: RobotFunction, every: i64) -> Self {
        Self {
            name: name.to_string(),
            function,
            every,
            runs: 0,
        }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Robot {
    speed: f64,
    stops: i64,
    cycle: i64,
    jobs: Vec<Job>,
    state: RobotState,
}

impl Robot {
    fn new() -> Self {
        Self {
            speed: 0.0,
            stops: 0,
            cycle: 0,
            jobs: vec![
                Job::new("slow", RobotFunction::Slow, 5),
                Job::new("stop", RobotFunction::Stop, 2),
            ],
            state: RobotState::Idle,
        }
    }

    fn _slow(&mut self) {
        self.speed *= 0.5;
    }

    fn _stop(&mut self) -> CuResult<()> {
        if self.speed < 0.1 {
            self.stops = self
                .stops
                .checked_add(1)
                .ok_or("bound_methods.py:25: `stops` leaves i64")?;
        }
        Ok(())
    }

    fn _idle(&mut self, speed: f64) {
        if speed > 0.5 {
            self.state = RobotState::Running;
        }
    }

    fn _running(&mut self, speed: f64) {
        self.speed = speed;
        if speed < 0.1 {
            self.state = RobotState::Idle;
        }
    }

    fn on_stop(&mut self, cycle: i64) -> CuResult<()> {
        self.stops = self
            .stops
            .checked_add(cycle)
            .ok_or("bound_methods.py:37: `stops` leaves i64")?;
        Ok(())
    }

    fn on_go(&mut self, _cycle: i64) {
        self.stops = 0;
    }

    fn event(&mut self, name: &str) -> CuResult<()> {
        if let Some(handler) = handler_of(name) {
            self.call_handler(handler, self.cycle)?;
        }
        Ok(())
    }

    #[allow(clippy::needless_range_loop)]
    fn step(&mut self, speed: f64) -> CuResult<()> {
        self.call_state(self.state, speed);
        for job in 0..self.jobs.len() {
            if self.cycle % self.jobs[job].every == 0 {
                self.call_function(self.jobs[job].function)?;
                self.jobs[job].runs += 1;
            }
        }
        self.cycle += 1;
        Ok(())
    }

    fn call_handler(&mut self, handler: RobotHandler, cycle: i64) -> CuResult<()> {
        match handler {
            RobotHandler::Stop => {
                self.on_stop(cycle)?;
            }
            RobotHandler::Go => {
                self.on_go(cycle);
            }
        }
        Ok(())
    }

    fn call_function(&mut self, function: RobotFunction) -> CuResult<()> {
        match function {
            RobotFunction::Slow => {
                self._slow();
            }
            RobotFunction::Stop => {
                self._stop()?;
            }
        }
        Ok(())
    }

    fn call_state(&mut self, state: RobotState, speed: f64) {
        match state {
            RobotState::Idle => {
                self._idle(speed);
            }
            RobotState::Running => {
                self._running(speed);
            }
        }
    }
}

/// What `function` may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum RobotFunction {
    Slow,
    Stop,
}

/// What `state` may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum RobotState {
    Idle,
    Running,
}

/// What `handler` may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RobotHandler {
    Stop,
    Go,
}

/// `HANDLER[key]`
fn handler_of(key: &str) -> Option<RobotHandler> {
    Some(match key {
        "stop" => RobotHandler::Stop,
        "go" => RobotHandler::Go,
        _ => return None,
    })
}
