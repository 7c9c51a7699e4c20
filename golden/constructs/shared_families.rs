//! Objects of several classes that are shared, and states that are given their machine.
//!
//! Translated by migrate 0.1.0 from `shared_families.py`: 74 of 74 statements.
//! Warning MIG0301 line 4: `sensors` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 109: `robot_state` lives outside `state`: Copper's keyframes did not hold
//! it; here it is frozen with the task.
//! Warning MIG0301 line 121: `suite` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 122: `robot` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "shared_families", script = "shared_families.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "27186ffb9233f67f", seal = "baa1c7cbd2b13534"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::BTreeMap;

#[derive(Debug, Reflect)]
pub struct SharedFamilies {
    state: DriveState,
    sensors: Vec<Sensor>,
    suite: Suite,
    robot_state: State,
    robot: Robot,
}

impl Freezable for SharedFamilies {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.sensors, encoder)?;
        Encode::encode(&self.suite, encoder)?;
        Encode::encode(&self.robot_state, encoder)?;
        Encode::encode(&self.robot, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.sensors = Decode::decode(decoder)?;
        self.suite = Decode::decode(decoder)?;
        self.robot_state = Decode::decode(decoder)?;
        self.robot = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for SharedFamilies {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        let mut sensors = Vec::new();
        let suite = Suite::new(&mut sensors);
        let robot_state = State::Idle(Idle {});
        let robot = Robot::new();
        Ok(Self {
            state: DriveState::default(),
            sensors,
            suite,
            robot_state,
            robot,
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
        self.suite
            .update(&measured_payload.ranges, &mut self.sensors)?;
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.accel = (self.robot.step(
            f64::from(
                measured_payload
                    .ranges
                    .iter()
                    .copied()
                    .reduce(|best, x| if x < best { x } else { best })
                    .ok_or("shared_families.py:131: ValueError: min() arg is an empty sequence")?,
            ),
            &mut self.robot_state,
        ) + self.sensors[self.suite.primary].value()) as f32;
        drive_payload.sector = (self.robot.entered % 256) as u8;
        let alarm_payload = alarm.payload_mut().get_or_insert_default();
        alarm_payload.reason = format!(
            "{} {}",
            self.sensors[self.suite.primary].name(),
            self.robot_state.name()
        );
        alarm_payload.missed = u32::try_from(self.sensors[self.suite.lidar].faults())
            .map_err(|_| "shared_families.py:134: `missed` leaves u32")?;
        if goal_payload.speed > 3.0 {
            self.robot_state = State::Avoiding(Avoiding::new(2));
        }
        Ok(())
    }
}

#[allow(clippy::ptr_arg)]
fn new_lidar(name: &str, reach: f64, sensors: &mut Vec<Sensor>) -> usize {
    let at = sensors.len();
    sensors.push(Sensor::Lidar(Lidar::new(name, reach)));
    at
}

#[allow(clippy::ptr_arg)]
fn new_sonar(name: &str, alpha: f64, sensors: &mut Vec<Sensor>) -> usize {
    let at = sensors.len();
    sensors.push(Sensor::Sonar(Sonar::new(name, alpha)));
    at
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Sensor {
    Lidar(Lidar),
    Sonar(Sonar),
}

impl Sensor {
    fn read(&mut self, raw: f64) {
        match self {
            Self::Lidar(lidar) => {
                lidar.read(raw);
            }
            Self::Sonar(sonar) => {
                sonar.read(raw);
            }
        }
    }

    fn healthy(&self) -> bool {
        match self {
            Self::Lidar(lidar) => lidar.healthy(),
            Self::Sonar(sonar) => sonar.healthy(),
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Lidar(lidar) => lidar.name.clone(),
            Self::Sonar(sonar) => sonar.name.clone(),
        }
    }

    fn value(&self) -> f64 {
        match self {
            Self::Lidar(lidar) => lidar.value,
            Self::Sonar(sonar) => sonar.value,
        }
    }

    fn faults(&self) -> i64 {
        match self {
            Self::Lidar(lidar) => lidar.faults,
            Self::Sonar(sonar) => sonar.faults,
        }
    }
}

/// Counts what is out of its range.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Lidar {
    name: String,
    value: f64,
    faults: i64,
    reach: f64,
}

impl Lidar {
    fn new(name: &str, reach: f64) -> Self {
        Self {
            name: name.to_string(),
            value: 0.0,
            faults: 0,
            reach,
        }
    }

    fn read(&mut self, raw: f64) {
        if (0.0..=self.reach).contains(&raw) {
            self.faults = 0;
            self.value = raw;
        } else {
            self.faults += 1;
        }
    }

    fn healthy(&self) -> bool {
        self.faults < 3
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Sonar {
    name: String,
    value: f64,
    faults: i64,
    alpha: f64,
}

impl Sonar {
    fn new(name: &str, alpha: f64) -> Self {
        Self {
            name: name.to_string(),
            value: 0.0,
            faults: 0,
            alpha,
        }
    }

    fn read(&mut self, raw: f64) {
        self.value += self.alpha * (raw - self.value);
    }

    fn healthy(&self) -> bool {
        self.faults < 3
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Suite {
    lidar: usize,
    sonar: usize,
    sensors: Vec<usize>,
    by_name: BTreeMap<String, usize>,
    primary: usize,
}

impl Suite {
    #[allow(clippy::ptr_arg)]
    fn new(sensors: &mut Vec<Sensor>) -> Self {
        let lidar = new_lidar("lidar", 30.0, sensors);
        let sonar = new_sonar("sonar", 0.25, sensors);
        // The same sensors, in order and by name.
        let sensors_value = vec![lidar, sonar];
        let by_name: BTreeMap<String, usize> = sensors_value
            .iter()
            .map(|&s| (sensors[s].name(), s))
            .collect();
        Self {
            lidar,
            sonar,
            sensors: sensors_value,
            by_name,
            primary: lidar,
        }
    }

    #[allow(clippy::ptr_arg)]
    fn update(&mut self, ranges: &[f32; 4], sensors: &mut Vec<Sensor>) -> CuResult<()> {
        for (&sensor, &raw) in self.sensors.iter().zip(ranges) {
            sensors[sensor].read(f64::from(raw));
        }
        if !sensors[self.primary].healthy() {
            self.primary = *self
                .by_name
                .get("sonar")
                .ok_or("shared_families.py:54: KeyError (no such key, a str)")?;
        } else if sensors[self.lidar].healthy() {
            self.primary = self.lidar;
        }
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum State {
    Idle(Idle),
    Driving(Driving),
    Avoiding(Avoiding),
}

impl State {
    fn enter(&self, robot: &mut Robot) {
        match self {
            Self::Idle(idle) => {
                idle.enter(robot);
            }
            Self::Driving(driving) => {
                driving.enter(robot);
            }
            Self::Avoiding(avoiding) => {
                avoiding.enter(robot);
            }
        }
    }

    fn next(&mut self, robot: &mut Robot, distance: f64) -> Option<Self> {
        match self {
            Self::Idle(idle) => idle.next(robot, distance).map(Self::Driving),
            Self::Driving(driving) => driving.next(robot, distance).map(Self::Avoiding),
            Self::Avoiding(avoiding) => avoiding.next(robot, distance).map(Self::Driving),
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Idle(_) => Idle::NAME.to_string(),
            Self::Driving(_) => Driving::NAME.to_string(),
            Self::Avoiding(_) => Avoiding::NAME.to_string(),
        }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Idle;

impl Idle {
    const NAME: &str = "idle";

    fn enter(&self, robot: &mut Robot) {
        robot.entered += 1;
    }

    fn next(&self, robot: &mut Robot, distance: f64) -> Option<Driving> {
        robot.command = 0.0;
        if distance > 1.0 {
            return Some(Driving::new());
        }
        None
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Driving {
    ticks: i64,
}

impl Driving {
    const NAME: &str = "driving";

    fn enter(&self, robot: &mut Robot) {
        robot.entered += 1;
    }

    fn next(&mut self, robot: &mut Robot, distance: f64) -> Option<Avoiding> {
        self.ticks += 1;
        robot.command = 1.0_f64.min(0.125 * self.ticks as f64);
        if distance < 0.5 {
            return Some(Avoiding::new(self.ticks % 5 + 1));
        }
        None
    }

    fn new() -> Self {
        Self { ticks: 0 }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Avoiding {
    hold: i64,
}

impl Avoiding {
    const NAME: &str = "avoiding";

    fn enter(&self, robot: &mut Robot) {
        robot.entered += 1;
    }

    fn next(&mut self, robot: &mut Robot, _distance: f64) -> Option<Driving> {
        robot.command = -0.25;
        self.hold -= 1;
        if self.hold <= 0 {
            return Some(Driving::new());
        }
        None
    }

    fn new(hold: i64) -> Self {
        Self { hold }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Robot {
    command: f64,
    entered: i64,
}

impl Robot {
    fn new() -> Self {
        Self {
            command: 0.0,
            entered: 0,
        }
    }

    fn step(&mut self, distance: f64, robot_state: &mut State) -> f64 {
        let new = robot_state.next(self, distance);
        if let Some(new) = &new {
            new.enter(self);
            *robot_state = new.clone();
        }
        self.command
    }
}
