//! `with` over classes of the file and `suppress`, `isinstance` by types.
//!
//! Translated by migrate 0.1.0 from `contexts.py`: 25 of 25 statements.
//! Warning MIG0301 line 22: `section` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "contexts", script = "contexts.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "21c9d3e9610a5a40", seal = "ebd94675c4e4ba56"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Contexts {
    state: DriveState,
    section: Section,
}

impl Freezable for Contexts {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.section, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.section = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Contexts {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            section: Section::new(),
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
        let state = &mut self.state;
        let (Some(goal_payload), Some(measured_payload)) = (goal.payload(), measured.payload())
        else {
            return Ok(());
        };
        self.section.enter();
        if f64::from(measured_payload.speed) == 0.0 {
            self.section.exit();
            return Err("contexts.py:39: ZeroDivisionError: float division by zero".into());
        }
        let accel = limited(
            f64::from(goal_payload.speed) / f64::from(measured_payload.speed),
            2.0,
        );
        drive.payload_mut().get_or_insert_default().accel = accel as f32;
        self.section.exit();
        // A gap between two readings is no reason to stop.
        'failed: {
            let Some(at) = index(self.section.entered, 4) else {
                break 'failed;
            };
            let divisor = f64::from(measured_payload.ranges[at]);
            if divisor == 0.0 {
                break 'failed;
            }
            drive.payload_mut().get_or_insert_default().accel = (accel / divisor) as f32;
            state.missed = 0;
        }
        if let Some(state_last) = state.last {
            alarm.payload_mut().get_or_insert_default().reason =
                format!("after {}", fixed_text(f64::from(state_last), 1));
        }
        state.last = Some(goal_payload.speed);
        Ok(())
    }
}

/// How deep the call is, and how often it was entered.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Section {
    depth: i64,
    entered: i64,
}

impl Section {
    fn new() -> Self {
        Self {
            depth: 0,
            entered: 0,
        }
    }

    fn enter(&mut self) {
        self.depth += 1;
        self.entered += 1;
    }

    fn exit(&mut self) {
        self.depth -= 1;
    }
}

fn limited(value: f64, limit: f64) -> f64 {
    if value > limit {
        return limit;
    }
    value
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

/// Python's `f"{x:.{digits}f}"`.
fn fixed_text(x: f64, digits: usize) -> String {
    if x.is_nan() {
        "nan".to_string()
    } else {
        format!("{x:.digits$}")
    }
}
