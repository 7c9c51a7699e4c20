//! Translated by migrate 0.1.0 from `named_tuples.py`: 23 of 23 statements.
//! Warning MIG0301 line 21: `visits` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0316 line 43: `total` may leave 64 bits: an error in the Rust, where Python goes on.
//! migrate: task = "named_tuples", script = "named_tuples.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "0240fc997dddc159", seal = "f8db13c27bc6d1e7"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::BTreeMap;

const LIMITS: Limits = Limits {
    low: -1.0,
    high: 1.0,
};
const HOME: Cell = Cell { row: 0, col: 0 };

#[derive(Debug, Reflect)]
pub struct NamedTuples {
    state: DriveState,
    visits: BTreeMap<Cell, i64>,
}

impl Freezable for NamedTuples {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.visits, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.visits = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for NamedTuples {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            visits: BTreeMap::new(),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (_goal, measured) = *input;
        let (drive, alarm) = output;
        let mut state = self.state.clone();
        let Some(measured_payload) = measured.payload() else {
            return Ok(());
        };
        let Sample { value, valid } = read(measured_payload).scaled(0.5);
        if valid {
            drive.payload_mut().get_or_insert_default().accel =
                LIMITS.low.max(LIMITS.high.min(value)) as f32;
        }
        let cell = Cell {
            row: i64::from(state.missed % 4),
            col: i64::from(state.missed % 3),
        };
        let value_2 = self
            .visits
            .get(&cell)
            .copied()
            .unwrap_or(0)
            .checked_add(1)
            .ok_or("named_tuples.py:38: an int leaves 64 bits")?;
        self.visits.insert(cell, value_2);
        if cell == HOME || cell > (Cell { row: 2, col: 2 }) {
            state.missed = state
                .missed
                .checked_add(1)
                .ok_or("named_tuples.py:40: `missed` leaves u32")?;
        }
        let mut total: i64 = 0;
        for part in [cell.row, cell.col] {
            total = total
                .checked_add(part)
                .ok_or("named_tuples.py:43: an int leaves 64 bits")?;
        }
        alarm.payload_mut().get_or_insert_default().reason = format!(
            "{} ({}, {}) {} {total}",
            cell.to_repr(),
            str_repr("row"),
            str_repr("col"),
            2
        );
        self.state = state;
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Cell {
    row: i64,
    col: i64,
}

impl Cell {
    fn to_repr(self) -> String {
        format!("Cell(row={}, col={})", self.row, self.col)
    }
}

#[derive(Debug, Clone, Copy)]
struct Limits {
    low: f64,
    high: f64,
}

/// A sample of the sensor.
#[derive(Debug, Clone, Copy)]
struct Sample {
    value: f64,
    valid: bool,
}

impl Sample {
    fn scaled(&self, factor: f64) -> Self {
        Self {
            value: self.value * factor,
            ..*self
        }
    }
}

fn read(measured: &Measured) -> Sample {
    if measured.speed < 0.0 {
        return Sample {
            value: 0.0,
            valid: false,
        };
    }
    Sample {
        value: f64::from(measured.speed),
        valid: true,
    }
}

/// Python's `repr(text)`.
fn str_repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut out = String::from(quote);
    for c in text.chars() {
        // What Rust does not print as it is, behind another character, Python does not either.
        let printable = c.is_ascii_graphic() || format!(" {c}").escape_debug().count() == 2;
        match (c, u32::from(c)) {
            ('\n', _) => out.push_str("\\n"),
            ('\r', _) => out.push_str("\\r"),
            ('\t', _) => out.push_str("\\t"),
            ('\\', _) => out.push_str("\\\\"),
            _ if c == quote => out.extend(['\\', c]),
            ('"' | '\'', _) => out.push(c),
            _ if printable => out.push(c),
            (_, code @ ..=0xff) => out.push_str(&format!("\\x{code:02x}")),
            (_, code @ ..=0xffff) => out.push_str(&format!("\\u{code:04x}")),
            (_, code) => out.push_str(&format!("\\U{code:08x}")),
        }
    }
    out.push(quote);
    out
}
