//! Enums with data: a text, or a dict with the variant's name as its one key.
//!
//! Translated by migrate 0.1.0 from `variants.py`: 34 of 34 statements.
//! migrate: task = "variants", script = "variants.py", mode = "embedded"
//! migrate: state = "crate::tasks::PilotState", source = "abb0adecd030311d", seal = "57c2d53d45cb2bf8"

use crate::tasks::{Order, PilotState, Reply, Scan};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const CRUISE: f64 = 1.6;

#[derive(Debug, Reflect)]
#[reflect(from_reflect = false)]
pub struct Variants {
    state: PilotState,
}

impl Freezable for Variants {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state.order, encoder)?;
        Encode::encode(&self.state.goal, encoder)?;
        Encode::encode(&self.state.recent, encoder)?;
        Encode::encode(&self.state.counts, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state.order = Decode::decode(decoder)?;
        self.state.goal = Decode::decode(decoder)?;
        self.state.recent.0 = Vec::<f32>::decode(decoder)?
            .as_slice()
            .try_into()
            .map_err(|_| DecodeError::Other("more than 4 values"))?;
        self.state.counts = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Variants {
    type Resources<'r> = ();
    type Input<'m> = input_msg!(Scan);
    type Output<'m> = output_msg!(Reply);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: PilotState::default(),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let state = &mut self.state;
        let Some(scan) = input.payload() else {
            return Ok(());
        };
        if scan.order != state.order {
            state.order = scan.order.clone();
        }

        match scan.order {
            Order::Stop => {
                output.payload_mut().get_or_insert_default().order = Order::Hold;
            }
            Order::Cruise(_) => {
                output.payload_mut().get_or_insert_default().order =
                    Order::Cruise(speed_of(&scan.order) as f32);
            }
            Order::GoTo {
                x: go_to_x,
                y: go_to_y,
            } => {
                // a place is approached
                let far = hypot([f64::from(go_to_x), f64::from(go_to_y)]);
                let reply = output.payload_mut().get_or_insert_default();
                reply.age_ms = far as f32;
                reply.order = Order::GoTo {
                    x: (f64::from(go_to_x) * 0.5) as f32,
                    y: (f64::from(go_to_y) * 0.5) as f32,
                };
            }
            _ => {
                output.payload_mut().get_or_insert_default().order =
                    Order::Repeat(far_of(&scan.order) as f32, 1);
            }
        }

        match scan.next {
            None => {
                output.payload_mut().get_or_insert_default().text = "nothing".into();
            }
            Some(Order::Hold | Order::Stop) => {
                output.payload_mut().get_or_insert_default().text = "stand".into();
            }
            Some(Order::Cruise(speed)) if f64::from(speed) > CRUISE => {
                output.payload_mut().get_or_insert_default().text = "too fast".into();
            }
            Some(Order::GoTo { x, y }) => {
                output.payload_mut().get_or_insert_default().goal = (x, y);
            }
            Some(Order::Repeat(_, times)) => {
                output.payload_mut().get_or_insert_default().count = u32::from(times);
            }
            Some(Order::Say(ref words)) => {
                output.payload_mut().get_or_insert_default().text = words.clone();
            }
            Some(Order::Cruise(_)) => {
                output.payload_mut().get_or_insert_default().text = "drive".into();
            }
        }
        output.tov = input.tov;
        Ok(())
    }
}

/// The speed that an order asks for, in m/s.
fn speed_of(order: &Order) -> f64 {
    if matches!(order, Order::Hold | Order::Stop) {
        return 0.0;
    }
    if let Order::Cruise(cruise) = *order {
        return if CRUISE < f64::from(cruise) {
            CRUISE
        } else {
            f64::from(cruise)
        };
    }
    if let Order::Repeat(repeat_0, _) = *order {
        f64::from(repeat_0)
    } else {
        CRUISE
    }
}

fn far_of(order: &Order) -> f64 {
    if let Order::Say(ref say) = *order {
        return say.chars().count() as f64;
    }
    1.0
}

/// Python's `math.hypot(…)` to the last bit, which the C library's does not give.
fn hypot<const N: usize>(sides: [f64; N]) -> f64 {
    const TWO_27_PLUS_1: f64 = 134_217_729.0;
    if sides.iter().any(|side| side.is_infinite()) {
        return f64::INFINITY;
    }
    if sides.iter().any(|side| side.is_nan()) {
        return f64::NAN;
    }
    let sides = sides.map(f64::abs);
    let max = sides.into_iter().fold(0.0, f64::max);
    if max == 0.0 || N == 1 {
        return max;
    }
    if max.is_subnormal() {
        return f64::MIN_POSITIVE * hypot(sides.map(|side| side / f64::MIN_POSITIVE));
    }
    // Brings the largest to at least 2 and less than 4; a quarter of that is what CPython takes.
    let scale = f64::from_bits((2047 << 52) - (max.to_bits() & (2047 << 52)));
    // The sum of the squares in twice the precision.
    let (mut sum, mut high, mut middle, mut low) = (1.0, 0.0, 0.0, 0.0);
    let add = |sum: &mut f64, rest: &mut f64, part: f64| {
        let before = *sum;
        *sum += part;
        *rest += (before - *sum) + part;
    };
    let halves = |value: f64| {
        let split = value * TWO_27_PLUS_1;
        let upper = split - (split - value);
        (upper, value - upper)
    };
    for side in sides {
        let (upper, lower) = halves(side * scale * 0.25);
        add(&mut sum, &mut high, upper * upper);
        add(&mut sum, &mut middle, 2.0 * upper * lower);
        low += lower * lower;
    }
    let root = (sum - 1.0 + (high + middle + low)).sqrt();
    // One step of Newton's with what the root leaves.
    let (upper, lower) = halves(root);
    add(&mut sum, &mut high, -upper * upper);
    add(&mut sum, &mut middle, -2.0 * upper * lower);
    add(&mut sum, &mut low, -lower * lower);
    let rest = sum - 1.0 + (high + middle + low);
    4.0 * (root + rest / (2.0 * root)) / scale
}
