//! Mode manager of the robot: who may drive, and how fast.
//!
//! Translated by migrate 0.1.0 from `python/modes.py`: 54 of 54 statements.
//! Warning MIG0301 line 80: `manager` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "modes", script = "python/modes.py", mode = "embedded"
//! migrate: state = "crate::states::ModesState", source = "085a15cdee1fc3b5", seal = "6a8f3e4106ce3488"

use crate::messages::{Buttons, ModeStatus, Sticks, WatchdogStatus};
use crate::states::ModesState;
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const BUTTON_MODE: u8 = 0x02;
const BUTTON_RESET: u8 = 0x08;
const WARMUP: i64 = 100; // cycles

#[derive(Debug, Reflect)]
pub struct Modes {
    state: ModesState,
    manager: Manager,
}

impl Freezable for Modes {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state.changes, encoder)?;
        Encode::encode(&self.manager, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state.changes = Decode::decode(decoder)?;
        self.manager = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Modes {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Buttons, Sticks, WatchdogStatus);
    type Output<'m> = output_msg!(ModeStatus);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: ModesState::default(),
            manager: Manager {
                mode: Mode::Disabled,
                cycles: 0,
                faults: 0,
                reason: String::new(),
            },
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (buttons, sticks, watchdog) = *input;
        let mut state = self.state.clone();
        let Some(buttons_payload) = buttons.payload() else {
            return Ok(());
        };

        let driving = sticks.payload().is_some_and(|sticks_payload| {
            f64::from(sticks_payload.drive).abs() > 0.1
                || f64::from(sticks_payload.turn).abs() > 0.1
        });
        let ok = watchdog
            .payload()
            .is_some_and(|watchdog_status| watchdog_status.ok);
        let before = self.manager.mode;
        self.manager.step(buttons_payload, driving, ok)?;
        if self.manager.mode != before {
            state.changes = state
                .changes
                .checked_add(1)
                .ok_or("python/modes.py:93: `changes` leaves u32")?;
        }

        let limits = limits_of(self.manager.mode);
        output.set_payload(ModeStatus {
            mode: self.manager.mode.value() as u8,
            max_speed: limits.speed as f32,
            max_accel: limits.accel as f32,
            brake: limits.brake,
            reason: self.manager.reason.clone(),
            faults: u32::try_from(self.manager.faults)
                .map_err(|_| "python/modes.py:102: `faults` leaves u32")?,
        });
        output.tov = buttons.tov;
        self.state = state;
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Mode {
    Disabled,
    Manual,
    Assisted,
    Auto,
    Fault,
}

impl Mode {
    /// The member's value.
    fn value(self) -> i64 {
        match self {
            Self::Disabled => 0,
            Self::Manual => 1,
            Self::Assisted => 2,
            Self::Auto => 3,
            Self::Fault => 4,
        }
    }

    /// The member's name.
    fn name(self) -> &'static str {
        match self {
            Self::Disabled => "DISABLED",
            Self::Manual => "MANUAL",
            Self::Assisted => "ASSISTED",
            Self::Auto => "AUTO",
            Self::Fault => "FAULT",
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Limits {
    speed: f64,
    accel: f64,
    brake: bool,
}

/// `LIMITS[key]`
fn limits_of(key: Mode) -> Limits {
    match key {
        Mode::Disabled => Limits {
            speed: 0.0,
            accel: 0.0,
            brake: true,
        },
        Mode::Manual => Limits {
            speed: 1.2,
            accel: 1.5,
            brake: false,
        },
        Mode::Assisted => Limits {
            speed: 1.8,
            accel: 2.0,
            brake: false,
        },
        Mode::Auto => Limits {
            speed: 2.5,
            accel: 2.5,
            brake: false,
        },
        Mode::Fault => Limits {
            speed: 0.0,
            accel: 0.0,
            brake: true,
        },
    }
}

/// `NEXT[key]`
fn next_of(key: Mode) -> Option<Mode> {
    Some(match key {
        Mode::Manual => Mode::Assisted,
        Mode::Assisted => Mode::Auto,
        Mode::Auto => Mode::Manual,
        _ => return None,
    })
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Manager {
    mode: Mode,
    cycles: i64,
    faults: i64,
    reason: String,
}

impl Manager {
    fn enter(&mut self, mode: Mode, reason: &str) {
        if mode == self.mode {
            return;
        }
        info!("mode {} -> {} {}", self.mode.name(), mode.name(), reason);
        self.mode = mode;
        self.cycles = 0;
        self.reason = reason.to_string();
    }

    fn step(&mut self, buttons: &Buttons, driving: bool, watchdog_ok: bool) -> CuResult<()> {
        self.cycles += 1;

        // faults first, from any mode
        if buttons.estop {
            if self.mode != Mode::Fault {
                self.faults += 1;
            }
            self.enter(Mode::Fault, "estop");
            return Ok(());
        }

        if self.mode == Mode::Fault {
            if buttons.pressed & BUTTON_RESET != 0 && !driving {
                self.enter(Mode::Disabled, "reset");
            }
        } else if self.mode == Mode::Disabled {
            if self.cycles > WARMUP && watchdog_ok {
                self.enter(Mode::Manual, "");
            }
        } else if !watchdog_ok {
            self.enter(Mode::Disabled, "watchdog");
        } else if buttons.pressed & BUTTON_MODE != 0 {
            self.enter(
                next_of(self.mode).ok_or("python/modes.py:75: KeyError (no such key)")?,
                "button",
            );
        } else if self.mode == Mode::Auto && driving {
            self.enter(Mode::Manual, "override");
        }
        Ok(())
    }
}
