//! Objects that are made ready by a method: where they are made, or later on.
//!
//! Translated by migrate 0.1.0 from `made_ready.py`: 48 of 48 statements.
//! Warning MIG0301 line 87: `robot` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 90: `watch` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 92: `root` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "made_ready", script = "made_ready.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "b573158df9df5db5", seal = "fbde75831b8ad993"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct MadeReady {
    state: DriveState,
    robot: Robot,
    watch: Watch,
    root: Sequence,
}

impl Freezable for MadeReady {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.robot, encoder)?;
        Encode::encode(&self.watch, encoder)?;
        Encode::encode(&self.root, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.robot = Decode::decode(decoder)?;
        self.watch = Decode::decode(decoder)?;
        self.root = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for MadeReady {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            robot: Robot::new(),
            watch: Watch::new(3),
            root: Sequence::new("root", vec![Steps::new("a"), Steps::new("b")]),
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
        let (Some(goal_payload), Some(measured_payload)) = (goal.payload(), measured.payload())
        else {
            return Ok(());
        };
        drive.payload_mut().get_or_insert_default().accel =
            self.robot.teleop_periodic(f64::from(goal_payload.speed))? as f32;
        let alarm_payload = alarm.payload_mut().get_or_insert_default();
        alarm_payload.reason = self.watch.tick(measured_payload.speed > 10.0);
        let mut missed = i64::from(if self.root.tick(f64::from(measured_payload.speed))? {
            u32::try_from(
                self.root.index.ok_or(
                    "made_ready.py:101: AttributeError: 'Sequence' object has no attribute 'index'",
                )? + self.watch.count,
            )
            .map_err(|_| "made_ready.py:101: `the value` leaves u32")?
        } else {
            0
        });
        if self.robot.timer % 25 == 0 {
            missed = self.robot.timer;
        }
        alarm.payload_mut().get_or_insert_default().missed =
            u32::try_from(missed).map_err(|_| "made_ready.py:95: `missed` leaves u32")?;
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Motor {
    port: i64,
    volts: f64,
}

impl Motor {
    fn new(port: i64) -> Self {
        Self { port, volts: 0.0 }
    }

    fn set(&mut self, volts: f64) {
        self.volts = (-12.0_f64).max(12.0_f64.min(volts));
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Robot {
    motors: Vec<Motor>,
    gain: f64,
    timer: i64,
}

impl Robot {
    /// What the season needs.
    fn new() -> Self {
        // left and right
        Self {
            motors: vec![Motor::new(0), Motor::new(1)],
            gain: 0.5,
            timer: 0,
        }
    }

    fn teleop_periodic(&mut self, stick: f64) -> CuResult<f64> {
        self.timer += 1;
        for motor in &mut self.motors {
            motor.set(self.gain * stick);
        }
        Ok(self
            .motors
            .first()
            .ok_or("made_ready.py:25: IndexError: list index out of range")?
            .volts)
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Watch {
    limit: i64,
    count: i64,
    why: String,
}

impl Watch {
    fn new(limit: i64) -> Self {
        let mut this = Self {
            limit,
            count: 0,
            why: String::new(),
        };
        this.reset();
        this
    }

    fn reset(&mut self) {
        self.count = 0;
        self.why = "fine".into();
    }

    fn tick(&mut self, bad: bool) -> String {
        self.count = if bad { self.count + 1 } else { 0 };
        if self.count > self.limit {
            self.reset();
            self.why = "too long".into();
        }
        self.why.clone()
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Steps {
    left: Option<i64>,
    name: String,
    running: bool,
}

impl Steps {
    fn new(name: &str) -> Self {
        Self {
            left: None,
            name: name.to_string(),
            running: false,
        }
    }

    fn initialise(&mut self) {
        self.left = Some(2);
    }

    fn tick(&mut self, speed: f64) -> CuResult<bool> {
        if !self.running {
            self.initialise();
        }
        self.running = self.update(speed)?;
        Ok(self.running)
    }

    fn update(&mut self, speed: f64) -> CuResult<bool> {
        let Some(left) = self.left else {
            return Err(
                "made_ready.py:67: AttributeError: 'Steps' object has no attribute 'left'".into(),
            );
        };
        self.left = Some(left - 1);
        Ok(self.left.unwrap_or_default() > 0 && speed < 40.0)
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Sequence {
    index: Option<i64>,
    name: String,
    running: bool,
    children: Vec<Steps>,
}

impl Sequence {
    fn new(name: &str, children: Vec<Steps>) -> Self {
        Self {
            index: None,
            name: name.to_string(),
            running: false,
            children,
        }
    }

    fn initialise(&mut self) {
        self.index = Some(0);
    }

    fn tick(&mut self, speed: f64) -> CuResult<bool> {
        if !self.running {
            self.initialise();
        }
        self.running = self.update(speed)?;
        Ok(self.running)
    }

    fn update(&mut self, speed: f64) -> CuResult<bool> {
        while self
            .index
            .ok_or("made_ready.py:80: AttributeError: 'Sequence' object has no attribute 'index'")?
            < self.children.len() as i64
        {
            let Some(index) = self.index else {
                return Err(
                    "made_ready.py:81: AttributeError: 'Sequence' object has no attribute 'index'"
                        .into(),
                );
            };
            let at = self::index(index, self.children.len())
                .ok_or("made_ready.py:81: IndexError: list index out of range")?;
            if self.children[at].tick(speed)? {
                return Ok(true);
            }
            self.index = Some(index + 1);
        }
        Ok(false)
    }
}

/// Python's index into a sequence, from the end where negative: `None` where it raises.
fn index(i: i64, len: usize) -> Option<usize> {
    let from_start = if i < 0 {
        i.checked_add(i64::try_from(len).ok()?)?
    } else {
        i
    };
    usize::try_from(from_start).ok().filter(|i| *i < len)
}
