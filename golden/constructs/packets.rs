//! Packets by `struct`: headers, payloads, and what does not fit.
//!
//! Translated by migrate 0.1.0 from `packets.py`: 41 of 41 statements.
//! Warning MIG0301 line 50: `registers` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "packets", script = "packets.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "c34fbfb8f2c3b370", seal = "40b14112587b6fbd"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Packets {
    state: DriveState,
    registers: Registers,
}

impl Freezable for Packets {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.registers, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.registers = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Packets {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            registers: Registers::new(),
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
        let speed = goal
            .payload()
            .map_or(0.0, |goal_payload| f64::from(goal_payload.speed));
        let x = (-40000.0_f64).max(40000.0_f64.min(speed * 10.0)).trunc() as i64;
        let body: Vec<u8>;
        'tried: {
            'failed: {
                if self.registers.simulate(x, -x, 100).is_err() {
                    break 'failed;
                }
                let Ok(value) = i16::try_from(x) else {
                    break 'failed;
                };
                body = [
                    value.to_be_bytes().as_slice(),
                    &7_i16.to_be_bytes(),
                    &packed_single(speed)
                        .ok_or(
                            "packets.py:59: OverflowError: float too large to pack with f format",
                        )?
                        .to_be_bytes(),
                    &[u8::from(x > 0)],
                    [packed_field::<4>(b"ab").as_slice(), &[0_u8; 2], &[9]]
                        .concat()
                        .as_slice(),
                ]
                .concat();
                break 'tried;
            }
            self.registers.errors += 1;
            alarm.payload_mut().get_or_insert_default().missed =
                u32::try_from(self.registers.errors)
                    .map_err(|_| "packets.py:62: `missed` leaves u32")?;
            return Ok(());
        }
        let (kind, payload) = payload_of(&frame(3, &body)?)?;
        let (first, second, third) = self.registers.read()?;
        let fields = payload
            .first_chunk::<9>()
            .ok_or("packets.py:66: StructError (`unpack_from()` beyond the end)")?;
        let (a, b, exact, moving) = (
            i64::from(i16::from_be_bytes([fields[0], fields[1]])),
            i64::from(i16::from_be_bytes([fields[2], fields[3]])),
            f64::from(f32::from_be_bytes([
                fields[4], fields[5], fields[6], fields[7],
            ])),
            fields[8] != 0,
        );
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.accel = (exact + first as f64 + second as f64 + third as f64) as f32;
        drive_payload.sector = u8::try_from(
            kind.checked_add(self.registers.word(2)? % 8)
                .ok_or("packets.py:68: an int leaves 64 bits")?
                .checked_add(if moving { 1 } else { 0 })
                .ok_or("packets.py:68: `sector` leaves u8")?,
        )
        .map_err(|_| "packets.py:68: `sector` leaves u8")?;
        let mut reader = Reader::new(&payload);
        'tried_2: {
            'failed_2: {
                let mut words: Vec<i64> = Vec::new();
                for _ in 0..2 {
                    words.push(match reader.u16() {
                        Ok(value) => value,
                        Err(Raised::StructError(..)) => {
                            break 'failed_2;
                        }
                        Err(error) => {
                            return Err(error.into());
                        }
                    });
                }
                if let Some(measured) = meas.payload() {
                    reader.pos = float_to_int(
                        py_min(f64::from(measured.speed).abs(), 30.0).trunc(),
                    )
                    .ok_or("packets.py:73: ValueError or OverflowError (int: no 64-bit int)")?;
                }
                words.push(match reader.u16() {
                    Ok(value) => value,
                    Err(Raised::StructError(..)) => {
                        break 'failed_2;
                    }
                    Err(error) => {
                        return Err(error.into());
                    }
                });
                alarm.payload_mut().get_or_insert_default().reason =
                    format!("{words:?} {} {}", a + b, 9);
                break 'tried_2;
            }
            alarm.payload_mut().get_or_insert_default().reason = format!(
                "short at {}: {}",
                reader.pos,
                payload
                    .iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect::<String>()
            );
        }
        Ok(())
    }
}

/// What is raised in Python: where, and what it says.
#[derive(Debug)]
enum Raised {
    StructError(&'static str, String),
    /// No exception of Python.
    NotPython(CuError),
}

impl From<Raised> for CuError {
    fn from(raised: Raised) -> Self {
        match raised {
            Raised::StructError(at, message) => format!("{at}: StructError: {message}").into(),
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
    errors: i64,
}

impl Registers {
    fn new() -> Self {
        Self {
            mem: vec![0_u8; 16],
            errors: 0,
        }
    }

    fn simulate(&mut self, x: i64, y: i64, z: i64) -> CuResult<()> {
        let start = 2_usize.min(self.mem.len());
        let end = 8_usize.min(self.mem.len());
        self.mem.splice(
            start..end.max(start),
            [
                i16::try_from(x)
                    .map_err(
                        |_| "packets.py:16: StructError (an int that does not fit the format)",
                    )?
                    .to_be_bytes()
                    .as_slice(),
                &i16::try_from(y)
                    .map_err(
                        |_| "packets.py:16: StructError (an int that does not fit the format)",
                    )?
                    .to_be_bytes(),
                &(z as i16).to_be_bytes(),
            ]
            .concat(),
        );
        Ok(())
    }

    fn read(&self) -> CuResult<(i64, i64, i64)> {
        let fields =
            <[u8; 6]>::try_from(&self.mem[self.mem.len().min(2)..self.mem.len().min(8)])
                .map_err(|_| "packets.py:19: StructError: unpack requires a buffer of 6 bytes")?;
        Ok((
            i64::from(i16::from_be_bytes([fields[0], fields[1]])),
            i64::from(i16::from_be_bytes([fields[2], fields[3]])),
            i64::from(i16::from_be_bytes([fields[4], fields[5]])),
        ))
    }

    fn word(&self, at: i64) -> CuResult<i64> {
        let fields = self
            .mem
            .get(at as usize..)
            .and_then(|rest| rest.first_chunk::<2>())
            .ok_or("packets.py:22: StructError (`unpack_from()` beyond the end)")?;
        let value = i64::from(u16::from_le_bytes([fields[0], fields[1]]));
        Ok(value)
    }
}

/// Reads one value after the other.
#[derive(Debug, Clone)]
struct Reader {
    data: Vec<u8>,
    pos: i64,
}

impl Reader {
    fn new(data: &[u8]) -> Self {
        let data_value = data.to_vec();
        Self {
            data: data_value,
            pos: 0,
        }
    }

    fn u16(&mut self) -> Result<i64, Raised> {
        let fields = self
            .data
            .get(self.pos as usize..)
            .and_then(|rest| rest.first_chunk::<2>())
            .ok_or_else(|| {
                Raised::StructError("packets.py:34", "`unpack_from()` beyond the end".into())
            })?;
        let value = i64::from(u16::from_le_bytes([fields[0], fields[1]]));
        self.pos = self
            .pos
            .checked_add(2)
            .ok_or("packets.py:35: `pos` leaves i64")?;
        Ok(value)
    }
}

fn frame(kind: i64, payload: &[u8]) -> CuResult<Vec<u8>> {
    Ok([
        [kind as u8, 0x5A].as_slice(),
        &u16::try_from(payload.len())
            .map_err(|_| "packets.py:40: StructError (an int that does not fit the format)")?
            .to_le_bytes(),
        payload,
    ]
    .concat())
}

fn payload_of(data: &[u8]) -> CuResult<(i64, Vec<u8>)> {
    let fields = <[u8; 4]>::try_from(&data[..data.len().min(4)])
        .map_err(|_| "packets.py:44: StructError: unpack requires a buffer of 4 bytes")?;
    let (kind, mark, size) = (
        i64::from(fields[0]),
        i64::from(fields[1]),
        i64::from(u16::from_le_bytes([fields[2], fields[3]])),
    );
    if mark != 0x5A {
        return Err(format!("packets.py:46: ValueError: mark {mark:02x}").into());
    }
    Ok((
        kind,
        data[data.len().min(4)..((4 + size) as usize).min(data.len())].to_vec(),
    ))
}

/// A whole float as an int: `None` for NaN, an infinity, or what leaves 64 bits.
fn float_to_int(whole: f64) -> Option<i64> {
    (whole >= i64::MIN as f64 && whole < i64::MAX as f64).then_some(whole as i64)
}

/// Python's `min(a, b)`: `a` unless `b` is less, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_min(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
}

/// Python's float as an `f` of `struct`: `None` where it is too large.
fn packed_single(x: f64) -> Option<f32> {
    let single = x as f32;
    (single.is_finite() || !x.is_finite()).then_some(single)
}

/// Python's bytes as an `s` of `struct`: cut, or filled with zeros.
fn packed_field<const LEN: usize>(data: &[u8]) -> [u8; LEN] {
    let mut field = [0; LEN];
    for (slot, byte) in field.iter_mut().zip(data) {
        *slot = *byte;
    }
    field
}
