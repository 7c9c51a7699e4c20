//! Latches the robot's alarms until the operator acknowledges them.
//!
//! Translated by migrate 0.1.0 from `python/alarms.py`: 52 of 52 statements.
//! Warning MIG0301 line 47: `alarms` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "alarms", script = "python/alarms.py", mode = "embedded"
//! migrate: state = "crate::states::AlarmsState", source = "b6be3522d0cd53d1", seal = "d34049594f212be0"

use crate::messages::{AlarmPanel, Battery, Buttons, FanDuty, Level, WatchdogStatus};
use crate::states::AlarmsState;
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

// name, severity, needs acknowledgement
const ALARMS: [(&str, i64, bool); 5] = [
    ("battery low", 1, false),
    ("battery critical", 3, true),
    ("over temperature", 2, true),
    ("sensor fault", 2, false),
    ("link lost", 3, true),
];
const DELAY: [i64; 5] = [50, 10, 20, 5, 3]; // cycles
const ACK_BUTTON: u8 = 0x08;

#[derive(Debug, Reflect)]
pub struct Alarms {
    state: AlarmsState,
    alarms: Vec<Alarm>,
}

impl Freezable for Alarms {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state.raised, encoder)?;
        Encode::encode(&self.state.text, encoder)?;
        Encode::encode(&self.alarms, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state.raised = Decode::decode(decoder)?;
        self.state.text = Decode::decode(decoder)?;
        self.alarms = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Alarms {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Battery, FanDuty, WatchdogStatus, Buttons);
    type Output<'m> = output_msg!(AlarmPanel);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: AlarmsState::default(),
            alarms: ALARMS
                .iter()
                .zip(&DELAY)
                .map(|(&(n, s, latch), &d)| Alarm::new(n, s, latch, d))
                .collect(),
        })
    }

    fn process(
        &mut self,
        ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (battery, fan, watchdog, buttons) = *input;
        let mut state = self.state.clone();
        let ack = buttons
            .payload()
            .is_some_and(|buttons_payload| buttons_payload.pressed & ACK_BUTTON != 0);

        let mut mask: i64 = 0;
        let mut worst: i64 = 0;
        let mut text = String::new();
        for (i, &cond) in conditions(battery.payload(), fan.payload(), watchdog.payload())
            .iter()
            .enumerate()
        {
            let a = index(i as i64, self.alarms.len())
                .ok_or("python/alarms.py:67: IndexError: list index out of range")?;
            if self.alarms[a].update(cond, ack) {
                state.raised = state
                    .raised
                    .checked_add(1)
                    .ok_or("python/alarms.py:69: `raised` leaves u32")?;
                warning!(ctx, "alarm {}", &self.alarms[a].name);
            }
            if self.alarms[a].active {
                mask |= 1_i64 << i as u32;
                if self.alarms[a].severity > worst {
                    worst = self.alarms[a].severity;
                    text = format!("{} ({})", self.alarms[a].name, self.alarms[a].severity);
                }
            }
        }

        let alarm_panel = output.payload_mut().get_or_insert_default();
        alarm_panel.mask = mask as u32;
        alarm_panel.severity =
            u8::try_from(worst).map_err(|_| "python/alarms.py:78: `severity` leaves u8")?;
        if text != state.text {
            state.text = text.clone();
        }
        alarm_panel.text = text.clone();
        alarm_panel.horn = worst >= 3 && self.alarms.iter().any(|a| a.active && !a.acked);
        self.state = state;
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Alarm {
    name: String,
    severity: i64,
    latching: bool,
    delay: i64,
    count: i64,
    active: bool,
    acked: bool,
}

impl Alarm {
    fn new(name: &str, severity: i64, latching: bool, delay: i64) -> Self {
        Self {
            name: name.to_string(),
            severity,
            latching,
            delay,
            count: 0,
            active: false,
            acked: false,
        }
    }

    /// Returns True in the cycle in which the alarm comes up.
    fn update(&mut self, condition: bool, ack: bool) -> bool {
        let mut raised = false;
        if condition {
            self.count += 1;
            if self.count >= self.delay && !self.active {
                self.active = true;
                self.acked = false;
                raised = true;
            }
        } else {
            self.count = 0;
            if self.active && (self.acked || !self.latching) {
                self.active = false;
            }
        }
        if ack && self.active {
            self.acked = true;
        }
        raised
    }
}

fn conditions(
    battery: Option<&Battery>,
    fan: Option<&FanDuty>,
    watchdog: Option<&WatchdogStatus>,
) -> [bool; 5] {
    let low = battery.is_some_and(|battery| battery.level != Level::Good);
    let critical = battery.is_some_and(|battery| battery.level == Level::Critical);
    let hot = fan.is_some_and(|fan| fan.hottest > 80.0);
    let fault = fan.is_some_and(|fan| fan.faults > 0);
    let lost = watchdog.is_none_or(|watchdog| !watchdog.ok);
    [low, critical, hot, fault, lost]
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
