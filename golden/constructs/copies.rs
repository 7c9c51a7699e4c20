//! `copy.copy` and `copy.deepcopy`: of objects, lists, tables.
//!
//! Translated by migrate 0.1.0 from `copies.py`: 39 of 39 statements.
//! Warning MIG0301 line 52: `tracker` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "copies", script = "copies.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "2351ac8b66fb4a72", seal = "e135bc4ad37d605e"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const LIMITS: Limits = Limits {
    left: [0.5, 1.0],
    right: [0.5, 2.0],
};
const LIMITS_LEFT: [f64; 2] = [0.5, 1.0];

#[derive(Debug, Reflect)]
pub struct Copies {
    state: DriveState,
    tracker: Tracker,
}

impl Freezable for Copies {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.tracker, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.tracker = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Copies {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            tracker: Tracker::new(),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, measured) = *input;
        let (drive, alarm) = output;
        let (Some(goal_payload), Some(measured_payload)) = (goal.payload(), measured.payload())
        else {
            return Ok(());
        };
        self.tracker.add(f64::from(measured_payload.speed))?;
        if self.tracker.tracks.len() > 5 {
            (!self.tracker.tracks.is_empty())
                .then(|| self.tracker.tracks.remove(0))
                .ok_or("copies.py:62: IndexError: pop from empty list")?;
        }
        let mut tracks = self.tracker.tracks.clone();
        for track in &mut tracks {
            track.x *= 0.5;
        }
        self.tracker.limits.left[1] += 1.0;
        let mut ranges: Vec<f64> = measured_payload
            .ranges
            .iter()
            .map(|&x| f64::from(x))
            .collect();
        ranges.push(
            self.tracker
                .best
                .as_ref()
                .ok_or("copies.py:68: AttributeError (`tracker.best` is None)")?
                .ahead(1.0)
                .x,
        );
        drive.payload_mut().get_or_insert_default().accel =
            (ranges.iter().fold(0.0, |sum, &x| sum + x)
                + rollout(&[0.0, f64::from(goal_payload.speed)], 3)) as f32;
        let best = self
            .tracker
            .best
            .as_ref()
            .ok_or("copies.py:70: AttributeError (`tracker.best` is None)")?;
        let alarm_payload = alarm.payload_mut().get_or_insert_default();
        alarm_payload.missed = u32::try_from(best.history.len() + tracks.len())
            .map_err(|_| "copies.py:70: `missed` leaves u32")?;
        alarm_payload.reason = format!(
            "{} {} {}",
            float_text(self.tracker.moved(0.5)),
            float_text(self.tracker.limits.left[1]),
            float_text(LIMITS_LEFT[1])
        );
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Limits {
    left: [f64; 2],
    right: [f64; 2],
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Track {
    x: f64,
    history: Vec<f64>,
}

impl Track {
    fn new(x: f64) -> Self {
        Self {
            x,
            history: Vec::new(),
        }
    }

    /// Where it would be.
    fn ahead(&self, dx: f64) -> Self {
        let mut track = self.clone();
        track.x += dx;
        track.history.push(track.x);
        track
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Pose {
    x: f64,
    y: f64,
}

impl Pose {
    fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Tracker {
    tracks: Vec<Track>,
    best: Option<Track>,
    pose: Pose,
    limits: Limits,
}

impl Tracker {
    fn new() -> Self {
        let limits = LIMITS.clone();
        Self {
            tracks: Vec::new(),
            best: None,
            pose: Pose::new(0.0, 0.0),
            limits,
        }
    }

    fn add(&mut self, x: f64) -> CuResult<()> {
        self.tracks.push(Track::new(x));
        if self.best.as_ref().is_none_or(|best| x > best.x) {
            self.best = Some(
                self.tracks
                    .last()
                    .ok_or("copies.py:37: IndexError: list index out of range")?
                    .clone(),
            );
        }
        Ok(())
    }

    fn moved(&mut self, dx: f64) -> f64 {
        let before = self.pose.clone();
        self.pose.x += dx;
        self.pose.x - before.x
    }
}

fn rollout(state: &[f64; 2], n: i64) -> f64 {
    let mut state = *state;
    for _ in 0..n {
        state[0] += 0.1 * state[1];
    }
    state[0]
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
