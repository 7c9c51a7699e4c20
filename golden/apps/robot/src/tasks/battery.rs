//! State of charge of the 6S pack: rest voltage by table, coulomb counting under load.
//!
//! Translated by migrate 0.1.0 from `python/battery.py`: 55 of 55 statements.
//! Warning MIG0301 line 73: `gauge` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "battery", script = "python/battery.py", mode = "embedded"
//! migrate: state = "crate::states::BatteryState", source = "83a94ade20aad92c", seal = "8b99f4624f08c2e7"

use crate::messages::{Battery, Level, PowerSample};
use crate::states::BatteryState;
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const CELLS: f64 = 6.0;
const CAPACITY_MAH: f64 = 5200.0;
const R_INTERNAL: f64 = 0.035; // ohm, whole pack
const CYCLE_S: f64 = 0.01;
const REST_CURRENT_MA: i64 = 400;
const REST_CYCLES: i64 = 60;

// open circuit voltage of a cell (V), state of charge (%)
const OCV: [(f64, i64); 12] = [
    (3.27, 0),
    (3.61, 5),
    (3.69, 10),
    (3.73, 20),
    (3.77, 30),
    (3.80, 40),
    (3.84, 50),
    (3.87, 60),
    (3.95, 70),
    (4.02, 80),
    (4.11, 90),
    (4.20, 100),
];

#[derive(Debug, Reflect)]
pub struct BatteryTask {
    state: BatteryState,
    gauge: Gauge,
}

impl Freezable for BatteryTask {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state.load, encoder)?;
        Encode::encode(&self.state.samples, encoder)?;
        Encode::encode(&self.gauge, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state.load = Decode::decode(decoder)?;
        self.state.samples = Decode::decode(decoder)?;
        self.gauge = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for BatteryTask {
    type Resources<'r> = ();
    type Input<'m> = input_msg!(PowerSample);
    type Output<'m> = output_msg!(Battery);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: BatteryState::default(),
            gauge: Gauge::new(CAPACITY_MAH),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let mut state = self.state.clone();
        let mut load = f64::from(state.load);
        let Some(p) = input.payload() else {
            return Ok(());
        };
        let soc = self
            .gauge
            .update(i64::from(p.millivolts), i64::from(p.milliamps))?;

        // smoothed load for the display
        if state.samples == 0 {
            load = f64::from(p.milliamps);
            state.load = load as f32;
        } else {
            load += (f64::from(p.milliamps) - load) / 32.0;
            state.load = load as f32;
        }
        state.samples = state
            .samples
            .checked_add(1)
            .ok_or("python/battery.py:95: `samples` leaves u32")?;

        let battery = output.payload_mut().get_or_insert_default();
        battery.percent = (soc + 0.5).floor() as u8;
        battery.level = match level(soc) {
            "Good" => Level::Good,
            "Low" => Level::Low,
            "Critical" => Level::Critical,
            _ => {
                return Err("python/battery.py:98: no variant of `Level` for `level`".into());
            }
        };
        battery.minutes = match self.gauge.minutes_left(load)? {
            Some(x) => {
                Some(u32::try_from(x).map_err(|_| "python/battery.py:99: `minutes` leaves u32")?)
            }
            None => None,
        };
        battery.used_mah = self.gauge.used_mah as f32;
        output.tov = input.tov;
        self.state = state;
        Ok(())
    }
}

/// Charge in percent for the rest voltage of a cell, between the points of the table.
fn lookup(volts: f64) -> CuResult<f64> {
    if volts <= OCV[0].0 {
        return Ok(0.0);
    }
    for i in 1..OCV.len() {
        let (v1, soc1) = OCV[index(i as i64, 12)
            .ok_or("python/battery.py:33: IndexError: list index out of range")?];
        if volts < v1 {
            let (v0, soc0) = OCV[index((i - 1) as i64, 12)
                .ok_or("python/battery.py:35: IndexError: list index out of range")?];
            return Ok(soc0 as f64
                + true_div(
                    soc1.checked_sub(soc0)
                        .ok_or("python/battery.py:36: an int leaves 64 bits")?
                        as f64
                        * (volts - v0),
                    v1 - v0,
                )
                .ok_or("python/battery.py:36: ZeroDivisionError: float division by zero")?);
        }
    }
    Ok(100.0)
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Gauge {
    capacity: f64,
    soc: Option<f64>,
    rest: i64,
    used_mah: f64,
}

impl Gauge {
    fn new(capacity: f64) -> Self {
        Self {
            capacity,
            soc: None,
            rest: 0,
            used_mah: 0.0,
        }
    }

    fn update(&mut self, millivolts: i64, milliamps: i64) -> CuResult<f64> {
        // voltage at rest, corrected for the drop over the internal resistance
        let ocv = (millivolts as f64 / 1000.0 + milliamps as f64 / 1000.0 * R_INTERNAL) / CELLS;
        if self.soc.is_none() {
            self.soc = Some(lookup(ocv)?);
        }

        let used = milliamps as f64 * CYCLE_S / 3600.0;
        self.used_mah += used;
        self.soc = Some(self.soc.unwrap_or_default() - 100.0 * used / self.capacity);

        if milliamps.abs() < REST_CURRENT_MA {
            self.rest += 1;
        } else {
            self.rest = 0;
        }
        if self.rest > REST_CYCLES {
            self.soc = Some(
                self.soc.unwrap_or_default() + 0.01 * (lookup(ocv)? - self.soc.unwrap_or_default()),
            );
        }
        self.soc = Some(py_max(0.0, 100.0_f64.min(self.soc.unwrap_or_default())));
        Ok(self.soc.unwrap_or_default())
    }

    fn minutes_left(&self, milliamps: f64) -> CuResult<Option<i64>> {
        if milliamps < 50.0 || self.soc.is_none() {
            return Ok(None);
        }
        let hours = self.soc.unwrap_or_default() / 100.0 * self.capacity / milliamps;
        Ok(Some(float_to_int((hours * 60.0).round_ties_even()).ok_or(
            "python/battery.py:70: ValueError or OverflowError (round: no 64-bit int)",
        )?))
    }
}

fn level(soc: f64) -> &'static str {
    if soc < 10.0 {
        return "Critical";
    } else if soc < 25.0 {
        return "Low";
    }
    "Good"
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
