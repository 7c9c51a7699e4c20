//! Constants that a list at module level is taken apart into.
//!
//! Translated by migrate 0.1.0 from `unpacked_constants.py`: 17 of 17 statements.
//! migrate: task = "unpacked_constants", script = "unpacked_constants.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "e4dbde6e36f5f58b", seal = "69998b39c371f240"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct UnpackedConstants {
    state: DriveState,
    a: f64,
    b: f64,
    c: f64,
    low: i64,
    high: i64,
    first: f64,
    second: f64,
}

impl Freezable for UnpackedConstants {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for UnpackedConstants {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        let values = <[f64; 3]>::try_from(solve(&[1.0, 2.0, 4.0], &[3.0, 4.0, 5.0])?)
            .map_err(|_| "unpacked_constants.py:13: TypeError (not 3 arguments by `*`)")?;
        let a: f64 = values[0];
        let b: f64 = values[1];
        let c: f64 = values[2];
        let values_ = pair(3);
        let low: i64 = values_[0];
        let high: i64 = values_[1];
        let values__ = <[f64; 2]>::try_from({
            let mut values: Vec<f64> = Vec::new();
            for x in "0.5 0.25".split(is_space).filter(|word| !word.is_empty()) {
                values.push(parse_float(x).ok_or(
                    "unpacked_constants.py:15: ValueError (could not convert string to float)",
                )?);
            }
            values
        })
        .map_err(|_| "unpacked_constants.py:15: TypeError (not 2 arguments by `*`)")?;
        let first: f64 = values__[0];
        let second: f64 = values__[1];
        Ok(Self {
            state: DriveState::default(),
            a,
            b,
            c,
            low,
            high,
            first,
            second,
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, _meas) = *input;
        let (drive, _alarm) = output;
        let Some(goal_payload) = goal.payload() else {
            return Ok(());
        };
        drive.set_payload(Drive {
            accel: (model(
                1.0_f64.min((-1.0_f64).max(f64::from(goal_payload.speed))),
                self.a,
                self.b,
                self.c,
            ) * self.first
                - self.second) as f32,
            sector: u8::try_from(
                self.low
                    .checked_add(self.high)
                    .ok_or("unpacked_constants.py:26: `the value` leaves u8")?,
            )
            .map_err(|_| "unpacked_constants.py:28: `sector` leaves u8")?,
        });
        Ok(())
    }
}

fn solve(a: &[f64; 3], b: &[f64; 3]) -> CuResult<Vec<f64>> {
    let mut values: Vec<f64> = Vec::new();
    for (&x, &y) in b.iter().zip(a) {
        values.push(
            true_div(x, y)
                .ok_or("unpacked_constants.py:5: ZeroDivisionError: float division by zero")?,
        );
    }
    Ok(values)
}

fn pair(k: i64) -> [i64; 2] {
    [k, k + 1]
}

fn model(x: f64, a: f64, b: f64, c: f64) -> f64 {
    a + b * x + c * pow(x, 2.0)
}

/// Python's `a / b`: `None` where it raises a ZeroDivisionError.
fn true_div(a: f64, b: f64) -> Option<f64> {
    (b != 0.0).then(|| a / b)
}

/// Python's `x ** y`: the C library's `pow` in every build; with a known exponent `powf` is
/// another computation in release builds.
fn pow(x: f64, y: f64) -> f64 {
    std::hint::black_box(x).powf(std::hint::black_box(y))
}

/// Python's `float(text)`: `None` where it raises a ValueError.
fn parse_float(text: &str) -> Option<f64> {
    // The zeros of other scripts: their digits follow them.
    const ZEROS: [u32; 65] = [
        0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6,
        0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90,
        0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0,
        0xff10, 0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0,
        0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0, 0x16a60, 0x16ac0,
        0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0,
    ];
    let ascii = |c: char| match ZEROS.iter().rfind(|zero| **zero <= u32::from(c)) {
        Some(zero) => char::from_digit(u32::from(c) - zero, 10).unwrap_or(c),
        None => c,
    };
    let text: String = text.trim().chars().map(ascii).collect();
    // An underscore stands between two digits.
    let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('_') {
        if !is_digit(before.chars().next_back()) || !is_digit(after.chars().next()) {
            return None;
        }
        rest = after;
    }
    text.replace('_', "").parse().ok()
}

/// Whether Python's `c.isspace()` holds, which `strip()` and `split()` go by.
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}
