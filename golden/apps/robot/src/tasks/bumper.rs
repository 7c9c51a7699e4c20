//! Nearest obstacle: a median over three cycles, a mean over the window, for each sonar.
//!
//! Translated by migrate 0.1.0 from `python/bumper.py`: 50 of 50 statements.
//! Warning MIG0301 line 38: `averages` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 39: `history` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "bumper", script = "python/bumper.py", mode = "embedded"
//! migrate: state = "crate::states::BumperState", source = "26a88290f35793f1", seal = "90b58205ae5d2d75"

use crate::messages::{Obstacle, Sonar, Zone};
use crate::states::BumperState;
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const SENSORS: i64 = 4;
const WINDOW: i64 = 8;
const US_TO_MM: f64 = 0.1715;
const NO_ECHO_MM: f64 = 3000.0;
const STOP_MM: i64 = 250;
const SLOW_MM: i64 = 900;

#[derive(Debug, Reflect)]
pub struct Bumper {
    state: BumperState,
    averages: Vec<MovingAverage>,
    history: Vec<[f64; 2]>,
}

impl Freezable for Bumper {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state.missed, encoder)?;
        Encode::encode(&self.averages, encoder)?;
        Encode::encode(&self.history, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state.missed = Decode::decode(decoder)?;
        self.averages = Decode::decode(decoder)?;
        self.history = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Bumper {
    type Resources<'r> = ();
    type Input<'m> = input_msg!(Sonar);
    type Output<'m> = output_msg!(Obstacle);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: BumperState::default(),
            averages: (0..SENSORS).map(|_| MovingAverage::new(WINDOW)).collect(),
            history: (0..SENSORS).map(|_| [NO_ECHO_MM, NO_ECHO_MM]).collect(),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let mut state = self.state.clone();
        let Some(sonar) = input.payload() else {
            state.missed = state
                .missed
                .checked_add(1)
                .ok_or("python/bumper.py:44: `missed` leaves u32")?;
            if state.missed == 20 {
                for avg in &mut self.averages {
                    avg.clear();
                }
            }
            self.state = state;
            return Ok(());
        };
        state.missed = 0;

        let mut nearest = NO_ECHO_MM;
        let mut where_: i64 = -1;
        for (i, &echo) in sonar.echo_us.iter().enumerate() {
            let mm = if echo != 0 {
                f64::from(echo) * US_TO_MM
            } else {
                NO_ECHO_MM
            };
            let [older, old] = *self
                .history
                .get(i)
                .ok_or("python/bumper.py:55: IndexError: list index out of range")?;
            let at = index(i as i64, self.averages.len())
                .ok_or("python/bumper.py:56: IndexError: list index out of range")?;
            self.averages[at].add(median3(older, old, mm))?;
            *self
                .history
                .get_mut(i)
                .ok_or("python/bumper.py:57: IndexError: list assignment index out of range")? =
                [old, mm];

            let distance = self
                .averages
                .get(i)
                .ok_or("python/bumper.py:59: IndexError: list index out of range")?
                .mean()?;
            if distance < nearest {
                nearest = distance;
                where_ = i as i64;
            }
        }

        let zone: String = if nearest < STOP_MM as f64 {
            "Stop".into()
        } else if nearest < SLOW_MM as f64 {
            "Slow".into()
        } else {
            "Free".into()
        };

        let obstacle = output.payload_mut().get_or_insert_default();
        obstacle.nearest_mm = u16::try_from(
            float_to_int(nearest.trunc())
                .ok_or("python/bumper.py:71: ValueError or OverflowError (int: no 64-bit int)")?,
        )
        .map_err(|_| "python/bumper.py:71: `nearest_mm` leaves u16")?;
        obstacle.sensor = if where_ >= 0 {
            Some(where_ as u8)
        } else {
            None
        };
        obstacle.zone = match zone.as_str() {
            "Free" => Zone::Free,
            "Slow" => Zone::Slow,
            "Stop" => Zone::Stop,
            _ => {
                return Err("python/bumper.py:73: no variant of `Zone` for `zone`".into());
            }
        };
        obstacle.scale = 1.0_f64.min(py_max(
            0.0,
            (nearest - STOP_MM as f64) / (SLOW_MM - STOP_MM) as f64,
        )) as f32;
        output.tov = input.tov;
        self.state = state;
        Ok(())
    }
}

fn median3(mut a: f64, mut b: f64, c: f64) -> f64 {
    if a > b {
        (a, b) = (b, a);
    }
    if b > c {
        let next_c = b;
        b = c;
        let _c = next_c;
    }
    if a > b {
        let next_b = a;
        let _a = b;
        b = next_b;
    }
    b
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct MovingAverage {
    size: i64,
    values: Vec<f64>,
}

impl MovingAverage {
    fn new(size: i64) -> Self {
        Self {
            size,
            values: Vec::new(),
        }
    }

    fn add(&mut self, value: f64) -> CuResult<()> {
        self.values.push(value);
        if self.values.len() as i64 > self.size {
            (!self.values.is_empty())
                .then(|| self.values.remove(0))
                .ok_or("python/bumper.py:29: IndexError: pop from empty list")?;
        }
        Ok(())
    }

    fn mean(&self) -> CuResult<f64> {
        Ok(true_div(
            self.values.iter().fold(0.0, |sum, &x| sum + x),
            self.values.len() as f64,
        )
        .ok_or("python/bumper.py:32: ZeroDivisionError: float division by zero")?)
    }

    fn clear(&mut self) {
        self.values.clear();
    }
}

/// Python's `a / b`: `None` where it raises a ZeroDivisionError.
fn true_div(a: f64, b: f64) -> Option<f64> {
    (b != 0.0).then(|| a / b)
}

/// A whole float as an int: `None` for NaN, an infinity, or what leaves 64 bits.
fn float_to_int(whole: f64) -> Option<i64> {
    (whole >= i64::MIN as f64 && whole < i64::MAX as f64).then_some(whole as i64)
}

/// Python's `max(a, b)`: `a` unless `b` is greater, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_max(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
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
