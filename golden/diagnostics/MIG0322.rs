//! Translated by migrate 0.1.0 from `MIG0322.py`: 6 of 7 statements.
//! Not translated MIG0207 line 12: this is an int on one path and a float on another: the sign of a
//! zero would differ.
//! migrate: task = "mig0322", script = "MIG0322.py", mode = "process"
//! migrate: state = "crate::tasks::FixtureState", source = "78fb7ab48d749bca", seal = "59862a731098391d"

use crate::tasks::{Command, FixtureState, Reading};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Mig0322 {
    state: FixtureState,
}

impl Freezable for Mig0322 {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Mig0322 {
    type Resources<'r> = ();
    type Input<'m> = input_msg!(Reading);
    type Output<'m> = output_msg!(Command);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: FixtureState::default(),
        })
    }

    #[allow(
        unreachable_code,
        unused_variables,
        unused_mut,
        clippy::diverging_sub_expression
    )]
    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        _output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let mut state = WideFixtureState::load(&self.state);
        let mut step = Number::Int(1);
        if let Some(reading) = input.payload() {
            step = Number::Float(f64::from(reading.value));
        }
        state.missed = format!("step {step}").chars().count() as i64;
        // a field of the app is no `Number`: its int is shown by nobody else
        reset(&mut state);
        //     output.payload.throttle = -state.gain
        todo!("MIG0207 MIG0322.py:12: -state.gain");
        self.state = state.store()?;
        Ok(())
    }
}

/// `FixtureState` with the widths that Python computes in.
#[derive(Debug, Clone)]
struct WideFixtureState {
    total: i64,
    missed: i64,
    last: Option<f64>,
    gain: f64,
}

impl WideFixtureState {
    fn load(state: &FixtureState) -> Self {
        Self {
            total: state.total,
            missed: i64::from(state.missed),
            last: state.last.map(f64::from),
            gain: f64::from(state.gain),
        }
    }

    fn store(self) -> CuResult<FixtureState> {
        Ok(FixtureState {
            total: self.total,
            missed: u32::try_from(self.missed).map_err(|_| "MIG0322.py: `missed` leaves u32")?,
            last: self.last.map(|x| x as f32),
            gain: self.gain as f32,
        })
    }
}

fn reset(state: &mut WideFixtureState) {
    state.gain = 0.0;
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

/// A number of Python: an int or a float, which only the value tells.
#[derive(Debug, Clone, Copy, Reflect)]
enum Number {
    Int(i64),
    Float(f64),
}

impl From<i64> for Number {
    fn from(x: i64) -> Self {
        Number::Int(x)
    }
}

impl From<f64> for Number {
    fn from(x: f64) -> Self {
        Number::Float(x)
    }
}

impl From<Number> for f64 {
    fn from(x: Number) -> Self {
        match x {
            Number::Int(x) => x as f64,
            Number::Float(x) => x,
        }
    }
}

impl<T: Copy + Into<Number>> PartialEq<T> for Number {
    fn eq(&self, other: &T) -> bool {
        self.partial_cmp(other)
            .is_some_and(std::cmp::Ordering::is_eq)
    }
}

/// Exact, also of an int and a float.
impl<T: Copy + Into<Number>> PartialOrd<T> for Number {
    fn partial_cmp(&self, other: &T) -> Option<std::cmp::Ordering> {
        let exact = |a: i64, b: f64| {
            let order = (a as f64).partial_cmp(&b)?;
            Some(order.then(i128::from(a).cmp(&(b as i128))))
        };
        match (*self, (*other).into()) {
            (Number::Int(a), Number::Int(b)) => Some(a.cmp(&b)),
            (Number::Float(a), Number::Float(b)) => a.partial_cmp(&b),
            (Number::Int(a), Number::Float(b)) => exact(a, b),
            (Number::Float(a), Number::Int(b)) => exact(b, a).map(std::cmp::Ordering::reverse),
        }
    }
}

/// Python's `str(x)`.
impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Number::Int(x) => x.fmt(f),
            Number::Float(x) => f.pad(&float_text(*x)),
        }
    }
}
