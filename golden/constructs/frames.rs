//! Frames of a serial line: bytes that are put together, checked, taken apart and shown.
//!
//! Translated by migrate 0.1.0 from `frames.py`: 51 of 51 statements.
//! Warning MIG0301 line 47: `link` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0316 line 67: `sum` of these may leave 64 bits: an error in the Rust, where Python
//! goes on.
//! migrate: task = "frames", script = "frames.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "e788a01e7e5b90a8", seal = "73eb558f312a0870"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const HEADER: &[u8; 2] = b"\xaaU";
const MODES: [&[u8]; 2] = [b"ID", b"SPEED"];

#[derive(Debug, Reflect)]
pub struct Frames {
    state: DriveState,
    link: Link,
}

impl Freezable for Frames {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.link, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.link = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Frames {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            link: Link::new(),
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
        let speed = goal
            .payload()
            .map_or(0.0, |goal_payload| f64::from(goal_payload.speed));
        let value = (-100.0_f64).max(100.0_f64.min(speed)).trunc() as i64 + 100;
        let mut frame = self.link.frame(
            7,
            &[[value as u8, 0x7E].as_slice(), vec![0_u8; 2].as_slice()].concat(),
        );
        if let Some(measured) = meas.payload()
            && measured.ranges[0] > 2.0
        {
            frame = [
                &frame[..frame.len().min(3)],
                frame[frame.len().min(3)..]
                    .iter()
                    .map(|&b| b ^ 1)
                    .collect::<Vec<_>>()
                    .as_slice(),
            ]
            .concat();
        }
        let payload = self.link.open(&frame)?;
        let Some(payload) = &payload else {
            state.missed =
                u32::try_from(self.link.bad).map_err(|_| "frames.py:59: `missed` leaves u32")?;
            let alarm_payload = alarm.payload_mut().get_or_insert_default();
            alarm_payload.reason = format!(
                "{} of {}, {}",
                frame
                    .iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect::<Vec<_>>()
                    .join(" "),
                self.link.sent.len(),
                bytes_repr(&frame[frame.len().min(2)..frame.len().min(4)])
            );
            alarm_payload.missed =
                u32::try_from(self.link.bad).map_err(|_| "frames.py:61: `missed` leaves u32")?;
            self.state = state;
            return Ok(());
        };
        let &[first, flag, ref next_rest @ ..] = payload.as_slice() else {
            return Err(
                "frames.py:63: ValueError (not enough values to unpack (expected at least 2))"
                    .into(),
            );
        };
        let rest: Vec<i64> = next_rest.iter().map(|&x| i64::from(x)).collect();
        let (a, b) = fletcher(payload);
        let known = payload.contains(&b'~') && !payload.contains(&0xAA);
        if payload.as_slice() == b"d~\x00\x00".as_slice()
            || known && !self.link.last.ends_with(b"\x00")
        {
            drive.payload_mut().get_or_insert_default().accel =
                (i128::from(i64::from(first) * 256 + i64::from(flag))
                    + i128::from(
                        rest.iter()
                            .try_fold(0_i64, |sum: i64, &x| sum.checked_add(x))
                            .ok_or("frames.py:67: an int leaves 64 bits")?,
                    )) as f64 as f32;
        }
        drive.payload_mut().get_or_insert_default().sector = ((a ^ b) & 0xFF) as u8;
        if self.link.sent.len() > 4 {
            self.link.sent = self.link.sent[self.link.sent.len().saturating_sub(2)..].to_vec();
            let name = MODES[(value % 2) as usize].to_vec();
            alarm.payload_mut().get_or_insert_default().reason = format!(
                "{} {}",
                name.is_ascii()
                    .then(|| name.iter().copied().map(char::from).collect::<String>())
                    .ok_or("frames.py:72: UnicodeDecodeError (bytes that are no text)")?,
                self.link
                    .sent
                    .concat()
                    .iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect::<String>()
            );
        }
        self.state = state;
        Ok(())
    }
}

fn crc8(data: &[u8]) -> i64 {
    let mut crc: u16 = 0xFF;
    for &byte in data {
        crc ^= u16::from(byte);
        for _ in 0..8 {
            crc = if crc & 0x80 != 0 {
                ((crc << 1) ^ 0x31) & 0xFF
            } else {
                (crc << 1) & 0xFF
            };
        }
    }
    i64::from(crc)
}

fn fletcher(data: &[u8]) -> (i64, i64) {
    let mut a: i64 = 0;
    let mut b: i64 = 0;
    for &byte in data {
        a = (a + i64::from(byte)) % 255;
        b = (b + a) % 255;
    }
    (a, b)
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Link {
    last: Vec<u8>,
    sent: Vec<Vec<u8>>,
    bad: i64,
}

impl Link {
    fn new() -> Self {
        Self {
            last: Vec::new(),
            sent: Vec::new(),
            bad: 0,
        }
    }

    fn frame(&mut self, kind: i64, payload: &[u8]) -> Vec<u8> {
        let body = [
            [kind as u8, (payload.len() & 0xFF) as u8].as_slice(),
            payload,
        ]
        .concat();
        self.last = [HEADER.as_slice(), body.as_slice(), &[crc8(&body) as u8]].concat();
        self.sent.push(self.last.clone());
        self.last.clone()
    }

    fn open(&mut self, frame: &[u8]) -> CuResult<Option<Vec<u8>>> {
        if !frame.starts_with(HEADER) || frame.len() < 5 {
            self.bad += 1;
            return Ok(None);
        }
        let body = frame
            .get(frame.len().min(2)..frame.len().saturating_sub(1))
            .unwrap_or_default()
            .to_vec();
        if crc8(&body)
            != i64::from(
                *frame
                    .last()
                    .ok_or("frames.py:41: IndexError: index out of range")?,
            )
        {
            self.bad += 1;
            return Ok(None);
        }
        Ok(Some(body[body.len().min(2)..].to_vec()))
    }
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
