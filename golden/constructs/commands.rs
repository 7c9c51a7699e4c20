//! Commands in words and grid cells by number: dicts that `dict()` makes, numbers not yet known.
//!
//! Translated by migrate 0.1.0 from `commands.py`: 38 of 38 statements.
//! Warning MIG0316 line 15: `y * WIDTH` may leave 64 bits: an error in the Rust, where Python goes
//! on.
//! Warning MIG0301 line 26: `grid` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "commands", script = "commands.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "6c95905ccb6454d2", seal = "dc6a35bb20e06acd"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const SCRIPT: [&str; 4] = [
    "speed 1f 16 now",
    "  turn  101 2  left ",
    "stop",
    "speed zz 7",
];
const WIDTH: i64 = 16;

#[derive(Debug, Reflect)]
pub struct Commands {
    state: DriveState,
    grid: Grid,
}

impl Freezable for Commands {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.grid, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.grid = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Commands {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            grid: Grid::new(&[1, 4, 6])?,
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
        let (name, value) = parsed(SCRIPT[(state.missed % 3) as usize])?;
        let x = i64::from(state.missed % 9);
        let y = i64::from(state.missed % 5);
        self.grid.put(x, y, value.rem_euclid(40))?;
        self.grid.drop(y, x)?;
        let best = fastest(&measured_payload.ranges, 0.5);
        let reason = if let Some(best) = best {
            format!(
                "{name} {} {:>6}",
                fixed_text(
                    fastest(&measured_payload.ranges, 0.5)
                        .ok_or("commands.py:61: TypeError (None is no number)")?,
                    2
                ),
                fixed_text(best, 1)
            )
        } else {
            format!("{name} nothing")
        };
        state.missed = state
            .missed
            .checked_add(1)
            .ok_or("commands.py:62: `missed` leaves u32")?;
        drive.set_payload(Drive {
            accel: value as f64 as f32,
            sector: self
                .grid
                .near(x, y)?
                .checked_add(self.grid.cells.len() as i64)
                .ok_or("commands.py:63: an int leaves 64 bits")?
                .rem_euclid(200) as u8,
        });
        alarm.set_payload(Alarm {
            reason,
            missed: state.missed,
        });
        self.state = state;
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Grid {
    cells: BTreeMap<i64, i64>,
    notes: BTreeMap<i64, BTreeSet<i64>>,
}

impl Grid {
    fn new(marks: &[i64; 3]) -> CuResult<Self> {
        let mut this = Self {
            cells: BTreeMap::new(),
            notes: BTreeMap::new(),
        };
        for &mark in marks {
            this.put(
                mark,
                mark.checked_add(1)
                    .ok_or("commands.py:12: `the value` leaves i64")?,
                mark.checked_mul(2)
                    .ok_or("commands.py:12: `the value` leaves i64")?,
            )?;
        }
        Ok(this)
    }

    fn put(&mut self, x: i64, y: i64, value: i64) -> CuResult<()> {
        self.cells.insert(
            y.checked_mul(WIDTH)
                .ok_or("commands.py:15: an int leaves 64 bits")?
                .checked_add(x)
                .ok_or("commands.py:15: `the value` leaves i64")?,
            value,
        );
        self.notes.insert(value, BTreeSet::from([x, y]));
        Ok(())
    }

    fn near(&self, x: i64, y: i64) -> CuResult<i64> {
        Ok(self
            .cells
            .get(&(y * WIDTH + x))
            .copied()
            .unwrap_or(0)
            .checked_add(self.notes.get(&x).cloned().unwrap_or_default().len() as i64)
            .ok_or("commands.py:19: `the value` leaves i64")?)
    }

    fn drop(&mut self, x: i64, y: i64) -> CuResult<()> {
        if self.cells.contains_key(&(y * WIDTH + x)) {
            self.cells
                .remove(&(y * WIDTH + x))
                .ok_or("commands.py:23: KeyError (no such key, an int)")?;
        }
        Ok(())
    }
}

/// The value of a command, in the base that it names.
fn parsed(line: &str) -> CuResult<(String, i64)> {
    let parts = split_words(line, 1, is_space)
        .into_iter()
        .collect::<Vec<_>>();
    let [next_name, ref next_rest @ ..] = parts[..] else {
        return Err(
            "commands.py:31: ValueError (not enough values to unpack (expected at least 1))".into(),
        );
    };
    let name = next_name.to_string();
    let rest: Vec<String> = next_rest.iter().map(|text| text.to_string()).collect();
    if rest.is_empty() {
        return Ok((name.clone(), 0));
    }
    let [next_value, next_base, _] = split_words(
        rest.first()
            .ok_or("commands.py:34: IndexError: list index out of range")?,
        2,
        is_space,
    )
    .into_iter()
    .collect::<Vec<_>>()[..] else {
        return Err("commands.py:34: ValueError (not 3 values to unpack)".into());
    };
    let value = next_value.to_string();
    let base = next_base.to_string();
    let Some(value_2) = parse_int(&base, 10) else {
        return Ok((name.clone(), -1));
    };
    let Some(value_3) =
        u32::try_from(i64::try_from(value_2).map_err(|_| "commands.py:36: an int leaves 64 bits")?)
            .ok()
            .filter(|base| *base == 0 || (2..=36).contains(base))
    else {
        return Ok((name.clone(), -1));
    };
    let Some(value_4) = parse_int(&value, value_3) else {
        return Ok((name.clone(), -1));
    };
    Ok((
        name.clone(),
        i64::try_from(value_4).map_err(|_| "commands.py:36: an int leaves 64 bits")?,
    ))
}

fn fastest(ranges: &[f32; 4], limit: f64) -> Option<f64> {
    let mut best: Option<f64> = None;
    for &r in ranges {
        if f64::from(r) < limit && best.is_none_or(|best| f64::from(r) > best) {
            best = Some(f64::from(r));
        }
    }
    best
}

/// Python's `f"{x:.{digits}f}"`.
fn fixed_text(x: f64, digits: usize) -> String {
    if x.is_nan() {
        "nan".to_string()
    } else {
        format!("{x:.digits$}")
    }
}

/// Python's `int(text, base)`: `None` where it raises a ValueError. What leaves 128 bits is
/// `i128::MAX`.
fn parse_int(text: &str, base: u32) -> Option<i128> {
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
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(&text)),
    };
    let named = match digits.get(..2) {
        Some("0x" | "0X") => 16,
        Some("0o" | "0O") => 8,
        Some("0b" | "0B") => 2,
        _ => 0,
    };
    let prefixed = named != 0 && (base == 0 || base == named);
    let (radix, digits) = match digits.get(2..) {
        Some(rest) if prefixed => (named, rest.strip_prefix('_').unwrap_or(rest)),
        _ if base == 0 => (10, digits),
        _ => (base, digits),
    };
    // Single underscores stand between digits.
    let well_formed = digits
        .split('_')
        .all(|group| !group.is_empty() && group.chars().all(|c| c.is_digit(radix)));
    let octal_of_old = base == 0 && !prefixed && digits.starts_with('0');
    if !well_formed || (octal_of_old && digits.contains(|c| c != '0' && c != '_')) {
        return None;
    }
    let digits = format!("{sign}{}", digits.replace('_', ""));
    Some(i128::from_str_radix(&digits, radix).unwrap_or(i128::MAX))
}

/// Whether Python's `c.isspace()` holds, which `strip()` and `split()` go by.
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

/// Python's `text.split(None, most)`: at most that many words, and the rest.
fn split_words(text: &str, most: usize, is_space: fn(char) -> bool) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text.trim_start_matches(is_space);
    while words.len() < most
        && let Some((word, more)) = rest.split_once(is_space)
    {
        words.push(word);
        rest = more.trim_start_matches(is_space);
    }
    if !rest.is_empty() {
        words.push(rest);
    }
    words
}
