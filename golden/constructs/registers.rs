//! Ints of fixed width: counters that wrap, checksums, scaled values; what rounds and divides.
//!
//! Translated by migrate 0.1.0 from `registers.py`: 56 of 56 statements.
//! Warning MIG0301 line 71: `counter` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "registers", script = "registers.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "9b111c2017dbcf58", seal = "60b64ec5633d203d"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const WRAP: i64 = 1 << 16;
const SEED: i64 = 0xFFFF;

#[derive(Debug, Reflect)]
pub struct Registers {
    state: DriveState,
    counter: Counter,
}

impl Freezable for Registers {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.counter, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.counter = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Registers {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            counter: Counter::new(),
        })
    }

    fn start(&mut self, ctx: &CuContext) -> CuResult<()> {
        let state = &mut self.state;
        state.started_ns = ctx.now().as_nanos();
        self.counter.ticks = 0;
        self.counter.total = 0;
        Ok(())
    }

    fn process(
        &mut self,
        ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, measured) = *input;
        let (drive, alarm) = output;
        let (Some(goal_payload), Some(measured_payload)) = (goal.payload(), measured.payload())
        else {
            return Ok(());
        };
        let ticks = whole(f64::from(measured_payload.speed) * 100.0)? & 0xFFFF;
        self.counter.total = self
            .counter
            .total
            .checked_add(unwrapped(ticks, self.counter.ticks))
            .ok_or("registers.py:89: `total` leaves i64")?;
        self.counter.ticks = ticks;

        let dividend = (ctx.now().as_nanos() / 1_000_000) as i64;
        let seconds = dividend / 1000;
        let millis = dividend % 1000;
        let near = measured_payload
            .ranges
            .iter()
            .filter(|&&r| f64::from(r) > 0.1)
            .map(|&r| f64::from(r))
            .reduce(|best, x| if x < best { x } else { best })
            .unwrap_or(5.0);
        let level: i64 = if near < 0.5 {
            1
        } else if near > 4.0 {
            2
        } else {
            0
        };
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.accel = (round_digits(f64::from(goal_payload.speed), 2)
            + math2(0.5, level as f64, pow)
                .ok_or("registers.py:95: ValueError or OverflowError (math.pow)")?)
            as f32;
        drive_payload.sector = float_to_int(near.round_ties_even())
            .ok_or("registers.py:96: ValueError or OverflowError (round: no 64-bit int)")?
            .rem_euclid(8) as u8;
        if parity(modbus(&[ticks, self.counter.total])) {
            drive_payload.sector = 0;
        }
        let alarm_payload = alarm.payload_mut().get_or_insert_default();
        alarm_payload.missed = mixed(crc16(&[ticks, self.counter.total, millis])) as u32;
        alarm_payload.reason = format!(
            "{} after {seconds} s, {}%, {ticks:#06x}",
            names_of(level).ok_or("registers.py:100: KeyError (no such key, an int)")?,
            fixed_text(near / 5.0 * 100.0, 0)
        );
        Ok(())
    }

    fn stop(&mut self, _ctx: &CuContext) -> CuResult<()> {
        let state = &mut self.state;
        state.started_ns = 0;
        Ok(())
    }
}

/// `NAMES[key]`
fn names_of(key: i64) -> Option<&'static str> {
    Some(match key {
        0 => "ok",
        1 => "low",
        2 => "high",
        _ => return None,
    })
}

/// CRC-16/CCITT over 16-bit words.
fn crc16(words: &[i64; 3]) -> i64 {
    let mut crc = SEED as u32;
    for &word in words {
        crc ^= (word & 0xFFFF) as u32;
        for _ in 0..8 {
            crc = if crc & 0x8000 != 0 {
                (crc << 1) ^ 0x1021
            } else {
                crc << 1
            };
            crc &= 0xFFFF;
        }
    }
    i64::from(crc)
}

/// CRC-16 of the low bytes, as Modbus computes it.
fn modbus(words: &[i64; 2]) -> i64 {
    let mut crc = SEED as u16;
    for &word in words {
        crc ^= (word & 0xFF) as u16;
        for _ in 0..8 {
            if crc & 1 != 0 {
                crc = (crc >> 1) ^ 0xA001;
            } else {
                crc >>= 1;
            }
        }
    }
    i64::from(crc)
}

/// Whether an odd number of the low 32 bits are set.
fn parity(word: i64) -> bool {
    let mut left = (word & 0xFFFFFFFF) as u32;
    let mut odd: i64 = 0;
    while left != 0 {
        odd ^= i64::from(left & 1);
        left >>= 1;
    }
    odd == 1
}

/// How far a 16-bit counter went, either way.
fn unwrapped(new: i64, old: i64) -> i64 {
    let step = (new - old) & 0xFFFF;
    if step >> 15 != 0 { step - WRAP } else { step }
}

/// A hash of 32 bits, as in C.
fn mixed(value: i64) -> i64 {
    let mut value = (value * 2654435761) & 0xFFFFFFFF;
    value ^= value >> 16;
    value & !1
}

/// An int of a float; a NaN and an infinity have none.
fn whole(x: f64) -> CuResult<i64> {
    let whole = x.trunc();
    if !whole.is_finite() {
        return Ok(0);
    }
    Ok(float_to_int(whole).ok_or("registers.py:60: an int leaves 64 bits")?)
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Counter {
    ticks: i64,
    total: i64,
}

impl Counter {
    fn new() -> Self {
        Self { ticks: 0, total: 0 }
    }
}

/// A whole float as an int: `None` for NaN, an infinity, or what leaves 64 bits.
fn float_to_int(whole: f64) -> Option<i64> {
    (whole >= i64::MIN as f64 && whole < i64::MAX as f64).then_some(whole as i64)
}

/// Python's `round(x, digits)`: correctly rounded decimals, ties to even.
fn round_digits(x: f64, digits: usize) -> f64 {
    use std::io::Write;
    // More digits change nothing, as CPython has it; the text needs 1 + 309 + 1 + 323 bytes.
    if !x.is_finite() || digits > 323 {
        return x;
    }
    let mut text = [0_u8; 640];
    let mut rest = &mut text[..];
    if write!(rest, "{x:.digits$}").is_err() {
        return x;
    }
    let unused = rest.len();
    let used = &text[..text.len() - unused];
    std::str::from_utf8(used)
        .ok()
        .and_then(|decimal| decimal.parse().ok())
        .unwrap_or(x)
}

/// A function of two numbers in Python's `math`, or `**`: `None` where it raises, that is
/// for a NaN from numbers and for an infinity from finite numbers.
fn math2(x: f64, y: f64, function: fn(f64, f64) -> f64) -> Option<f64> {
    let z = function(x, y);
    let raises = (z.is_nan() && !x.is_nan() && !y.is_nan())
        || (z.is_infinite() && x.is_finite() && y.is_finite());
    (!raises).then_some(z)
}

/// Python's `x ** y`: the C library's `pow` in every build; with a known exponent `powf` is
/// another computation in release builds.
fn pow(x: f64, y: f64) -> f64 {
    std::hint::black_box(x).powf(std::hint::black_box(y))
}

/// Python's `f"{x:.{digits}f}"`.
fn fixed_text(x: f64, digits: usize) -> String {
    if x.is_nan() {
        "nan".to_string()
    } else {
        format!("{x:.digits$}")
    }
}
