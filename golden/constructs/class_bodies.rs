//! What stands in classes beside methods: several names at once, classes, properties that do more.
//!
//! Translated by migrate 0.1.0 from `class_bodies.py`: 50 of 50 statements.
//! Warning MIG0301 line 68: `contactor` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 69: `board` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 70: `guards` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "class_bodies", script = "class_bodies.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "8e4b5671a74a94cb", seal = "e4a01a556ab6727e"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct ClassBodies {
    state: DriveState,
    contactor: Contactor,
    board: Board,
    guards: Vec<(String, Guard)>,
}

impl Freezable for ClassBodies {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.contactor, encoder)?;
        Encode::encode(&self.board, encoder)?;
        Encode::encode(&self.guards, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.contactor = Decode::decode(decoder)?;
        self.board = Decode::decode(decoder)?;
        self.guards = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for ClassBodies {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            contactor: Contactor::new(),
            board: Board {
                hits: 0,
                worst: 0.0,
            },
            guards: vec![
                ("slow".to_string(), Guard::new(1.0)),
                ("fast".to_string(), Guard::new(5.0)),
            ],
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (_goal, measured) = *input;
        let (drive, alarm) = output;
        let Some(measured_payload) = measured.payload() else {
            return Ok(());
        };
        self.contactor.step(f64::from(measured_payload.speed));
        self.board.hits = self
            .board
            .hits
            .checked_add(1)
            .ok_or("class_bodies.py:78: an int leaves 64 bits")?;
        if f64::from(measured_payload.speed) > self.board.worst {
            self.board.worst = f64::from(measured_payload.speed);
        }
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.accel = (self.contactor.percent()? + self.board.worst) as f32;
        drive_payload.sector = if self.contactor.phase == Phase::Busy {
            Contactor::FAST as u8
        } else {
            Contactor::SLOW as u8
        };
        let mut tripped: Vec<String> = Vec::new();
        for (name, guard) in self.guards.iter_mut().map(|(key, value)| (&*key, value)) {
            if guard.check(f64::from(measured_payload.speed)) {
                tripped.push(name.clone());
            }
        }
        let alarm_payload = alarm.payload_mut().get_or_insert_default();
        alarm_payload.reason = format!("{} {}", self.contactor.state, tripped.join(","));
        alarm_payload.missed = (self
            .contactor
            .last
            .age(self.contactor.ticks)
            .rem_euclid(100)
            + self.board.hits.rem_euclid(10)) as u32;
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Board {
    hits: i64,
    worst: f64,
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Contactor {
    state: String,
    phase: Phase,
    ticks: i64,
    raw: f64,
    filtered: Option<f64>,
    last: Sample,
}

impl Contactor {
    const OPEN: &str = "open";
    const PRECHARGE: &str = "precharge";
    const CLOSED: &str = "closed";
    const SLOW: i64 = 0;
    const FAST: i64 = 1;
    const FIRST: Phase = Phase::Idle;

    fn new() -> Self {
        Self {
            state: Self::OPEN.to_string(),
            phase: Self::FIRST,
            ticks: 0,
            raw: 0.0,
            filtered: None,
            last: Sample::new(0.0, 0),
        }
    }

    fn step(&mut self, volts: f64) {
        self.ticks += 1;
        self.raw = volts;
        if volts > 10.0 && self.state == Self::OPEN {
            self.state = Self::PRECHARGE.to_string();
            self.phase = Phase::Busy;
        } else if volts > 20.0 {
            self.state = Self::CLOSED.to_string();
            self.phase = Phase::Idle;
        }
        if volts != self.last.volts {
            self.last = Sample::new(volts, self.ticks);
        }
    }

    fn _filter(&mut self) -> CuResult<()> {
        self.filtered = Some(
            float_to_int((self.raw * 8.0).round_ties_even())
                .ok_or("class_bodies.py:45: ValueError or OverflowError (round: no 64-bit int)")?
                as f64
                / 8.0,
        );
        Ok(())
    }

    fn volts(&mut self) -> CuResult<f64> {
        self._filter()?;
        Ok(self
            .filtered
            .ok_or("class_bodies.py:50: TypeError (None is no number)")?)
    }

    fn percent(&mut self) -> CuResult<f64> {
        Ok(100.0_f64.min(self.volts()? * 4.0))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Phase {
    Idle,
    Busy,
}

#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Sample {
    volts: f64,
    tick: i64,
}

impl Sample {
    fn new(volts: f64, tick: i64) -> Self {
        Self { volts, tick }
    }

    fn age(&self, now: i64) -> i64 {
        now - self.tick
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Guard {
    limit: f64,
    trips: i64,
}

impl Guard {
    fn new(limit: f64) -> Self {
        Self { limit, trips: 0 }
    }

    fn check(&mut self, value: f64) -> bool {
        if value > self.limit {
            self.trips += 1;
        }
        self.trips > 3
    }
}

/// A whole float as an int: `None` for NaN, an infinity, or what leaves 64 bits.
fn float_to_int(whole: f64) -> Option<i64> {
    (whole >= i64::MIN as f64 && whole < i64::MAX as f64).then_some(whole as i64)
}
