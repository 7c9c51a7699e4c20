//! Ints in the bytes of messages: of either order, with and without a sign.
//!
//! Translated by migrate 0.1.0 from `byte_fields.py`: 29 of 29 statements.
//! Warning MIG0301 line 27: `cycle` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0316 line 50: `sum` of these may leave 64 bits: an error in the Rust, where Python
//! goes on.
//! migrate: task = "byte_fields", script = "byte_fields.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "f6369d2c491221cf", seal = "8fa7c7fe3d4fce21"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct ByteFields {
    state: DriveState,
    cycle: i64,
    key: Vec<u8>,
}

impl Freezable for ByteFields {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.cycle, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.cycle = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for ByteFields {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            cycle: 0,
            key: b"\x0f\xf0\xaa".to_vec(),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, meas) = *input;
        let (drive, alarm) = output;
        let state = &mut self.state;
        self.cycle += 200;
        let mut speed: i64 = 0;
        if let Some(goal_payload) = goal.payload() {
            speed = ((-9000.0_f64).max(9000.0_f64.min(f64::from(goal_payload.speed))) * 1000.0)
                .trunc() as i64;
        }
        let payload = match position(self.cycle, -473977418 + self.cycle, speed) {
            Ok(value) => value,
            Err(Raised::OverflowError(_, error)) => {
                state.missed = state
                    .missed
                    .checked_add(1)
                    .ok_or("byte_fields.py:41: `missed` leaves u32")?;
                let alarm_payload = alarm.payload_mut().get_or_insert_default();
                alarm_payload.reason = format!("{error}: {speed}");
                alarm_payload.missed = state.missed;
                return Ok(());
            }
        };
        let fix = decode(&payload)?;
        let mut masked: Vec<u8> = Vec::new();
        for (i, &b) in payload.iter().enumerate() {
            masked.push(
                b ^ self.key[index(
                    modulo(i as i64, self.key.len() as i64)
                        .ok_or("byte_fields.py:46: ZeroDivisionError: integer modulo by zero")?,
                    self.key.len(),
                )
                .ok_or("byte_fields.py:46: IndexError: index out of range")?],
            );
        }
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.accel = (fix.lat + fix.speed) as f32;
        drive_payload.sector = u8::try_from(
            fix.sats
                .checked_add(fix.itow.div_euclid(200).rem_euclid(8))
                .ok_or("byte_fields.py:48: `sector` leaves u8")?,
        )
        .map_err(|_| "byte_fields.py:48: `sector` leaves u8")?;
        if let Some(measured) = meas.payload()
            && measured.speed > 1.0
        {
            let checked = words(&masked)
                .iter()
                .try_fold(0_i64, |sum: i64, &x| sum.checked_add(x))
                .ok_or("byte_fields.py:50: an int leaves 64 bits")?
                & 0xFFFF;
            let tail = (checked as u16).to_be_bytes().to_vec();
            alarm.payload_mut().get_or_insert_default().reason =
                [masked.as_slice(), tail.as_slice()]
                    .concat()
                    .iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect::<String>()
                    .to_uppercase();
        }
        Ok(())
    }
}

/// What is raised in Python: where, and what it says.
#[derive(Debug)]
enum Raised {
    OverflowError(&'static str, String),
}

impl From<Raised> for CuError {
    fn from(raised: Raised) -> Self {
        match raised {
            Raised::OverflowError(at, message) => format!("{at}: OverflowError: {message}").into(),
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct DecodeObject {
    itow: i64,
    sats: i64,
    lat: f64,
    speed: f64,
}

fn position(itow: i64, lat: i64, speed: i64) -> Result<Vec<u8>, Raised> {
    let mut payload = [
        u32::try_from(itow)
            .map_err(|_| {
                Raised::OverflowError("byte_fields.py:7", "int too big to convert".into())
            })?
            .to_le_bytes()
            .as_slice(),
        &[3, 12],
    ]
    .concat();
    payload.extend_from_slice(
        &i32::try_from(lat)
            .map_err(|_| {
                Raised::OverflowError("byte_fields.py:8", "int too big to convert".into())
            })?
            .to_le_bytes(),
    );
    payload.extend_from_slice(&int_to_bytes(i128::from(speed), 3, true).ok_or_else(|| {
        Raised::OverflowError("byte_fields.py:9", "int too big to convert".into())
    })?);
    Ok(payload)
}

fn decode(payload: &[u8]) -> CuResult<DecodeObject> {
    Ok(DecodeObject {
        itow: payload[..payload.len().min(4)]
            .iter()
            .rev()
            .fold(0_i64, |int, &byte| (int << 8) | i64::from(byte)),
        sats: i64::from(
            *payload
                .get(5)
                .ok_or("byte_fields.py:14: IndexError: index out of range")?,
        ),
        lat: int_from_bytes(
            payload[payload.len().min(6)..payload.len().min(10)]
                .iter()
                .rev()
                .copied(),
        )
        .ok_or("byte_fields.py:14: an int leaves 64 bits")? as f64
            * 1e-7,
        speed: int_true_div(
            int_from_bytes(payload[payload.len().min(10)..].iter().copied())
                .ok_or("byte_fields.py:14: an int leaves 64 bits")?,
            1000,
        )
        .ok_or("byte_fields.py:14: ZeroDivisionError: division by zero")?,
    })
}

/// The 16 bit words of some bytes.
fn words(data: &[u8]) -> Vec<i64> {
    (0..data.len())
        .step_by(2)
        .map(|i| {
            data.get(i.min(data.len())..(i + 2).min(data.len()))
                .unwrap_or_default()
                .iter()
                .fold(0_i64, |int, &byte| (int << 8) | i64::from(byte))
        })
        .collect()
}

/// Python's `a % b` on ints: the sign is `b`'s. `None` where it raises.
fn modulo(a: i64, b: i64) -> Option<i64> {
    if b == 0 {
        return None;
    }
    let rest = a.wrapping_rem(b);
    Some(if rest != 0 && (rest < 0) != (b < 0) {
        rest + b
    } else {
        rest
    })
}

/// Python's `a / b` on ints, correctly rounded: `None` where it raises a ZeroDivisionError.
fn int_true_div(a: i64, b: i64) -> Option<f64> {
    if b == 0 {
        return None;
    }
    // 64 bits of quotient, more than a double keeps; the last one stands for the rest.
    let (size, divisor) = (u128::from(a.unsigned_abs()), u128::from(b.unsigned_abs()));
    let shift = 64 + size.max(1).leading_zeros() - divisor.leading_zeros();
    let shifted = size << shift;
    let sticky = u128::from(shifted % divisor != 0);
    let quotient = ((shifted / divisor) | sticky) as f64 / (1_u128 << shift) as f64;
    Some(if (a < 0) != (b < 0) {
        -quotient
    } else {
        quotient
    })
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

/// Python's `int.from_bytes(data, "big", signed=True)`: `None` beyond 64 bits.
fn int_from_bytes(data: impl Iterator<Item = u8>) -> Option<i64> {
    let mut data = data.peekable();
    let sign = if data.peek().is_some_and(|first| *first >= 0x80) {
        -1_i64
    } else {
        0
    };
    data.try_fold(sign, |int, byte| {
        int.checked_mul(256)?.checked_add(i64::from(byte))
    })
}

/// Python's `n.to_bytes(length, "big", signed=signed)`: `None` where it raises.
fn int_to_bytes(n: i128, length: usize, signed: bool) -> Option<Vec<u8>> {
    let sign = if n < 0 { 0xFF } else { 0 };
    let all = n.to_be_bytes();
    let surplus = all.len().saturating_sub(length);
    let (above, own) = all.split_at(surplus);
    let mut bytes = vec![sign; length - own.len()];
    bytes.extend_from_slice(own);
    let fits = above.iter().all(|byte| *byte == sign);
    let same_sign = match bytes.first() {
        Some(first) => (*first >= 0x80) == (n < 0),
        None => n == 0 || n == -1,
    };
    let sign_fits = if signed { same_sign } else { n >= 0 };
    (fits && sign_fits).then_some(bytes)
}
