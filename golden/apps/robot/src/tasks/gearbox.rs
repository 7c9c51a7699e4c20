//! Shifter of the two-speed gearbox, with a neutral in between.
//!
//! Translated by migrate 0.1.0 from `python/gearbox.py`: 71 of 71 statements.
//! Warning MIG0301 line 83: `shifter` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "gearbox", script = "python/gearbox.py", mode = "embedded"
//! migrate: state = "()", source = "dcf828f5030e76a5", seal = "ded54180b3e5ade3"

use crate::messages::{GearStatus, Odometry, Sticks};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const UPSHIFT: f64 = 1.05; // m/s
const DOWNSHIFT: f64 = 0.7;
const RELEASE_CYCLES: i64 = 6;
const ENGAGE_CYCLES: i64 = 8;
const SYNC_TIMEOUT: i64 = 30;

#[derive(Debug, Reflect)]
pub struct Gearbox {
    shifter: Shifter,
}

impl Freezable for Gearbox {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.shifter, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.shifter = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Gearbox {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Odometry, Sticks);
    type Output<'m> = output_msg!(GearStatus);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            shifter: Shifter::new(),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (odo, sticks) = *input;
        let (Some(odometry), Some(sticks_payload)) = (odo.payload(), sticks.payload()) else {
            return Ok(());
        };
        let synced = f64::from(odometry.w).abs() < 0.8;
        self.shifter.step(
            f64::from(odometry.v),
            f64::from(sticks_payload.drive),
            synced,
        );

        let gear_status = output.payload_mut().get_or_insert_default();
        gear_status.gear = self.shifter.gear as i8;
        gear_status.shifting = self.shifter.phase != Phase::Engaged;
        gear_status.phase = self.shifter.phase as u8;
        gear_status.ratio = ratio_of(self.shifter.gear) as f32;
        gear_status.shifts = u32::try_from(self.shifter.shifts)
            .map_err(|_| "python/gearbox.py:97: `shifts` leaves u32")?;
        gear_status.aborted = u32::try_from(self.shifter.aborted)
            .map_err(|_| "python/gearbox.py:98: `aborted` leaves u32")?;
        output.tov = odo.tov;
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Gear {
    Reverse = -1,
    Neutral = 0,
    Low = 1,
    High = 2,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Phase {
    Engaged = 0,
    Releasing = 1,
    Syncing = 2,
    Engaging = 3,
}

/// `RATIO[key]`
fn ratio_of(key: Gear) -> f64 {
    match key {
        Gear::Reverse => -9.0,
        Gear::Neutral => 0.0,
        Gear::Low => 9.0,
        Gear::High => 4.5,
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Shifter {
    gear: Gear,
    wanted: Gear,
    phase: Phase,
    timer: i64,
    shifts: i64,
    aborted: i64,
}

impl Shifter {
    fn new() -> Self {
        Self {
            gear: Gear::Neutral,
            wanted: Gear::Neutral,
            phase: Phase::Engaged,
            timer: 0,
            shifts: 0,
            aborted: 0,
        }
    }

    fn choose(&self, speed: f64, drive: f64) -> Gear {
        if drive < -0.05 {
            // never into reverse while rolling forward
            return if speed < 0.1 {
                Gear::Reverse
            } else {
                self.gear
            };
        }
        if drive.abs() <= 0.05 && speed.abs() < 0.05 {
            return Gear::Neutral;
        }
        if self.gear == Gear::High {
            return if speed < DOWNSHIFT {
                Gear::Low
            } else {
                Gear::High
            };
        }
        if self.gear == Gear::Low && speed > UPSHIFT {
            return Gear::High;
        }
        if drive > 0.05 && speed > -0.1 {
            return if self.gear < Gear::Low {
                Gear::Low
            } else {
                self.gear
            };
        }
        self.gear
    }

    fn step(&mut self, speed: f64, drive: f64, synced: bool) {
        if self.phase == Phase::Engaged {
            self.wanted = self.choose(speed, drive);
            if self.wanted != self.gear {
                self.phase = Phase::Releasing;
                self.timer = RELEASE_CYCLES;
            }
        } else if self.phase == Phase::Releasing {
            self.timer -= 1;
            if self.timer == 0 {
                self.gear = Gear::Neutral;
                if self.wanted == Gear::Neutral {
                    self.phase = Phase::Engaged;
                } else {
                    self.phase = Phase::Syncing;
                    self.timer = SYNC_TIMEOUT;
                }
            }
        } else if self.phase == Phase::Syncing {
            self.timer -= 1;
            if synced {
                self.phase = Phase::Engaging;
                self.timer = ENGAGE_CYCLES;
            } else if self.timer <= 0 {
                self.aborted += 1;
                self.wanted = Gear::Neutral;
                self.phase = Phase::Engaged;
            }
        } else {
            self.timer -= 1;
            if self.timer == 0 {
                self.gear = self.wanted;
                self.phase = Phase::Engaged;
                self.shifts += 1;
            }
        }
    }
}
