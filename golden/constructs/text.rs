//! A status text for each cycle, and commands that come as text.
//!
//! Translated by migrate 0.1.0 from `text.py`: 47 of 47 statements.
//! Warning MIG0301 line 55: `report` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "text", script = "text.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "5a2e186b741b531c", seal = "1d8890dd75448c6e"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const IDLE: &str = "idle";
const RUNNING: &str = "running";
const MODES: [&str; 2] = ["idle", "running"];

#[derive(Debug, Reflect)]
pub struct Text {
    state: DriveState,
    report: Report,
}

impl Freezable for Text {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.report, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.report = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Text {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            report: Report::new("base/drive"),
        })
    }

    fn process(
        &mut self,
        ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (target, _measured) = *input;
        let (_drive, alarm) = output;
        let state = &self.state;
        let Some(goal) = target.payload() else {
            return Ok(());
        };
        let v = f64::from(goal.speed);
        self.report.mode = if v.abs() > 0.1 {
            RUNNING.to_string()
        } else {
            IDLE.to_string()
        };
        self.report.add("v", v);
        self.report.add("last", state.last.map_or(0.0, f64::from));
        let line = self.report.text();
        let mut reason = format!(
            "{} {line} {} *{}",
            str_repr(&self.report.mode),
            bar(v * 4.0, 10)?,
            checksum(&line)
        );
        if MODES.contains(&self.report.mode.as_str())
            && !str_slice(&reason, None, Some(4)).contains("RUN")
        {
            reason.push_str(&format!(
                "; {:<6}|{:>8}|{:04}",
                self.report.mode,
                fixed_text(v, 3),
                state.missed
            ));
        }
        let given = command(&format!(" SET speed={} ", fixed_text(v, 1)))?;
        if let Some(given) = given
            && self.report.mode.starts_with("run")
        {
            info!(
                ctx,
                "given {} of [{}]",
                given,
                state
                    .window
                    .iter()
                    .map(|&x| float_text(f64::from(x)))
                    .collect::<Vec<_>>()
                    .join(", ")
            );
        }
        reason.push_str(&format!(
            " {} v={} {{x}}",
            [
                exponent_text(v, 6),
                general_text(v, 6),
                match state.last {
                    Some(x) => float_text(f64::from(x)),
                    None => "None".to_string(),
                }
            ]
            .join(", "),
            fixed_text(v, 2)
        ));
        reason.push_str(&format!(
            " [{}] ({}, {}) {:#x}",
            state
                .window
                .iter()
                .map(|&x| float_text(f64::from(x)))
                .collect::<Vec<_>>()
                .join(", "),
            float_text(v),
            str_repr(&self.report.mode),
            state.missed
        ));
        let (first, _, rest) = reason.split_once(' ').map_or_else(
            || (reason.to_string(), String::new(), String::new()),
            |(head, tail)| (head.to_string(), " ".to_string(), tail.to_string()),
        );
        alarm.set_payload(Alarm {
            reason: format!(
                "{first}{}{}",
                str_slice(&rest, None, Some(3)),
                rest.chars()
                    .next_back()
                    .ok_or("text.py:76: IndexError: string index out of range")?
            ),
            missed: u32::try_from(
                i64::try_from(
                    parse_int(&format!("{:b}", state.missed), 2)
                        .ok_or("text.py:76: ValueError (invalid literal for int() with base 2)")?,
                )
                .map_err(|_| "text.py:76: an int leaves 64 bits")?,
            )
            .map_err(|_| "text.py:76: `missed` leaves u32")?,
        });
        Ok(())
    }
}

/// A bar of at most `width` characters.
fn bar(value: f64, width: i64) -> CuResult<String> {
    let filled = width.min(
        0_i64.max(
            float_to_int(value.trunc())
                .ok_or("text.py:16: ValueError or OverflowError (int: no 64-bit int)")?,
        ),
    );
    Ok(format!(
        "{}{}",
        "#".repeat(filled as usize),
        ".".repeat((width - filled) as usize)
    ))
}

fn checksum(sentence: &str) -> String {
    let mut total: i64 = 0;
    for c in sentence.chars() {
        total ^= i64::from(u32::from(c));
    }
    format!("{total:02X}")
}

/// The speed of a line such as `set speed=1.5`.
fn command(line: &str) -> CuResult<Option<f64>> {
    let words: Vec<String> = line
        .trim_matches(is_space)
        .to_lowercase()
        .split(is_space)
        .filter(|word| !word.is_empty())
        .map(str::to_string)
        .collect();
    if words.len() != 2
        || *words
            .first()
            .ok_or("text.py:30: IndexError: list index out of range")?
            != "set"
    {
        return Ok(None);
    }
    let text = words
        .get(1)
        .ok_or("text.py:32: IndexError: list index out of range")?;
    let (name, sep, value) = text.split_once('=').map_or_else(
        || (text.to_string(), String::new(), String::new()),
        |(head, tail)| (head.to_string(), "=".to_string(), tail.to_string()),
    );
    if name != "speed" || sep.is_empty() {
        return Ok(None);
    }
    Ok(Some(parse_float(&value).ok_or(
        "text.py:35: ValueError (could not convert string to float)",
    )?))
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Report {
    name: String,
    mode: String,
    lines: Vec<String>,
}

impl Report {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_string(),
            mode: IDLE.to_string(),
            lines: Vec::new(),
        }
    }

    fn add(&mut self, label: &str, value: f64) {
        self.lines
            .push(format!("{label:<5}{:>8}", fixed_text(value, 2)));
    }

    fn text(&mut self) -> String {
        let mut out = format!(
            "{}:",
            self.name
                .rsplit('/')
                .next()
                .unwrap_or_default()
                .to_uppercase()
        );
        for line in &self.lines {
            out.push_str(&format!(" {line}"));
        }
        self.lines.clear();
        out
    }
}

/// A whole float as an int: `None` for NaN, an infinity, or what leaves 64 bits.
fn float_to_int(whole: f64) -> Option<i64> {
    (whole >= i64::MIN as f64 && whole < i64::MAX as f64).then_some(whole as i64)
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

/// Python's `f"{x:.{digits}f}"`.
fn fixed_text(x: f64, digits: usize) -> String {
    if x.is_nan() {
        "nan".to_string()
    } else {
        format!("{x:.digits$}")
    }
}

/// Python's `f"{x:.{digits}e}"`.
fn exponent_text(x: f64, digits: usize) -> String {
    if x.is_nan() {
        return "nan".to_string();
    }
    let text = format!("{x:.digits$e}");
    let Some((mantissa, exponent)) = text.split_once('e') else {
        return text;
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

/// Python's `f"{x:.{digits}g}"`: so many digits, an exponent where the number needs one.
fn general_text(x: f64, digits: usize) -> String {
    if !x.is_finite() {
        return if x.is_nan() {
            "nan".to_string()
        } else {
            x.to_string()
        };
    }
    let digits = digits.max(1);
    let text = format!("{x:.0$e}", digits - 1);
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let without_zeros = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_string(),
        false => text.to_string(),
    };
    if (-4..digits as i32).contains(&exponent) {
        let decimals = (digits as i32 - 1 - exponent) as usize;
        return without_zeros(&format!("{x:.decimals$}"));
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{sign}{:02}", without_zeros(mantissa), exponent.abs())
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

/// Python's `text[low:high]`, in characters.
fn str_slice(text: &str, low: Option<i64>, high: Option<i64>) -> &str {
    let negative = |end: Option<i64>| end.is_some_and(|i| i < 0);
    let len = if negative(low) || negative(high) {
        text.chars().count()
    } else {
        text.len()
    };
    let count = |i: i64| match usize::try_from(i) {
        Ok(i) => i,
        Err(_) => len.saturating_sub(usize::try_from(i.unsigned_abs()).unwrap_or(usize::MAX)),
    };
    // The byte at which the character of that number starts, or the end.
    let byte = |i: usize| text.char_indices().nth(i).map_or(text.len(), |(at, _)| at);
    let low = low.map_or(0, |i| byte(count(i)));
    let high = high.map_or(text.len(), |i| byte(count(i)));
    text.get(low..high).unwrap_or_default()
}
