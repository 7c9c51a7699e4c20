//! Special methods that are called with values of several kinds.
//!
//! Translated by migrate 0.1.0 from `special_kinds.py`: 23 of 23 statements.
//! Warning MIG0301 line 28: `sc` lives outside `state`: Copper's keyframes did not hold it; here it
//! is frozen with the task.
//! Warning MIG0301 line 29: `mem` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "special_kinds", script = "special_kinds.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "0fd7dba8d1735407", seal = "36113fdbbf8d50ca"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct SpecialKinds {
    state: DriveState,
    sc: Scaler,
    mem: Mem,
}

impl Freezable for SpecialKinds {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.sc, encoder)?;
        Encode::encode(&self.mem, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.sc = Decode::decode(decoder)?;
        self.mem = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for SpecialKinds {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            sc: Scaler::new(2),
            mem: Mem::new(),
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
        let (Some(goal_payload), Some(measured_payload)) = (goal.payload(), measured.payload())
        else {
            return Ok(());
        };
        let name = (if goal_payload.speed > 1.0 {
            "fast"
        } else {
            "slow"
        })
        .to_string();
        let a = self.sc.call(f64::from(goal_payload.speed));
        let b = self.sc.call_2(&name);
        self.mem.set("x", f64::from(goal_payload.speed));
        let first = self.mem.log.clone();
        self.mem.set_2("y", &name);
        self.mem.set_3(3, goal_payload.speed > 2.0);
        drive.payload_mut().get_or_insert_default().accel =
            (a + self.sc.get(f64::from(measured_payload.speed)) + self.sc.get_2(&name) as f64)
                as f32;
        alarm.payload_mut().get_or_insert_default().reason = format!(
            "{b}{first}{}{}{}",
            self.mem.log,
            self.sc.show(1.5),
            self.sc.show_text("q")
        );
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Scaler {
    k: i64,
}

impl Scaler {
    fn new(k: i64) -> Self {
        Self { k }
    }

    fn call(&self, x: f64) -> f64 {
        x * self.k as f64
    }

    fn call_2(&self, x: &str) -> String {
        x.repeat(2)
    }

    fn get(&self, key: f64) -> f64 {
        key * self.k as f64
    }

    fn get_2(&self, key: &str) -> i64 {
        key.chars().count() as i64 * self.k
    }

    fn show(&self, v: f64) -> String {
        format!("<{}>", float_text(v))
    }

    fn show_text(&self, v: &str) -> String {
        format!("<{v}>")
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Mem {
    log: String,
}

impl Mem {
    fn new() -> Self {
        Self { log: String::new() }
    }

    fn set(&mut self, key: &str, value: f64) {
        self.log = format!("{key}={}", float_text(value));
    }

    fn set_2(&mut self, key: &str, value: &str) {
        self.log = format!("{key}={value}");
    }

    fn set_3(&mut self, key: i64, value: bool) {
        self.log = format!("{key}={}", if value { "True" } else { "False" });
    }
}

/// Python's `str(x)` of a float: the shortest digits that read back, as `1.0`, `1e+16`, `inf`.
fn float_text(x: f64) -> String {
    if x.is_nan() {
        return "nan".to_string();
    }
    if x.is_infinite() {
        return if x > 0.0 { "inf" } else { "-inf" }.to_string();
    }
    let shortest = format!("{x:e}");
    let digits = shortest
        .chars()
        .take_while(|c| *c != 'e')
        .filter(char::is_ascii_digit)
        .count();
    // Of two texts of that length that read back, Python takes the one nearer to `x`.
    let nearest = format!("{x:.0$e}", digits.saturating_sub(1));
    let scientific = if nearest.parse() == Ok(x) {
        nearest
    } else {
        shortest
    };
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if x != 0.0 && !(-4..16).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.abs());
    }
    let decimals = (digits as i32 - 1 - exponent).max(1) as usize;
    format!("{x:.decimals$}")
}
