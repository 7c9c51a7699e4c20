//! Banks of filters: attributes that are called, comprehensions that change what they run over.
//!
//! Translated by migrate 0.1.0 from `banks.py`: 31 of 31 statements.
//! Warning MIG0301 line 40: `channel` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 41: `bank` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "banks", script = "banks.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "a800861548ce5744", seal = "e1db420c9ba7cbea"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Banks {
    state: DriveState,
    channel: Channel,
    bank: Vec<LowPass>,
}

impl Freezable for Banks {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.channel, encoder)?;
        Encode::encode(&self.bank, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.channel = Decode::decode(decoder)?;
        self.bank = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Banks {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            channel: Channel::new(),
            bank: (0..4).map(|i| LowPass::new(0.1 * (i + 1) as f64)).collect(),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (_goal, measured) = *input;
        let (drive, _alarm) = output;
        let state = &mut self.state;
        let Some(measured_payload) = measured.payload() else {
            return Ok(());
        };
        let smooth: Vec<f64> = self
            .bank
            .iter_mut()
            .zip(&measured_payload.ranges)
            .map(|(f, &r)| f.step(f64::from(r)))
            .collect();
        let sums: Vec<f64> = self
            .bank
            .iter_mut()
            .enumerate()
            .map(|(i, f)| i as f64 + f.step(0.0))
            .collect();
        let mut best = *smooth
            .first()
            .ok_or("banks.py:51: IndexError: list index out of range")?;
        for &v in &smooth {
            if v > best {
                best = v;
            }
        }
        drive.payload_mut().get_or_insert_default().accel =
            (self.channel.update(f64::from(measured_payload.speed))
                + best
                + sums.iter().fold(0.0, |sum, &x| sum + x)) as f32;
        state.window = <[f32; 4]>::try_from(
            smooth
                .iter()
                .map(|&v| {
                    (if self.channel.lowest < v {
                        self.channel.lowest
                    } else {
                        v
                    }) as f32
                })
                .collect::<Vec<_>>(),
        )
        .map_err(|_| "banks.py:55: `window` takes 4 values")?;
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct LeadLag {
    b0: f64,
    b1: f64,
    a1: f64,
    x1: f64,
    y1: f64,
}

impl LeadLag {
    fn new(b0: f64, b1: f64, a1: f64) -> Self {
        Self {
            b0,
            b1,
            a1,
            x1: 0.0,
            y1: 0.0,
        }
    }

    fn call(&mut self, x: f64) -> f64 {
        let y = self.b0 * x + self.b1 * self.x1 - self.a1 * self.y1;
        self.x1 = x;
        self.y1 = y;
        y
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct LowPass {
    alpha: f64,
    y: f64,
}

impl LowPass {
    fn new(alpha: f64) -> Self {
        Self { alpha, y: 0.0 }
    }

    fn step(&mut self, x: f64) -> f64 {
        self.y += self.alpha * (x - self.y);
        self.y
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Channel {
    shape: LeadLag,
    lowest: f64,
}

impl Channel {
    fn new() -> Self {
        Self {
            shape: LeadLag::new(1.2, -0.9, -0.4),
            lowest: 1.0e9,
        }
    }

    fn update(&mut self, x: f64) -> f64 {
        let y = self.shape.call(x);
        if y < self.lowest {
            self.lowest = y;
        }
        y
    }
}
