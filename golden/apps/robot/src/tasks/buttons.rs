//! Translated by migrate 0.1.0 from `python/buttons.py`: 45 of 45 statements.
//! Warning MIG0301 line 13: `counters` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 14: `held_for` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 15: `stable` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "buttons", script = "python/buttons.py", mode = "embedded"
//! migrate: state = "crate::states::ButtonsState", source = "dd119d13207a3fe5", seal = "be320531fd9c790e"

use crate::messages::{Buttons, Pendant};
use crate::states::ButtonsState;
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

// Debounces the eight buttons of the pendant.
// A button has to read the same for STABLE cycles before we believe it.
const STABLE: i64 = 4;
const LONG_PRESS: i64 = 60;
const NUM_BUTTONS: i64 = 8;

const ESTOP: i64 = 0;

#[derive(Debug, Reflect)]
pub struct ButtonsTask {
    state: ButtonsState,
    counters: [i64; 8],
    held_for: [i64; 8],
    stable: i64,
}

impl Freezable for ButtonsTask {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state.events, encoder)?;
        Encode::encode(&self.state.heard, encoder)?;
        Encode::encode(&self.counters, encoder)?;
        Encode::encode(&self.held_for, encoder)?;
        Encode::encode(&self.stable, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state.events = Decode::decode(decoder)?;
        self.state.heard = Decode::decode(decoder)?;
        self.counters = Decode::decode(decoder)?;
        self.held_for = Decode::decode(decoder)?;
        self.stable = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for ButtonsTask {
    type Resources<'r> = ();
    type Input<'m> = input_msg!(Pendant);
    type Output<'m> = output_msg!(Buttons);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: ButtonsState::default(),
            counters: [0; 8],
            held_for: [0; 8],
            stable: 0,
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let mut state = self.state.clone();
        let mut pressed: i64 = 0;
        let mut released: i64 = 0;
        let mut long_press: i64 = 0;
        let raw: i64;
        if let Some(pendant) = input.payload() {
            raw = i64::from(pendant.buttons);
            state.heard = true;
        } else if state.heard {
            raw = 0;
        } else {
            self.state = state;
            return Ok(());
        }

        for i in 0..NUM_BUTTONS {
            if bit(raw, i) != bit(self.stable, i) {
                self.counters[i as usize] = self.counters[i as usize]
                    .checked_add(1)
                    .ok_or("python/buttons.py:38: an int leaves 64 bits")?;
                if self.counters[i as usize] >= STABLE {
                    self.counters[i as usize] = 0;
                    self.stable ^= 1_i64 << i as u32;
                    if bit(self.stable, i) != 0 {
                        pressed |= 1_i64 << i as u32;
                    } else {
                        released |= 1_i64 << i as u32;
                    }
                }
            } else {
                self.counters[i as usize] = 0;
            }

            // how long it is held
            if bit(self.stable, i) != 0 {
                self.held_for[i as usize] = self.held_for[i as usize]
                    .checked_add(1)
                    .ok_or("python/buttons.py:51: an int leaves 64 bits")?
                    .min(10000);
                if self.held_for[i as usize] == LONG_PRESS {
                    long_press |= 1_i64 << i as u32;
                }
            } else {
                self.held_for[i as usize] = 0;
            }
        }

        // the emergency stop is not debounced when it is pressed
        let estop = bit(raw, ESTOP) != 0 || bit(self.stable, ESTOP) != 0;

        let buttons = output.payload_mut().get_or_insert_default();
        buttons.held = self.stable as u8;
        buttons.pressed = pressed as u8;
        buttons.released = released as u8;
        buttons.long_press = long_press as u8;
        buttons.estop = estop;
        if pressed != 0 || released != 0 {
            state.events = state
                .events
                .checked_add(1)
                .ok_or("python/buttons.py:66: `events` leaves u32")?;
        }
        output.tov = input.tov;
        self.state = state;
        Ok(())
    }
}

fn bit(word: i64, n: i64) -> i64 {
    (word >> n as u32) & 1
}
