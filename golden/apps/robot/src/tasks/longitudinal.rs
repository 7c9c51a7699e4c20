//! Longitudinal control of the autonomous mode: feed-forward with a slow correction.
//!
//! Translated by migrate 0.1.0 from `python/longitudinal.py`: 85 of 85 statements.
//! Warning MIG0301 line 100: `lc` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "longitudinal", script = "python/longitudinal.py", mode = "embedded"
//! migrate: state = "crate::states::LongitudinalState", source = "4aba15d1c53a1daf", seal = "c068483de0808546"

use crate::messages::{Attitude, Effort, LongDebug, LongPhase, Odometry, Plan};
use crate::states::LongitudinalState;
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const DT: f64 = 0.01;
const G: f64 = 9.81;
const MASS: f64 = 38.0; // kg
const ROLLING: f64 = 0.018;
const DRAG: f64 = 0.9;
const STOP_SPEED: f64 = 0.05;
const START_ACCEL: f64 = 0.6;
const STOP_RATE: f64 = 0.8; // m/s^3
const K_V_BP: [f64; 4] = [0.0, 0.5, 1.5, 2.5];
const K_V: [f64; 4] = [1.8, 1.4, 1.0, 0.8];
const K_I: f64 = 0.25;

#[derive(Debug, Reflect)]
pub struct Longitudinal {
    state: LongitudinalState,
    lc: LongControl,
}

impl Freezable for Longitudinal {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state.plan_age, encoder)?;
        Encode::encode(&self.state.v_target, encoder)?;
        Encode::encode(&self.state.a_target, encoder)?;
        Encode::encode(&self.state.active, encoder)?;
        Encode::encode(&self.lc, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state.plan_age = Decode::decode(decoder)?;
        self.state.v_target = Decode::decode(decoder)?;
        self.state.a_target = Decode::decode(decoder)?;
        self.state.active = Decode::decode(decoder)?;
        self.lc = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Longitudinal {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Plan, Odometry, Attitude);
    type Output<'m> = output_msg!(Effort, LongDebug);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: LongitudinalState::default(),
            lc: LongControl::new(-2.0, 1.5),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (plan, odo, att) = *input;
        let (effort, debug) = output;
        let mut state = self.state.clone();
        let mut a_target = f64::from(state.a_target);
        let mut v_target = f64::from(state.v_target);
        let pitch = att
            .payload()
            .map_or(0.0, |attitude| f64::from(attitude.pitch));
        let v = odo.payload().map_or(0.0, |odometry| f64::from(odometry.v));

        // a plan is good for a few cycles
        if let Some(plan_payload) = plan.payload() {
            state.plan_age = 0;
            v_target = f64::from(plan_payload.speed);
            state.v_target = v_target as f32;
            a_target = f64::from(plan_payload.accel);
            state.a_target = a_target as f32;
            state.active = plan_payload.active;
        } else {
            state.plan_age = state
                .plan_age
                .checked_add(1)
                .ok_or("python/longitudinal.py:115: `plan_age` leaves u32")?;
        }
        let active = state.active && state.plan_age <= 20;

        let accel = self.lc.update(active, v, a_target, v_target)?;
        let effort_payload = effort.payload_mut().get_or_insert_default();
        effort_payload.accel = accel as f32;
        effort_payload.force = if active {
            force_for(accel, v, -pitch)? as f32
        } else {
            0.0
        };
        let effort_tov = odo.tov;

        let mut debug_tov = debug.tov;
        if self.lc.state != LongState::Off {
            let long_debug = debug.payload_mut().get_or_insert_default();
            long_debug.state = match self.lc.state.value() {
                "off" => LongPhase::Off,
                "stopping" => LongPhase::Stopping,
                "starting" => LongPhase::Starting,
                "tracking" => LongPhase::Tracking,
                _ => {
                    return Err(
                        "python/longitudinal.py:125: no variant of `LongPhase` for `state`".into(),
                    );
                }
            };
            long_debug.correction = self.lc.correction as f32;
            debug_tov = odo.tov;
        }
        self.state = state;
        effort.tov = effort_tov;
        debug.tov = debug_tov;
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum LongState {
    Off,
    Stopping,
    Starting,
    Tracking,
}

impl LongState {
    /// The member's value.
    fn value(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Stopping => "stopping",
            Self::Starting => "starting",
            Self::Tracking => "tracking",
        }
    }
}

fn clip(x: f64, lo: f64, hi: f64) -> f64 {
    lo.max(if hi < x { hi } else { x })
}

fn interp(x: f64, xp: &[f64; 4], fp: &[f64; 4]) -> CuResult<f64> {
    if x <= xp[0] {
        return Ok(fp[0]);
    }
    for i in 0..3 {
        if x < xp[(i + 1) as usize] {
            let t = true_div(x - xp[i as usize], xp[(i + 1) as usize] - xp[i as usize])
                .ok_or("python/longitudinal.py:34: ZeroDivisionError: float division by zero")?;
            return Ok(fp[i as usize] + t * (fp[(i + 1) as usize] - fp[i as usize]));
        }
    }
    Ok(fp[3])
}

fn next_state(current: LongState, active: bool, v_ego: f64, v_target: f64) -> LongState {
    if !active {
        return LongState::Off;
    }
    let stopping = v_target < STOP_SPEED && v_ego < 4.0 * STOP_SPEED;
    let starting = v_target > 2.0 * STOP_SPEED;

    if current == LongState::Off {
        return if !starting {
            LongState::Stopping
        } else {
            LongState::Starting
        };
    }
    if current == LongState::Stopping && starting {
        return LongState::Starting;
    }
    if current == LongState::Starting {
        if stopping {
            return LongState::Stopping;
        }
        if v_ego > 2.0 * STOP_SPEED {
            return LongState::Tracking;
        }
    }
    if current == LongState::Tracking && stopping {
        return LongState::Stopping;
    }
    current
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct LongControl {
    lo: f64,
    hi: f64,
    state: LongState,
    correction: f64,
    last_accel: f64,
}

impl LongControl {
    fn new(limit_low: f64, limit_high: f64) -> Self {
        Self {
            lo: limit_low,
            hi: limit_high,
            state: LongState::Off,
            correction: 0.0,
            last_accel: 0.0,
        }
    }

    fn reset(&mut self) {
        self.correction = 0.0;
    }

    fn update(&mut self, active: bool, v_ego: f64, a_target: f64, v_target: f64) -> CuResult<f64> {
        self.state = next_state(self.state, active, v_ego, v_target);

        let mut accel: f64;
        if self.state == LongState::Off {
            self.reset();
            accel = 0.0;
        } else if self.state == LongState::Stopping {
            accel = self.last_accel;
            if accel > -1.0 {
                accel -= STOP_RATE * DT;
            }
            self.reset();
        } else if self.state == LongState::Starting {
            accel = START_ACCEL;
            self.reset();
        } else {
            let error = v_target - v_ego;
            self.correction = clip(self.correction + K_I * error * DT, -0.3, 0.3);
            accel = a_target + interp(v_ego, &K_V_BP, &K_V)? * error + self.correction;
        }

        self.last_accel = clip(accel, self.lo, self.hi);
        Ok(self.last_accel)
    }
}

/// Newtons at the wheels for that acceleration: inertia, slope, rolling and drag.
fn force_for(accel: f64, v: f64, pitch: f64) -> CuResult<f64> {
    let slope = MASS
        * G
        * finite_angle(pitch)
            .ok_or("python/longitudinal.py:95: ValueError: math domain error")?
            .sin();
    let rolling = if v.abs() > 1e-3 {
        ROLLING
            * MASS
            * G
            * finite_angle(pitch)
                .ok_or("python/longitudinal.py:96: ValueError: math domain error")?
                .cos()
    } else {
        0.0
    };
    Ok(MASS * accel + slope + rolling + DRAG * v * v.abs())
}

/// Python's `a / b`: `None` where it raises a ZeroDivisionError.
fn true_div(a: f64, b: f64) -> Option<f64> {
    (b != 0.0).then(|| a / b)
}

/// An angle for `math.sin` and kin: `None` where they raise, that is for an infinity.
fn finite_angle(x: f64) -> Option<f64> {
    (!x.is_infinite()).then_some(x)
}
