//! Tuples of a known length, sets in no order, tables of lists.
//!
//! Translated by migrate 0.1.0 from `sequences.py`: 32 of 32 statements.
//! Warning MIG0301 line 30: `calibration` lives outside `state`: Copper's keyframes did not hold
//! it; here it is frozen with the task.
//! Warning MIG0316 line 51: `sum` of these may leave 64 bits: an error in the Rust, where Python
//! goes on.
//! migrate: task = "sequences", script = "sequences.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "6fabecad621cbad8", seal = "3d941b3eadba54df"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::BTreeSet;

const ZERO: [f64; 3] = [0.0, 0.0, 0.0];
const ORDER: [&str; 3] = ["walk", "trot", "bound"];

#[derive(Debug, Reflect)]
pub struct Sequences {
    state: DriveState,
    calibration: Calibration,
}

impl Freezable for Sequences {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.calibration, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.calibration = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Sequences {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            calibration: Calibration::new(),
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
        let state = &self.state;
        let (Some(goal_payload), Some(measured_payload)) = (goal.payload(), measured.payload())
        else {
            return Ok(());
        };
        let sample = (
            f64::from(measured_payload.ranges[0]),
            f64::from(measured_payload.ranges[1]),
            f64::from(measured_payload.ranges[2]),
        );
        self.calibration.feed(sample)?;
        let items = self.calibration.apply(sample);
        let shifted = (items.0, items.1, items.2, f64::from(goal_payload.speed));
        self.calibration.request(i64::from(state.missed % 3));
        let free = &(0..3).collect::<BTreeSet<_>>() - &self.calibration.active;
        let least = [shifted.0, shifted.1, shifted.2, shifted.3]
            .into_iter()
            .enumerate()
            .map(|(i, v)| (v, i as i64))
            .reduce(|best, x| if x < best { x } else { best })
            .ok_or("sequences.py:47: ValueError: min() arg is an empty sequence")?;
        let values = (shifted.0, shifted.1);
        let rows: Vec<[f64; 2]> = [values.0, values.1]
            .into_iter()
            .map(|v| [v, v + 1.0])
            .collect();
        let gains = gains_of(if goal_payload.speed > 1.0 {
            "fast"
        } else {
            "off"
        })
        .ok_or("sequences.py:49: KeyError (no such key, a str)")?
        .to_vec();
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.accel =
            (det(&rows)? + shifted.3 + least.0 + gains.iter().fold(0.0, |sum, &x| sum + x)) as f32;
        drive_payload.sector = u8::try_from(
            (ORDER
                .iter()
                .position(|&x| x == "trot")
                .ok_or("sequences.py:51: ValueError (the value is not in the list)")?
                as i64)
                .checked_add(
                    free.iter()
                        .try_fold(0_i64, |sum: i64, &x| sum.checked_add(x))
                        .ok_or("sequences.py:51: an int leaves 64 bits")?,
                )
                .ok_or("sequences.py:51: `sector` leaves u8")?,
        )
        .map_err(|_| "sequences.py:51: `sector` leaves u8")?;
        alarm.payload_mut().get_or_insert_default().missed = u32::try_from(
            self.calibration.steps.len() as i64 + i64::from(free.iter().any(|&i| i > 1)),
        )
        .map_err(|_| "sequences.py:52: `missed` leaves u32")?;
        Ok(())
    }
}

/// `GAINS[key]`
fn gains_of(key: &str) -> Option<&'static [f64]> {
    Some(match key {
        "slow" => &[0.1, 0.2],
        "fast" => &[1.0, 2.0, 3.0],
        "off" => &[],
        _ => return None,
    })
}

/// `STEPS[key]`
fn steps_of(key: i64) -> Option<&'static [i64]> {
    Some(match key {
        1 => &[4, 2],
        2 => &[8],
        _ => return None,
    })
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Calibration {
    lows: Vec<f64>,
    highs: [f64; 3],
    offset: (f64, f64, f64),
    active: BTreeSet<i64>,
    steps: Vec<i64>,
}

impl Calibration {
    fn new() -> Self {
        Self {
            lows: vec![1e9; 3],
            highs: [-1e9; 3],
            offset: <(f64, f64, f64)>::from(ZERO),
            active: BTreeSet::new(),
            steps: Vec::new(),
        }
    }

    fn feed(&mut self, sample: (f64, f64, f64)) -> CuResult<()> {
        self.lows = self
            .lows
            .iter()
            .zip([sample.0, sample.1, sample.2])
            .map(|(&a, b)| if b < a { b } else { a })
            .collect();
        self.offset = (
            (self.highs[0] + sample.0) / 2.0,
            (self.highs[1] + sample.1) / 2.0,
            (self.highs[2] + sample.2) / 2.0,
        );
        let mut keep: BTreeSet<i64> = BTreeSet::new();
        for &i in &self.active {
            if [sample.0, sample.1, sample.2]
                [index(i, 3).ok_or("sequences.py:20: IndexError: tuple index out of range")?]
                > 0.0
            {
                keep.insert(i);
            }
        }
        self.active = &keep
            | &[sample.0, sample.1, sample.2]
                .into_iter()
                .enumerate()
                .filter(|&(_, v)| v > 1.0)
                .map(|(i, _)| i as i64)
                .collect::<BTreeSet<_>>();
        Ok(())
    }

    fn apply(&self, sample: (f64, f64, f64)) -> (f64, f64, f64) {
        (
            sample.0 - self.offset.0,
            sample.1 - self.offset.1,
            sample.2 - self.offset.2,
        )
    }

    fn request(&mut self, step: i64) {
        self.steps = steps_of(step).unwrap_or(&[step]).to_vec();
    }
}

fn det(m: &[[f64; 2]]) -> CuResult<f64> {
    let &[[a, b], [c, d]] = m else {
        return Err("sequences.py:34: ValueError (not 2 values to unpack)".into());
    };
    Ok(a * d - b * c)
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
