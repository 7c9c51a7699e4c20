//! Shifter of the two-speed gearbox, with a neutral in between.
//!
//! Translated by migrate 0.1.0 from `python/gearbox.py`: 68 of 71 statements.
//! Not translated MIG0201 line 6: the class `Gear` is not translated yet.
//! Not translated MIG0201 line 13: the class `Phase` is not translated yet.
//! Warning MIG0301 line 83: `shifter` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Not translated MIG0207 line 95: `.value` of int is not translated.
//! migrate: task = "gearbox", script = "python/gearbox.py", mode = "embedded"
//! migrate: state = "()", source = "dcf828f5030e76a5", seal = "535d50ade504c3cc"

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

    #[allow(
        unreachable_code,
        unused_variables,
        unused_mut,
        clippy::diverging_sub_expression
    )]
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
        gear_status.shifting = self.shifter.phase != Phase::ENGAGED;
        //     output.payload.phase = shifter.phase.value
        todo!("MIG0207 python/gearbox.py:95: shifter.phase.value");
        gear_status.ratio = ratio_of(self.shifter.gear)
            .ok_or("python/gearbox.py:96: KeyError (`RATIO` has no such key)")?
            as f32;
        gear_status.shifts = u32::try_from(self.shifter.shifts)
            .map_err(|_| "python/gearbox.py:97: `shifts` leaves u32")?;
        gear_status.aborted = u32::try_from(self.shifter.aborted)
            .map_err(|_| "python/gearbox.py:98: `aborted` leaves u32")?;
        output.tov = odo.tov;
        Ok(())
    }
}

/// `RATIO[key]`
fn ratio_of(key: i64) -> Option<f64> {
    Some(match key {
        -1 => -9.0,
        0 => 0.0,
        1 => 9.0,
        2 => 4.5,
        _ => return None,
    })
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Shifter {
    gear: i64,
    wanted: i64,
    phase: i64,
    timer: i64,
    shifts: i64,
    aborted: i64,
}

impl Shifter {
    fn new() -> Self {
        Self {
            gear: Gear::NEUTRAL,
            wanted: Gear::NEUTRAL,
            phase: Phase::ENGAGED,
            timer: 0,
            shifts: 0,
            aborted: 0,
        }
    }

    fn choose(&self, speed: f64, drive: f64) -> i64 {
        if drive < -0.05 {
            // never into reverse while rolling forward
            return if speed < 0.1 {
                Gear::REVERSE
            } else {
                self.gear
            };
        }
        if drive.abs() <= 0.05 && speed.abs() < 0.05 {
            return Gear::NEUTRAL;
        }
        if self.gear == Gear::HIGH {
            return if speed < DOWNSHIFT {
                Gear::LOW
            } else {
                Gear::HIGH
            };
        }
        if self.gear == Gear::LOW && speed > UPSHIFT {
            return Gear::HIGH;
        }
        if drive > 0.05 && speed > -0.1 {
            return if self.gear < Gear::LOW {
                Gear::LOW
            } else {
                self.gear
            };
        }
        self.gear
    }

    fn step(&mut self, speed: f64, drive: f64, synced: bool) {
        if self.phase == Phase::ENGAGED {
            self.wanted = self.choose(speed, drive);
            if self.wanted != self.gear {
                self.phase = Phase::RELEASING;
                self.timer = RELEASE_CYCLES;
            }
        } else if self.phase == Phase::RELEASING {
            self.timer -= 1;
            if self.timer == 0 {
                self.gear = Gear::NEUTRAL;
                if self.wanted == Gear::NEUTRAL {
                    self.phase = Phase::ENGAGED;
                } else {
                    self.phase = Phase::SYNCING;
                    self.timer = SYNC_TIMEOUT;
                }
            }
        } else if self.phase == Phase::SYNCING {
            self.timer -= 1;
            if synced {
                self.phase = Phase::ENGAGING;
                self.timer = ENGAGE_CYCLES;
            } else if self.timer <= 0 {
                self.aborted += 1;
                self.wanted = Gear::NEUTRAL;
                self.phase = Phase::ENGAGED;
            }
        } else {
            self.timer -= 1;
            if self.timer == 0 {
                self.gear = self.wanted;
                self.phase = Phase::ENGAGED;
                self.shifts += 1;
            }
        }
    }
}
