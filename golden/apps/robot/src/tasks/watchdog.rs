//! Watches the heartbeat of the supervisor and the link of the pendant.
//!
//! Translated by migrate 0.1.0 from `python/watchdog.py`: 47 of 47 statements.
//! Warning MIG0301 line 9: `_started` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 10: `_last_beat` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 11: `_last_joy` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 12: `_last_seq` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "watchdog", script = "python/watchdog.py", mode = "embedded"
//! migrate: state = "crate::states::WatchdogState", source = "463afefda8a9565b", seal = "da2eea98b50350cd"

use crate::messages::{Cause, Heartbeat, Pendant, WatchdogStatus};
use crate::states::WatchdogState;
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const MS: i64 = 1_000_000;
const HEARTBEAT_TIMEOUT: i64 = 80 * MS;
const JOY_TIMEOUT: i64 = 250 * MS;
const GRACE: i64 = 500 * MS;
const MIN_LINK: u8 = 30;

#[derive(Debug, Reflect)]
pub struct Watchdog {
    state: WatchdogState,
    _started: Option<i64>,
    _last_beat: i64,
    _last_joy: i64,
    _last_seq: Option<i64>,
}

impl Freezable for Watchdog {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state.ok, encoder)?;
        Encode::encode(&self.state.trips, encoder)?;
        Encode::encode(&self.state.lost, encoder)?;
        Encode::encode(&self._started, encoder)?;
        Encode::encode(&self._last_beat, encoder)?;
        Encode::encode(&self._last_joy, encoder)?;
        Encode::encode(&self._last_seq, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state.ok = Decode::decode(decoder)?;
        self.state.trips = Decode::decode(decoder)?;
        self.state.lost = Decode::decode(decoder)?;
        self._started = Decode::decode(decoder)?;
        self._last_beat = Decode::decode(decoder)?;
        self._last_joy = Decode::decode(decoder)?;
        self._last_seq = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Watchdog {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Heartbeat, Pendant);
    type Output<'m> = output_msg!(WatchdogStatus);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: WatchdogState::default(),
            _started: None,
            _last_beat: 0,
            _last_joy: 0,
            _last_seq: None,
        })
    }

    fn process(
        &mut self,
        ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (beat, joy) = *input;
        let mut state = self.state.clone();
        let now = ctx.now().as_nanos() as i64;
        if self._started.is_none() {
            self._started = Some(now);
            self._last_beat = now;
            self._last_joy = now;
        }

        if let Some(heartbeat) = beat.payload() {
            let seq = i64::from(heartbeat.seq);
            if let Some(_last_seq_value) = self._last_seq {
                let gap = (seq - _last_seq_value - 1).rem_euclid(256);
                state.lost = u32::try_from(i64::from(state.lost) + gap)
                    .map_err(|_| "python/watchdog.py:33: `lost` leaves u32")?;
            }
            if self._last_seq.is_none_or(|x| x != seq) {
                self._last_beat = now;
            }
            self._last_seq = Some(seq);
        }
        if let Some(pendant) = joy.payload()
            && pendant.link >= MIN_LINK
        {
            self._last_joy = now;
        }

        let beat_late = now - self._last_beat > HEARTBEAT_TIMEOUT;
        let joy_late = now - self._last_joy > JOY_TIMEOUT;
        let in_grace = now - self._started.unwrap_or_default() < GRACE;

        let ok = in_grace || !(beat_late || joy_late);
        if !ok && state.ok {
            state.trips = state
                .trips
                .checked_add(1)
                .ok_or("python/watchdog.py:46: `trips` leaves u32")?;
        }
        state.ok = ok;

        let wd = output.payload_mut().get_or_insert_default();
        wd.ok = ok;
        wd.trips = state.trips;
        wd.lost = state.lost;
        wd.beat_age_ms = u16::try_from(age_ms(now, self._last_beat).min(65535))
            .map_err(|_| "python/watchdog.py:53: `beat_age_ms` leaves u16")?;
        wd.joy_age_ms = u16::try_from(age_ms(now, self._last_joy).min(65535))
            .map_err(|_| "python/watchdog.py:54: `joy_age_ms` leaves u16")?;
        if beat_late && joy_late {
            wd.cause = Cause::Both;
        } else if beat_late {
            wd.cause = Cause::Heartbeat;
        } else if joy_late {
            wd.cause = Cause::Pendant;
        } else {
            wd.cause = Cause::Nothing;
        }
        self.state = state;
        Ok(())
    }
}

fn age_ms(now: i64, then: i64) -> i64 {
    (now - then).div_euclid(MS)
}
