//! `@contextmanager`: a generator around the body of a `with`.
//!
//! Translated by migrate 0.1.0 from `context_managers.py`: 29 of 29 statements.
//! Warning MIG0301 line 4: `depth` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 41: `bus` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "context_managers", script = "context_managers.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "5b2de600e7a273cc", seal = "f0bdf80479562fab"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct ContextManagers {
    state: DriveState,
    depth: i64,
    bus: Bus,
}

impl Freezable for ContextManagers {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.depth, encoder)?;
        Encode::encode(&self.bus, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.depth = Decode::decode(decoder)?;
        self.bus = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for ContextManagers {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            depth: 0,
            bus: Bus::new(),
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
        let mut state = self.state.clone();
        let Some(measured_payload) = measured.payload() else {
            return Ok(());
        };
        self.depth += 1;
        let level_ = self.depth;
        'tried: {
            let e;
            'failed: {
                let level = level_;
                if measured_payload.ranges[0] > 2.0 {
                    e = "too far";
                    break 'failed;
                }
                drive.payload_mut().get_or_insert_default().sector = u8::try_from(level)
                    .map_err(|_| "context_managers.py:52: `sector` leaves u8")?;
                break 'tried;
            }
            alarm.payload_mut().get_or_insert_default().reason = format!("range: {e}");
        }
        self.depth -= 1;
        state.missed = u32::try_from(
            i64::from(state.missed)
                .checked_add(self.depth)
                .ok_or("context_managers.py:53: `missed` leaves u32")?,
        )
        .map_err(|_| "context_managers.py:53: `missed` leaves u32")?;
        if self.bus.send(f64::from(measured_payload.speed)) > 0 && !self.bus.locked {
            alarm.payload_mut().get_or_insert_default().missed = u32::try_from(self.bus.sent)
                .map_err(|_| "context_managers.py:55: `missed` leaves u32")?;
        }
        self.state = state;
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Bus {
    locked: bool,
    sent: i64,
}

impl Bus {
    fn new() -> Self {
        Self {
            locked: false,
            sent: 0,
        }
    }

    fn send(&mut self, value: f64) -> i64 {
        self.locked = true;
        if value < 0.0 {
            self.locked = false;
            return -1;
        }
        self.sent += 1;
        let result = self.sent;
        self.locked = false;
        result
    }
}
