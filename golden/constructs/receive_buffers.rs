//! A buffer that bytes come into, one by one or in chunks, and a bank of registers.
//!
//! Translated by migrate 0.1.0 from `receive_buffers.py`: 63 of 63 statements.
//! Warning MIG0316 line 57: `sum` of these may leave 64 bits: an error in the Rust, where Python
//! goes on.
//! Warning MIG0301 line 61: `registers` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 62: `parser` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 63: `waiting` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "receive_buffers", script = "receive_buffers.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "5c0b1b82da4d3c4d", seal = "b7eaf3b921327609"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const SYNC: &[u8; 2] = b"\xb5b";

#[derive(Debug, Reflect)]
pub struct ReceiveBuffers {
    state: DriveState,
    registers: Registers,
    parser: Parser,
    waiting: Vec<u8>,
}

impl Freezable for ReceiveBuffers {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.registers, encoder)?;
        Encode::encode(&self.parser, encoder)?;
        Encode::encode(&self.waiting, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.registers = Decode::decode(decoder)?;
        self.parser = Decode::decode(decoder)?;
        self.waiting = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for ReceiveBuffers {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            registers: Registers::new(16)?,
            parser: Parser::new(),
            waiting: Vec::new(),
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
        let mut state = self.state.clone();
        if let Some(measured) = meas.payload() {
            let mut values: Vec<i64> = Vec::new();
            for &r in &measured.ranges {
                values.push(float_to_int(f64::from(r).abs().trunc()).ok_or(
                    "receive_buffers.py:69: ValueError or OverflowError (int: no 64-bit int)",
                )?);
            }
            'tried: {
                let error;
                'failed: {
                    self.waiting.extend_from_slice(
                        &(match frame(&values) {
                            Ok(value) => value,
                            Err(Raised::ValueError(_, text)) => {
                                error = text;
                                break 'failed;
                            }
                            Err(error) => {
                                return Err(error.into());
                            }
                        }),
                    );
                    break 'tried;
                }
                self.waiting.clear();
                state.missed = state
                    .missed
                    .checked_add(1)
                    .ok_or("receive_buffers.py:74: `missed` leaves u32")?;
                alarm.payload_mut().get_or_insert_default().reason =
                    format!("{error} after {}", self.parser.dropped);
            }
        }
        let chunk = self.waiting[..self.waiting.len().min(5)].to_vec();
        let end = 5_usize.min(self.waiting.len());
        self.waiting.drain(..end);
        for body in &self.parser.feed(&chunk)? {
            self.registers.write(4, body)?;
            self.registers.set_bit(3, 2, body.len() > 2)?;
        }
        if let Some(goal_payload) = goal.payload() {
            if let Ok(value) = u8::try_from(
                (-2.0_f64)
                    .max(300.0_f64.min(f64::from(goal_payload.speed)))
                    .trunc() as i64,
            ) {
                *self
                    .registers
                    .mem
                    .get_mut(1)
                    .ok_or("receive_buffers.py:83: IndexError: bytearray index out of range")? =
                    value;
            } else {
                let error = "byte must be in range(0, 256)";
                let alarm_payload = alarm.payload_mut().get_or_insert_default();
                alarm_payload.reason = error.to_string();
                alarm_payload.missed = u32::try_from(self.parser.dropped)
                    .map_err(|_| "receive_buffers.py:86: `missed` leaves u32")?;
            }
        }
        let values_3 = self.registers.read(4, 2);
        let &[hi, lo] = values_3.as_slice() else {
            return Err("receive_buffers.py:87: ValueError (not 2 values to unpack)".into());
        };
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.accel = ((i64::from(hi) << 8) | i64::from(lo)) as f64 as f32;
        drive_payload.sector = *self
            .registers
            .mem
            .get(3)
            .ok_or("receive_buffers.py:89: IndexError: bytearray index out of range")?
            ^ *self
                .registers
                .mem
                .get(1)
                .ok_or("receive_buffers.py:89: IndexError: bytearray index out of range")?;
        if self.waiting.len() > 20 {
            self.waiting
                .pop()
                .ok_or("receive_buffers.py:91: IndexError: pop from empty bytearray")?;
            let end_2 = 2_usize.min(self.waiting.len());
            self.waiting.splice(..end_2, b"\x00".to_vec());
            alarm.payload_mut().get_or_insert_default().reason = format!(
                "{} bytearray({})",
                self.waiting
                    .iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect::<String>(),
                bytes_repr(&self.parser.buf)
            );
        }
        self.state = state;
        Ok(())
    }
}

/// What is raised in Python: where, and what it says.
#[derive(Debug)]
enum Raised {
    ValueError(&'static str, String),
    /// No exception of Python.
    NotPython(CuError),
}

impl From<Raised> for CuError {
    fn from(raised: Raised) -> Self {
        match raised {
            Raised::ValueError(at, message) => format!("{at}: ValueError: {message}").into(),
            Raised::NotPython(error) => error,
        }
    }
}

impl From<CuError> for Raised {
    fn from(error: CuError) -> Self {
        Raised::NotPython(error)
    }
}

impl From<&str> for Raised {
    fn from(text: &str) -> Self {
        Raised::NotPython(text.into())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Registers {
    mem: Vec<u8>,
}

impl Registers {
    fn new(count: i64) -> CuResult<Self> {
        let mut mem: Vec<u8> = vec![0_u8; count as usize];
        *mem.get_mut(2)
            .ok_or("receive_buffers.py:9: IndexError: bytearray index out of range")? = 0xEE;
        Ok(Self { mem })
    }

    fn write(&mut self, at: i64, data: &[u8]) -> CuResult<()> {
        for (k, &byte) in data.iter().enumerate() {
            *self
                .mem
                .get_mut(((at + k as i64) & 0x0F) as usize)
                .ok_or("receive_buffers.py:13: IndexError: bytearray index out of range")? = byte;
        }
        Ok(())
    }

    fn read(&self, _at: i64, _count: i64) -> Vec<u8> {
        self.mem[self.mem.len().min(4)..self.mem.len().min(6)].to_vec()
    }

    fn set_bit(&mut self, at: i64, bit: i64, on: bool) -> CuResult<()> {
        if on {
            *self
                .mem
                .get_mut(at as usize)
                .ok_or("receive_buffers.py:20: IndexError: bytearray index out of range")? |=
                (1_i64 << bit as u32) as u8;
        } else {
            *self
                .mem
                .get_mut(at as usize)
                .ok_or("receive_buffers.py:22: IndexError: bytearray index out of range")? &=
                (!(1_i64 << bit as u32) & 0xFF) as u8;
        }
        *self
            .mem
            .get_mut(at as usize)
            .ok_or("receive_buffers.py:23: IndexError: bytearray index out of range")? ^= 0x80;
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Parser {
    buf: Vec<u8>,
    dropped: i64,
}

impl Parser {
    fn new() -> Self {
        Self {
            buf: Vec::new(),
            dropped: 0,
        }
    }

    /// The payloads that are whole now.
    fn feed(&mut self, chunk: &[u8]) -> CuResult<Vec<Vec<u8>>> {
        self.buf.extend_from_slice(chunk);
        let mut out: Vec<Vec<u8>> = Vec::new();
        loop {
            let start = self
                .buf
                .windows(2)
                .position(|x| x == SYNC)
                .map_or(-1, |at| at as i64);
            if start < 0 {
                self.dropped = self
                    .dropped
                    .checked_add(self.buf.len() as i64)
                    .ok_or("receive_buffers.py:38: `dropped` leaves i64")?;
                self.buf.clear();
                return Ok(out);
            }
            if start != 0 {
                self.dropped = self
                    .dropped
                    .checked_add(start)
                    .ok_or("receive_buffers.py:42: `dropped` leaves i64")?;
                let end_2 = (start as usize).min(self.buf.len());
                self.buf.drain(..end_2);
            }
            if self.buf.len() < 4
                || (self.buf.len() as i64)
                    < i64::from(
                        *self.buf.get(2).ok_or(
                            "receive_buffers.py:44: IndexError: bytearray index out of range",
                        )?,
                    ) + 4
            {
                return Ok(out);
            }
            let end = i64::from(
                *self
                    .buf
                    .get(2)
                    .ok_or("receive_buffers.py:46: IndexError: bytearray index out of range")?,
            ) + 3;
            let body = self.buf[self.buf.len().min(3)..(end as usize).min(self.buf.len())].to_vec();
            if body.iter().map(|&x| i64::from(x)).sum::<i64>() & 0xFF
                == i64::from(
                    *self
                        .buf
                        .get(end as usize)
                        .ok_or("receive_buffers.py:48: IndexError: bytearray index out of range")?,
                )
            {
                out.push(body.clone());
            }
            self.buf = self.buf[((end + 1) as usize).min(self.buf.len())..].to_vec();
        }
    }
}

fn frame(values: &[i64]) -> Result<Vec<u8>, Raised> {
    let mut data = SYNC.to_vec();
    data.push(u8::try_from(values.len()).map_err(|_| {
        Raised::ValueError(
            "receive_buffers.py:55",
            "byte must be in range(0, 256)".into(),
        )
    })?);
    data.extend(
        values
            .iter()
            .map(|&x| u8::try_from(x))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| {
                Raised::ValueError(
                    "receive_buffers.py:56",
                    "byte must be in range(0, 256)".into(),
                )
            })?,
    );
    data.push(
        (values
            .iter()
            .try_fold(0_i64, |sum: i64, &x| sum.checked_add(x))
            .ok_or("receive_buffers.py:57: an int leaves 64 bits")?
            & 0xFF) as u8,
    );
    Ok(data)
}

/// A whole float as an int: `None` for NaN, an infinity, or what leaves 64 bits.
fn float_to_int(whole: f64) -> Option<i64> {
    (whole >= i64::MIN as f64 && whole < i64::MAX as f64).then_some(whole as i64)
}

/// Python's `repr(data)` of `bytes`.
fn bytes_repr(data: &[u8]) -> String {
    let quote = if data.contains(&b'\'') && !data.contains(&b'"') {
        '"'
    } else {
        '\''
    };
    let mut out = format!("b{quote}");
    for &byte in data {
        match byte {
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            b'\\' => out.push_str("\\\\"),
            _ if char::from(byte) == quote => out.extend(['\\', quote]),
            b' '..=b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push(quote);
    out
}
