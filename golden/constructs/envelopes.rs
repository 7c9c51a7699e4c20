//! What lies beside a payload: times of validity and metadata, read and written.
//!
//! Translated by migrate 0.1.0 from `envelopes.py`: 36 of 36 statements.
//! Warning MIG0301 line 5: `last_ns` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "envelopes", script = "envelopes.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "f6bc723e9e5b002d", seal = "ea95e10d8b77f672"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const UNSET: u64 = 18446744073709551615; // 2**64 - 1

#[derive(Debug, Reflect)]
pub struct Envelopes {
    state: DriveState,
    last_ns: i64,
}

impl Freezable for Envelopes {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.last_ns, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.last_ns = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Envelopes {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            last_ns: 0,
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
        let state = &mut self.state;
        let Some(measured_payload) = measured
            .payload()
            .filter(|_| !matches!(measured.tov, Tov::None))
        else {
            return Ok(());
        };
        let now = stamp(measured, ctx)?;
        let dt = (now - self.last_ns) as f64 * 1e-9;
        self.last_ns = now;
        'tried: {
            'failed: {
                if let Tov::Range(_) = goal.tov {
                    break 'failed;
                }
                let Tov::Time(time) = goal.tov else {
                    break 'failed;
                };
                state.started_ns = time.as_nanos();
                break 'tried;
            }
            state.started_ns = 0;
        }
        let ns = if let Tov::Time(time) = goal.tov {
            time.as_nanos() as i64
        } else {
            0
        };
        alarm.payload_mut().get_or_insert_default().missed = (ns % 1000) as u32;
        let millis = took(measured);
        if let Some(millis) = millis
            && millis > 5.0
        {
            drive.metadata.set_status(format!("slow: {millis:.1} ms"));
        } else if measured.metadata.status_txt.0.as_str().starts_with("err") {
            drive
                .metadata
                .set_status(measured.metadata.status_txt.0.as_str());
        }
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.accel = if dt > 0.0 {
            (f64::from(measured_payload.speed) / dt) as f32
        } else {
            0.0
        };
        drive_payload.sector = if age(measured, ctx) > 50_000_000 {
            1
        } else {
            0
        };
        drive.tov = Tov::Time(CuTime::from_nanos(now as u64));
        Ok(())
    }
}

/// When a message was taken, in nanoseconds.
fn stamp(msg: &CuMsg<Measured>, ctx: &CuContext) -> CuResult<i64> {
    let tov = msg.tov;
    if !matches!(tov, Tov::None)
        && let Tov::Time(time) = tov
    {
        return Ok(time.as_nanos() as i64);
    }
    if matches!(tov, Tov::Range(_)) {
        if let Tov::Time(_) = tov {
            return Err("envelopes.py:14: KeyError: 'Range'".into());
        }
        let Tov::Range(range) = tov else {
            return Err(
                "envelopes.py:14: TypeError (the time of validity is not of this form)".into(),
            );
        };
        return Ok(range.start.as_nanos() as i64);
    }
    Ok(ctx.now().as_nanos() as i64)
}

fn age(msg: &CuMsg<Measured>, ctx: &CuContext) -> i64 {
    let Tov::Time(time) = msg.tov else {
        return 0;
    };
    ctx.now().as_nanos() as i64 - time.as_nanos() as i64
}

fn took(msg: &CuMsg<Measured>) -> Option<f64> {
    if Option::<CuTime>::from(msg.metadata.process_time.start)
        .map_or(u64::MAX, |time| time.as_nanos())
        == UNSET
        || Option::<CuTime>::from(msg.metadata.process_time.end)
            .map_or(u64::MAX, |time| time.as_nanos())
            == UNSET
    {
        return None;
    }
    Some(
        (i128::from(
            Option::<CuTime>::from(msg.metadata.process_time.end)
                .map_or(u64::MAX, |time| time.as_nanos()),
        ) - i128::from(
            Option::<CuTime>::from(msg.metadata.process_time.start)
                .map_or(u64::MAX, |time| time.as_nanos()),
        )) as f64
            * 1e-6,
    )
}
